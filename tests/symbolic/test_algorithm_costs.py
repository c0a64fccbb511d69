"""Chapter 14's costs: the formulas are what counting finds, in derivations, numbers, the library's buffers and the chapter's own cells."""

import cmath
import itertools
import sys
from pathlib import Path

import numpy as np
import pytest
import sympy

import cnnlib
from cnnlib.arrays import windows
from cnnlib.ops.lowering import _Plan
from cnnlib.symbolic import algorithm_costs as own

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))
import algorithms

SIZES = [(2, 3, 4, 8, 3), (1, 1, 1, 5, 3), (3, 2, 1, 7, 3), (2, 2, 3, 6, 1), (1, 3, 2, 9, 4)]


class Number:
    """A number that notes when it meets another of its kind in a product."""

    products = 0

    def __init__(self, value):
        self.value = value

    def __mul__(self, other):
        Number.products += isinstance(other, Number)
        return Number(self.value * getattr(other, "value", other))

    def __add__(self, other):
        return Number(self.value + getattr(other, "value", other))

    __rmul__, __radd__ = __mul__, __add__


def arrays(N, C, F, n, k):
    rng = np.random.default_rng(n)
    return rng.integers(-9, 10, (N, C, n, n)).astype(float), rng.integers(-9, 10, (F, C, k, k)).astype(float)


def possible(name, n, k):
    """Winograd's cell wants 3 x 3 kernels and an even number of places."""
    return name != "Winograd" or (k == 3 and (n - k) % 2 == 1)


def value(step, N, C, F, n, k):
    letters = {own.N: N, own.C: C, own.F: F, own.n: n, own.k: k, own.m: n - k + 1}
    return step.result.subs(letters)


@pytest.mark.parametrize("sizes", SIZES)
def test_every_cell_of_the_chapter_convolves_as_the_library_does(sizes):
    x, w = arrays(*sizes)
    truth, found = cnnlib.conv2d_loops(x, w), set()
    for name, method in algorithms.chapter_methods().items():
        if possible(name, *sizes[3:]):
            np.testing.assert_allclose(method(x, w), truth, rtol=1e-10, atol=1e-10)
            found.add(name)
    assert found >= {*own.METHODS, "library"} - {"Winograd"}


@pytest.mark.parametrize("sizes", SIZES)
def test_products_are_those_that_counting_finds(sizes):
    counted = [np.vectorize(Number, otypes=[object])(array) for array in arrays(*sizes)]
    for name, method in algorithms.chapter_methods().items():
        if name not in ("library", "FFT") and possible(name, *sizes[3:]):
            Number.products = 0
            method(*counted)
            assert Number.products == own.cost(name, *sizes).products, name


@pytest.mark.parametrize("sizes", SIZES)
def test_the_derived_counts_are_the_numbers_and_the_librarys_sizes(sizes):
    N, C, F, n, k = sizes
    x, w = arrays(*sizes)
    m = n - k + 1
    steps = {step.name: value(step, *sizes) for step in own.counts}
    assert steps["multiplications"] == own.cost("loops", *sizes).products == N * F * C * (k * m) ** 2
    assert steps["columns"] == cnnlib.im2col(x, k).size == own.cost("im2col", *sizes).extra
    assert steps["columns_factor"] == sympy.Rational(cnnlib.im2col(x, k).size, x.size)
    assert steps["columns_limit"] == k**2
    assert steps["lowered"] == N * C * k * n * m
    assert steps["lowered_saves"] == steps["columns"] / steps["lowered"]
    assert steps["lowered_saves_limit"] == k
    assert steps["least_traffic"] == x.size + w.size + cnnlib.conv2d(x, w).size == own.cost("windows", *sizes).moved
    assert steps["columns_traffic"] == own.cost("im2col", *sizes).moved
    assert float(steps["intensity"]) == pytest.approx(own.cost("rows", *sizes).intensity)
    assert float(steps["columns_intensity"]) == pytest.approx(own.cost("im2col", *sizes).intensity)
    huge = own.cost("im2col", 1000, 100_000, F, 100_000, k).intensity
    assert float(steps["columns_ceiling"]) == pytest.approx(huge, rel=1e-3)


@pytest.mark.parametrize("sizes", [*SIZES, (64, 32, 8, 28, 3)])
def test_the_cells_of_row_lowering_are_those_of_the_librarys_buffers(sizes):
    N, C, F, n, k = sizes
    plan = _Plan((N, C, n, n), np.dtype(np.float32), *windows((n, n), k, 1, 0, 1), 1)
    buffer, product = C * k * n * (n - k + 1), F * plan.places
    assert np.prod(plan.lowered_shape) == buffer
    assert own.cost("rows", *sizes).extra == plan.chunk * (buffer + product)


def test_winograds_costs_are_those_of_its_arrays():
    N, C, F, n = 2, 3, 4, 9  # 7 places: four tiles along each axis, the last one hanging over
    found = own.cost("Winograd", N, C, F, n, 3)
    tiles = N * 4 * 4
    assert found.products == 16 * F * C * tiles
    assert found.extra == 16 * (F * C + C * tiles + F * tiles)
    assert own.cost("Winograd", N, C, F, n, 5) is None


def additions(matrix, cells):
    """How many additions a matrix of 0, 1 and -1 takes for the columns of a square, then for the rows that it makes."""
    each = sum(np.count_nonzero(row) - 1 for row in matrix)
    return each * cells + each * len(matrix)


def test_the_transforms_of_winograd_take_the_additions_that_are_counted():
    BT, AT = (np.array(own_matrix.tolist(), dtype=float) for own_matrix in map(cnnlib_row, ("BT", "AT")))
    assert additions(BT, 4) == 32
    assert additions(AT, 4) == 24


def cnnlib_row(name):
    from cnnlib.symbolic import winograd

    return winograd.row.result(name)


def test_the_fourier_factor_is_one_where_cells_meet_and_sums_to_nothing_elsewhere():
    n = 6
    for s, t, u in itertools.product(range(n), repeat=3):
        letters = {own.size: n, own.s: s, own.t: t, own.u: u, own.q: s - t - u}
        terms = [complex(own.transform.result("factor").subs(letters | {own.h: h})) for h in range(n)]
        assert terms[1] == pytest.approx(complex(own.transform.result("ratio").subs(letters)))
        assert sum(terms) / n == pytest.approx(float((s - t - u) % n == 0), abs=1e-12)
    assert own.transform.result("others") == 0
    assert own.transform.result("hits") == 1


def test_the_fourier_sums_are_numpys_transform():
    rng, n = np.random.default_rng(0), 5
    cells = rng.normal(size=n)
    for name, base in (("image_transform", own.X), ("kernel_transform", own.W)):
        total = own.transform.result(name)
        (index, _, _), *_ = total.limits
        for frequency in range(n):
            terms = [complex((total.function / base[index]).subs({own.size: n, own.h: frequency, index: at})) for at in range(n)]
            assert cmath.isclose(cells @ np.array(terms), np.fft.fft(cells)[frequency], rel_tol=1e-9)
    pair = own.transform.result("pair_of_cells")
    assert sympy.simplify(pair - own.transform.result("image_transform").function * own.transform.result("kernel_transform").function) == 0


@pytest.mark.parametrize("sizes", [(4, 3, 5, 16, 3), (2, 8, 8, 32, 5)])
def test_the_fourier_counts_are_the_numbers(sizes):
    N, C, F, n, k = sizes
    steps = {step.name: value(step, *sizes) for step in own.work}
    found = own.cost("FFT", *sizes)
    assert found.transforms == pytest.approx(float(steps["transforms"]))
    shares = N * F * C * (n - k + 1) ** 2
    assert float(steps["transforms_shared"]) == pytest.approx(found.transforms / shares)
    assert float(steps["by_frequency"]) == pytest.approx(found.products / shares * n / (n + 2))  # n + 2 in place of n: both ends count
    assert steps["directly"] == own.cost("loops", *sizes).products // shares
    assert steps["at_best"] == steps["by_frequency"]


def test_intensity_is_operations_by_bytes_of_float32():
    assert own.Cost(products=30, transforms=10, extra=0, moved=5).intensity == 80 / 20
