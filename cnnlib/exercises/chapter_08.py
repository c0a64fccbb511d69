"""The programming exercise of chapter 08, Pooling, that goes forward. The truth is the library's own pooling."""

import numpy as np

from cnnlib.exercises.exercise import Exercise, Misconception
from cnnlib.geometry import Window
from cnnlib.ops.pooling import avg_pool2d, max_pool2d


def random_sizes(rng):
    """(N, C, H, W), kernel and stride: overlapping windows, gaps between them, remainders, sides of different lengths."""
    images, channels, kernel, stride = (int(rng.integers(low, high)) for low, high in ((1, 4), (1, 4), (1, 4), (1, 5)))
    height, width = (int(n) for n in kernel + rng.integers(0, 6, 2))
    return (images, channels, height, width), kernel, stride


def draw_image(rng):
    """Small numbers, many of them equal, some images negative throughout."""
    shape, kernel, stride = random_sizes(rng)
    return rng.integers(-6, 3 if rng.random() < 0.6 else 0, shape) / 2, kernel, stride


def places(shape, kernel, stride):
    """Every (i, j) with the slices of its window, for wrong answers that are written with loops."""
    rows, columns = (Window.fit(n, kernel, stride) for n in shape[2:])
    for i in range(rows.count):
        for j in range(columns.count):
            yield i, j, slice(rows.start(i), rows.start(i) + kernel), slice(columns.start(j), columns.start(j) + kernel)


def _max(x, kernel, stride):
    return max_pool2d(x, kernel, stride=stride)


def _flat_index(x, kernel, stride):
    """F34: the sum i m + j n as an index into the flattened channel."""
    y, flat = _max(x, kernel, stride), x.reshape(*x.shape[:2], -1)
    for i, j, _, _ in places(x.shape, kernel, stride):
        read = [min(i * m + j * n, flat.shape[2] - 1) for m in range(kernel) for n in range(kernel)]
        y[:, :, i, j] = flat[:, :, read].max(axis=2)
    return y


def _loops(x, kernel, stride, *, size=None, count=lambda height, width, kernel, stride: None):
    """Max pooling by loops, with windows of another size, or another number of places."""
    height, width = x.shape[2:]
    rows, columns = count(height, width, kernel, stride) or _max(x, kernel, stride).shape[2:]
    y, size = np.empty((*x.shape[:2], rows, columns)), size or kernel
    for i, j in np.ndindex(rows, columns):
        y[:, :, i, j] = x[:, :, i * stride : i * stride + size, j * stride : j * stride + size].max(axis=(2, 3))
    return y


def _one_too_few(height, width, kernel, stride):
    return (height - kernel) // stride, (width - kernel) // stride


def _quotients(height, width, kernel, stride):
    """Slices that hang over the end are cut off there."""
    return height // stride, width // stride


def _rows_twice(height, width, kernel, stride):
    return ((height - kernel) // stride + 1,) * 2


def _steps_of_one(x, kernel, stride):
    """As many places as there should be, but each one cell further than the last."""
    y = _max(x, kernel, stride)
    return _max(x, kernel, 1)[:, :, : y.shape[2], : y.shape[3]]


_fixed = np.random.default_rng(8)
MAX_POOL = Exercise(
    id="max-pool",
    chapter=8,
    title="Max pooling",
    task=(
        "Write max pooling for x of shape (N, C, H, W), with square windows of kernel_size x kernel_size cells that move by stride. "
        "There is no padding; windows that would hang over the end do not count."
    ),
    kind="program",
    minutes=12,
    difficulty=1,
    parameters=("x", "kernel_size", "stride"),
    starter="def max_pool(x, kernel_size, stride):\n    return ...",
    answer=_max,
    examples=(
        (np.array([[[[1.0, 5.0, 2.0], [4.0, 3.0, 6.0]]]]), 2, 1),
        (-np.arange(1.0, 17.0).reshape(1, 1, 4, 4), 2, 2),
        (np.arange(20.0).reshape(1, 1, 4, 5) % 7, 3, 2),
        (_fixed.integers(-9, 9, (2, 3, 6, 5)) / 2, 2, 3),
        (_fixed.integers(-9, 0, (2, 2, 5, 8)) / 2, 3, 1),
    ),
    draw=draw_image,
    hints=(
        "Two sizes first: how many places are there along the rows, and how many along the columns? Chapter 3 has the formula.",
        "The window of place (i, j) begins at cell (i * stride, j * stride). Slice it out of all images and channels at once.",
        "y[:, :, i, j] = x[:, :, top : top + kernel_size, left : left + kernel_size].max(axis=(2, 3))",
    ),
    misconceptions=(
        Misconception(
            "starts-at-zero",
            "Where all cells are negative you return 0, a number that is not in the window. Begin with a cell of the window.",
            lambda x, k, s: np.maximum(_max(x, k, s), 0),
        ),
        Misconception("mean", "That is average pooling.", lambda x, k, s: avg_pool2d(x, k, stride=s)),
        Misconception("minimum", "You keep the smallest cell of each window.", lambda x, k, s: -_max(-x, k, s)),
        Misconception(
            "largest-size",
            "You compare sizes and forget the signs: -5 is smaller than 2.",
            lambda x, k, s: _max(np.abs(x), k, s),
        ),
        Misconception(
            "stride-is-the-kernel",
            "Your windows lie side by side. They move by stride, whatever the kernel size.",
            lambda x, k, s: _max(x, k, k),
        ),
        Misconception("stride-ignored", "Your windows move by 1. They should move by stride.", lambda x, k, s: _max(x, k, 1)),
        Misconception("begins-at-i", "The number of places is right, but place (i, j) begins at cell (i stride, j stride).", _steps_of_one),
        Misconception(
            "hangs-over",
            "A last window that hangs over the end does not count here.",
            lambda x, k, s: max_pool2d(x, k, stride=s, ceil_mode=True),
        ),
        Misconception(
            "quotient-size",
            "H // stride counts the steps, not the whole windows. Their number is (H - kernel_size) // stride + 1.",
            lambda x, k, s: _loops(x, k, s, count=_quotients),
        ),
        Misconception(
            "one-place-too-few",
            "One row and one column of places is missing: the first place counts as well, + 1.",
            lambda x, k, s: _loops(x, k, s, count=_one_too_few),
        ),
        Misconception(
            "columns-counted-as-rows",
            "You count the columns of the output by the height of the input. H and W may differ.",
            lambda x, k, s: _loops(x, k, s, count=_rows_twice),
        ),
        Misconception(
            "window-as-large-as-the-stride",
            "Your windows have stride x stride cells. They have kernel_size x kernel_size, however far they move.",
            lambda x, k, s: _loops(x, k, s, size=s),
        ),
        Misconception(
            "channels-mixed",
            "The channels are pooled apart. You took the maximum over all of them.",
            lambda x, k, s: np.broadcast_to(_max(x, k, s).max(axis=1, keepdims=True), _max(x, k, s).shape).copy(),
        ),
        Misconception(
            "images-mixed",
            "The images of a batch know nothing of each other. You took the maximum over all of them.",
            lambda x, k, s: np.broadcast_to(_max(x, k, s).max(axis=0, keepdims=True), _max(x, k, s).shape).copy(),
        ),
        Misconception(
            "subsampled",
            "You keep the first cell of each window. Look at the others too.",
            lambda x, k, s: max_pool2d(x, 1, stride=s)[:, :, : _max(x, k, s).shape[2], : _max(x, k, s).shape[3]],
        ),
        Misconception("flat-index", "i m + j n is one number. A cell has a row, i stride + m, and a column, j stride + n.", _flat_index),
    ),
    seconds=10.0,
)

EXERCISES = (MAX_POOL,)
