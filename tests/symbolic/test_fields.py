"""Every step of the derivations of receptive fields, with random numbers in place of its letters, against what layers really read."""

import math
import random
from itertools import pairwise, product

import numpy as np
import pytest
import sympy as sp

from cnnlib.geometry import Window, receptive_field
from cnnlib.symbolic import fields


def by_name(expression, **values):
    """Put numbers in place of the letters with these names."""
    return expression.subs({letter: values[letter.name] for letter in expression.free_symbols if letter.name in values})


def random_layer(draw):
    return draw.randint(1, 5), draw.randint(1, 4), draw.randint(0, 3), draw.randint(1, 3)


def cells_seen(layers, cell):
    """The input cells that a cell behind these layers reads, negative ones in the padding, by going back layer by layer."""
    cells = {cell}
    for k, s, p, d in reversed(layers):
        cells = {place * s - p + d * u for place in cells for u in range(k)}
    return cells


def chains(number, depth, seed):
    """Random chains of layers; at least a tenth of them stride, pad and dilate."""
    draw = random.Random(seed)
    made = [[random_layer(draw) for _ in range(draw.randint(1, depth))] for _ in range(number)]
    for entry, least in ((1, 1), (2, 0), (3, 1)):
        assert sum(any(layer[entry] > least for layer in chain) for chain in made) >= number / 10
    return made


@pytest.mark.parametrize("seed", range(20))
def test_every_step_of_two_composed_layers_holds_for_numbers(seed):
    draw = random.Random(seed)
    first, second = random_layer(draw), random_layer(draw)
    i = draw.randint(0, 6)
    letters = {f"{name}_{number}": value for number, layer in ((1, first), (2, second)) for name, value in zip("kspd", layer, strict=True)}
    step = fields.two_layers
    windows = [Window.fit(60, *layer) for layer in (first, second)]
    for u_1, u_2 in product(range(first[0]), range(second[0])):
        at = letters | dict(i=i, u_1=u_1, u_2=u_2)
        assert by_name(step["first_layer"].result, **at) == windows[0].cells(i)[u_1]
        cell = windows[1].cells(i)[u_2]
        assert by_name(step["second_layer"].result, **at) == cell
        assert by_name(step["composed"].result, **at) == windows[0].start(cell) + first[3] * u_1
    seen = cells_seen([first, second], i)
    assert by_name(step["first_seen"].result, **letters, i=i) == min(seen)
    assert by_name(step["last_seen"].result, **letters, i=i) == max(seen)
    assert by_name(step["size_of_two"].result, **letters) == max(seen) - min(seen) + 1
    assert by_name(step["jump_of_two"].result, **letters) == min(cells_seen([first, second], i + 1)) - min(seen)


@pytest.mark.parametrize("layers", chains(30, 4, seed=1), ids=str)
def test_every_step_of_one_more_layer_holds_for_numbers(layers):
    *before, (k, s, p, d) = layers
    below, step = cells_seen(before, 0), fields.one_more
    values = dict(k=k, s=s, p=p, d=d, R=max(below) - min(below) + 1, J=min(cells_seen(before, 1)) - min(below), A=min(below))
    values["C"] = sp.Rational(min(below) + max(below), 2)
    for i in range(3):
        seen = cells_seen(layers, i)
        assert by_name(step["last_below"].result, **values, t=i) == max(cells_seen(before, i))
        assert by_name(step["first_cell"].result, **values, i=i) == min(seen)
        assert by_name(step["last_cell"].result, **values, i=i) == max(seen)
    first = cells_seen(layers, 0)
    centre = sp.Rational(min(first) + max(first), 2)
    assert by_name(step["new_size"].result, **values) == max(first) - min(first) + 1
    assert by_name(step["new_jump"].result, **values) == min(cells_seen(layers, 1)) - min(first)
    assert by_name(step["middle"].result, **values) == centre
    assert by_name(step["new_start"].result, **values) == centre
    found = tuple(float(by_name(step[name].result, **values)) for name in ("new_size", "new_jump", "new_start"))
    assert found == receptive_field(layers)[-1]


def evaluate(expression, layers):
    """A closed form with the numbers of a chain in place of k[l], s[l], p[l] and d[l]; layers count from 1."""
    columns = dict(zip("kspd", zip(*layers, strict=True), strict=True))
    done = expression.subs(fields.L, len(layers)).doit()
    return done.replace(lambda part: isinstance(part, sp.Indexed), lambda part: sp.Integer(columns[str(part.base)][int(part.args[1]) - 1]))


@pytest.mark.parametrize("layers", chains(30, 5, seed=2), ids=str)
def test_the_closed_forms_are_the_recursion_of_the_library(layers):
    step = fields.any_depth
    assert tuple(float(evaluate(step[name].result, layers)) for name in ("size", "jump", "start")) == receptive_field(layers)[-1]
    for name in ("by_recursion", "by_closed_form"):  # one layer more than L
        shorter = step[name].result.subs(fields.L, len(layers) - 1)
        assert evaluate(shorter, layers) == receptive_field(layers)[-1][0]


def test_the_induction_starts_with_one_cell_and_leaves_no_difference():
    assert fields.any_depth["no_layer"].result == 1
    assert fields.any_depth["induction"].result == 0


@pytest.mark.parametrize("values", list(product((1, 2, 4), (1, 3, 4), (1, 2, 3), (1, 2))), ids=str)
def test_layers_alike_have_the_field_of_the_library(values):
    depth, k, s, d = values
    result = by_name(fields.any_depth["same_layers"].result, L=depth, k=k, s=s, d=d)
    assert result == receptive_field([(k, s, 0, d)] * depth)[-1][0]
    if s == 1:
        assert by_name(fields.any_depth["same_layers_stride_one"].result, L=depth, k=k, d=d) == result


@pytest.mark.parametrize("values", list(product((1, 2, 3, 5), (1, 2, 3, 4))), ids=str)
def test_every_step_of_the_spread_holds_for_all_paths_counted_one_by_one(values):
    depth, k = values
    step = fields.spread
    moves = [sum(path) for path in product(range(k), repeat=depth)]
    one, at = np.arange(k), dict(L=depth, k=k)
    assert by_name(step["mean"].result, **at) == sp.Rational(int(one.sum()), k)
    assert by_name(step["mean_square"].result, **at) == sp.Rational(int((one**2).sum()), k)
    averages = dict(mu=step["mean"].result, nu=step["mean_square"].result)
    by_averages = lambda name: by_name(by_name(step[name].result, **averages), **at)
    mean, square = sp.Rational(sum(moves), len(moves)), sp.Rational(sum(move**2 for move in moves), len(moves))
    assert by_averages("mean_of_all") == mean
    assert by_averages("mean_square_of_all") == square
    assert by_averages("variances_add") == square - mean**2
    assert by_name(step["variance"].result, k=k) * depth == square - mean**2
    assert math.isclose(by_name(step["spread_of_all"].result, **at), np.std(moves), abs_tol=1e-12)
    bases = sp.Symbol("e", positive=True)  # sum of e^(z move) over paths is the product over layers
    one_layer = sum(bases**u for u in range(k)) / k
    all_layers = step["all_layers"].result.subs(fields.G(fields.z), one_layer).subs(fields.L, depth)
    assert sp.expand(all_layers - sum(bases**move for move in moves) / len(moves)) == 0


@pytest.mark.parametrize("k", [2, 3, 5, 8])
def test_spread_over_size_times_the_root_of_the_depth_approaches_the_share(k):
    limit = float(by_name(fields.spread["share"].result, k=k))
    gaps = [abs(math.sqrt(n) * math.sqrt(n * (k * k - 1) / 12) / (1 + n * (k - 1)) - limit) for n in (10, 100, 1000, 10000)]
    assert all(later < earlier / 5 for earlier, later in pairwise(gaps))
