"""Chapter 20: the answers below its "Try this" list, one test for each item."""

import itertools

import numpy as np
import pytest

from cnnlib.widgets import ClaimTester
from cnnlib.widgets.claim_tester_subjects import SUBJECTS


def asked(item, **settings):
    """The tester at these settings: what is stated, what is true."""
    tester = ClaimTester(item=item, settings=settings)
    return tester.stated, tester.true


def steps(subject, name):
    """All values of a slider."""
    _, low, high, _, divisor = SUBJECTS[subject].controls[name]
    return [step / divisor for step in range(low, high + 1)]


def agrees(item, **settings):
    return np.array_equal(*asked(item, **settings))


@pytest.mark.parametrize(("kernel_size", "paddings_and_dilations"), [(3, [(1, 1), (2, 2), (3, 3)]), (2, [(1, 2)]), (4, [(3, 2)])])
def test_a_size_is_kept_at_stride_1_where_both_paddings_give_back_what_the_window_takes(kernel_size, paddings_and_dilations):
    names = ("stride", "padding", "dilation")
    found = [
        chosen
        for chosen in itertools.product(*(steps("window", name) for name in names))
        if all(agrees("F49", n=n, kernel_size=kernel_size, **dict(zip(names, chosen, strict=True))) for n in steps("window", "n"))
    ]
    assert found == [(1, padding, dilation) for padding, dilation in paddings_and_dilations]


def test_f1_holds_for_odd_sizes_and_counts_half_a_window_more_for_even_ones():
    for n in steps("window", "n"):
        stated, true = asked("F1", n=n, kernel_size=3, stride=2, padding=0, dilation=1)
        assert stated - true == (0 if n % 2 else 0.5)
    assert asked("F1", n=10, kernel_size=3, stride=2, padding=0, dilation=1)[0] == 4.5


def test_f33_with_a_kernel_of_one_cell_is_right_at_stride_1_without_padding_and_nowhere_else():
    right = [
        (stride, padding)
        for stride, padding in itertools.product(steps("sliding", "stride"), steps("sliding", "padding"))
        if all(agrees("F33", n=n, kernel_size=1, stride=stride, padding=padding) for n in steps("sliding", "n"))
    ]
    assert right == [(1, 0)]
    assert not any(
        agrees("F33", n=n, kernel_size=1, stride=stride, padding=padding)
        for n, stride, padding in itertools.product(*(steps("sliding", name) for name in ("n", "stride", "padding")))
        if (stride, padding) != (1, 0)
    )


def test_f11_gives_the_kernel_turned_half_round_in_its_middle_and_none_of_the_true_numbers():
    assert [asked("F11", n=3, kernel_size=k, stride=1, padding=0)[0].shape for k in (1, 2)] == [(3, 3), (4, 4)]
    stated, true = asked("F11", n=3, kernel_size=2, stride=1, padding=0)
    assert stated[1:-1, 1:-1].tolist() == [[32, 35], [46, 49]]
    assert true.tolist() == [[43, 50], [29, 56]]
    assert not set(true.ravel()) & set(stated.ravel())
    readings, _ = asked("F4", n=3, kernel_size=2, stride=1, padding=0)
    outputs = [readings[name].tolist() for name in ("the sliding product", "the flipped one", "the full one")]
    assert outputs == [true.tolist(), [[32, 35], [46, 49]], stated.tolist()]


def test_two_boxes_of_height_2_are_the_only_whole_ones_for_which_adding_is_multiplying():
    unnoticed = [
        (f, g)
        for f, g in itertools.product(steps("boxes", "f"), steps("boxes", "g"))
        if all(agrees("F45", f=f, g=g, t=t) for t in steps("boxes", "t"))
    ]
    assert unnoticed == [(2, 2)]
    assert [(f, g) for f, g in itertools.product(range(1, 1000), repeat=2) if f + g == f * g] == [(2, 2)]


def test_f7_is_right_up_to_707_and_no_number_is_left_of_it_from_710_on():
    for c in steps("scores", "c"):
        stated, true = asked("F7", c=c)
        assert true.round(3).tolist() == [0.09, 0.245, 0.665]
        assert np.allclose(stated, true, rtol=1e-9) == (c <= 707)
        assert np.isnan(stated).all() == (c >= 710)
    assert np.array_equal(asked("F7", c=708)[0], [0, 0, np.nan], equal_nan=True)
