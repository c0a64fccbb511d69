"""The graph stepper as a Python object: its values and gradients are SymPy's, and its steps tell the whole arithmetic."""

import math
import random
import re

import pytest
import sympy
from traitlets import TraitError

from cnnlib.widgets import GraphStepper
from cnnlib.widgets.graph import LIMIT, ORDERS
from cnnlib.widgets.graph_table import GRAPHS

OPERATIONS = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "square": lambda a: a**2,
    "relu": lambda a: sympy.Max(a, 0),
    "tanh": sympy.tanh,
}
every_graph = pytest.mark.parametrize("expression", list(GRAPHS))


def at_random(expression, seed, **settings):
    draw = random.Random(f"{expression}{seed}")
    return GraphStepper(expression, inputs=[draw.randint(-2 * LIMIT, 2 * LIMIT) / 2 for _ in GRAPHS[expression]["inputs"]], **settings)


def with_letters(expression):
    """{name: SymPy expression in the inputs} of every node."""
    found = {name: sympy.Symbol(name, real=True) for name, _ in GRAPHS[expression]["inputs"]}
    for name, operation, parents in GRAPHS[expression]["nodes"]:
        found[name] = OPERATIONS[operation](*(found[parent] for parent in parents))
    return found


def slope_of_the_loss(expression, node):
    """The derivative of L by a node, as an expression of inputs and of the node itself, kept as a letter of its own."""
    letter = sympy.Symbol("cut", real=True)
    found = {name: sympy.Symbol(name, real=True) for name, _ in GRAPHS[expression]["inputs"]}
    if node in found:
        return sympy.diff(with_letters(expression)["L"], found[node]), None
    for name, operation, parents in GRAPHS[expression]["nodes"]:
        found[name] = letter if name == node else OPERATIONS[operation](*(found[parent] for parent in parents))
    return sympy.diff(found["L"], letter), letter


@every_graph
@pytest.mark.parametrize("seed", range(4))
def test_every_value_and_every_gradient_is_sympys(expression, seed):
    stepper = at_random(expression, seed, step=99)
    numbers = {sympy.Symbol(name, real=True): sympy.Rational(value) for name, value in zip(stepper.names, stepper.inputs, strict=True)}
    for name, whole in with_letters(expression).items():
        assert stepper.values[name] == pytest.approx(float(whole.subs(numbers)))
        slope, letter = slope_of_the_loss(expression, name)
        insert = numbers | ({letter: sympy.Float(stepper.values[name], 30)} if letter else {})
        slope = slope.subs(insert)
        if not slope.has(sympy.Heaviside) or stepper.values.get("z", 1) != 0:  # at the kink of relu SymPy takes 1/2, the book 0
            assert stepper.gradients[name] == pytest.approx(float(slope), abs=1e-9)


@every_graph
def test_a_shared_node_alone_makes_first_come_first_served_wrong(expression):
    right, wrong = (at_random(expression, 1, order=order, step=99) for order in ORDERS)
    differ = any(right.gradients[name] != pytest.approx(wrong.gradients[name]) for name in right.gradients)
    assert differ == any(gift["late"] for gift in wrong.gifts())
    assert not any(gift["late"] for gift in right.gifts())
    assert differ == (expression == "shared")


@every_graph
def test_the_way_back_crosses_every_edge_once(expression):
    for order in ORDERS:
        stepper = GraphStepper(expression, order=order)
        edges = {(name, number) for name, _, parents in stepper.graph["nodes"] for number in range(len(parents))}
        assert sorted(stepper.way_back) == sorted(edges)


def calculated(text):
    """The number that a piece of written arithmetic comes to."""
    for sign, python in {"−": "-", "·": "*", "²": "**2"}.items():
        text = text.replace(sign, python)
    return eval(text, {"tanh": math.tanh, "relu": lambda x: max(x, 0)})


@every_graph
@pytest.mark.parametrize("order", ORDERS)
def test_every_equation_that_is_told_is_true(expression, order):
    stepper = at_random(expression, 2, order=order)
    for step in range(1, stepper.last + 1):
        stepper.step = step
        *_, worked, result = stepper.sentence.rstrip(".").split(" = ")
        if stepper.sentence.startswith("Forward"):
            equations = [(worked, result)]
        elif "carries" in stepper.sentence:
            product, sent, total, after = re.search(r"carries (.+) = (.+)\. dL/d\S+ = (.+) = (.+?)[,:]", stepper.sentence).groups()
            equations = [(product, sent), (total, after)]
        else:
            equations = [("1", result)]
        for left, right in equations:
            assert calculated(left) == pytest.approx(calculated(right), abs=0.02)  # three decimals are told, and numbers go up to 50


def test_known_values_and_gradients_grow_step_by_step():
    stepper = GraphStepper("shared")
    assert stepper.gradients == {}
    assert stepper.sentence == "The inputs: a = 2, b = −1, c = 3."
    stepper.step = 3
    assert stepper.sentence == "Forward: L = u·v = (−2)·1 = −2."
    stepper.step = 4
    assert stepper.gradients == {"L": 1}
    stepper.step = 5
    assert stepper.sentence == ("Back from L to u: slope v = 1, so it carries 1·1 = 1. dL/du = 0 + 1 = 1, and 1 more to come.")
    stepper.step = 7
    assert stepper.gradients == {"L": 1, "u": -1, "v": -2}


def test_another_expression_brings_its_own_inputs_and_a_step_that_exists():
    stepper = GraphStepper("two layers", step=99)
    assert stepper.step == stepper.last == 14
    stepper.expression = "doubling"
    assert (stepper.inputs, stepper.step) == ((1,), stepper.last)
    assert GraphStepper("product", inputs=(1, 0.5), step=2).inputs == (1, 0.5)


@every_graph
def test_the_static_picture_and_the_description_carry_what_is_known(expression):
    stepper = GraphStepper(expression, step=99)
    svg = stepper.static_svg()
    for name, gradient in stepper.gradients.items():
        assert f">dL/d{name} = " in svg
        assert f"dL/d{name} = " in stepper.description
        assert gradient is not None
    assert ">?<" not in svg
    stepper.step = 0
    assert stepper.static_svg().count(">?<") == len(stepper.graph["nodes"])
    assert "←" not in stepper.static_svg()


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (dict(inputs=(1, 2, 3)), "has 3 numbers. Give 2: a, b"),
        (dict(inputs=(1, 9)), "from -5 to 5"),
        (dict(inputs=(1, True)), "from -5 to 5"),
        (dict(inputs=(1, float("nan"))), "from -5 to 5"),
        (dict(inputs=3), "not a list of numbers"),
        (dict(expression="cube"), "cube"),
        (dict(order="random"), "random"),
    ],
)
def test_settings_that_cannot_be_shown_are_refused(wrong, words):
    with pytest.raises(TraitError, match=words):
        GraphStepper(**wrong)
