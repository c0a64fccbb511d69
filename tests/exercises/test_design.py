"""A design is judged by the net it makes: budgets to the last number, any right net passes, and what makes no net is told why."""

import numpy as np
import pytest

from cnnlib import AvgPool2d, BatchNorm2d, Conv2d, Dropout, Flatten, GlobalAvgPool2d, Linear, MaxPool2d, ReLU, Sequential, Tanh
from cnnlib.exercises import chapter_21_design, check
from cnnlib.nn import Layer


def right():
    return [
        Conv2d(1, 8, 5, stride=2, padding=2), ReLU(), Conv2d(8, 16, 3, padding=1), ReLU(), MaxPool2d(2),
        Conv2d(16, 16, 3, padding=1), ReLU(), MaxPool2d(2), Flatten(), Linear(144, 10),
    ]  # fmt: skip


@pytest.fixture(autouse=True)
def known_answers():
    """What the exercise keeps of its own answers is worked out with its own budgets, before a test changes them."""
    exercise = chapter_21_design.DESIGN_A_NET
    return exercise.truths, exercise.wrongs


def judged(answer):
    return check("design-a-net", answer)


@pytest.mark.parametrize("wrapped", [list, tuple, lambda layers: Sequential(*layers), lambda layers: [Sequential(*layers)]])
def test_a_right_net_passes_as_a_list_a_tuple_and_a_sequential(wrapped):
    assert judged(wrapped(right())).passed is True


@pytest.mark.parametrize(
    ("budget", "words"),
    [
        ("PARAMETERS", "Look at the parameters above the budget; yours is 1. Those before it are right."),
        ("MULTIPLY_ADDS", "Look at the multiply-adds above the budget; yours is 1. Those before it are right."),
    ],
)
def test_a_budget_that_is_just_kept_passes_and_one_less_does_not(monkeypatch, budget, words):
    table = Sequential(*right()).summary((1, 28, 28))
    cost = {"PARAMETERS": table.parameters, "MULTIPLY_ADDS": table.multiply_adds}[budget]
    monkeypatch.setattr(chapter_21_design, budget, cost)
    assert judged(right()).passed is True
    monkeypatch.setattr(chapter_21_design, budget, cost - 1)
    verdict = judged(right())
    assert verdict.passed is False
    assert words in verdict.message


@pytest.mark.parametrize(("bend", "bends"), [(ReLU(), True), (Tanh(), True), (MaxPool2d(2, stride=1), True), (MaxPool2d(1), False)])
def test_one_layer_that_bends_is_enough_and_a_maximum_of_one_cell_does_not_bend(bend, bends):
    assert judged([Conv2d(1, 4, 20), bend, GlobalAvgPool2d(), Linear(4, 10)]).passed is bends


def test_judging_a_net_leaves_its_layers_in_the_mode_they_were_in():
    layers = [*right()[:-1], Dropout(0.5, rng=0), right()[-1]]
    assert judged(layers).passed is True
    assert [layer.training for layer in layers] == [True] * len(layers)


def test_a_field_that_is_one_cell_short_does_not_pass(monkeypatch):
    monkeypatch.setattr(chapter_21_design, "FIELD", 23)
    assert judged(right()).passed is True
    monkeypatch.setattr(chapter_21_design, "FIELD", 24)
    assert "Look at the cells that the receptive field lacks; yours is 1." in judged(right()).message


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda: [Conv2d(1, 8, 3), Linear(10, 10)], "does not get through your net"),
        (lambda: [*right()[:-1], Linear(145, 10)], "Write Linear(144, 10)"),
        (lambda: [Conv2d], "Write Conv2d(...), with brackets"),
        (lambda: 5, "Give a list of layers, or a Sequential"),
        (lambda: None, "Give a list of layers, or a Sequential"),
        (lambda: "Sequential()", "is the string"),
        (lambda: [Conv2d(1, 10, 28)], "Your net ends with maps of shape (10, 1, 1), not with a row of logits"),
        (lambda: [*right(), Linear(10, 9)], "Look at the number of logits; yours is 9"),
        (lambda: [], "Your net has no layers yet"),
        (lambda: [AvgPool2d(28), Flatten(), Linear(1, 10)], "No layer of your net bends"),
        (lambda: [Conv2d(1, 8, 28), Dropout(0.5), BatchNorm2d(8), GlobalAvgPool2d(), Linear(8, 10)], "No layer of your net bends"),
    ],
)
def test_what_is_no_right_net_is_told_why(answer, words):
    verdict = judged(answer())
    assert verdict.passed is False
    assert words in verdict.message


def test_a_layer_that_hides_its_parameters_is_counted_all_the_same():
    class Hidden(Linear):
        def output_shape(self, shape):
            return (9,)

    verdict = judged([*right()[:-1], Hidden(144, 10)])
    assert verdict.passed is False
    assert "Mend output_shape" in verdict.message


def test_a_layer_that_breaks_in_its_own_way_leaves_a_sentence_and_the_notebook():
    class Broken(Layer):
        def forward(self, x):
            raise KeyError("lost")

    verdict = judged([*right(), Broken()])
    assert verdict.passed is False
    assert "KeyError" in verdict.message


def test_the_answer_is_not_changed():
    layers = [Conv2d(1, 4, 9, stride=4), ReLU(), Conv2d(4, 4, 4), GlobalAvgPool2d(), Linear(4, 10)]
    net = Sequential(*layers)
    before = {name: array.copy() for name, array in net.parameters().items()}
    judged(net)
    assert net.training is True
    assert all(np.array_equal(array, before[name]) for name, array in net.parameters().items())
