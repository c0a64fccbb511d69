"""Exercises of chapter 13, Upsampling, that need no program: by hand and by algebra."""

import numpy as np

from cnnlib.exercises.exercise import Exercise, Misconception
from cnnlib.geometry import output_size, transposed_output_size
from cnnlib.ops.transposed import conv_transpose2d


def _stamps():
    x, w = np.array([[[[2.0, -1.0, 3.0]]]]), np.array([[[[1.0, 4.0, -2.0]]]])
    return tuple(conv_transpose2d(x, w, stride=(1, 2), padding=(0, 1)).ravel().tolist())


STAMPS_BY_HAND = Exercise(
    id="stamps-by-hand",
    chapter=13,
    title="Three stamps on a row",
    task=(
        "The row x = 2, -1, 3 goes through a transposed convolution with the kernel 1, 4, -2, stride 2 and padding 1 (along the row). "
        "Give the five output cells, as a tuple."
    ),
    kind="number",
    minutes=5,
    difficulty=1,
    starter="stamps_by_hand = (..., ..., ..., ..., ...)",
    answer=_stamps,
    parts=tuple(f"output cell {t}" for t in range(5)),
    whole=None,
    hints=(
        "Three stamps: 2 times the kernel, -1 times the kernel, 3 times the kernel. Their corners lie at 0, 2 and 4.",
        "Write them one below the other on a sheet of seven cells, and add up the columns. Then think of the padding.",
        "The sheet reads 2, 8, -5, -4, 5, 12, -6. Padding 1 cuts one cell off at each end.",
    ),
    misconceptions=(
        Misconception("overwritten", "Where two stamps overlap you kept the later one. Add them.", lambda: (8, -1, -4, 3, 12)),
        Misconception("first-kept", "Where two stamps overlap you kept the earlier one. Add them.", lambda: (8, -4, -4, 2, 12)),
        Misconception("rotated", "You turned the kernel round. Its first weight lands on the stamp's corner.", lambda: (8, 4, -4, -7, 12)),
        Misconception(
            "cut-at-the-start", "Padding 1 cuts one cell off at each end; you cut two at the start.", lambda: (-5, -4, 5, 12, -6)
        ),
        Misconception("cut-at-the-end", "Padding 1 cuts one cell off at each end; you cut two at the end.", lambda: (2, 8, -5, -4, 5)),
        Misconception(
            "stride-one",
            "Your stamps are one cell apart. The stride is 2, and with padding 1 five of seven cells stay.",
            lambda: (2, 7, -5, 14, -6),
        ),
        Misconception(
            "not-cut", "That is the whole sheet of seven cells. Padding 1 cuts one off at each end.", lambda: (2, 8, -5, -4, 5, 12, -6)
        ),
    ),
)


def _round_trip():
    places = output_size(19, 5, stride=3, padding=1)
    back = transposed_output_size(places, 5, stride=3, padding=1)
    return places, back, 19 - back


ROUND_TRIP_SIZES = Exercise(
    id="round-trip-sizes",
    chapter=13,
    title="There and back",
    task=(
        "A convolution with kernel 5, stride 3 and padding 1 reads a row of 19 cells. A transposed convolution with the same settings "
        "takes its output back. Give the size between them, the size behind them without output padding, and the output padding that "
        "leads back to 19, as a tuple."
    ),
    kind="number",
    minutes=4,
    difficulty=1,
    starter="round_trip_sizes = (..., ..., ...)",
    answer=_round_trip,
    parts=("the size between them", "the size behind them", "the output padding"),
    hints=(
        "The first is the size formula of chapter 3, with its floor.",
        "For the second: the last stamp begins at (size - 1) times the stride, reaches 5 cells, and the padding is cut off at both ends.",
        "The third is what the floor dropped: the remainder of 19 + 2 - 5 by 3.",
    ),
    misconceptions=(
        Misconception(
            "no-remainder",
            "The transposed convolution cannot know that there were 19 cells: 18 would have given the same size.",
            lambda: (6, 19, 0),
        ),
        Misconception(
            "with-output-padding",
            "19 is the size with that output padding. The second number is the size without it.",
            lambda: (6, 19, 1),
        ),
        Misconception("sign", "Output padding adds cells to the 18: 19 - 18, not 18 - 19.", lambda: (6, 18, -1)),
        Misconception("one-place-too-few", "Behind the floor comes a + 1: places are counted from 0.", lambda: (5, 15, 4)),
        Misconception("rounded-up", "Sixteen thirds are rounded down: a window that hangs over does not count.", lambda: (7, 21, -2)),
        Misconception("padding-kept", "The transposed convolution cuts the padding off at both ends.", lambda: (6, 20, -1)),
        Misconception("kernel-forgotten", "The last stamp reaches over all 5 cells of the kernel, not over one.", lambda: (6, 14, 5)),
        Misconception("step-too-many", "Six stamps have five steps between them, not six.", lambda: (6, 21, -2)),
    ),
)


def _remainder(n, k, s, p, d):
    return (n + 2 * p - d * (k - 1) - 1) % s


def _draw_remainder(rng):
    while True:
        n, k, s, p, d = (int(rng.integers(low, high)) for low, high in ((1, 20), (1, 6), (1, 6), (0, 4), (1, 4)))
        if n + 2 * p - d * (k - 1) >= 1:
            return n, k, s, p, d


OUTPUT_PADDING = Exercise(
    id="output-padding",
    chapter=13,
    title="Which output padding leads back?",
    task=(
        "A convolution with kernel k, stride s, padding p and dilation d reads n cells along an axis. Which output padding must a "
        "transposed convolution with the same settings have, so that it gives n cells back? Write it in n, k, s, p and d."
    ),
    kind="algebra",
    minutes=6,
    difficulty=2,
    parameters=("n", "k", "s", "p", "d"),
    starter=(
        'n, k, s, d = sympy.symbols("n k s d", integer=True, positive=True)\np = sympy.Symbol("p", integer=True, nonnegative=True)\n'
        "output_padding = ..."
    ),
    answer=_remainder,
    examples=((9, 3, 2, 0, 1), (10, 3, 2, 0, 1), (19, 5, 3, 1, 1), (12, 3, 4, 2, 2), (7, 1, 3, 0, 1), (11, 4, 5, 1, 3)),
    draw=_draw_remainder,
    hints=(
        "Write down both sizes: m places forwards, and (m - 1) s + d (k - 1) + 1 - 2 p cells back. How many are missing to n?",
        "The floor in m is the only thing that does not cancel. What does a floor drop?",
        "The remainder of the room n + 2 p - d (k - 1) - 1 by the stride. In SymPy: room % s, or room - s * sympy.floor(room / s).",
    ),
    misconceptions=(
        Misconception("bare-remainder", "The window's room is divided by the stride, not the bare n.", lambda n, k, s, p, d: n % s),
        Misconception("dilation-forgotten", "The kernel reaches over d (k - 1) + 1 cells.", lambda n, k, s, p, d: (n + 2 * p - k) % s),
        Misconception(
            "span-of-the-dilated-kernel",
            "Between k kernel cells lie k - 1 distances: they reach over d (k - 1) + 1 cells, not d k.",
            lambda n, k, s, p, d: (n + 2 * p - d * k) % s,
        ),
        Misconception(
            "quotient",
            "So many strides fit into the room. Asked for is what they leave over.",
            lambda n, k, s, p, d: (n + 2 * p - d * (k - 1) - 1) // s,
        ),
        Misconception("padded-once", "The padding stands at both ends.", lambda n, k, s, p, d: (n + p - d * (k - 1) - 1) % s),
        Misconception("padding-forgotten", "The padding is part of the room.", lambda n, k, s, p, d: (n - d * (k - 1) - 1) % s),
        Misconception(
            "one-cell-more",
            "You are off by one cell: the room is what the window can *move*.",
            lambda n, k, s, p, d: (n + 2 * p - d * (k - 1)) % s,
        ),
        Misconception(
            "what-lacks",
            "That is what is missing to the next place. Asked for are the cells that were left over.",
            lambda n, k, s, p, d: -(n + 2 * p - d * (k - 1) - 1) % s,
        ),
        Misconception(
            "the-largest",
            "That is the largest output padding. It leads back only if s - 1 cells were left over.",
            lambda n, k, s, p, d: s - 1,
        ),
        Misconception("none", "Without output padding you come back only where the stride divides the room.", lambda n, k, s, p, d: n - n),
    ),
    assumptions=(("integer", True), ("nonnegative", True)),
)


def _touching():
    counts = conv_transpose2d(np.ones((1, 1, 1, 12)), np.ones((1, 1, 1, 8)), stride=(1, 3)).ravel()[15:18].tolist()
    return (*counts, (max(counts) / min(counts)) ** 2)


STAMPS_ON_A_CELL = Exercise(
    id="stamps-on-a-cell",
    chapter=13,
    title="A pattern in threes",
    task=(
        "A transposed convolution has kernel 8, stride 3 and no padding. Far from the border, how many stamps touch a cell t of a row "
        "with t mod 3 = 0, with 1, with 2? And in an image, with a kernel of 8 x 8: how many times as many stamps has the most touched "
        "cell as the least touched one? Give the four numbers as a tuple."
    ),
    kind="number",
    minutes=5,
    difficulty=2,
    starter="stamps_on_a_cell = (..., ..., ..., ...)",
    answer=_touching,
    parts=("phase 0", "phase 1", "phase 2", "the ratio in an image"),
    whole=None,
    hints=(
        "Draw stamps of eight cells, three cells apart, one below the other, and count in the columns.",
        "A stamp that touches a cell of phase 0 does so with kernel cell 0, 3 or 6. And phases 1 and 2?",
        "In an image the counts of the two axes are multiplied, for the most touched cell and for the least.",
    ),
    misconceptions=(
        Misconception("one-axis", "In an image the counts along both axes are multiplied.", lambda: (3, 3, 2, 1.5)),
        Misconception("upside-down", "You divided the least by the most touched cell.", lambda: (3, 3, 2, 4 / 9)),
        Misconception("most-touched", "The most touched cell has 9 stamps. Divide by those of the least touched.", lambda: (3, 3, 2, 9)),
        Misconception("difference", "That is how many stamps more, not how many times as many.", lambda: (3, 3, 2, 5)),
        Misconception("shifted", "Phase 0 is where a stamp begins: kernel cells 0, 3 and 6 fall on it.", lambda: (2, 3, 3, 2.25)),
        Misconception(
            "other-way-round", "Phase 1 is touched by the kernel cells 1, 4 and 7, phase 2 by 2 and 5 alone.", lambda: (3, 2, 3, 2.25)
        ),
        Misconception("one-cell-lost", "Each of the eight kernel cells has a phase. You counted only seven.", lambda: (3, 2, 2, 2.25)),
        Misconception("all-alike", "Eight kernel cells cannot be shared out evenly among three phases.", lambda: (3, 3, 3, 1)),
        Misconception(
            "neighbours-only",
            "A stamp of eight cells meets more than its next neighbour: the third begins six cells on.",
            lambda: (2, 2, 2, 1),
        ),
        Misconception("no-overlap", "The kernel is longer than the stride, so neighbouring stamps overlap.", lambda: (1, 1, 1, 1)),
    ),
)

EXERCISES = (STAMPS_BY_HAND, ROUND_TRIP_SIZES, OUTPUT_PADDING, STAMPS_ON_A_CELL)
