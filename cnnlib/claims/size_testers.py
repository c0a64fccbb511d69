"""Testers of size formulas: every statement about an output size is compared with windows that are put down one by one."""

import functools
from fractions import Fraction

import numpy as np

from cnnlib.claims.tester import Tester
from cnnlib.ops.convolution import conv2d
from cnnlib.ops.pooling import max_pool2d

LETTERS = {
    "i": "n", "N": "n", "W": "n", "H": "n", "W_1": "n", "H_1": "n", "W1": "n", "H1": "n", "k": "kernel_size", "K": "kernel_size",
    "F": "kernel_size", "s": "stride", "S": "stride", "p": "padding", "P": "padding", "d": "dilation", "D": "dilation",
}  # fmt: skip


class Whole(int):
    """A whole number whose quotients are fractions, so that a formula which divides keeps its remainder, however it writes the division."""

    def __truediv__(self, other):
        return Fraction(int(self), other) if isinstance(other, int) else NotImplemented

    def __rtruediv__(self, other):
        return Fraction(other, int(self)) if isinstance(other, int) else NotImplemented


def _still_whole(operation):
    def whole(self, other):
        value = operation(self, other)
        return Whole(value) if type(value) is int else value  # a float, or NotImplemented, stays what it is

    return whole


for _name in ("add", "sub", "mul", "floordiv", "mod"):
    for _side in ("", "r"):
        setattr(Whole, f"__{_side}{_name}__", _still_whole(getattr(int, f"__{_side}{_name}__")))


def places(n, kernel_size, stride, padding, dilation, ceil_mode=False):
    """Count the places of a window by putting it down at every one; in ceil mode the last may hang over the end, if it begins before it."""
    if stride < 1:
        raise ValueError(f"stride={stride} never moves the window. Write 1 or more.")
    count, start = 0, -padding
    while start + dilation * (kernel_size - 1) <= n + padding - 1:
        count, start = count + 1, start + stride
    hangs_over = ceil_mode and start - stride + dilation * (kernel_size - 1) < n + padding - 1 and start < n
    return count + hangs_over


def convolved(n, kernel_size, stride, padding, dilation):
    """The size that a real convolution of n cells comes out with."""
    x, w = np.zeros((1, 1, 1, int(n))), np.zeros((1, 1, 1, int(kernel_size)))
    return conv2d(x, w, stride=(1, int(stride)), padding=(0, int(padding)), dilation=(1, int(dilation))).shape[-1]


def pooled(n, kernel_size, stride, padding=0, ceil_mode=False):
    """The size that a real max pooling of n cells comes out with."""
    x, window, step, pad = np.zeros((1, 1, 1, int(n))), (1, int(kernel_size)), (1, int(stride)), (0, int(padding))
    return max_pool2d(x, window, stride=step, padding=pad, ceil_mode=ceil_mode).shape[-1]


def in_layers(n, kernel_size, pool):
    """The size behind a real convolution and a real pooling."""
    return pooled(convolved(n, kernel_size, 1, 0, 1), pool, pool)


def _exact(**setting):
    """A setting whose sizes divide exactly."""
    return {name: value if isinstance(value, bool) else Whole(value) for name, value in setting.items()}


@functools.cache
def _window_settings():
    printed = [dict(n=10, kernel_size=3, stride=2, padding=0, dilation=1), dict(n=7, kernel_size=3, stride=1, padding=1, dilation=2)]
    sweep = [
        dict(n=n, kernel_size=k, stride=s, padding=p, dilation=d)
        for n in range(3, 13) for k in range(1, 6) for s in range(1, 5) for p in range(4) for d in (1, 2, 3) if d * (k - 1) < n + 2 * p
    ]  # fmt: skip
    return [_exact(**setting) for setting in printed + sweep]


@functools.cache
def _pool_settings():
    printed = [dict(n=7, kernel_size=2, stride=2, padding=0, ceil_mode=False)]
    sweep = [
        dict(n=n, kernel_size=k, stride=s, padding=p, ceil_mode=ceil_mode)
        for n in range(3, 17) for k in range(1, 6) for s in range(1, 5) for p in (0, 1, 2) for ceil_mode in (False, True)
        if k <= n + 2 * p and 2 * p <= k
    ]  # fmt: skip
    return [_exact(**setting) for setting in printed + sweep]


@functools.cache
def _chain_settings():
    sweep = [dict(n=n, kernel_size=k, pool=p) for n in range(8, 33) for k in (1, 2, 3, 5) for p in (1, 2, 3)]
    printed = [dict(n=28, kernel_size=5, pool=1), dict(n=24, kernel_size=3, pool=2), dict(n=11, kernel_size=3, pool=2)]
    return [_exact(**setting) for setting in printed + sweep]


window_size = Tester("the size of a convolution's output", _window_settings, places, convolved, LETTERS)
pool_size = Tester(
    "the size of a pooling's output",
    _pool_settings,
    lambda n, kernel_size, stride, padding, ceil_mode: places(n, kernel_size, stride, padding, 1, ceil_mode),
    pooled,
    LETTERS,
)
chain_size = Tester(
    "the size behind a convolution and a pooling",
    _chain_settings,
    lambda n, kernel_size, pool: places(places(n, kernel_size, 1, 0, 1), pool, pool, 0, 1),
    in_layers,
    LETTERS,
)


def test_size_formula(f, condition=None):  # noqa: PT028 (a tool, not a test of pytest)
    """Test a formula for the output size of a convolution along one axis against windows counted one by one.

    f: a function, or a SymPy expression, of any of n, kernel_size, stride, padding, dilation; the short letters k, s, p, d and F, S, P
    mean the same. It gets whole numbers whose quotients are fractions, so `/` keeps exactly the remainder that `//` drops. condition: a
    function or SymPy expression of the same arguments that says where the formula is meant to hold.
    Returns a Result: "holds", "holds under conditions" or "fails", with the first counterexample.
    """
    return window_size(f, condition)
