"""Testers of what a convolutional layer connects, shares, holds in memory and gives out."""

import functools

import numpy as np

from cnnlib.claims.size_testers import places
from cnnlib.claims.tester import Tester
from cnnlib.nn import Conv2d, Linear
from cnnlib.ops.convolution import conv2d, conv2d_matrix
from cnnlib.ops.windows import im2col


@functools.cache
def _layer_settings():
    return [
        dict(channels=c, maps=f, n=n, kernel_size=k)
        for c, f, n, k in ((1, 1, 4, 2), (2, 3, 5, 3), (3, 2, 6, 1), (1, 4, 6, 5), (2, 2, 4, 4), (3, 16, 8, 3))
    ]


def _matrix(channels, maps, n, kernel_size):
    """A layer's matrix with the weights 1, 2, 3, ..."""
    w = 1.0 + np.arange(maps * channels * kernel_size**2).reshape(maps, channels, kernel_size, kernel_size)
    return conv2d_matrix(w, (channels, n, n))


def _read_cells(channels, maps, n, kernel_size):
    """Change one input cell at a time and count those that move the first output."""
    w = np.ones((maps, channels, kernel_size, kernel_size))
    changed = np.eye(channels * n * n).reshape(-1, channels, n, n)
    return np.count_nonzero(conv2d(changed, w)[:, 0, 0, 0])


connections = Tester(
    "the cells that one output reads",
    _layer_settings,
    _read_cells,
    lambda channels, maps, n, kernel_size: np.count_nonzero(_matrix(channels, maps, n, kernel_size)[0]),
)

parameters = Tester(
    "the parameters of a convolutional layer",
    _layer_settings,
    lambda channels, maps, kernel_size: sum(p.size for p in Conv2d(channels, maps, kernel_size, rng=0).parameters().values()),
    lambda channels, maps, n, kernel_size: len(np.unique(_matrix(channels, maps, n, kernel_size))) - (n > kernel_size) + maps,
)


def by_priors(channels, maps, n, kernel_size):
    """A dense layer's matrix filled by two rules: zero outside the window, and one weight for each offset from the window's corner."""
    size = places(n, kernel_size, 1, 0, 1)
    matrix = np.zeros((maps, size, size, channels, n, n))
    for f, i, j, c, row, column in np.ndindex(matrix.shape):
        u, v = row - i, column - j
        if 0 <= u < kernel_size and 0 <= v < kernel_size:
            matrix[f, i, j, c, row, column] = 1.0 + np.ravel_multi_index((f, c, u, v), (maps, channels, kernel_size, kernel_size))
    return matrix.reshape(maps * size * size, channels * n * n)


def _by_unit_images(channels, maps, n, kernel_size):
    """Column by column: what the layer makes of an image with a single one in it."""
    w = 1.0 + np.arange(maps * channels * kernel_size**2).reshape(maps, channels, kernel_size, kernel_size)
    units = np.eye(channels * n * n).reshape(-1, channels, n, n)
    return conv2d(units, w).reshape(len(units), -1).T


layer_matrix = Tester("the matrix of a convolutional layer", lambda: _layer_settings()[:5], _by_unit_images, _matrix)


@functools.cache
def _saving_settings():
    ways = ((1, "windows in place"), (64, "windows in place"), (1, "im2col"), (64, "im2col"))
    return [dict(setting, images=images, method=method) for setting in _layer_settings() for images, method in ways]


def _saved(channels, maps, n, kernel_size, images, method):
    """By counting entries of the layer's matrix: a dense layer has them all, the nonzero ones multiply, the different ones are stored."""
    matrix = _matrix(channels, maps, n, kernel_size)
    weights, copies = np.unique(matrix[matrix > 0]).size, 0
    if method == "im2col":
        copies = im2col(np.zeros((images, channels, n, n)), kernel_size).size
    return weights < matrix.size, bool(np.count_nonzero(matrix) < matrix.size), weights + copies < matrix.size


def _saved_by_layers(channels, maps, n, kernel_size, images, method):
    """By the layers' own tables, and by the size of a view of the windows: made contiguous, it owns all that it shows."""
    image = (channels, n, n)
    sliding = Conv2d(channels, maps, kernel_size, bias=False, rng=0)
    dense = Linear(channels * n * n, int(np.prod(sliding.output_shape(image))), bias=False, rng=0)
    weights, dense_weights = (layer.parameters()["weight"].size for layer in (sliding, dense))
    view = np.lib.stride_tricks.sliding_window_view(np.zeros((images, channels, n, n)), (kernel_size, kernel_size), axis=(2, 3))
    held = weights + (view.size if method == "im2col" else 0)
    less_work = sliding.multiply_adds(image) < dense.multiply_adds((channels * n * n,))
    return weights < dense_weights, bool(less_work), held < dense_weights


savings = Tester(
    "whether a dense layer has more weights, multiply-adds, and cells held beside input and output",
    _saving_settings,
    _saved,
    _saved_by_layers,
)


@functools.cache
def _map_settings():
    return [dict(kernels=kernels, channels=channels) for kernels in (1, 2, 5) for channels in (1, 3)]


number_of_maps = Tester(
    "the number of feature maps",
    _map_settings,
    lambda kernels, channels: conv2d(np.zeros((1, channels, 4, 4)), np.zeros((kernels, channels, 3, 3))).shape[1],
    lambda kernels, channels: len(conv2d_matrix(np.zeros((kernels, channels, 3, 3)), (channels, 4, 4))) // 4,
)
