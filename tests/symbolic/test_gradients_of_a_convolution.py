"""Every step of chapter 11's own derivations, with random numbers in place of its letters."""

import itertools

import numpy as np
import pytest
import sympy
from test_derivations import by_name, evaluate

from cnnlib import conv2d, conv2d_backward, conv2d_matrix
from cnnlib.geometry import Window
from cnnlib.ops.activations import tanh, tanh_backward
from cnnlib.symbolic import gradient_options, gradients_of_a_row
from cnnlib.symbolic.gradients_of_a_row import both, kernel, matrix, paths, row, stride

SEEDS = range(10)


def written_out(expression):
    """Add up every sum term by term. SymPy's own `doit` drops the condition that the stride divides a difference, and would be wrong."""

    def terms(total):
        ranges = (range(int(first), int(last) + 1) for _, first, last in total.limits)
        return sympy.Add(*(total.function.subs(dict(zip(total.variables, at, strict=True))) for at in itertools.product(*ranges)))

    return expression.replace(lambda part: isinstance(part, sympy.Sum), terms)


class Row:
    """A random row, kernel and upstream gradient, one place, one input cell, one kernel cell, one cell of the stretched gradient."""

    def __init__(self, seed, *, largest_stride=3, largest_dilation=1):
        rng = np.random.default_rng(seed)
        K, s, d = int(rng.integers(1, 4)), int(rng.integers(1, largest_stride + 1)), int(rng.integers(1, largest_dilation + 1))
        p, n = int(rng.integers(0, 3)), int(d * (K - 1) + rng.integers(1, 6))
        self.window = Window.fit(n, K, s, p, d)
        self.options = dict(stride=(1, s), padding=(0, p), dilation=(1, d))
        m = self.window.count
        self.x, self.w, self.g = rng.normal(size=n), rng.normal(size=K), rng.normal(size=m)
        self.z = np.zeros(s * (m - 1) + 1)
        self.z[::s] = self.g
        i, a, u, q = (int(rng.integers(size)) for size in (m, n, K, len(self.z)))
        r = self.window.padded - self.window.span - (m - 1) * s
        self.numbers = {"K": K, "s": s, "d": d, "p": p, "n": n, "m": m, "i": i, "a": a, "u'": u, "q": q, "r": r}
        self.dx, self.dw, _ = (gradient.ravel() for gradient in self.backward(self.g))

    def backward(self, g):
        cells = (array.reshape(1, 1, 1, -1) for array in (g, self.x, self.w))
        return conv2d_backward(*cells, **self.options)

    def value(self, step, **free):
        numbers = self.numbers | free
        letters = {letter: numbers[letter.name] for letter in step.result.free_symbols if letter.name in numbers}
        return evaluate(written_out(step.result.subs(letters)), {}, dict(x=self.x, w=self.w, g=self.g, z=self.z))

    @property
    def weight(self):
        """The slope of output i by input cell a."""
        i, a = self.numbers["i"], self.numbers["a"]
        return self.backward(np.eye(len(self.g))[i])[0].ravel()[a]


@pytest.fixture(params=SEEDS)
def drawn(request):
    return Row(request.param)


def test_the_random_rows_stride_pad_leave_remainders_and_read_their_cells():
    rows = [Row(seed) for seed in SEEDS]
    for share in ("s", "p", "r"):
        assert sum(each.numbers[share] > (share == "s") for each in rows) >= 2, share
    assert 1 <= sum(each.weight != 0 for each in rows) < len(rows)
    dilated = [Row(seed, largest_dilation=3).numbers for seed in SEEDS]
    assert sum(each["d"] > 1 for each in dilated) >= 2
    assert any(each["d"] > 1 and each["s"] > 1 for each in dilated)


def test_two_paths_add_up():
    t = gradients_of_a_row.t
    insides = dict(y_1=sympy.sin(t), y_2=t**3 + 2)
    loss_of = lambda first, second: first**2 * second + sympy.exp(second / 9)
    derivative = paths["loss_by_x"].result
    for name, inside in insides.items():
        derivative = derivative.subs(getattr(gradients_of_a_row, name)(t), inside)
    derivative = derivative.replace(gradients_of_a_row.L, loss_of).doit()
    assert sympy.simplify(derivative - loss_of(*insides.values()).diff(t)) == 0


def test_every_step_along_one_axis_is_the_librarys(drawn):
    y = conv2d(drawn.x.reshape(1, 1, 1, -1), drawn.w.reshape(1, 1, 1, -1), **drawn.options).ravel()
    assert drawn.value(row["output"]) == pytest.approx(y[drawn.numbers["i"]])
    for name in ("output_by_input", "weight_on_cell"):
        assert drawn.value(row[name]) == pytest.approx(drawn.weight)
    for a in range(len(drawn.x)):
        assert drawn.value(row["input_gradient"], a=a) == pytest.approx(drawn.dx[a])


@pytest.mark.parametrize("seed", SEEDS)
def test_at_stride_one_the_gradient_meets_the_rotated_kernel(seed):
    drawn = Row(seed, largest_stride=1)
    for a in range(len(drawn.x)):
        for name in ("by_kernel_cell", "rotated"):
            assert drawn.value(row[name], a=a) == pytest.approx(drawn.dx[a])
    back = int(by_name(row["padding_back"].result, **drawn.numbers))
    assert back == drawn.numbers["K"] - 1 - drawn.numbers["p"]
    if back >= 0:
        again = conv2d(drawn.g.reshape(1, 1, 1, -1), drawn.w[::-1].reshape(1, 1, 1, -1), padding=(0, back))
        np.testing.assert_allclose(again.ravel(), drawn.dx)
    assert row["size_back"].result.name == "n"


def test_the_stretched_gradient_takes_the_stride_away(drawn):
    assert drawn.value(stride["stretched"]) == pytest.approx(drawn.z[drawn.numbers["q"]])
    for a in range(len(drawn.x)):
        for name in ("gathered", "by_stretched_cell", "by_kernel_cell_again", "rotated_with_stride"):
            assert drawn.value(stride[name], a=a) == pytest.approx(drawn.dx[a])
    size, padded, places, missing = (
        int(by_name(stride[name].result, **drawn.numbers)) for name in ("stretched_size", "padded_size", "places_back", "missing")
    )
    back = drawn.numbers["K"] - 1 - drawn.numbers["p"]
    assert size == len(drawn.z)
    assert padded == size + 2 * back
    assert places == padded - drawn.numbers["K"] + 1
    assert places + missing == len(drawn.x)
    if back >= 0:
        laid = np.pad(drawn.z, (back, back + missing))
        np.testing.assert_allclose(np.correlate(laid, drawn.w[::-1], "valid"), drawn.dx)


@pytest.mark.parametrize("seed", SEEDS)
def test_scatter_and_gather_are_the_same_sum_for_every_stride_and_dilation(seed):
    drawn = Row(seed, largest_dilation=3)
    i = drawn.numbers["i"]
    alone = drawn.backward(drawn.g * (np.arange(len(drawn.g)) == i))[0].ravel()
    for a in range(len(drawn.x)):
        assert drawn.value(both["sent"], a=a) == pytest.approx(alone[a])
        for name in ("scatter", "exchanged", "from_stretched_cells", "gather", "gather_rotated"):
            assert drawn.value(both[name], a=a) == pytest.approx(drawn.dx[a])


def test_every_step_of_the_kernels_gradient_is_the_librarys(drawn):
    place, cell = drawn.numbers["i"], drawn.numbers["u'"]
    padded = np.pad(drawn.x, drawn.numbers["p"])
    assert drawn.value(kernel["read_cell"]) == pytest.approx(padded[place * drawn.numbers["s"] + cell])
    assert drawn.value(kernel["weight_gradient"]) == pytest.approx(drawn.dw[cell])


def test_without_stride_and_padding_the_kernels_gradient_is_a_correlation_of_input_and_gradient():
    x, g = np.random.default_rng(1).normal(size=7), np.random.default_rng(2).normal(size=5)
    found = []
    for cell in range(3):
        step = kernel["weight_gradient_plain"].result
        letters = {letter: {"u'": cell, "m": 5}[letter.name] for letter in step.free_symbols if letter.name in ("u'", "m")}
        found.append(evaluate(step, letters, dict(x=x, g=g)))
    np.testing.assert_allclose(found, np.correlate(x, g, "valid"))


def test_the_transposed_matrix_carries_the_gradient_back(drawn):
    A = conv2d_matrix(drawn.w.reshape(1, 1, 1, -1), (1, 1, len(drawn.x)), **drawn.options)
    assert drawn.value(matrix["entry"]) == pytest.approx(A[drawn.numbers["i"], drawn.numbers["a"]])
    for a in range(len(drawn.x)):
        assert drawn.value(matrix["transposed_product"], a=a) == pytest.approx((A.T @ drawn.g)[a])
    assert matrix["same"].result == 0


class Layer:
    """A random convolution with groups, dilation and tanh behind it, and one index of everything."""

    def __init__(self, seed):
        rng = np.random.default_rng(seed)
        N, G, D, F, K, M, s, d = (int(rng.integers(1, 3)) for _ in range(8))
        p = int(rng.integers(0, 2))
        self.options = dict(stride=s, padding=p, dilation=d, groups=G)
        height, width = (int(d * (k - 1) + rng.integers(1, 4)) for k in (K, M))
        x, w, b = rng.normal(size=(N, G * D, height, width)), rng.normal(size=(G * F, D, K, M)), rng.normal(size=G * F)
        z = conv2d(x, w, b, **self.options)
        g = rng.normal(size=z.shape)
        h = tanh_backward(g, z)
        H, W = z.shape[2:]
        parts = lambda array: array.reshape(len(array), G, -1, *array.shape[2:])
        self.arrays = dict(x=parts(x), w=w.reshape(G, F, D, K, M), b=b.reshape(G, F), z=parts(z), g=parts(g), h=parts(h))
        self.gradients = conv2d_backward(h, x, w, **self.options)
        self.sizes = dict(N=N, G=G, D=D, F=F, K=K, M=M, s=s, d=d, p=p, H=H, W=W)
        self.slope = 1 - tanh(z) ** 2
        limits = dict(n=N, q=G, c=D, f=F, i=H, j=W, a=height, b=width) | {"n'": N, "q'": G, "c'": D, "f'": F, "u'": K, "v'": M}
        self.at = {name: int(rng.integers(size)) for name, size in limits.items()}

    def value(self, name):
        step, numbers = gradient_options.layer[name], self.sizes | self.at
        letters = {letter: numbers[letter.name] for letter in step.result.free_symbols if letter.is_integer and letter.name in numbers}
        result = written_out(step.result.subs(letters))
        derivative = lambda cell: 1 - sympy.tanh(cell) ** 2
        result = result.replace(lambda e: isinstance(e, sympy.Derivative), lambda e: derivative(e.variables[0]))
        return evaluate(result, {}, self.arrays)


@pytest.mark.parametrize("seed", SEEDS)
def test_every_step_of_a_layer_with_dilation_groups_and_activation_is_the_librarys(seed):
    layer = Layer(seed)
    at, sizes, arrays = layer.at, layer.sizes, layer.arrays
    n, q, f, i, j = place = tuple(at[name] for name in "nqfij")
    channel = lambda group, size, inner: group * size + inner
    assert layer.value("before") == pytest.approx(arrays["z"][place])
    assert layer.value("slope") == pytest.approx(layer.slope[n, channel(q, sizes["F"], f), i, j])
    assert layer.value("arriving") == pytest.approx(arrays["h"][place])
    dx, dw, db = layer.gradients
    out, into = channel(at["q'"], sizes["F"], at["f'"]), channel(at["q'"], sizes["D"], at["c'"])
    assert layer.value("by_bias") == pytest.approx(db[out])
    assert layer.value("by_weight") == pytest.approx(dw[out, at["c'"], at["u'"], at["v'"]])
    assert layer.value("by_input") == pytest.approx(dx[at["n'"], into, at["a"], at["b"]], abs=1e-12)
    p, s, d = sizes["p"], sizes["s"], sizes["d"]
    padded = np.pad(arrays["x"], ((0, 0), (0, 0), (0, 0), (p, p), (p, p)))
    read = padded[n, q, at["c'"], i * s + at["u'"] * d, j * s + at["v'"] * d] * ((q, f) == (at["q'"], at["f'"]))
    assert layer.value("cell_of_weight") == pytest.approx(read)


def test_the_random_layers_group_dilate_stride_and_pad():
    drawn = [Layer(seed).sizes for seed in SEEDS]
    for name, least in (("G", 1), ("d", 1), ("s", 1), ("p", 0), ("N", 1), ("D", 1), ("F", 1)):
        assert sum(sizes[name] > least for sizes in drawn) >= 2, name
