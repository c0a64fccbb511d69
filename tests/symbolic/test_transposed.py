"""Every step of chapter 13's derivations, with random numbers in place of its letters, compared with the library and with counting."""

import itertools

import numpy as np
import pytest
import sympy
from test_derivations import by_name, evaluate

import cnnlib
from cnnlib.geometry import Window
from cnnlib.symbolic import transposed

SEEDS = range(12)


def written_out(total):
    """A sum with all its terms. SymPy's own `doit` drops the condition that the stride divides where a delta is summed (see the module)."""
    if not isinstance(total, sympy.Sum):
        return total
    indices = [index for index, _, _ in total.limits]
    places = itertools.product(*(range(first, last + 1) for _, first, last in total.limits))
    return sympy.Add(*(total.function.subs(dict(zip(indices, place, strict=True))) for place in places))


class Drawn:
    """One axis of a random transposed convolution: settings, arrays, a place i = j on the short side and a cell t on the long one."""

    def __init__(self, seed):
        rng = np.random.default_rng(seed)
        self.n, self.k, self.s, self.d = (int(rng.integers(low, high)) for low, high in ((1, 5), (1, 5), (1, 4), (1, 3)))
        self.p = int(rng.integers(0, min(3, ((self.n - 1) * self.s + self.d * (self.k - 1)) // 2 + 1)))
        self.o = int(rng.integers(0, self.s))
        self.m = cnnlib.transposed_output_size(self.n, self.k, self.s, self.p, self.o, self.d)
        self.x, self.w, self.g = (rng.normal(size=size) for size in (self.n, self.k, self.m))
        self.i, self.t, self.u = (int(rng.integers(size)) for size in (self.n, self.m, self.k))
        self.numbers = {name: getattr(self, name) for name in "nkspdomitu"} | {"j": self.i}
        self.options = dict(stride=(1, self.s), padding=(0, self.p), output_padding=(0, self.o), dilation=(1, self.d))

    def line(self, name, *arrays):
        """The library's operation on one row."""
        return getattr(cnnlib, name)(*(array.reshape(1, 1, 1, -1) for array in arrays), **self.options)

    def matrix(self):
        settings = {name: self.options[name] for name in ("stride", "padding", "dilation")}
        return cnnlib.conv2d_matrix(self.w.reshape(1, 1, 1, -1), (1, 1, self.m), **settings)

    def value(self, step, **more):
        numbers = self.numbers | more
        letters = {letter: numbers[letter.name] for letter in step.result.free_symbols if letter.name in numbers}
        return evaluate(written_out(step.result.subs(letters)), {}, dict(x=self.x, w=self.w, g=self.g, z=self.g))


@pytest.fixture(params=SEEDS)
def drawn(request):
    return Drawn(request.param)


def test_the_random_settings_pad_dilate_overlap_and_use_output_padding():
    every = [Drawn(seed) for seed in SEEDS]
    for share in (
        [d.p for d in every],
        [d.d > 1 for d in every],
        [d.s > 1 for d in every],
        [d.o for d in every],
        [d.s < d.k for d in every],
    ):
        assert sum(map(bool, share)) >= 2


def test_every_step_of_the_transpose_is_the_librarys(drawn):
    step, matrix = transposed.adjoint, drawn.matrix()
    assert matrix.shape == (drawn.n, drawn.m)
    assert drawn.value(step["convolution"]) == pytest.approx((matrix @ drawn.g)[drawn.i])
    assert drawn.value(step["entry"]) == pytest.approx(matrix[drawn.i, drawn.t])
    y = drawn.line("conv_transpose2d", drawn.x, drawn.w)[0, 0, 0]
    assert drawn.value(step["transposed"]) == pytest.approx(y[drawn.t])
    lands = drawn.t == drawn.i * drawn.s + drawn.u * drawn.d - drawn.p
    assert drawn.value(step["stamp"]) == pytest.approx(lands * drawn.w[drawn.u] * drawn.x[drawn.i])
    if drawn.d == 1:
        assert drawn.value(step["gather"]) == pytest.approx(y[drawn.t])
    assert drawn.value(step["slope"]) == pytest.approx(matrix[drawn.i, drawn.t])
    dx = drawn.line("conv_transpose2d_backward", drawn.g, drawn.x, drawn.w)[0][0, 0, 0]
    assert drawn.value(step["backward"]) == pytest.approx(dx[drawn.i])
    assert step["again_a_convolution"].result == 0
    dw = drawn.line("conv_transpose2d_backward", drawn.g, drawn.x, drawn.w)[1][0, 0, 0]
    assert drawn.value(step["weight_gradient"], h=drawn.u) == pytest.approx(dw[drawn.u])


def test_every_step_of_the_size_is_what_the_stamps_cover(drawn):
    step, number = transposed.sizes, lambda name, **more: by_name(transposed.sizes[name].result, **(drawn.numbers | more))
    corners = [i * drawn.s for i in range(drawn.n)]
    covered = corners[-1] + drawn.d * (drawn.k - 1) + 1
    assert number("last_stamp") == corners[-1]
    assert number("painted") == covered
    assert number("cropped") == covered - 2 * drawn.p
    assert number("size") == drawn.m
    assert step["library_agrees"].result == 0
    window = Window.fit(drawn.m, drawn.k, drawn.s, drawn.p, drawn.d)
    assert number("room") == window.padded - window.span
    assert window.count == drawn.n
    e = drawn.s - drawn.o - 1
    assert number("left_over", e=e) == window.padded - window.span - (drawn.n - 1) * drawn.s >= 0
    assert number("lacking", e=e) == drawn.n * drawn.s - (window.padded - window.span) > 0
    assert number("chosen") == drawn.o


def test_the_signs_that_the_proofs_need_are_decided_for_all_numbers():
    sizes, overlap = transposed.sizes, transposed.overlap
    assert sizes["left_over"].result.is_nonnegative is True
    assert sizes["lacking"].result.is_positive is True
    assert overlap["divisible_last"].result.is_nonnegative is True
    assert overlap["divisible_next"].result.is_positive is True
    rest = sympy.Symbol("rest", integer=True, nonnegative=True)  # q = rest + 1 and s = q + 1 + rest of s: 0 < q < s
    assert overlap["remainder_first"].result.subs(transposed.q, rest + 1).is_nonnegative is True
    assert overlap["remainder_last"].result.subs(transposed.s, transposed.q + 1 + rest).is_positive is True


@pytest.mark.parametrize("k", range(1, 8))
@pytest.mark.parametrize("s", range(1, 6))
def test_the_stamps_on_a_cell_are_as_many_as_the_formula_says(k, s):
    cells, far = 3 * k + 6, (k + 2) * s
    weights = np.random.default_rng(k).normal(size=k)
    ones = np.ones((1, 1, 1, cells))
    counts = cnnlib.conv_transpose2d(ones, np.ones((1, 1, 1, k)), stride=(1, s)).ravel()
    sums = cnnlib.conv_transpose2d(ones, weights.reshape(1, 1, 1, k), stride=(1, s)).ravel()
    step, seen = transposed.overlap, []
    for phi in range(s):
        t = far + phi
        q = t // s
        hits = [j for j in range(k + 1) if by_name(step["touching"].result, phi=phi, s=s, k=k, j=j) == True]  # noqa: E712
        assert [by_name(step["kernel_cell"].result, phi=phi, s=s, j=j) for j in hits] == [t - (q - j) * s for j in hits]
        seen.append(int(by_name(step["count"].result, phi=phi, s=s, k=k)))
        assert seen[-1] == len(hits) == counts[t]
        total = by_name(step["phase_sum"].result, phi=phi, s=s, k=k)
        assert evaluate(total, {}, dict(w=weights)) == pytest.approx(sums[t])
    assert (len(set(seen)) == 1) == (k % s == 0)


@pytest.mark.parametrize("seed", range(4))
def test_a_dense_layer_is_a_convolution_as_large_as_the_crop(seed):
    rng = np.random.default_rng(seed)
    C, H, W = (int(size) for size in rng.integers(1, 4, 3))
    dense = rng.normal(size=(2, C * H * W))
    image = rng.normal(size=(C, H + 2, W + 1))
    kernel = dense.reshape(2, C, H, W)
    place = dict(i=int(rng.integers(3)), j=int(rng.integers(2)))
    crop = image[:, place["i"] : place["i"] + H, place["j"] : place["j"] + W]
    step = transposed.sliding_dense
    for f in range(2):
        numbers = dict(C=C, H=H, W=W, f=f) | place

        def value(name, x, numbers=numbers):
            letters = {letter: numbers[letter.name] for letter in step[name].result.free_symbols if letter.name in numbers}
            return evaluate(step[name].result, letters, dict(D=dense, w=kernel, x=x))

        truth = cnnlib.linear(crop.reshape(1, -1), dense)[0, f]
        assert value("dense", crop) == pytest.approx(truth)
        assert value("reshaped", crop) == pytest.approx(truth)
        assert value("on_a_crop", image) == pytest.approx(truth)
        assert cnnlib.conv2d(image[None], kernel)[0, f, place["i"], place["j"]] == pytest.approx(truth)
    assert step["is_a_convolution"].result == 0
