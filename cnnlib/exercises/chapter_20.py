"""Exercises of chapter 20, The formula clinic, without algebra: a statement read literally, and a formula of one's own."""

import numpy as np

from cnnlib.exercises.exercise import Exercise, Misconception
from cnnlib.geometry import output_size
from cnnlib.ops.pooling import max_pool2d

# By hand: what F34 gives where it stands

_IMAGE = np.array([[3, 4, 8, 9], [2, 7, 6, 0], [5, 4, 11, 2], [10, 1, 3, 12]])


def _stated_and_true():
    """F34 and max pooling at place (1, 1), windows of 2 x 2 cells side by side."""
    i = j = 1
    cells = _IMAGE.ravel()
    stated = max(int(cells[i * m + j * n]) for m in range(2) for n in range(2))
    return stated, int(max_pool2d(_IMAGE[None, None].astype(float), 2, stride=2)[0, 0, i, j])


POOL_BY_INDEX = Exercise(
    id="pool-by-index",
    chapter=20,
    title="Read a formula literally",
    task=(
        "A page prints max pooling as P(i, j) = max over m, n of O[i·m + j·n], with one index for O, so O must be the list of all cells in "
        "reading order, the first having number 0. m and n run over 0 and 1. The image has the rows 3 4 8 9, 2 7 6 0, 5 4 11 2 and "
        "10 1 3 12. Give what the printed formula says for P(1, 1), and what max pooling with windows of 2 x 2 and stride 2 "
        "really gives there, as a tuple."
    ),
    kind="number",
    minutes=5,
    difficulty=1,
    starter="pool_by_index = (..., ...)",
    answer=_stated_and_true,
    parts=("what the formula says", "what max pooling gives"),
    whole=None,
    hints=(
        "Put i = j = 1 into i·m + j·n. Which numbers come out for the four pairs (m, n)?",
        "The numbers are 0, 1, 1 and 2. Which cells of the list are these? For the true value: where does window (1, 1) begin at stride 2?",
        "The formula takes the largest of the first three cells of the image. The true window holds the rows 2, 3 and the columns 2, 3.",
    ),
    misconceptions=(
        Misconception(
            "read-what-was-meant",
            "You read what the formula means to say. Read what it says: put i = j = 1 into the one index.",
            lambda: (12, 12),
        ),
        Misconception("two-indices", "You gave O a row i·m and a column j·n. The formula has one index, their sum.", lambda: (7, 12)),
        Misconception("only-the-corner", "At place (0, 0) the index would always be 0. At (1, 1) m and n do count.", lambda: (3, 12)),
        Misconception("counted-from-one", "m and n run over 0 and 1 here; you took 1 and 2.", lambda: (9, 12)),
        Misconception("stride-one", "The second number is that of a window which moves by 1. Here it moves by 2.", lambda: (8, 11)),
        Misconception("window-zero", "The second number is that of the window at (0, 0). Asked for is the one at (1, 1).", lambda: (8, 7)),
        Misconception("the-index", "2 is the largest index. Give the largest of the cells that the indices lead to.", lambda: (2, 12)),
        Misconception("swapped", "Both numbers are right, in the other order: first what the formula says.", lambda: (12, 8)),
        Misconception("whole-row", "The index never reaches 3: m + n is at most 2.", lambda: (9, 11)),
    ),
)

# A program: the size under other conventions


def _size(n, kernel_size, stride, total_padding, gaps):
    return output_size(n + total_padding, kernel_size, stride, 0, gaps + 1)


def _draw_sizes(rng):
    kernel_size, stride, total_padding, gaps = (int(rng.integers(low, high)) for low, high in ((1, 6), (1, 5), (0, 8), (0, 4)))
    span = (gaps + 1) * (kernel_size - 1) + 1
    return max(span - total_padding, 1) + int(rng.integers(0, 12)), kernel_size, stride, total_padding, gaps


OWN_SIZE = Exercise(
    id="own-size",
    chapter=20,
    title="Bring your own formula: a size in other conventions",
    task=(
        "A library describes its layers in other words than ours: `total_padding` is the number of zeros added at both ends together, "
        "which may be odd, and `gaps` is the number of cells skipped between neighbouring kernel cells, 0 when they touch. Write the "
        "output size along one axis; at least one place exists. Test your formula with `claims.test_size_formula` before you check it: "
        "our letters are p = total_padding / 2 and d = gaps + 1."
    ),
    kind="program",
    minutes=8,
    difficulty=2,
    parameters=("n", "kernel_size", "stride", "total_padding", "gaps"),
    starter="def own_size(n, kernel_size, stride, total_padding, gaps):\n    return ...",
    answer=_size,
    examples=((10, 3, 2, 0, 0), (7, 3, 1, 2, 1), (8, 2, 3, 1, 0), (9, 4, 2, 5, 2), (1, 1, 1, 0, 3), (6, 3, 4, 3, 0)),
    draw=_draw_sizes,
    draws=60,
    hints=(
        "How many cells does the padded input have? The zeros of both ends are already counted together.",
        "A kernel of k cells with g cells between neighbours spans k + (k - 1) g cells.",
        "The window's first cell can move over n + total_padding - span cells; `//` counts the steps, and the place at 0 comes on top.",
    ),
    misconceptions=(
        Misconception(
            "padding-doubled",
            "You counted the padding twice. total_padding holds both ends already.",
            lambda n, k, s, p, g: (n + 2 * p - (g + 1) * (k - 1) - 1) // s + 1,
        ),
        Misconception(
            "padding-halved-and-floored",
            "An odd total padding loses a cell in your formula. It need not be the same at both ends.",
            lambda n, k, s, p, g: (n + 2 * (p // 2) - (g + 1) * (k - 1) - 1) // s + 1,
        ),
        Misconception(
            "gaps-as-dilation",
            "Kernel cells that touch have 0 gaps and dilation 1. You used the gaps as the dilation.",
            lambda n, k, s, p, g: (n + p - g * (k - 1) - 1) // s + 1,
        ),
        Misconception("gaps-ignored", "Your formula is right for gaps = 0 alone.", lambda n, k, s, p, g: (n + p - k) // s + 1),
        Misconception(
            "gap-behind-the-last",
            "Between k cells there are k - 1 gaps. You counted one behind the last cell too.",
            lambda n, k, s, p, g: (n + p - k * (g + 1)) // s + 1,
        ),
        Misconception(
            "no-floor",
            "Your size is not always whole. A window that does not fit whole does not count.",
            lambda n, k, s, p, g: (n + p - (g + 1) * (k - 1) - 1) / s + 1,
        ),
        Misconception(
            "ceil",
            "You count a last window that hangs over the end.",
            lambda n, k, s, p, g: -(-(n + p - (g + 1) * (k - 1) - 1) // s) + 1,
        ),
        Misconception(
            "no-first-place",
            "You count the steps. There is one place before the first step.",
            lambda n, k, s, p, g: (n + p - (g + 1) * (k - 1) - 1) // s,
        ),
        Misconception(
            "first-place-divided",
            "You added the first place before you divided. Only the way of the window is divided by the stride.",
            lambda n, k, s, p, g: (n + p - (g + 1) * (k - 1)) // s,
        ),
        Misconception(
            "distance-for-span",
            "From the first kernel cell to the last it is (k - 1) steps; the cells that the kernel spans are one more.",
            lambda n, k, s, p, g: (n + p - (g + 1) * (k - 1)) // s + 1,
        ),
        Misconception(
            "one-gap",
            "You counted a single gap. There is one between each kernel cell and the next.",
            lambda n, k, s, p, g: (n + p - k - g) // s + 1,
        ),
        Misconception(
            "half-the-padding",
            "You added half of the padding once. total_padding is what both ends receive together, so all of it counts.",
            lambda n, k, s, p, g: (n + p // 2 - (g + 1) * (k - 1) - 1) // s + 1,
        ),
    ),
)

EXERCISES = (POOL_BY_INDEX, OWN_SIZE)
