"""What happens to a layer's output when its input is shifted: shifts, layers with a choice of border, anti-aliased pooling, and the errors.

A border is "circular" (the image goes on at the opposite side, nothing is ever lost) or "zeros" (cells outside are 0, and what leaves
is gone). Only on a circular border are shifts without loss, so only there can equivariance hold exactly.
"""

import itertools
import sys

import numpy as np

from cnnlib.arrays import IMAGES, as_array, check_choice
from cnnlib.checks import check_integer
from cnnlib.nn.base import Layer
from cnnlib.ops.convolution import conv2d, conv2d_backward
from cnnlib.ops.padding import pad2d
from cnnlib.ops.pooling import max_pool2d

__all__ = [
    "BlurPool2d",
    "blur_pool2d",
    "bordered_conv2d",
    "equivariance_error",
    "max_blur_pool2d",
    "nearest_shift",
    "shift2d",
    "shift_error",
]

BORDERS = ("circular", "zeros")
BLUR = np.outer([1, 2, 1], [1, 2, 1]) / 16  # the binomial filter of size 3 that Zhang calls Tri-3


def shift2d(x, by, *, border="circular"):
    """Move each image by whole cells: y[i, j] = x[i - rows, j - columns].

    x: (N, C, H, W), SymPy expressions allowed. by: int for both axes or (rows, columns); positive moves down and right. border:
    "circular" brings what leaves back on the other side, "zeros" loses it and moves zeros in. Returns the shape and dtype of x.
    """
    x, by = as_array(x, "x", IMAGES, symbols=True), _whole_pair(by)
    if check_choice(border, "border", BORDERS) == "circular":
        return np.roll(x, by, axis=(2, 3))
    y = np.zeros_like(x)
    here, there = zip(*(_overlap(n, t) for n, t in zip(x.shape[2:], by, strict=True)), strict=True)
    y[(..., *there)] = x[(..., *here)]
    return y


def _whole_pair(by):
    both = by if isinstance(by, (tuple, list)) else (by, by)
    if len(both) != 2:
        raise ValueError(f"by={by!r} has {len(both)} numbers. Write one number, or a pair (rows, columns).")
    return tuple(check_integer(t, "by", -sys.maxsize) for t in both)


def _overlap(n, t):
    """The cells of one axis that stay inside a shift by t, as slices: where they are, where they go."""
    t = max(-n, min(n, t))
    return slice(max(-t, 0), n - max(t, 0)), slice(max(t, 0), n - max(-t, 0))


def bordered_conv2d(x, w, b=None, *, stride=1, groups=1, border="circular"):
    """A convolution that keeps the size at stride 1, with the border of your choice.

    x: (N, C, H, W). w: (F, C / groups, kH, kW) with odd kH and kW: half the reach is padded on each side. Returns (N, F, ceil(H / stride),
    ceil(W / stride)). Raises ValueError for even kernels, which have no middle cell.
    """
    x, w = as_array(x, "x", IMAGES, symbols=True), np.asarray(w)
    if any(k % 2 == 0 for k in w.shape[2:]):
        raise ValueError(f"w has a kernel of {w.shape[2]} by {w.shape[3]} cells, and an even one has no middle. Use odd sizes.")
    return conv2d(pad2d(x, [k // 2 for k in w.shape[2:]], mode=check_choice(border, "border", BORDERS)), w, b, stride=stride, groups=groups)


def blur_pool2d(x, *, stride=2, border="circular"):
    """Blur every channel with the weights 1 2 1 along both axes, divided by 16, and keep every `stride`-th row and column.

    x: (N, C, H, W). Returns (N, C, ceil(H / stride), ceil(W / stride)). Source: Zhang 2019, arXiv:1904.11486.
    """
    x = as_array(x, "x", IMAGES, symbols=True)
    return bordered_conv2d(x, _blur(x), stride=stride, groups=x.shape[1], border=border)


def max_blur_pool2d(x, *, border="circular"):
    """Anti-aliased max pooling: the maximum of every 2 by 2 cells in steps of 1, then `blur_pool2d`. Source: Zhang 2019, arXiv:1904.11486.

    x: (N, C, H, W). The window at (i, j) covers the cells i, i + 1 and j, j + 1. Returns (N, C, ceil(H / 2), ceil(W / 2)).
    """
    grown = pad2d(x, 1, mode=check_choice(border, "border", BORDERS))[:, :, 1:, 1:]
    return blur_pool2d(max_pool2d(grown, 2, stride=1), border=border)


def _blur(x):
    return np.broadcast_to(BLUR.astype(x.dtype if x.dtype.kind == "f" else float), (x.shape[1], 1, 3, 3))


class BlurPool2d(Layer):
    """`blur_pool2d` with zero borders as a layer that learns nothing. Behind MaxPool2d(2, stride=1): anti-aliased max pooling."""

    def forward(self, x):
        self._x = x
        return blur_pool2d(x, border="zeros")

    def backward(self, dy):
        """The transpose of the blur: it spreads every gradient over the cells that were blurred into it."""
        return conv2d_backward(dy, self._x, _blur(self._x), stride=2, padding=1, groups=self._x.shape[1])[0]


def equivariance_error(layer, x, by, *, stride=1, border="circular"):
    """The largest difference between "shift, then apply" and "apply, then shift": max |layer(T x) - T' layer(x)|; 0 where they commute.

    layer: a function of (N, C, H, W). by: the shift of the input; the output is shifted by `by / stride`, which must be whole.
    """
    by = _whole_pair(by)
    if any(t % stride for t in by):
        raise ValueError(f"by={by} is no multiple of stride={stride}: the output cannot follow by part of a cell. Use `nearest_shift`.")
    follow = tuple(t // stride for t in by)
    return float(np.abs(layer(shift2d(x, by, border=border)) - shift2d(layer(x), follow, border=border)).max())


def nearest_shift(y, moved, *, border="circular"):
    """Try every whole shift of y: which comes nearest to `moved`? Returns (error, (rows, columns)); the smallest shift of equals wins.

    y, moved: (N, C, H, W), the outputs for an input and for the shifted input. error: max |moved - shifted y|.
    """
    y = as_array(y, "y", IMAGES)
    axes = [range(-(n // 2), (n - 1) // 2 + 1) if border == "circular" else range(1 - n, n) for n in y.shape[2:]]
    shifts = sorted(itertools.product(*axes), key=lambda by: (abs(by[0]) + abs(by[1]), by[::-1]))
    errors = [float(np.abs(moved - shift2d(y, by, border=border)).max()) for by in shifts]
    best = min(range(len(shifts)), key=lambda at: (round(errors[at], 9), at))  # rounding decides what floats leave open
    return errors[best], shifts[best]


def shift_error(layer, x, by, *, border="circular"):
    """How much the output changes when the input moves, as a share of its size: |layer(T x) - layer(x)| / |layer(x)|.

    The bars are root-mean-square sizes over all entries. 0 means invariant. Raises ValueError where the output is all zeros.
    """
    y, moved = layer(x), layer(shift2d(x, by, border=border))
    size = float(np.sqrt(np.mean(np.square(y))))
    if size == 0:
        raise ValueError("layer(x) is 0 everywhere, so no share of it can be formed. Use an x that the layer answers to.")
    return float(np.sqrt(np.mean(np.square(moved - y)))) / size
