"""The sliding-window player without a browser: its traits, its numbers, its sentences, its static picture."""

import re
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from traitlets import TraitError

from cnnlib import convolve2d, correlate2d
from cnnlib.geometry import GeometryError, output_size
from cnnlib.widgets import SlidingWindowPlayer, embed_html, export_html, presets
from cnnlib.widgets.static import format_number

settings = st.fixed_dictionaries(
    dict(
        input_size=st.integers(1, 12), kernel_size=st.integers(1, 5), stride=st.integers(1, 4), dilation=st.integers(1, 3),
        padding=st.one_of(st.integers(0, 4), st.sampled_from(("valid", "same", "full"))), step=st.integers(0, 200),
        image_preset=st.sampled_from(list(presets.INPUTS)), kernel_preset=st.sampled_from(list(presets.KERNELS)),
        operation=st.sampled_from(("correlation", "convolution")), bias=st.sampled_from((0, -1.5)),
    )
)  # fmt: skip


@given(settings)
def test_the_output_and_the_sentence_are_the_librarys(setting):
    player = SlidingWindowPlayer(**setting)
    options = {name: setting[name] for name in ("stride", "padding", "dilation")}
    try:
        count = output_size(setting["input_size"], setting["kernel_size"], **options)
    except GeometryError:
        assert player.message.startswith("no place along the rows:")
        assert (player.output, player.windows, player.position, player.places) == (None, None, None, 0)
        return
    kernel = np.array(player.kernel)
    kernel = kernel[::-1, ::-1] if setting["operation"] == "convolution" else kernel
    expected = correlate2d(np.array(player.image), kernel, **options) + setting["bias"]
    np.testing.assert_array_equal(player.output, expected)
    assert player.message == ""
    assert player.step == min(setting["step"], count * count - 1)
    i, j = player.position
    assert player.sentence.startswith(f"y[{i},{j}] = ")
    assert player.sentence.endswith(f" = {format_number(expected[i, j])}")
    assert sum(x * w for _, _, x, w in player.terms()) + setting["bias"] == pytest.approx(expected[i, j])


def test_convolution_is_the_librarys_convolve2d():
    player = SlidingWindowPlayer(input_size=5, padding="full", kernel_preset="sobel x", operation="convolution", image_preset="random")
    np.testing.assert_allclose(player.output, convolve2d(np.array(player.image), np.array(player.kernel)))


def test_equal_axes_are_one_number_and_different_axes_a_pair():
    player = SlidingWindowPlayer(stride=(2, 2), padding=[1, 0])
    assert (player.stride, player.padding) == (2, (1, 0))


def test_numbers_bring_their_size_along_and_are_custom():
    player = SlidingWindowPlayer(image=np.arange(6.0).reshape(2, 3), kernel=[[1, 0.5]], step=3)
    assert (player.input_size, player.kernel_size, player.image_preset, player.kernel_preset) == ((2, 3), (1, 2), "custom", "custom")
    assert player.sentence == "y[1,1] = 4·1 + 5·0.5 = 6.5"
    player.input_size = 3
    assert player.image == ((0, 1, 2), (3, 4, 5), (0, 0, 0))
    player.image_preset = "checker"
    assert player.image == ((0, 1, 0), (1, 0, 1), (0, 1, 0))
    player.image = [[1, 2], [3, 4]]
    assert (player.input_size, player.image_preset) == (2, "custom")


def test_numbers_equal_to_the_preset_keep_its_name():
    assert SlidingWindowPlayer(image=[[1, 2], [3, 4]]).image_preset == "counting"


def test_the_step_follows_when_places_go_away():
    player = SlidingWindowPlayer(step=24)
    player.stride = 2
    assert (player.step, player.position) == (8, (2, 2))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (dict(input_size=0), "input_size=0 is too small: the smallest possible is 1. Write input_size=1."),
        (dict(input_size=13), "input_size=13 is too large for this widget: the largest possible is 12."),
        (dict(stride=True), "stride=True is a bool, and a whole number is wanted. Write stride=1."),
        (dict(kernel_size=(1, 2, 3)), "kernel_size=(1, 2, 3) has 3 numbers. Write one number, or a pair (rows, columns)."),
        (
            dict(padding="some"),
            'padding="some" is not one of "valid", "same", "full". Write one of these names, or a number of cells, such as 0.',
        ),
        (dict(padding=-1), "padding=-1 is too small: the smallest possible is 0. Write padding=0."),
        (dict(image=[1, 2]), "image has shape (2,). Give a 2-D array with 1 to 12 rows and columns."),
        (dict(image=[[1, 2], [3]]), "image has rows of different lengths. Give every row the same number of cells."),
        (dict(kernel=np.ones((6, 1))), "kernel has shape (6, 1). Give a 2-D array with 1 to 5 rows and columns."),
        (dict(kernel=[[np.nan]]), "kernel holds nan, and finite numbers are wanted."),
        (dict(bias=np.inf), "bias=inf is not a finite number. Write bias=0."),
    ],
)
def test_a_wrong_value_is_refused_with_its_repair(change, words):
    with pytest.raises(TraitError) as caught:
        SlidingWindowPlayer(**change)
    assert str(caught.value) == words


def test_an_impossible_setting_says_what_to_do_and_that_helps():
    player = SlidingWindowPlayer(input_size=(5, 3), dilation=2)
    assert player.sentence == player.message
    pad, shrink = map(int, re.search(r"Pad by (\d+) or shrink the kernel to (\d+)\.", player.message).groups())
    assert "along the columns" in player.message
    player.padding = (0, pad)
    assert player.output.shape == (1, 1)
    player.padding, player.kernel_size = 0, (3, shrink)
    assert player.output.shape == (1, 1)


def test_sobel_of_a_vertical_edge_answers_at_the_edge_only():
    player = SlidingWindowPlayer(input_size=6, image_preset="edge", kernel_preset="sobel x")
    np.testing.assert_array_equal(player.output, [[0, 4, 4, 0]] * 4)
    player.kernel_preset = "sobel y"
    assert not player.output.any()


@pytest.mark.parametrize("name", ["laplacian", "sobel x", "sobel y"])
def test_kernels_that_look_for_changes_sum_to_zero(name):
    assert all(sum(map(sum, presets.KERNELS[name](rows, columns))) == 0 for rows in range(1, 6) for columns in range(1, 6))


def test_the_static_picture_shows_the_numbers_and_is_the_same_every_time():
    make = lambda: SlidingWindowPlayer(input_size=9, stride=3, dilation=2, padding=1, step=4)
    assert make().static_svg() == make().static_svg()
    texts = [node.text for node in ElementTree.fromstring(make().static_svg()).iter("{http://www.w3.org/2000/svg}text")]
    for number in (*make().output.ravel(), *np.ravel(make().image)):
        assert format_number(number) in texts


def test_the_bundle_a_notebook_stores_is_stable_and_holds_no_address():
    data, _ = SlidingWindowPlayer()._repr_mimebundle_()
    assert data["text/plain"] == "SlidingWindowPlayer(input_size=7, kernel_size=3, stride=1, padding=0, dilation=1, step=0)"
    assert data["text/html"] == SlidingWindowPlayer()._repr_mimebundle_()[0]["text/html"]
    assert 'alt="A kernel of 3 by 3 cells on an input of 7 by 7 cells makes an output of 5 by 5 cells. y[0,0] = ' in data["text/html"]


def test_exported_pages_ask_for_nothing_from_anywhere(tmp_path):
    page = export_html(SlidingWindowPlayer(), tmp_path / "player.html")
    assert (tmp_path / "player.html").read_text(encoding="utf-8") == page
    addresses = set(re.findall(r"https?://[^\s\"'<>]+", page))
    assert addresses == {"http://www.w3.org/2000/svg"}  # the name of a namespace, never fetched
    assert "</script" not in page.split('<script type="module">')[1].rsplit("</script>", 1)[0]
    assert 'srcdoc="&lt;!DOCTYPE html&gt;' in embed_html(SlidingWindowPlayer())
