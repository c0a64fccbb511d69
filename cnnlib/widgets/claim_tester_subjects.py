"""What the claim tester can ask: for every statement its words, its controls, and the arguments that the catalogue's test takes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from cnnlib.ops.activations import tanh, tanh_backward
from cnnlib.ops.convolution import conv2d


@dataclass(frozen=True)
class Subject:
    """Statements about one thing, asked with the same controls.

    controls: {name: (label, minimum, maximum, first value, divisor)}; a slider counts whole steps, and the value is steps / divisor.
    arguments: from the controls' values to the arguments of `claim.compare`. shown: which of these are displayed as inputs.
    """

    controls: Mapping
    arguments: Callable
    shown: tuple = ()


def pattern(rows, columns, start=0):
    """Cells from 0 to 9 without any order that a formula could hide in."""
    return np.array([[(7 * i + 5 * j + i * j + start) % 10 for j in range(columns)] for i in range(rows)], dtype=np.float64)


def counted(k):
    """A kernel with the cells 1, 2, 3, ..."""
    return np.arange(1.0, k * k + 1).reshape(k, k)


def _gradient(n, kernel_size, stride, padding, activation):
    """One image, one channel, two kernels; a dy, an output and a slope that belong to them."""
    x, w = pattern(n, n)[None, None] / 10, np.stack([counted(kernel_size), -pattern(kernel_size, kernel_size, 1)])[:, None] / 10
    b = np.array([0.0, 0.1])
    z = conv2d(x, w, b, stride=stride, padding=padding)
    dy, ones = np.stack([pattern(*z.shape[2:], 3), pattern(*z.shape[2:], 6)])[None], np.ones_like(z)
    f = tanh if activation else _identity
    arrays = dict(x=x, w=w, b=b, dy=dy, y=f(z), slope=tanh_backward(ones, z) if activation else ones)
    return dict(arrays, activation=f, stride=stride, padding=padding)


def _identity(z):
    return z


_K, _S, _P = ("kernel", 1, 3, 2, 1), ("stride", 1, 3, 1, 1), ("padding", 0, 2, 0, 1)
SUBJECTS = {
    "window": Subject(
        dict(
            n=("input n", 1, 16, 10, 1), kernel_size=("kernel", 1, 6, 3, 1), stride=("stride", 1, 4, 2, 1),
            padding=("padding", 0, 4, 0, 1), dilation=("dilation", 1, 3, 1, 1),
        ),
        dict,
    ),
    "pool": Subject(
        dict(n=("input n", 3, 16, 7, 1), kernel_size=("window", 1, 3, 2, 1), stride=("stride", 1, 4, 2, 1)),
        lambda **rest: dict(rest, padding=0, ceil_mode=False),
    ),
    "chain": Subject(dict(n=("input n", 5, 32, 11, 1), kernel_size=("kernel", 1, 5, 3, 1), pool=("pooling", 1, 4, 2, 1)), dict),
    "sliding": Subject(
        dict(n=("image", 3, 6, 3, 1), kernel_size=_K, stride=_S, padding=_P),
        lambda n, kernel_size, **rest: dict(image=pattern(n, n), kernel=counted(kernel_size), **rest),
        ("image", "kernel"),
    ),
    "max": Subject(
        dict(n=("image", 3, 7, 4, 1), kernel_size=("window", 1, 3, 2, 1), stride=("stride", 1, 3, 2, 1)),
        lambda n, **rest: dict(image=pattern(n, n), **rest),
        ("image",),
    ),
    "boxes": Subject(
        dict(f=("height f", 1, 4, 2, 1), g=("height g", 1, 4, 3, 1), t=("shift t", 0, 16, 8, 8)),
        lambda f, g, t: dict(f=Fraction(f), g=Fraction(g), t=Fraction(t)),
    ),
    "average": Subject(
        dict(length=("length", 1, 5, 3, 1)), lambda length: dict(x=np.arange(1.0, 7) ** 2, length=length, height=1.0), ("x",)
    ),
    "scores": Subject(dict(c=("first score c", 0, 1200, 0, 1)), lambda c: dict(x=np.array([c, c + 1.0, c + 2.0])), ("x",)),
    "shift": Subject(dict(place=("bright cell", 0, 8, 1, 1), pool=("window", 2, 4, 2, 1), shift=("shift", 1, 3, 1, 1)), dict),
    "savings": Subject(
        dict(
            images=("images", 1, 64, 64, 1), maps=("kernels", 1, 8, 2, 1), n=("size of an image", 3, 8, 8, 1),
            kernel_size=("size of a kernel", 1, 3, 3, 1),
        ),
        lambda **rest: dict(rest, channels=1, method="im2col"),
    ),
    "wave": Subject(
        dict(middle=("middle weight", -8, 8, 4, 4), cycles=("cycles", 0, 8, 8, 1)),
        lambda middle, cycles: dict(kernel=np.array([1.0, middle, 1.0]), size=16, cycles=int(cycles)),
        ("kernel",),
    ),
    "gradient": Subject(
        dict(
            n=("image", 3, 5, 3, 1), kernel_size=("kernel", 1, 3, 2, 1), stride=("stride", 1, 2, 1, 1),
            padding=("padding", 0, 1, 0, 1), activation=("tanh (0 is off)", 0, 1, 0, 1),
        ),
        _gradient,
        ("x", "w", "dy"),
    ),
}  # fmt: skip
SUBJECTS["average of windows"] = SUBJECTS["max"]

# item: (subject, the statement as plain text)
STATEMENTS = {
    "F1": ("window", "size of the output = (n − k + 2p)/s + 1"),
    "F2": ("pool", "size behind a pooling = (n − k)/s + 1"),
    "F4": ("sliding", "Y = X * W (what does the star mean?)"),
    "F6": ("max", "Y = maxpool(X)"),
    "F7": ("scores", "S[i] = exp(x[i]) / sum of exp(x[i]) over i"),
    "F10": ("max", "max pooling takes the maximum of the input"),
    "F11": ("sliding", "f(i, j) = sum over m, n of g(m, n) w(i − m, j − n)"),
    "F18": ("savings", "a convolution by im2col needs fewer (0) weights, (1) multiply-adds, (2) cells in memory than a dense layer"),
    "F22": ("boxes", "convolution = area of the overlap (two boxes, 1 long)"),
    "F23": ("average", "convolving with the indicator function gives the moving average"),
    "F27": ("chain", "size behind a convolution and a pooling q = (n − k + 1)/q"),
    "F31": ("wave", "a trained kernel does not filter: every wave keeps its size (16 cells)"),
    "F33": ("sliding", "O[i, j] = sum over k of I[i + k, j + k] W[k, l] (l = 0 is taken)"),
    "F34": ("max", "P[i, j] = max over m, n of O[i·m + j·n]"),
    "F36": ("pool", "size behind a pooling = n / pool"),
    "F37": ("average of windows", "average pooling takes the average of the window"),
    "F39": ("shift", "pooling makes the output invariant to small shifts (a row of 12 cells, one of them bright): unchanged?"),
    "F40": ("max", "max pooling gives the maximum of the window"),
    "F45": ("boxes", "convolution superposes two functions and integrates (two boxes, 1 long)"),
    "F47": ("window", "size of the output = n − k + 1"),
    "F48": ("sliding", "y[i, j] = sum over m, n from 1 of x[i + m − 1, j + n − 1] k[m, n]"),
    "F49": ("window", "padding keeps the size: size of the output = n"),
    "F50": ("window", "the stride is the interval at which the kernel moves (and the size?)"),
    "F53": ("gradient", "dL/dX[c, i, j] = sum over k, p, q of W[k, c, p, q] dL/dY[k, i + p − 1, j + q − 1]"),
    "F54": ("gradient", "dL/dW[k, c, p, q] = sum over i, j of X[c, i + p − 1, j + q − 1] dL/dY[k, i, j]"),
    "F55": ("gradient", "dL/db[k] = sum over i, j of dL/dY[k, i, j]"),
    "F56": ("gradient", "dL/dW: k runs over all maps, and the input is multiplied with the output Y"),
    "F62": ("gradient", "dE/dW(co, ci, h, w) = sum over m, n of δ(m, n) I(ci, m + h, n + w)"),
}
IN_KERNEL = tuple(item for item, (subject, _) in STATEMENTS.items() if subject == "gradient")
