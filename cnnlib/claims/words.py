"""Words that mislead: names, headings and sentences that sound like mathematics."""

import numpy as np
import sympy

from cnnlib.claims import word_testers as testers
from cnnlib.claims.claim import Claim
from cnnlib.claims.size_testers import window_size
from cnnlib.claims.sizes import FLOOR, floor_formula
from cnnlib.claims.tester import FAILS, HOLDS, NO_FORMULA, Words
from cnnlib.ops.convolution import conv2d, correlate2d
from cnnlib.ops.dense import linear
from cnnlib.ops.losses import softmax
from cnnlib.ops.pooling import max_pool2d

SHIFTED = {
    "convolution": "equivariant",
    "convolution, stride 2": "neither",
    "convolution, then 2 x 2 max pooling": "neither",
    "convolution, then global max pooling": "invariant",
}


def as_convolution(x, w, b):
    """A dense layer as a convolution with kernels as large as the image."""
    return conv2d(x, w.reshape(len(w), *x.shape[1:]), b)[:, :, 0, 0]


def divided(y, kernel, size):
    """Undo a circular convolution: divide by the kernel's factor for each wave."""
    return np.fft.ifft(np.fft.fft(y) / np.fft.fft(kernel, size)).real


def in_order(image, kernel, w):
    """Convolution, pooling, dense layer, softmax."""
    pooled = max_pool2d(conv2d(image[None, None], kernel[None, None]), 2)
    return softmax(linear(pooled.reshape(1, -1), w))[0]


def learned(images, outputs, size):
    """Start from zero and walk downhill on the squared error: the kernel that made the outputs appears."""
    kernel = np.zeros((size, size))
    for _ in range(60):
        gradient = sum(correlate2d(x, correlate2d(x, kernel) - y) for x, y in zip(images, outputs, strict=True))
        kernel = kernel - gradient / sum(np.sum(x**2) for x in images) * testers.PACE
    return kernel


def _claim(item, source, chapter, text, verdict, correct, reason, tester, statement, repaired, **conditions):
    return Claim(item, source, "words that mislead", chapter, text, verdict, correct, reason, tester, statement, repaired, **conditions)


CLAIMS = (
    _claim(
        "F14",
        "001",
        "13",
        "Algorithms: one-dimensional, two-dimensional and fully convolutional construction. (A list of names.)",
        NO_FORMULA,
        "A dense layer is a convolution with kernels as large as the image; so a net can be convolutional throughout",
        "Nothing is constructed; what makes a net fully convolutional is tested in its place.",
        testers.dense_layer,
        Words(),
        as_convolution,
    ),
    _claim(
        "F15",
        "001",
        "06",
        "By its hierarchy a convolutional network classifies invariantly under shifts.",
        FAILS,
        "Convolution is equivariant: the output shifts along. Strides and pooling break that; only a global summary is invariant",
        "A shifted input gives a shifted map, not the same map.",
        testers.under_shifts,
        lambda: "invariant",
        lambda name: SHIFTED[name],
    ),
    _claim(
        "F25",
        "001",
        "02",
        "Deconvolution, in the analysis of well tests.",
        NO_FORMULA,
        r"$x=\mathrm{ifft}(\hat y/\hat w)$ where $\hat w$ has no zero; a transposed convolution is no inverse",
        "An aside from another field; what undoing a convolution means is tested in its place.",
        testers.undone,
        Words(),
        divided,
    ),
    _claim(
        "F41",
        "002",
        "18",
        "PyTorch's `nn.Conv2d` and the sizes of its pooling layers. (Announced, then cut off.)",
        NO_FORMULA,
        FLOOR,
        "The announcement is not followed by a size; PyTorch's documented one is tested in its place.",
        window_size,
        Words(),
        floor_formula,
    ),
    _claim(
        "F42",
        "003",
        "00",
        "A network multiplies and adds, pools, connects fully and ends in softmax.",
        HOLDS,
        "The composition of these four, in this order",
        "Carried out in this order they turn an image into numbers that are positive and add up to 1.",
        testers.whole_network,
        in_order,
        in_order,
    ),
    _claim(
        "F46",
        "003",
        "01",
        "Kernels are usually 3 x 3 or 5 x 5, and they are learned.",
        HOLDS,
        r"$w\leftarrow w-\eta\,\partial L/\partial w$ until it fits the data",
        "Given images and the outputs of a hidden kernel, gradient descent finds the kernel.",
        testers.hidden_kernel,
        learned,
        learned,
    ),
    _claim(
        "F64",
        "004",
        "11",
        "With batches the data are three-dimensional tensors.",
        FAILS,
        "Four axes: image, channel, row, column",
        "An image has channel, row and column; the batch adds a fourth axis.",
        testers.number_of_axes,
        lambda: sympy.Integer(3),
        lambda: sympy.Integer(4),
    ),
    _claim(
        "F65",
        "004",
        "00",
        "Formulas with the channel first, code with the channel last; L for the loss and for a kernel's width, E beside L, X beside I.",
        NO_FORMULA,
        "Say the layout: channels last become channels first by moving the last axis to the second place",
        "Where all axes have equal length, both readings run without an error and give different outputs.",
        testers.channels_last,
        Words({"channels first": lambda x, w: conv2d(x, w), "channels last": testers.moved_first}),
        lambda x, w: conv2d(np.moveaxis(x, -1, 1), w),
    ),
)
