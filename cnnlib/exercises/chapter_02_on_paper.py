"""Exercises of chapter 02, Convolution and correlation, that need no program: by hand and by algebra."""

import math
import numbers

import numpy as np

from cnnlib.exercises.exercise import Exercise, Misconception


def _convolved(x, w):
    return tuple(float(each) for each in np.convolve(x, w))


# By hand

FIRST, SECOND = (0.5, 0.25, 0.25), (0.25, 0.75)

DICE_BY_HAND = Exercise(
    id="dice-by-hand",
    chapter=2,
    title="Two loaded dice",
    task=(
        "A die shows 1, 2 or 3 with probabilities 1/2, 1/4 and 1/4. Another, independent of it, shows 1 or 2 with probabilities 1/4 and "
        "3/4. Give the probabilities of the sums 2, 3, 4 and 5 as a tuple. Write fractions as Python divisions, such as 3/16."
    ),
    kind="number",
    minutes=5,
    difficulty=1,
    starter="dice_by_hand = (..., ..., ..., ...)",
    answer=lambda: _convolved(FIRST, SECOND),
    whole=None,
    parts=("P(2)", "P(3)", "P(4)", "P(5)"),
    hints=(
        "Which pairs (first die, second die) lead to the sum 3? There are two.",
        "The dice are independent, so the probability of a pair is a product. Pairs exclude each other, so they are added.",
        "P(3) = P(1)·P(2) + P(2)·P(1), the first factor belonging to the first die. At the end the four must add up to 1.",
    ),
    misconceptions=(
        Misconception(
            "equal-pairs",
            "You count pairs as if all were equally likely. These dice are loaded: every pair has its own product.",
            lambda: (1 / 6, 1 / 3, 1 / 3, 1 / 6),
        ),
        Misconception(
            "not-flipped",
            "You slide one die along the other without flipping it: that counts differences. In a sum, one goes up as the other goes down.",
            lambda: _convolved(FIRST, SECOND[::-1]),
        ),
        Misconception(
            "one-pair-only",
            "Two pairs lead to the sum 3 and two to the sum 4; you kept one of each.",
            lambda: (1 / 8, 3 / 8, 3 / 16, 3 / 16),
        ),
        Misconception(
            "other-pair-only",
            "Two pairs lead to the sum 3 and two to the sum 4; you left out the first of each. Add both.",
            lambda: (1 / 8, 1 / 16, 1 / 16, 3 / 16),
        ),
        Misconception("counted", "These are the numbers of pairs. Their probabilities are wanted.", lambda: (1, 2, 2, 1)),
        Misconception("reversed", "The right numbers in reverse order: the sum 2 comes first.", lambda: _convolved(FIRST, SECOND)[::-1]),
    ),
)

SIGNAL, KERNEL = (2, 0, 1), (1, 3, 5)

CONVOLVE_BY_HAND = Exercise(
    id="convolve-by-hand",
    chapter=2,
    title="Flip and slide by hand",
    task="Convolve x = (2, 0, 1) with w = (1, 3, 5). Give all five numbers of the full convolution, y[0] to y[4], as a tuple.",
    kind="number",
    minutes=5,
    difficulty=1,
    starter="convolve_by_hand = (..., ..., ..., ..., ...)",
    answer=lambda: tuple(int(each) for each in np.convolve(SIGNAL, KERNEL)),
    whole="a result",
    parts=("y[0]", "y[1]", "y[2]", "y[3]", "y[4]"),
    hints=(
        "Write x on a strip of paper and w, flipped, on another: 5, 3, 1. Begin where only the 1 lies under the 2.",
        "y[j] collects x[t] w[j - t]: the two indices add up to j. For y[2] these are x[0] w[2], x[1] w[1] and x[2] w[0].",
        "Or send out copies: 2 times (1, 3, 5) begins at place 0, and 1 times (1, 3, 5) begins at place 2. Add them up.",
    ),
    misconceptions=(
        Misconception(
            "not-flipped",
            "You slid the kernel as it stands. That is cross-correlation; for a convolution flip the kernel first.",
            lambda: tuple(int(each) for each in np.convolve(SIGNAL, KERNEL[::-1])),
        ),
        Misconception(
            "both-flipped",
            "You flipped both. That mirrors the whole result; only one of the two is flipped.",
            lambda: tuple(int(each) for each in np.convolve(SIGNAL, KERNEL)[::-1]),
        ),
        Misconception(
            "same-cells",
            "You multiplied cell 0 by cell 0, cell 1 by cell 1 and so on. Convolution does this at every place, and adds up.",
            lambda: (2, 0, 5, 0, 0),
        ),
        Misconception(
            "superposed",
            "You added the two sequences. Convolution multiplies first, cell by cell, and then adds up.",
            lambda: (3, 3, 6, 0, 0),
        ),
        Misconception(
            "only-one-copy",
            "The cell x[2] = 1 sends out a copy of the kernel too, beginning at place 2.",
            lambda: (2, 6, 10, 0, 0),
        ),
        Misconception(
            "second-copy-misplaced",
            "The copy of cell x[2] begins at place 2. Yours begins elsewhere, as if the cell x[1] = 0 did not exist.",
            lambda: (2, 7, 13, 5, 0),
        ),
    ),
)

# By algebra


def _cos(angle):
    """The cosine of a number as a number, of an expression as an expression."""
    if isinstance(angle, numbers.Number):
        return math.cos(angle)
    import sympy

    return sympy.cos(sympy.nsimplify(angle / math.pi, rational=True) * sympy.pi)


def _draw_kernel(rng):
    return float(rng.integers(-8, 9)) / 4, float(rng.integers(-8, 9)) / 4, float(rng.integers(-16, 17)) / 32


SYMMETRIC_RESPONSE = Exercise(
    id="symmetric-response",
    chapter=2,
    title="The frequency response of a symmetric kernel",
    task=(
        "A kernel has the cells `w[-1] = a`, `w[0] = b` and `w[1] = a`, and is 0 elsewhere. Write its frequency response H(nu), the "
        "sum over u of `w[u] * exp(-2 pi i nu u)`, as simply as you can. nu is the frequency in cycles per cell."
    ),
    kind="algebra",
    minutes=8,
    difficulty=2,
    parameters=("a", "b", "nu"),
    starter='a, b, nu = sympy.symbols("a b nu", real=True)\nsymmetric_response = ...',
    answer=lambda a, b, nu: b + 2 * a * _cos(2 * math.pi * nu),
    examples=((0.25, 0.5, 0.0), (0.25, 0.5, 0.5), (0.25, 0.5, 0.25), (-1.0, 2.0, 0.125), (1.0, 0.0, 0.375)),
    draw=_draw_kernel,
    assumptions=(("real", True),),
    hints=(
        "Three cells give three terms. What is exp(-2 pi i nu u) for u = 0?",
        "The terms for u = 1 and u = -1 are conjugate to each other. A number and its conjugate add up to twice its real part.",
        "The real part of exp(i t) is `sympy.cos(t)`. Test your answer at nu = 0: there it must be the sum of the cells, 2 a + b.",
    ),
    misconceptions=(
        Misconception(
            "one-side-only",
            "At nu = 0 the response is the sum of all cells. You took one of the two outer cells.",
            lambda a, b, nu: b + a * _cos(2 * math.pi * nu),
        ),
        Misconception(
            "radians",
            "nu counts cycles per cell, and one cycle is an angle of 2 pi. Yours treats nu as an angle.",
            lambda a, b, nu: b + 2 * a * _cos(nu * 1.0),
        ),
        Misconception(
            "half-the-angle",
            "The outer cells stand one cell from the middle, so their wave turns by 2 pi nu. Yours turns by half of that.",
            lambda a, b, nu: b + 2 * a * _cos(math.pi * nu),
        ),
        Misconception(
            "two-cells-apart",
            "The two outer cells are two cells apart, but each is one cell from the middle: the angle is 2 pi nu.",
            lambda a, b, nu: b + 2 * a * _cos(4 * math.pi * nu),
        ),
        Misconception(
            "middle-turns-too",
            "For u = 0 the exponential is 1, whatever the frequency: the middle cell enters as it is.",
            lambda a, b, nu: (b + 2 * a) * _cos(2 * math.pi * nu),
        ),
        Misconception(
            "minus",
            "The conjugate terms are added: their imaginary parts cancel and the real parts double. The sign of the outer cells stays.",
            lambda a, b, nu: b - 2 * a * _cos(2 * math.pi * nu),
        ),
        Misconception(
            "size",
            "That is |H|, the size of H. H itself may be negative, and then bright and dark are exchanged.",
            lambda a, b, nu: abs(b + 2 * a * _cos(2 * math.pi * nu)),
        ),
        Misconception("sum-only", "That is the response at the frequency 0, the sum of the cells.", lambda a, b, nu: 2 * a + b),
    ),
)

EXERCISES = (DICE_BY_HAND, CONVOLVE_BY_HAND, SYMMETRIC_RESPONSE)
