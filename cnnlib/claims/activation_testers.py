"""Testers of dense layers, activations and softmax."""

import functools
import math

import numpy as np
import sympy

from cnnlib import symbolic
from cnnlib.claims.tester import Tester, same
from cnnlib.ops import activations
from cnnlib.ops.dense import linear

# --- The dense layer ------------------------------------------------------------------------------------------------------------------


@functools.cache
def _dense_settings():
    rng = np.random.default_rng(31)
    printed = dict(x=np.array([1.0, 2.0]), w=np.array([[3.0, 4.0], [5.0, 6.0], [7.0, 8.0]]), b=np.array([10.0, 20.0, 30.0]))
    sizes = ((1, 1), (4, 2), (3, 5))
    return [printed, *(dict(x=rng.standard_normal(n), w=rng.standard_normal((m, n)), b=rng.standard_normal(m)) for n, m in sizes)]


def _dense(x, w, b):
    return np.array([sum(w[o, i] * x[i] for i in range(len(x))) + b[o] for o in range(len(b))])


dense = Tester("the output of a dense layer", _dense_settings, _dense, lambda x, w, b: linear(x[None], w, b)[0])

# --- ReLU and its derivative ----------------------------------------------------------------------------------------------------------


def with_quotient(f, step=1e-6):
    """A function of x together with its central difference quotient: all that a formula for the values alone says of the derivative."""
    return lambda x: (f(x), (f(x + step) - f(x - step)) / (2 * step))


def _relu_by_cases(x):
    """The values and the derivative from the left: at 0 it is the convention of this book, of PyTorch and of TensorFlow."""
    f = sympy.Piecewise((0, sympy.Symbol("t") <= 0), (sympy.Symbol("t"), True))
    return float(f.subs("t", x)), float(sympy.diff(f).subs("t", x))


relu_and_derivative = Tester(
    "ReLU and its derivative",
    lambda: [dict(x=x) for x in (0.0, 1.5, -1.5, 0.25, -0.25, 1e3, -1e3)],
    lambda x: (float(activations.relu(np.array(x))), float(activations.relu_backward(np.array(1.0), np.array(x)))),
    _relu_by_cases,
)

# --- Which activations are bounded ----------------------------------------------------------------------------------------------------


def _stops_growing(name):
    """Whether an argument a thousand times as large still gives about the same, on both sides."""
    f = getattr(activations, name)
    near, far = np.abs(f(np.array([-1e3, 1e3]))).max(), np.abs(f(np.array([-1e6, 1e6]))).max()
    return bool(far <= 1.01 * near)


def _stays_small(name):
    """Whether SymPy's exact values, far out on both sides, stay below 2 in size."""
    far = np.array([sympy.Integer(sign * 10**9) for sign in (-1, 1)], dtype=object)
    return all(abs(value.evalf(20)) < 2 for value in map(sympy.sympify, getattr(symbolic, name)(far)))


bounded = Tester(
    "whether an activation is bounded",
    lambda: [dict(name=name) for name in ("relu", "sigmoid", "tanh", "leaky_relu", "softplus")],
    _stops_growing,
    _stays_small,
)

# --- Softmax --------------------------------------------------------------------------------------------------------------------------


@functools.cache
def _score_settings():
    rng = np.random.default_rng(32)
    random = [rng.standard_normal(size) * scale for size in (1, 2, 5) for scale in (1.0, 30.0)]
    printed = [[1000.0, 1001.0, 1002.0], [1.0, 2.0, 3.0], [-1000.0, -1001.0], [5.0, 5.0]]
    return [dict(x=np.array(x)) for x in [*printed, *random]]


def _exact_softmax(x):
    """With 40 decimal digits, where no power overflows."""
    powers = [sympy.exp(sympy.Float(float(value), 40)) for value in x]
    total = sum(powers)
    return np.array([float(power / total) for power in powers])


def _by_differences(x):
    """S_i = 1 / sum over j of exp(x_j - x_i): the powers of differences alone."""
    power = lambda value: math.exp(value) if value < 700 else math.inf
    return np.array([1 / sum(power(other - value) for other in x) for value in x])


SCORES = {"X": "x", "z": "x", "logits": "x", "scores": "x"}
softmax = Tester("softmax", _score_settings, _exact_softmax, _by_differences, SCORES, functools.partial(same, tolerance=1e-12))


def test_softmax(f, condition=None):  # noqa: PT028 (a tool, not a test of pytest)
    """Test a formula for softmax against 40-digit arithmetic, at small and at large entries.

    f: a function of x (also called X, z, logits or scores), a vector; returns the vector of probabilities. condition: a function of x that
    says where the formula is meant to hold. Returns a Result.
    """
    return softmax(f, condition)
