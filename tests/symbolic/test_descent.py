"""Every step of chapter 16's derivations, with random numbers in place of its letters and the library's optimizers beside them."""

import math

import numpy as np
import pytest
import sympy
from test_derivations import by_name, evaluate

import cnnlib
from cnnlib.exercises.chapter_16 import Weights, after_a_step
from cnnlib.symbolic import adaptive_rates, descent

DERIVATIONS = [getattr(descent, name) for name in ("downhill", "quadratic", "momentum", "nesterov")]
DERIVATIONS += [getattr(adaptive_rates, name) for name in ("adaptive", "adam", "decay", "noise")]
SEEDS = range(6)


def number(derivation, step, **values):
    return float(by_name(derivation[step].result, **values))


def right(derivation, step, **values):
    """The right side of a step that is an equation."""
    return float(by_name(derivation[step].result.rhs, **values))


def path(optimizer, start, slope, steps):
    """The weights after each of the steps."""
    model = Weights(np.array(start, dtype=float), 0.0)
    for _ in range(steps):
        model.gradient = np.asarray(slope(model.parameter), dtype=float)
        optimizer.step(model)
        yield model.parameter.copy()


def walk(*arguments):
    """Where such a path ends."""
    *_, end = path(*arguments)
    return end


@pytest.mark.parametrize("seed", SEEDS)
def test_the_loss_changes_to_first_order_as_every_step_says(seed):
    rng = np.random.default_rng(seed)
    n, eta = int(rng.integers(1, 5)), 1e-6
    w, root = rng.normal(size=n), rng.normal(size=(n, n))
    loss = lambda w: np.sum(np.sin(root @ w))
    g, move = root.T @ np.cos(root @ w), 1e-6 * rng.normal(size=n)
    arrays = {"g": np.append(0, g), "Delta": np.append(0, move)}
    for step, moved in (("first_order", w + move), ("along", w + eta * g), ("against", w - eta * g)):
        result = descent.downhill[step].result
        letters = {letter: dict(n=n, eta=eta, L_0=loss(w)).get(letter.name) for letter in result.free_symbols}
        letters = {letter: value for letter, value in letters.items() if value is not None}
        assert evaluate(result, letters, arrays) - loss(w) == pytest.approx(loss(moved) - loss(w), rel=1e-3, abs=1e-10)
    assert loss(w - eta * g) < loss(w) < loss(w + eta * g)


@pytest.mark.parametrize("seed", SEEDS)
def test_no_direction_falls_faster_than_against_the_gradient(seed):
    g1, g2, d1, d2 = np.random.default_rng(seed).normal(size=4)
    gap = number(descent.downhill, "other_directions", g_1=g1, g_2=g2, d_1=d1, d_2=d2)
    assert gap == pytest.approx((g1**2 + g2**2) * (d1**2 + d2**2) - (g1 * d1 + g2 * d2) ** 2)
    assert gap >= 0


@pytest.mark.parametrize("seed", SEEDS)
def test_one_step_on_a_parabola_changes_its_loss_as_derived(seed):
    c, w, eta = np.random.default_rng(seed).uniform(0.2, 3, 3)
    loss = lambda w: c * w**2 / 2
    after = walk(cnnlib.SGD(eta), [w], lambda w: c * w, 1)[0]
    assert number(descent.downhill, "with_curvature", G=c * w, c=c, eta=eta) == pytest.approx(loss(after) - loss(w))
    border = right(descent.downhill, "no_gain", c=c)
    assert loss(walk(cnnlib.SGD(border), [w], lambda w: c * w, 1)[0]) == pytest.approx(loss(w))


@pytest.mark.parametrize("seed", SEEDS)
def test_every_step_of_the_quadratic_is_the_librarys_path(seed):
    lam, w, eta = np.random.default_rng(seed).uniform(0.2, 2, 3)
    slope = lambda w: lam * w
    proof = descent.quadratic
    assert number(proof, "one_step", eta=eta, w=w, **{"lambda": lam}) == pytest.approx(walk(cnnlib.SGD(eta), [w], slope, 1)[0])
    assert number(proof, "factor", eta=eta, **{"lambda": lam}) == pytest.approx(walk(cnnlib.SGD(eta), [1.0], slope, 1)[0])
    assert number(proof, "after_steps", t=7, w_0=w, eta=eta, **{"lambda": lam}) == pytest.approx(walk(cnnlib.SGD(eta), [w], slope, 7)[0])
    border = right(proof, "limit", **{"lambda": lam})
    for rate in (0.5 * border, 0.99 * border, 1.01 * border, 3 * border):
        inside = number(proof, "margin", eta=rate, **{"lambda": lam}) > 0
        assert inside == (rate < border) == (abs(walk(cnnlib.SGD(rate), [1.0], slope, 1)[0]) < 1)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_turned_bowl_has_two_directions_that_do_not_mix_and_a_best_rate(seed):
    rng = np.random.default_rng(seed)
    mu, theta = rng.uniform(0.2, 1), rng.uniform(0, 3)
    ell, eta = mu * rng.uniform(1.5, 9), 0.1
    bowl = np.array(by_name(descent.quadratic["turned_bowl"].result, mu=mu, ell=ell, theta=theta), dtype=float)
    assert np.linalg.eigvalsh(bowl) == pytest.approx([mu, ell])
    factors = np.array(by_name(descent.quadratic["directions"].result, mu=mu, ell=ell, eta=eta), dtype=float)
    assert sorted(np.diag(factors)) == pytest.approx(sorted(np.linalg.eigvalsh(np.eye(2) - eta * bowl)))
    best = right(descent.quadratic, "best_rate", mu=mu, ell=ell)
    slowest = lambda rate: np.abs(np.linalg.eigvalsh(np.eye(2) - rate * bowl)).max()
    assert slowest(best) == pytest.approx(number(descent.quadratic, "best_factor", kappa=ell / mu))
    assert all(slowest(best) <= slowest(rate) + 1e-12 for rate in np.linspace(0.01, 3 / ell, 200))


def pairs(rule, lam, eta, beta):
    """The library's step as a matrix that makes the new (w, v) of the old."""
    columns = []
    for w, v in ((1.0, 0.0), (0.0, 1.0)):
        new_w, memory = after_a_step(rule(eta, beta), np.array([w]), np.array([lam * w]), velocity=np.array([v]))
        columns.append((new_w[0], memory["velocity"][0]))
    return np.array(columns).T


PLAIN = lambda eta, beta: cnnlib.SGD(eta, momentum=beta)
AHEAD = lambda eta, beta: cnnlib.SGD(eta, momentum=beta, nesterov=True)


@pytest.mark.parametrize(
    ("rule", "proof", "names"),
    [
        (PLAIN, descent.momentum, ("matrix", "polynomial", "product")),
        (AHEAD, descent.nesterov, ("matrix_ahead", "polynomial_ahead", "product_ahead")),
    ],
    ids=["momentum", "nesterov"],
)
@pytest.mark.parametrize("seed", SEEDS)
def test_matrix_polynomial_and_limit_are_those_of_the_librarys_rule(rule, proof, names, seed):
    lam, eta, beta = np.random.default_rng(seed).uniform(0.1, [3, 1, 0.95])
    values = {"lambda": lam, "eta": eta, "beta": beta, "a": eta * lam}
    matrix = pairs(rule, lam, eta, beta)
    np.testing.assert_allclose(np.array(by_name(proof[names[0]].result, **values), dtype=float), matrix, atol=1e-12)
    for r in (-1.3, 0.0, 0.4, 1.0):
        assert number(proof, names[1], r=r, **values) == pytest.approx(np.linalg.det(r * np.eye(2) - matrix), abs=1e-12)
    assert number(proof, names[2], **values) == pytest.approx(np.linalg.det(matrix))
    border = right(proof, {"matrix": "limit_with_momentum"}.get(names[0], "limit_ahead"), **{"lambda": lam, "beta": beta})
    size = lambda rate: np.abs(np.linalg.eigvals(pairs(rule, lam, rate, beta))).max()
    assert size(border) == pytest.approx(1)
    assert max(size(share * border) for share in (0.05, 0.3, 0.7, 0.999)) < 1 < min(size(share * border) for share in (1.001, 2))


@pytest.mark.parametrize("seed", SEEDS)
def test_roots_ends_and_the_complex_band_are_those_of_the_matrix(seed):
    lam, eta, beta = np.random.default_rng(seed).uniform(0.1, [3, 1, 0.95])
    a, q = eta * lam, math.sqrt(beta)
    found = np.linalg.eigvals(pairs(PLAIN, lam, eta, beta))
    roots = sorted((complex(by_name(root, a=a, beta=beta)) for root in descent.momentum["roots"].result), key=lambda z: (z.real, z.imag))
    assert roots == pytest.approx(sorted(map(complex, found), key=lambda z: (z.real, z.imag)))
    ends = [float(by_name(end, a=a, beta=beta)) for end in descent.momentum["at_the_ends"].result]
    assert ends == pytest.approx([np.prod(1 - found).real, np.prod(-1 - found).real])
    under = number(descent.momentum, "under_the_root", a=a, q=q)
    assert under == pytest.approx((roots[0] - roots[1]).real ** 2 - (roots[0] - roots[1]).imag ** 2)
    low, high = (float(by_name(end, q=q)) for end in descent.momentum["complex_between"].result)
    assert (low < a < high) == (under < 0)
    if under < 0:
        assert np.abs(found) == pytest.approx([q, q])


@pytest.mark.parametrize("kappa", [2.0, 10.0, 300.0])
def test_no_momentum_and_rate_are_faster_than_the_best_ones(kappa):
    proof, mu = descent.momentum, 0.5
    q, beta = right(proof, "best_root", kappa=kappa), right(proof, "best_momentum", kappa=kappa)
    eta = right(proof, "best_rate_with_momentum", kappa=kappa, mu=mu)
    slowest = lambda eta, beta: max(np.abs(np.linalg.eigvals(pairs(PLAIN, lam, eta, beta))).max() for lam in (mu, kappa * mu))
    assert by_name(proof["quotient"].result.rhs, q=q) == pytest.approx(kappa)
    assert beta == pytest.approx(q * q)
    assert slowest(eta, beta) == pytest.approx(q, abs=1e-6)
    for rate in eta * np.linspace(0.5, 1.5, 11):
        for momentum in np.linspace(0.02, 0.98, 25):
            assert slowest(rate, momentum) >= q - 1e-6


def test_the_velocity_in_a_steady_slope_comes_to_rest_where_derived():
    v = np.zeros(1)
    for _ in range(300):
        v = after_a_step(cnnlib.SGD(0.1, momentum=0.8), np.zeros(1), np.array([3.0]), velocity=v)[1]["velocity"]
    assert number(descent.momentum, "terminal_velocity", g=3, beta=0.8) == pytest.approx(v[0])


def test_first_steps_of_the_adaptive_rules_are_the_librarys():
    proof, steady = adaptive_rates.adaptive, lambda w: np.array([-2.5])
    before, after = (walk(cnnlib.Adagrad(0.2), [0.0], steady, steps)[0] for steps in (6, 7))
    assert number(proof, "adagrad_sum", g=-2.5, t=7) == pytest.approx(7 * 2.5**2)
    assert number(proof, "adagrad_step", eta=0.2, t=7) == pytest.approx(after - before)
    assert number(proof, "rmsprop_first", eta=0.2, alpha=0.9) == pytest.approx(walk(cnnlib.RMSprop(0.2, alpha=0.9), [0.0], steady, 1)[0])
    first = walk(cnnlib.Adadelta(rho=0.8, eps=1e-3), [0.0], steady, 1)[0]
    assert number(proof, "adadelta_first", g=-2.5, rho=0.8, epsilon=1e-3) == pytest.approx(-first)


@pytest.mark.parametrize("t", [1, 2, 6])
def test_every_step_of_the_bias_correction_holds_for_numbers(t):
    proof, beta = adaptive_rates.adam, 0.7
    g = np.random.default_rng(t).normal(size=t + 1)
    m, weights = 0.0, 0.0
    for gradient in g[1:]:
        m, weights = beta * m + (1 - beta) * gradient, beta * weights + (1 - beta)

    def value(name):
        result = proof[name].result
        letters = {letter: dict(t=t, beta=beta)[letter.name] for letter in result.free_symbols if letter.name in ("t", "beta")}
        return evaluate(result, letters, {"g": g})

    assert value("mean") == pytest.approx(m)
    assert value("one_more") == pytest.approx(m)
    assert number(proof, "weights", t=t, beta=beta) == pytest.approx(weights)
    assert value("corrected") == pytest.approx(m / weights)
    assert proof["expected"].result == adaptive_rates.G
    after = walk(cnnlib.Adam(0.3, eps=0), [0.0], lambda w: np.array([g[1]]), 1)[0]
    assert number(proof, "first_step", eta=0.3, g=g[1]) == pytest.approx(-after)


def test_no_gradients_make_a_step_of_adam_longer_than_7_3_times_the_rate_and_some_come_near():
    # By Cauchy and Schwarz the quotient of the means is largest for powers of this; the floor keeps their squares above 0.
    worst = np.maximum((0.9 / 0.999) ** np.arange(10_000)[::-1], 1e-140)
    given = iter(worst)
    *_, before, after = (w[0] for w in path(cnnlib.Adam(1.0, eps=0), [0.0], lambda w: [next(given)], len(worst)))
    assert 7.2 < before - after < 0.1 / np.sqrt(0.001) / np.sqrt(1 - 0.9**2 / 0.999) < 7.3


def test_adam_bounces_on_a_bowl_of_curvature_1000_without_diverging_and_without_settling():
    w = np.concatenate([[1.0], *path(cnnlib.Adam(0.5), [1.0], lambda w: 1000 * w, 10_000)])
    assert 1.1 < np.abs(np.diff(w)).max() / 0.5 < 1.2
    assert np.abs(w[500:2000]).max() < 1e-9
    assert np.abs(w[2000:5000]).max() == pytest.approx(0.3, abs=0.05)
    assert np.abs(w[5000:]).max() > 0.1


@pytest.mark.parametrize(("w", "g"), [(1.5, 4.0), (-2.0, 0.7), (3.0, -5.0)])
def test_decay_acts_in_every_rule_as_derived(w, g):
    proof, eta, lam = adaptive_rates.decay, 0.05, 0.1
    step = lambda optimizer: walk(optimizer, [w], lambda w: np.array([g]), 1)[0]
    values = {"w": w, "g": g, "eta": eta, "lambda": lam}
    assert number(proof, "in_the_loss", **values) == pytest.approx(step(cnnlib.SGD(eta, weight_decay=lam)))
    assert proof["on_the_weight"].result == 0
    assert number(proof, "lost_in_adam", **values) == pytest.approx(step(cnnlib.Adam(eta, eps=0, weight_decay=lam)))
    assert number(proof, "kept_in_adamw", **values) == pytest.approx(step(cnnlib.AdamW(eta, eps=0, weight_decay=lam)))


def test_noise_has_no_bias_its_variance_falls_with_the_batch_and_the_floor_is_a_fixed_point():
    proof, gradients = adaptive_rates.noise, np.array([3.0, -1.0, 7.0])
    result = proof["drawn"].result
    assert evaluate(result, {next(s for s in result.free_symbols if s.name == "N"): 3}, {"g": np.append(0, gradients)}) == gradients.mean()
    batches = np.array([np.mean(batch) for batch in np.stack(np.meshgrid(*[gradients] * 3), -1).reshape(-1, 3)])
    assert number(proof, "batch_variance", sigma=gradients.std(), B=3) == pytest.approx(batches.var())
    values = {"eta": 0.3, "lambda": 1.7, "sigma": 1.2, "B": 5}
    spread = 1.0
    for _ in range(400):
        spread = number(proof, "new_variance", V=spread, **values)
    assert spread == pytest.approx(number(proof, "floor", **values))
    values["eta"] = 1e-6
    assert number(proof, "small_rates", **values) == pytest.approx(number(proof, "floor", **values), rel=1e-5)


@pytest.mark.parametrize("derivation", DERIVATIONS, ids=lambda d: d.title)
def test_every_step_of_descent_shows_words_code_and_result(derivation):
    for step in derivation:
        text = step._repr_markdown_()
        assert step.words in text
        assert sympy.latex(step.result) in text
        assert len(step.code.splitlines()) <= 8
