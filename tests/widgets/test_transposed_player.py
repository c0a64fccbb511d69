"""The transposed-convolution player as a Python object: what it computes is the library's, impossible settings included."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from traitlets import TraitError

import cnnlib
from cnnlib.widgets import TransposedPlayer

either = lambda low, high: st.one_of(st.integers(low, high), st.tuples(st.integers(low, high), st.integers(low, high)))
settings = st.fixed_dictionaries(
    dict(
        input_size=either(1, 6), kernel_size=either(1, 5), stride=either(1, 4), padding=either(0, 4), output_padding=either(0, 3),
        dilation=either(1, 3), step=st.integers(0, 60), view=st.sampled_from(("values", "counts")),
        image_preset=st.sampled_from(("counting", "random", "impulse")), kernel_preset=st.sampled_from(("ones", "sobel x", "sharpen")),
    )
)  # fmt: skip


@given(settings)
def test_output_sheet_and_sentence_are_the_librarys(setting):
    player = TransposedPlayer(**setting)
    x, w = (np.array(cells, dtype=float)[None, None] for cells in (player.image, player.kernel))
    options = {name: setting[name] for name in ("stride", "padding", "output_padding", "dilation")}
    if player.message:
        with pytest.raises(ValueError, match=r"nothing is left|must be smaller") as caught:
            cnnlib.conv_transpose2d(x, w, **options)
        assert player.message == player.sentence == str(caught.value)
        assert (player.output, player.windows, player.places, player.position) == (None, None, 0, None)
        return
    y = cnnlib.conv_transpose2d(x, w, **options)[0, 0]
    np.testing.assert_array_equal(player.output, y)
    assert player.step == min(setting["step"], x.size - 1)
    player.step = player.places - 1
    counts = cnnlib.conv_transpose2d(np.ones_like(x), np.ones_like(w), **options)[0, 0]
    inner = tuple(slice(window.before, window.before + window.n) for window in player.windows)
    for whole, truth in zip(player.sheet(), (y, counts), strict=True):
        assert whole.shape == tuple(map(len, player.extents))
        np.testing.assert_allclose(whole[inner], truth, atol=1e-12)


def test_the_output_grows_stamp_by_stamp_and_overlaps_add_up():
    player = TransposedPlayer(image=[[3, 1, 2]], kernel=[[1, 2, 1]], stride=2)
    grown = []
    for step in range(3):
        player.step = step
        grown.append(player.sheet()[0][0].tolist())
    assert grown == [[3, 6, 3, 0, 0, 0, 0], [3, 6, 4, 2, 1, 0, 0], [3, 6, 4, 2, 3, 4, 2]]
    assert player.sheet()[1][0].tolist() == [1, 1, 2, 1, 2, 1, 1]


def test_sentences_carry_the_arithmetic_of_the_stamp():
    player = TransposedPlayer(image=[[3, -1]], kernel=[[1, -2, 4]], stride=2, step=1)
    assert player.sentence == "x[0,1] = −1 adds (−1)·1 to y[0,2], (−1)·(−2) to y[0,3], (−1)·4 to y[0,4]"
    player.padding = (0, 1)
    assert player.sentence == "x[0,1] = −1 adds (−1)·1 to y[0,1], (−1)·(−2) to y[0,2]; 1 of 3 kernel cells falls outside"
    player.view = "counts"
    assert player.sentence == "x[0,1] touches 2 cells of y, which have 1 to 2 stamps now; 1 of 3 kernel cells falls outside"
    player.kernel, player.padding, player.view = [[7]], (0, 1), "values"
    assert player.sentence == "x[0,1] = −1 adds nothing: its stamp falls outside"


def test_impossible_settings_say_what_the_library_says_and_come_back():
    player = TransposedPlayer(output_padding=2)
    assert player.message.endswith("Write output_padding=1.")
    player.output_padding = 1
    assert (player.message, player.output.shape) == ("", (8, 8))
    player.padding = 4
    assert player.message.startswith("along the rows, nothing is left")


@pytest.mark.parametrize(
    "change",
    [dict(input_size=7), dict(image=np.zeros((7, 7))), dict(padding="same"), dict(output_padding=4), dict(view="sum"), dict(step=-1)],
    ids=str,
)
def test_a_value_that_cannot_be_shown_is_refused(change):
    with pytest.raises(TraitError):
        TransposedPlayer(**change)


def test_the_static_picture_and_the_description_carry_the_numbers():
    player = TransposedPlayer(image=[[3, 1, 2]], kernel=[[1, 2, 1]], stride=2, padding=(0, 1), step=2)
    assert "makes an output of 1 by 5 cells. After 3 of 3 stamps: x[0,2] = 2 adds 2·1 to y[0,3]" in player.description
    assert ">Output y so far</text>" in player.static_svg()
    player.view = "counts"
    assert ">Stamps on each cell so far</text>" in player.static_svg()
    player.padding = 4
    assert "nothing is left" in player.description
    assert "nothing is left" in player.static_svg()
