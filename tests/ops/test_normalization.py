"""Batch normalisation with batch and with running statistics, dropout, and the kinks of activations."""

import numpy as np

from cnnlib import batch_norm2d, check_gradients, dropout, dropout_backward, elu_backward, leaky_relu_backward, relu_backward
from cnnlib.ops.normalization import batch_statistics, normalize2d, normalize2d_backward

RNG = np.random.default_rng(0)
X = RNG.normal(size=(3, 2, 4, 5)) * 4 + 7


def test_every_channel_comes_out_with_mean_zero_and_biased_variance_one():
    y = batch_norm2d(X, np.ones(2), np.zeros(2), eps=1e-12)
    np.testing.assert_allclose(y.mean(axis=(0, 2, 3)), 0, atol=1e-12)
    np.testing.assert_allclose(y.var(axis=(0, 2, 3)), 1, rtol=1e-10)
    np.testing.assert_allclose(batch_statistics(X), [X.mean(axis=(0, 2, 3)), X.var(axis=(0, 2, 3))], rtol=1e-12)


def test_normalising_with_given_statistics_lets_no_gradient_through_them():
    mean, variance = np.array([1.0, -2.0]), np.array([0.5, 3.0])
    gamma, beta = RNG.normal(size=2), RNG.normal(size=2)
    report = check_gradients(
        lambda x, gamma, beta: normalize2d(x, gamma, beta, mean, variance),
        lambda dy, x, gamma, beta: normalize2d_backward(dy, x, gamma, beta, mean, variance),
        (X, gamma, beta),
    )
    assert report.passed, str(report)


def test_dropout_keeps_the_expected_value_and_forgets_what_it_drops():
    x = np.array([[np.nan, 1.0, np.inf, 2.0]])
    mask = np.array([[False, True, False, True]])
    assert dropout(x, mask, 0.5).tolist() == [[0, 2, 0, 4]]
    assert dropout_backward(x, x, mask, 0.5).tolist() == [[0, 2, 0, 4]]
    kept = RNG.random(200_000) >= 0.3
    assert abs(dropout(np.ones(kept.shape), kept, 0.3).mean() - 1) < 0.01


def test_derivatives_at_the_kink_take_the_left_side():
    zero, one = np.zeros(1), np.ones(1)
    assert relu_backward(one, zero).item() == 0
    assert leaky_relu_backward(one, zero, negative_slope=0.3).item() == 0.3
    assert elu_backward(one, zero, alpha=0.3).item() == 0.3
