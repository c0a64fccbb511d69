"""Programming exercises of chapter 01, Sliding windows. The truth is `cnnlib.correlate2d` throughout."""

import numpy as np

from cnnlib.exercises.exercise import Exercise, Misconception
from cnnlib.ops.activations import relu
from cnnlib.ops.convolution import convolve2d, correlate2d

SOBEL_X = np.outer([1, 2, 1], [-1, 0, 1])
SOBEL_Y = SOBEL_X.T


def _draw_image_and_kernel(rng):
    """A random image and a random kernel that fits, both rarely square."""
    kernel = rng.integers(1, 5, 2)
    return rng.standard_normal(kernel + rng.integers(0, 5, 2)), rng.standard_normal(kernel)


def by_cells(entry):
    """A wrong correlation that adds entry(image, kernel, i, j, u, v) over the kernel, at every place."""

    def correlation(image, kernel):
        y = np.zeros(np.subtract(image.shape, kernel.shape) + 1)
        for i, j in np.ndindex(y.shape):
            y[i, j] = sum(entry(image, kernel, i, j, u, v) for u, v in np.ndindex(kernel.shape))
        return y

    return correlation


def flipped(image, kernel):
    """The convolution of mathematics."""
    return convolve2d(image, kernel, mode="valid")


diagonal = by_cells(lambda x, w, i, j, u, v: x[i + u, j + u] * w[u, v])
turned_kernel = by_cells(lambda x, w, i, j, u, v: x[i + u, j + v] * w[v, u])
same_cell = by_cells(lambda x, w, i, j, u, v: x[i, j] * w[u, v])


def _cut_at_every_product(image, kernel):
    """What `y[i, j] += product` makes in an array of integers."""
    y = np.zeros(np.subtract(image.shape, kernel.shape) + 1, dtype=int)
    for i, j, u, v in np.ndindex(*y.shape, *kernel.shape):
        y[i, j] += image[i + u, j + v] * kernel[u, v]
    return y


def _by_matrix_product(image, kernel):
    y, (rows, columns) = correlate2d(image, kernel), kernel.shape
    for i, j in np.ndindex(y.shape):
        y[i, j] = np.sum(image[i : i + rows, j : j + columns] @ kernel)
    return y


CORRELATE2D = Exercise(
    id="correlate2d",
    chapter=1,
    title="Slide a kernel over an image",
    task=(
        "Put the kernel at every place where it lies wholly inside the image, multiply cell by cell, and add up. "
        "image and kernel are 2-D arrays; return the 2-D array of sums. Use loops or whatever you like."
    ),
    kind="program",
    minutes=12,
    difficulty=2,
    parameters=("image", "kernel"),
    starter="def correlate2d(image, kernel):\n    return ...",
    answer=correlate2d,
    examples=(
        (np.array([[2.0, 0, 1], [1, 3, 0], [0, 2, 4]]), np.array([[1.0, -1], [2, 0]])),
        (np.arange(12.0).reshape(3, 4), np.array([[1.0, 0, -2], [0, 3, 5]])),
        (np.arange(12.0).reshape(4, 3), np.array([[1.0], [2], [-4]])),
        (np.array([[1.0, 2], [3, 4]]), np.array([[5.0, 6], [7, 8]])),
        (np.array([[3.0, 1, 4]]), np.array([[2.0]])),
    ),
    draw=_draw_image_and_kernel,
    hints=(
        "How many places are there along the rows, and how many along the columns? That is the shape of the result.",
        "Two loops walk over the places (i, j). At each place the window is image[i : i + kernel rows, j : j + kernel columns].",
        "y[i, j] is the sum of window * kernel. There are image rows - kernel rows + 1 values of i, and so along the columns.",
    ),
    misconceptions=(
        Misconception(
            "kernel-flipped",
            "You turn the kernel by 180 degrees before you use it. Here its first cell meets the window's first cell.",
            flipped,
        ),
        Misconception(
            "one-index-for-both",
            "You read image[i + u, j + u], the diagonal of the window. The column must move with the kernel's column (F33).",
            diagonal,
        ),
        Misconception("kernel-transposed", "You take kernel[v, u]: rows and columns of the kernel have changed places.", turned_kernel),
        Misconception(
            "window-not-read",
            "Every kernel cell multiplies the same image cell, the window's corner. The image index has to move along with the kernel.",
            same_cell,
        ),
        Misconception(
            "same-size",
            "You padded the image, so that the result is as large as it. Here the kernel lies wholly inside.",
            lambda image, kernel: correlate2d(image, kernel, padding="same"),
        ),
        Misconception(
            "full-size",
            "You count places where the kernel hangs over the edge. Here it lies wholly inside.",
            lambda image, kernel: correlate2d(image, kernel, padding="full"),
        ),
        Misconception(
            "overwritten",
            "Only the last product is left at each place: the sum is overwritten where it should grow. Write `+=`.",
            lambda image, kernel: correlate2d(image, _last_cell(kernel)),
        ),
        Misconception(
            "mean",
            "You divide by the number of kernel cells. A weighted sum is wanted, not a mean.",
            lambda x, w: correlate2d(x, w) / w.size,
        ),
        Misconception(
            "result-transposed", "The numbers are right, but rows and columns of the result are swapped.", lambda x, w: correlate2d(x, w).T
        ),
        Misconception(
            "one-place-short",
            "The last place of each row and column is missing: a kernel as large as the image has one place, not none.",
            lambda x, w: correlate2d(x, w)[:-1, :-1],
        ),
        Misconception(
            "no-overlap",
            "Your window jumps by its own size. Its places are one cell apart, and they overlap.",
            lambda x, w: correlate2d(x, w, stride=w.shape),
        ),
        Misconception(
            "integer-result",
            "Your result can hold whole numbers only, and every sum loses its fraction. Begin with `np.zeros(...)` without a dtype.",
            lambda x, w: np.trunc(correlate2d(x, w)),
        ),
        Misconception(
            "integer-products",
            "Your result can hold whole numbers only, and `+=` cuts off a fraction at every product. Begin with an array of floats.",
            _cut_at_every_product,
        ),
        Misconception(
            "loops-end-early",
            "The last row and the last column stay 0: the loops end one place too early. `range(n)` ends with n - 1 already.",
            lambda x, w: np.pad(correlate2d(x, w)[:-1, :-1], ((0, 1), (0, 1))),
        ),
        Misconception(
            "matrix-product",
            "`@` is the matrix product. Here the window and the kernel are multiplied cell by cell, with `*`.",
            _by_matrix_product,
        ),
        Misconception(
            "products-added-to-kernel",
            "You add image and kernel cells. They are multiplied first, and the products are added.",
            by_cells(lambda x, w, i, j, u, v: x[i + u, j + v] + w[u, v]),
        ),
    ),
)


def _last_cell(kernel):
    """The kernel with nothing but its last cell."""
    last = np.zeros(kernel.shape)
    last[-1, -1] = kernel[-1, -1]
    return last


FEATURE_MAP = Exercise(
    id="feature-map",
    chapter=1,
    title="A convolutional layer with one kernel",
    task=(
        "Compute what a convolutional layer with one kernel makes of an image: at every place the weighted sum, plus the bias, "
        "then the activation that replaces negative numbers by 0. `cnnlib.correlate2d` may be used."
    ),
    kind="program",
    minutes=6,
    difficulty=1,
    parameters=("image", "kernel", "bias"),
    starter="def feature_map(image, kernel, bias):\n    return ...",
    answer=lambda image, kernel, bias: relu(correlate2d(image, kernel) + bias),
    examples=(
        (np.array([[1.0, 5, 2], [4, 0, 3], [2, 2, 6]]), np.array([[1.0, -1], [-1, 2]]), -4.0),
        (np.array([[1.0, -2, 3]]), np.array([[2.0, 1]]), 0.5),
        (np.arange(6.0).reshape(3, 2), np.array([[1.0], [-3]]), 7.0),
    ),
    draw=lambda rng: (*_draw_image_and_kernel(rng), float(rng.normal())),
    hints=(
        "Three steps in this order: weighted sums, bias, activation.",
        "The bias is one number, and every place gets it once.",
        "np.maximum(0, a) replaces the negative numbers of an array by 0.",
    ),
    misconceptions=(
        Misconception(
            "no-activation", "Negative numbers are left. The activation replaces them by 0.", lambda x, w, b: correlate2d(x, w) + b
        ),
        Misconception(
            "activation-before-bias",
            "The bias comes before the activation: it decides which sums count as positive.",
            lambda x, w, b: relu(correlate2d(x, w)) + b,
        ),
        Misconception("bias-missing", "The bias is not used.", lambda x, w, b: relu(correlate2d(x, w))),
        Misconception(
            "bias-for-every-cell",
            "You add the bias once for each kernel cell. Each place gets it once.",
            lambda x, w, b: relu(correlate2d(x, w) + b * w.size),
        ),
        Misconception("absolute", "A negative sum becomes 0, not positive.", lambda x, w, b: np.abs(correlate2d(x, w) + b)),
        Misconception(
            "activation-of-products",
            "You cut every product at 0. Add up first; the activation sees the sum alone.",
            lambda x, w, b: by_cells(lambda x, w, i, j, u, v: max(x[i + u, j + v] * w[u, v], 0))(x, w) + b,
        ),
        Misconception("kernel-flipped", "You turn the kernel by 180 degrees before you use it.", lambda x, w, b: relu(flipped(x, w) + b)),
        Misconception("bias-subtracted", "The bias is added, not subtracted.", lambda x, w, b: relu(correlate2d(x, w) - b)),
    ),
)


def _edges(combine, kernel=SOBEL_X):
    """combine(change to the right, change downwards), both by a kernel and its transpose."""
    return lambda image: combine(correlate2d(image, kernel), correlate2d(image, kernel.T))


EDGE_STRENGTH = Exercise(
    id="edge-strength",
    chapter=1,
    title="How strong is an edge?",
    task=(
        "Filter the image with Sobel x and with Sobel y, valid places only. At each place the two results are the components of an arrow. "
        "Return the array of the arrows' lengths. `cnnlib.correlate2d` may be used."
    ),
    kind="program",
    minutes=8,
    difficulty=2,
    parameters=("image",),
    starter="def edge_strength(image):\n    return ...",
    answer=_edges(np.hypot),
    examples=(
        (np.array([[0.0, 0, 4, 4], [0, 0, 4, 4], [0, 0, 4, 4]]),),
        (np.array([[0.0, 0, 0], [0, 1, 2], [0, 3, 5], [7, 1, 1]]),),
        (np.arange(9.0).reshape(3, 3) ** 2,),
    ),
    draw=lambda rng: (rng.standard_normal(rng.integers(3, 8, 2)),),
    hints=(
        "Sobel x has the rows (-1, 0, 1), (-2, 0, 2), (-1, 0, 1). Sobel y is its transpose.",
        "You get two arrays, a and b, of the same shape. How long is an arrow that goes a to the right and b down?",
        "Pythagoras: the square root of a squared plus b squared, cell by cell.",
    ),
    misconceptions=(
        Misconception("signed-sum", "A change to the right and one to the left would cancel. Lengths do not.", _edges(lambda a, b: a + b)),
        Misconception(
            "absolute-sum", "That is the way along two sides. The arrow takes the straight one.", _edges(lambda a, b: abs(a) + abs(b))
        ),
        Misconception("no-root", "That is the square of the length. Take its root.", _edges(lambda a, b: a**2 + b**2)),
        Misconception(
            "larger-one",
            "The larger component is shorter than the arrow, unless the other one is 0.",
            _edges(lambda a, b: np.maximum(abs(a), abs(b))),
        ),
        Misconception("x-only", "Edges that run from left to right are missing: you use Sobel x alone.", _edges(lambda a, b: abs(a))),
        Misconception("y-only", "Edges that run from top to bottom are missing: you use Sobel y alone.", _edges(lambda a, b: abs(b))),
        Misconception(
            "mean-square",
            "You divide by 2 under the root. The squares are added, not averaged.",
            _edges(lambda a, b: np.sqrt((a**2 + b**2) / 2)),
        ),
        Misconception(
            "not-weighted", "The middle row of Sobel x counts twice: -2, 0, 2.", _edges(np.hypot, kernel=np.outer([1, 1, 1], [-1, 0, 1]))
        ),
    ),
)

EXERCISES = (CORRELATE2D, FEATURE_MAP, EDGE_STRENGTH)
