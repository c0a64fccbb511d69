"""Exercises of chapter 07, Activations, that need no program: by hand and by algebra."""

import math
import numbers

import numpy as np

from cnnlib.exercises.exercise import Exercise, Misconception
from cnnlib.ops.activations import leaky_relu_backward
from cnnlib.ops.convolution import convolve2d

# By hand

FIRST, SECOND, FIRST_BIAS, SECOND_BIAS = (2, 1), (1, -2, 3), 4, -5


def _merged(first, second, bias):
    """Kernel and bias of one layer, by the library's true convolution."""
    kernel = convolve2d(np.array([second], dtype=float), np.array([first], dtype=float))[0]
    return (*(int(weight) for weight in kernel), bias)


_BIAS = FIRST_BIAS * sum(SECOND) + SECOND_BIAS

MERGE_BY_HAND = Exercise(
    id="merge-by-hand",
    chapter=7,
    title="Two layers into one",
    task=(
        "Along one axis, layer 1 has the kernel (2, 1) and the bias 4; layer 2 has the kernel (1, -2, 3) and the bias -5. Nothing stands "
        "between them. One layer does the same: give the four cells of its kernel and its bias, as a tuple of five numbers."
    ),
    kind="number",
    minutes=8,
    difficulty=2,
    starter="merge_by_hand = (..., ..., ..., ..., ...)",
    answer=lambda: _merged(FIRST, SECOND, _BIAS),
    whole="a weight",
    parts=("cell 0", "cell 1", "cell 2", "cell 3", "the bias"),
    hints=(
        "Write h[0] = 2 x[0] + x[1] + 4, then h[1] and h[2], and insert them into y[0] = h[0] - 2 h[1] + 3 h[2] - 5.",
        "Collect the factor of x[0], of x[1], of x[2] and of x[3]. What contains no x is the bias.",
        "Each of the three h brings the bias 4 along, once with the weight 1, once with -2, once with 3.",
    ),
    misconceptions=(
        Misconception(
            "first-bias-lost",
            "The kernel is right. The first bias passes through the second kernel; it does not vanish.",
            lambda: _merged(FIRST, SECOND, SECOND_BIAS),
        ),
        Misconception(
            "biases-added",
            "The kernel is right. But the second layer reads the first bias three times, each time with a weight.",
            lambda: _merged(FIRST, SECOND, FIRST_BIAS + SECOND_BIAS),
        ),
        Misconception(
            "bias-three-times",
            "The kernel is right. The first bias is read three times, but with the weights of the second kernel, not with 1.",
            lambda: _merged(FIRST, SECOND, 3 * FIRST_BIAS + SECOND_BIAS),
        ),
        Misconception(
            "second-bias-lost",
            "The kernel is right. The bias of the second layer is added at the end.",
            lambda: _merged(FIRST, SECOND, FIRST_BIAS * sum(SECOND)),
        ),
        Misconception(
            "second-bias-sign",
            "The kernel is right. The second bias is -5: it lowers the output.",
            lambda: _merged(FIRST, SECOND, FIRST_BIAS * sum(SECOND) - SECOND_BIAS),
        ),
        Misconception(
            "correlated",
            "You slid one kernel along the other as it stands. The two offsets add up, so one of them must be flipped.",
            lambda: _merged(FIRST[::-1], SECOND, _BIAS),
        ),
        Misconception(
            "kernels-added", "You added the kernels. Layers in a row multiply their weights along every path.", lambda: (3, -1, 3, 0, -1)
        ),
        Misconception("cell-by-cell", "You multiplied cells with the same number. Every cell meets every other.", lambda: (2, -2, 0, 0, 3)),
        Misconception("reversed", "The right numbers in reverse order.", lambda: (*_merged(FIRST, SECOND, 0)[3::-1], _BIAS)),
    ),
)

UPSTREAM, INPUTS, LEAK = (4.0, -1.0, 2.0, 5.0), (-3.0, 2.0, 0.0, 1.0), 0.25

LEAKY_BY_HAND = Exercise(
    id="leaky-by-hand",
    chapter=7,
    title="Backward through a leaky ReLU",
    task=(
        "A leaky ReLU with negative_slope 0.25 got the inputs x = (-3, 2, 0, 1). The upstream gradient is dy = (4, -1, 2, 5). "
        "Give dx. At 0 the slope is that of the left branch."
    ),
    kind="number",
    minutes=4,
    difficulty=1,
    starter="leaky_by_hand = (..., ..., ..., ...)",
    answer=lambda: tuple(leaky_relu_backward(np.array(UPSTREAM), np.array(INPUTS), LEAK).tolist()),
    whole=None,
    parts=("dx[0]", "dx[1]", "dx[2]", "dx[3]"),
    hints=(
        "Write the four slopes first. Each is 1 or 0.25.",
        "The inputs decide about the slopes: negative, positive, zero, positive.",
        "Multiply slope and upstream gradient, entry by entry. Signs of dy stay as they are.",
    ),
    misconceptions=(
        Misconception("relu", "That is the gradient of the plain ReLU. The leaky one lets a quarter through.", lambda: (0, -1, 0, 5)),
        Misconception("kink-passes", "At 0 you took the slope of the right branch.", lambda: (1, -1, 2, 5)),
        Misconception("kink-blocked", "At 0 you took the slope 0, as for the plain ReLU.", lambda: (1, -1, 0, 5)),
        Misconception("gated-by-dy", "You chose the branch by the sign of dy. The input chooses it.", lambda: (4, -0.25, 2, 5)),
        Misconception("wrong-side", "The slopes are the wrong way round: 1 belongs to positive inputs.", lambda: (4, -0.25, 2, 1.25)),
        Misconception("times-x", "You multiplied dy by x. The factor is the slope at x.", lambda: (-12, -2, 0, 5)),
        Misconception("slopes", "Those are the slopes. Multiply them by dy.", lambda: (0.25, 1, 0.25, 1)),
        Misconception("forward", "Those are the outputs of the forward pass.", lambda: (-0.75, 2, 0, 1)),
        Misconception("leak-with-minus", "The slope on the left is +0.25: the line rises there too.", lambda: (-1, -1, 0.5, 5)),
    ),
)

# By algebra


def either(name, x):
    """A function of the math module, of a number or of a SymPy expression. SymPy is not loaded for a number."""
    if isinstance(x, numbers.Real):
        return getattr(math, name)(x)
    import sympy

    return getattr(sympy, name)(x)


def _log(x):
    return either("log", x)


def _sigmoid(x):
    return 1 / (1 + either("exp", -x))


REAL = (("real", True),)

SILU_SLOPE = Exercise(
    id="silu-slope",
    chapter=7,
    title="The slope of SiLU",
    task="SiLU is f(x) = x sigmoid(x). Write its derivative in x and s, where s stands for sigmoid(x). No exponential is needed.",
    kind="algebra",
    minutes=6,
    difficulty=2,
    parameters=("x", "s"),
    starter='x, s = sympy.symbols("x s", real=True)\nsilu_slope = ...',
    answer=lambda x, s: s + x * s * (1 - s),
    assumptions=REAL,
    # x and s as if they were independent: an identity between the two forms holds for all pairs.
    examples=((0, 0.5), (2, 0.25), (-1, 0.75), (3, 0.125)),
    draw=lambda rng: (int(rng.integers(-40, 41)) / 8, int(rng.integers(1, 64)) / 64),
    hints=(
        "f is a product of two factors that both depend on x. Which rule is that?",
        "The derivative of sigmoid, in s, is s (1 - s).",
        "One term is 1 times s. The other is x times the derivative of the sigmoid.",
    ),
    misconceptions=(
        Misconception("no-product-rule", "Both factors depend on x. You differentiated x alone.", lambda x, s: s),
        Misconception("x-not-differentiated", "The factor x has a derivative too; its term is missing.", lambda x, s: x * s * (1 - s)),
        Misconception(
            "product-of-derivatives",
            "The derivative of a product is not the product of the derivatives.",
            lambda x, s: s * (1 - s),
        ),
        Misconception(
            "sigmoid-slope-one-minus-s", "The derivative of the sigmoid is not 1 - s: a factor is missing.", lambda x, s: s + x * (1 - s)
        ),
        Misconception(
            "sigmoid-its-own-slope", "The derivative of the sigmoid is not s itself: a factor is missing.", lambda x, s: s + x * s
        ),
        Misconception(
            "s-left-out", "The derivative of x is 1, and the other factor stays beside it: 1 times s.", lambda x, s: 1 + x * s * (1 - s)
        ),
        Misconception("tanh-slope", "You used the derivative of tanh. The sigmoid's own is s (1 - s).", lambda x, s: s + x * (1 - s * s)),
        Misconception("sum-of-derivatives", "x is still a factor of the second term.", lambda x, s: s + s * (1 - s)),
        Misconception("sign", "The second term is added: sigmoid rises everywhere.", lambda x, s: s - x * s * (1 - s)),
        Misconception("forward", "That is SiLU itself.", lambda x, s: x * s),
    ),
)

STEEPEST_SLOPE = Exercise(
    id="steepest-slope",
    chapter=7,
    title="The steepest slope of a scaled sigmoid",
    task="Let f(x) = A sigmoid(B x + C) with A > 0 and B > 0. What is the largest slope of f? Write it in A, B and C, if they matter.",
    kind="algebra",
    minutes=8,
    difficulty=2,
    parameters=("A", "B", "C"),
    starter='A, B, C = sympy.symbols("A B C", positive=True)\nsteepest_slope = ...',
    answer=lambda A, B, C: A * B / 4,
    assumptions=(("positive", True),),
    examples=((1, 1, 1), (2, 1, 3), (1, 2, 0.5), (3, 5, 2)),
    draw=lambda rng: tuple(int(number) / 4 for number in rng.integers(1, 40, 3)),
    hints=(
        "Which x does not matter: C moves the curve along the axis. Does that change how steep it is anywhere?",
        "Chain rule: f'(x) = A B s (1 - s), with s = sigmoid(B x + C). For which s between 0 and 1 is s (1 - s) largest?",
        "s (1 - s) is a parabola that is 0 at 0 and at 1. Its top lies in the middle.",
    ),
    misconceptions=(
        Misconception("no-inner-derivative", "The chain rule brings a factor out of the inside, B x + C.", lambda A, B, C: A / 4),
        Misconception("no-height", "The height A multiplies the slope too.", lambda A, B, C: B / 4),
        Misconception("plain-sigmoid", "That is the largest slope of the plain sigmoid.", lambda A, B, C: 1 / (4 + 0 * A)),
        Misconception("half", "s (1 - s) at s = 1/2 is not 1/2.", lambda A, B, C: A * B / 2),
        Misconception("no-quarter", "The slope of the sigmoid itself is never 1.", lambda A, B, C: A * B),
        Misconception(
            "slope-at-zero",
            "That is the slope at x = 0. The curve is steepest where B x + C = 0.",
            lambda A, B, C: A * B * _sigmoid(C) * _sigmoid(-C),
        ),
        Misconception(
            "height-in-the-middle", "That is how high the curve is at its steepest place, not its slope there.", lambda A, B, C: A / 2
        ),
        Misconception("squared-height", "You inserted f for s in s (1 - s). The height A stands outside.", lambda A, B, C: A * A * B / 4),
        Misconception("stretched-wrong-way", "A large B squeezes the curve: it becomes steeper, not flatter.", lambda A, B, C: A / B / 4),
        Misconception("shift-counts", "C moves the curve to the left or right. No slope is lost or gained.", lambda A, B, C: A * B * C / 4),
    ),
)

SIGMOID_INVERSE = Exercise(
    id="sigmoid-inverse",
    chapter=7,
    title="Back from a probability",
    task="y = sigmoid(x). Write x in y. (The result is called the logit of y; chapter 9 needs it.)",
    kind="algebra",
    minutes=5,
    difficulty=1,
    parameters=("y",),
    starter='y = sympy.symbols("y", positive=True)\nsigmoid_inverse = ...',
    answer=lambda y: _log(y / (1 - y)),
    assumptions=(("positive", True),),
    examples=((0.5,), (0.25,), (0.75,), (0.125,)),
    draw=lambda rng: (int(rng.integers(1, 64)) / 64,),
    hints=(
        "Begin with 1/y = 1 + exp(-x).",
        "So exp(-x) = (1 - y)/y. What is -x then?",
        "sympy.log is the natural logarithm. Mind the sign: turn the fraction over.",
    ),
    misconceptions=(
        Misconception("sign", "The sign is wrong: y above 1/2 belongs to a positive x.", lambda y: _log((1 - y) / y)),
        Misconception("no-logarithm", "That is exp(x). Take its logarithm.", lambda y: y / (1 - y)),
        Misconception("log-of-y", "The 1 of 1 + exp(-x) has disappeared on the way.", lambda y: _log(y)),
        Misconception("reciprocal", "1 over sigmoid is not its inverse function.", lambda y: 1 / y),
        Misconception("forward", "That is the sigmoid of y, one step further on. Asked for is the way back to x.", lambda y: _sigmoid(y)),
        Misconception("derivative", "That is the derivative of the sigmoid, written in y.", lambda y: y * (1 - y)),
        Misconception("minus-one", "1/y - 1 is exp(-x). Take the logarithm, and mind the minus sign.", lambda y: 1 / y - 1),
        Misconception("tanh", "That belongs to tanh, whose values lie between -1 and 1.", lambda y: _log((1 + y) / (1 - y)) / 2),
    ),
)

EXERCISES = (MERGE_BY_HAND, LEAKY_BY_HAND, SILU_SLOPE, STEEPEST_SLOPE, SIGMOID_INVERSE)
