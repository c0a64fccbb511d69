"""The pooling player as a Python object: what it computes is the library's, backward passes and ties included."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from traitlets import TraitError

import cnnlib
from cnnlib.widgets import PoolingPlayer
from cnnlib.widgets.static import format_number

settings = st.fixed_dictionaries(
    dict(
        input_size=st.integers(1, 12), kernel_size=st.integers(1, 5), stride=st.integers(1, 4), padding=st.integers(0, 2),
        ceil_mode=st.booleans(), mode=st.sampled_from(("max", "average")), view=st.sampled_from(("forward", "backward")),
        step=st.integers(0, 200), image_preset=st.sampled_from(("counting", "checker", "random")),
        upstream_preset=st.sampled_from(("counting", "checker", "ones")),
    )
)  # fmt: skip


@given(settings)
def test_output_gradient_and_sentence_are_the_librarys(setting):
    player = PoolingPlayer(**setting)
    x = np.array(player.image, dtype=float)[None, None]
    options = {name: setting[name] for name in ("kernel_size", "stride", "padding", "ceil_mode")}
    op, backward = {
        "max": (cnnlib.max_pool2d, cnnlib.max_pool2d_backward),
        "average": (cnnlib.avg_pool2d, cnnlib.avg_pool2d_backward),
    }[setting["mode"]]
    if player.message:
        with pytest.raises(ValueError, match=r"no place|more than half") as caught:
            op(x, **options)
        assert player.message == player.sentence == str(caught.value)
        assert (player.output, player.gradient, player.windows, player.places) == (None, None, None, 0)
        return
    y = op(x, **options)[0, 0]
    np.testing.assert_array_equal(player.output, y)
    dy = np.array(player.upstream, dtype=float)
    assert dy.shape == y.shape
    assert player.step == min(setting["step"], y.size - 1)
    i, j = player.position
    ending = f" = {format_number(y[i, j])}" if setting["view"] == "forward" else "of its window"
    assert player.sentence.endswith(ending)
    player.step = player.places - 1
    np.testing.assert_allclose(player.gradient, backward(dy[None, None], x, **options)[0, 0])


def test_dx_grows_window_by_window_and_overlapping_windows_add_up():
    player = PoolingPlayer(image=[[3, 9, 4]], kernel_size=(1, 2), stride=1, upstream=[[10, 1]], view="backward")
    assert player.gradient.tolist() == [[0, 10, 0]]
    player.step = 1
    assert player.gradient.tolist() == [[0, 11, 0]]


def test_the_first_of_equal_cells_wins():
    player = PoolingPlayer(image=[[0, 2], [2, 2]], upstream=[[12]], view="backward")
    assert player.sentence == "dy[0,0] = 12 goes to the winner x[0,1] = 2, the first maximum of its window"
    assert player.gradient.tolist() == [[0, 12], [0, 0]]


def test_the_upstream_gradient_follows_the_windows():
    player = PoolingPlayer(input_size=4, kernel_size=2, stride=2, upstream=[[1, 2], [3, 4]])
    assert player.upstream_preset == "custom"
    player.stride = 1
    assert player.upstream == ((1, 2, 0), (3, 4, 0), (0, 0, 0))
    player.padding = 2
    assert player.message.startswith("padding=2 is more than half the kernel (kernel_size=2)")
    player.padding = 0
    player.upstream_preset = "ones"
    assert player.upstream == ((1, 1, 1),) * 3
    player.upstream = [[1, 1, 1]] * 4
    assert (player.upstream, player.upstream_preset) == (((1, 1, 1),) * 3, "ones")


def test_sentences_carry_the_arithmetic():
    player = PoolingPlayer(image=[[1, -2], [3, 4]], padding=1, kernel_size=2, stride=1, step=1, mode="average")
    assert player.sentence == "y[0,1] = (1 + (−2) + 2 zeros of the padding)/4 = −0.25"
    player.view = "backward"
    assert player.sentence == "dy[0,1] = 1 gives 1/4 = 0.25 to each of the 2 cells of its window"
    player.step, player.mode, player.view = 4, "max", "forward"
    assert player.sentence == "y[1,1] = max(1, −2, 3, 4) = 4"


@pytest.mark.parametrize(
    "change", [dict(padding=3), dict(padding="same"), dict(mode="sum"), dict(view="up"), dict(kernel_size=6), dict(step=-1)]
)
def test_a_value_that_cannot_be_shown_is_refused(change):
    with pytest.raises(TraitError):
        PoolingPlayer(**change)


def test_the_static_picture_and_the_description_carry_the_numbers():
    player = PoolingPlayer(image=[[1, 7], [3, 4], [0, 2]], kernel_size=2, stride=1, padding=1, upstream_preset="counting", step=4)
    assert "y[1,1] = max(1, 7, 3, 4) = 7" in player.description
    assert ">−∞</text>" in player.static_svg()
    player.view = "backward"
    assert "After 5 of 12 windows dx adds up to 15." in player.description
    assert ">Gradient dx so far</text>" in player.static_svg()
    player.padding = (2, 0)
    assert "more than half the kernel" in player.description
    assert "more than half" in player.static_svg()
