"""Programming exercises of chapter 06, Equivariance and invariance. The truth is `cnnlib.equivariance` throughout."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from cnnlib.equivariance import blur_pool2d as library_blur_pool
from cnnlib.equivariance import bordered_conv2d, equivariance_error, shift2d
from cnnlib.exercises.exercise import Exercise, Misconception
from cnnlib.ops.activations import relu

# Shift an image


def _shift(border="circular"):
    return lambda image, rows, columns: shift2d(image[None, None], (rows, columns), border=border)[0, 0]


def _draw_shift(rng):
    """A random image, not square, and a shift that sometimes goes further than once around."""
    h, w = int(rng.integers(2, 6)), int(rng.integers(2, 7))
    return rng.integers(0, 10, (h, w)).astype(float), int(rng.integers(-6, 7)), int(rng.integers(-8, 9))


SHIFT_IMAGE = Exercise(
    id="shift-image",
    chapter=6,
    title="Shift an image",
    task=(
        "Move an image of shape (H, W) down by `rows` and to the right by `columns`, on a circular border: what leaves on one side comes "
        "back on the other. Negative numbers move up and left."
    ),
    kind="program",
    minutes=8,
    difficulty=1,
    parameters=("image", "rows", "columns"),
    starter="def shift_image(image, rows, columns):\n    return ...",
    answer=_shift(),
    examples=(
        (np.array([[1.0, 2, 3], [4, 5, 6]]), 0, 1),
        (np.array([[1.0, 2, 3], [4, 5, 6], [7, 8, 9]]), 1, 0),
        (np.array([[1.0, 2, 3, 4], [5, 6, 7, 8], [9, 10, 11, 12]]), 1, 3),
        (np.array([[1.0, 2, 3, 4], [5, 6, 7, 8], [9, 10, 11, 12]]), -1, 5),
    ),
    draw=_draw_shift,
    hints=(
        "Which cell of the old image stands in the top left corner after a shift by one column?",
        "The new cell (i, j) holds the old cell (i - rows, j - columns). The remainder `% H` brings a number back into 0 to H - 1.",
        "`np.roll` does it for one axis; called with two shifts and `axis=(0, 1)` it does it for both.",
    ),
    misconceptions=(
        Misconception(
            "wrong-direction",
            "Your image moves up and left. The new cell (i, j) holds what stood at (i - rows, j - columns): with a minus.",
            lambda image, r, c: np.roll(image, (-r, -c), axis=(0, 1)),
        ),
        Misconception("axes-swapped", "Rows are axis 0 and columns are axis 1.", lambda image, r, c: np.roll(image, (c, r), axis=(0, 1))),
        Misconception(
            "zeros-move-in", "What leaves on one side comes back on the other; here nothing is lost and no zeros move in.", _shift("zeros")
        ),
        Misconception(
            "flattened",
            "Without an axis the image is rolled as one long row, so cells change their row. Roll each axis by itself.",
            lambda image, r, c: np.roll(image, (r, c)),
        ),
        Misconception("rows-only", "The columns move too.", lambda image, r, c: np.roll(image, r, axis=0)),
        Misconception("columns-only", "The rows move too.", lambda image, r, c: np.roll(image, c, axis=1)),
    ),
)

# The equivariance error


@dataclass(frozen=True)
class Layer:
    """A function of (N, C, H, W) with a name that a verdict can show."""

    name: str
    function: Callable

    def __call__(self, x):
        return self.function(x)

    def __repr__(self):
        return f"<{self.name}>"


_KERNEL = np.array([[1.0, 2, 0], [0, -1, 3], [1, 0, -2]])


def _convolve(border):
    return lambda x: bordered_conv2d(x, np.broadcast_to(_KERNEL, (1, x.shape[1], 3, 3)), border=border)


def _ramp(x):
    """A bias of its own for every place: layers may not do that if they are to commute with shifts."""
    return x + np.arange(x.shape[2] * x.shape[3], dtype=float).reshape(x.shape[2:]) / 4


LAYERS = (
    Layer("3 by 3 convolution, circular border", _convolve("circular")),
    Layer("3 by 3 convolution, zero border", _convolve("zeros")),
    Layer("ReLU", relu),
    Layer("a bias that differs from place to place", _ramp),
    Layer("product with the cell to the right", lambda x: x * np.roll(x, -1, axis=3)),
    Layer("running sum along the rows", lambda x: np.cumsum(x, axis=2)),
)


def _draw_layer(rng):
    n, c, h, w = (int(rng.integers(low, high)) for low, high in ((1, 3), (1, 3), (3, 7), (3, 7)))
    layer = LAYERS[int(rng.integers(len(LAYERS)))]
    return layer, rng.normal(size=(n, c, h, w)), (int(rng.integers(-3, 4)), int(rng.integers(-3, 4)))


def _measure(compare, border="circular", back=1):
    """An error made of layer(shifted x) and shifted layer(x)."""

    def error(layer, x, by):
        follow = tuple(back * t for t in by)
        return compare(layer(shift2d(x, by, border=border)) - shift2d(layer(x), follow, border=border))

    return error


def _on_axes(axes):
    return lambda layer, x, by: np.abs(layer(np.roll(x, by, axis=axes)) - np.roll(layer(x), by, axis=axes)).max()


_SMALL = np.array([[[[1.0, 0, 2], [0, 3, 0], [4, 0, 0]]]])
EQUIVARIANCE_ERROR = Exercise(
    id="equivariance-error",
    chapter=6,
    title="Measure equivariance",
    task=(
        "layer is a function that maps (N, C, H, W) to an output with the same H and W; by = (rows, columns) is a shift on a circular "
        "border. Return the largest absolute difference between 'shift, then apply the layer' and 'apply the layer, then shift'."
    ),
    kind="program",
    minutes=10,
    difficulty=2,
    parameters=("layer", "x", "by"),
    starter="def equivariance_error(layer, x, by):\n    return ...",
    answer=equivariance_error,
    examples=(
        (LAYERS[2], _SMALL - 2, (0, 1)),
        (LAYERS[1], _SMALL, (0, 1)),
        (LAYERS[3], _SMALL, (1, 0)),
        (LAYERS[5], _SMALL, (1, 2)),
        (LAYERS[1], _SMALL, (-1, 2)),
    ),
    draw=_draw_layer,
    whole=None,
    hints=(
        "There are two ways round: shift x and hand it to the layer, or hand x to the layer and shift what comes out. Compute both.",
        "A shift on a circular border is `np.roll(x, by, axis=...)`. Which two axes of (N, C, H, W) are rows and columns?",
        "Subtract the two results, take absolute values, then the largest of them all.",
    ),
    misconceptions=(
        Misconception(
            "invariance",
            "You compare with the output that was not shifted. That measures invariance. Equivariance lets the output move along.",
            _measure(lambda d: np.abs(d).max(), back=0),
        ),
        Misconception(
            "shifted-back",
            "The output has to follow the input, in the same direction. You shift it the other way.",
            _measure(lambda d: np.abs(d).max(), back=-1),
        ),
        Misconception(
            "no-absolute-value", "Differences have signs, and a large negative one is an error too.", _measure(lambda d: d.max())
        ),
        Misconception(
            "mean", "The mean hides a few wrong cells among many right ones. Take the largest.", _measure(lambda d: np.abs(d).mean())
        ),
        Misconception(
            "length",
            "You take the root of all squared differences together. The largest single difference is wanted.",
            _measure(lambda d: np.sqrt((d**2).sum())),
        ),
        Misconception(
            "relative",
            "You divide by the size of the output. The largest difference itself is wanted.",
            lambda layer, x, by: equivariance_error(layer, x, by) / np.abs(layer(x)).max(),
        ),
        Misconception("sum", "The sum grows with the image. Take the largest difference.", _measure(lambda d: np.abs(d).sum())),
        Misconception(
            "zeros-move-in",
            "On a circular border what leaves comes back; you let zeros move in.",
            _measure(lambda d: np.abs(d).max(), "zeros"),
        ),
        Misconception(
            "batch-and-channel-rolled", "Axes 0 and 1 are images and channels. Rows and columns are axes 2 and 3.", _on_axes((0, 1))
        ),
        Misconception("axes-swapped", "by = (rows, columns): the first number belongs to axis 2.", _on_axes((3, 2))),
        Misconception(
            "no-axis",
            "Without an axis np.roll treats the array as one long row. Name the axes of rows and columns.",
            lambda layer, x, by: np.abs(layer(np.roll(x, by)) - np.roll(layer(x), by)).max(),
        ),
        Misconception(
            "layer-forgotten",
            "The second way round goes through the layer too: shift the layer's output, not the input.",
            lambda layer, x, by: np.abs(layer(shift2d(x, by)) - shift2d(x, by)).max(),
        ),
    ),
)

# Anti-aliased subsampling


def _draw_maps(rng):
    n, c, h, w = (int(rng.integers(low, high)) for low, high in ((1, 3), (1, 4), (3, 8), (3, 8)))
    return rng.normal(size=(n, c, h, w)), int(rng.integers(1, 4))


def _blur(weights, border="circular", first=0, divide=True):
    """Blur with these weights along both axes, then keep every stride-th cell, beginning with cell `first`."""
    kernel = np.outer(weights, weights) / (sum(weights) ** 2 if divide else 1)

    def pool(x, stride):
        channels = x.shape[1]
        y = bordered_conv2d(x, np.broadcast_to(kernel, (channels, 1, 3, 3)), groups=channels, border=border)
        return y[:, :, first::stride, first::stride]

    return pool


_SPOT = np.zeros((1, 1, 4, 4))
_SPOT[0, 0, 1, 1] = 16
BLUR_POOL = Exercise(
    id="blur-pool",
    chapter=6,
    title="Blur, then subsample",
    task=(
        "Blur every channel of x, shape (N, C, H, W), along its rows and its columns with the weights 1/4, 1/2, 1/4, on a circular "
        "border. Then keep the rows 0, stride, 2 stride, ... and the same columns."
    ),
    kind="program",
    minutes=15,
    difficulty=2,
    parameters=("x", "stride"),
    starter="def blur_pool(x, stride):\n    return ...",
    answer=lambda x, stride: library_blur_pool(x, stride=stride),
    examples=((_SPOT, 1), (_SPOT, 2), (np.arange(36.0).reshape(1, 1, 6, 6) % 7, 2), (np.arange(30.0).reshape(1, 2, 3, 5) % 4, 2)),
    draw=_draw_maps,
    hints=(
        "Do one axis first: every cell becomes half of itself and a quarter of each neighbour. The neighbours of all cells at once are two "
        "shifted copies of x.",
        "`np.roll(x, 1, axis=3)` brings every cell's left neighbour to its place. Blur along axis 3, then along axis 2.",
        "The slice `[:, :, ::stride, ::stride]` keeps every stride-th row and column. It comes last.",
    ),
    misconceptions=(
        Misconception(
            "subsample-first",
            "You drop cells first and blur what is left. The dropped cells can then no longer have a say, and that is the whole point.",
            lambda x, stride: library_blur_pool(x[:, :, ::stride, ::stride], stride=1),
        ),
        Misconception("not-divided", "The weights add up to 16 instead of 1: the image becomes brighter.", _blur((1, 2, 1), divide=False)),
        Misconception("box", "All nine weights are equal here. The middle has twice the weight of its neighbours.", _blur((1, 1, 1))),
        Misconception(
            "zero-border", "At the border you read zeros. Here the image goes on at the opposite side.", _blur((1, 2, 1), "zeros")
        ),
        Misconception("not-blurred", "You only keep every stride-th cell. Blur first.", lambda x, stride: x[:, :, ::stride, ::stride]),
        Misconception("not-subsampled", "You blur, and keep all cells.", lambda x, stride: library_blur_pool(x, stride=1)),
        Misconception(
            "rows-only",
            "One axis is still sharp: blur along the rows and along the columns.",
            lambda x, stride: ((np.roll(x, 1, 2) + 2 * x + np.roll(x, -1, 2)) / 4)[:, :, ::stride, ::stride],
        ),
        Misconception(
            "columns-only",
            "You blur along axis 3 alone; axis 2 needs it too.",
            lambda x, stride: ((np.roll(x, 1, 3) + 2 * x + np.roll(x, -1, 3)) / 4)[:, :, ::stride, ::stride],
        ),
        Misconception(
            "blurs-averaged",
            "You blur rows and columns apart and average the two. Blur one axis, and then the result along the other.",
            lambda x, stride: sum(2 * x + np.roll(x, 1, axis) + np.roll(x, -1, axis) for axis in (2, 3))[:, :, ::stride, ::stride] / 8,
        ),
        Misconception(
            "columns-kept",
            "You keep every stride-th row, and all columns.",
            lambda x, stride: library_blur_pool(x, stride=1)[:, :, ::stride],
        ),
        Misconception("second-cell-first", "Row 0 and column 0 are kept; you begin with the second.", _blur((1, 2, 1), first=1)),
        Misconception(
            "channels-mixed",
            "Every channel is blurred by itself; you add the channels up.",
            lambda x, stride: library_blur_pool(x, stride=stride).sum(axis=1, keepdims=True).repeat(x.shape[1], axis=1),
        ),
    ),
)

EXERCISES = (SHIFT_IMAGE, EQUIVARIANCE_ERROR, BLUR_POOL)
