"""The channel explorer and the Toeplitz view without a browser: numbers, sentences, repairs, static pictures."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from traitlets import TraitError

from cnnlib import conv2d, conv2d_matrix, correlate2d
from cnnlib.widgets import ChannelExplorer, ToeplitzView
from cnnlib.widgets.static import format_number


@pytest.mark.parametrize(("inputs", "outputs", "groups"), list(itertools.product(range(1, 5), repeat=3)))
def test_the_shares_and_the_bias_add_up_to_the_librarys_cell(inputs, outputs, groups):
    explorer = ChannelExplorer(in_channels=inputs, out_channels=outputs, groups=groups)
    if inputs % groups or outputs % groups:
        with pytest.raises(ValueError, match=explorer.message):
            conv2d(explorer.x, np.ones((outputs, 1, 2, 2)), groups=groups)
        assert (explorer.output, explorer.read, explorer.sentence) == (None, None, explorer.message)
        return
    y = conv2d(explorer.x, explorer.w, explorer.b, groups=groups)[0]
    np.testing.assert_array_equal(explorer.output, y)
    for f, step in itertools.product(range(outputs), range(9)):
        explorer.output_channel, explorer.step = f, step
        i, j = explorer.position
        assert sum(explorer.shares.values()) + explorer.bias[f] == y[f, i, j]
        assert explorer.sentence.endswith(f"(bias) = {format_number(y[f, i, j])}")
        assert explorer.sentence in explorer.description


def test_groups_decide_which_channels_are_read():
    explorer = ChannelExplorer(in_channels=4, out_channels=4, output_channel=3)
    read = {}
    for groups in (1, 2, 4):
        explorer.groups = groups
        read[groups] = list(explorer.read)
    assert read == {1: [0, 1, 2, 3], 2: [2, 3], 4: [3]}


def test_a_missing_output_channel_becomes_the_last_one():
    explorer = ChannelExplorer(out_channels=4, output_channel=3)
    explorer.out_channels = 2
    assert explorer.output_channel == 1


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (dict(image=[[1, 2], [3, 4]]), "image has shape (2, 2). Give an array of shape (4, 4, 4)."),
        (dict(bias=[1, [2]]), "bias has rows of different lengths. Give an array of shape (4,)."),
        (dict(bias=[1, 2, np.nan, 3]), "bias holds nan, and finite numbers are wanted."),
    ],
)
def test_wrong_numbers_are_refused_with_their_repair(change, words):
    with pytest.raises(TraitError) as caught:
        ChannelExplorer(**change)
    assert str(caught.value) == words


settings = st.fixed_dictionaries(
    dict(
        input_size=st.integers(2, 4), kernel_size=st.integers(1, 3), stride=st.integers(1, 2), padding=st.integers(0, 1),
        step=st.integers(0, 40),
    )
)  # fmt: skip


@given(settings)
def test_a_row_of_the_matrix_times_the_image_is_the_output_cell(setting):
    view = ToeplitzView(**setting)
    if view.message:
        assert (view.matrix, view.output, view.places, view.sentence) == (None, None, 0, view.message)
        return
    options = dict(stride=setting["stride"], padding=setting["padding"])
    np.testing.assert_array_equal(view.output, correlate2d(view.x, view.w, **options))
    np.testing.assert_array_equal(view.matrix, conv2d_matrix(view.w[None, None], (1, *view.x.shape), **options))
    np.testing.assert_array_equal(view.matrix @ view.x.ravel(), view.output.ravel())
    row = np.zeros(view.x.size)
    for column, x, w in view.entries():
        assert x == view.x.flat[column]
        row[column] += w
    np.testing.assert_array_equal(row, view.matrix[view.step])
    assert view.sentence.endswith(f" = {format_number(view.output[view.position])}")


def test_numbers_of_another_size_are_cut_or_filled_with_zeros():
    view = ToeplitzView(image=[[1, 2, 3]], kernel=[[5]], input_size=2)
    assert view.x.tolist() == [[1, 2], [0, 0]]
    assert view.w.tolist() == [[5, 0], [0, 0]]


def test_the_static_picture_shows_the_transposed_matrix_too():
    pictures = {transposed: ToeplitzView(transposed=transposed, step=4).static_svg() for transposed in (False, True)}
    assert "transposed" in pictures[True]
    assert pictures[True] != pictures[False]
    assert ToeplitzView(input_size=2, kernel_size=3).static_svg()
    assert ChannelExplorer(groups=3).static_svg()
