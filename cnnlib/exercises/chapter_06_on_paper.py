"""Exercises of chapter 06, Equivariance and invariance, that need no program: by hand and by algebra."""

from cnnlib.exercises.exercise import Exercise, Misconception

# By hand

RESPECTED_SHIFTS = Exercise(
    id="respected-shifts",
    chapter=6,
    title="Which shifts does a chain respect?",
    task=(
        "An image of 24 by 24 cells on a circular border goes through a convolution with stride 3 and then a max pooling of 2 by 2 cells "
        "with stride 2. What is the smallest positive shift that the output follows exactly, whatever image and kernel? And when the image "
        "moves by 12 columns, by how many columns does the output move? Give (shift, columns)."
    ),
    kind="number",
    minutes=4,
    difficulty=1,
    starter="respected_shifts = (..., ...)",
    answer=lambda: (6, 2),
    parts=("the smallest shift", "the columns that the output moves"),
    whole="a number of cells",
    hints=(
        "Begin with the convolution. By which shifts can its output follow, and by how many cells does it move then?",
        "The pooling sees the output of the convolution. It can follow only if that output moves by a multiple of 2 cells.",
        "One cell of the convolution's output is 3 cells of the image. How many image cells are 2 of them?",
    ),
    misconceptions=(
        Misconception(
            "convolution-alone",
            "3 cells move the convolution's output by 1, and the pooling cannot follow a shift by 1.",
            lambda: (3, 4),
        ),
        Misconception(
            "pooling-alone", "2 cells are no multiple of the first stride, so already the convolution does not follow.", lambda: (2, 6)
        ),
        Misconception(
            "strides-added", "Strides of layers in a row multiply. Each step of the second is two steps of the first.", lambda: (5, 2)
        ),
        Misconception(
            "output-keeps-pace",
            "The smallest shift is right. But the output is smaller than the image: one of its cells stands for several.",
            lambda: (6, 12),
        ),
        Misconception(
            "convolution-alone-at-the-end",
            "The smallest shift is right. But so many columns the convolution's output moves; the pooling comes behind it.",
            lambda: (6, 4),
        ),
        Misconception(
            "pooling-alone-at-the-end", "The smallest shift is right. At the end you forgot the stride of the convolution.", lambda: (6, 6)
        ),
        Misconception("every-shift", "That would hold without strides.", lambda: (1, 12)),
        Misconception("kernel-counted", "The size of the kernel plays no role here; the strides decide.", lambda: (18, 12 / 18)),
    ),
)

# Algebra


def _draw_layers(rng):
    """Random (n, k, L) with k odd and something left in the middle."""
    k, layers = 2 * int(rng.integers(1, 4)) + 1, int(rng.integers(1, 5))
    return layers * (k - 1) + int(rng.integers(1, 12)), k, layers


UNTOUCHED_CELLS = Exercise(
    id="untouched-cells",
    chapter=6,
    title="Cells that never meet the border",
    task=(
        "An image of n by n cells goes through L convolutions with k by k cells, k odd and at least 3, stride 1, each padded with zeros so "
        "that the size stays n. How many output cells depend on no padded zero, in any layer? Write it in n, k and L; assume that there "
        "are such cells."
    ),
    kind="algebra",
    minutes=8,
    difficulty=2,
    parameters=("n", "k", "L"),
    starter='n, k, L = sympy.symbols("n k L", integer=True, positive=True)\nuntouched_cells = ...',
    answer=lambda n, k, L: (n - L * (k - 1)) ** 2,
    examples=((8, 3, 1), (8, 3, 2), (9, 5, 1), (12, 5, 2), (7, 7, 1)),
    draw=_draw_layers,
    whole="a number of cells",
    hints=(
        "Take one axis, k = 3 and one layer. Which output cells have a window that reaches over the edge?",
        "The second layer reads the cells that the first has spoiled. How far does the spoiled rim reach after two layers?",
        "Each layer spoils (k - 1)/2 more cells at each end of each axis.",
    ),
    misconceptions=(
        Misconception("one-end", "The rim grows at both ends of an axis.", lambda n, k, L: (n - L * (k - 1) / 2) ** 2),
        Misconception(
            "whole-reach-at-each-end",
            "A kernel reaches (k - 1)/2 cells to each side of its middle. You took k - 1 cells off each end.",
            lambda n, k, L: (n - 2 * L * (k - 1)) ** 2,
        ),
        Misconception("one-layer", "Each further layer carries the zeros further inside.", lambda n, k, L: (n - (k - 1)) ** 2),
        Misconception("one-axis", "That is the count along one axis. The image has rows and columns.", lambda n, k, L: n - L * (k - 1)),
        Misconception(
            "touched-cells",
            "Those are the cells that do depend on a padded zero. Asked for are the others.",
            lambda n, k, L: n**2 - (n - L * (k - 1)) ** 2,
        ),
        Misconception(
            "kernel-not-reach",
            "A kernel of k cells reaches (k - 1)/2 cells beyond its middle, so a layer takes k - 1 cells from an axis, not k.",
            lambda n, k, L: (n - L * k) ** 2,
        ),
        Misconception(
            "corners-only",
            "The spoiled cells form a rim along all four edges, not squares in the corners.",
            lambda n, k, L: n**2 - (L * (k - 1)) ** 2,
        ),
    ),
)

RESPECTED_SHARE = Exercise(
    id="respected-share",
    chapter=6,
    title="How many shifts are left?",
    task=(
        "An image is shifted by whole rows and columns on a circular border, each shift as likely as any other. A net has L layers with "
        "stride s and others with stride 1; the total stride divides the size of the image. Which share of all shifts is respected, "
        "whatever the weights? Write it in s and L."
    ),
    kind="algebra",
    minutes=5,
    difficulty=2,
    parameters=("s", "L"),
    starter='s, L = sympy.symbols("s L", integer=True, positive=True)\nrespected_share = ...',
    answer=lambda s, L: 1 / (s**L) ** 2,
    examples=((2, 1), (2, 2), (3, 1), (2, 3), (3, 2)),
    draw=lambda rng: (int(rng.integers(2, 7)), int(rng.integers(1, 5))),
    whole=None,
    hints=(
        "Two layers with stride 2 in a row: of which number must the shift be a multiple?",
        "Along one axis every so-many-th shift is respected. How large is the share for two axes together?",
        "The total stride is s to the power L. Rows and columns must both be multiples of it.",
    ),
    misconceptions=(
        Misconception("one-axis", "That is the share along one axis. Rows and columns must both be multiples.", lambda s, L: 1 / s**L),
        Misconception("one-layer", "Every layer with a stride takes its toll.", lambda s, L: 1 / s**2),
        Misconception("strides-added", "Strides of layers in a row multiply, they do not add.", lambda s, L: 1 / (s * L) ** 2),
        Misconception(
            "upside-down",
            "A share is at most 1. Yours says how many shifts there are for one that is respected.",
            lambda s, L: s ** (2 * L),
        ),
        Misconception(
            "shares-added", "Rows and columns must both be multiples: shares of independent conditions multiply.", lambda s, L: 2 / s**L
        ),
        Misconception("broken-share", "That is the share of the shifts that the net does not respect.", lambda s, L: 1 - 1 / s ** (2 * L)),
    ),
)


def _draw_luck(rng):
    k = int(rng.integers(2, 10))
    return k, int(rng.integers(1, k + 1))


POOLING_LUCK = Exercise(
    id="pooling-luck",
    chapter=6,
    title="The luck of a small shift",
    task=(
        "One bright cell stands in a long dark row. A max pooling with windows of k cells and stride k looks at it; every place inside the "
        "window is equally likely for the bright cell. Now it moves t cells to the right, t at most k. With which probability does the "
        "output stay the same? Write it in k and t."
    ),
    kind="algebra",
    minutes=5,
    difficulty=1,
    parameters=("k", "t"),
    starter='k, t = sympy.symbols("k t", integer=True, positive=True)\npooling_luck = ...',
    answer=lambda k, t: (k - t) / k,
    examples=((2, 1), (3, 1), (3, 2), (4, 4), (5, 2)),
    draw=_draw_luck,
    whole=None,
    hints=(
        "Draw a window of 3 cells. From which of its cells can the bright one move by 1 and stay inside?",
        "From the cells 0 to k - 1 of the window: which a satisfy a + t <= k - 1?",
        "There are k - t of them, out of k.",
    ),
    misconceptions=(
        Misconception("leaves", "That is the probability that the bright cell leaves its window.", lambda k, t: t / k),
        Misconception("two-axes", "Here there is a row only, so one axis counts.", lambda k, t: ((k - t) / k) ** 2),
        Misconception(
            "one-place-too-few", "Try k = 2 and t = 1: from cell 0 it moves to cell 1 and is still inside.", lambda k, t: (k - t - 1) / k
        ),
        Misconception("one-place-too-many", "Try k = 2 and t = 2: nothing stays inside.", lambda k, t: (k - t + 1) / k),
        Misconception(
            "out-of-the-gaps",
            "All k cells of the window are possible places, not the k - 1 gaps between them.",
            lambda k, t: (k - t) / (k - 1),
        ),
        Misconception("shift-of-one", "That holds for a shift of 1. It should depend on t.", lambda k, t: (k - 1) / k),
    ),
)

EXERCISES = (RESPECTED_SHIFTS, UNTOUCHED_CELLS, RESPECTED_SHARE, POOLING_LUCK)
