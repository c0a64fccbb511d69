"""The suspects of chapter 12: each has the fault that the solution says, and no other."""

import numpy as np
import pytest

from cnnlib import check_gradients
from cnnlib.exercises.chapter_12_bug_hunt import BUG_HUNT, FAULTS, SUSPECTS, _suspect, block

# Where a fault is harmless: the setting that tells it from the others. Those on the right are the gradients that it spoils elsewhere.
HARMLESS = {
    1: (dict(images=1), {2}),
    2: (dict(symmetric=True), {0}),
    3: (dict(positive=True, upstream=np.abs), {0, 1, 2}),
    5: (dict(stride=3), {0}),
    6: (dict(images=1), {1, 2}),
    7: (dict(padding=0), {0}),
    8: (dict(stride=1), {0}),
}
WRONG = sorted(HARMLESS)


def spoilt(backward, *, images=3, stride=2, padding=1, symmetric=False, positive=False, upstream=lambda dy: dy):
    """Which of dx, dw, db are wrong, as a set of numbers."""
    rng = np.random.default_rng(12)
    x, w, b = rng.normal(size=(images, 2, 6, 7)), rng.normal(size=(3, 2, 3, 3)), rng.normal(size=3)
    w = w + w[..., ::-1, ::-1] if symmetric else w
    b = b + 50 if positive else b
    options = dict(stride=stride, padding=padding)
    dy = upstream(rng.normal(size=block(x, w, b, **options).shape))

    def is_right(number):
        with_one = lambda array: [array if at == number else each for at, each in enumerate((x, w, b))]
        f = lambda array: np.sum(dy * block(*with_one(array), **options))
        back = lambda one, array: one * backward(dy, *with_one(array), **options)[number]
        return check_gradients(f, back, [(x, w, b)[number]]).passed

    return {number for number in range(3) if not is_right(number)}


@pytest.mark.parametrize("fault", WRONG)
def test_a_fault_spoils_its_gradients_and_is_harmless_where_the_chapter_says(fault):
    setting, gradients = HARMLESS[fault]
    assert spoilt(_suspect(fault)) == gradients
    assert spoilt(_suspect(fault), **setting) == set()


def test_without_a_fault_the_backward_pass_of_the_block_is_right():
    assert FAULTS[3] == "nothing is wrong"
    for setting in ({}, *(setting for setting, _ in HARMLESS.values())):
        assert spoilt(_suspect(4), **setting) == set()


def test_each_suspect_has_the_fault_of_the_solution():
    for fault, (name, suspect) in zip(BUG_HUNT.answer(), SUSPECTS.items(), strict=True):
        setting, gradients = HARMLESS[fault]
        assert spoilt(suspect) == gradients, name
        assert spoilt(suspect, **setting) == set(), name
