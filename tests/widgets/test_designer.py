"""The network designer as a Python object: what it builds, what it writes, and what it says about the budgets."""

import random

import pytest
from traitlets import TraitError

import cnnlib
from cnnlib.widgets import NetworkDesigner
from cnnlib.widgets.layer_table import KINDS


def random_layers(draw):
    """A random chain of all kinds: windows, activations and dropout in front, dense layers behind; now and then in a wrong order."""
    front = ("conv", "conv", "depthwise", "max", "avg", "relu", "tanh", "dropout")
    kinds = [draw.choice(front) for _ in range(draw.randint(1, 6))] + [draw.choice(("flatten", "global"))] + ["dense"] * draw.randint(0, 2)
    if draw.random() < 0.15:
        draw.shuffle(kinds)
    return [random_layer(draw, kind) for kind in kinds]


def random_layer(draw, kind):
    """A layer of this kind with numbers inside its limits."""
    numbers = [draw.randint(least, min(most, 6)) for least, most in KINDS[kind][1].values()]
    if kind in ("max", "avg"):
        numbers[2] = min(numbers[2], numbers[0] // 2)
    return [kind, *numbers]


def random_designs(number, seed):
    """Random traits of the designer; budgets around what such nets cost."""
    draw = random.Random(seed)
    sizes = [dict(input_channels=draw.randint(1, 4), input_size=draw.randint(1, 40), layers=random_layers(draw)) for _ in range(number)]
    return [size | dict(budget_parameters=draw.randint(1, 2_000), budget_multiply_adds=draw.randint(1, 60_000)) for size in sizes]


def test_table_code_and_budgets_are_those_of_the_built_net():
    kinds, possible, over = set(), 0, 0
    for traits in random_designs(150, seed=0):
        designer = NetworkDesigner(**traits)
        if designer.message:
            continue
        possible += 1
        kinds |= {layer[0] for layer in designer.layers}
        summary = designer.build(rng=0).summary(designer.input_shape)
        rows = [(row.output_shape, row.parameters, row.multiply_adds, row.receptive_field) for row in designer.table.rows]
        assert rows == [(row.output_shape, row.parameters, row.multiply_adds, row.receptive_field) for row in summary.rows]
        space = {"cnnlib": cnnlib}
        exec(designer.code, space)
        assert repr(space["model"]) == repr(designer.build())
        assert designer.spent["parameters"] == (summary.parameters, traits["budget_parameters"])
        assert designer.spent["multiply-adds"] == (summary.multiply_adds, traits["budget_multiply_adds"])
        told = [verdict.endswith("too many.") for verdict in designer.verdicts]
        assert told == [cost > budget for cost, budget in designer.spent.values()]
        over += any(told)
    assert kinds == set(KINDS)
    assert possible > 40
    assert 10 < over < possible


def test_a_budget_that_is_just_spent_is_kept_and_one_less_is_broken_by_one():
    designer = NetworkDesigner(budget_parameters=21_386, budget_multiply_adds=315_903)
    assert designer.verdicts == ("21,386 of 21,386 parameters: 0 left.", "315,904 of 315,903 multiply-adds: 1 too many.")
    assert designer.sentence.endswith("\n".join(designer.verdicts))


def test_an_impossible_design_says_the_repair_and_has_no_code():
    designer = NetworkDesigner(layers=[("conv", 4, 3, 1, 1), ("dense", 10)])
    sentence = "Layer 1, Linear: a dense layer reads a row, and maps of 8 x 8 come in. Put a flatten before it."
    assert designer.message == designer.sentence == sentence
    for refused in (designer.build, lambda: designer.code):
        with pytest.raises(ValueError, match="Put a flatten before it"):
            refused()
    designer.layers = [designer.layers[0], ("flatten",), designer.layers[1]]
    assert designer.message == ""


def test_the_built_net_runs_and_the_same_seed_draws_the_same_weights():
    designer = NetworkDesigner(
        layers=[("depthwise", 3, 1, 1), ("conv", 4, 1, 1, 0), ("dropout", 25), ("global",), ("dense", 3)], input_channels=2
    )
    images = cnnlib.load_digits().test_images[:5].repeat(2, axis=1)
    first, again = (designer.build(rng=3).eval()(images) for _ in range(2))
    assert first.shape == (5, 3)
    assert (first == again).all()
    assert designer.build().layers[2].p == 0.25


@pytest.mark.parametrize("budget", [0, -5, 10**9 + 1, 2.5])
def test_a_budget_outside_its_limits_is_refused(budget):
    with pytest.raises(TraitError):
        NetworkDesigner(budget_parameters=budget)


def test_the_static_picture_and_the_description_carry_the_budgets():
    designer = NetworkDesigner()
    picture = designer.static_svg()
    for words in ("21,386 of 5,000, too many", "315,904 of 50,000, too many"):
        assert words in picture
    assert "16,386 too many" in designer.description
    assert NetworkDesigner().static_svg() == picture
    small = NetworkDesigner(layers=[("flatten",), ("dense", 10)])
    assert "650 of 5,000" in small.static_svg()
    assert "too many" not in small.static_svg()


def test_repr_names_what_makes_the_picture():
    assert repr(NetworkDesigner(layers=[("relu",)])) == (
        "NetworkDesigner(input_channels=1, input_size=8, layers=(('relu',),), budget_parameters=5000, budget_multiply_adds=50000)"
    )
