"""Exercises of chapter 19, What did it learn?, that need no program: by hand and by algebra."""

import numpy as np
import sympy

from cnnlib.exercises.exercise import Exercise, Misconception
from cnnlib.nn import Conv2d, Flatten, Linear, MaxPool2d, ReLU, Sequential
from cnnlib.ops.pooling import max_pool2d_backward


def _unit():
    """The score of the little net of the exercise, and its gradient at three cells."""
    net = Sequential(Conv2d(1, 1, 2), ReLU(), MaxPool2d(2), Flatten(), Linear(1, 1))
    weight = np.array([[[[1.0, -1.0], [0.0, 2.0]]]])
    net.load({"0.weight": weight, "0.bias": np.array([-1.0]), "4.weight": np.array([[3.0]]), "4.bias": np.array([0.0])})
    score = net(np.array([[[[2.0, 1.0, 0.0], [0.0, 2.0, 3.0], [1.0, 0.0, 1.0]]]]))
    gradient = net.backward(np.ones((1, 1)))[0, 0]
    return (float(score.item()), *(float(gradient[cell]) for cell in ((0, 0), (0, 1), (1, 2))))


UNIT_BY_HAND = Exercise(
    id="unit-by-hand",
    chapter=19,
    title="Follow a pixel by hand",
    task=(
        "An image has the rows 2 1 0, 0 2 3 and 1 0 1. It meets a kernel with the rows 1 -1 and 0 2 (slid without a flip, no padding, "
        "bias -1), then ReLU, then max pooling over all 2 x 2 outputs; the score is 3 times what is left. "
        "Give the score and its gradient by the cells (0, 0), (0, 1) and (1, 2), as a tuple of four."
    ),
    kind="number",
    minutes=8,
    difficulty=1,
    starter="unit_by_hand = (..., ..., ..., ...)",
    answer=_unit,
    parts=("the score", "the gradient by cell (0, 0)", "the gradient by cell (0, 1)", "the gradient by cell (1, 2)"),
    whole=None,
    hints=(
        "Four windows, four outputs. The first is 2*1 + 1*(-1) + 0*0 + 2*2 - 1 = 4.",
        "The others are 6, -3 and 0. ReLU and the maximum leave one of the four. Only its window has a gradient.",
        "The way back from the score: times 3, then to the winner alone, through the ReLU (it is positive), then times the kernel's cells.",
    ),
    misconceptions=(
        Misconception(
            "every-window",
            "You let all positive outputs pass a gradient back. Behind a maximum only the winner does.",
            lambda: (18, 3, 0, 6),
        ),
        Misconception(
            "first-window",
            "Your gradient goes to the first window. The largest output stands in another one.",
            lambda: (18, 3, -3, 0),
        ),
        Misconception(
            "score-not-scaled",
            "You forgot the factor 3 between the pooled number and the score.",
            lambda: (6, 0, 1, 2),
        ),
        Misconception("gradient-not-scaled", "The score is right. On the way back, too, the factor 3 applies.", lambda: (18, 0, 1, 2)),
        Misconception(
            "flipped",
            "On the way back you turned the kernel round. Each cell receives the weight that it was multiplied with.",
            lambda: (18, 0, 6, 3),
        ),
        Misconception(
            "kernel-turned",
            "You turned the kernel round before you slid it. Here it is slid as it stands.",
            lambda: (15, 6, 0, 0),
        ),
        Misconception(
            "bias-behind",
            "You take the bias off at the end. It belongs to the convolution's sum, before the factor 3.",
            lambda: (20, 0, 3, 6),
        ),
        Misconception(
            "sum-for-the-maximum",
            "You add the outputs. The pooling keeps the largest one alone.",
            lambda: (30, 3, 0, 6),
        ),
        Misconception("bias-forgotten", "The bias -1 is missing in your score.", lambda: (21, 0, 3, 6)),
        Misconception(
            "values",
            "Your gradient holds products of cells and weights. The slope by a cell is its weight alone.",
            lambda: (18, 0, 3, 18),
        ),
        Misconception("average", "That is average pooling: you shared out what belongs to the winner.", lambda: (7.5, 0.75, 0, 1.5)),
    ),
)


def _cam_weight(v, k, n):
    """The mean gradient by the library's own pooling for numbers, v / k**2 for symbols."""
    if not isinstance(n, int):
        return v / sympy.sympify(k) ** 2
    maps = np.random.default_rng(n).normal(size=(1, 1, n, n))
    return float(max_pool2d_backward(np.full((1, 1, n // k, n // k), float(v)), maps, k).mean())


def _draw_cam(rng):
    k = int(rng.integers(1, 5))
    return int(rng.integers(1, 10)), k, k * int(rng.integers(2, 6))


CAM_WEIGHT = Exercise(
    id="cam-weight",
    chapter=19,
    title="A weight of Grad-CAM",
    task=(
        "A map has n x n cells. Max pooling with windows of k x k cells and stride k follows (k divides n), and a dense layer in which "
        "every pooled cell of this map has the same weight v. What is the Grad-CAM weight of the map? Write it in v, k and n."
    ),
    kind="algebra",
    minutes=8,
    difficulty=2,
    parameters=("v", "k", "n"),
    starter='v, k, n = sympy.symbols("v k n", integer=True, positive=True)\ncam_weight = ...',
    answer=_cam_weight,
    examples=((1, 2, 4), (6, 1, 3), (4, 2, 6), (9, 3, 6), (2, 4, 8)),
    draw=_draw_cam,
    hints=(
        "The weight is the mean, over all n**2 cells, of the score's gradient. Which cells have a gradient, and how large is it?",
        "Each window has one winner, and it receives v. The others receive 0. How many windows are there?",
        "(n / k)**2 winners with v each, divided by n**2 cells. See what cancels.",
    ),
    misconceptions=(
        Misconception("winner-alone", "That is the gradient at a winner. Most cells have none; take the mean over all.", lambda v, k, n: v),
        Misconception("sum", "That is the sum of the gradients. The weight is their mean.", lambda v, k, n: v * (n / k) ** 2),
        Misconception("one-winner", "The map has not one winner but one in every window.", lambda v, k, n: v / n**2),
        Misconception(
            "mean-of-the-pooled",
            "You divided v by the number of pooled cells. Each winner receives all of v, and the mean is over the cells of the map.",
            lambda v, k, n: v / (n / k) ** 2,
        ),
        Misconception("one-axis", "A window has k**2 cells, not k.", lambda v, k, n: v / k),
        Misconception("cell-count", "You multiplied by the size of the window; its cells share one gradient.", lambda v, k, n: v * k**2),
        Misconception(
            "averaged-twice",
            "You shared every gradient among the cells of its window and then counted the windows as winners. The winner takes it whole.",
            lambda v, k, n: v / k**4,
        ),
    ),
)


def _flip(m, a, q, r):
    return m / (a * q + 2 * a * r)


def _draw_flip(rng):
    m, a, q, r = (int(rng.integers(1, most)) for most in (12, 8, 20, 20))
    return m, a, q + (q == 2 * r), r  # where q is 2 r, the signed sum of the first misconception is 0


SMALLEST_FLIP = Exercise(
    id="smallest-flip",
    chapter=19,
    title="How small can the change be?",
    task=(
        "The right class leads by m. The gradient of this lead has the entry a in q cells, -2 a in r cells, and 0 in all others; a > 0. "
        "No cell may change by more than epsilon. Which epsilon just takes the lead away, to first order? Write it in m, a, q and r."
    ),
    kind="algebra",
    minutes=8,
    difficulty=2,
    parameters=("m", "a", "q", "r"),
    starter='m, a, q, r = sympy.symbols("m a q r", positive=True)\nsmallest_flip = ...',
    answer=_flip,
    examples=((1, 1, 1, 1), (2, 1, 3, 1), (6, 2, 5, 4), (3, 1, 4, 2)),
    draw=_draw_flip,
    assumptions=(("positive", True),),
    hints=(
        "Every cell moves by epsilon, in the direction that lowers the lead. What does one cell of the first kind take away?",
        "The cells of the first kind take a epsilon each, those of the second 2 a epsilon each: sizes count, not signs.",
        "Together (a q + 2 a r) epsilon. Set this equal to m.",
    ),
    misconceptions=(
        Misconception(
            "signs-cancel",
            "You added the entries with their signs. The change goes down where the gradient is positive and up where it is negative, so "
            "that all terms help.",
            lambda m, a, q, r: m / (a * q - 2 * a * r),
        ),
        Misconception(
            "root-of-squares",
            "You took the root of the sum of squares. That belongs to a bound on the length of the change, not on its largest cell.",
            lambda m, a, q, r: m / (a**2 * q + 4 * a**2 * r) ** 0.5,
        ),
        Misconception("largest-entry", "You moved the most sensitive cell alone. All cells may move.", lambda m, a, q, r: m / (2 * a)),
        Misconception(
            "difference-of-sizes",
            "You subtract the one kind from the other. Every cell is moved in the direction that helps, so all terms add up.",
            lambda m, a, q, r: m / abs(a * q - 2 * a * r),
        ),
        Misconception("a-forgotten", "In r cells the entry is -2 a, not -2.", lambda m, a, q, r: m / (a * q + 2 * r)),
        Misconception("factor-forgotten", "In r cells the entry is twice as large.", lambda m, a, q, r: m / (a * q + a * r)),
        Misconception(
            "loss-of-lead",
            "That is how much the lead loses for each unit of epsilon. Asked for is the epsilon that uses it up.",
            lambda m, a, q, r: a * q + 2 * a * r,
        ),
        Misconception(
            "mean-entry",
            "You divided by the mean size of the entries. All cells move at once, so what they take away adds up.",
            lambda m, a, q, r: m * (q + r) / (a * q + 2 * a * r),
        ),
        Misconception("upside-down", "Your quotient stands upside down.", lambda m, a, q, r: (a * q + 2 * a * r) / m),
        Misconception(
            "half-way",
            "You let the lead fall to half. The gradient is that of the lead itself, so all of m must go.",
            lambda m, a, q, r: m / (2 * (a * q + 2 * a * r)),
        ),
    ),
)

EXERCISES = (UNIT_BY_HAND, CAM_WEIGHT, SMALLEST_FLIP)
