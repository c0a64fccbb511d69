"""Every step of chapter 12's derivations, with functions and numbers in place of its letters."""

import numpy as np
import pytest
import sympy
from test_derivations import by_name, evaluate

import cnnlib
from cnnlib.symbolic import differences

SEEDS = range(6)


def with_function(result, function, *, x, h):
    """A step without its O term, with a real function in the place of f and numbers in the places of x and h."""
    expression = result.removeO() if result.has(sympy.Order) else result
    expression = expression.replace(differences.f, function).doit()
    return expression.subs({differences.x: x, differences.h: h})


def random_cubic(seed):
    """A polynomial of degree three with whole coefficients; Taylor's formula is exact for it."""
    coefficients = [int(number) for number in np.random.default_rng(seed).integers(-5, 6, 4)]
    return lambda at: sum(factor * at**power for power, factor in enumerate(coefficients))


@pytest.mark.parametrize("seed", SEEDS)
def test_for_cubics_every_step_of_the_quotients_is_exact(seed):
    cubic, x, h = random_cubic(seed), sympy.Rational(7, 3), sympy.Rational(2, 5)
    value = {step.name: sympy.nsimplify(with_function(step.result, cubic, x=x, h=h)) for step in differences.quotients}
    slope = sympy.diff(cubic(differences.x), differences.x).subs(differences.x, x)
    forward, central = (cubic(x + h) - cubic(x)) / h, (cubic(x + h) - cubic(x - h)) / (2 * h)
    assert value == {
        "ahead": cubic(x + h),
        "behind": cubic(x - h),
        "forward": forward,
        "forward_error": forward - slope,
        "central": central,
        "central_error": central - slope,
    }


@pytest.mark.parametrize(("kind", "order"), [("forward", 1), ("central", 2)])
def test_the_leading_error_term_is_the_error_up_to_higher_powers_of_the_step(kind, order):
    step, x = differences.quotients[f"{kind}_error"].result, 0.7
    for h in (1e-2, 1e-3):
        quotient = (np.exp(x + h) - np.exp(x)) / h if kind == "forward" else (np.exp(x + h) - np.exp(x - h)) / (2 * h)
        told = float(with_function(step, sympy.exp, x=x, h=h))
        assert quotient - np.exp(x) == pytest.approx(told, rel=h)
        assert 0.2 < told / h**order < 2


@pytest.mark.parametrize("seed", SEEDS)
def test_rounding_never_exceeds_its_bound(seed):
    rng = np.random.default_rng(seed)
    x, h, epsilon = rng.uniform(0.5, 2), rng.uniform(0.01, 0.2), 1e-3
    errors = dict(zip(("delta_1", "delta_2"), rng.uniform(-epsilon, epsilon, 2), strict=True))
    values = {name: by_name(differences.rounding[name].result, **errors) for name in ("computed", "noise")}
    computed, noise = (float(with_function(value, sympy.exp, x=x, h=h)) for value in values.values())
    exact = (np.exp(x + h) - np.exp(x - h)) / (2 * h)
    assert noise == pytest.approx(computed - exact)
    bound = by_name(differences.rounding["worst_noise"].result, epsilon=epsilon, F=np.exp(x + h), h=h)
    assert abs(noise) <= bound
    constant = with_function(differences.rounding["noise"].result, lambda at: sympy.Integer(3), x=x, h=h)
    worst = by_name(constant, delta_1=epsilon, delta_2=-epsilon)
    assert float(worst) == pytest.approx(float(by_name(differences.rounding["worst_noise"].result, epsilon=epsilon, F=3, h=h)))


NUMBERS = dict(epsilon=1e-4, F=2.0, S=0.7, T=5.0)
BOTTOMS = [
    (differences.rounding, "total", "best_step", "smallest_error"),
    (differences.one_sided, "forward_total", "forward_best_step", "forward_smallest_error"),
]


@pytest.mark.parametrize(("derivation", "total", "best", "smallest"), BOTTOMS)
def test_the_best_step_is_the_lowest_point_of_the_total_error(derivation, total, best, smallest):
    (best,) = (float(by_name(each, **NUMBERS)) for each in derivation[best].result)
    curve = lambda h: float(by_name(derivation[total].result, h=h, **NUMBERS))
    assert curve(best) == pytest.approx(float(by_name(derivation[smallest].result, **NUMBERS)))
    assert curve(best) < min(curve(best * factor) for factor in (0.5, 0.9, 0.99, 1.01, 1.1, 2))


def test_the_slope_and_the_curvature_are_those_of_the_total_error():
    step, rounding = 1e-6, differences.rounding
    for h in (0.02, 0.05, 0.3):
        curve, slope = (lambda at, name=name: float(by_name(rounding[name].result, h=at, **NUMBERS)) for name in ("total", "slope"))
        assert (curve(h + step) - curve(h - step)) / (2 * step) == pytest.approx(slope(h), rel=1e-6, abs=1e-8)
        curvature = float(by_name(rounding["curvature"].result, h=h, **NUMBERS))
        assert (slope(h + step) - slope(h - step)) / (2 * step) == pytest.approx(curvature, rel=1e-6)
        assert curvature > 0
    noise, total = (rounding[name].result.subs(differences.h, *rounding["best_step"].result) for name in ("worst_noise", "total"))
    assert float(by_name(noise / (total - noise), **NUMBERS)) == pytest.approx(float(rounding["shares"].result)) == 2


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_the_formula_meets_the_bottom_of_a_measured_curve(dtype):
    x, epsilon = dtype(1.3), float(np.finfo(dtype).eps)
    steps = (2.0 ** -np.arange(1, 50)).astype(dtype)
    above, below = x + steps, x - steps
    taken = above - below
    kept = taken > 0
    quotients = (above * above * above - below * below * below)[kept] / taken[kept]
    error = np.abs(quotients.astype(float) - 3 * float(x) ** 2)
    numbers = dict(epsilon=epsilon, F=float(x) ** 3, T=6)
    (best,) = (float(by_name(each, **numbers)) for each in differences.rounding["best_step"].result)
    assert best / 10 < steps[kept][error.argmin()] < 10 * best
    assert error.min() < float(by_name(differences.rounding["smallest_error"].result, **numbers))


@pytest.mark.parametrize(("t", "r"), [(0.25, 0.5), (1.0, 0.125), (0.0, 1.0)])
def test_quotients_across_a_kink_are_those_of_the_librarys_relu(t, r):
    relu = lambda at: cnnlib.relu(np.array([at])).item()
    h, kink = t + r, differences.kink
    central = (relu(t + h) - relu(t - h)) / (2 * h)
    if t:
        assert float(by_name(kink["across"].result, t=t, r=r)) == central
    assert float(by_name(kink["in_t_and_h"].result, t=t, h=h)) == central
    sides = (relu(t + h) - relu(t)) / h - (relu(t) - relu(t - h)) / h
    assert float(by_name(kink["two_sides_differ"].result, t=t, h=h)) == pytest.approx(sides)
    if t == 0:
        assert float(kink["at_the_kink"].result) == central


def test_a_tie_of_max_pooling_gives_one_half():
    pool = lambda cell: cnnlib.max_pool2d(np.array([[[[3.0, cell]]]]), (1, 2)).item()
    assert float(differences.kink["tie"].result) == (pool(3.25) - pool(2.75)) / 0.5


@pytest.mark.parametrize("seed", SEEDS)
def test_for_cubics_the_two_sides_differ_by_the_step_times_the_second_derivative(seed):
    cubic, x, h = random_cubic(seed), sympy.Rational(3, 4), sympy.Rational(1, 3)
    told = with_function(differences.kink["two_sides_agree"].result, cubic, x=x, h=h)
    assert sympy.nsimplify(told) == (cubic(x + h) - cubic(x)) / h - (cubic(x) - cubic(x - h)) / h


@pytest.mark.parametrize("seed", SEEDS)
def test_every_step_of_the_transpose_law_is_the_dot_product_of_conv2d_and_its_backward(seed):
    rng = np.random.default_rng(seed)
    stride, padding = (int(rng.integers(low, high)) for low, high in ((1, 3), (0, 2)))
    w, x = rng.normal(size=(2, 1, 2, 2)), rng.normal(size=(1, 1, 3, 4))
    A = cnnlib.conv2d_matrix(w, (1, 3, 4), stride=stride, padding=padding)
    y = cnnlib.conv2d(x, w, stride=stride, padding=padding)
    dy = rng.normal(size=y.shape)
    dx = cnnlib.conv2d_backward(dy, x, w, stride=stride, padding=padding)[0]
    for step in differences.transpose:
        sizes = {
            letter: size for letter in step.result.free_symbols for name, size in zip("mn", A.shape, strict=True) if letter.name == name
        }
        value = evaluate(step.result, sizes, dict(A=A, x=x.ravel(), y=dy.ravel()))
        assert value == pytest.approx(np.sum(dy * y))
        assert value == pytest.approx(np.sum(dx * x))
