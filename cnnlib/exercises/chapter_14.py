"""The programming exercises of chapter 14, Fast convolution. The truth of im2col is the library's own."""

import numpy as np

from cnnlib.exercises.exercise import Exercise, Misconception
from cnnlib.ops.windows import im2col


def _columns(x, kernel_size, stride):
    return im2col(x, kernel_size, stride=stride)


def _unfolded(x, k, stride):
    """The columns with their axes apart: (N, C, k, k, H', W')."""
    sizes = [(size - k) // stride + 1 for size in x.shape[2:]]
    return _columns(x, k, stride).reshape(*x.shape[:2], k, k, *sizes)


def _flattened(unfolded, *axes):
    n, c, k = unfolded.shape[:3]
    return unfolded.transpose(0, *axes).reshape(n, c * k * k, -1)


def _draw_images(rng):
    images, channels, kernel, stride = (int(rng.integers(low, high)) for low, high in ((1, 4), (1, 4), (1, 4), (1, 4)))
    height, width = (int(n) for n in kernel + rng.integers(0, 6, 2))
    return rng.integers(-9, 10, (images, channels, height, width)) / 2, kernel, stride


IM2COL = Exercise(
    id="im2col",
    chapter=14,
    title="Write every window as a column",
    task=(
        "Write im2col for x of shape (N, C, H, W), with square windows of kernel_size x kernel_size cells that move by stride, without "
        "padding. The result has shape (N, C * k * k, L): one column for each of the L places, row by row; each column holds its window "
        "channel by channel, and each channel row by row."
    ),
    kind="program",
    minutes=15,
    difficulty=2,
    parameters=("x", "kernel_size", "stride"),
    starter="def im2col(x, kernel_size, stride):\n    return ...",
    answer=_columns,
    examples=(
        (np.arange(1.0, 10.0).reshape(1, 1, 3, 3), 2, 1),
        (np.arange(20.0).reshape(1, 1, 4, 5), 2, 2),
        (np.arange(24.0).reshape(1, 2, 3, 4), 2, 1),
        (np.arange(90.0).reshape(2, 1, 5, 9), 3, 2),
        (np.arange(48.0).reshape(2, 3, 2, 4), 1, 1),
    ),
    draw=_draw_images,
    hints=(
        "How many places are there along each axis? Make an empty array with six axes: (N, C, k, k, rows, columns).",
        "Fix one kernel cell (u, v). At the places 0, 1, 2, ... it lies on the rows u, u + stride, u + 2 stride, ...: a slice with a step.",
        "columns[:, :, u, v] = x[:, :, u : u + stride * rows : stride, v : v + stride * width : stride]; watch where the slice ends, "
        "then reshape.",
    ),
    misconceptions=(
        Misconception(
            "transposed",
            "Your windows stand in the rows. Each should be a column: the places are the last axis.",
            lambda x, k, s: _columns(x, k, s).swapaxes(1, 2),
        ),
        Misconception(
            "channels-last",
            "Inside a column the channels come first: all cells of channel 0, then all of channel 1.",
            lambda x, k, s: _flattened(_unfolded(x, k, s), 2, 3, 1, 4, 5),
        ),
        Misconception(
            "kernel-turned",
            "Inside a column your windows are turned over: row by row means that v runs fastest, then u.",
            lambda x, k, s: _flattened(_unfolded(x, k, s), 1, 3, 2, 4, 5),
        ),
        Misconception(
            "places-by-column",
            "The columns stand in the wrong order: the places run row by row, so the place to the right comes next.",
            lambda x, k, s: _flattened(_unfolded(x, k, s), 1, 2, 3, 5, 4),
        ),
        Misconception(
            "rotated",
            "Your windows are rotated by half a turn. Nothing is rotated here: the first cell of the window comes first.",
            lambda x, k, s: _flattened(_unfolded(x, k, s)[:, :, ::-1, ::-1], 1, 2, 3, 4, 5),
        ),
        Misconception("stride-ignored", "Your windows move by 1. They should move by stride.", lambda x, k, s: _columns(x, k, 1)),
        Misconception(
            "start-without-stride",
            "The number of places is right, but your windows begin one cell apart. Place number i begins at cell i * stride.",
            lambda x, k, s: _flattened(_unfolded(x, k, 1)[..., : (x.shape[2] - k) // s + 1, : (x.shape[3] - k) // s + 1], 1, 2, 3, 4, 5),
        ),
        Misconception(
            "last-place-lost",
            "The last place along each axis is missing: (n - k) // stride counts the steps, and there is one place more than steps.",
            lambda x, k, s: _flattened(_unfolded(x, k, s)[..., :-1, :-1], 1, 2, 3, 4, 5),
        ),
        Misconception(
            "side-by-side", "Your windows lie side by side. They move by stride, whatever their size.", lambda x, k, s: _columns(x, k, k)
        ),
        Misconception(
            "one-matrix",
            "You put all images into one matrix. Each image keeps a matrix of its own.",
            lambda x, k, s: np.concatenate(list(_columns(x, k, s)), axis=1),
        ),
        Misconception(
            "rows-of-one-matrix",
            "You made one matrix with a row for each window, as some libraries do. Here each image has its own, and windows are columns.",
            lambda x, k, s: np.concatenate(list(_columns(x, k, s).swapaxes(1, 2))),
        ),
        Misconception(
            "windows-reshaped",
            "A bare reshape of the windows keeps their cells one behind the other. Move the kernel's axes in front of the places first.",
            lambda x, k, s: np.ascontiguousarray(_columns(x, k, s).reshape(*x.shape[:2], k * k, -1).swapaxes(2, 3)).reshape(
                len(x), x.shape[1] * k * k, -1
            ),
        ),
        Misconception("not-flattened", "The cells are right; flatten them to three axes.", _unfolded),
    ),
    seconds=10.0,
)

BT = np.array([[1.0, 0, -1, 0], [0, 1, 1, 0], [0, -1, 1, 0], [0, -1, 0, 1]])
G = np.array([[1.0, 0, 0], [0.5, 0.5, 0.5], [0.5, -0.5, 0.5], [0, 0, 1]])
AT = np.array([[1.0, 1, 1, 0], [0, 1, -1, 1]])


def winograd_row(d, g):
    """The four products of F(2, 3), and the two results they make."""
    products = (G @ g) * (BT @ d)
    return products, AT @ products


def _with(products, results=None):
    """A wrong answer's products with the results that follow from them, or with results of their own."""
    return products, AT @ products if results is None else results


def _draw_row(rng):
    return rng.integers(-8, 9, 4) * 1.0, rng.integers(-8, 9, 3) / 2


WINOGRAD_ROW = Exercise(
    id="winograd-row",
    chapter=14,
    title="Two results from four products",
    task=(
        "d holds four neighbouring cells, g a kernel of three. With the transforms G, B^T and A^T of section 14.8, return the four "
        "products (an array of 4) and the two results (an array of 2), in the order of the matrices' rows."
    ),
    kind="program",
    minutes=10,
    difficulty=2,
    parameters=("d", "g"),
    starter="def winograd_row(d, g):\n    products = ...\n    results = ...\n    return ...",
    answer=winograd_row,
    examples=(
        (np.array([1.0, 2.0, 3.0, 4.0]), np.array([1.0, 0.0, -1.0])),
        (np.array([0.0, 1.0, 0.0, 0.0]), np.array([2.0, 4.0, 6.0])),
        (np.array([5.0, -3.0, 2.0, 7.0]), np.array([1.0, 2.0, -4.0])),
    ),
    draw=_draw_row,
    parts=("the products", "the results"),
    hints=(
        "The first product is (d0 - d2) g0, the last one (d3 - d1) g2.",
        "The two in the middle share their halves: (d1 + d2)(g0 + g1 + g2)/2 and (d2 - d1)(g0 - g1 + g2)/2.",
        "With matrices: products = (G @ g) * (BT @ d), where * multiplies entry by entry, and results = AT @ products.",
    ),
    misconceptions=(
        Misconception(
            "results-first",
            "Both are right, but the other way round: the products first, then the results.",
            lambda d, g: winograd_row(d, g)[::-1],
        ),
        Misconception(
            "no-halves",
            "The products in the middle are twice too large: the kernel's transform has halves in its middle rows.",
            lambda d, g: _with((np.array([1, 2, 2, 1]) * (G @ g)) * (BT @ d)),
        ),
        Misconception(
            "halved-twice",
            "Your middle products are too small: the halves stand in the kernel's transform alone, not in the input's too.",
            lambda d, g: _with((G @ g) * (np.array([1, 0.5, 0.5, 1]) * (BT @ d))),
        ),
        Misconception(
            "wrong-sign",
            "Look at the last row of B^T: it takes d1 away from d3, not d3 from d1.",
            lambda d, g: _with((G @ g) * (np.array([1, 1, 1, -1]) * (BT @ d))),
        ),
        Misconception(
            "signs-in-print",
            "The results are right: these are the signs of Lavin and Gray. In this chapter's B^T the last row takes d1 away from d3.",
            lambda d, g: _with((G @ g) * (np.array([1, 1, 1, -1]) * (BT @ d)), AT @ ((G @ g) * (BT @ d))),
        ),
        Misconception(
            "mixed-signs",
            "The products are right. With them the last column of A^T is plus 1: the second result adds the fourth product.",
            lambda d, g: _with((G @ g) * (BT @ d), AT @ (np.array([1, 1, 1, -1]) * (G @ g) * (BT @ d))),
        ),
        Misconception(
            "input-by-B",
            "You transformed the input with B. Its transform is B^T, the matrix as the chapter shows it.",
            lambda d, g: _with((G @ g) * (BT.T @ d)),
        ),
        Misconception(
            "middle-sign",
            "Look at the third row of B^T: it takes d1 away from d2, not d2 from d1.",
            lambda d, g: _with((G @ g) * (np.array([1, 1, -1, 1]) * (BT @ d))),
        ),
        Misconception(
            "kernel-rotated",
            "Your kernel is turned round. In deep learning's convolution g0 meets d0.",
            lambda d, g: winograd_row(d, g[::-1]),
        ),
        Misconception(
            "not-brought-back",
            "The products are right. The results are sums of them by A^T, not the first two.",
            lambda d, g: _with((G @ g) * (BT @ d), ((G @ g) * (BT @ d))[:2]),
        ),
        Misconception(
            "fourth-product-lost",
            "The products are right. The second result misses the fourth of them: each result is made of three products.",
            lambda d, g: _with(winograd_row(d, g)[0], AT[:, :3] @ winograd_row(d, g)[0][:3]),
        ),
        Misconception(
            "results-exchanged",
            "The products are right, and so are the results, but in the wrong order: d0 belongs to the first one.",
            lambda d, g: _with(winograd_row(d, g)[0], winograd_row(d, g)[1][::-1]),
        ),
        Misconception(
            "results-alone",
            "Only the results came back. Return the four products too, in front of them.",
            lambda d, g: winograd_row(d, g)[1],
        ),
        Misconception(
            "untransformed-input",
            "You multiplied the transformed kernel with d itself. The input needs its own transform, B^T.",
            lambda d, g: _with((G @ g) * d),
        ),
    ),
)

EXERCISES = (IM2COL, WINOGRAD_ROW)
