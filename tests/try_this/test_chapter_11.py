"""Chapter 11: the answers below its "Try this" lists, one test for each item."""

import numpy as np
import pytest

from cnnlib import conv2d_backward
from cnnlib.widgets import BackwardPlayer


def scattering(**settings):
    """The first player of the chapter, after the reader has changed some settings."""
    return at_the_end(BackwardPlayer(**dict(input_size=5, kernel_size=3, stride=2, padding=1) | settings))


def gathering(**settings):
    return scattering(**dict(view="gather") | settings)


def for_the_kernel(**settings):
    """The third player of the chapter, which makes dw."""
    start = dict(input_size=5, kernel_size=2, stride=2, target="dw", view="gather", image_preset="random")
    return at_the_end(BackwardPlayer(**start | settings))


def at_the_end(player):
    player.step = player.places - 1
    return player


def products(player):
    """How many products each cell of dx receives: its gradient, were all weights and all gradients 1."""
    dy, x, w = (np.ones((1, 1, *np.shape(cells))) for cells in (player.upstream, player.image, player.kernel))
    return conv2d_backward(dy, x, w, stride=player.stride, padding=player.padding, dilation=player.dilation)[0][0, 0]


# 11.4, scatter


def test_the_middle_cell_receives_nine_products_and_a_corner_one():
    counts = products(scattering(padding=0, stride=1))
    assert counts.max() == counts[2, 2] == 9
    assert (counts == 9).sum() == 1
    assert {counts[row, column] for row in (0, 4) for column in (0, 4)} == {1}


def test_with_stride_3_rows_and_columns_3_and_4_stay_0_and_are_the_hatched_ones():
    player = scattering(padding=0, stride=3)
    assert player.places == 1
    assert [window.unread() for window in player.windows] == [(3, 4), (3, 4)]
    assert np.argwhere(player.gradient == 0).tolist() == [[r, c] for r in range(5) for c in range(5) if max(r, c) > 2]


def test_with_six_cells_and_stride_2_row_and_column_5_are_left_over_with_gradient_0():
    player = scattering(padding=0, stride=2, input_size=6)
    assert [window.unread() for window in player.windows] == [(5,), (5,)]
    assert [tuple(player.windows[0].cells(place)) for place in range(player.windows[0].count)] == [(0, 1, 2), (2, 3, 4)]
    assert player.gradient.shape == (6, 6)
    assert not player.gradient[5].any()
    assert not player.gradient[:, 5].any()
    assert player.gradient[:5, :5].all()


def test_with_padding_2_eight_of_nine_products_fall_on_the_padding_at_the_first_place():
    player = scattering(padding=2, stride=2, input_size=6)
    player.step = 0
    assert player.sentence == "dy[0,0] = 1 sends 1·9 to x[0,0]; 8 of 9 products fall on the padding"


def test_a_single_1_in_dy_makes_dx_a_copy_of_the_kernel_that_is_not_rotated():
    for row, column in np.ndindex(2, 2):
        player = scattering(padding=0, stride=2)
        assert np.shape(player.upstream) == (2, 2)
        player.upstream = tuple(tuple(int((r, c) == (row, column)) for c in range(2)) for r in range(2))
        expected = np.zeros((5, 5))
        expected[2 * row : 2 * row + 3, 2 * column : 2 * column + 3] = [[1, 2, 3], [4, 5, 6], [7, 8, 9]]
        np.testing.assert_array_equal(player.gradient, expected)


# 11.6, gather


def test_the_window_on_the_stretched_gradient_has_five_places_on_seven_cells():
    for stride in (1, 2, 3):
        z, _ = gathering(stride=stride).stretched
        assert z.shape == (7, 7)
        assert gathering(stride=stride).walked == (5, 5)
    z, _ = gathering().stretched
    np.testing.assert_array_equal(z[1::2, 1::2], [[1, 2, 3], [4, 5, 6], [7, 8, 9]])


def test_with_stride_2_even_cells_meet_one_number_mixed_ones_two_and_odd_ones_four():
    player = gathering()
    assert [[len(_at(player, row, column).terms()) for column in range(5)] for row in range(5)] == [
        [(1 + row % 2) * (1 + column % 2) for column in range(5)] for row in range(5)
    ]


def _at(player, row, column):
    player.step = 5 * row + column
    return player


def test_at_stride_3_two_zeros_stand_between_the_numbers_and_at_stride_1_none():
    for stride, places in ((1, 5), (3, 2)):
        player = gathering(stride=stride)
        z, _ = player.stretched
        assert np.shape(player.upstream) == (places, places)
        rows = np.flatnonzero(z.any(axis=1))
        assert set(np.diff(rows)) == {stride}


@pytest.mark.parametrize(("padding", "rings"), [(0, 2), (1, 1), (2, 0)])
def test_the_zeros_around_are_2_less_the_padding_so_full_padding_leaves_none(padding, rings):
    z, (first, _) = gathering(stride=1, padding=padding).stretched
    assert first == -rings
    inner = z[rings : len(z) - rings, rings : len(z) - rings]
    assert inner.all()
    assert np.count_nonzero(z) == inner.size


def test_the_box_mean_is_the_same_kernel_when_rotated():
    kernel = np.array(gathering(kernel_preset="box mean").kernel)
    np.testing.assert_array_equal(kernel, np.full((3, 3), 1 / 9))


def test_with_dilation_2_nine_of_25_cells_of_the_window_are_used():
    window = gathering(stride=1, padding=2, dilation=2).windows[0]
    assert window.span == 5
    assert [cell - window.start(0) for cell in window.cells(0)] == [0, 2, 4]


# 11.9, the kernel


def test_each_weight_read_four_cells_two_apart():
    player, read = for_the_kernel(), []
    for player.step in range(4):
        read.append([cell for _, _, cell in player.terms()])
    assert read[0] == [(0, 0), (0, 2), (2, 0), (2, 2)]
    assert read == [[(r + u, c + v) for r in (0, 2) for c in (0, 2)] for u in (0, 1) for v in (0, 1)]
    np.testing.assert_array_equal(player.gradient, [[55, 51], [62, 42]])


def test_scatter_ends_with_the_same_four_numbers():
    np.testing.assert_array_equal(for_the_kernel(view="scatter").gradient, [[55, 51], [62, 42]])


def test_dw_is_larger_than_dy_where_a_large_kernel_has_few_places():
    player = for_the_kernel(stride=1, kernel_size=4)
    assert np.shape(player.upstream) == (2, 2)
    assert player.gradient.shape == (4, 4)


def test_an_impulse_shows_dy_rotated():
    player = for_the_kernel(stride=1, kernel_size=4, image_preset="impulse")
    assert player.upstream == ((1, 2), (3, 4))
    np.testing.assert_array_equal(player.gradient, np.pad([[4, 3], [2, 1]], 1))
