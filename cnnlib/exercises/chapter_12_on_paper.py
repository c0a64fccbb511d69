"""Exercises of chapter 12, Checking gradients, that need no program: by hand and by algebra."""

import numpy as np

from cnnlib.exercises.exercise import Exercise, Misconception
from cnnlib.ops.activations import relu


def _quotients(f, x, h):
    """Forward, backward and central difference of f at x."""
    ahead, here, behind = f(x + h), f(x), f(x - h)
    return tuple(float(each) for each in ((ahead - here) / h, (here - behind) / h, (ahead - behind) / (2 * h)))


DIFFERENCE_BY_HAND = Exercise(
    id="difference-by-hand",
    chapter=12,
    title="Three quotients",
    task=(
        "Let f(x) = x**3 - x. At x = 1 and with h = 1/2, give the forward, the backward and the central difference, as a tuple of three. "
        "(The backward difference runs from x - h to x.)"
    ),
    kind="number",
    minutes=5,
    difficulty=1,
    starter="difference_by_hand = (..., ..., ...)",
    answer=lambda: _quotients(lambda x: x**3 - x, 1.0, 0.5),
    parts=("the forward difference", "the backward difference", "the central difference"),
    whole=None,
    hints=(
        "Three values are enough: f(1/2), f(1) and f(3/2).",
        "They are -3/8, 0 and 15/8. A quotient is the rise divided by the way between its two points.",
        "The central difference spans two steps: divide by 2 h, which is 1. It is also the mean of the other two.",
    ),
    misconceptions=(
        Misconception(
            "central-divided-by-h",
            "The central difference spans two steps, from x - h to x + h. Divide by 2 h.",
            lambda: (3.75, 0.75, 4.5),
        ),
        Misconception("slopes", "That is the derivative. Asked for are the three quotients, with their errors.", lambda: (2, 2, 2)),
        Misconception(
            "rises",
            "The central difference is right. Forward and backward difference span one step: divide their rises by h = 1/2.",
            lambda: (1.875, 0.375, 2.25),
        ),
        Misconception(
            "backward-sign",
            "The backward difference is f(x) - f(x - h), divided by h. Yours runs the other way.",
            lambda: (3.75, -0.75, 2.25),
        ),
        Misconception("swapped", "Forward and backward difference are swapped.", lambda: (0.75, 3.75, 2.25)),
        Misconception("x-forgotten", "Those are the quotients of x**3. Subtract x, too.", lambda: _quotients(lambda x: x**3, 1.0, 0.5)),
        Misconception("multiplied", "You multiplied by h. A quotient is divided by it.", lambda: (0.9375, 0.1875, 1.125)),
    ),
)

KINK_BY_HAND = Exercise(
    id="kink-by-hand",
    chapter=12,
    title="Quotients beside a kink",
    task=(
        "ReLU at x = 0.002, with the step h = 0.008. Give the forward, the backward and the central difference, as a tuple of three. "
        "Which of them is the slope at x?"
    ),
    kind="number",
    minutes=4,
    difficulty=1,
    starter="kink_by_hand = (..., ..., ...)",
    answer=lambda: _quotients(lambda x: relu(np.array(x)), 0.002, 0.008),
    parts=("the forward difference", "the backward difference", "the central difference"),
    whole=None,
    hints=(
        "Write down ReLU at -0.006, at 0.002 and at 0.010.",
        "They are 0, 0.002 and 0.010. The backward difference crosses the kink, the forward one does not.",
        "The central one is (0.010 - 0) / 0.016.",
    ),
    misconceptions=(
        Misconception("slopes", "1 is the slope at x. Two of the three quotients reach over the kink.", lambda: (1, 1, 1)),
        Misconception("other-side", "The backward quotient starts at 0.002, not at the kink: its rise is 0.002.", lambda: (1, 0, 0.5)),
        Misconception("on-the-kink", "One half belongs to the kink itself. Here x stands a little right of it.", lambda: (1, 0.25, 0.5)),
        Misconception("central-divided-by-h", "The central difference spans 2 h = 0.016.", lambda: (1, 0.25, 1.25)),
        Misconception("identity", "ReLU of -0.006 is 0. You went on along the line.", lambda: (1, 1, 0.625)),
        Misconception("swapped", "Forward and backward difference are swapped.", lambda: (0.25, 1, 0.625)),
    ),
)


def _draw_sizes(rng):
    """epsilon, F and S as numbers whose roots are of ordinary size."""
    return tuple(int(number) / 8 for number in rng.integers(1, 60, 3))


POSITIVE = (("positive", True),)

BEST_STEP_FORWARD = Exercise(
    id="best-step-forward",
    chapter=12,
    title="The best step of the forward difference",
    task=(
        "Values of f near x have the size F, and the computer gives each with a relative error of at most epsilon. f'' has the size S. "
        "Which step h makes the sum of truncation and rounding error of the forward difference (f(x + h) - f(x)) / h smallest? "
        "Write it in epsilon, F and S."
    ),
    kind="algebra",
    minutes=10,
    difficulty=2,
    parameters=("epsilon", "F", "S"),
    starter='epsilon, F, S = sympy.symbols("epsilon F S", positive=True)\nbest_step_forward = ...',
    answer=lambda epsilon, F, S: 2 * (epsilon * F / S) ** 0.5,
    assumptions=POSITIVE,
    examples=((1, 1, 1), (0.25, 1, 4), (4, 9, 1), (0.5, 2, 4)),
    draw=_draw_sizes,
    hints=(
        "Two terms. Truncation: the largest term of the error of the forward difference. Rounding: two values, each wrong by epsilon F.",
        "The sum is h S / 2 + 2 epsilon F / h. Differentiate by h.",
        "S / 2 = 2 epsilon F / h**2. Solve for h.",
    ),
    misconceptions=(
        Misconception(
            "rounding-of-one-value",
            "Both f(x) and f(x + h) are rounded, and at worst in opposite directions: 2 epsilon F, divided by h.",
            lambda epsilon, F, S: (2 * epsilon * F / S) ** 0.5,
        ),
        Misconception(
            "balanced-without-halves",
            "You made epsilon F / h equal to S h. Mind the factors: 1/2 from Taylor, 2 from two rounded values.",
            lambda epsilon, F, S: (epsilon * F / S) ** 0.5,
        ),
        Misconception(
            "central",
            "That is the pattern of the central difference. The forward one has an error that grows with h, not with h**2.",
            lambda epsilon, F, S: (3 * epsilon * F / S) ** (1 / 3),
        ),
        Misconception("no-square-root", "From h**2 to h there is a square root to take.", lambda epsilon, F, S: 4 * epsilon * F / S),
        Misconception(
            "smallest-error",
            "That is the error at the best step. Asked for is the step.",
            lambda epsilon, F, S: 2 * (epsilon * F * S) ** 0.5,
        ),
        Misconception(
            "upside-down",
            "A function that bends more, with a larger S, needs a smaller step.",
            lambda epsilon, F, S: 2 * (epsilon * S / F) ** 0.5,
        ),
        Misconception(
            "values-forgotten", "The size of f counts: rounding is relative to it.", lambda epsilon, F, S: 2 * (epsilon / S) ** 0.5
        ),
        Misconception("root-of-epsilon", "The rule of thumb. Here F and S count too.", lambda epsilon, F, S: epsilon**0.5),
    ),
)


def _draw_kink(rng):
    h = int(rng.integers(2, 40)) / 8
    return int(rng.integers(-3, 9)) / 8, int(rng.integers(0, 8 * h)) / 8, h


QUOTIENT_AT_A_KINK = Exercise(
    id="quotient-at-a-kink",
    chapter=12,
    title="A leaky ReLU under the central difference",
    task=(
        "A leaky ReLU has slope a on the left of 0 and slope 1 on the right. At x = t, with 0 <= t < h, what is its central difference "
        "with step h? Write it in a, t and h."
    ),
    kind="algebra",
    minutes=6,
    difficulty=2,
    parameters=("a", "t", "h"),
    starter='a, t, h = sympy.symbols("a t h", real=True)\nquotient_at_a_kink = ...',
    answer=lambda a, t, h: ((t + h) - a * (t - h)) / (2 * h),
    assumptions=(("real", True),),
    examples=((0, 0, 1), (0.5, 0, 2), (0.25, 1, 2), (1, 0.5, 4), (-0.5, 1, 4)),
    draw=_draw_kink,
    hints=(
        "On which side of the kink is t + h? On which is t - h?",
        "t + h is on the right, so f(t + h) = t + h. And t - h is negative, so f(t - h) = a (t - h).",
        "Subtract the second from the first and divide by 2 h. Check: a = 1 must give 1.",
    ),
    misconceptions=(
        Misconception("relu", "That is the plain ReLU, a = 0. The left value is a (t - h).", lambda a, t, h: (t + h) / (2 * h)),
        Misconception("divided-by-h", "The two points stand 2 h apart.", lambda a, t, h: ((t + h) - a * (t - h)) / h),
        Misconception(
            "mean-of-slopes", "So it is at t = 0. A little to the right, more of the way has slope 1.", lambda a, t, h: (1 + a) / 2
        ),
        Misconception("slope", "That is the slope at t. The quotient reaches over the kink.", lambda a, t, h: 1 + 0 * t / h),
        Misconception("sign", "The left value is subtracted.", lambda a, t, h: ((t + h) + a * (t - h)) / (2 * h)),
        Misconception(
            "minus-lost",
            "Minus a (t - h) is - a t + a h. You took - a h.",
            lambda a, t, h: ((t + h) - a * (t + h)) / (2 * h),
        ),
        Misconception(
            "from-the-kink",
            "The left part of the way is h - t long, and its slope a. You swapped the two lengths.",
            lambda a, t, h: ((h - t) + a * (t + h)) / (2 * h),
        ),
        Misconception(
            "distance-forgotten", "Left of the kink the value is a (t - h), not -a h.", lambda a, t, h: ((t + h) + a * h) / (2 * h)
        ),
    ),
)

EXERCISES = (DIFFERENCE_BY_HAND, KINK_BY_HAND, BEST_STEP_FORWARD, QUOTIENT_AT_A_KINK)
