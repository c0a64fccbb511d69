"""Every step of chapter 15's derivations of batch norm, running statistics and dropout, with numbers, against the library."""

import math

import numpy as np
import pytest
import sympy
from test_derivations import by_name, evaluate

import cnnlib
from cnnlib.ops.normalization import updated_statistics
from cnnlib.symbolic import normalization

batch = normalization.batch


def setting(seed):
    """A channel of 2 to 6 values with a mean away from 0, a gradient, gamma, beta and an eps that matters."""
    rng = np.random.default_rng(seed)
    number = int(rng.integers(2, 7))
    return rng.normal(2, 3, number), rng.normal(1, 1, number), rng.normal(), rng.normal(), float(rng.uniform(0.01, 1))


def library(x, gamma, beta, eps):
    return cnnlib.batch_norm2d(x.reshape(-1, 1, 1, 1), np.array([gamma]), np.array([beta]), eps=eps).ravel()


@pytest.mark.parametrize("seed", range(8))
def test_every_step_of_the_forward_pass_is_the_librarys(seed):
    x, _, gamma, beta, eps = setting(seed)
    arrays, number = {"x": x}, {normalization.N: len(x)}
    mean = evaluate(batch.result("mean"), number, arrays)
    variance = evaluate(batch.result("variance"), number | {normalization.mu: mean}, arrays)
    assert (mean, variance) == pytest.approx((x.mean(), x.var()))
    y = library(x, gamma, beta, eps)
    for value, truth in zip(x, y, strict=True):
        values = dict(mu=mean, v=variance, varepsilon=eps, gamma=gamma, beta=beta)
        z = float(by_name(batch.result("normalised"), x_i=value, **values))
        assert float(by_name(batch.result("output"), z_i=z, **values)) == pytest.approx(truth)
    scaled = by_name(batch.result("scaled_inputs"), x_i=x[0], mu=mean, v=variance)
    assert float(scaled) == pytest.approx(library(1e6 * x, 1.0, 0.0, eps)[0], rel=1e-6)


@pytest.mark.parametrize("seed", range(8))
def test_the_slopes_of_the_statistics_are_finite_differences(seed):
    x, _, _, _, eps = setting(seed)
    number, step = len(x), 1e-5
    values = dict(N=number, mu=x.mean(), v=x.var(), varepsilon=eps)
    direct, by_mean, by_variance = batch.result("three_slopes")
    normalised = lambda value, mean, variance: (value - mean) / math.sqrt(variance + eps)
    z_0, here = normalised(x[0], x.mean(), x.var()), (x[0], x.mean(), x.var())
    for slope, place in ((direct, 0), (by_mean, 1), (by_variance, 2)):
        above, below = ([*here[:place], here[place] + sign * step, *here[place + 1 :]] for sign in (1, -1))
        difference = (normalised(*above) - normalised(*below)) / (2 * step)
        assert float(by_name(slope, z_i=z_0, **values)) == pytest.approx(difference, rel=1e-5, abs=1e-8)
    for j in range(number):
        moved = [x + sign * step * (np.arange(number) == j) for sign in (1, -1)]
        assert float(by_name(batch.result("mean_by_input"), **values)) == pytest.approx(np.subtract(*map(np.mean, moved)) / (2 * step))
        slope = float(by_name(batch.result("variance_by_input"), x_j=x[j], **values))
        assert slope == pytest.approx(np.subtract(*map(np.var, moved)) / (2 * step), abs=1e-8)
    spread = [np.mean((x - x.mean() - sign * step) ** 2) for sign in (1, -1)]
    assert float(batch.result("variance_by_mean")) == 0 == pytest.approx((spread[0] - spread[1]) / (2 * step), abs=1e-8)


@pytest.mark.parametrize("seed", range(8))
def test_the_gradient_for_any_number_of_values_is_the_librarys(seed):
    x, dy, gamma, beta, eps = setting(seed)
    shape = (-1, 1, 1, 1)
    dx, dgamma, dbeta = cnnlib.batch_norm2d_backward(dy.reshape(shape), x.reshape(shape), np.array([gamma]), np.array([beta]), eps=eps)
    formula = batch.result("input_gradient")
    letters = {normalization.gamma: gamma, normalization.epsilon: eps}
    found = [float(normalization.with_letters(formula, list(x), list(dy), j).subs(letters)) for j in range(len(x))]
    assert found == pytest.approx(dx.ravel().tolist())
    z = library(x, 1.0, 0.0, eps)
    sums = [evaluate(each, {normalization.N: len(x)}, {"g": dy, "z": z}) for each in batch.result("parameter_gradients")]
    assert sums == pytest.approx([dgamma.item(), dbeta.item()])
    jacobian = batch.result("normalised_by_input")
    step = 1e-5
    for i, j in np.ndindex(len(x), len(x)):
        moved = [library(x + sign * step * (np.arange(len(x)) == j), 1.0, 0.0, eps)[i] for sign in (1, -1)]
        value = by_name(jacobian, N=len(x), v=x.var(), varepsilon=eps, z_i=z[i], z_j=z[j], i=i, j=j)
        assert float(value) == pytest.approx((moved[0] - moved[1]) / (2 * step), abs=1e-7)
    assert batch.result("mean_gradient") == 0 == pytest.approx(dx.sum(), abs=1e-10)
    assert batch.result("agrees_with_sympy") == sympy.zeros(3, 1)


def test_running_statistics_repair_what_the_batch_estimates_too_small():
    rng, sigma = np.random.default_rng(4), 1.7
    for number in (2, 5):
        samples = rng.normal(0.3, sigma, (200_000, number))
        values = dict(N=number, sigma=sigma)
        assert np.mean(samples.var(axis=1)) == pytest.approx(
            float(by_name(normalization.running.result("expected_biased"), **values)), rel=0.02
        )
        assert np.var(samples.mean(axis=1)) == pytest.approx(
            float(by_name(normalization.running.result("mean_square_of_mean"), **values)), rel=0.02
        )
        assert float(by_name(normalization.running.result("repair"), N=number)) == number / (number - 1)


@pytest.mark.parametrize(("momentum", "count"), [(0.1, 7), (0.5, 3)])
def test_running_statistics_after_equal_batches_are_the_librarys(momentum, count):
    x = np.random.default_rng(5).normal(3, 2, (4, 1, 2, 2))
    mean, variance = np.array([-1.0]), np.array([0.5])
    for _ in range(count):
        mean, variance = updated_statistics(mean, variance, x, momentum)
    target = x.var(ddof=1)
    for start, goal, found in ((-1.0, x.mean(), mean), (0.5, target, variance)):
        values = dict(a=momentum, l=count, r_0=start, b=goal)
        assert float(by_name(normalization.running.result("after_batches"), **values)) == pytest.approx(found.item())
        share = float(by_name(normalization.running.result("still_to_go"), **values))
        assert share == pytest.approx((goal - found.item()) / (goal - start))


@pytest.mark.parametrize("p", [0.1, 0.5, 0.75])
def test_dropout_has_the_mean_and_the_variance_derived(p):
    rng, x = np.random.default_rng(6), 1.5
    mask = rng.random(400_000) >= p
    y = cnnlib.dropout(np.full(mask.shape, x), mask, p)
    step = lambda name: float(by_name(normalization.dropping.result(name), p=p, x=x))
    assert step("plain_mean") == pytest.approx(np.mean(mask * x), rel=0.02)
    assert step("scale") == pytest.approx(y.max() / x)
    assert np.mean(y) == pytest.approx(x, rel=0.02)
    assert np.var(y) == pytest.approx(step("scaled_variance"), rel=0.03)
    assert np.mean(y**2) == pytest.approx(step("scaled_mean_square"), rel=0.03)
