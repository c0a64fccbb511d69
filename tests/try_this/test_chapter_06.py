"""Chapter 6: the answers below its "Try this" list, one test for each item."""

import itertools

import numpy as np
import pytest

from cnnlib.widgets import ShiftLab
from cnnlib.widgets.shiftlab import POOLINGS

SHIFTS = list(itertools.product(range(-4, 5), repeat=2))


def meters(shifts=SHIFTS, **settings):
    """{shift: (first meter, second meter)}, rounded to nine decimals."""
    lab, shown = ShiftLab(**settings), {}
    for lab.down, lab.right in shifts:
        shown[lab.down, lab.right] = round(lab.equivariance_error, 9), round(lab.invariance_error, 9)
    return shown


@pytest.mark.parametrize("blocks", [1, 3])
def test_the_first_meter_never_moves_and_the_second_rests_only_without_a_shift(blocks):
    shown = meters(blocks=blocks)
    assert {first for first, _ in shown.values()} == {0}
    assert [by for by, (_, second) in shown.items() if second == 0] == [(0, 0)]


def test_with_zero_borders_one_block_forgives_2_rows_and_two_blocks_1():
    up = [(-rows, 0) for rows in range(4)]
    awake = {blocks: [first > 0 for first, _ in meters(up, border="zeros", blocks=blocks).values()] for blocks in (1, 2)}
    assert awake == {1: [False, False, False, True], 2: [False, False, True, True]}


def test_three_blocks_lose_a_column_at_the_left_border_at_rest():
    lab = ShiftLab(border="zeros", blocks=3, down=0, right=1)
    assert lab.equivariance_error == 250
    assert np.unique(np.nonzero(lab.output - lab.reference)[1]).tolist() == [0]


@pytest.mark.parametrize(("blocks", "step"), [(1, 2), (2, 4)])
def test_strides_leave_the_multiples_of_their_product(blocks, step):
    resting = [by for by, (first, _) in meters(pooling="stride 2", blocks=blocks).items() if first == 0]
    assert resting == [(down, right) for down, right in SHIFTS if down % step == right % step == 0]


def test_an_impulse_falls_between_the_places_of_a_stride_and_the_blur_shares_it_out():
    impulse = dict(kernel="identity", pattern="impulse", down=0)
    assert ShiftLab(**impulse, pooling="stride 2", right=0).output.max() == 1
    assert not ShiftLab(**impulse, pooling="stride 2", right=1).output.any()
    blurred = [ShiftLab(**impulse, pooling="blur, stride 2", right=right).output for right in (0, 1)]
    spots = [{(int(i), int(j)): float(y[i, j]) for i, j in np.argwhere(y)} for y in blurred]
    assert spots == [{(2, 2): 0.25}, {(2, 2): 0.125, (2, 3): 0.125}]


@pytest.mark.parametrize(("blocks", "invariant"), [(1, ["none", "max 2"]), (2, ["none"])])
def test_a_global_maximum_is_invariant_behind_no_pooling_and_behind_one_max_pooling(blocks, invariant):
    largest = {
        pooling: max(second for _, second in meters(pooling=pooling, blocks=blocks, end="global max").values()) for pooling in POOLINGS
    }
    assert [pooling for pooling, change in largest.items() if change == 0] == invariant


def test_a_global_average_is_invariant_behind_one_anti_aliased_block_and_not_behind_two():
    chain = dict(pooling="max, blur, stride 2", end="global average")
    largest = [max(second for _, second in meters(**chain, blocks=blocks).values()) for blocks in (1, 2)]
    assert largest[0] == 0
    assert round(largest[1], 2) == 1.52
