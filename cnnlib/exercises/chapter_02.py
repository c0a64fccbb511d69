"""Programming exercises of chapter 02, Convolution and correlation: sums of two, averages in motion."""

import numpy as np

from cnnlib.exercises.exercise import Exercise, Misconception
from cnnlib.ops.convolution import correlate2d

# The sum of two numbers, dependent or not


def _diagonals(joint, collect=np.trace):
    """For each sum, the entries of the joint table whose row and column add up to it, collected."""
    turned = np.fliplr(joint)
    rows, columns = joint.shape
    return np.array([collect(turned, columns - 1 - total) for total in range(rows + columns - 1)])


def _independent(joint):
    return np.convolve(joint.sum(axis=1), joint.sum(axis=0))


def _draw_joint(rng):
    """A random joint table in 64ths, dependent, with unequal numbers of rows and columns most of the time."""
    shape = int(rng.integers(1, 5)), int(rng.integers(1, 5))
    cells = rng.integers(0, shape[0] * shape[1], 64)
    return (np.bincount(cells, minlength=shape[0] * shape[1]).reshape(shape) / 64,)


SUM_FROM_JOINT = Exercise(
    id="sum-from-joint",
    chapter=2,
    title="The sum, with or without independence",
    task=(
        "`joint[a, b]` is the probability that X = a and Y = b happen together, for a from 0 to m - 1 and b from 0 to n - 1. Return the "
        "probabilities of the sums X + Y = 0, 1, ..., m + n - 2 as an array. X and Y need not be independent."
    ),
    kind="program",
    minutes=10,
    difficulty=2,
    parameters=("joint",),
    starter="def sum_from_joint(joint):\n    sums = ...\n    return sums",
    answer=_diagonals,
    examples=(
        (np.array([[0.5, 0.0], [0.0, 0.5]]),),
        (np.array([[0.125, 0.25, 0.125], [0.25, 0.125, 0.125]]),),
        (np.array([[0.5], [0.125], [0.375]]),),
        (np.array([[0.0, 0.5], [0.25, 0.0], [0.0, 0.25]]),),
    ),
    draw=_draw_joint,
    hints=(
        "Write a 2 by 3 table on paper. Which of its cells belong to the sum 0, which to 1, which to 2?",
        "The cells of one sum lie on a diagonal from bottom left to top right. m rows and n columns have m + n - 1 of them.",
        "Begin with zeros for all sums, go through all cells, and add `joint[a, b]` to the entry a + b.",
    ),
    misconceptions=(
        Misconception(
            "independence-assumed",
            "You multiply the probabilities of X alone and of Y alone. That is right only when X and Y are independent; "
            "the joint table says whether they are.",
            _independent,
        ),
        Misconception(
            "differences",
            "You collect cells in which a - b is the same. For a sum, a and b move in opposite directions.",
            lambda joint: np.array([np.trace(joint, k) for k in range(1 - len(joint), joint.shape[1])]),
        ),
        Misconception(
            "only-equal-numbers",
            "You use the diagonal of the table alone, where X = Y. All cells count.",
            lambda joint: np.array(
                [joint[s // 2, s // 2] if s % 2 == 0 and s // 2 < min(joint.shape) else 0.0 for s in range(sum(joint.shape) - 1)]
            ),
        ),
        Misconception(
            "last-sum-missing",
            "The largest sum is (m - 1) + (n - 1), so with the sum 0 there are m + n - 1 of them.",
            lambda joint: _diagonals(joint)[:-1],
        ),
        Misconception(
            "one-sum-too-many",
            "Your result ends with a sum that cannot occur: the largest is (m - 1) + (n - 1).",
            lambda joint: np.append(_diagonals(joint), 0),
        ),
        Misconception(
            "overwritten",
            "Several cells lead to one sum; you keep the last of them, because `=` overwrites the others. Add them all.",
            lambda joint: _diagonals(joint, lambda table, k: np.diagonal(table, k)[-1]),
        ),
        Misconception(
            "mean-of-the-diagonal",
            "The cells of one sum exclude each other, so their probabilities are added, not averaged.",
            lambda joint: _diagonals(joint, lambda table, k: np.diagonal(table, k).mean()),
        ),
        Misconception(
            "largest-of-the-diagonal",
            "Several cells lead to one sum; you keep the largest of them. Add them all.",
            lambda joint: _diagonals(joint, lambda table, k: np.diagonal(table, k).max()),
        ),
        Misconception("reversed", "The right numbers in reverse order: the sum 0 comes first.", lambda joint: _diagonals(joint)[::-1]),
    ),
)

# The moving average


def _averages(x, length, padding="valid", scale=None):
    kernel = np.full((1, length), 1 / length if scale is None else scale)
    return correlate2d(x[None].astype(float), kernel, padding=padding)[0]


def _edges_averaged(x, length):
    """Windows that hang over the ends, each divided by the cells it really has."""
    return _averages(x, length, "full") / _averages(np.ones(len(x)), length, "full")


def _draw_series(rng):
    length = int(rng.integers(1, 6))
    return rng.integers(-9, 10, length + int(rng.integers(0, 9))).astype(float), length


MOVING_AVERAGE = Exercise(
    id="moving-average",
    chapter=2,
    title="The moving average",
    task=(
        "Return the mean of every window of `length` neighbouring entries of the 1-D array `x`, for all windows that lie wholly inside "
        "`x`. There is at least one."
    ),
    kind="program",
    minutes=6,
    difficulty=1,
    parameters=("x", "length"),
    starter="def moving_average(x, length):\n    means = ...\n    return means",
    answer=_averages,
    examples=(
        (np.array([2.0, 4.0, 6.0, 8.0]), 2),
        (np.array([3.0, 0.0, 0.0, 9.0, 6.0]), 3),
        (np.array([1.0, 5.0]), 2),
        (np.array([4.0, -2.0, 7.0]), 1),
        (np.array([1.0, 0.0, 0.0, 0.0, 5.0, 0.0, -4.0]), 4),
    ),
    draw=_draw_series,
    hints=(
        "Which means do 2, 4, 6, 8 have for length 2? How many windows are there?",
        "n entries have n - length + 1 windows. Window i holds `x[i : i + length]`.",
        'The same as a convolution: the kernel has `length` cells, each 1 / length, and `np.convolve` has a mode "valid".',
    ),
    misconceptions=(
        Misconception(
            "not-divided",
            "These are moving sums. A mean divides by the number of entries in the window: the kernel's cells must add up to 1.",
            lambda x, length: _averages(x, length, scale=1.0),
        ),
        Misconception(
            "divided-by-all",
            "Divide by the entries of one window, not by all entries of x.",
            lambda x, length: _averages(x, length, scale=1 / len(x)),
        ),
        Misconception(
            "hanging-over-the-ends",
            "Your result has windows that hang over the ends, where missing entries count as 0. Only whole windows are wanted.",
            lambda x, length: _averages(x, length, "full"),
        ),
        Misconception(
            "same-size",
            "Your result is as long as x, so some windows hang over the ends. Only whole windows are wanted.",
            lambda x, length: _averages(x, length, "same"),
        ),
        Misconception(
            "edges-averaged",
            "Windows that hang over the ends are averaged over fewer entries here. Only whole windows are wanted.",
            _edges_averaged,
        ),
        Misconception(
            "last-window-missing",
            "The last window is missing: n entries have n - length + 1 whole windows.",
            lambda x, length: _averages(x, length)[:-1],
        ),
        Misconception(
            "first-window-missing",
            "The first window is missing. With running sums, the sum of no entries at all, 0, has to stand in front.",
            lambda x, length: _averages(x, length)[1:],
        ),
        Misconception(
            "blocks",
            "Your windows stand side by side. They move by one entry each time, so they overlap.",
            lambda x, length: _averages(x, length)[::length],
        ),
        Misconception(
            "one-entry-short",
            "Your windows have one entry too few: a slice ends before its last index.",
            lambda x, length: np.array([x[i : i + length - 1].sum() / length for i in range(len(x) - length + 1)]),
        ),
    ),
)

EXERCISES = (SUM_FROM_JOINT, MOVING_AVERAGE)
