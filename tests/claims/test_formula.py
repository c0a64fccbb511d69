"""A formula as a reader brings it: conditions, letters, unusable answers, errors, and one that never ends."""

import contextlib
import time

import numpy as np
import pytest
import sympy

from cnnlib import claims
from cnnlib.claims import convolution, formula

n, k, s, p, d, W, F, S, P = sympy.symbols("n k s p d W F S P")
FLOOR = sympy.floor((n + 2 * p - d * (k - 1) - 1) / s) + 1


@pytest.mark.parametrize(
    "condition", [sympy.Eq(s, 1) & sympy.Eq(d, 1), lambda s, d: s == d == 1, lambda stride, dilation: stride == 1 and dilation == 1]
)
def test_a_condition_may_be_written_in_short_letters_or_in_sympy(condition):
    assert claims.test_size_formula((W - F + 2 * P) / S + 1, condition).verdict == "holds under conditions"


@pytest.mark.parametrize(
    ("condition", "error", "words"),
    [
        ("stride == 1", TypeError, "the condition is of type str"),
        (lambda q: True, ValueError, "the condition uses q"),
        (lambda stride: 1 / 0, ValueError, "cannot be asked at n=10, kernel_size=3, .*ZeroDivisionError"),
        (lambda stride: np.ones(2) > stride, ValueError, "cannot be asked at n=10, .*truth value of an array"),
    ],
)
def test_a_condition_that_cannot_be_asked_is_refused_by_name(condition, error, words):
    with pytest.raises(error, match=words):
        claims.test_size_formula(n, condition)


def test_under_a_condition_the_counterexample_meets_it():
    found = claims.test_size_formula((W - F + 2 * P) / S + 1, lambda stride: stride == 1)
    assert found.counterexample.setting["stride"] == 1
    assert "250 of them among the 527 that meet the condition" in found.sentence
    assert "no setting meets the condition" in claims.test_size_formula(n, lambda stride: None).sentence


@pytest.mark.parametrize("formula", [n + sympy.Symbol("q"), lambda n, q: n + q])
def test_a_letter_that_means_nothing_is_named(formula):
    with pytest.raises(ValueError, match="uses q, and nothing says what that is"):
        claims.test_size_formula(formula)


@pytest.mark.parametrize(
    ("formula", "words"),
    [
        ("n - k + 1", "is of type str.* Write lambda n, kernel_size"),
        (None, "is of type NoneType"),
        (lambda *sizes: sizes[0], "plain ones"),
        (np.exp, "Write a function around it"),
        (max, "Write a function around it"),
    ],
)
def test_what_is_no_formula_is_refused_with_a_repair(formula, words):
    with pytest.raises(TypeError, match=words):
        claims.test_size_formula(formula)


def test_a_formula_that_raises_is_a_finding_and_not_a_crash():
    found = claims.test_size_formula(lambda n: 1 / 0)
    assert found.verdict == "fails"
    assert "ZeroDivisionError" in found.sentence
    assert "SystemExit" in claims.test_size_formula(lambda n: exit(3)).sentence


@pytest.mark.parametrize(
    ("answer", "shown"),
    [
        (None, "stated None (nothing was returned), true 4"),
        (..., "stated ..., true 4"),
        ("4", "stated 4, true 4"),
        (4 + 1j, "stated (4+1j), true 4"),
        ([4], "stated [4], true 4"),
        (np.array(["4"]), "stated ['4'], true 4"),
        ("x" * 1000, f"stated {'x' * 120} ..., true 4"),
    ],
)
def test_what_is_no_number_equals_no_number(answer, shown):
    found = claims.test_size_formula(lambda n: answer)
    assert (found.verdict, found.failed) == ("fails", found.tried)
    assert found.sentence.endswith(shown + ".")


@pytest.mark.parametrize("last", [10, 12])
def test_a_formula_that_never_ends_is_stopped_and_the_next_one_is_asked(monkeypatch, last):
    def endless(n, k, s, p, d):
        while n == last:
            time.sleep(0.001)
        return (n + 2 * p - d * (k - 1) - 1) // s + 1

    monkeypatch.setattr(formula, "SECONDS", 0.2)
    found = claims.test_size_formula(endless)
    assert found.verdict == "fails"
    assert (found.failed, found.counterexample.setting["n"]) == (1, last)
    assert "stated no answer after 0.2 seconds" in found.sentence
    assert claims.test_size_formula(FLOOR).verdict == "holds"


def test_a_formula_that_swallows_the_interrupt_comes_too_late(monkeypatch):
    def stubborn(n, k, s, p, d):
        end = time.monotonic() + 1
        while n == 12 and time.monotonic() < end:
            with contextlib.suppress(BaseException):
                time.sleep(0.001)
        return (n + 2 * p - d * (k - 1) - 1) // s + 1

    monkeypatch.setattr(formula, "SECONDS", 0.2)
    found = claims.test_size_formula(stubborn)
    assert (found.verdict, found.failed, found.counterexample.setting["n"]) == ("fails", 1, 12)


def test_an_interrupt_by_the_reader_is_the_readers():
    def interrupted(n):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        claims.test_size_formula(interrupted)


def test_a_formula_cannot_change_the_setting_for_the_next_one():
    def careless(image, kernel):
        image[:] = 0
        return image

    claims.test_convolution(careless)
    assert claims.test_convolution(convolution.sliding_product).verdict == "holds"
