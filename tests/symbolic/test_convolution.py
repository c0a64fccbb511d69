"""Every step of chapter 02's derivations, with random sequences in place of its letters."""

import itertools

import numpy as np
import pytest
import sympy

import cnnlib
from cnnlib.symbolic import convolution, symbol_array

LONGEST = 4  # cells of a random sequence; sums over all whole numbers are taken where the sequences are not 0
REACH = range(-2 * LONGEST, 2 * LONGEST + 1)


def sequences(seed):
    """Random x, w and v of unequal lengths, as {cell: number}; asymmetric, so that a flip shows."""
    rng = np.random.default_rng(seed)
    lengths = rng.permutation([2, 3, LONGEST])
    return {
        name: dict(enumerate(rng.integers(1, 9, length) * rng.choice([-1, 1], length))) for name, length in zip("xwv", lengths, strict=True)
    }


def numbers(expression, values, arrays, reach=REACH):
    """The value of a step: letters become numbers, entries outside a sequence are 0, infinite sums run over `reach`."""
    if isinstance(expression, (sympy.Add, sympy.Mul)) and expression.has(sympy.Sum):
        parts = [numbers(part, values, arrays, reach) for part in expression.args]
        return np.prod(parts) if expression.is_Mul else sum(parts)
    if not isinstance(expression, sympy.Sum):
        return _at(expression, values, arrays)
    ranges = []
    for _, low, high in expression.limits:
        finite = high.is_finite is not False
        ranges.append(range(int(low.subs(values)), int(high.subs(values)) + 1) if finite else reach)
    indices = [limit[0] for limit in expression.limits]
    return sum(_at(expression.function, values | dict(zip(indices, places, strict=True)), arrays) for places in itertools.product(*ranges))


def _at(term, values, arrays):
    """One term; it is 0 as soon as one of its entries lies outside its sequence, which spares most of the arithmetic."""
    product = 1
    for factor in sympy.Mul.make_args(term):
        base, power = factor.as_base_exp()
        if isinstance(base, sympy.Indexed):
            cell = base.indices[0].subs(values)
            product *= int(arrays[str(base.base)].get(int(cell), 0)) ** int(power)
            if product == 0:
                return 0
    rest = sympy.Mul(*(factor for factor in sympy.Mul.make_args(term) if not factor.as_base_exp()[0].has(sympy.Indexed)))
    value = product * complex(rest.subs(values))
    return value.real if abs(value.imag) < 1e-12 else value


def plain(sequence):
    return np.array(list(sequence.values()))


def entry(array, index):
    return array[index] if 0 <= index < len(array) else 0


def correlated(x, w, place):
    """The correlation of two arrays at one place, as a plain loop."""
    return sum(entry(x, place + u) * w[u] for u in range(len(w)))


PLACES = range(-LONGEST, 2 * LONGEST)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("title", ["flip", "commuting", "mirroring"])
def test_every_step_with_two_sequences_holds_for_numbers(title, seed):
    arrays = sequences(seed)
    x, w = plain(arrays["x"]), plain(arrays["w"])
    product = np.convolve(x, w)
    expected = {
        "correlation": lambda j: correlated(x, w, j),
        "right_order": lambda j: correlated(x, w, j),
        "with_flipped_kernel": lambda j: entry(product, j),
        "by_input_cell": lambda j: entry(product, j),
        "convolution": lambda j: entry(product, j),
        "by_kernel_cell": lambda j: entry(product, j),
        "exchanged": lambda j: entry(product, j),
        "correlation_exchanged": lambda j: correlated(w, x, j),
        "by_cell_of_w": lambda j: correlated(x, w, -j),
        "at_mirrored_place": lambda j: correlated(x, w, -j),
        "difference": lambda j: 0,
        "mirrored": lambda j: 0,
    }
    for step in getattr(convolution, title):
        for j in PLACES:
            assert numbers(step.result, {convolution.j: j}, arrays) == expected[step.name](j), (step.name, j)


@pytest.mark.parametrize("seed", range(2))
def test_every_step_of_associativity_holds_for_numbers(seed):
    arrays = sequences(seed)
    truth = np.convolve(np.convolve(plain(arrays["x"]), plain(arrays["w"])), plain(arrays["v"]))
    for name in ("left_first", "right_first", "right_renumbered"):
        for j in range(-1, len(truth) + 1):
            result = numbers(convolution.grouping[name].result, {convolution.j: j}, arrays)
            assert result == entry(truth, j), (name, j)
    assert convolution.grouping["same_products"].result == 0


@pytest.mark.parametrize("seed", range(2))
def test_two_correlations_are_one_with_the_convolved_kernel(seed):
    arrays = sequences(seed)
    x, w, v = (plain(arrays[name]) for name in "xwv")
    joint = np.convolve(w, v)
    for j in range(-LONGEST, LONGEST):
        twice = sum(correlated(x, w, j + m) * v[m] for m in range(len(v)))
        assert twice == correlated(x, joint, j)
        for name in ("one_after_the_other", "by_offset"):
            assert numbers(convolution.two_correlations[name].result, {convolution.j: j}, arrays) == twice, (name, j)
    for t in range(-1, 2 * LONGEST):
        values = {convolution.t: t}
        assert numbers(convolution.two_correlations["joint_kernel"].result, values, arrays) == entry(joint, t)
        assert numbers(convolution.two_correlations["wanted_kernel"].result, values, arrays) == correlated(w, v, t)


@pytest.mark.parametrize("length", [1, 2, 5, 6])
def test_every_step_of_the_convolution_theorem_holds_for_numbers(length):
    rng = np.random.default_rng(length)
    x, w = rng.integers(-9, 10, (2, length))
    arrays = {"x": dict(enumerate(x)), "w": dict(enumerate(w))}
    ring = np.array([sum(x[t] * w[(j - t) % length] for t in range(length)) for j in range(length)])
    step = convolution.theorem
    for j in range(length):
        assert numbers(step["on_a_ring"].result, {convolution.N: length, convolution.j: j}, arrays) == ring[j]
    for q in range(length):
        values = {convolution.N: length, convolution.q: q}
        for name in ("transformed", "by_remainder", "product"):
            assert np.isclose(numbers(step[name].result, values, arrays), np.fft.fft(ring)[q]), name
    assert step["wave_returns"].result == 1


@pytest.mark.parametrize("frequency", [0, sympy.Rational(1, 8), sympy.Rational(-3, 10), sympy.Rational(1, 2)])
def test_every_step_of_the_frequency_response_holds_for_numbers(frequency):
    arrays = sequences(4)
    w = plain(arrays["w"])
    gain = sum(value * np.exp(-2j * np.pi * float(frequency) * u) for u, value in enumerate(w))
    values = {convolution.nu: frequency, convolution.j: 3}
    wave = np.exp(2j * np.pi * float(frequency) * 3)
    step = convolution.response
    for name, truth in (("wave_in", gain * wave), ("wave_out", gain * wave), ("factor", gain)):
        assert np.isclose(numbers(step[name].result, values, arrays), truth), name
    mean = complex(step["mean_of_two"].result.subs(values))
    assert np.isclose(mean, (1 + np.exp(-2j * np.pi * float(frequency))) / 2)
    assert np.isclose(float(step["size_of_mean"].result.subs(values)), abs(mean))
    size = 40  # every frequency above is a whole number of cycles in 40 cells
    library = cnnlib.frequency_response(np.array([[0.5, 0.5]]), (1, size))[0, (size // 2 + int(frequency * size)) % size]
    assert np.isclose(abs(mean), library)


@pytest.mark.parametrize("time", [0.0, 0.25, 0.75, 1.0, 1.5, 2.0])
def test_every_step_of_the_boxes_holds_for_numbers(time):
    step, heights = convolution.boxes, {convolution.a: 2, convolution.b: 3, convolution.time: sympy.Rational(time)}
    points = (np.arange(40000) + 0.5) / 10000
    inside = (points < 1) & (points > time - 1) & (points < time)
    area = inside.mean() * 4
    overlap = step["overlap"].result.subs(heights)
    assert float(overlap.measure) == float(step["length"].result.subs(heights)) == pytest.approx(area, abs=1e-3)
    assert float(step["convolved"].result.subs(heights)) == pytest.approx(6 * area, abs=1e-2)
    assert float(step["superposed"].result.subs(heights)) == pytest.approx(5 * area, abs=1e-2)


def test_the_library_convolves_symbols_as_the_definition_says():
    x, w = symbol_array("x", (1, 4)), symbol_array("w", (1, 3))
    y = cnnlib.convolve2d(x, w)[0]
    for j, got in enumerate(y):
        truth = sum(x[0, t] * w[0, j - t] for t in range(4) if 0 <= j - t < 3)
        assert sympy.expand(got - truth) == 0


def test_a_renumbering_that_skips_cells_is_refused():
    with pytest.raises(ValueError, match="does not run through the whole numbers once"):
        convolution.renumber(
            convolution.total(convolution.x[convolution.t], convolution.t), convolution.t, 2 * convolution.u, convolution.u
        )
