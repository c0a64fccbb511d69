"""Exercises of chapter 08, Pooling, that need no program: by hand and by algebra."""

import numpy as np

from cnnlib.exercises.exercise import Exercise, Misconception
from cnnlib.nn import Linear, Sequential
from cnnlib.ops.pooling import max_pool2d_backward

_GRID = np.array([[[[2.0, 7.0, 1.0], [7.0, 3.0, 5.0], [0.0, 4.0, 6.0]]]])
_UPSTREAM = np.array([[[[1.0, 20.0], [300.0, 4000.0]]]])


def _winners():
    dx = max_pool2d_backward(_UPSTREAM, _GRID, 2, stride=1)[0, 0]
    return tuple(float(dx[cell]) for cell in ((0, 1), (1, 0), (2, 2)))


ROUTE_BY_HAND = Exercise(
    id="route-by-hand",
    chapter=8,
    title="Where does the gradient go?",
    task=(
        "Max pooling with windows of 2 x 2 cells and stride 1 looks at the image with the rows 2 7 1, 7 3 5 and 0 4 6. "
        "Its dy has the rows 1 20 and 300 4000. Give dx at the cells (0, 1), (1, 0) and (2, 2), as a tuple."
    ),
    kind="number",
    minutes=5,
    difficulty=1,
    starter="route_by_hand = (..., ..., ...)",
    answer=_winners,
    parts=("dx at (0, 1)", "dx at (1, 0)", "dx at (2, 2)"),
    whole=None,
    hints=(
        "There are four windows. Write down the four cells of each, and the winner's row and column.",
        "The first window has two sevens. The first in reading order wins: row 0 comes before row 1.",
        "Cell (0, 1) wins the two upper windows, cell (1, 0) the lower left one, cell (2, 2) the lower right one.",
    ),
    misconceptions=(
        Misconception(
            "ties-share",
            "In the first window the two sevens are equal, and you let them share. The first one takes everything.",
            lambda: (20.5, 300.5, 4000),
        ),
        Misconception(
            "ties-all-win",
            "In the first window you paid both sevens in full. One gradient came in, so one goes out.",
            lambda: (21, 301, 4000),
        ),
        Misconception("last-wins", "Of the two sevens in the first window the first wins, in reading order.", lambda: (20, 301, 4000)),
        Misconception(
            "overwritten",
            "Cell (0, 1) wins two windows. It receives the sum of both gradients, not the last of them.",
            lambda: (20, 300, 4000),
        ),
        Misconception(
            "first-kept", "Cell (0, 1) wins two windows. It receives the sum of both gradients, not only the first.", lambda: (1, 300, 4000)
        ),
        Misconception("values", "Those are the values of the cells. Asked for is the gradient that reaches them.", lambda: (7, 7, 6)),
        Misconception(
            "average",
            "You shared out every dy among the four cells of its window. That is average pooling.",
            lambda: (5.25, 75.25, 1000),
        ),
    ),
)


def _ones(k, s):
    """Along one axis k / s windows cover the cell; each gives 1 / k**2."""
    return (k / s) ** 2 / k**2


def _draw_ones(rng):
    s = int(rng.integers(1, 6))
    return s * int(rng.integers(1, 6)), s


SHARE_OF_A_CELL = Exercise(
    id="share-of-a-cell",
    chapter=8,
    title="What an inner cell receives",
    task=(
        "Average pooling with windows of k x k cells and a stride s that divides k. Every dy is 1. "
        "What is dx at a cell far from the border? Write it in k and s."
    ),
    kind="algebra",
    minutes=8,
    difficulty=2,
    parameters=("k", "s"),
    starter='k, s = sympy.symbols("k s", integer=True, positive=True)\nshare_of_a_cell = ...',
    answer=_ones,
    examples=((2, 1), (2, 2), (3, 1), (4, 2), (6, 2)),
    draw=_draw_ones,
    hints=(
        "How many windows cover the cell along one axis? Try k = 4 and s = 2.",
        "Along one axis k / s windows, so (k / s)**2 in all. Each of them hands the cell a share of its 1.",
        "Each share is 1 / k**2. Multiply, and see what cancels.",
    ),
    misconceptions=(
        Misconception("one-window", "That is the share of one window. Several windows cover the cell when s < k.", lambda k, s: 1 / k**2),
        Misconception("count", "That is how many windows cover the cell. Each hands it only a share.", lambda k, s: (k / s) ** 2),
        Misconception("one-axis", "You counted the windows along one axis. They overlap along both.", lambda k, s: 1 / (s * k)),
        Misconception("one-axis-throughout", "You counted along one axis, windows and shares. Images have two.", lambda k, s: 1 / s),
        Misconception(
            "everything", "That would be so at stride 1 alone, where there are as many windows as cells.", lambda k, s: k**2 / k**2
        ),
        Misconception(
            "not-divided-by-s", "A cell that lies in one window only, s = k, receives 1 / k**2. Yours does not.", lambda k, s: s**2 / k**2
        ),
    ),
)


def _saved(C, n, k, classes):
    """What the library's own dense layer counts, with and without the pooling."""
    if not isinstance(n, int):
        return C * classes * (n**2 - (n / k) ** 2)
    dense = [Sequential(Linear(C * side**2, classes)).summary((C * side**2,)).parameters for side in (n, n // k)]
    return dense[0] - dense[1]


def _draw_saved(rng):
    k = int(rng.integers(1, 5))
    return int(rng.integers(1, 6)), k * int(rng.integers(1, 5)), k, int(rng.integers(1, 8))


PARAMETERS_SAVED = Exercise(
    id="parameters-saved",
    chapter=8,
    title="Parameters that pooling saves later",
    task=(
        "C maps of n x n cells are flattened and enter a dense layer with K outputs and biases. How many parameters fewer has that layer "
        "if the maps first go through a pooling of k x k cells with stride k, where k divides n? Write it in C, n, k and K."
    ),
    kind="algebra",
    minutes=6,
    difficulty=1,
    parameters=("C", "n", "k", "K"),
    starter='C, n, k, K = sympy.symbols("C n k K", integer=True, positive=True)\nparameters_saved = ...',
    answer=_saved,
    examples=((1, 2, 2, 1), (3, 4, 2, 5), (2, 6, 3, 4), (4, 6, 2, 3), (2, 3, 1, 3)),
    draw=_draw_saved,
    hints=(
        "A dense layer from m inputs to K outputs has m K weights and K biases. What is m before and behind the pooling?",
        "Without pooling m = C n**2. With it each side shrinks to n / k.",
        "The biases are there in both cases. What is left is C K (n**2 - (n / k)**2).",
    ),
    misconceptions=(
        Misconception(
            "what-remains", "Those are the weights that remain. Asked for are those saved.", lambda C, n, k, K: C * K * (n / k) ** 2
        ),
        Misconception("all-of-them", "Those are the weights without pooling. Some remain.", lambda C, n, k, K: C * K * n**2),
        Misconception(
            "one-side",
            "A map shrinks along both sides: to (n / k)**2 cells, not to n**2 / k.",
            lambda C, n, k, K: C * K * (n**2 - n**2 / k),
        ),
        Misconception(
            "negative", "Fewer parameters are a saving: those before minus those behind.", lambda C, n, k, K: C * K * ((n / k) ** 2 - n**2)
        ),
        Misconception(
            "windows-move-by-one",
            "n - k + 1 is the size for stride 1. Here the windows lie side by side.",
            lambda C, n, k, K: C * K * (n**2 - (n - k + 1) ** 2),
        ),
        Misconception("sides-alone", "A map of n x n cells has n**2 of them.", lambda C, n, k, K: C * K * (n - n / k)),
        Misconception("one-map", "All C maps are flattened into one long vector.", lambda C, n, k, K: K * (n**2 - (n / k) ** 2)),
        Misconception("one-output", "Every one of the K outputs has its own weights.", lambda C, n, k, K: C * (n**2 - (n / k) ** 2)),
        Misconception(
            "biases-too", "The K biases are there with and without the pooling.", lambda C, n, k, K: C * K * (n**2 - (n / k) ** 2) + K
        ),
    ),
)

EXERCISES = (ROUTE_BY_HAND, SHARE_OF_A_CELL, PARAMETERS_SAVED)
