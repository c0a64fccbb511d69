"""Pooling: which window stands where, what it keeps, and what it saves."""

import numpy as np

from cnnlib.claims import pool_testers as testers
from cnnlib.claims.claim import Claim
from cnnlib.claims.size_testers import places
from cnnlib.claims.tester import FAILS, NO_FORMULA, UNDER_CONDITIONS, Words
from cnnlib.claims.window_testers import average_pooling, max_pooling

MAXIMUM = r"$P_{i,j}=\max_{0\le m,n<k} O_{iS+m,\,jS+n}$"
AVERAGE = r"$P_{i,j}=\frac{1}{k^2}\sum_{m,n=0}^{k-1} O_{iS+m,\,jS+n}$"


def windowed(summary, stride_is=None):
    """Pool by placing a window at (i S, j S) and summarising what lies under it; `stride_is` reads the stride out of the kernel's size."""

    def pool(image, kernel_size, stride):
        step = stride_is(kernel_size) if stride_is else stride
        sizes = [places(n, kernel_size, step, 0, 1) for n in image.shape]
        cells = list(np.ndindex(kernel_size, kernel_size))
        value = lambda i, j: summary([image[i * step + m, j * step + n] for m, n in cells])
        return np.array([[value(i, j) for j in range(sizes[1])] for i in range(sizes[0])])

    return pool


def flattened_index(image, kernel_size, stride):
    """F34 as printed: the maximum over m, n in M of O at the single index i m + j n, cells counted row by row."""
    sizes, cells = [places(n, kernel_size, stride, 0, 1) for n in image.shape], image.ravel()
    window = list(np.ndindex(kernel_size, kernel_size))
    return np.array([[max(cells[i * m + j * n] for m, n in window) for j in range(sizes[1])] for i in range(sizes[0])])


def two_strides(summary):
    """Words that give the window but not its step."""
    return Words(
        {
            "windows side by side": windowed(summary, stride_is=lambda kernel_size: kernel_size),
            "a window moved by one": windowed(summary, stride_is=lambda kernel_size: 1),
        }
    )


def _claim(item, source, text, verdict, correct, reason, tester, statement, repaired, *, chapter="08", **conditions):
    return Claim(item, source, "pooling", chapter, text, verdict, correct, reason, tester, statement, repaired, **conditions)


CLAIMS = (
    _claim(
        "F6",
        "000",
        r"$Y=\mathrm{maxpool}(X)$",
        NO_FORMULA,
        MAXIMUM,
        "A name is not a formula: neither the window nor its step is in it.",
        max_pooling,
        Words({**two_strides(np.max).readings, "the whole image": lambda image: image.max().reshape(1, 1)}),
        windowed(np.max),
    ),
    _claim(
        "F10",
        "000",
        "Pooling reduces the dimension of the data; max pooling takes the maximum of the input.",
        NO_FORMULA,
        MAXIMUM + "; rows and columns become fewer, the number of axes stays",
        "Dimension may mean the number of axes or their lengths, and the maximum may be of the input or of each window.",
        max_pooling,
        Words({"one number": lambda image: image.max(), "one number per window": windowed(np.max)}),
        windowed(np.max),
    ),
    _claim(
        "F34",
        "002",
        r"$P_{i,j}=\max_{m,n\in M}(O_{i*m+j*n})$",
        FAILS,
        MAXIMUM,
        "One flattened index multiplies the place by the offset instead of adding them, so the window never stands at (i, j).",
        max_pooling,
        flattened_index,
        windowed(np.max),
    ),
    _claim(
        "F37",
        "002",
        "Average pooling takes the average of the window.",
        NO_FORMULA,
        AVERAGE,
        "Where the windows stand is not said: side by side and moved by one give different maps.",
        average_pooling,
        two_strides(np.mean),
        windowed(np.mean),
    ),
    _claim(
        "F38",
        "002",
        "Pooling reduces the number of parameters.",
        FAILS,
        "A convolution behind it keeps all its parameters; a dense layer behind it shrinks with the map",
        "A kernel's parameters do not depend on the image's size; only a dense layer has a weight for every cell.",
        testers.fewer_parameters,
        lambda: True,
        lambda behind: behind == "dense",
    ),
    _claim(
        "F39",
        "002",
        "Pooling makes the output invariant to small shifts, to a degree.",
        UNDER_CONDITIONS,
        "The pooled map stays as it is while the maximum stays in its window",
        "A maximum that moves inside its window changes nothing; one that crosses a border changes the map.",
        testers.unmoved_by_shift,
        lambda: True,
        lambda place, pool, shift: place // pool == (place + shift) // pool,
        chapter="06",
        conditions="The maximum stays in the same window.",
        condition=lambda place, pool, shift: place // pool == (place + shift) // pool,
    ),
    _claim(
        "F40",
        "002",
        "The output is the maximum (or the mean) of the window; K is usually square, and the map shrinks.",
        NO_FORMULA,
        MAXIMUM + " or " + AVERAGE,
        "The step of the window is missing, and with step 1 the map hardly shrinks.",
        max_pooling,
        two_strides(np.max),
        windowed(np.max),
    ),
    _claim(
        "F43",
        "003",
        "Pooling reduces computation and parameters.",
        FAILS,
        "The multiply-adds of what follows shrink; parameters only where a dense layer follows",
        "Fewer cells mean fewer products in every layer behind, but a kernel keeps its parameters.",
        testers.fewer_products_and_parameters,
        lambda: (True, True),
        lambda behind: (True, behind == "dense"),
    ),
)
