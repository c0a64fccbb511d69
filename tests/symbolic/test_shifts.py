"""Every step of the derivations of chapter 06, with random numbers in place of the letters, beside the library."""

import math
import random

import numpy as np
import pytest
import sympy

from cnnlib.equivariance import bordered_conv2d, shift2d
from cnnlib.ops.convolution import conv2d
from cnnlib.ops.padding import pad2d
from cnnlib.symbolic import shifts


def evaluate(expression, values, arrays):
    """A step with numbers in place of its letters and entries of arrays in place of its indexed letters."""
    expression = expression.subs(values).doit()

    def entry(base, *index):
        return sympy.Float(float(arrays[str(base)][tuple(int(part) for part in index)]))

    return float(expression.replace(lambda e: isinstance(e, sympy.Indexed), lambda e: entry(*e.args)))


def letters(values):
    return {getattr(shifts, name): value for name, value in values.items()}


@pytest.mark.parametrize("seed", range(8))
def test_every_step_about_convolution_and_activation_holds_for_numbers(seed):
    rng = np.random.default_rng(seed)
    channels, filters, half = 2, 2, (int(rng.integers(0, 2)), int(rng.integers(0, 2)))
    height, width = (int(rng.integers(3, 6)) for _ in range(2))
    padding, kernel = max(half), tuple(2 * h + 1 for h in half)
    x, b = rng.normal(size=(channels, height, width)), rng.normal(size=filters)
    w = rng.normal(size=(filters, channels, 2 * padding + 1, 2 * padding + 1))
    w[:, :, kernel[0] :] = w[:, :, :, kernel[1] :] = 0  # kernels that are not square
    by = tuple(int(t) for t in rng.integers(-4, 5, 2))
    sizes = dict(C=channels, H=height, W=width, K=2 * padding + 1, M=2 * padding + 1, p=padding, t_1=by[0], t_2=by[1])
    y = conv2d(pad2d(x[None], padding, mode="circular"), w, b)
    moved = conv2d(pad2d(shift2d(x[None], by), padding, mode="circular"), w, b)
    np.testing.assert_allclose(moved, shift2d(y, by), atol=1e-12)
    step = shifts.convolution
    for _ in range(4):
        f, i, j = int(rng.integers(filters)), int(rng.integers(height)), int(rng.integers(width))
        values = letters(sizes | dict(f=f, i=i, j=j))
        for name, truth in (("output", y), ("shift_first", moved), ("shift_last", shift2d(y, by))):
            assert math.isclose(evaluate(step[name].result, values, dict(x=x, w=w, b=b)), truth[0, f, i, j], abs_tol=1e-12)
        tanh = shifts.pointwise["activation"].result.replace(shifts.sigma, sympy.tanh)
        assert math.isclose(evaluate(tanh, letters(dict(c=0, i=i, j=j)), dict(x=x)), math.tanh(x[0, i, j]), abs_tol=1e-12)
    assert step["difference"].result == 0
    assert shifts.pointwise["activation_difference"].result == 0


@pytest.mark.parametrize("seed", range(12))
def test_every_step_about_strides_holds_for_numbers(seed):
    rng = np.random.default_rng(seed)
    stride, places, half, turn = 1 + seed % 4, int(rng.integers(2, 5)), seed % 2, int(rng.integers(-2, 3))
    follow = int(rng.integers(-3, 4))
    x, w = rng.normal(size=stride * places), rng.normal(size=2 * half + 1)
    y = bordered_conv2d(x[None, None, None], w[None, None, None], stride=stride)[0, 0, 0]
    step = shifts.stride
    for i in range(places):
        values = letters(dict(s=stride, m=places, K=2 * half + 1, p=half, l=follow, z=turn, i=i))
        assert math.isclose(evaluate(step["strided"].result, values, dict(x=x, w=w)), y[i], abs_tol=1e-12)
        for name in ("multiple_first", "multiple_last", "turns_gone"):
            assert math.isclose(evaluate(step[name].result, values, dict(x=x, w=w)), y[(i - follow) % places], abs_tol=1e-12)
    assert step["multiple_difference"].result == 0


def test_a_single_one_disappears_exactly_for_shifts_that_are_no_multiples_of_the_stride():
    step, draw = shifts.stride, random.Random(0)
    for _ in range(100):
        stride, places = draw.randint(2, 6), draw.randint(2, 5)
        shift = draw.randrange(stride * places)
        whole, rest = divmod(shift, stride)
        one = np.zeros((1, 1, 1, stride * places))
        one[..., shift] = 1
        assert one[..., ::stride].any() == (rest == 0)
        if rest:
            values = {shifts.a: rest, shifts.e: stride - 1 - rest}
            assert step["beyond_place_q"].result.subs(values) == shift - whole * stride
            assert step["before_next_place"].result.subs(values) == (whole + 1) * stride - shift
    assert step["beyond_place_q"].result.is_positive is True
    assert step["before_next_place"].result.is_positive is True


@pytest.mark.parametrize("seed", range(8))
def test_every_step_about_global_sums_holds_for_numbers(seed):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, 9))
    t, y = int(rng.integers(1, n + 1)), rng.normal(size=n)
    for name in ("shifted_sum", "recounted", "same_sum"):
        found = evaluate(shifts.pooling[name].result, letters(dict(n=n, t=t)), dict(y=y))
        assert math.isclose(found, np.roll(y, t).sum(), abs_tol=1e-12)


def test_the_rules_of_operators_hold_for_matrices():
    n = 5
    roll = np.roll(np.eye(n), 1, axis=0)
    rng = np.random.default_rng(0)
    circulant = [sum(weight * np.linalg.matrix_power(roll, k) for k, weight in enumerate(rng.normal(size=n))) for _ in range(2)]
    matrices = {"F": circulant[0], "G": circulant[1], "T": roll, "P": np.ones((1, n))}

    def product(expression):
        return np.linalg.multi_dot([matrices[str(factor)] for factor in expression.args])

    step = shifts.pointwise
    for name in ("past_first", "past_both"):
        np.testing.assert_allclose(product(step[name].result), product(step["chain"].result), atol=1e-12)
    np.testing.assert_allclose(matrices["P"] @ circulant[0], product(shifts.pooling["pooled_chain"].result), atol=1e-12)
    assert shifts.pooling["invariant"].result == shifts.P * shifts.F
