"""Every step of chapter 15's derivations of scales, with numbers in place of letters, against sampled layers and the library."""

import math

import numpy as np
import pytest
import sympy
from test_derivations import by_name, evaluate

import cnnlib
from cnnlib.nn import initializers
from cnnlib.symbolic import variance


def number(derivation, step, **values):
    return float(by_name(derivation[step].result, **values))


def layers(seed, inputs, outputs, sigma, draws=4000):
    """Many random layers on one fixed input whose entries depend on each other: the outputs (draws, outputs) and the weights."""
    rng = np.random.default_rng(seed)
    weights = rng.normal(0, sigma, (draws, outputs, inputs))
    x = np.linspace(-1, 2, inputs) ** 2
    return weights @ x, weights, x


@pytest.mark.parametrize(("n", "sigma"), [(3, 0.7), (17, 0.2), (40, 1.5)])
def test_the_variance_of_a_unit_is_that_of_sampled_layers_for_inputs_of_any_kind(n, sigma):
    z, _, x = layers(n, n, 5, sigma)
    q = np.mean(x**2)
    assert np.mean(z**2) == pytest.approx(number(variance.unit, "variance_of_unit", n=n, sigma=sigma, q=q), rel=0.05)
    assert np.mean(z) == pytest.approx(0, abs=0.05 * sigma * math.sqrt(n * q))
    assert number(variance.unit, "by_mean_square", sigma=sigma, q=q) == pytest.approx(sigma**2 * q)


def test_one_term_has_the_moments_of_a_product_of_independent_numbers():
    rng = np.random.default_rng(0)
    w, x = rng.normal(0, 0.6, 400_000), rng.normal(1.5, 0.8, 400_000)
    assert number(variance.unit, "mean_of_term") == 0 == pytest.approx(np.mean(w * x), abs=0.01)
    assert number(variance.unit, "variance_of_term", sigma=0.6, mu=1.5, tau=0.8) == pytest.approx(np.var(w * x), rel=0.02)
    other = rng.normal(0, 0.6, 400_000)
    assert number(variance.unit, "mixed_term") == 0 == pytest.approx(np.mean(w * x * other * x), abs=0.01)


def test_the_library_obeys_the_rule_exactly_and_a_wrong_rule_would_be_noticed():
    assert variance.unit.result("library_agrees") == variance.backward.result("library_agrees_backward") == 0
    a, b = sympy.symbols("a b")
    assert variance.over_weights((2 * a + 3 * b + 1) ** 2, [a, b]) == 13 * variance.sigma**2 + 1
    assert variance.over_weights(a * b, [a, b]) == 0


@pytest.mark.parametrize(("n", "sigma", "depth"), [(4, 0.4, 3), (9, 0.5, 5), (2, 1.0, 7)])
def test_the_recursions_after_any_depth_are_the_factors_one_by_one(n, sigma, depth):
    linear, relu = 2.5, 2.5
    for _ in range(depth):
        linear *= number(variance.unit, "variance_of_unit", n=n, sigma=sigma, q=1)
        relu = number(variance.relu, "relu_next", n=n, sigma=sigma, q=relu)
    values = dict(n=n, sigma=sigma, l=depth, q_0=2.5)
    assert number(variance.relu, "linear_depth", **values) == pytest.approx(linear)
    assert number(variance.relu, "relu_depth", **values) == pytest.approx(relu)
    assert number(variance.relu, "unscaled", n=n, l=depth) == pytest.approx(math.sqrt(n) ** depth)
    assert number(variance.relu, "linear_factor", n=n, sigma=sigma) == pytest.approx(n * sigma**2)


@pytest.mark.parametrize("s", [0.3, 1.0, 4.0])
def test_a_relu_keeps_half_of_the_mean_square(s):
    rng = np.random.default_rng(1)
    for z in (rng.normal(0, s, 400_000), rng.uniform(-s, s, 400_000)):
        share = np.mean(cnnlib.relu(z) ** 2) / np.mean(z**2)
        assert share == pytest.approx(float(variance.relu.result("relu_of_uniform")), rel=0.02)
    z = rng.normal(0, s, 400_000)
    assert np.mean(cnnlib.relu(z) ** 2) == pytest.approx(number(variance.relu, "relu_mean_square", s=s), rel=0.02)
    assert np.mean(cnnlib.relu(z)) == pytest.approx(number(variance.relu, "relu_mean", s=s), rel=0.02)
    slopes = cnnlib.relu_backward(np.ones_like(z), z)
    assert np.mean(slopes**2) == pytest.approx(float(variance.backward.result("relu_slope")), rel=0.02)


@pytest.mark.parametrize("shape", [(30, 50), (20, 8, 3, 3)])
def test_the_rules_are_the_librarys_initialisers(shape):
    n, m = initializers.fan_in_and_out(shape)
    many = (shape[0] * 40, *shape[1:])  # more outputs do not change He's variance
    assert np.var(initializers.he_normal(many, rng=0)) == pytest.approx(number(variance.relu, "he", n=n), rel=0.05)
    drawn = np.concatenate([initializers.xavier_normal(shape, rng=seed).ravel() for seed in range(20)])
    assert np.var(drawn) == pytest.approx(number(variance.backward, "xavier", n=n, m=m), rel=0.05)
    bound = max(np.abs(initializers.xavier_uniform(shape, rng=seed)).max() for seed in range(20))
    assert bound == pytest.approx(number(variance.backward, "uniform_bound", n=n, m=m), rel=0.01)
    assert number(variance.backward, "uniform_variance", b=bound) == pytest.approx(bound**2 / 3)
    assert number(variance.relu, "relu_next", n=n, sigma=math.sqrt(number(variance.relu, "he", n=n)), q=1.7) == pytest.approx(1.7)


@pytest.mark.parametrize("s", [0.05, 0.1, 0.2])
def test_the_tanh_series_hold_for_small_scales_and_the_fall_is_slow(s):
    z = np.random.default_rng(2).normal(0, s, 2_000_000)
    y = np.tanh(z)
    series = number(variance.tanh, "mean_square_series", s=s)
    noise = np.mean(z**2) / s**2  # the sample's own mean square, near 1
    assert series * noise == pytest.approx(np.mean(y**2), rel=2e-3)
    assert number(variance.tanh, "slope_series", s=s) == pytest.approx(np.mean((1 - y**2) ** 2), abs=3e-3)
    square = variance.tanh.result("square_series").removeO()
    assert float(square.subs(variance.t, s)) == pytest.approx(np.tanh(s) ** 2, rel=1e-4)
    inverse = variance.tanh.result("inverse_grows").removeO()
    assert float(inverse.subs(variance.q, s**2)) == pytest.approx(1 / series, abs=5 * s**2)


@pytest.mark.parametrize("depth", [1, 10, 60])
def test_the_slow_fall_is_the_recursion_of_the_inverse(depth):
    points, weights = np.polynomial.hermite_e.hermegauss(60)
    q = start = 0.01
    for _ in range(depth):
        q = weights @ np.tanh(math.sqrt(q) * points) ** 2 / weights.sum()
    assert number(variance.tanh, "slow_fall", q_0=start, l=depth) == pytest.approx(q, rel=0.03)


@pytest.mark.parametrize(("n", "m"), [(5, 2), (3, 7)])
def test_the_gradient_sums_over_the_outputs(n, m):
    rng = np.random.default_rng(n)
    arrays = {"w": rng.normal(size=(m, n)), "x": rng.normal(size=n), "g": rng.normal(size=m)}
    letters = {letter: dict(n=n, m=m)[letter.name] for letter in (variance.n, variance.m)}
    dx = cnnlib.linear_backward(arrays["g"][None], arrays["x"][None], arrays["w"])[0][0]
    back = variance.backward
    assert evaluate(back.result("weighted_outputs"), letters, arrays) == pytest.approx(arrays["g"] @ arrays["w"] @ arrays["x"])
    for place in range(n):
        value = evaluate(back.result("input_gradient"), letters | {variance.a_cell: place}, arrays)
        assert value == pytest.approx(dx[place])


def test_the_gradients_mean_square_is_that_of_sampled_layers_and_xavier_pays_a_square():
    rng = np.random.default_rng(3)
    n, m, sigma, g = 6, 11, 0.3, np.linspace(-2, 1, 11)
    dx = g @ rng.normal(0, sigma, (6000, m, n))
    back = variance.backward
    assert np.mean(dx**2) == pytest.approx(number(back, "variance_of_gradient", m=m, sigma=sigma, G=np.mean(g**2)), rel=0.05)
    keeps = number(back, "keeps_gradient", m=m)
    assert number(back, "variance_of_gradient", m=m, sigma=math.sqrt(keeps), G=2.0) == pytest.approx(2.0)
    v = number(back, "xavier", n=n, m=m)
    assert (n * v + m * v) / 2 == pytest.approx(1)
    assert number(back, "both_factors", n=n, m=m) == pytest.approx(n * v * m * v)
    assert number(back, "price", n=n, m=m) == pytest.approx(1 - n * v * m * v)
    assert number(back, "price", n=8, m=8) == 0


def test_equal_units_get_equal_gradients_and_other_units_do_not():
    symmetry, x, delta = variance.symmetry, 0.8, 1.5
    assert symmetry.result("equal_start") == sympy.Tuple(0, 0)
    assert symmetry.result("zero_start") == sympy.Tuple(0, 0)

    def apart(w, c):
        """The differences of the gradients of two tanh units, before and behind them, by the library."""
        z = np.array(w) * x
        dz, dc = cnnlib.tanh_backward(np.full(2, delta) * c, z), delta * cnnlib.tanh(z)
        return (dz[0] - dz[1]) * x, dc[0] - dc[1]

    for w, c in (((0.4, 0.4), (0.7, 0.7)), ((0.4, -1.0), (0.7, 0.7)), ((0.4, 0.4), (0.7, 0.2))):
        formula = symmetry.result("gradients_apart")
        written = formula.replace(lambda e: isinstance(e, variance.slope_of_phi), lambda e: 1 - sympy.tanh(e.args[0]) ** 2)
        written = written.replace(variance.varphi, sympy.tanh)
        value = by_name(written, w_1=w[0], w_2=w[1], c_1=c[0], c_2=c[1], x=x, delta=delta)
        assert tuple(map(float, value)) == pytest.approx(apart(w, c), abs=1e-12)
        net = symmetry.result("two_units").replace(variance.varphi, sympy.tanh)
        value = by_name(net, w_1=w[0], w_2=w[1], c_1=c[0], c_2=c[1], x=x)
        assert float(value) == pytest.approx(np.tanh(np.array(w) * x) @ c)
