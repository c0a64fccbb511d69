"""Chapter 8: the answers below its two "Try this" lists, one test for each item."""

import numpy as np
import pytest

from cnnlib.widgets import PoolingPlayer


def player(**settings):
    """The first player of the chapter, after the reader has changed some settings."""
    return PoolingPlayer(**dict(input_size=6, kernel_size=3, stride=2, image_preset="random") | settings)


def changed(shown, cell, value):
    """The player with one cell of its input changed, as a click and a key do it."""
    image = np.array(shown.image)
    image[cell] = value
    shown.image = tuple(map(tuple, image.tolist()))
    return shown


def wins(shown):
    """How many windows every cell wins."""
    count = np.zeros(np.shape(shown.image), dtype=int)
    for step in range(shown.places):
        count[next(cell for cell, share in shown.share(step).items() if share)] += 1
    return count


def test_one_9_wins_six_windows_and_is_missed_in_one_of_them_alone():
    shown = player(stride=1)
    assert shown.output.tolist() == [[9] * 4] * 4
    assert wins(shown)[2, 4] == wins(shown).max() == 6
    after = changed(shown, (2, 4), 0).output
    assert after[0, 2] == 7
    assert (after != 9).sum() == 1


def test_a_cell_that_wins_nothing_changes_no_maximum_and_all_four_means():
    before = {mode: player(mode=mode).output for mode in ("max", "average")}
    assert player().image[2][2] == 6
    assert wins(player())[2, 2] == 0
    after = {mode: changed(player(mode=mode), (2, 2), 7).output for mode in before}
    np.testing.assert_array_equal(after["max"], before["max"])
    np.testing.assert_allclose(after["average"] - before["average"], np.full((2, 2), 1 / 9))
    assert before["average"][0, 0] == 5
    assert round(after["average"][0, 0], 3) == 5.111


def test_padding_2_is_too_much_for_a_kernel_of_2_and_with_1_the_first_window_holds_one_cell():
    told = "padding=2 is more than half the kernel (kernel_size=2): a window could lie wholly in the padding. Write padding=(1, 1)."
    assert player(kernel_size=2, padding=2).message == told
    assert player(kernel_size=2, padding=1).sentence == "y[0,0] = max(0) = 0"


def test_row_and_column_5_are_not_read_and_ceil_mode_reads_them_with_a_window_of_2_by_2_cells():
    assert [window.unread() for window in player().windows] == [(5,), (5,)]
    assert player().output.shape == (2, 2)
    shown = player(ceil_mode=True, step=8)
    assert shown.output.shape == (3, 3)
    assert sorted(shown.share()) == [(4, 4), (4, 5), (5, 4), (5, 5)]


@pytest.mark.parametrize("ceil_mode", [False, True])
def test_five_zeros_of_the_padding_pull_the_mean_of_the_corner_from_4_75_to_2_111(ceil_mode):
    shown = player(mode="average", padding=1, ceil_mode=ceil_mode)
    assert shown.sentence == "y[0,0] = (0 + 9 + 8 + 2 + 5 zeros of the padding)/9 = 2.111"
    assert np.array(shown.image)[:2, :2].mean() == 4.75
    assert shown.output[0, 0] == pytest.approx(4.75 * 4 / 9)


def backward(**settings):
    """The second player of the chapter at its last window."""
    start = dict(input_size=5, kernel_size=3, stride=1, image_preset="random", view="backward", upstream_preset="counting")
    shown = PoolingPlayer(**start | settings)
    shown.step = shown.places - 1
    return shown


def test_four_cells_win_several_windows_and_the_middle_cell_lies_under_nine_and_wins_none():
    shown = backward()
    assert {tuple(map(int, cell)): wins(shown)[tuple(cell)] for cell in np.argwhere(wins(shown))} == {
        (0, 1): 2,
        (2, 0): 2,
        (2, 4): 3,
        (3, 2): 2,
    }
    received = {(0, 1): 1 + 2, (2, 0): 4 + 7, (2, 4): 3 + 6 + 9, (3, 2): 5 + 8}
    assert {tuple(map(int, cell)): shown.gradient[tuple(cell)] for cell in np.argwhere(shown.gradient)} == received
    covering = sum((2, 2) in shown.share(step) for step in range(shown.places))
    assert (covering, shown.places, shown.gradient[2, 2]) == (9, 9, 0)


def test_of_the_checkers_ones_six_receive_something_and_none_below_row_2():
    shown = backward(image_preset="checker")
    assert np.argwhere(shown.gradient).tolist() == [[0, 1], [0, 3], [1, 0], [1, 2], [2, 1], [2, 3]]
    image = np.array(shown.image)
    assert image[:2].sum() == image[3:].sum()
    assert all(np.sum([image[cell] for cell in shown.share(step)]) > 1 for step in range(shown.places))


def test_with_ones_the_middle_receives_1_from_average_pooling_and_a_corner_a_ninth():
    shown = backward(mode="average", upstream_preset="ones")
    assert shown.gradient.argmax() == 12
    assert shown.gradient[2, 2] == pytest.approx(1)
    assert round(shown.gradient[0, 0], 3) == 0.111


def test_windows_side_by_side_share_no_cell():
    shown = backward(kernel_size=2, stride=2, upstream_preset="ones")
    covered = sum(np.array([[(r, c) in shown.share(step) for c in range(5)] for r in range(5)], dtype=int) for step in range(4))
    assert shown.places == 4
    np.testing.assert_array_equal(covered, np.pad(np.ones((4, 4), dtype=int), ((0, 1), (0, 1))))


def test_the_maximum_hands_on_all_of_dy_and_the_padded_mean_6_25_of_9():
    side_by_side = dict(kernel_size=2, stride=2, upstream_preset="ones")
    largest, mean = backward(**side_by_side), backward(**side_by_side, mode="average", padding=1)
    assert (np.sum(largest.upstream), largest.gradient.sum()) == (4, 4)
    assert (np.sum(mean.upstream), mean.gradient.sum()) == (9, 6.25)
