"""The backward player as a Python object: what it computes is the library's, step by step, for both gradients and both views."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from traitlets import TraitError

import cnnlib
from cnnlib.geometry import GeometryError
from cnnlib.widgets import BackwardPlayer
from cnnlib.widgets.static import format_number

settings = st.fixed_dictionaries(
    dict(
        input_size=st.integers(1, 9), kernel_size=st.integers(1, 5), stride=st.integers(1, 4), dilation=st.integers(1, 3),
        padding=st.sampled_from((0, 1, 2, 3, 4, "same", "full")), target=st.sampled_from(("dx", "dw")),
        view=st.sampled_from(("scatter", "gather")), step=st.integers(0, 200), image_preset=st.sampled_from(("counting", "random")),
        kernel_preset=st.sampled_from(("counting", "sobel x")), upstream_preset=st.sampled_from(("counting", "checker", "ones")),
    )
)  # fmt: skip


def library(player):
    """dy, and both gradients as the library has them."""
    dy, x, w = (np.array(cells, dtype=float) for cells in (player.upstream, player.image, player.kernel))
    options = dict(stride=player.stride, padding=player.padding, dilation=player.dilation)
    dx, dw, _ = cnnlib.conv2d_backward(dy[None, None], x[None, None], w[None, None], **options)
    return dy, dx[0, 0], dw[0, 0]


@given(settings)
def test_the_gradient_after_the_last_step_is_the_librarys(setting):
    player = BackwardPlayer(**setting)
    if player.message:
        with pytest.raises(GeometryError) as caught:
            library(player)
        assert player.message == player.sentence == str(caught.value)
        assert (player.gradient, player.padded_gradient, player.stretched, player.places, player.position) == (None, None, None, 0, None)
        return
    dy, dx, dw = library(player)
    truth = dx if setting["target"] == "dx" else dw
    assert dy.shape == tuple(window.count for window in player.windows)
    assert player.places == (dy if setting["view"] == "scatter" else truth).size
    assert player.step == min(setting["step"], player.places - 1)
    player.step = player.places - 1
    np.testing.assert_allclose(player.gradient, truth)


@given(settings)
def test_every_step_adds_the_products_that_it_names(setting):
    player = BackwardPlayer(**setting)
    if player.message:
        return
    after, products = player.gradient, [first * second for first, second in (player.product(*term) for term in player.terms())]
    before = np.zeros_like(after)
    if player.step:
        player.step -= 1
        before = player.gradient
        player.step += 1
    if player.view == "gather":
        assert after[player.position] == pytest.approx(sum(products))
        more = np.argwhere(after != before)
        assert all(tuple(cell) == player.position for cell in more)
        assert player.sentence.endswith(f" = {format_number(sum(products))}") or "no window reads" in player.sentence
    else:
        kept = [a for a, (_, _, cell) in zip(products, player.terms(), strict=True) if player.target == "dw" or player.is_inside(cell)]
        assert (after - before).sum() == pytest.approx(sum(kept))
        lost = len(products) - len(kept)
        assert ("padding" in player.sentence) == (lost > 0)


@given(settings)
def test_the_rotated_kernel_on_the_stretched_gradient_gives_dx(setting):
    player = BackwardPlayer(**setting | dict(target="dx", view="gather"))
    if player.message:
        return
    z, first = player.stretched
    rotated = np.array(player.kernel, dtype=float)[::-1, ::-1]
    np.testing.assert_allclose(cnnlib.correlate2d(z, rotated, dilation=player.dilation), library(player)[1])
    for index, g in np.ndenumerate(np.array(player.upstream)):
        cell = tuple(i * window.stride - start for i, window, start in zip(index, player.windows, first, strict=True))
        if all(0 <= at < size for at, size in zip(cell, z.shape, strict=True)):
            assert z[cell] == g


def test_a_row_of_the_chapter_grows_place_by_place():
    player = BackwardPlayer(image=[[0] * 8], kernel=[[1, 2, 3]], stride=2, upstream=[[1, 10, 100]])
    assert player.gradient.tolist() == [[1, 2, 3, 0, 0, 0, 0, 0]]
    player.step = 1
    assert player.gradient.tolist() == [[1, 2, 13, 20, 30, 0, 0, 0]]
    player.step = 2
    assert player.gradient.tolist() == [[1, 2, 13, 20, 130, 200, 300, 0]]


def test_sentences_carry_the_arithmetic():
    player = BackwardPlayer(image=[[2, 1, -4]], kernel=[[1, -2]], padding=(0, 1), upstream=[[5, 3, -1, 2]])
    assert player.sentence == "dy[0,0] = 5 sends 5·(−2) to x[0,0]; 1 of 2 products falls on the padding"
    player.target = "dw"
    assert player.sentence == "dy[0,0] = 5 sends 5·0 to w[0,0], 5·2 to w[0,1]"
    player.view = "gather"
    assert player.sentence == "dw[0,0] = 5·0 + 3·2 + (−1)·1 + 2·(−4) = −3"
    player.target, player.step = "dx", 1
    assert player.sentence == "dx[0,1] = (−1)·1 + 3·(−2) = −7"
    player.kernel_preset, player.kernel_size, player.padding, player.stride, player.step = "counting", 1, 0, 2, 1
    assert player.sentence == "dx[0,1] = 0: no window reads this cell"
    player.kernel_size, player.padding, player.stride, player.view, player.step = 1, 4, 1, "scatter", 0
    assert player.sentence.endswith("sends nothing to x: its window lies in the padding")


def test_the_gradient_that_arrives_follows_the_windows():
    player = BackwardPlayer(input_size=4, kernel_size=2, stride=2, upstream=[[1, 2], [3, 4]], upstream_preset="custom")
    player.stride = 1
    assert player.upstream == ((1, 2, 0), (3, 4, 0), (0, 0, 0))
    player.upstream_preset = "counting"
    assert player.upstream == ((1, 2, 3), (4, 5, 6), (7, 8, 9))
    player.kernel_size = 5
    assert player.message.startswith("no place along the rows")
    player.padding = 1
    assert player.upstream == ((1, 2), (3, 4))


def test_steps_end_where_the_view_has_its_last_cell():
    player = BackwardPlayer(input_size=5, kernel_size=2, stride=2, view="gather", step=24)
    player.target = "dw"
    assert (player.places, player.step) == (4, 3)
    player.view = "scatter"
    assert (player.places, player.position) == (4, (1, 1))


@pytest.mark.parametrize("change", [dict(target="db"), dict(view="up"), dict(operation="convolution"), dict(kernel_size=6), dict(step=-1)])
def test_a_value_that_cannot_be_shown_is_refused(change):
    with pytest.raises(TraitError):
        BackwardPlayer(**change)


@pytest.mark.parametrize(("target", "view"), [("dx", "scatter"), ("dx", "gather"), ("dw", "scatter"), ("dw", "gather")])
def test_the_static_picture_and_the_description_carry_the_numbers(target, view):
    player = BackwardPlayer(input_size=5, stride=2, padding=1, kernel_preset="counting", target=target, view=view, step=3)
    assert player.sentence in player.description
    assert f"{target} so far adds up to {format_number(player.gradient.sum())}" in player.description
    svg = player.static_svg()
    assert f">{target} so far</text>" in svg
    assert (">dy, stretched and padded</text>" in svg) == (">Rotated w</text>" in svg) == ((target, view) == ("dx", "gather"))
    player.kernel_size, player.padding = 5, 0
    player.input_size = 3
    assert "the kernel spans" in player.static_svg()
    assert "the kernel spans" in player.description
