"""The error function against Python's own, and the stable forms of functions at huge arguments."""

import math

import numpy as np
import pytest
from packages import optional

from cnnlib import gelu, gelu_backward, log_softmax, sigmoid, silu_backward, softmax, softplus
from cnnlib.ops.special import erf, erfc

GRID = np.concatenate([np.linspace(-7, 7, 100_001), np.linspace(-0.47, 0.47, 20_001), [0.46875, -0.46875, 4.0, -4.0, 1e-300, 1e-9]])


def test_erf_agrees_with_pythons_to_the_last_digits():
    expected = np.array([math.erf(v) for v in GRID])
    assert np.max(np.abs(erf(GRID) - expected)) < 1e-15
    small = GRID[np.abs(GRID) < 1e-3]
    np.testing.assert_allclose(erf(small), [math.erf(v) for v in small], rtol=1e-15, atol=0)


def test_erfc_keeps_its_relative_accuracy_far_into_the_tail():
    x = np.linspace(-7, 26, 50_001)
    np.testing.assert_allclose(erfc(x), [math.erfc(v) for v in x], rtol=2e-15, atol=0)


def test_erf_reaches_its_limits_and_keeps_nan():
    np.testing.assert_array_equal(erf([np.inf, -np.inf, np.nan, 0, 100]), [1, -1, np.nan, 0, 1])
    np.testing.assert_array_equal(erfc([np.inf, -np.inf, np.nan, 0, 100]), [0, 2, np.nan, 1, 0])


def test_erf_agrees_with_scipys():
    special = optional("scipy.special")
    assert np.max(np.abs(erf(GRID) - special.erf(GRID))) < 1e-15


def test_gelu_keeps_its_relative_accuracy_where_one_plus_erf_cancels():
    x = -12.0
    assert gelu(np.array([x]))[0] == pytest.approx(x * math.erfc(-x / math.sqrt(2)) / 2, rel=1e-13)
    assert gelu(np.array([x]))[0] < 0


@pytest.mark.parametrize("size", [1e3, 1e10, 1e155, 1e200, 1e308])
def test_derivatives_at_huge_numbers_are_those_of_the_asymptotes(size):
    x = np.array([-size, size])
    one = np.ones(2)
    for approximate in ("none", "tanh"):
        np.testing.assert_array_equal(gelu_backward(one, x, approximate=approximate), [0, 1])
    np.testing.assert_allclose(silu_backward(one, x), [0, 1], atol=1e-12)
    np.testing.assert_array_equal(sigmoid(x), [0, 1])
    np.testing.assert_array_equal(softplus(x, threshold=1e9 * size if size < 1e200 else 20), [0, size])


def test_softmax_of_huge_scores_is_that_of_their_differences():
    np.testing.assert_allclose(softmax([1000.0, 1001, 1002]), softmax([0.0, 1, 2]))
    np.testing.assert_allclose(log_softmax([-1e300, 0.0, -1e300]), [-1e300, 0, -1e300])
    np.testing.assert_array_equal(softmax([-np.inf, 0.0]), [0, 1])


def test_log_softmax_is_exact_where_the_softmax_underflows():
    np.testing.assert_allclose(log_softmax([0.0, -2000.0]), [0, -2000])
