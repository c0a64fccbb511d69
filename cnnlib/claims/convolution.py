"""Convolution itself: the sum, the flip, the overlap, sums of random numbers, frequencies."""

import numpy as np

from cnnlib.claims import signal_testers as signals
from cnnlib.claims.claim import Claim
from cnnlib.claims.size_testers import places
from cnnlib.claims.tester import FAILS, HOLDS, NO_FORMULA, UNDER_CONDITIONS, Words
from cnnlib.claims.window_testers import sliding, stride_one, true_convolution
from cnnlib.ops.convolution import conv2d_matrix, convolve2d, correlate2d

CORRELATION = r"$y_{i,j}=\sum_{u,v} x_{si+u-p,\,sj+v-p}\,w_{u,v}$, zero outside the image"
INTEGRAL = r"$(f*g)(t)=\int f(\tau)\,g(t-\tau)\,d\tau$"


def at_every_place(image, kernel, value, stride=1, padding=0):
    """The array of value(i, j) at all places of the kernel; i and j count from 0."""
    sizes = [places(n, k, stride, padding, 1) for n, k in zip(image.shape, kernel.shape, strict=True)]
    return np.array([[value(i, j) for j in range(sizes[1])] for i in range(sizes[0])])


def sliding_product(image, kernel, stride, padding):
    """The repaired sum: the kernel unflipped, one index for each of its axes, stride and padding in their places."""
    x = np.pad(image, padding)
    cells = list(np.ndindex(kernel.shape))
    value = lambda i, j: sum(x[i * stride + u, j * stride + v] * kernel[u, v] for u, v in cells)
    return at_every_place(image, kernel, value, stride, padding)


def flipped_sum(image, kernel):
    """F11 as printed: f(i, j) = sum over m, n of g(m, n) w(i - m, j - n), at every i and j where a term is left."""
    (height, width), (rows, columns) = image.shape, kernel.shape
    full = np.zeros((height + rows - 1, width + columns - 1))
    for i, j in np.ndindex(full.shape):
        terms = ((m, n) for m, n in np.ndindex(image.shape) if 0 <= i - m < rows and 0 <= j - n < columns)
        full[i, j] = sum(image[m, n] * kernel[i - m, j - n] for m, n in terms)
    return full


def one_sum(image, kernel):
    """F33 as printed: one sum over k, both image indices moved by k; for l, which nothing binds, 0 is taken."""
    l = 0
    return at_every_place(image, kernel, lambda i, j: sum(image[i + k, j + k] * kernel[k, l] for k in range(len(kernel))))


def counted_from_one(image, kernel):
    """F48 as printed: rows, columns and kernel cells are numbered from 1."""
    x, w = (lambda i, j: image[i - 1, j - 1]), (lambda m, n: kernel[m - 1, n - 1])
    cells = [(m + 1, n + 1) for m, n in np.ndindex(kernel.shape)]
    return at_every_place(image, kernel, lambda i, j: sum(x(i + 1 + m - 1, j + 1 + n - 1) * w(m, n) for m, n in cells))


def matrix_product(image, kernel, stride, padding):
    """F8: one matrix, made from the kernel alone, times all cells of the image."""
    matrix = conv2d_matrix(kernel[None, None], (1, *image.shape), stride=stride, padding=padding)
    sizes = [places(n, k, stride, padding, 1) for n, k in zip(image.shape, kernel.shape, strict=True)]
    return (matrix @ image.ravel()).reshape(sizes)


def convolution_sum(f, g):
    """The repaired convolution of two sequences: (f * g)(t) = sum over a of f(a) g(t - a)."""
    size = len(f) + len(g) - 1
    return np.array([sum(f[a] * g[t - a] for a in range(max(0, t - len(g) + 1), min(len(f), t + 1))) for t in range(size)])


def _claim(item, source, chapter, text, verdict, correct, reason, tester, statement, repaired, **conditions):
    return Claim(item, source, "convolution itself", chapter, text, verdict, correct, reason, tester, statement, repaired, **conditions)


CLAIMS = (
    _claim(
        "F4",
        "000",
        "02",
        r"$Y=X*W$",
        NO_FORMULA,
        CORRELATION,
        "The star is defined nowhere: it may be the sliding product, the flipped one, or the full one, and these differ.",
        sliding,
        Words(
            {
                "the sliding product": lambda image, kernel: correlate2d(image, kernel),
                "the flipped one": lambda image, kernel: convolve2d(image, kernel, "valid"),
                "the full one": lambda image, kernel: convolve2d(image, kernel, "full"),
            }
        ),
        sliding_product,
    ),
    _claim(
        "F8",
        "000",
        "00",
        "A convolution slides, multiplies and adds; it can be written as a matrix product.",
        HOLDS,
        r"$\mathrm{vec}(Y)=M\,\mathrm{vec}(X)$ with the kernel's values along the diagonals of M",
        "Every output is a fixed linear combination of the inputs, so all of them together are one matrix.",
        sliding,
        matrix_product,
        matrix_product,
    ),
    _claim(
        "F11",
        "000",
        "02",
        r"The kernel slides over the image: $f(i,j)=\sum_m\sum_n g(m,n)\,w(i-m,j-n)$.",
        FAILS,
        CORRELATION,
        "The indices i-m, j-n flip the kernel and give the full size; the sentence beside it describes the unflipped sliding product.",
        sliding,
        flipped_sum,
        sliding_product,
    ),
    _claim(
        "F21",
        "001",
        "02",
        "Convolution is an operator that makes a third function of f and g, from the overlap of f with the flipped, shifted g.",
        NO_FORMULA,
        r"$(f*g)(t)=\sum_a f(a)\,g(t-a)$",
        "What is to be done with the overlap is not said: adding the products and adding the sums both fit the words.",
        true_convolution,
        Words({"products, added": convolution_sum, "sums, added": signals.sums_over_overlap}),
        convolution_sum,
    ),
    _claim(
        "F22",
        "001",
        "02",
        "The area of the overlap is the feature that convolution gives.",
        FAILS,
        INTEGRAL,
        "The integral weighs the overlap with both heights; only for heights whose product is 1 is it the length of the overlap.",
        signals.boxes,
        signals.overlap,
        signals.product_of_boxes,
    ),
    _claim(
        "F23",
        "001",
        "02",
        "Convolving with the indicator function of an interval gives the moving average.",
        UNDER_CONDITIONS,
        r"$\frac{1}{L}\sum_{a=0}^{L-1} x(t+a)$: the indicator divided by its length",
        "An indicator adds up; an average also divides by the number of what it added.",
        signals.moving_average,
        lambda x, length, height: np.convolve(x, np.full(length, height), "valid"),
        lambda x, length: np.convolve(x, np.full(length, 1 / length), "valid"),
        conditions="The indicator is scaled to 1/length.",
        condition=lambda length, height: abs(height * length - 1) < 1e-12,
    ),
    _claim(
        "F24",
        "001",
        "02",
        "The density of a sum of two random variables is the convolution of their densities.",
        UNDER_CONDITIONS,
        r"$P(X+Y=s)=\sum_x P(X=x,\,Y=s-x)$, a convolution for independent X and Y",
        "Multiplying two probabilities gives the joint one only when the variables are independent.",
        signals.sums_of_dice,
        lambda joint: np.convolve(joint.sum(axis=1), joint.sum(axis=0)),
        signals.along_antidiagonals,
        conditions="X and Y are independent.",
        condition=signals.independent,
    ),
    _claim(
        "F31",
        "001",
        "02",
        "Kernels are trained, so a convolution in a network does no filtering in the frequency sense.",
        FAILS,
        r"Every kernel multiplies the size of a wave by $|\hat w(\omega)|$, trained or not",
        "A convolution turns each wave into the same wave, weakened or amplified by a factor that depends on its frequency.",
        signals.gain_of_kernel,
        lambda: 1.0,
        lambda kernel, size, cycles: abs(sum(w * np.exp(-2j * np.pi * cycles * t / size) for t, w in enumerate(kernel))),
    ),
    _claim(
        "F33",
        "002",
        "01",
        r"$O_{i,j}=(I*W)_{i,j}=\sum_{k=0}^{K-1} I_{i+k,j+k}\,W_{k,l}$",
        FAILS,
        r"$O_{i,j}=\sum_k\sum_l I_{i+k,\,j+l}\,W_{k,l}$; with stride and padding $I_{si+k-p,\,sj+l-p}$",
        "One sum reads the diagonal of the window alone, and nothing says what l is; even with l = 0 the numbers are wrong.",
        sliding,
        one_sum,
        sliding_product,
    ),
    _claim(
        "F45",
        "003",
        "02",
        "Convolution superposes two functions and integrates.",
        FAILS,
        INTEGRAL,
        "The two functions are multiplied, not added, before the integral is taken.",
        signals.boxes,
        signals.sum_of_boxes,
        signals.product_of_boxes,
    ),
    _claim(
        "F48",
        "003",
        "01",
        r"$y_{i,j}=\sum_{m=1}^{K_h}\sum_{n=1}^{K_w} x_{i+m-1,j+n-1}\,k_{m,n}$",
        UNDER_CONDITIONS,
        CORRELATION,
        "Counted from 1 it is the sliding product (correlation, by its mathematical name); stride and padding are not in it.",
        sliding,
        counted_from_one,
        sliding_product,
        conditions="Stride 1, no padding.",
        condition=stride_one,
    ),
)
