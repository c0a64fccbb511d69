"""Chapter 13: the answers below its "Try this" list, one test for each item."""

import numpy as np
import pytest

from cnnlib.widgets import TransposedPlayer
from cnnlib.widgets.presets import KERNELS


def player(**settings):
    """The player as the chapter shows it, after the reader has changed some settings, at the last stamp."""
    shown = TransposedPlayer(**dict(input_size=3, kernel_size=3, stride=2) | settings)
    shown.step = max(shown.places - 1, 0)
    return shown


def stamps(**settings):
    """How many stamps lie on every cell of the output."""
    return player(**settings).sheet()[1]


@pytest.mark.parametrize(("stride", "size", "most", "least"), [(1, 5, 9, 1), (2, 7, 4, 1), (3, 9, 1, 1), (4, 11, 1, 0)])
def test_stamps_overlap_below_stride_3_touch_at_3_and_leave_gaps_of_one_cell_at_4(stride, size, most, least):
    counts = stamps(stride=stride)
    assert counts.shape == (size, size)
    assert (counts.max(), counts.min()) == (most, least)
    if stride == 4:
        empty = [3, 7]
        assert np.flatnonzero(~counts.any(axis=0)).tolist() == np.flatnonzero(~counts.any(axis=1)).tolist() == empty
        assert not player(stride=4).output[empty].any()


def test_padding_1_cuts_the_outermost_cells_and_leaves_four_of_the_first_stamp():
    shown = player(padding=1)
    assert [len(extent) for extent in shown.extents] == [7, 7]
    assert shown.output.shape == (5, 5)
    shown.step = 0
    assert shown.stamp()[0][:2] == (-1, -1)
    assert [(row, column) for row, column, _, kept in shown.stamp() if kept] == [(0, 0), (0, 1), (1, 0), (1, 1)]


def test_four_stamps_lie_on_four_cells_one_on_the_middle_and_with_kernel_4_four_on_all_inner_cells():
    counts = stamps(view="counts")
    assert np.argwhere(counts == 4).tolist() == [[2, 2], [2, 4], [4, 2], [4, 4]]
    assert [counts[cell] for cell in ((0, 0), (0, 6), (6, 0), (6, 6), (3, 3))] == [1, 1, 1, 1, 1]
    even = stamps(view="counts", kernel_size=4)
    assert even.shape == (8, 8)
    assert np.argwhere(even == 4).tolist() == [[row, column] for row in range(2, 6) for column in range(2, 6)]


def test_output_padding_shows_zeros_without_padding_and_what_the_padding_cut_off_with_it():
    bare = player(stride=3, output_padding=2).output
    assert bare.shape == (11, 11)
    assert not bare[9:].any()
    assert not bare[:, 9:].any()
    assert bare[:9, :9].all()
    cut = player(stride=3, padding=1, output_padding=2).output
    assert cut[7].tolist() == [7, 7, 8, 8, 8, 9, 9, 9, 0]
    assert not cut[8].any()
    assert player(stride=3, padding=1).output.shape == (7, 7)
    for padding in (0, 1):
        assert "output_padding=3 must be smaller than the stride (3)" in player(stride=3, padding=padding, output_padding=3).message


@pytest.mark.parametrize("kernel", KERNELS)
def test_an_impulse_gives_a_copy_of_the_kernel(kernel):
    shown = player(stride=3, padding=1, image_preset="impulse", kernel_preset=kernel)
    np.testing.assert_array_equal(shown.output, np.pad(np.array(shown.kernel, dtype=float), 2))
