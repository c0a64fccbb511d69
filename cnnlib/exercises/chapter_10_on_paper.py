"""Exercises of chapter 10, Backpropagation, that need no program: by hand and by algebra."""

import numpy as np

from cnnlib.exercises.chapter_10 import sum_over_paths
from cnnlib.exercises.exercise import Exercise, Misconception

# By hand

_A, _B = 2, 3
_U = _A * _B
_V = _U + _A
# Nodes a, b, u = a b, v = u + a, L = u v, with the slope of each edge.
_GRAPH = [[], [], [(0, _B), (1, _A)], [(2, 1), (0, 1)], [(2, _V), (3, _U)]]


def _shared():
    slopes = sum_over_paths(_GRAPH)
    return slopes[2], slopes[0], slopes[1]


SHARED_BY_HAND = Exercise(
    id="shared-by-hand",
    chapter=10,
    title="Back through a graph, by hand",
    task=(
        "u = a b, v = u + a and L = u v, at a = 2 and b = 3. Draw the graph, run forward, then back. "
        "Give dL/du, dL/da and dL/db, as a tuple."
    ),
    kind="number",
    minutes=8,
    difficulty=1,
    starter="shared_by_hand = (..., ..., ...)",
    answer=_shared,
    parts=("dL/du", "dL/da", "dL/db"),
    whole=None,
    hints=(
        "Forward: u = 6, v = 8, L = 48. Backward begins at L with 1. The slopes of a product are the other factors.",
        "u was used twice: in v and in L. dL/du is the sum of both ways: v directly, and u times 1 over v.",
        "a was used twice too: in u, with the slope b, and in v, with the slope 1. dL/dv is u = 6.",
    ),
    misconceptions=(
        Misconception(
            "u-directly-alone",
            "u reaches L in two ways: directly, and through v. You followed the direct one.",
            lambda: (_V, _V * _B + _U, _V * _A),
        ),
        Misconception(
            "u-through-v-alone",
            "u reaches L in two ways: directly, and through v. You followed the one through v.",
            lambda: (_U, _U * _B + _U, _U * _A),
        ),
        Misconception(
            "passed-on-too-early",
            "dL/du is right. But u handed a and b a gradient that was not complete yet: the part that came through v was missing.",
            lambda: (_U + _V, _V * _B + _U, _V * _A),
        ),
        Misconception(
            "a-through-u-alone",
            "a was used twice: in u and in v. Add the gradient that comes through v.",
            lambda: (_U + _V, (_U + _V) * _B, (_U + _V) * _A),
        ),
        Misconception(
            "a-through-v-alone",
            "a was used twice: in u and in v. Add the gradient that comes through u.",
            lambda: (_U + _V, _U, (_U + _V) * _A),
        ),
        Misconception(
            "one-way-each",
            "u was used twice, and a too. You followed one way of each; add what comes over the other.",
            lambda: (_V, _V * _B, _V * _A),
        ),
        Misconception(
            "own-factor",
            "The slope of u = a b by a is b, the other factor. You took a itself, and b for b.",
            lambda: (_U + _V, (_U + _V) * _A + _U, (_U + _V) * _B),
        ),
        Misconception(
            "slope-one-forgotten",
            "dL/du and dL/db are right. What comes to a through v is dL/dv times 1, not 1 alone.",
            lambda: (_U + _V, (_U + _V) * _B + 1, (_U + _V) * _A),
        ),
        Misconception("values", "Those are values of the forward pass. Asked for are gradients.", lambda: (_U, _A, _B)),
    ),
)

_WIDTHS = (3, 4, 5, 2)


def _paths_and_products():
    """The paths between one input and one output, and the multiplications of one row times the Jacobians, last one first."""
    reach = [np.ones((rows, columns)) for rows, columns in zip(_WIDTHS[1:], _WIDTHS[:-1], strict=True)]
    between = reach[2] @ reach[1] @ reach[0]
    return int(between[0, 0]), sum(jacobian.size for jacobian in reach[:2])


PATHS_AND_PRODUCTS = Exercise(
    id="paths-and-products",
    chapter=10,
    title="Paths, and what they cost",
    task=(
        "A net has 3 inputs, then layers of 4, 5 and 2 numbers, and every number reads all those before it. How many paths lead from one "
        "input to one output? And how many multiplications give the gradient of *one* output by all three inputs in reverse mode, if the "
        "three Jacobians are known? (Its row of the last Jacobian is read off and costs nothing.) Answer with a tuple of two numbers."
    ),
    kind="number",
    minutes=6,
    difficulty=2,
    starter="paths_and_products = (..., ...)",
    answer=_paths_and_products,
    parts=("the paths", "the multiplications"),
    whole="a count",
    hints=(
        "A path goes through one of the 4 numbers and then through one of the 5. How many choices is that?",
        "The row of the last Jacobian has 5 entries. Times a matrix of 5 x 4, that makes a row of 4. How many products?",
        "Then the row of 4 entries times a matrix of 4 x 3. Add both.",
    ),
    misconceptions=(
        Misconception(
            "all-ends",
            "Those are the paths from any input to any output. Asked for are those between one and one.",
            lambda: (3 * 4 * 5 * 2, 5 * 4 + 4 * 3),
        ),
        Misconception(
            "all-inputs",
            "Those are the paths from all three inputs. Asked for are those from one.",
            lambda: (3 * 4 * 5, 5 * 4 + 4 * 3),
        ),
        Misconception(
            "all-outputs",
            "Those are the paths to both outputs. Asked for are those to one.",
            lambda: (4 * 5 * 2, 5 * 4 + 4 * 3),
        ),
        Misconception("paths-added", "A path makes a choice and then another: the numbers multiply.", lambda: (4 + 5, 5 * 4 + 4 * 3)),
        Misconception(
            "both-outputs",
            "The paths are right. The multiplications are those for both outputs; asked for is one.",
            lambda: (4 * 5, 2 * (5 * 4 + 4 * 3)),
        ),
        Misconception(
            "first-row-multiplied",
            "The paths are right. The row of the last Jacobian is there already: nothing has to be multiplied for it.",
            lambda: (4 * 5, 2 * 5 + 5 * 4 + 4 * 3),
        ),
        Misconception(
            "forward-mode",
            "The paths are right. Those are the multiplications of forward mode, which carries all three inputs along.",
            lambda: (4 * 5, 5 * 4 * 3 + 2 * 5 * 3),
        ),
        Misconception(
            "path-by-path",
            "The paths are right. Multiplying along each path anew costs that much; reverse mode shares what paths have in common.",
            lambda: (4 * 5, 4 * 5 * 3 * 2),
        ),
        Misconception(
            "matrices-first",
            "The paths are right. You multiplied the matrices with each other; reverse mode only ever multiplies a row with a matrix.",
            lambda: (4 * 5, 5 * 4 * 3 + 5 * 3),
        ),
        Misconception(
            "entries-multiplied",
            "The paths are right. The two products come one after the other: add their costs.",
            lambda: (4 * 5, (5 * 4) * (4 * 3)),
        ),
    ),
)

# By algebra

NUMBERS = (("real", True),)

JACOBIAN_ENTRY = Exercise(
    id="jacobian-entry",
    chapter=10,
    title="An entry of a product of Jacobians",
    task=(
        "f takes (a, b) to (u, v) = (a b, a - b), and g takes (u, v) to (u v, u + 3 v). "
        "Write entry (0, 1) of the Jacobian of g(f(a, b)), rows and columns counted from 0, in a and b."
    ),
    kind="algebra",
    minutes=8,
    difficulty=2,
    parameters=("a", "b"),
    starter='a, b = sympy.symbols("a b", real=True)\njacobian_entry = ...',
    answer=lambda a, b: (a - b) * a - a * b,
    assumptions=NUMBERS,
    examples=((1, 0), (0, 1), (2, 3), (-1, 4), (5, -2)),
    draw=lambda rng: tuple(int(number) for number in rng.integers(-9, 10, 2)),
    hints=(
        "Entry (0, 1): the first output, u v, by the second input, b. Which two paths lead from b to it?",
        "Row 0 of g's Jacobian is (v, u). Column 1 of f's is (a, -1). At the end insert u = a b and v = a - b.",
        "The row times the column is v a + u (-1).",
    ),
    misconceptions=(
        Misconception("over-u-alone", "b changes both u and v. The path over v is missing.", lambda a, b: (a - b) * a),
        Misconception("over-v-alone", "b changes both u and v. The path over u is missing.", lambda a, b: -a * b),
        Misconception("sign-lost", "v = a - b falls when b rises: its slope by b is -1.", lambda a, b: (a - b) * a + a * b),
        Misconception("entry-1-0", "That is entry (1, 0): the second output by the first input.", lambda a, b: b + 3 + 0 * a),
        Misconception("entry-0-0", "That is entry (0, 0): the first output by the first input.", lambda a, b: (a - b) * b + a * b),
        Misconception("entry-1-1", "That is entry (1, 1): the second output by the second input.", lambda a, b: a - 3 + 0 * b),
        Misconception(
            "wrong-order",
            "You multiplied f's Jacobian by g's. The outer function's stands on the left.",
            lambda a, b: b * (a * b) + 3 * a,
        ),
        Misconception(
            "taken-at-the-wrong-place",
            "Row 0 of g's Jacobian is (v, u), taken at u = a b and v = a - b. You took it at u = a and v = b.",
            lambda a, b: b * a - a,
        ),
        Misconception("the-outputs", "That is the output u v itself. Asked for is its derivative by b.", lambda a, b: a * b * (a - b)),
    ),
)


def _backward_count(N, n, h, k):
    """dw2 and dh, the activation, dw1: every matrix product of (a x b) by (b x c) costs a b c."""
    return 2 * N * h * k + N * h + N * n * h


def _draw_sizes(rng):
    return tuple(int(number) for number in rng.integers(1, 9, 4))


BACKWARD_MULTIPLICATIONS = Exercise(
    id="backward-multiplications",
    chapter=10,
    title="What a backward pass multiplies",
    task=(
        "N rows of n numbers go through a dense layer to h numbers, an activation, and a dense layer to k numbers; there are no biases. "
        "dy has arrived, and the slopes of the activation are known. How many multiplications do dw2, dh, dz and dw1 cost? "
        "Nobody needs dx. Write the count in N, n, h and k."
    ),
    kind="algebra",
    minutes=8,
    difficulty=2,
    parameters=("N", "n", "h", "k"),
    starter='N, n, h, k = sympy.symbols("N n h k", integer=True, positive=True)\nbackward_multiplications = ...',
    answer=_backward_count,
    examples=((1, 1, 1, 1), (2, 3, 4, 5), (1, 7, 2, 3), (4, 2, 1, 6)),
    draw=_draw_sizes,
    hints=(
        "Write down the four products with the shapes of their factors. A product of (a x b) by (b x c) costs a b c.",
        "dw2 = dy^T h is (k x N) times (N x h). dh = dy w2 is (N x k) times (k x h). They cost the same.",
        "dz multiplies N h numbers, one slope each. dw1 = dz^T x costs N h n. Add everything.",
    ),
    misconceptions=(
        Misconception(
            "forward",
            "That is what the forward pass multiplies. Backward, each layer has two products, except where nobody needs dx.",
            lambda N, n, h, k: N * n * h + N * h * k,
        ),
        Misconception(
            "activation-free",
            "dz = dh times the slope: one multiplication for each of its numbers.",
            lambda N, n, h, k: 2 * N * h * k + N * n * h,
        ),
        Misconception(
            "diagonal-as-a-matrix",
            "The activation's Jacobian is diagonal. dz takes one multiplication for each number of dh, not a product with h x h entries.",
            lambda N, n, h, k: 2 * N * h * k + N * h * h + N * n * h,
        ),
        Misconception("dx-counted", "dx is counted too, and nobody needs it.", lambda N, n, h, k: 2 * N * h * k + N * h + 2 * N * n * h),
        Misconception(
            "dx-counted-activation-free",
            "dx is counted though nobody needs it, and the activation's slopes are missing.",
            lambda N, n, h, k: 2 * N * h * k + 2 * N * n * h,
        ),
        Misconception("one-row", "That is the count for one row. There are N of them.", lambda N, n, h, k: 2 * h * k + h + n * h + 0 * N),
        Misconception(
            "weights-alone", "dh is missing: without it nothing reaches the first layer.", lambda N, n, h, k: N * h * k + N * h + N * n * h
        ),
    ),
)

EXERCISES = (SHARED_BY_HAND, PATHS_AND_PRODUCTS, JACOBIAN_ENTRY, BACKWARD_MULTIPLICATIONS)
