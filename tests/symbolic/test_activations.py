"""Every step of chapter 07's derivations, with random numbers in place of its letters."""

import itertools

import numpy as np
import pytest
import sympy
from test_derivations import by_name, evaluate

import cnnlib
from cnnlib.symbolic import activations

POINTS = np.random.default_rng(7).uniform(-5, 5, 20)
SMALL = 1e-6


def slope(name, x, **options):
    """What the library's backward says: the slope at x."""
    x = np.array([float(x)])
    return getattr(cnnlib, f"{name}_backward")(np.ones(1), x, **options).item()


def value(name, x, **options):
    return getattr(cnnlib, name)(np.array([float(x)]), **options).item()


@pytest.mark.parametrize("seed", range(6))
def test_every_step_of_the_merging_gives_the_librarys_two_layers(seed):
    rng = np.random.default_rng(seed)
    K, M = (int(size) for size in rng.integers(1, 4, 2))
    arrays = {"x": rng.normal(size=K + M + 2), "w": rng.normal(size=K), "q": rng.normal(size=M)}
    b1, b2 = rng.normal(size=2)
    image, w, q = (arrays[name][None, None, None] for name in "xwq")
    hidden = cnnlib.conv2d(image, w, np.array([b1]))
    y = cnnlib.conv2d(hidden, q, np.array([b2])).ravel()
    numbers = dict(K=K, M=M, b_1=b1, b_2=b2)

    def number(name, **more):
        result = activations.merging[name].result
        values = numbers | more
        return evaluate(result, {letter: values[letter.name] for letter in result.free_symbols if letter.name in values}, arrays)

    for place in range(len(y)):
        assert number("first", r=place) == pytest.approx(hidden[0, 0, 0, place])
        for name in ("second", "apart", "one_layer"):
            assert number(name, i=place) == pytest.approx(y[place])
    merged = [number("merged_kernel", r=r) for r in range(K + M - 1)]
    assert merged == pytest.approx(np.convolve(arrays["q"], arrays["w"]))
    assert activations.merging["library_agrees"].result == sympy.zeros(2, 2)


def test_slopes_on_the_two_sides_of_a_kink_are_the_librarys():
    proof = activations.kinks
    assert float(proof["relu_from_the_right"].result) == slope("relu", SMALL) == 1
    assert float(proof["relu_from_the_left"].result) == slope("relu", -SMALL) == slope("relu", 0) == 0
    for number in (0.2, 0.7):
        left, right = (by_name(each, a=number) for each in proof["leaky_sides"].result)
        assert (float(left), float(right)) == (slope("leaky_relu", 0, negative_slope=number), slope("leaky_relu", SMALL))
        left, right = (by_name(each, alpha=number) for each in proof["elu_sides"].result)
        assert (float(left), float(right)) == (slope("elu", 0, alpha=number), slope("elu", SMALL))
    assert proof["elu_smooth"].result == sympy.FiniteSet(1)


def test_exactly_the_lines_with_slopes_from_0_to_1_stay_below_relu():
    gaps = [activations.kinks[name].result for name in ("gap_on_the_right", "gap_on_the_left")]
    for m, h in itertools.product((-0.5, -0.1, 0, 0.3, 1, 1.2), (0.1, 2.0)):
        right, left = (by_name(gap, m=m, h=h) for gap in gaps)
        assert right == pytest.approx(value("relu", h) - m * h)
        assert left == pytest.approx(value("relu", -h) + m * h)
        assert (right >= 0 and left >= 0) == (0 <= m <= 1)


@pytest.mark.parametrize("x", POINTS)
def test_every_step_of_the_sigmoid_holds_for_numbers(x):
    proof, s = activations.sigmoid_slope, value("sigmoid", x)
    assert by_name(proof["sigmoid"].result, x=x) == pytest.approx(s)
    assert by_name(proof["slope"].result, x=x) == pytest.approx(slope("sigmoid", x))
    assert by_name(proof["power_in_s"].result, s=s) == pytest.approx(np.exp(-x))
    assert by_name(proof["slope_in_s"].result, s=s) == pytest.approx(slope("sigmoid", x))
    assert slope("sigmoid", x) < float(proof["largest_slope"].result) == slope("sigmoid", 0)
    assert proof["steepest_at"].result == sympy.FiniteSet(sympy.Rational(1, 2))
    assert proof["bends_down"].result == -2


@pytest.mark.parametrize("x", POINTS)
def test_the_smooth_activations_have_the_librarys_slopes(x):
    proof, s = activations.smooth, value("sigmoid", x)
    assert proof["tanh_is_a_sigmoid"].result == proof["softplus_slope_is_sigmoid"].result == proof["silu_slope_is_the_librarys"].result == 0
    assert 2 * value("sigmoid", 2 * x) - 1 == pytest.approx(value("tanh", x))
    assert by_name(proof["tanh_slope"].result, x=x) == pytest.approx(slope("tanh", x))
    assert slope("softplus", x) == pytest.approx(s)
    assert proof["softplus_mirrored"].result == 1
    assert value("softplus", x) == pytest.approx(x + value("softplus", -x))
    assert by_name(proof["silu_slope"].result, x=x, s=s) == pytest.approx(slope("silu", x))
    assert float(by_name(proof["gelu_slope"].result, x=x)) == pytest.approx(slope("gelu", x))
    assert float(by_name(proof["elu_slope"].result, x=x, alpha=0.6)) == pytest.approx(slope("elu", x, alpha=0.6))


@pytest.mark.parametrize("seed", range(4))
def test_the_slope_of_a_chain_of_sigmoids_is_the_product_and_stays_below_the_bound(seed):
    rng = np.random.default_rng(seed)
    weights = rng.normal(size=5) * 2
    values, gradient = [1.3], 1.0
    for weight in weights:
        values.append(value("sigmoid", weight * values[-1]))
    for weight, before in zip(weights[::-1], values[-2::-1], strict=True):
        gradient *= weight * slope("sigmoid", weight * before)
    arrays = {"w": np.array([0, *weights]), "s": np.array([0, *values[1:]])}  # layers are counted from 1
    chain, bound, one = (activations.depth[name].result for name in ("chain", "bound", "one_unit"))
    letter = next(each for each in chain.free_symbols if each.name == "L")
    assert evaluate(chain, {letter: 5}, arrays) == pytest.approx(gradient)
    assert abs(gradient) <= evaluate(bound, {letter: 5}, arrays) == pytest.approx(np.abs(weights).prod() / 4**5)
    assert by_name(one, w=weights[0], s=values[1]) == pytest.approx(weights[0] * slope("sigmoid", weights[0] * 1.3))
    assert activations.depth["ten_layers"].result == sympy.Rational(1, 4) ** 10
