"""Exercises of chapter 14, Fast convolution, that need no program: by hand and by algebra."""

from cnnlib.exercises.exercise import Exercise, Misconception
from cnnlib.geometry import output_size
from cnnlib.symbolic.algorithm_costs import cost


def _hand_counts():
    one = cost("im2col", 1, 2, 5, 7, 4)
    return one.products, one.extra, 2 * 4 * 7 * output_size(7, 4)


COUNT_BY_HAND = Exercise(
    id="count-by-hand",
    chapter=14,
    title="Count before you run",
    task=(
        "One image with 2 channels of 7 x 7 cells meets 5 filters of 4 x 4 cells; stride 1, no padding. Give, as a tuple: the "
        "multiply-adds of the definition, the cells of the im2col matrix, and the cells of the row-lowered image."
    ),
    kind="number",
    minutes=6,
    difficulty=1,
    starter="count_by_hand = (..., ..., ...)",
    answer=_hand_counts,
    parts=("the multiply-adds", "the cells of im2col", "the row-lowered cells"),
    whole="a count",
    hints=(
        "First the places: how many along each axis, how many in all?",
        "Multiply-adds: filters x places x cells of one window, channels included. im2col: places x cells of one window, no filters.",
        "Row lowering: for each channel and each of the 4 shifts, all 7 rows with the places along the width. Places: 4 x 4.",
    ),
    misconceptions=(
        Misconception("same-size", "You counted 7 x 7 places. Without padding the output is smaller.", lambda: (7840, 1568, 392)),
        Misconception("one-channel", "You counted one channel. Every window reads both.", lambda: (1280, 256, 112)),
        Misconception("one-filter", "The multiply-adds are those of one filter. There are 5.", lambda: (512, 512, 224)),
        Misconception(
            "counted-twice", "A multiply-add is one multiplication with its addition. Count the two as one.", lambda: (5120, 512, 224)
        ),
        Misconception(
            "filters-copied",
            "The copies do not depend on the number of filters: all filters read the same ones.",
            lambda: (2560, 2560, 1120),
        ),
        Misconception(
            "rows-cut",
            "The row-lowered image keeps all 7 rows: the height is not lowered, and the kernel's rows slide over it.",
            lambda: (2560, 512, 128),
        ),
        Misconception(
            "no-shifts", "The row-lowered image holds one shifted copy for each of the kernel's 4 columns.", lambda: (2560, 512, 56)
        ),
        Misconception(
            "whole-rows",
            "In the row-lowered image each row has as many cells as there are places along it, not 7.",
            lambda: (2560, 512, 392),
        ),
    ),
)

ROOF_BY_HAND = Exercise(
    id="roof-by-hand",
    chapter=14,
    title="Under which roof?",
    task=(
        "A machine can do 60 GFLOP/s and moves 15 GB/s. An algorithm needs 120 million operations and moves 60 million bytes. Give, as a "
        "tuple: its arithmetic intensity in operations per byte, the GFLOP/s it can reach at most, and the milliseconds it needs at least."
    ),
    kind="number",
    minutes=5,
    difficulty=1,
    starter="roof_by_hand = (..., ..., ...)",
    answer=lambda: (2, 30, 4),
    parts=("the intensity", "the GFLOP/s", "the milliseconds"),
    whole=None,
    hints=(
        "Intensity: operations divided by bytes.",
        "Two roofs: the peak, and bandwidth times intensity. The lower of the two counts.",
        "Moving 60 million bytes at 15 GB/s takes 4 ms; 120 million operations at the peak take 2 ms. The longer time decides.",
    ),
    misconceptions=(
        Misconception("peak", "You took the peak. At this intensity the memory cannot feed it.", lambda: (2, 60, 2)),
        Misconception(
            "time-at-the-peak",
            "The rate is right, but your time is that of the peak. At 30 GFLOP/s the same operations take longer.",
            lambda: (2, 30, 2),
        ),
        Misconception(
            "rate-at-the-peak",
            "The time is right, and it tells the rate: 120 million operations in 4 ms are fewer than the peak.",
            lambda: (2, 60, 4),
        ),
        Misconception("in-seconds", "The time is right in seconds. Asked for are milliseconds.", lambda: (2, 30, 0.004)),
        Misconception(
            "added", "Computing and moving go on at the same time: the longer one decides, they do not add up.", lambda: (2, 20, 6)
        ),
        Misconception(
            "times-added",
            "The rate is right. But computing and moving go on at the same time: the longer one decides, they do not add up.",
            lambda: (2, 30, 6),
        ),
        Misconception("upside-down", "Intensity is operations per byte. Yours is bytes per operation.", lambda: (0.5, 7.5, 16)),
        Misconception(
            "bandwidth-alone",
            "The bandwidth counts bytes. Each of them brings as many operations as the intensity says.",
            lambda: (2, 15, 8),
        ),
        Misconception(
            "ridge", "That is the intensity at which the two roofs of this machine meet. The algorithm has its own.", lambda: (4, 60, 2)
        ),
        Misconception("per-cell", "You divided by cells of four bytes. The intensity asked for is per byte.", lambda: (8, 60, 2)),
    ),
)


def _memory_factor(n, k, s):
    return k**2 * ((n - k) / s + 1) ** 2 / n**2


def _draw_sizes(rng):
    k, s, steps = (int(rng.integers(low, high)) for low, high in ((1, 7), (1, 5), (0, 6)))
    return k + s * steps, k, s


MEMORY_FACTOR = Exercise(
    id="memory-factor",
    chapter=14,
    title="How much larger is the im2col matrix?",
    task=(
        "Images of n x n cells, kernels of k x k, stride s, no padding, and s divides n - k. How many cells has the im2col matrix for "
        "each cell of the images? Write it in n, k and s."
    ),
    kind="algebra",
    minutes=8,
    difficulty=2,
    parameters=("n", "k", "s"),
    starter='n, k, s = sympy.symbols("n k s", integer=True, positive=True)\nmemory_factor = ...',
    answer=_memory_factor,
    examples=((4, 2, 1), (4, 2, 2), (5, 3, 2), (7, 3, 1), (9, 3, 3)),
    draw=_draw_sizes,
    hints=(
        "Count the places with the size formula. The floor may go, since s divides.",
        "Each place costs k**2 cells for each channel. An image has n**2 cells for each channel.",
        "There are ((n - k)/s + 1)**2 places. Multiply by k**2 and divide by n**2.",
    ),
    misconceptions=(
        Misconception(
            "limit", "That is what it tends to for large images at stride 1. Near the border places are missing.", lambda n, k, s: k**2
        ),
        Misconception("stride-ignored", "With a larger stride there are fewer places.", lambda n, k, s: k**2 * (n - k + 1) ** 2 / n**2),
        Misconception(
            "places-alone",
            "Those are the places for each cell. Each place costs a whole window.",
            lambda n, k, s: ((n - k) / s + 1) ** 2 / n**2,
        ),
        Misconception(
            "in-all",
            "That is the number of cells of the matrix. Divide by those of the image.",
            lambda n, k, s: k**2 * ((n - k) / s + 1) ** 2,
        ),
        Misconception(
            "fence-posts",
            "From n - k cells of room come (n - k)/s steps, and one place more.",
            lambda n, k, s: k**2 * ((n - k) / s) ** 2 / n**2,
        ),
        Misconception(
            "all-places-divided",
            "The stride divides the steps, n - k of them at stride 1, and not the places. One place more comes afterwards.",
            lambda n, k, s: k**2 * ((n - k + 1) / s) ** 2 / n**2,
        ),
        Misconception(
            "quotient", "Near the end of the image no window fits: there are fewer than n / s places.", lambda n, k, s: k**2 / s**2
        ),
        Misconception(
            "one-axis",
            "You counted along one axis, as row lowering copies. im2col copies along both.",
            lambda n, k, s: k * ((n - k) / s + 1) / n,
        ),
        Misconception(
            "kernel-side",
            "A window has k rows and k columns, so each place costs k * k cells.",
            lambda n, k, s: k * ((n - k) / s + 1) ** 2 / n**2,
        ),
        Misconception(
            "places-along-one-axis",
            "There are (n - k)/s + 1 places along each of the two axes. You counted one axis.",
            lambda n, k, s: k**2 * ((n - k) / s + 1) / n**2,
        ),
        Misconception(
            "upside-down",
            "You divided the cells of the image by those of the matrix. It is the other way round.",
            lambda n, k, s: n**2 / (k**2 * ((n - k) / s + 1) ** 2),
        ),
    ),
)

WINOGRAD_SAVING = Exercise(
    id="winograd-saving",
    chapter=14,
    title="How much does Winograd save?",
    task=(
        "F(m x m, r x r) makes m x m results of an r x r kernel from one tile. How many times fewer multiplications does it take than the "
        "definition (without the transforms)? Write it in m and r."
    ),
    kind="algebra",
    minutes=6,
    difficulty=2,
    parameters=("m", "r"),
    starter='m, r = sympy.symbols("m r", integer=True, positive=True)\nwinograd_saving = ...',
    answer=lambda m, r: (m * r) ** 2 / (m + r - 1) ** 2,
    examples=((2, 3), (1, 3), (4, 3), (2, 5), (6, 3)),
    draw=lambda rng: (int(rng.integers(1, 9)), int(rng.integers(1, 9))),
    hints=(
        "Along one axis first. A product of polynomials with m and r coefficients has how many coefficients?",
        "It has m + r - 1, and as many values determine it. An image has two axes: square it.",
        "The definition takes r**2 multiplications for each of m**2 results. F(2 x 2, 3 x 3): 36 against 16.",
    ),
    misconceptions=(
        Misconception("one-axis", "That is the saving along one axis. Tiles and kernels have two.", lambda m, r: m * r / (m + r - 1)),
        Misconception("upside-down", "You say what is left, not how many times fewer it is.", lambda m, r: (m + r - 1) ** 2 / (m * r) ** 2),
        Misconception(
            "degree",
            "You added the numbers of coefficients. Degrees add: (m - 1) + (r - 1), and one coefficient more.",
            lambda m, r: (m * r) ** 2 / (m + r) ** 2,
        ),
        Misconception(
            "tile-not-squared",
            "The definition is counted for a tile, Winograd for a row. The tile's multiplications are squared too.",
            lambda m, r: (m * r) ** 2 / (m + r - 1),
        ),
        Misconception("per-result", "You compared with one result. A tile makes m x m of them.", lambda m, r: r**2 / (m + r - 1) ** 2),
        Misconception(
            "saved", "That is how many are saved for one tile. Asked for is the quotient.", lambda m, r: (m * r) ** 2 - (m + r - 1) ** 2
        ),
        Misconception(
            "kernel-alone",
            "Each result costs r**2 by the definition, and there are m**2. What does the tile cost?",
            lambda m, r: (m * r) ** 2,
        ),
        Misconception(
            "multiplications",
            "Those are the multiplications of one tile. Compare them with the definition's.",
            lambda m, r: (m + r - 1) ** 2,
        ),
    ),
)

EXERCISES = (COUNT_BY_HAND, ROOF_BY_HAND, MEMORY_FACTOR, WINOGRAD_SAVING)
