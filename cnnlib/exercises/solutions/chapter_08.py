# ruff: noqa
# Solutions of chapter 08, as cells. A student release leaves this folder out.

# exercise: route-by-hand
# Upper left window 2 7 7 3: the seven of row 0 wins. Upper right 7 1 3 5: the same cell. Lower left 7 3 0 4, lower right 3 5 4 6.
route_by_hand = (1 + 20, 300, 4000)

# exercise: share-of-a-cell
import sympy

k, s = sympy.symbols("k s", integer=True, positive=True)
share_of_a_cell = 1 / s**2

# another way
import sympy

k, s = sympy.symbols("k s", integer=True, positive=True)
share_of_a_cell = (k / s) ** 2 * (1 / k**2)

# another way
import sympy

k, s = sympy.symbols("k s", positive=True)
along_one_axis = (k / s) / k
share_of_a_cell = along_one_axis * along_one_axis

# exercise: parameters-saved
import sympy

C, n, k, K = sympy.symbols("C n k K", integer=True, positive=True)
parameters_saved = C * K * (n**2 - (n / k) ** 2)

# another way
import sympy

C, n, k, K = sympy.symbols("C n k K", integer=True, positive=True)
parameters_saved = C * K * n**2 * (1 - 1 / k**2)

# another way
import sympy

C, n, k, K = sympy.symbols("C n k K", positive=True)
parameters_saved = (C * n * n * K + K) - (C * (n / k) * (n / k) * K + K)


# exercise: max-pool
import numpy as np


def max_pool(x, kernel_size, stride):
    N, C, H, W = x.shape
    rows = (H - kernel_size) // stride + 1
    columns = (W - kernel_size) // stride + 1
    y = np.empty((N, C, rows, columns))
    for i in range(rows):
        for j in range(columns):
            top, left = i * stride, j * stride
            y[:, :, i, j] = x[:, :, top : top + kernel_size, left : left + kernel_size].max(axis=(2, 3))
    return y


# another way
import numpy as np


def max_pool(x, kernel_size, stride):
    windows = np.lib.stride_tricks.sliding_window_view(x, (kernel_size, kernel_size), axis=(2, 3))
    return windows[:, :, ::stride, ::stride].max(axis=(4, 5))


# another way
import numpy as np


def max_pool(x, kernel_size, stride):
    rows = (x.shape[2] - kernel_size) // stride + 1
    columns = (x.shape[3] - kernel_size) // stride + 1
    y = np.full((x.shape[0], x.shape[1], rows, columns), -np.inf)
    for u in range(kernel_size):
        for v in range(kernel_size):
            shifted = x[:, :, u::stride, v::stride][:, :, :rows, :columns]
            y = np.maximum(y, shifted)
    return y


# exercise: max-pool-backward
import numpy as np


def max_pool_backward(dy, x, kernel_size, stride):
    dx = np.zeros(x.shape)
    for n, c, i, j in np.ndindex(dy.shape):
        top, left = i * stride, j * stride
        window = x[n, c, top : top + kernel_size, left : left + kernel_size]
        u, v = np.unravel_index(window.argmax(), window.shape)
        dx[n, c, top + u, left + v] += dy[n, c, i, j]
    return dx


# another way
import numpy as np


def max_pool_backward(dy, x, kernel_size, stride):
    dx = np.zeros(x.shape)
    for n, c, i, j in np.ndindex(dy.shape):
        best, row, column = -np.inf, None, None
        for u, v in np.ndindex(kernel_size, kernel_size):
            value = x[n, c, i * stride + u, j * stride + v]
            if value > best:
                best, row, column = value, i * stride + u, j * stride + v
        dx[n, c, row, column] += dy[n, c, i, j]
    return dx


# another way
import numpy as np


def max_pool_backward(dy, x, kernel_size, stride):
    N, C, rows, columns = dy.shape
    n, c = np.ogrid[:N, :C]
    dx = np.zeros_like(x)
    for i in range(rows):
        for j in range(columns):
            window = x[:, :, i * stride : i * stride + kernel_size, j * stride : j * stride + kernel_size]
            u, v = np.divmod(window.reshape(N, C, kernel_size**2).argmax(axis=2), kernel_size)
            dx[n, c, i * stride + u, j * stride + v] += dy[:, :, i, j]
    return dx


# exercise: avg-pool-backward
import numpy as np


def avg_pool_backward(dy, x_shape, kernel_size, stride):
    dx = np.zeros(x_shape)
    for i in range(dy.shape[2]):
        for j in range(dy.shape[3]):
            top, left = i * stride, j * stride
            share = dy[:, :, i, j] / kernel_size**2
            dx[:, :, top : top + kernel_size, left : left + kernel_size] += share[:, :, None, None]
    return dx


# another way
import numpy as np


def avg_pool_backward(dy, x_shape, kernel_size, stride):
    dx = np.zeros(x_shape)
    for n, c, i, j in np.ndindex(dy.shape):
        for u, v in np.ndindex(kernel_size, kernel_size):
            dx[n, c, i * stride + u, j * stride + v] += dy[n, c, i, j] / (kernel_size * kernel_size)
    return dx


# another way
import numpy as np


def avg_pool_backward(dy, x_shape, kernel_size, stride):
    rows, columns = dy.shape[2:]
    dx = np.zeros(x_shape)
    for u in range(kernel_size):
        for v in range(kernel_size):
            reached = dx[:, :, u::stride, v::stride][:, :, :rows, :columns]
            reached += dy
    return dx / kernel_size**2
