"""Exercises of chapter 03, How large is the output?, that need no program: by hand and by algebra."""

from cnnlib.exercises.exercise import Exercise, Misconception
from cnnlib.geometry import output_size, window_span

# Counting by hand

COUNT_PLACES = Exercise(
    id="count-places",
    chapter=3,
    title="Count the places",
    task=(
        "A kernel of 5 cells moves in steps of 2 over an input of 12 cells, with 2 cells of padding at each end. "
        "In how many places can it stand?"
    ),
    kind="number",
    minutes=3,
    difficulty=1,
    starter="count_places = ...",
    answer=lambda: output_size(12, 5, stride=2, padding=2),
    whole="a count",
    hints=(
        "Draw the padded input: how many boxes is that? The first cell of the window may stand at box 0, then at box 2, and so on.",
        "The window needs 5 of the 16 boxes. Which is the last box at which it can start?",
        "Starts are even and at most 16 - 5 = 11. Count them, the start at box 0 included.",
    ),
    misconceptions=(
        Misconception("no-floor", "Half a place does not exist: the last step would hang over the edge, so it is not made.", lambda: 6.5),
        Misconception("ceil", "A seventh window would start at box 12 and need the boxes 12 to 16; the last box is 15.", lambda: 7),
        Misconception(
            "one-too-few",
            "Either you counted the steps and forgot the place before the first step, or you padded one end only.",
            lambda: 5,
        ),
        Misconception("padding-ignored", "The padding makes the input longer, at both ends.", lambda: 4),
        Misconception(
            "no-floor-no-plus-one", "(16 - 5) / 2 measures the way of the window in steps. It is neither whole nor a count.", lambda: 5.5
        ),
        Misconception("stride-ignored", "That is the count for steps of 1. Here the window moves by 2.", lambda: 12),
    ),
)

CHAIN_OF_SIZES = Exercise(
    id="chain-of-sizes",
    chapter=3,
    title="Sizes along a network",
    task=(
        "An image of 30 x 30 goes through: convolution 5 x 5, pooling 2 x 2 with stride 2, convolution 3 x 3, pooling 2 x 2 with stride 2, "
        "convolution 2 x 2, all without padding. Give the five sizes of one side as a tuple."
    ),
    kind="number",
    minutes=5,
    difficulty=1,
    starter="chain_of_sizes = (..., ..., ..., ..., ...)",
    answer=lambda: _chain(output_size),
    parts=("the first size", "the second size", "the third size", "the fourth size", "the fifth size"),
    hints=(
        "Take one layer at a time. The output of one layer is the input of the next.",
        "A convolution here has stride 1: it loses kernel_size - 1 cells. A pooling of 2 with stride 2 has n // 2 places.",
        "The sizes start 30, 26, 13, ... The second pooling meets an odd size: which cell does it never read?",
    ),
    misconceptions=(
        Misconception(
            "no-floor",
            "The second pooling meets 11 cells. Half a window does not stand anywhere: a size is whole.",
            lambda: (26, 13, 11, 5.5, 4.5),
        ),
        Misconception(
            "ceil",
            "The second pooling has room for 5 windows of 2 in 11 cells. The eleventh cell is left over.",
            lambda: (26, 13, 11, 6, 5),
        ),
        Misconception(
            "no-plus-one",
            "Each convolution here loses kernel_size - 1 cells, not kernel_size: count the place at 0 too.",
            lambda: (25, 12, 9, 4, 2),
        ),
        Misconception("with-the-input", "Leave out the size of the input itself: five layers, five sizes.", lambda: (30, 26, 13, 11, 5)),
        Misconception("same-padding", "These sizes need padding that keeps the size. Here nothing is padded.", lambda: (30, 15, 15, 7, 7)),
        Misconception("pooling-stride-one", "The poolings move in steps of 2; you let them move by 1.", lambda: (26, 25, 23, 22, 21)),
        Misconception(
            "floor-at-the-end",
            "The last size is right, but the fourth is a number of cells: 5.5 cells do not exist. Take the floor at every layer.",
            lambda: (26, 13, 11, 5.5, 4),
        ),
    ),
)


def _chain(size):
    sizes = [30]
    for kernel_size, stride in ((5, 1), (2, 2), (3, 1), (2, 2), (2, 1)):
        sizes.append(size(sizes[-1], kernel_size, stride))
    return tuple(sizes[1:])


# Algebra


def _draw_odd(rng):
    return 2 * int(rng.integers(0, 8)) + 1, int(rng.integers(1, 8))


SAME_PADDING = Exercise(
    id="same-padding",
    chapter=3,
    title="The padding that keeps the size",
    task="A kernel of k cells, k odd, with dilation d and stride 1: how much padding p at each end keeps the size? Write p in k and d.",
    kind="algebra",
    minutes=5,
    difficulty=1,
    parameters=("k", "d"),
    starter='k, d = sympy.symbols("k d", integer=True, positive=True)\nsame_padding = ...',
    answer=lambda k, d: (window_span(k, d) - 1) / 2,
    examples=((3, 1), (3, 2), (5, 1), (5, 2), (1, 3)),
    draw=_draw_odd,
    hints=(
        "With stride 1 the output has n + 2p - span + 1 cells. Which p makes that n?",
        "The span of a dilated kernel is d (k - 1) + 1.",
        "Solve n + 2p - d (k - 1) = n for p.",
    ),
    misconceptions=(
        Misconception(
            "dilation-ignored", "That keeps the size for d = 1 alone. A dilated kernel reaches further.", lambda k, d: (k - 1) / 2
        ),
        Misconception(
            "both-ends-together", "That is the padding of both ends together. p is the padding at each end.", lambda k, d: d * (k - 1)
        ),
        Misconception("half-the-dilated-kernel", "Only the gaps are stretched by d, and there are k - 1 of them.", lambda k, d: d * k / 2),
        Misconception(
            "dilation-times-kernel",
            "You take d k for the span. Only the gaps are stretched by d, and there are k - 1 of them.",
            lambda k, d: (d * k - 1) / 2,
        ),
        Misconception(
            "span-halved",
            "Half the span is half a cell too much: the cell in the middle needs no padding.",
            lambda k, d: (d * (k - 1) + 1) / 2,
        ),
        Misconception(
            "full", "That is `full` padding: every window that touches the input counts, and the output grows.", lambda k, d: k - 1
        ),
    ),
)


def _draw_places(rng):
    """Random (m, k, s, p, d) for which inputs with m places exist."""
    m, k, s, d = (int(rng.integers(1, high)) for high in (9, 6, 6, 4))
    return m, k, s, int(rng.integers(0, (s * m + d * (k - 1) - 1) // 2 + 1)), d


LARGEST_INPUT = Exercise(
    id="largest-input",
    chapter=3,
    title="The largest input",
    task="Several input sizes n give the same number m of places, because of the floor. Write the largest of them in m, k, s, p and d.",
    kind="algebra",
    minutes=10,
    difficulty=3,
    parameters=("m", "k", "s", "p", "d"),
    starter='m, k, s, p, d = sympy.symbols("m k s p d", integer=True, nonnegative=True)\nlargest_input = ...',
    answer=lambda m, k, s, p, d: (m - 1) * s + window_span(k, d) + (s - 1) - 2 * p,
    assumptions=(("integer", True), ("nonnegative", True)),
    examples=((1, 1, 1, 0, 1), (4, 3, 2, 0, 1), (3, 3, 2, 1, 1), (2, 2, 3, 1, 2), (5, 4, 4, 0, 3)),
    draw=_draw_places,
    hints=(
        "Find the smallest n first: the last of m windows ends exactly at the end of the padded input.",
        "How many more cells may the padded input have before another window finds a place?",
        "The last window of the smallest padded input ends at cell (m - 1) s + d (k - 1). The next place would need s cells more.",
    ),
    misconceptions=(
        Misconception(
            "smallest-input",
            "That is the smallest input with m places. Some cells more change nothing, as long as no further window fits.",
            lambda m, k, s, p, d: (m - 1) * s + d * (k - 1) + 1 - 2 * p,
        ),
        Misconception(
            "one-too-many",
            "One cell too many: with it, another window finds a place.",
            lambda m, k, s, p, d: m * s + d * (k - 1) + 1 - 2 * p,
        ),
        Misconception(
            "one-too-few",
            "One more cell changes nothing yet: no further window finds a place.",
            lambda m, k, s, p, d: m * s + d * (k - 1) - 1 - 2 * p,
        ),
        Misconception(
            "dilation-times-kernel",
            "You take d k for the span. Only the gaps are stretched by d, and there are k - 1 of them.",
            lambda m, k, s, p, d: m * s + d * k - 1 - 2 * p,
        ),
        Misconception(
            "padding-once",
            "The padding stands at both ends, so 2p cells of the window's room are not input.",
            lambda m, k, s, p, d: m * s + d * (k - 1) - p,
        ),
        Misconception(
            "padding-added",
            "Padding makes room, so less input is needed for m places, not more.",
            lambda m, k, s, p, d: m * s + d * (k - 1) + 2 * p,
        ),
        Misconception(
            "padding-ignored", "The padded input is longer than the input: take the padding off.", lambda m, k, s, p, d: m * s + d * (k - 1)
        ),
        Misconception(
            "dilation-ignored", "A dilated kernel spans d (k - 1) + 1 cells, not k.", lambda m, k, s, p, d: m * s + k - 1 - 2 * p
        ),
        Misconception(
            "m-steps", "m places have m - 1 steps between them.", lambda m, k, s, p, d: m * s + d * (k - 1) + 1 + (s - 1) - 2 * p
        ),
    ),
)

EXERCISES = (COUNT_PLACES, CHAIN_OF_SIZES, SAME_PADDING, LARGEST_INPUT)
