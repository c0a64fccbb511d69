"""Chapter 04: every step of its derivations with random numbers in place of its letters, compared with the library."""

import numpy as np
import pytest
import sympy as sp

from cnnlib import Conv2d, Linear, Sequential, conv2d, conv2d_matrix
from cnnlib.symbolic import channels
from cnnlib.symbolic.channels import counts, insert, multichannel, symmetry


def number(expression, arrays, *, circle=False, **values):
    """The value of a step; entries outside an array are 0, or, on a circle, indices are read modulo the size."""
    expression = insert(expression, **values)

    def entry(base, *index):
        array, index = arrays[str(base)], [int(part) for part in index]
        if circle:
            index = [at % size for at, size in zip(index, array.shape, strict=True)]
        inside = all(0 <= at < size for at, size in zip(index, array.shape, strict=True))
        return sp.Float(array[tuple(index)]) if inside else sp.Integer(0)

    return float(expression.replace(lambda e: isinstance(e, sp.Indexed), lambda e: entry(*e.args)))


def one_layer(seed):
    """A random image, kernels and biases: groups, strides that leave a remainder, padding."""
    rng = np.random.default_rng(seed)
    groups, per_group, outputs = (int(rng.integers(1, 4)) for _ in range(3))
    k, m, s, p = (int(rng.integers(low, high)) for low, high in ((1, 4), (1, 4), (1, 4), (0, 3)))
    x = rng.normal(size=(groups * per_group, k + int(rng.integers(1, 5)), m + int(rng.integers(1, 5))))
    w = rng.normal(size=(groups * outputs, per_group, k, m))
    return rng, groups, dict(K=k, M=m, s=s, p=p), dict(x=x, w=w, b=rng.normal(size=len(w)))


@pytest.mark.parametrize("seed", range(12))
def test_every_step_of_the_sum_over_channels_is_what_the_library_computes(seed):
    rng, groups, options, arrays = one_layer(seed)
    x, w, b = arrays.values()
    settings = dict(stride=options["s"], padding=options["p"])
    whole = np.tile(w, (1, groups, 1, 1))
    y, grouped = conv2d(x[None], whole, b, **settings)[0], conv2d(x[None], w, b, groups=groups, **settings)[0]
    C, D, P = len(x), w.shape[1], len(w) // groups
    for _ in range(4):
        f, i, j = (int(rng.integers(size)) for size in y.shape)
        c = int(rng.integers(C))
        place = options | dict(i=i, j=j)
        at = lambda name, weights=whole, place=place, **more: number(multichannel[name].result, arrays | dict(w=weights), **place, **more)
        alone = conv2d(x[None, [c]], whole[:, [c]], **settings)[0]
        assert at("share", f=f, c=c) == pytest.approx(alone[f, i, j])
        assert at("all_channels", f=f, C=C) == pytest.approx(y[f, i, j] - b[f])
        assert at("output", f=f, C=C) == pytest.approx(y[f, i, j])
        assert at("grouped", weights=w, q=f // P, t=f % P, D=D, P=P) == pytest.approx(grouped[f, i, j])
        deep = np.resize(w, (C, 1, *w.shape[2:]))
        arrays["b"] = np.resize(b, C)
        assert at("depthwise", weights=deep, q=c) == pytest.approx(conv2d(x[None], deep, arrays["b"], groups=C, **settings)[0, c, i, j])
        arrays["b"] = b
        point = whole[:, :, :1, :1]
        a, e = (int(rng.integers(size)) for size in x.shape[1:])
        mixed = number(multichannel["one_by_one"].result, arrays | dict(w=point), f=f, i=a, j=e, C=C)
        assert mixed == pytest.approx(conv2d(x[None], point, b)[0, f, a, e])


def test_the_random_layers_have_groups_strides_that_leave_a_remainder_and_padding():
    layers = [one_layer(seed) for seed in range(12)]
    assert sum(groups > 1 for _, groups, _, _ in layers) >= 3
    assert sum((a["x"].shape[1] + 2 * o["p"] - o["K"]) % o["s"] > 0 for _, _, o, a in layers) >= 2
    assert sum(o["p"] > 0 for _, _, o, _ in layers) >= 3


@pytest.mark.parametrize("seed", range(20))
def test_every_count_is_the_summary_s(seed):
    rng = np.random.default_rng(seed)
    G, d, e, K, M, H, W, C, F = (int(value) for value in rng.integers(1, 6, 9))
    beta = int(rng.integers(2))
    size = (H + K - 1, W + M - 1)

    def summary(c, f, kernel, groups=1, bias=False):
        shape = (c, H + kernel[0] - 1, W + kernel[1] - 1)
        table = Sequential(Conv2d(c, f, kernel, groups=groups, bias=bias, rng=0)).summary(shape)
        return table.parameters, table.multiply_adds

    at = lambda name, **more: insert(counts[name].result, **(dict(K=K, M=M, H=H, W=W) | more))
    grouped = dict(C=G * d, F=G * e, G=G, beta=beta)
    expected = summary(G * d, G * e, (K, M), G, bool(beta))
    assert (at("parameters", **grouped), at("multiply_adds", **grouped)) == expected
    assert at("slices", **grouped) == d * K * M
    full, depthwise, pointwise = summary(C, F, (K, M))[1], summary(C, C, (K, M), C)[1], summary(C, F, (1, 1))[1]
    assert at("depthwise_work", C=C) == depthwise
    assert at("pointwise_work", C=C, F=F) == pointwise
    assert at("separable_share", F=F) == sp.Rational(depthwise + pointwise, full)
    matrix = conv2d_matrix(np.ones((F, C, K, M)), (C, *size))
    assert at("locally_connected", C=C, F=F) == np.count_nonzero(matrix)
    dense = Linear(C * H * W, F * H * W, bias=False, rng=0)
    assert at("dense", C=C, F=F) == sum(array.size for array in dense.parameters().values())


def circulant(row):
    """The matrix with A[i, j] = h[i - j]."""
    return np.array([[row[(i - j) % len(row)] for j in range(len(row))] for i in range(len(row))])


@pytest.mark.parametrize("n", [1, 2, 3, 5, 8])
@pytest.mark.parametrize("equivariant", [True, False])
def test_every_step_of_the_symmetry_argument_holds_for_numbers(n, equivariant):
    rng = np.random.default_rng(n)
    h = rng.normal(size=n)
    A = circulant(h) if equivariant else rng.normal(size=(n, n))
    x, shift = rng.normal(size=n), np.roll(np.eye(n), 1, axis=0)
    arrays = dict(A=A, x=x, h=h, w=h[-np.arange(n) % n])
    at = lambda name, **more: number(symmetry[name].result, arrays, circle=True, n=n, **more)
    for i in range(n):
        assert at("dense_layer", i=i) == pytest.approx((A @ x)[i])
        assert at("shift_first", i=i) == pytest.approx((A @ shift @ x)[i])
        assert at("renamed", i=i) == pytest.approx((A @ shift @ x)[i])
        assert at("shift_last", i=i) == pytest.approx((shift @ A @ x)[i])
        assert at("difference", i=i) == pytest.approx(((A @ shift - shift @ A) @ x)[i])
        for t in range(n):
            assert at("coefficient", i=i, t=t) == pytest.approx((A @ shift - shift @ A)[i, t])
    if equivariant:
        check_consequences(arrays, n)
    elif n > 1:
        assert any(not np.isclose(at("coefficient", i=i, t=t), 0) for i in range(n) for t in range(n))


def check_consequences(arrays, n):
    """What follows once the layer commutes with shifts."""
    A, x, w = (arrays[name] for name in "Axw")

    def sides(name, **values):
        equation = symmetry[name].result
        return [number(side, arrays, circle=True, **values) for side in (equation.lhs, equation.rhs)]

    for i, j in np.ndindex(n, n):
        for name in ("neighbours", "further_down", "one_letter"):
            left, right = sides(name, i=i, t=j, j=j, l=2)
            assert left == right
        assert sides("one_letter", i=i, j=j)[0] == A[i, j]
        assert number(symmetry["shared"].result, arrays, circle=True, n=n, i=i) == pytest.approx((A @ x)[i])
        assert number(symmetry["sliding"].result, arrays, circle=True, n=n, i=i) == pytest.approx((A @ x)[i])
    k = max(1, n // 2)
    near = np.concatenate([x, x])[None, None, None, : n + k - 1]
    expected = conv2d(near, w[None, None, None, :k])[0, 0, 0]
    found = [number(symmetry["local"].result, arrays, circle=True, k=k, i=i) for i in range(n)]
    np.testing.assert_allclose(found, expected)


def test_the_chain_down_a_diagonal_never_breaks():
    equation = symmetry["further_down"].result
    assert equation.lhs == equation.rhs.subs(channels.step, channels.step + 1)
    assert equation.subs(channels.step, 0) == symmetry["neighbours"].result


def test_every_layer_with_shared_weights_commutes_with_shifts():
    assert symmetry["converse"].result == 0
