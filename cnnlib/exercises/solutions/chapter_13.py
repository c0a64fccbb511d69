# ruff: noqa
# Solutions of chapter 13, as cells. A student release leaves this folder out.

# exercise: stamps-by-hand
# The stamps 2 8 -4, then -1 -4 2 two cells further, then 3 12 -6 two further: 2 8 -5 -4 5 12 -6. One cell is cut off at each end.
stamps_by_hand = (8, -4 - 1, -4, 2 + 3, 12)

# exercise: round-trip-sizes
# floor((19 + 2 - 5) / 3) + 1 = 6, with 16 = 5 * 3 + 1 leaving a remainder of 1. Back: 5 * 3 + 5 - 2 = 18.
round_trip_sizes = (6, 18, 1)

# exercise: stamps-on-a-cell
# Kernel cells 0, 3, 6 fall on phase 0, 1, 4, 7 on phase 1, and 2, 5 on phase 2. In an image 3 * 3 stamps against 2 * 2.
stamps_on_a_cell = (3, 3, 2, 9 / 4)

# exercise: output-padding
import sympy

n, k, s, d = sympy.symbols("n k s d", integer=True, positive=True)
p = sympy.Symbol("p", integer=True, nonnegative=True)
output_padding = (n + 2 * p - d * (k - 1) - 1) % s

# another way
import sympy

n, k, s, p, d = sympy.symbols("n k s p d", integer=True)
room = n + 2 * p - d * (k - 1) - 1
output_padding = room - s * sympy.floor(room / s)

# another way
import sympy

n, k, s, p, d = sympy.symbols("n k s p d", integer=True)
places = sympy.floor((n + 2 * p - (d * (k - 1) + 1)) / s) + 1
output_padding = n - ((places - 1) * s + d * (k - 1) + 1 - 2 * p)


# exercise: conv-transpose
import numpy as np


def conv_transpose(x, w, stride, padding):
    N, C, H, W = x.shape
    F, kH, kW = w.shape[1:]
    rows, columns = (H - 1) * stride + kH, (W - 1) * stride + kW
    y = np.zeros((N, F, rows, columns))
    for i in range(H):
        for j in range(W):
            stamp = np.einsum("nc,cfuv->nfuv", x[:, :, i, j], w)
            y[:, :, i * stride : i * stride + kH, j * stride : j * stride + kW] += stamp
    return y[:, :, padding : rows - padding, padding : columns - padding]


# another way
import numpy as np


def conv_transpose(x, w, stride, padding):
    N, C, H, W = x.shape
    F, kH, kW = w.shape[1:]
    rows, columns = (H - 1) * stride + kH, (W - 1) * stride + kW
    y = np.zeros((N, F, rows, columns))
    for u in range(kH):
        for v in range(kW):
            reached = y[:, :, u::stride, v::stride][:, :, :H, :W]
            reached += np.einsum("ncij,cf->nfij", x, w[:, :, u, v])
    return y[:, :, padding : rows - padding, padding : columns - padding]


# another way
import numpy as np


def conv_transpose(x, w, stride, padding):
    N, C, H, W = x.shape
    F, kH, kW = w.shape[1:]
    spread = np.zeros((N, C, (H - 1) * stride + 2 * kH - 1, (W - 1) * stride + 2 * kW - 1))
    spread[:, :, kH - 1 :: stride, kW - 1 :: stride][:, :, :H, :W] = x
    windows = np.lib.stride_tricks.sliding_window_view(spread, (kH, kW), axis=(2, 3))
    y = np.einsum("ncijuv,cfuv->nfij", windows, w[:, :, ::-1, ::-1])
    return y[:, :, padding : y.shape[2] - padding, padding : y.shape[3] - padding]


# exercise: dense-as-convolution
import numpy as np


def dense_as_convolution(x, w, b, crop):
    N, C, H, W = x.shape
    h, v = crop
    y = np.empty((N, len(w), H - h + 1, W - v + 1))
    for i in range(y.shape[2]):
        for j in range(y.shape[3]):
            y[:, :, i, j] = x[:, :, i : i + h, j : j + v].reshape(N, C * h * v) @ w.T + b
    return y


# another way
import numpy as np


def dense_as_convolution(x, w, b, crop):
    windows = np.lib.stride_tricks.sliding_window_view(x, crop, axis=(2, 3))
    kernels = w.reshape(len(w), x.shape[1], crop[0], crop[1])
    return np.einsum("ncijuv,kcuv->nkij", windows, kernels) + b[:, None, None]


# another way
import cnnlib


def dense_as_convolution(x, w, b, crop):
    return cnnlib.conv2d(x, w.reshape(len(w), x.shape[1], *crop), b)
