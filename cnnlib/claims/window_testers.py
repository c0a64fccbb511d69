"""Testers of what windows compute: sliding products, layers of several channels, pooling, true convolution in one dimension."""

import functools

import numpy as np
import sympy

from cnnlib.claims.indexed import sliding_formula
from cnnlib.claims.size_testers import places
from cnnlib.claims.tester import Tester
from cnnlib.ops.activations import tanh
from cnnlib.ops.convolution import conv2d_loops, conv2d_matrix
from cnnlib.ops.pooling import avg_pool2d, max_pool2d

IMAGES = {"x": "image", "I": "image", "X": "image", "w": "kernel", "W": "kernel", "s": "stride", "p": "padding"}
LAYERS = {"W": "w", "X": "x", "bias": "b", "sigma": "activation", "s": "stride", "p": "padding"}
POOLS = {"x": "image", "k": "kernel_size", "s": "stride"}


def identity(z):
    """No activation at all."""
    return z


# --- One image, one kernel ------------------------------------------------------------------------------------------------------------


def _slid(image, kernel, stride, padding):
    """Put the unflipped kernel down at every place, multiply what lies on each other and add."""
    return conv2d_loops(image[None, None], kernel[None, None], stride=stride, padding=padding)[0, 0]


def _multiplied(image, kernel, stride, padding):
    """The same as one matrix times the image, all cells in a row."""
    matrix = conv2d_matrix(kernel[None, None], (1, *image.shape), stride=stride, padding=padding)
    sizes = [places(n, k, stride, padding, 1) for n, k in zip(image.shape, kernel.shape, strict=True)]
    return (matrix @ image.ravel()).reshape(sizes)


@functools.cache
def _image_settings():
    printed = np.arange(9.0).reshape(3, 3), np.array([[1.0, 2.0], [3.0, 4.0]])
    rng = np.random.default_rng(11)
    settings = [dict(image=printed[0], kernel=printed[1], stride=stride, padding=0) for stride in (1, 2)]
    for height, width, rows, columns in ((5, 5, 2, 2), (4, 6, 3, 2), (6, 4, 1, 3), (5, 7, 3, 3), (4, 4, 4, 4)):
        for stride, padding in ((1, 0), (2, 0), (1, 1), (3, 2)):
            image, kernel = rng.standard_normal((height, width)), rng.standard_normal((rows, columns))
            settings.append(dict(image=image, kernel=kernel, stride=stride, padding=padding))
    return settings


sliding = Tester("the sliding product", _image_settings, _slid, _multiplied, IMAGES)


def stride_one(stride, padding):
    """Stride 1 and no padding."""
    return stride == 1 and padding == 0


def test_convolution(f, condition=None):  # noqa: PT028 (a tool, not a test of pytest)
    """Test a formula for what deep learning calls convolution, on one image and one kernel, against plain loops.

    f: a function of image (also x, X, I), kernel (w, W) and, if it knows them, stride (s) and padding (p); returns the array of outputs.
    A formula without stride and padding is compared at all settings, too: pass `claims.stride_one` as the condition to ask for stride 1
    without padding.
    Or a SymPy expression such as Sum(x[i+u, j+v]*w[u, v], (u, 0, K-1), (v, 0, M-1)), with s and p for stride and padding, x being 0
    outside the image; `claims.sliding_formula(expression, first=1)` makes a function of one that counts from 1.
    condition: a function or SymPy relation of the same arguments that says where the formula is meant to hold. Returns a Result.
    """
    return sliding(sliding_formula(f) if isinstance(f, sympy.Basic) else f, condition)


# --- A layer: several channels, several kernels, bias, activation ---------------------------------------------------------------------


def _layer(x, w, b, activation, stride, padding):
    return activation(conv2d_loops(x[None], w, b, stride=stride, padding=padding)[0])


def _layer_by_matrix(x, w, b, activation, stride, padding):
    matrix = conv2d_matrix(w, x.shape, stride=stride, padding=padding)
    sizes = [places(n, k, stride, padding, 1) for n, k in zip(x.shape[1:], w.shape[2:], strict=True)]
    return activation((matrix @ x.ravel()).reshape(len(w), *sizes) + b[:, None, None])


@functools.cache
def _layer_settings():
    rng = np.random.default_rng(12)
    settings = []
    for channels, maps, rows, columns in ((2, 3, 2, 2), (1, 1, 3, 3), (3, 2, 3, 2), (1, 2, 1, 3), (3, 3, 1, 1)):
        for activation, scale in ((identity, 0.0), (identity, 1.0), (tanh, 1.0)):
            for stride, padding in ((1, 0), (2, 1)):
                x, w = rng.standard_normal((channels, 5, 6)), rng.standard_normal((maps, channels, rows, columns))
                b = scale * rng.standard_normal(maps)
                settings.append(dict(x=x, w=w, b=b, activation=activation, stride=stride, padding=padding))
    x, w, b = np.arange(6.0).reshape(1, 2, 3), np.array([[[[1.0, 2.0]]]]), np.array([10.0])
    biased, strided = (dict(x=x, w=w, b=b, activation=identity, stride=stride, padding=0) for stride in (1, 2))
    return [biased, settings[0], strided, *settings[1:]]  # small ones to be read; the one between has channels


layer = Tester("the output of a convolutional layer", _layer_settings, _layer, _layer_by_matrix, LAYERS)


def test_layer(f, condition=None):  # noqa: PT028 (a tool, not a test of pytest)
    """Test a formula for a convolutional layer's output on one image against plain loops.

    f: a function of any of x (C, H, W), w (F, C, kH, kW), b (F,), activation (a function of arrays), stride, padding; also called X, W,
    bias, sigma, s and p; returns (F, H', W'). condition: a function or SymPy relation of the same arguments that says where the formula is
    meant to hold. Returns a Result.
    """
    return layer(f, condition)


# --- Pooling --------------------------------------------------------------------------------------------------------------------------


def _pool(image, kernel_size, stride, summary):
    rows, columns = (places(n, kernel_size, stride, 0, 1) for n in image.shape)
    starts = np.ndindex(rows, columns)
    windows = [image[stride * i : stride * i + kernel_size, stride * j : stride * j + kernel_size] for i, j in starts]
    return np.array([summary(window) for window in windows]).reshape(rows, columns)


@functools.cache
def _pool_settings():
    rng = np.random.default_rng(13)
    settings = [dict(image=np.arange(16.0).reshape(4, 4), kernel_size=2, stride=2)]
    for height, width in ((5, 5), (4, 7), (6, 6), (2, 3)):
        for k, s in ((2, 2), (2, 1), (2, 3), (1, 1), (1, 2)):
            settings.append(dict(image=rng.standard_normal((height, width)), kernel_size=k, stride=s))
    return settings


def _library_pool(op):
    return lambda image, kernel_size, stride: op(image[None, None], kernel_size, stride=stride)[0, 0]


max_pooling = Tester(
    "max pooling",
    _pool_settings,
    lambda image, kernel_size, stride: _pool(image, kernel_size, stride, np.max),
    _library_pool(max_pool2d),
    POOLS,
)
average_pooling = Tester(
    "average pooling",
    _pool_settings,
    lambda image, kernel_size, stride: _pool(image, kernel_size, stride, np.mean),
    _library_pool(avg_pool2d),
    POOLS,
)


def test_pooling(f, kind="max", condition=None):  # noqa: PT028 (a tool, not a test of pytest)
    """Test a formula for pooling one image against windows taken one by one.

    f: a function of image (2-D; also x), kernel_size (k) and stride (s); returns the array of outputs. kind: "max" or "average".
    condition: a function or SymPy relation of the same arguments that says where the formula is meant to hold. Returns a Result.
    """
    testers = {"max": max_pooling, "average": average_pooling}
    if kind not in testers:
        raise ValueError(f'kind={kind!r} is not one of "max", "average". Write one of these.')
    return testers[kind](f, condition)


# --- True convolution, in one dimension -----------------------------------------------------------------------------------------------


def _convolved(f, g):
    return np.array([sum(f[a] * g[t - a] for a in range(len(f)) if 0 <= t - a < len(g)) for t in range(len(f) + len(g) - 1)])


def _by_fourier(f, g):
    size = len(f) + len(g) - 1
    return np.fft.ifft(np.fft.fft(f, size) * np.fft.fft(g, size)).real


@functools.cache
def _pair_settings():
    rng = np.random.default_rng(14)
    random = [dict(f=rng.standard_normal(a), g=rng.standard_normal(b)) for a in range(1, 7) for b in range(1, 5)]
    return [dict(f=np.array([1.0, 2.0, 3.0]), g=np.array([1.0, 10.0])), *random]


true_convolution = Tester("the convolution of two sequences", _pair_settings, _convolved, _by_fourier)
