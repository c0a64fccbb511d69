"""Sizes and positions, against counting by hand and published numbers."""

import re
from collections import Counter

import numpy as np
import pytest
import sympy

from cnnlib import GeometryError, conv2d, conv_transpose2d, output_size, receptive_field, transposed_output_size
from cnnlib.geometry import Window, adaptive_cells


def brute_force_count(n, k, s, p, d, ceil_mode=False):
    """Walk a window over a list of cells and count where it stands."""
    cells = ["pad"] * p + ["cell"] * n + ["pad"] * p
    reach, start, places = d * (k - 1) + 1, 0, 0
    overhang = s - 1 if ceil_mode else 0
    while start + reach <= len(cells) + overhang and (not ceil_mode or start < p + n):
        places, start = places + 1, start + s
    return places


def random_settings(count, seed=0):
    rng = np.random.default_rng(seed)
    for _ in range(count):
        yield [int(v) for v in (rng.integers(1, 30), rng.integers(1, 8), rng.integers(1, 6), rng.integers(0, 6), rng.integers(1, 4))]


@pytest.mark.parametrize("ceil_mode", [False, True])
def test_the_size_formula_counts_the_places_of_a_window(ceil_mode):
    seen = Counter()
    for n, k, s, p, d in random_settings(5000):
        count = brute_force_count(n, k, s, p, d, ceil_mode)
        if count == 0:
            with pytest.raises(GeometryError, match="no place"):
                output_size(n, k, s, p, d, ceil_mode=ceil_mode)
        else:
            assert output_size(n, k, s, p, d, ceil_mode=ceil_mode) == count
        seen.update(
            {"no place": count == 0, "remainder": (n + 2 * p - d * (k - 1) - 1) % s > 0, "dilation": d > 1, "even kernel": k % 2 == 0}
        )
    assert seen["no place"] >= 200
    assert all(seen[trait] >= 500 for trait in ("remainder", "dilation", "even kernel")), seen


def test_every_place_stands_on_the_cells_that_counting_finds():
    for n, k, s, p, d in random_settings(1000, seed=1):
        if brute_force_count(n, k, s, p, d):
            window = Window.fit(n, k, s, p, d)
            for i in range(window.count):
                assert window.cells(i) == tuple(range(i * s - p, i * s - p + d * (k - 1) + 1, d))
                assert window.inside(i) == tuple(cell for cell in window.cells(i) if cell in range(n))
            read = {cell for i in range(window.count) for cell in window.cells(i)}
            assert window.unread() == tuple(sorted(set(range(n)) - read))


def test_reading_pairs_every_place_with_the_cell_it_reads():
    for n, k, s, p, d in random_settings(2000, seed=2):
        if brute_force_count(n, k, s, p, d):
            window = Window.fit(n, k, s, p, d)
            for m in range(k):
                places, cells = window.reading(m)
                pairs = list(zip(range(window.count)[places], range(n)[cells], strict=True))
                assert pairs == [(i, window.cells(i)[m]) for i in range(window.count) if 0 <= window.cells(i)[m] < n]


def test_same_padding_gives_n_over_stride_rounded_up_with_the_odd_cell_at_the_end():
    for n, k, s, _, d in random_settings(2000, seed=3):
        window = Window.fit(n, k, s, "same", d)
        assert window.count == output_size(n, k, s, "same", d) == -(-n // s)
        assert window.after - window.before in (0, 1)
        if window.before + window.after:
            assert window.padded == (window.count - 1) * s + window.span


def test_full_padding_lets_every_overlap_count():
    for n, k, _, _, d in random_settings(500, seed=4):
        assert output_size(n, k, padding="full", dilation=d) == n + d * (k - 1)
        assert output_size(n, 1, padding="valid") == n


@pytest.mark.requires_torch
def test_ceil_mode_counts_like_pytorchs_pooling(torch):
    compared = 0
    for n, k, s, p, d in random_settings(3000, seed=5):
        if p <= k // 2 and brute_force_count(n, k, s, p, d, ceil_mode=True):
            layer = torch.nn.MaxPool1d(k, s, p, d, ceil_mode=True)
            assert output_size(n, k, s, p, d, ceil_mode=True) == layer(torch.zeros(1, 1, n)).shape[2]
            compared += 1
    assert compared > 1000


# The fifteen relationships of Dumoulin and Visin 2016, arXiv:1603.07285. i input, k kernel, s stride, p padding, o output; a dash marks
# the transposed convolution, a its extra cells. Each is checked by the sizes that real convolutions return.


def convolved(i, k, s=1, p=0, d=1):
    return conv2d(np.zeros((1, 1, i, 1)), np.zeros((1, 1, k, 1)), stride=(s, 1), padding=(p, 0), dilation=(d, 1)).shape[2]


def transposed(i, k, s=1, p=0, a=0):
    y = conv_transpose2d(np.zeros((1, 1, i, 1)), np.zeros((1, 1, k, 1)), stride=(s, 1), padding=(p, 0), output_padding=(a, 0))
    return y.shape[2]


def restored(i, k, s, p):
    """There and back: the extra cells restore what the floor took, so that the size is the input's again."""
    return transposed(convolved(i, k, s, p), k, s, p, (i + 2 * p - k) % s), i


RELATIONSHIPS = {
    1: lambda i, k, s, p: (convolved(i, k), (i - k) + 1),
    2: lambda i, k, s, p: (convolved(i, k, p=p), (i - k) + 2 * p + 1),
    3: lambda i, k, s, p: (convolved(i, 2 * (k // 2) + 1, p=k // 2), i),  # half padding, odd kernel
    4: lambda i, k, s, p: (convolved(i, k, p=k - 1), i + (k - 1)),  # full padding
    5: lambda i, k, s, p: (convolved(i, k, s), (i - k) // s + 1),
    6: lambda i, k, s, p: (convolved(i, k, s, p), (i + 2 * p - k) // s + 1),
    7: lambda i, k, s, p: (output_size(i, k, s), (i - k) // s + 1),  # pooling
    8: lambda i, k, s, p: (transposed(i, k), i + (k - 1)),
    9: lambda i, k, s, p: (transposed(i, k, p=min(p, k - 1)), i + (k - 1) - 2 * min(p, k - 1)),
    10: lambda i, k, s, p: (transposed(i, 2 * (k // 2) + 1, p=k // 2), i),
    11: lambda i, k, s, p: (transposed(i, k, p=k - 1), i - (k - 1)),
    12: lambda i, k, s, p: (transposed(i, k, s), s * (i - 1) + k),
    13: lambda i, k, s, p: (transposed(i, k, s, min(p, k // 2)), s * (i - 1) + k - 2 * min(p, k // 2)),
    14: lambda i, k, s, p: (restored(i, k, s, p), 2 * (s * (convolved(i, k, s, p) - 1) + (i + 2 * p - k) % s + k - 2 * p,)),
    15: lambda i, k, s, p: (convolved(i, k, s, p, d=2), (i + 2 * p - k - (k - 1)) // s + 1),
}


@pytest.mark.parametrize("number", RELATIONSHIPS)
def test_relationship_of_dumoulin_and_visin_holds(number):
    rng = np.random.default_rng(number)
    for _ in range(60):
        k, s, p = int(rng.integers(1, 6)), int(rng.integers(1, 5)), int(rng.integers(0, 4))
        i = 2 * k + int(rng.integers(0, 12))
        found, stated = RELATIONSHIPS[number](i, k, s, p)
        assert found == stated, (i, k, s, p)


def test_integer_arrays_broadcast_through_the_size_formula():
    n, k = np.arange(5, 12)[:, None], np.array([1, 2, 5])
    sizes = output_size(n, k, 2, 1)
    assert sizes.dtype == np.int64
    np.testing.assert_array_equal(sizes, [[output_size(int(a), int(b), 2, 1) for b in k] for a in n[:, 0]])
    back = transposed_output_size(sizes, k, 2, 1)
    np.testing.assert_array_equal(back, (sizes - 1) * 2 + k - 2)
    np.testing.assert_array_equal(output_size(np.array([7, 8]), 3, 2, "same"), [4, 4])


def test_symbols_return_the_formula_that_numbers_obey():
    n, k, s, p, d = symbols = sympy.symbols("n k s p d", integer=True, positive=True)
    formulas = {
        False: output_size(n, k, s, p, d),
        True: output_size(n, k, s, p, d, ceil_mode=True),
    }
    for ceil_mode, formula in formulas.items():
        for values in random_settings(60, seed=6):
            if brute_force_count(*values, ceil_mode):
                assert formula.subs(dict(zip(symbols, values, strict=True))) == brute_force_count(*values, ceil_mode)
    e = sympy.Symbol("e", integer=True)
    assert sympy.expand(transposed_output_size(n, k, s, p, e, d) - ((n - 1) * s + d * (k - 1) + 1 - 2 * p + e)) == 0
    assert output_size(n, 3, padding="same") == n
    assert sympy.expand(output_size(n, k, padding="full") - (n + k - 1)) == 0


def test_pools_of_adaptive_pooling_cover_every_cell_and_are_even_to_one():
    for n in range(1, 20):
        for places in range(1, 20):
            pools = adaptive_cells(n, places)
            assert {cell for start, stop in pools for cell in range(start, stop)} == set(range(n))
            sizes = [stop - start for start, stop in pools]
            assert max(sizes) - min(sizes) <= 1


CONV3, POOL2 = (3, 1, 1), (2, 2, 0)
VGG16 = [CONV3] * 2 + [POOL2] + [CONV3] * 2 + [POOL2] + ([CONV3] * 3 + [POOL2]) * 3
ALEXNET = [(11, 4, 2), (3, 2, 0), (5, 1, 2), (3, 2, 0), (3, 1, 1), (3, 1, 1), (3, 1, 1), (3, 2, 0)]


def test_receptive_fields_are_those_of_araujo_norris_and_sim():
    assert receptive_field(VGG16)[-1][0] == 212
    assert receptive_field(ALEXNET)[-2][0] == 163
    assert receptive_field(ALEXNET)[-1][0] == 195


def test_receptive_field_is_what_a_convolution_chain_really_reads():
    rng = np.random.default_rng(7)
    for _ in range(60):
        layers = [(int(rng.integers(1, 5)), int(rng.integers(1, 3)), int(rng.integers(0, 3)), int(rng.integers(1, 3))) for _ in range(3)]
        size, jump, start = receptive_field(layers)[-1]
        n = size + 2 * jump + 40
        matrix = np.eye(n)[None]  # row t: which inputs cell t depends on
        for k, s, p, d in layers:
            matrix = conv2d(matrix[:, None], np.ones((1, 1, k, 1)), stride=(s, 1), padding=(p, 0), dilation=(d, 1))[:, 0]
        middle = matrix.shape[1] // 2
        read = np.nonzero(matrix[0, middle])[0]
        centre = start + middle * jump
        assert read[0] >= centre - (size - 1) / 2
        assert read[-1] <= centre + (size - 1) / 2
        if centre - (size - 1) / 2 >= 0 and centre + (size - 1) / 2 < n:
            assert (read[0], read[-1]) == (centre - (size - 1) / 2, centre + (size - 1) / 2)


def test_pairs_give_receptive_fields_in_pairs():
    assert receptive_field([((3, 5), (2, 1), (1, 2)), (2, 2, 0)]) == [((3, 5), (2, 1), (0, 0)), ((5, 6), (4, 2), (1, 0.5))]


@pytest.mark.parametrize("seed", range(3))
def test_the_repairs_that_errors_offer_work(seed):
    offered = 0
    for n, k, _, p, d in random_settings(1500, seed=8 + seed):
        try:
            output_size(n, k, 1, p, d)
        except GeometryError as error:
            pad, shrink = (int(number) for number in re.search(r"Pad by (\d+) or shrink the kernel to (\d+)", str(error)).groups())
            assert output_size(n, k, 1, pad, d) >= 1
            assert output_size(n, shrink, 1, p, d) >= 1
            with pytest.raises(GeometryError):
                output_size(n, k, 1, pad - 1, d)  # the smallest repair
            with pytest.raises(GeometryError):
                output_size(n, shrink + 1, 1, p, d)
            offered += 1
    assert offered > 50


@pytest.mark.parametrize("wrong", [0, -3, 2.5, True, None, "1", 2**-1])
@pytest.mark.parametrize("options", [dict(kernel_size=5), dict(kernel_size=5, padding=1, dilation=2), dict(kernel_size=5, padding="same")])
def test_the_size_that_an_error_offers_holds_the_kernel(wrong, options):
    with pytest.raises((TypeError, ValueError), match="n=") as caught:
        output_size(wrong, **options)
    offered = int(re.search(r"Write n=(\d+)\.", str(caught.value))[1])
    places = offered if options.get("padding") == "same" else 1  # no more cells than the kernel needs
    assert output_size(offered, **options) == places


def test_the_repair_of_a_transposed_size_works():
    with pytest.raises(GeometryError, match="Pad by 1") as error:
        transposed_output_size(2, 2, 1, 2)
    assert "(2-1)*1 + 2 cells, minus 2*2" in str(error.value)
    assert transposed_output_size(2, 2, 1, 1) == 1
