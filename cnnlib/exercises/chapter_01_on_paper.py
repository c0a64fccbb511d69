"""Exercises of chapter 01, Sliding windows, that need no program: by hand and by algebra."""

import numpy as np

from cnnlib.exercises.chapter_01 import diagonal, flipped, turned_kernel
from cnnlib.exercises.exercise import Exercise, Misconception
from cnnlib.geometry import output_size
from cnnlib.ops.convolution import correlate2d

# By hand

IMAGE = np.array([[1, 4, 0], [2, 0, 3], [5, 1, 1]])
KERNEL = np.array([[2, 1], [0, -1]])


def _by_hand(filtered):
    """The four numbers that `filtered` makes of the image and the kernel, row by row."""
    return lambda: tuple(float(value) for value in filtered(IMAGE, KERNEL).ravel())


WEIGHTED_SUM = Exercise(
    id="weighted-sum",
    chapter=1,
    title="Four windows by hand",
    task=(
        "The image has the rows (1, 4, 0), (2, 0, 3), (5, 1, 1), the kernel the rows (2, 1), (0, -1). "
        "Give the four outputs y[0,0], y[0,1], y[1,0], y[1,1] as a tuple, worked out on paper."
    ),
    kind="number",
    minutes=4,
    difficulty=1,
    starter="weighted_sum = (..., ..., ..., ...)",
    answer=_by_hand(correlate2d),
    parts=("y[0,0]", "y[0,1]", "y[1,0]", "y[1,1]"),
    whole=None,
    hints=(
        "At place (0, 0) the kernel lies on the cells 1, 4 of the first row and 2, 0 of the second.",
        "y[0,0] = 2 times 1 + 1 times 4 + 0 times 2 + (-1) times 0.",
        "For y[0,1] the kernel lies on 4, 0 and 0, 3. For y[1,0] on 2, 0 and 5, 1.",
    ),
    misconceptions=(
        Misconception("kernel-flipped", "You turned the kernel by 180 degrees. Lay it down as it is written.", _by_hand(flipped)),
        Misconception("diagonal", "You used the cells on the window's diagonal only. All four cells have a weight.", _by_hand(diagonal)),
        Misconception("kernel-transposed", "You read the kernel by columns. Its first row is (2, 1).", _by_hand(turned_kernel)),
        Misconception(
            "sign-lost", "The last weight is -1: what lies under it is subtracted.", _by_hand(lambda x, w: correlate2d(x, abs(w)))
        ),
        Misconception("mean", "A sum is wanted, not a mean: do not divide by 4.", _by_hand(lambda x, w: correlate2d(x, w) / 4)),
        Misconception(
            "by-columns",
            "The four numbers are right, but in another order: y[0,1] lies to the right of y[0,0].",
            _by_hand(lambda x, w: correlate2d(x, w).T),
        ),
    ),
)

SHIFTED_CELL = Exercise(
    id="shifted-cell",
    chapter=1,
    title="Where does the bright cell go?",
    task=(
        "An image of 7 x 7 cells is 0 everywhere, except for a 1 in row 4, column 4. The kernel of 3 x 3 cells is 0 everywhere, except for "
        "a 1 in row 0, column 2. At which place of the output is the 1? Give (row, column)."
    ),
    kind="number",
    minutes=4,
    difficulty=2,
    starter="shifted_cell = (..., ...)",
    answer=lambda: bright_place(),
    parts=("the row", "the column"),
    whole="a number of a row or column",
    hints=(
        "y[i, j] is 1 where the kernel's 1 lies on the image's 1. Draw the window there.",
        "The kernel's 1 lies on image cell (i + 0, j + 2).",
        "Solve i + 0 = 4 and j + 2 = 4.",
    ),
    misconceptions=(
        Misconception(
            "wrong-way", "The window's corner lies to the left of the kernel's last column, so the 1 moves left, not right.", lambda: (4, 6)
        ),
        Misconception("not-moved", "There the window's corner lies on the 1, and the kernel has a 0 in its corner.", lambda: (4, 4)),
        Misconception(
            "from-the-middle",
            "You count from the kernel's middle cell. Here place (i, j) is where the window's corner lies.",
            lambda: (5, 3),
        ),
        Misconception(
            "flipped",
            "Either you turned the kernel by 180 degrees, or rows and columns changed places. Lay it down as it is: row 0, column 2.",
            lambda: (2, 4),
        ),
    ),
)


def bright_place():
    """Where the library puts the 1."""
    image, kernel = np.zeros((7, 7)), np.zeros((3, 3))
    image[4, 4], kernel[0, 2] = 1, 1
    row, column = np.argwhere(correlate2d(image, kernel))[0]
    return int(row), int(column)


# Algebra

REAL = (("real", True),)

NEW_BRIGHTNESS = Exercise(
    id="new-brightness",
    chapter=1,
    title="Contrast and brightness",
    task=(
        "A kernel whose cells add up to S makes y of an image at some place. Now every cell of the image is multiplied by t, and then c is "
        "added. What does the kernel make of the new image at the same place? Write it in y, t, c and S."
    ),
    kind="algebra",
    minutes=5,
    difficulty=1,
    parameters=("y", "t", "c", "S"),
    starter='y, t, c, S = sympy.symbols("y t c S", real=True)\nnew_brightness = ...',
    answer=lambda y, t, c, S: t * y + c * S,
    assumptions=REAL,
    examples=((5, 2, 3, 1), (5, 2, 3, 0), (-1, 3, 2, 9), (4, 1, 7, 2)),
    draw=lambda rng: tuple(float(value) for value in rng.normal(size=4)),
    hints=(
        "Write the new image cell as t x + c and put it into the weighted sum.",
        "Multiply out: one sum with t w x, one with w c. What can move in front of each?",
        "The second sum is c times the sum of the kernel's cells.",
    ),
    misconceptions=(
        Misconception(
            "sum-forgotten",
            "c is added at every kernel cell, and each cell weighs it. It does not arrive as it is.",
            lambda y, t, c, S: t * y + c,
        ),
        Misconception("offset-forgotten", "c vanishes only where the kernel's cells add up to 0.", lambda y, t, c, S: t * y),
        Misconception(
            "contrast-twice", "c is added after the multiplication by t, so t does not touch it.", lambda y, t, c, S: t * (y + c * S)
        ),
        Misconception("contrast-forgotten", "Every product in the sum has grown by the factor t.", lambda y, t, c, S: y + c * S),
        Misconception("all-times-sum", "The weights are inside y already. S belongs to c alone.", lambda y, t, c, S: (t * y + c) * S),
    ),
)

LAPLACIAN = np.array([[0, 1, 0], [1, -4, 1], [0, 1, 0]])


def _bowl(p, q, i, j):
    """What the library makes of the cells p a^2 + q b^2 around place (i, j)."""
    cells = np.array([[p * (i + u) ** 2 + q * (j + v) ** 2 for v in range(3)] for u in range(3)])
    return correlate2d(cells, LAPLACIAN)[0, 0]


BOWL = Exercise(
    id="laplacian-of-a-bowl",
    chapter=1,
    title="The Laplacian of a bowl",
    task=(
        "The image has the brightness x[a, b] = p a^2 + q b^2. The Laplacian kernel has the rows (0, 1, 0), (1, -4, 1), (0, 1, 0). "
        "What does it make of the image at place (i, j)? Write it in p, q, i and j, as far as they matter."
    ),
    kind="algebra",
    minutes=8,
    difficulty=2,
    parameters=("p", "q", "i", "j"),
    starter='p, q, i, j = sympy.symbols("p q i j", real=True)\nlaplacian_of_a_bowl = ...',
    answer=_bowl,
    assumptions=REAL,
    examples=((1, 0, 0, 0), (0, 1, 0, 0), (2, 3, 1, 4), (1, -1, 5, 2)),
    draw=lambda rng: (*map(int, rng.integers(-5, 6, 2)), *map(int, rng.integers(0, 9, 2))),
    hints=(
        "The middle of the window is cell (i + 1, j + 1). Call it (a, b), and write down its four neighbours.",
        "Above and below, a changes and b does not: (a - 1)^2 + (a + 1)^2 - 2 a^2. What is that?",
        "Rows and columns give 2 p and 2 q. Do i and j matter?",
    ),
    misconceptions=(
        Misconception("zero", "The cells of the kernel add up to 0, but that makes only constant images vanish.", lambda p, q, i, j: 0 * p),
        Misconception("half", "(a - 1)^2 + (a + 1)^2 - 2 a^2 is not 1: each square leaves a 1 behind.", lambda p, q, i, j: p + q),
        Misconception(
            "rows-only", "You have the neighbours above and below. Those on the left and right count too.", lambda p, q, i, j: 2 * p
        ),
        Misconception(
            "columns-only", "You have the neighbours on the left and right. Those above and below count too.", lambda p, q, i, j: 2 * q
        ),
        Misconception("twice", "Each of the four neighbours brings p or q once; that is two of each.", lambda p, q, i, j: 4 * (p + q)),
        Misconception(
            "sign",
            "The bowl's middle is darker than its neighbours, so the kernel gives a positive number for positive p and q.",
            lambda p, q, i, j: -2 * (p + q),
        ),
        Misconception(
            "slope",
            "That is a slope, which depends on the place. The Laplacian measures how the slope changes.",
            lambda p, q, i, j: 2 * p * (i + 1) + 2 * q * (j + 1),
        ),
    ),
)


def _draw_sizes(rng):
    k = int(rng.integers(1, 8))
    return k + int(rng.integers(0, 30)), k + int(rng.integers(0, 30)), k


SEPARABLE_COST = Exercise(
    id="separable-cost",
    chapter=1,
    title="The price of two passes",
    task=(
        "An image of H x W cells is filtered with a row kernel of 1 x K cells, and the result with a column kernel of K x 1 cells, at "
        "valid places only. How many multiplications is that in all? Write it in H, W and K."
    ),
    kind="algebra",
    minutes=8,
    difficulty=2,
    parameters=("H", "W", "K"),
    starter='H, W, K = sympy.symbols("H W K", integer=True, positive=True)\nseparable_cost = ...',
    answer=lambda H, W, K: K * H * output_size(W, K) + K * output_size(H, K) * output_size(W, K),
    examples=((5, 5, 3), (6, 4, 3), (10, 12, 5), (4, 7, 1), (3, 3, 3)),
    draw=_draw_sizes,
    whole="a count",
    hints=(
        "How large is the result of the first pass? The row kernel shortens the rows; the number of rows stays.",
        "Each output cell of a pass costs K multiplications. Count the output cells of each pass.",
        "The first pass has H (W - K + 1) output cells, the second (H - K + 1) (W - K + 1).",
    ),
    misconceptions=(
        Misconception(
            "one-pass", "That is the price of one pass with the K x K kernel.", lambda H, W, K: K * K * (H - K + 1) * (W - K + 1)
        ),
        Misconception(
            "no-border", "At valid places the output is smaller than the input: the kernel must lie inside.", lambda H, W, K: 2 * K * H * W
        ),
        Misconception(
            "second-pass-twice",
            "The first pass keeps all H rows: a row kernel is one cell high.",
            lambda H, W, K: 2 * K * (H - K + 1) * (W - K + 1),
        ),
        Misconception(
            "both-from-the-image",
            "The second pass filters the result of the first, not the image: its rows have got shorter.",
            lambda H, W, K: K * H * (W - K + 1) + K * (H - K + 1) * W,
        ),
        Misconception(
            "columns-first",
            "You count the column kernel first. Here the row kernel comes first, and the rows get shorter first.",
            lambda H, W, K: K * (H - K + 1) * W + K * (H - K + 1) * (W - K + 1),
        ),
        Misconception(
            "no-plus-one", "A kernel as wide as the image still has one place.", lambda H, W, K: K * H * (W - K) + K * (H - K) * (W - K)
        ),
        Misconception("first-pass-only", "That is the first pass. The second one costs too.", lambda H, W, K: K * H * (W - K + 1)),
        Misconception(
            "places-only",
            "You count the output cells. Each costs K multiplications.",
            lambda H, W, K: H * (W - K + 1) + (H - K + 1) * (W - K + 1),
        ),
    ),
)

EXERCISES = (WEIGHTED_SUM, SHIFTED_CELL, NEW_BRIGHTNESS, BOWL, SEPARABLE_COST)
