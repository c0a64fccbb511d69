"""Testers of size formulas: every statement about an output size is compared with windows that are put down one by one."""

import functools
from fractions import Fraction

import numpy as np

from cnnlib.claims.tester import Tester
from cnnlib.ops.convolution import conv2d
from cnnlib.ops.pooling import max_pool2d

LETTERS = {
    "W": "n", "H": "n", "W_1": "n", "H_1": "n", "W1": "n", "H1": "n", "N": "n", "k": "kernel_size", "K": "kernel_size", "F": "kernel_size",
    "s": "stride", "S": "stride", "p": "padding", "P": "padding", "d": "dilation", "D": "dilation",
}  # fmt: skip


def places(n, kernel_size, stride, padding, dilation):
    """Count the places of a window by putting it down at every one."""
    count, start = 0, -padding
    while start + dilation * (kernel_size - 1) <= n + padding - 1:
        count, start = count + 1, start + stride
    return count


def convolved(n, kernel_size, stride, padding, dilation):
    """The size that a real convolution of n cells comes out with."""
    x, w = np.zeros((1, 1, 1, int(n))), np.zeros((1, 1, 1, int(kernel_size)))
    return conv2d(x, w, stride=(1, int(stride)), padding=(0, int(padding)), dilation=(1, int(dilation))).shape[-1]


def pooled(n, kernel_size, stride):
    """The size that a real max pooling of n cells comes out with."""
    return max_pool2d(np.zeros((1, 1, 1, int(n))), (1, int(kernel_size)), stride=(1, int(stride))).shape[-1]


def in_layers(n, kernel_size, pool):
    """The size behind a real convolution and a real pooling."""
    return pooled(convolved(n, kernel_size, 1, 0, 1), pool, pool)


def _fractions(**setting):
    """Sizes as fractions: a formula that divides keeps its remainder, however it writes the division."""
    return {name: Fraction(value) for name, value in setting.items()}


@functools.cache
def _window_settings():
    printed = [dict(n=10, kernel_size=3, stride=2, padding=0, dilation=1), dict(n=7, kernel_size=3, stride=1, padding=1, dilation=2)]
    sweep = [
        dict(n=n, kernel_size=k, stride=s, padding=p, dilation=d)
        for n in range(3, 13) for k in range(1, 6) for s in range(1, 5) for p in range(4) for d in (1, 2, 3) if d * (k - 1) < n + 2 * p
    ]  # fmt: skip
    return [_fractions(**setting) for setting in printed + sweep]


@functools.cache
def _pool_settings():
    sweep = [dict(n=n, kernel_size=k, stride=s) for n in range(3, 25) for k in range(1, 6) for s in range(1, 5) if k <= n]
    return [_fractions(**setting) for setting in [dict(n=7, kernel_size=2, stride=2), *sweep]]


@functools.cache
def _chain_settings():
    sweep = [dict(n=n, kernel_size=k, pool=p) for n in range(8, 33) for k in (1, 2, 3, 5) for p in (1, 2, 3)]
    printed = [dict(n=28, kernel_size=5, pool=1), dict(n=24, kernel_size=3, pool=2), dict(n=11, kernel_size=3, pool=2)]
    return [_fractions(**setting) for setting in printed + sweep]


window_size = Tester("the size of a convolution's output", _window_settings, places, convolved, LETTERS)
pool_size = Tester(
    "the size of a pooling's output", _pool_settings, lambda n, kernel_size, stride: places(n, kernel_size, stride, 0, 1), pooled, LETTERS
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
    mean the same. It gets fractions, so `/` keeps the remainder that `//` drops. condition: a function of the same arguments that says
    where the formula is meant to hold.
    Returns a Result: "holds", "holds under conditions" or "fails", with the first counterexample.
    """
    return window_size(f, condition)
