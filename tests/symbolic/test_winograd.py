"""Chapter 14's derivation of F(2, 3): every step holds for random numbers, and the transforms convolve as the library does."""

import random

import numpy as np
import pytest
import sympy

import cnnlib
from cnnlib.symbolic import winograd

SEEDS = range(8)


def numbers(seed, *symbols):
    rng = random.Random(seed)
    return {symbol: sympy.Rational(rng.randint(-9, 9), rng.choice((1, 2, 3))) for symbol in symbols}


def inserted(name, values, derivation=winograd.row):
    return sympy.Matrix(derivation.result(name)).subs(values)


@pytest.fixture(params=SEEDS)
def drawn(request):
    """Numbers for a, g, d and t, and the three vectors that they make."""
    values = numbers(request.param, *winograd.a, *winograd.g, *winograd.d, winograd.t)
    return values, *(vector.subs(values) for vector in (winograd.a, winograd.g, winograd.d))


def floats(matrix):
    return np.array(matrix.tolist(), dtype=float)


def test_what_is_wanted_is_the_librarys_convolution(drawn):
    values, _, g, d = drawn
    found = cnnlib.correlate2d(floats(d).reshape(1, 4), floats(g).reshape(1, 3))
    np.testing.assert_allclose(floats(inserted("wanted", values)).ravel(), found.ravel(), rtol=1e-12)


def test_the_product_and_its_coefficients_are_those_of_the_two_polynomials(drawn):
    values, a, g, _ = drawn
    coefficients = np.convolve(floats(a).ravel(), floats(g).ravel())
    np.testing.assert_allclose(floats(inserted("stamps", values) * a).ravel(), coefficients, rtol=1e-12)
    at = float(values[winograd.t])
    assert float(winograd.row.result("product").subs(values)) == pytest.approx(np.polynomial.polynomial.polyval(at, coefficients))


def test_the_values_are_those_of_the_polynomials_at_the_points_and_lead_back(drawn):
    values, a, g, _ = drawn
    for name, coefficients in (("values_of_a", a), ("values_of_g", g)):
        found = inserted(name, values) * coefficients
        at_points = [sum(c * point**power for power, c in enumerate(coefficients)) for point in winograd.POINTS]
        assert list(found) == [*at_points, coefficients[-1]]
    four = inserted("four_products", values)
    assert list(four) == [p * q for p, q in zip(inserted("values_of_a", values) * a, inserted("values_of_g", values) * g, strict=True)]
    assert inserted("interpolation", values) * inserted("evaluation", values) == sympy.eye(4)
    assert inserted("interpolation", values) * four == inserted("stamps", values) * a


@pytest.mark.parametrize("name", ["transposed_is_wanted", "interpolated", "check"])
def test_the_differences_vanish(name):
    assert winograd.row.result(name).is_zero_matrix


def test_the_transforms_give_the_two_results_and_b_holds_whole_numbers(drawn):
    values, _, g, d = drawn
    AT, G, BT = (winograd.row.result(name) for name in ("AT", "G", "BT"))
    assert AT * (G * g).multiply_elementwise(BT * d) == inserted("wanted", values) == inserted("outputs", values)
    assert all(entry in (-1, 0, 1) for entry in [*BT, *AT])
    assert winograd.row.result("denominators") * winograd.row.result("input_transform") == BT


def test_a_tile_is_the_librarys_convolution():
    values = numbers(3, *winograd.D, *winograd.K)
    kernel, tile = (inserted(name, values, winograd.tile) for name in ("kernel_values", "tile_values"))
    AT = winograd.row.result("AT")
    found = AT * kernel.multiply_elementwise(tile) * AT.T
    truth = cnnlib.correlate2d(floats(winograd.D.subs(values)), floats(winograd.K.subs(values)))
    np.testing.assert_allclose(floats(found), truth, rtol=1e-12)
    assert found == inserted("wanted_in_a_tile", values, winograd.tile)
    assert winograd.tile.result("check_tile").is_zero_matrix


@pytest.mark.parametrize(("m", "r"), [(1, 3), (2, 3), (4, 3), (2, 5)])
def test_the_number_of_multiplications_is_that_of_the_products_coefficients(m, r):
    at = {winograd.m: m, winograd.r: r}
    assert winograd.row.result("multiplications").subs(at) == len(np.convolve(np.ones(m), np.ones(r)))
    assert winograd.row.result("saving").subs(at) == sympy.Rational(m * r, m + r - 1) ** 2
