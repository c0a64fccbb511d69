# ruff: noqa
# Solutions of chapter 04, as cells. A student release leaves this folder out.

# exercise: one-cell
# First channel 2*1 + 3*2 = 8, second 4*1 + 1*3 + 2*(-2) = 3, bias -5.
one_cell = 8 + 3 - 5

# exercise: count-a-layer
# 27 weights and a bias for each of 8 kernels; 8 x 8 places, and each uses the 27 weights of 8 kernels.
count_a_layer = (8 * (3 * 3 * 3 + 1), 8 * 8 * 8 * 27)

# exercise: separable-share
import sympy

k, F = sympy.symbols("k F", positive=True)
separable_share = 1 / F + 1 / k**2

# another way
import sympy

k, C, F, H, W = sympy.symbols("k C F H W", positive=True)
separable_share = (C * k**2 * H * W + C * F * H * W) / (C * F * k**2 * H * W)

# another way
import sympy

k, F = sympy.symbols("k F")
separable_share = (F + k**2) / (F * k**2)


# exercise: parameter-count
def parameter_count(in_channels, out_channels, kernel_size, groups, bias):
    return out_channels * (in_channels // groups * kernel_size**2 + bias)


# another way
def parameter_count(in_channels, out_channels, kernel_size, groups, bias):
    weights = in_channels * out_channels * kernel_size * kernel_size // groups
    if bias:
        return weights + out_channels
    return weights


# another way
import math


def parameter_count(in_channels, out_channels, kernel_size, groups, bias):
    shape = (out_channels, in_channels // groups, kernel_size, kernel_size)
    return math.prod(shape) + out_channels * int(bias)


# exercise: multichannel-conv
import numpy as np


def multichannel_conv(x, w, b, stride, padding):
    F, C, kH, kW = w.shape
    x = np.pad(x, ((0, 0), (padding, padding), (padding, padding)))
    rows = (x.shape[1] - kH) // stride + 1
    columns = (x.shape[2] - kW) // stride + 1
    y = np.empty((F, rows, columns))
    for f in range(F):
        for i in range(rows):
            for j in range(columns):
                block = x[:, i * stride : i * stride + kH, j * stride : j * stride + kW]
                y[f, i, j] = (block * w[f]).sum() + b[f]
    return y


# another way
import numpy as np


def multichannel_conv(x, w, b, stride, padding):
    F, C, kH, kW = w.shape
    H, W = x.shape[1:]
    rows = (H + 2 * padding - kH) // stride + 1
    columns = (W + 2 * padding - kW) // stride + 1
    y = np.empty((F, rows, columns))
    for f, i, j in np.ndindex(F, rows, columns):
        total = b[f]
        for c, u, v in np.ndindex(C, kH, kW):
            row, column = i * stride + u - padding, j * stride + v - padding
            if 0 <= row < H and 0 <= column < W:
                total += w[f, c, u, v] * x[c, row, column]
        y[f, i, j] = total
    return y


# another way
import numpy as np


def multichannel_conv(x, w, b, stride, padding):
    x = np.pad(x, ((0, 0), (padding, padding), (padding, padding)))
    windows = np.lib.stride_tricks.sliding_window_view(x, w.shape[2:], axis=(1, 2))
    windows = windows[:, ::stride, ::stride]
    return np.einsum("chwuv,fcuv->fhw", windows, w) + b[:, None, None]


# exercise: circular-matrix
import numpy as np


def circular_matrix(w, n):
    A = np.zeros((n, n))
    for i in range(n):
        for u in range(len(w)):
            A[i, (i + u) % n] = w[u]
    return A


# another way
import numpy as np


def circular_matrix(w, n):
    first = np.zeros(n)
    first[: len(w)] = w
    return np.array([np.roll(first, i) for i in range(n)])


# another way
def circular_matrix(w, n):
    return [[w[(j - i) % n] if (j - i) % n < len(w) else 0 for j in range(n)] for i in range(n)]
