"""Testers of what a convolutional layer connects, shares, holds in memory and gives out."""

import functools

import numpy as np

from cnnlib.claims.size_testers import places
from cnnlib.claims.tester import Tester
from cnnlib.nn import Conv2d
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


def copied(channels, n, kernel_size):
    """The cells of the array into which im2col copies the windows."""
    return channels * kernel_size**2 * places(n, kernel_size, 1, 0, 1) ** 2


@functools.cache
def _memory_settings():
    return [dict(setting, method=method) for setting in _layer_settings() for method in ("windows in place", "im2col")]


def _held(channels, n, kernel_size, method):
    return im2col(np.zeros((1, channels, n, n)), kernel_size).size if method == "im2col" else 0


def _held_by_windows(channels, n, kernel_size, method):
    """A view of the windows owns no cell; made contiguous, it owns all that it shows."""
    view = np.lib.stride_tricks.sliding_window_view(np.zeros((channels, n, n)), (kernel_size, kernel_size), axis=(1, 2))
    return view.size if method == "im2col" else 0


working_memory = Tester("the cells held beside weights, input and output", _memory_settings, _held, _held_by_windows)


@functools.cache
def _map_settings():
    return [dict(kernels=kernels, channels=channels) for kernels in (1, 2, 5) for channels in (1, 3)]


number_of_maps = Tester(
    "the number of feature maps",
    _map_settings,
    lambda kernels, channels: conv2d(np.zeros((1, channels, 4, 4)), np.zeros((kernels, channels, 3, 3))).shape[1],
    lambda kernels, channels: len(conv2d_matrix(np.zeros((kernels, channels, 3, 3)), (channels, 4, 4))) // 4,
)
