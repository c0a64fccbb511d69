# ruff: noqa
# Solutions of chapter 06, as cells. A student release leaves this folder out.

# exercise: shift-image
import numpy as np


def shift_image(image, rows, columns):
    return np.roll(image, (rows, columns), axis=(0, 1))


# another way
import numpy as np


def shift_image(image, rows, columns):
    height, width = image.shape
    shifted = np.empty_like(image)
    for i in range(height):
        for j in range(width):
            shifted[i, j] = image[(i - rows) % height, (j - columns) % width]
    return shifted


# another way
import numpy as np


def shift_image(image, rows, columns):
    height, width = image.shape
    return image[(np.arange(height) - rows) % height][:, (np.arange(width) - columns) % width]


# exercise: equivariance-error
import numpy as np


def equivariance_error(layer, x, by):
    shift_first = layer(np.roll(x, by, axis=(2, 3)))
    shift_last = np.roll(layer(x), by, axis=(2, 3))
    return np.abs(shift_first - shift_last).max()


# another way
import numpy as np


def equivariance_error(layer, x, by):
    def shift(images):
        return np.roll(np.roll(images, by[0], axis=2), by[1], axis=3)

    return np.max(np.abs(layer(shift(x)) - shift(layer(x))))


# another way
import numpy as np


def equivariance_error(layer, x, by):
    height, width = x.shape[2:]
    rows, columns = (np.arange(height) - by[0]) % height, (np.arange(width) - by[1]) % width
    difference = layer(x[:, :, rows][:, :, :, columns]) - layer(x)[:, :, rows][:, :, :, columns]
    return max(difference.max(), -difference.min())


# exercise: blur-pool
import numpy as np


def blur_pool(x, stride):
    for axis in (2, 3):
        x = (np.roll(x, 1, axis) + 2 * x + np.roll(x, -1, axis)) / 4
    return x[:, :, ::stride, ::stride]


# another way
import cnnlib
import numpy as np


def blur_pool(x, stride):
    channels = x.shape[1]
    kernel = np.outer([1, 2, 1], [1, 2, 1]) / 16
    w = np.tile(kernel, (channels, 1, 1, 1))
    padded = cnnlib.pad2d(x, 1, mode="circular")
    return cnnlib.conv2d(padded, w, stride=stride, groups=channels)


# another way
import numpy as np


def blur_pool(x, stride):
    height, width = x.shape[2:]
    y = np.zeros(x[:, :, ::stride, ::stride].shape)
    for i in range(y.shape[2]):
        for j in range(y.shape[3]):
            for u in range(3):
                for v in range(3):
                    cell = x[:, :, (i * stride + u - 1) % height, (j * stride + v - 1) % width]
                    y[:, :, i, j] += (1, 2, 1)[u] * (1, 2, 1)[v] * cell / 16
    return y


# exercise: respected-shifts
# The convolution follows multiples of 3; its output must move by a multiple of 2, so the image by a multiple of 6. 12 / 6 = 2.
respected_shifts = (6, 2)

# exercise: untouched-cells
import sympy

n, k, L = sympy.symbols("n k L", integer=True, positive=True)
rim = L * (k - 1) / 2
untouched_cells = (n - 2 * rim) ** 2

# another way
import sympy

n, k, L = sympy.symbols("n k L")
untouched_cells = sympy.expand((n - L * (k - 1)) ** 2)

# another way
import sympy

n, k, L = sympy.symbols("n k L", real=True)
rim_cells = n**2 - (n - L * (k - 1)) ** 2
untouched_cells = n**2 - rim_cells

# exercise: respected-share
import sympy

s, L = sympy.symbols("s L", integer=True, positive=True)
total_stride = s**L
respected_share = 1 / total_stride**2

# another way
import sympy

s, L = sympy.symbols("s L", positive=True)
respected_share = s ** (-2 * L)

# another way
import sympy

s, L = sympy.symbols("s L", integer=True, positive=True)
respected_share = (1 / s**2) ** L

# exercise: pooling-luck
import sympy

k, t = sympy.symbols("k t", integer=True, positive=True)
pooling_luck = (k - t) / k

# another way
import sympy

k, t = sympy.symbols("k t")
pooling_luck = 1 - t / k

# another way
import sympy

k, t, a = sympy.symbols("k t a", integer=True, positive=True)
pooling_luck = sympy.simplify(sympy.Sum(1 / k, (a, 0, k - t - 1)).doit())
