# ruff: noqa
# Solutions of chapter 11, as cells. A student release leaves this folder out.

# exercise: row-backward
# Output 0 sends (2, -1, 3) to the cells 0 to 2, output 1 sends (8, -4, 12) to 1 to 3, output 2 sends (-4, 2, -6) to 2 to 4.
row_backward = (2, -1 + 8, 3 - 4 - 4, 12 + 2, -6)

# exercise: strided-row-backward
# 2 (3, 1, -2) goes to the cells 0 to 2, -1 (3, 1, -2) to 2 to 4, 4 (3, 1, -2) to 4 to 6. Nobody read cell 7.
strided_row_backward = (6, 2, -4 - 3, -1, 2 + 12, 4, -8, 0)

# exercise: padded-row-backward
# Padded row: (2, -3, 5) to 0 to 2, (-4, 6, -10) to 2 to 4, (8, -12, 20) to 4 to 6, so 2, -3, 1, 6, -2, -12, 20, 0. Cut off both ends.
padded_row_backward = (-3, 5 - 4, 6, -10 + 8, -12, 20)

# exercise: row-kernel-backward
# The weights read the cells 0, 2, 4, then 1, 3, 5, then 2, 4, 6.
row_kernel_backward = (2 * 1 - 1 * -2 + 3 * 0, 2 * 3 - 1 * 4 + 3 * 5, 2 * -2 - 1 * 0 + 3 * 2, 2 - 1 + 3)

# exercise: reading-place
import sympy

a, p, u, s = sympy.symbols("a p u s", integer=True, nonnegative=True)
reading_place = (a + p - u) / s

# another way
import sympy

a, p, u, s = sympy.symbols("a p u s", integer=True, nonnegative=True)
i = sympy.Symbol("i")
reading_place = sympy.solve(sympy.Eq(i * s + u - p, a), i)[0]

# another way
import sympy

a, p, u, s = sympy.symbols("a p u s", integer=True, nonnegative=True)
reading_place = sympy.floor((a + p - u) / s)

# exercise: stretched-size
import sympy

m, k, p, s = sympy.symbols("m k p s", integer=True, nonnegative=True)
stretched_size = s * (m - 1) + 1 + 2 * (k - 1 - p)

# another way
import sympy

m, k, p, s = sympy.symbols("m k p s", integer=True, nonnegative=True)
stretched_size = m + (m - 1) * (s - 1) + 2 * k - 2 - 2 * p

# another way
import sympy

m, k, p, s = sympy.symbols("m k p s", integer=True, nonnegative=True)
n = (m - 1) * s + k - 2 * p
stretched_size = n + k - 1

# exercise: conv-backward-input
import numpy as np


def conv_backward_input(dy, w, x_shape, stride, padding):
    H, W = x_shape[2:]
    kH, kW = w.shape[2:]
    dx = np.pad(np.zeros(x_shape), ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    for n, f, i, j in np.ndindex(dy.shape):
        top, left = i * stride, j * stride
        dx[n, :, top : top + kH, left : left + kW] += w[f] * dy[n, f, i, j]
    return dx[:, :, padding : padding + H, padding : padding + W]


# another way
import numpy as np


def conv_backward_input(dy, w, x_shape, stride, padding):
    dx = np.zeros(x_shape)
    for n, f, i, j in np.ndindex(dy.shape):
        for c, u, v in np.ndindex(w.shape[1:]):
            a = i * stride + u - padding
            b = j * stride + v - padding
            if 0 <= a < x_shape[2] and 0 <= b < x_shape[3]:
                dx[n, c, a, b] += dy[n, f, i, j] * w[f, c, u, v]
    return dx


# another way: gather
import numpy as np


def conv_backward_input(dy, w, x_shape, stride, padding):
    dx = np.zeros(x_shape)
    for a, b in np.ndindex(x_shape[2:]):
        for u, v in np.ndindex(w.shape[2:]):
            i, left_over = divmod(a + padding - u, stride)
            j, over = divmod(b + padding - v, stride)
            if left_over == over == 0 and 0 <= i < dy.shape[2] and 0 <= j < dy.shape[3]:
                dx[:, :, a, b] += dy[:, :, i, j] @ w[:, :, u, v]
    return dx


# another way: the stretched gradient and the rotated kernel
import numpy as np


def conv_backward_input(dy, w, x_shape, stride, padding):
    H, W = x_shape[2:]
    kH, kW = w.shape[2:]
    stretched = np.zeros((*dy.shape[:2], H + 2 * padding + kH - 1, W + 2 * padding + kW - 1))
    rows, columns = (np.arange(m) * stride for m in dy.shape[2:])
    stretched[:, :, kH - 1 + rows[:, None], kW - 1 + columns] = dy
    windows = np.lib.stride_tricks.sliding_window_view(stretched, (kH, kW), axis=(2, 3))
    dx = np.einsum("nfabuv,fcuv->ncab", windows, w[:, :, ::-1, ::-1])
    return dx[:, :, padding : dx.shape[2] - padding, padding : dx.shape[3] - padding]


# exercise: conv-backward-weight
import numpy as np


def conv_backward_weight(dy, x, w_shape, stride, padding):
    kH, kW = w_shape[2:]
    x = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    dw = np.zeros(w_shape)
    for i, j in np.ndindex(dy.shape[2:]):
        top, left = i * stride, j * stride
        read = x[:, :, top : top + kH, left : left + kW]
        dw += np.einsum("nf,ncuv->fcuv", dy[:, :, i, j], read)
    return dw


# another way
import numpy as np


def conv_backward_weight(dy, x, w_shape, stride, padding):
    x = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    rows, columns = dy.shape[2:]
    dw = np.empty(w_shape)
    for u, v in np.ndindex(w_shape[2:]):
        read = x[:, :, u::stride, v::stride][:, :, :rows, :columns]
        dw[:, :, u, v] = np.einsum("nfij,ncij->fc", dy, read)
    return dw


# another way
import numpy as np


def conv_backward_weight(dy, x, w_shape, stride, padding):
    x = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    windows = np.lib.stride_tricks.sliding_window_view(x, w_shape[2:], axis=(2, 3))
    windows = windows[:, :, ::stride, ::stride]
    return np.einsum("nfij,ncijuv->fcuv", dy, windows)
