# ruff: noqa
# Solutions of chapter 14, as cells. A student release leaves this folder out.

# exercise: count-by-hand
# 4 x 4 places. Windows of 2 * 16 = 32 cells. Multiply-adds 5 * 16 * 32; im2col 16 * 32; row-lowered 2 channels * 4 shifts * 7 rows * 4 places.
count_by_hand = (5 * 16 * 32, 16 * 32, 2 * 4 * 7 * 4)

# exercise: roof-by-hand
# 120 / 60 = 2 operations per byte; 15 GB/s * 2 = 30 GFLOP/s, below the peak of 60; 120 million / 30 GFLOP/s = 4 ms.
roof_by_hand = (2, 30, 4)

# exercise: memory-factor
import sympy

n, k, s = sympy.symbols("n k s", integer=True, positive=True)
memory_factor = k**2 * ((n - k) / s + 1) ** 2 / n**2

# another way
import sympy

n, k, s = sympy.symbols("n k s", integer=True, positive=True)
places = sympy.floor((n - k) / s) + 1
memory_factor = (k * places / n) ** 2

# another way
import sympy

n, k, s = sympy.symbols("n k s", positive=True)
memory_factor = k**2 * (n - k + s) ** 2 / (n * s) ** 2

# exercise: winograd-saving
import sympy

m, r = sympy.symbols("m r", integer=True, positive=True)
winograd_saving = (m * r) ** 2 / (m + r - 1) ** 2

# another way
import sympy

m, r = sympy.symbols("m r", integer=True, positive=True)
along_one_axis = m * r / (m + r - 1)
winograd_saving = along_one_axis**2

# another way
import sympy

m, r = sympy.symbols("m r", positive=True)
winograd_saving = m**2 * r**2 / ((m - 1) + (r - 1) + 1) ** 2


# exercise: im2col
import numpy as np


def im2col(x, kernel_size, stride):
    N, C, H, W = x.shape
    rows = (H - kernel_size) // stride + 1
    width = (W - kernel_size) // stride + 1
    columns = np.empty((N, C * kernel_size * kernel_size, rows * width))
    for i in range(rows):
        for j in range(width):
            window = x[:, :, i * stride : i * stride + kernel_size, j * stride : j * stride + kernel_size]
            columns[:, :, i * width + j] = window.reshape(N, C * kernel_size * kernel_size)
    return columns


# another way
import numpy as np


def im2col(x, kernel_size, stride):
    N, C, H, W = x.shape
    rows = (H - kernel_size) // stride + 1
    width = (W - kernel_size) // stride + 1
    columns = np.empty((N, C, kernel_size, kernel_size, rows, width))
    for u in range(kernel_size):
        for v in range(kernel_size):
            columns[:, :, u, v] = x[:, :, u::stride, v::stride][:, :, :rows, :width]
    return columns.reshape(N, C * kernel_size**2, rows * width)


# another way
import numpy as np


def im2col(x, kernel_size, stride):
    windows = np.lib.stride_tricks.sliding_window_view(x, (kernel_size, kernel_size), axis=(2, 3))
    windows = windows[:, :, ::stride, ::stride]
    N, C, rows, width = windows.shape[:4]
    return windows.transpose(0, 1, 4, 5, 2, 3).reshape(N, C * kernel_size**2, rows * width)


# exercise: winograd-row
import numpy as np


def winograd_row(d, g):
    G = np.array([[1, 0, 0], [0.5, 0.5, 0.5], [0.5, -0.5, 0.5], [0, 0, 1]])
    BT = np.array([[1, 0, -1, 0], [0, 1, 1, 0], [0, -1, 1, 0], [0, -1, 0, 1]])
    AT = np.array([[1, 1, 1, 0], [0, 1, -1, 1]])
    products = (G @ g) * (BT @ d)
    results = AT @ products
    return products, results


# another way
import numpy as np


def winograd_row(d, g):
    middle, difference = (g[0] + g[2]) / 2, g[1] / 2
    a = (d[0] - d[2]) * g[0]
    b = (d[1] + d[2]) * (middle + difference)
    c = (d[2] - d[1]) * (middle - difference)
    e = (d[3] - d[1]) * g[2]
    return np.array([a, b, c, e]), np.array([a + b + c, b - c + e])


# another way
import numpy as np


def winograd_row(d, g):
    values_of_g = [g[0], (g[0] + g[1] + g[2]) / 2, (g[0] - g[1] + g[2]) / 2, g[2]]
    values_of_d = [d[0] - d[2], d[1] + d[2], d[2] - d[1], d[3] - d[1]]
    products = np.multiply(values_of_g, values_of_d)
    return products, np.array([products[0] + products[1] + products[2], products[1] - products[2] + products[3]])
