"""Programming exercises of chapter 03, How large is the output?: spans, sizes, paddings. The truth is `cnnlib.geometry` throughout."""

import math

from cnnlib.exercises.exercise import Exercise, Misconception
from cnnlib.geometry import Window, output_size, window_span


def draw_window(rng, largest_padding=3):
    """A random (n, kernel_size, stride, padding, dilation) in which the window fits; strides often leave a remainder."""
    k, s, p, d = (int(rng.integers(low, high + 1)) for low, high in ((1, 5), (1, 4), (0, largest_padding), (1, 3)))
    shortest = max(window_span(k, d) - 2 * p, 1)
    return int(rng.integers(shortest, shortest + 12)), k, s, p, d


WINDOW_SPAN = Exercise(
    id="window-span",
    chapter=3,
    title="The span of a dilated kernel",
    task="Count the cells from the first to the last cell of a window, both included. dilation is the distance between kernel cells.",
    kind="program",
    minutes=5,
    difficulty=1,
    parameters=("kernel_size", "dilation"),
    starter="def window_span(kernel_size, dilation):\n    return ...",
    answer=window_span,
    examples=((3, 1), (3, 2), (2, 3), (1, 4), (5, 2)),
    draw=lambda rng: (int(rng.integers(1, 9)), int(rng.integers(1, 7))),
    whole="a number of cells",
    hints=(
        "Draw a kernel of 3 cells with dilation 2 on squared paper. How many squares lie from its first cell to its last?",
        "Between k cells there are k - 1 gaps. How long is each, measured from cell to cell?",
        "From the first cell to the last it is d (k - 1) steps. How many cells are on a way of that many steps?",
    ),
    misconceptions=(
        Misconception(
            "dilation-times-kernel", "The kernel has one gap fewer than it has cells: only the gaps are stretched.", lambda k, d: d * k
        ),
        Misconception(
            "no-plus-one",
            "That is the distance from the first cell to the last. The cells on the way are one more.",
            lambda k, d: d * (k - 1),
        ),
        Misconception(
            "dilation-ignored", "Dilation moves the kernel's cells apart, so the window reaches further than its cells.", lambda k, d: k
        ),
        Misconception(
            "dilation-from-zero",
            "Here dilation is the distance between cells, so 1 means adjacent. You count the cells skipped, which are dilation - 1.",
            lambda k, d: k + d * (k - 1),
        ),
        Misconception("one-gap", "Every gap between kernel cells is stretched, not one of them alone.", lambda k, d: k + d - 1),
        Misconception("last-gap-too", "No gap follows the last cell: the window ends there.", lambda k, d: d * k + 1),
    ),
)


def _size(rounded, padding=2, reach=lambda k, d: d * (k - 1) + 1, more=1, stride=True):
    """A wrong size formula: rounded((n + padding p - reach) / s) + more."""
    return lambda n, k, s, p, d: rounded((n + padding * p - reach(k, d)) / (s if stride else 1)) + more


OUTPUT_SIZE = Exercise(
    id="output-size",
    chapter=3,
    title="The size formula",
    task="Count the places of a window along one axis. padding is the number of cells added at each end.",
    kind="program",
    minutes=8,
    difficulty=2,
    parameters=("n", "kernel_size", "stride", "padding", "dilation"),
    starter="def output_size(n, kernel_size, stride, padding, dilation):\n    return ...",
    answer=output_size,
    examples=((5, 3, 1, 0, 1), (6, 3, 2, 0, 1), (5, 3, 2, 1, 1), (10, 3, 2, 0, 1), (7, 3, 1, 0, 2), (9, 2, 3, 1, 2), (4, 4, 1, 0, 1)),
    draw=draw_window,
    hints=(
        "How many cells does the padded input have, and how many of them does the window cover?",
        "The window starts at 0 and may move as long as it fits. How far is its last start at most? How many strides is that?",
        "The way is n + 2 padding - span cells long, with span = dilation (kernel_size - 1) + 1. Count whole steps, then places.",
    ),
    misconceptions=(
        Misconception(
            "no-floor", "A window that is only half inside does not stand: count whole steps alone, with `//`.", _size(lambda way: way)
        ),
        Misconception("ceil", "You count a last window that hangs over the end. Only windows wholly inside count here.", _size(math.ceil)),
        Misconception("round", "Rounding to the nearest lets some windows hang over the end. Round down, always.", _size(round)),
        Misconception(
            "padding-once", "padding cells are added at each end, so the input grows by twice as many.", _size(math.floor, padding=1)
        ),
        Misconception(
            "padding-ignored", "The padding makes the input longer, and the window may stand on it.", _size(math.floor, padding=0)
        ),
        Misconception(
            "no-plus-one", "You count the steps. The place at the start, before any step, counts too.", _size(math.floor, more=0)
        ),
        Misconception("dilation-ignored", "A dilated kernel covers more cells than it has.", _size(math.floor, reach=lambda k, d: k)),
        Misconception(
            "dilation-times-kernel",
            "A dilated kernel does not cover dilation times its cells: only its gaps stretch.",
            _size(math.floor, reach=lambda k, d: d * k),
        ),
        Misconception(
            "span-one-short",
            "Your window is one cell too short: from its first to its last cell there are dilation (kernel_size - 1) + 1 cells.",
            _size(math.floor, reach=lambda k, d: d * (k - 1)),
        ),
        Misconception(
            "stride-ignored",
            "The window moves by the stride, so there are fewer places than cells to start at.",
            _size(math.floor, stride=False),
        ),
        Misconception(
            "last-start-missing",
            "A window that ends exactly at the end of the padded input is missing: it still fits. Compare with `<=`.",
            lambda n, k, s, p, d: -(-(n + 2 * p - d * (k - 1) - 1) // s),
        ),
        Misconception(
            "brackets-missing",
            "Division comes before subtraction, so only the last number is divided by the stride. Set brackets round the whole way.",
            lambda n, k, s, p, d: n + 2 * p - d * (k - 1) - 1 // s + 1,
        ),
        Misconception(
            "one-added-before-dividing",
            "The 1 for the first place is added after the division by the stride: it is a place, not a cell.",
            lambda n, k, s, p, d: (n + 2 * p - d * (k - 1)) // s,
        ),
    ),
)

CEIL_SIZE = Exercise(
    id="ceil-size",
    chapter=3,
    title="Ceil mode",
    task=(
        "In ceil mode a last window may hang over the end, as long as it starts in the input or in the padding before it, "
        "not in the padding behind. Count the places of a window without dilation."
    ),
    kind="program",
    minutes=10,
    difficulty=3,
    parameters=("n", "kernel_size", "stride", "padding"),
    starter="def ceil_size(n, kernel_size, stride, padding):\n    return ...",
    answer=lambda n, k, s, p: output_size(n, k, s, p, ceil_mode=True),
    examples=((6, 3, 2, 0), (7, 3, 2, 0), (5, 2, 2, 0), (3, 2, 3, 1), (5, 2, 3, 1), (4, 2, 4, 1), (9, 3, 5, 1)),
    draw=lambda rng: _draw_pooling(rng),
    hints=(
        "First forget the rule about the padding. Which rounding lets the last window hang over the end?",
        "-(-a // b) is a / b rounded up in whole numbers. Or add stride - 1 before you divide with `//`.",
        "The window at place i starts at cell i * stride of the padded input. The padding behind begins at cell n + padding.",
    ),
    misconceptions=(
        Misconception(
            "floor", "That drops every window that hangs over the end. Ceil mode keeps one.", lambda n, k, s, p: (n + 2 * p - k) // s + 1
        ),
        Misconception(
            "starts-in-padding",
            "Your last window may start in the padding behind the input, where it reads nothing. Drop such a window.",
            lambda n, k, s, p: -(-(n + 2 * p - k) // s) + 1,
        ),
        Misconception(
            "one-more-always",
            "When the steps come out even, the last window ends at the edge, and there is no further one.",
            lambda n, k, s, p: (n + 2 * p - k) // s + 2,
        ),
        Misconception(
            "input-over-stride",
            "n / stride rounded up is the size of `same` padding. Ceil mode counts windows.",
            lambda n, k, s, p: -(-n // s),
        ),
        Misconception(
            "round",
            "Rounding to the nearest keeps some hanging windows and drops others.",
            lambda n, k, s, p: min(round((n + 2 * p - k) / s), (n + p - 1) // s) + 1,
        ),
        Misconception(
            "starts-right-behind",
            "A window may not start at the first cell behind the input either. In the padded input that is cell n + padding.",
            lambda n, k, s, p: (places := -(-(n + 2 * p - k) // s) + 1) - ((places - 1) * s > n + p),
        ),
        Misconception(
            "every-start",
            "Only one window may hang over the end: once a window has reached it, no further one follows.",
            lambda n, k, s, p: (n + p - 1) // s + 1,
        ),
        Misconception(
            "padding-before-dropped",
            "A window may start in the padding before the input; there it still reads cells. Measure starts from the first padded cell.",
            lambda n, k, s, p: min(-(-(n + 2 * p - k) // s), (n - 1) // s) + 1,
        ),
    ),
)


def _draw_pooling(rng):
    """Random (n, kernel_size, stride, padding) as poolings have them: padding at most half the kernel."""
    k, s = int(rng.integers(1, 6)), int(rng.integers(1, 6))
    p = int(rng.integers(0, k // 2 + 1))
    shortest = max(k - 2 * p, 1)
    return int(rng.integers(shortest, shortest + 14)), k, s, p


def _same(n, k, s, d):
    window = Window.fit(n, k, s, "same", d)
    return window.before, window.after


def _wrong_same(places=lambda n, s: -(-n // s), reach=window_span, least=0, first=0, even=False):
    """A wrong share of "same" padding; see the misconceptions."""

    def amounts(n, k, s, d):
        total = max((places(n, s) - 1) * s + reach(k, d) - n, least)
        before = (total + first) // 2
        return before, before if even else total - before

    return amounts


SAME_AMOUNTS = Exercise(
    id="same-padding-amounts",
    chapter=3,
    title="Padding for `same`",
    task=(
        "How many cells of padding go before and after n cells so that there are exactly ceil(n / stride) places? "
        "Use as few as possible; when their number is odd, the odd cell goes at the end."
    ),
    kind="program",
    minutes=12,
    difficulty=3,
    parameters=("n", "kernel_size", "stride", "dilation"),
    parts=("before", "after"),
    starter="def same_padding_amounts(n, kernel_size, stride, dilation):\n    before, after = ..., ...\n    return before, after",
    answer=_same,
    examples=((5, 3, 1, 1), (5, 2, 1, 1), (6, 3, 2, 1), (7, 3, 2, 1), (5, 1, 2, 1), (5, 4, 1, 1), (7, 3, 1, 2), (8, 3, 3, 2)),
    draw=lambda rng: (int(rng.integers(1, 14)), int(rng.integers(1, 6)), int(rng.integers(1, 5)), int(rng.integers(1, 4))),
    whole="an amount of padding",
    hints=(
        "Turn the question round: if there are m places, at which cell does the last window end?",
        "The last window starts at (m - 1) stride and covers the span. Compare its end with n. What if the input is long enough already?",
        "The total is max((m - 1) stride + span - n, 0) with m = ceil(n / stride). Half of it, rounded down, goes before.",
    ),
    misconceptions=(
        Misconception("odd-cell-first", "The total is right. When it is odd, the odd cell goes at the end.", _wrong_same(first=1)),
        Misconception("both-ends-equal", "When the total is odd, two equal halves lose one cell of it.", _wrong_same(even=True)),
        Misconception(
            "stride-ignored", "span - 1 cells are needed for stride 1. A larger stride needs fewer.", lambda n, k, s, d: _same(n, k, 1, d)
        ),
        Misconception(
            "negative",
            "When the windows fit without padding the total would be negative. Nothing is cut off: use 0.",
            _wrong_same(least=-99),
        ),
        Misconception("dilation-ignored", "A dilated kernel covers more cells than it has.", lambda n, k, s, d: _same(n, k, s, 1)),
        Misconception(
            "dilation-times-kernel",
            "A dilated kernel does not cover dilation times its cells: only its gaps stretch.",
            _wrong_same(reach=lambda k, d: d * k),
        ),
        Misconception(
            "all-at-each-end",
            "That is the padding of both ends together. Share it out.",
            lambda n, k, s, d: (sum(_same(n, k, s, d)),) * 2,
        ),
        Misconception(
            "places-rounded-down",
            "There must be ceil(n / stride) places. You make floor(n / stride).",
            _wrong_same(places=lambda n, s: n // s),
        ),
        Misconception(
            "half-the-kernel",
            "k // 2 at both ends is right for odd kernels, stride 1 and dilation 1 alone.",
            lambda n, k, s, d: (k // 2, k // 2),
        ),
    ),
)


EXERCISES = (WINDOW_SPAN, OUTPUT_SIZE, CEIL_SIZE, SAME_AMOUNTS)
