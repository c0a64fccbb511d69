"""Every step of every derivation, with random numbers in place of its letters."""

import math
import random

import numpy as np
import pytest
import sympy as sp

from cnnlib.geometry import GeometryError, Window, output_size
from cnnlib.ops.convolution import conv2d, conv2d_backward
from cnnlib.symbolic import Derivation, gradients, sizes

SIZES = [sizes.size_formula, sizes.consequences, sizes.ceil_mode]


def by_name(expression, **values):
    """Put numbers in place of the letters with these names."""
    return expression.subs({letter: values[letter.name] for letter in expression.free_symbols if letter.name in values})


def random_settings(number, seed=0):
    """Settings with at least one place; at least a tenth leave a remainder, pad, or dilate."""
    draw, settings = random.Random(seed), []
    while len(settings) < number:
        values = dict(n=draw.randint(1, 30), k=draw.randint(1, 6), s=draw.randint(1, 5), p=draw.randint(0, 6), d=draw.randint(1, 4))
        room = values["n"] + 2 * values["p"] - values["d"] * (values["k"] - 1) - 1
        if room >= 0:
            settings.append(values | {"q": room // values["s"], "a": room % values["s"], "e": values["s"] - 1 - room % values["s"]})
    for share in (sum(v["a"] > 0 for v in settings), sum(v["p"] > 0 for v in settings), sum(v["d"] > 1 for v in settings)):
        assert share >= number / 10
    return settings


def places(n, k, s, p, d, **_):
    return next(i for i in range(10**6) if i * s + d * (k - 1) > n + 2 * p - 1)


@pytest.mark.parametrize("values", random_settings(60), ids=str)
def test_every_step_of_the_size_formula_holds_for_numbers(values):
    proof, count = sizes.size_formula, places(**values)
    for i in range(count + 2):
        for name in ("fits", "moves"):
            assert bool(by_name(proof[name].result, i=i, **values)) == (i < count)
    left, right = proof["divided"].result.args
    assert by_name(left, **values) == by_name(right, **values)
    assert by_name(proof["place_q"].result, **values) >= 0
    assert by_name(proof["place_after_q"].result, **values) > 0
    assert by_name(proof["last_place"].result, **values) == count - 1 == values["q"]
    assert by_name(proof["size"].result, **values) == count
    assert proof["library_agrees"].result == 0


def test_the_signs_that_the_proof_needs_are_decided_for_all_numbers():
    assert sizes.size_formula["place_q"].result.is_nonnegative is True
    assert sizes.size_formula["place_after_q"].result.is_positive is True


@pytest.mark.parametrize("values", random_settings(60, seed=1), ids=str)
def test_every_consequence_of_the_size_formula_holds_for_numbers(values):
    n, k, s, p, d = (values[name] for name in "nkspd")
    step, window = sizes.consequences, Window.fit(n, k, s, p, d)
    assert by_name(step["formula"].result, **values) == places(**values)
    assert by_name(step["full"].result, **values) == output_size(n, k, 1, "full", d)
    padding = by_name(step["same"].result, **values)
    if padding.is_integer:
        assert output_size(n, k, 1, int(padding), d) == n
    else:
        assert all(by_name(step["formula"].result, n=n, k=k, s=1, p=p, d=d) != n for p in range(40))
    last_cell_read = window.cells(window.count - 1)[-1]
    assert by_name(step["left_over"].result, **values) == n + p - 1 - last_cell_read
    m = window.count
    fitting = [size for size in range(1 - 2 * p, n + s + 1) if by_name(step["formula"].result, n=size, k=k, s=s, p=p, d=d) == m]
    assert by_name(step["smallest_input"].result, m=m, **values) == min(fitting)
    assert by_name(step["largest_input"].result, m=m, **values) == max(fitting)
    if output_exists(n, k, s, 0, d):
        assert by_name(step["valid"].result, **values) == output_size(n, k, s, "valid", d)


def output_exists(*setting):
    try:
        return output_size(*setting) > 0
    except GeometryError:
        return False


def test_an_even_kernel_needs_half_a_cell_of_padding():
    j = next(iter(sizes.consequences["same_even"].result.free_symbols))
    for number in range(1, 9):
        assert sizes.consequences["same_even"].result.subs(j, number) == sp.Rational(2 * number - 1, 2)


@pytest.mark.parametrize("values", random_settings(60, seed=2), ids=str)
def test_every_step_of_ceil_mode_holds_for_numbers(values):
    n, k, s, p, d = (values[name] for name in "nkspd")
    step = sizes.ceil_mode
    assert by_name(step["overhanging"].result, **values) == math.ceil((n + 2 * p - d * (k - 1) - 1) / s) + 1
    assert by_name(step["starting_inside"].result, **values) == sum(1 for i in range(n + p) if i * s - p <= n - 1)
    assert by_name(step["ceil_size"].result, **values) == output_size(n, k, s, p, d, ceil_mode=True)
    assert step["library_agrees_too"].result == 0


def evaluate(total, values, arrays):
    """Evaluate a Sum of Indexed terms with numbers; entries outside an array are 0."""
    total = total.subs(values).doit()

    def entry(*parts):
        base, *index = parts
        array, index = arrays[str(base)], tuple(int(part) for part in index)
        inside = all(0 <= at < size for at, size in zip(index, array.shape, strict=True))
        return sp.Float(array[index]) if inside else sp.Integer(0)

    return float(total.replace(lambda e: isinstance(e, sp.Indexed), lambda e: entry(*e.args)))


def one_convolution(seed, stride):
    rng = np.random.default_rng(seed)
    shape = dict(N=2, C=2, F=2, K=int(rng.integers(1, 4)), M=int(rng.integers(1, 4)))
    t = int(rng.integers(0, 3))
    height, width = (int(k + rng.integers(1, 4)) for k in (shape["K"], shape["M"]))
    x = rng.normal(size=(2, 2, height, width))
    w = rng.normal(size=(2, 2, shape["K"], shape["M"]))
    b = rng.normal(size=2)
    y = conv2d(x, w, b, stride=stride, padding=t)
    g = rng.normal(size=y.shape)
    letters = {letter.name: letter for step in gradients.convolution for letter in step.result.free_symbols if letter.is_Symbol}
    values = {letters[name]: value for name, value in (shape | dict(H=y.shape[2], W=y.shape[3], s=stride, p=t)).items()}
    return rng, letters, values, dict(x=x, w=w, b=b, g=g, y=y)


@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("seed", range(4))
def test_every_step_of_the_gradients_of_a_convolution_holds_for_numbers(seed, stride):
    rng, letters, values, arrays = one_convolution(seed, stride)
    x, w, y, g = (arrays[name] for name in "xwyg")
    dx, dw, db = conv2d_backward(g, x, w, stride=stride, padding=int(values[letters["p"]]))
    step = gradients.convolution

    def at(name, **indices):
        return evaluate(step[name].result, values | {letters[key]: value for key, value in indices.items()}, arrays)

    for _ in range(3):
        n, f, i, j = (int(rng.integers(size)) for size in y.shape)
        m, c, a, b = (int(rng.integers(size)) for size in x.shape)
        o, _, u, v = (int(rng.integers(size)) for size in w.shape)
        assert math.isclose(at("output", n=n, f=f, i=i, j=j), y[n, f, i, j], rel_tol=1e-9, abs_tol=1e-12)
        place = dict(n=n, f=f, i=i, j=j)
        entry = {"n'": m, "c'": c, "a": a, "b": b}
        weight = {"f'": o, "c'": c, "u'": u, "v'": v}
        assert at("output_by_bias", **place, **{"f'": o}) == (f == o)
        padded = np.pad(x, ((0, 0), (0, 0), (values[letters["p"]],) * 2, (values[letters["p"]],) * 2))
        read = (f == o) * padded[n, c, i * stride + u, j * stride + v]
        assert math.isclose(at("output_by_weight", **place, **weight), read, abs_tol=1e-12)
        assert math.isclose(at("read_cell", **place, **weight), read, abs_tol=1e-12)
        bump = np.zeros_like(x)
        bump[m, c, a, b] = 1
        slope = conv2d(bump, w, stride=stride, padding=int(values[letters["p"]]))[n, f, i, j]
        assert math.isclose(at("output_by_input", **place, **entry), slope, abs_tol=1e-12)
        assert math.isclose(at("weight_on_cell", **place, **entry), slope, abs_tol=1e-12)
        assert math.isclose(at("bias_gradient", **{"f'": o}), db[o], rel_tol=1e-9)
        assert math.isclose(at("weight_gradient", **weight), dw[o, c, u, v], rel_tol=1e-9, abs_tol=1e-12)
        assert math.isclose(at("input_gradient", **entry), dx[m, c, a, b], rel_tol=1e-9, abs_tol=1e-12)
        if stride == 1:
            for name in ("input_gradient_stride_one", "rotated_kernel"):
                assert math.isclose(at(name, **entry), dx[m, c, a, b], rel_tol=1e-9, abs_tol=1e-12)


def test_the_random_convolutions_leave_remainders_and_pad():
    drawn = [one_convolution(seed, stride) for stride in (2, 3) for seed in range(4)]
    remainders = [(a["x"].shape[2] + 2 * v[letters["p"]] - a["w"].shape[2]) % v[letters["s"]] for _, letters, v, a in drawn]
    assert sum(r > 0 for r in remainders) >= 2
    assert sum(v[letters["p"]] > 0 for _, letters, v, a in drawn) >= 2


def test_a_step_that_uses_a_later_one_is_refused():
    derivation = Derivation("backwards")
    with pytest.raises(ValueError, match="'later', which is no earlier step"):

        @derivation.step("uses what is not there yet")
        def early(later):
            return later
