"""The rules of pooling at its edges: NaN, ties, minus infinity, windows in the padding, divisors."""

import numpy as np
import pytest
import slow_twins
from drawing import draw_window

from cnnlib import avg_pool2d, max_pool2d, max_pool2d_backward
from cnnlib.ops.pooling import max_pool2d_winners


def test_the_gradient_goes_to_the_first_maximum_in_row_major_order_and_to_the_first_nan():
    rng = np.random.default_rng(0)
    hollow = with_nan = 0
    for _ in range(1500):
        size, _, options, _ = draw_window(rng, names=("valid", "same"), at_most_half=True, ceil=True)
        x = rng.integers(-1, 2, (2, 2, *size)).astype(float)
        x[rng.random(x.shape) < 0.05] = -np.inf
        x[rng.random(x.shape) < 0.05] = np.nan
        y = max_pool2d(x, **options)
        np.testing.assert_array_equal(y, slow_twins.max_pool2d(x, **options))
        dy = rng.normal(size=y.shape)
        dx = slow_twins.max_pool2d_backward(dy, x, **options)
        np.testing.assert_allclose(max_pool2d_backward(dy, x, **options), dx, atol=1e-12)
        kept, gradient = max_pool2d_winners(x, **options)
        np.testing.assert_array_equal(kept, y)
        np.testing.assert_allclose(gradient(dy), dx, atol=1e-12)
        hollow += not np.isclose(dx.sum(), dy.sum())
        with_nan += np.isnan(y).any()
    assert hollow > 5
    assert with_nan > 500


def test_a_window_wholly_in_the_padding_gives_minus_infinity_and_no_gradient():
    x = np.ones((1, 1, 1, 1))
    y = max_pool2d(x, 2, stride=1, padding=1, dilation=2)
    assert y.tolist() == [[[[-np.inf]]]]
    assert max_pool2d_backward(np.ones_like(y), x, 2, stride=1, padding=1, dilation=2).tolist() == [[[[0.0]]]]


def test_a_real_minus_infinity_takes_the_gradient_before_padding_does():
    x = np.full((1, 1, 2, 2), -np.inf)
    dx = max_pool2d_backward(np.ones((1, 1, 1, 1)), x, 3, padding=1)
    assert dx.tolist() == [[[[1.0, 0.0], [0.0, 0.0]]]]


def test_an_infinite_upstream_gradient_reaches_only_the_winners():
    x = np.arange(16.0).reshape(1, 1, 4, 4)
    dx = max_pool2d_backward(np.array([[[[np.inf, 1.0], [np.nan, 2.0]]]]), x, 2)
    np.testing.assert_array_equal(dx[0, 0], [[0, 0, 0, 0], [0, np.inf, 0, 1], [0, 0, 0, 0], [0, np.nan, 0, 2]])


def test_kernels_of_more_than_255_cells_still_find_the_first_maximum():
    x = np.zeros((1, 1, 20, 20))
    x[0, 0, 18, 3] = x[0, 0, 19, 19] = 1
    dx = max_pool2d_backward(np.ones((1, 1, 1, 1)), x, 20)
    assert np.argwhere(dx).tolist() == [[0, 0, 18, 3]]


@pytest.mark.parametrize(("ceil_mode", "include", "corner"), [(False, True, 9), (False, False, 4), (True, True, 9), (True, False, 4)])
def test_divisors_count_padding_only_when_told_and_never_what_hangs_over(ceil_mode, include, corner):
    y = avg_pool2d(np.ones((1, 1, 4, 4)), 3, stride=2, padding=1, ceil_mode=ceil_mode, count_include_pad=include)[0, 0]
    assert y[0, 0] == pytest.approx(4 / corner)
    if ceil_mode:  # the last window covers one row of the image, one of padding, and hangs over by one
        assert y.shape == (3, 3)
        assert y[2, 1] == pytest.approx(3 / 6 if include else 1)


def test_the_mean_of_a_window_can_be_checked_by_eye():
    x = np.arange(16.0).reshape(1, 1, 4, 4)
    assert avg_pool2d(x, 2)[0, 0].tolist() == [[2.5, 4.5], [10.5, 12.5]]
    assert max_pool2d(x, 2)[0, 0].tolist() == [[5.0, 7.0], [13.0, 15.0]]
