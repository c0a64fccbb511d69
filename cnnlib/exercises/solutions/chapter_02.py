# ruff: noqa
# Solutions of chapter 02, as cells. A student release leaves this folder out.

# exercise: dice-by-hand
# Sum 3: (1, 2) and (2, 1); sum 4: (2, 2) and (3, 1).
dice_by_hand = (1 / 8, 3 / 8 + 1 / 16, 3 / 16 + 1 / 16, 3 / 16)

# another way
import numpy as np

dice_by_hand = tuple(np.convolve([1 / 2, 1 / 4, 1 / 4], [1 / 4, 3 / 4]))

# exercise: convolve-by-hand
# 2 (1, 3, 5) begins at place 0, 1 (1, 3, 5) at place 2.
convolve_by_hand = (2, 6, 10 + 1, 3, 5)

# exercise: symmetric-response
a, b, nu = sympy.symbols("a b nu", real=True)
symmetric_response = b + 2 * a * sympy.cos(2 * sympy.pi * nu)

# another way
a, b, nu = sympy.symbols("a b nu", real=True)
symmetric_response = (b + 2 * a) - 4 * a * sympy.sin(sympy.pi * nu) ** 2

# another way
a, b, nu = sympy.symbols("a b nu", real=True)
turn = sympy.exp(-2 * sympy.pi * sympy.I * nu)
symmetric_response = sympy.re(a * turn + b + a / turn)


# exercise: sum-from-joint
import numpy as np


def sum_from_joint(joint):
    m, n = joint.shape
    sums = np.zeros(m + n - 1)
    for a in range(m):
        for b in range(n):
            sums[a + b] += joint[a, b]
    return sums


# another way
import numpy as np


def sum_from_joint(joint):
    m, n = joint.shape
    sums = np.zeros(m + n - 1)
    for a in range(m):
        sums[a : a + n] += joint[a]
    return sums


# another way
import numpy as np


def sum_from_joint(joint):
    totals = np.add.outer(*map(np.arange, joint.shape))
    return np.bincount(totals.ravel(), weights=joint.ravel())


# exercise: moving-average
import numpy as np


def moving_average(x, length):
    return np.array([x[i : i + length].mean() for i in range(len(x) - length + 1)])


# another way
import numpy as np


def moving_average(x, length):
    return np.convolve(x, np.ones(length) / length, "valid")


# another way
import numpy as np


def moving_average(x, length):
    sums = np.concatenate([[0.0], np.cumsum(x)])
    return (sums[length:] - sums[:-length]) / length


# exercise: convolve2d
import numpy as np


def convolve2d(image, kernel):
    H, W = image.shape
    kH, kW = kernel.shape
    result = np.zeros((H + kH - 1, W + kW - 1))
    for u in range(kH):
        for v in range(kW):
            result[u : u + H, v : v + W] += kernel[u, v] * image
    return result


# another way
import numpy as np


def convolve2d(image, kernel):
    kH, kW = kernel.shape
    padded = np.pad(image, ((kH - 1, kH - 1), (kW - 1, kW - 1)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, kernel.shape)
    return np.einsum("ijuv,uv->ij", windows, kernel[::-1, ::-1])


# another way
import numpy as np


def convolve2d(image, kernel):
    shape = [n + k - 1 for n, k in zip(image.shape, kernel.shape)]
    return np.fft.irfft2(np.fft.rfft2(image, shape) * np.fft.rfft2(kernel, shape), shape)
