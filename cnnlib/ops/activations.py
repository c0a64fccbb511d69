"""Activations: functions of one number, applied to every entry, each with its derivative.

Huge inputs neither overflow nor warn. NaN and infinities follow the formulas, as in PyTorch.
"""

import numpy as np

from cnnlib.arrays import as_array, as_upstream, check_choice, check_number, own_dtype
from cnnlib.ops.special import erfc

TANH_SCALE, TANH_CUBE = np.sqrt(2 / np.pi), 0.044715  # of the tanh approximation of GELU


def relu(x):
    """The rectified linear unit: x where it is positive, 0 elsewhere.

    x: floats of any shape. Returns the same shape and dtype. NaN stays NaN.
    Source: Nair and Hinton 2010; Glorot, Bordes and Bengio 2011.
    """
    x = as_array(x, "x")
    return np.maximum(x, np.zeros(x.shape[1:], x.dtype))  # NumPy takes three times as long with a single zero


def relu_backward(dy, x):
    """Let dy pass where x > 0: dx = dy [x > 0]. At the kink the derivative is 0; at a NaN dy passes, as in PyTorch."""

    def rule(dy, x):
        passes = ~(x <= 0)
        # The product is ten times as fast as np.where, but 0 * inf is NaN.
        return dy * passes if np.isfinite(dy).all() else np.where(passes, dy, 0)

    return _chain(dy, x, "relu", rule)


@np.errstate(all="ignore")
def leaky_relu(x, negative_slope=0.01):
    """A rectifier that leaks: x where it is positive, negative_slope x elsewhere.

    x: floats of any shape. negative_slope: a number. Returns the same shape and dtype. Source: Maas, Hannun and Ng 2013.
    """
    x, slope = as_array(x, "x"), check_number(negative_slope, "negative_slope")
    return np.where(x > 0, x, x * x.dtype.type(slope))


def leaky_relu_backward(dy, x, negative_slope=0.01):
    """dx = dy where x > 0, negative_slope dy elsewhere."""
    slope = check_number(negative_slope, "negative_slope")
    return _chain(dy, x, "leaky_relu", lambda dy, x: np.where(x > 0, dy, dy * slope))


@np.errstate(all="ignore")
def elu(x, alpha=1.0):
    """The exponential linear unit: x where it is positive, alpha (exp(x) - 1) elsewhere.

    x: floats of any shape. alpha: a number. Returns the same shape and dtype.
    Source: Clevert, Unterthiner and Hochreiter 2016, arXiv:1511.07289.
    """
    x, alpha = as_array(x, "x"), check_number(alpha, "alpha")
    return np.where(x > 0, x, x.dtype.type(alpha) * np.expm1(np.minimum(x, 0)))


def elu_backward(dy, x, alpha=1.0):
    """dx = dy where x > 0, alpha exp(x) dy elsewhere."""
    alpha = check_number(alpha, "alpha")
    return _chain(dy, x, "elu", lambda dy, x: np.where(x > 0, dy, dy * alpha * np.exp(np.minimum(x, 0))))


@np.errstate(all="ignore")
def gelu(x, approximate="none"):
    """The Gaussian error linear unit: x Phi(x), where Phi is the distribution function of the standard normal.

    Phi(x) = (1 + erf(x / sqrt(2))) / 2, or with approximate="tanh" (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2.

    x: floats of any shape. Returns the same shape and dtype. Source: Hendrycks and Gimpel 2016, arXiv:1606.08415.
    """
    x = as_array(x, "x")
    return (x * _gelu_gate(x, approximate)).astype(x.dtype, copy=False)


def gelu_backward(dy, x, approximate="none"):
    """dx = dy (Phi(x) + x Phi'(x)); Phi' is the normal density, or the derivative of the approximation."""

    def rule(dy, x):
        gate = _gelu_gate(x, approximate)
        if approximate == "none":
            return dy * (gate + x * np.exp(-x * x / 2) / np.sqrt(2 * np.pi))
        near = np.clip(x, -100, 100)  # beyond, 1 - tanh^2 is 0, and x^2 must not make 0 * inf of it
        slope = 2 * gate * (1 - gate) * TANH_SCALE * (1 + 3 * TANH_CUBE * near * near)
        return dy * (gate + x * slope)

    check_choice(approximate, "approximate", ("none", "tanh"))
    return _chain(dy, x, "gelu", rule)


def _gelu_gate(x, approximate):
    if check_choice(approximate, "approximate", ("none", "tanh")) == "none":
        return (erfc(-x / np.sqrt(2)) / 2).astype(x.dtype, copy=False)
    return (1 + np.tanh(x.dtype.type(TANH_SCALE) * (x + TANH_CUBE * x * x * x))) / 2


@np.errstate(all="ignore")
def silu(x):
    """The sigmoid linear unit, also called swish: x sigmoid(x).

    x: floats of any shape. Returns the same shape and dtype. Source: Elfwing, Uchibe and Doya 2018, arXiv:1702.03118.
    """
    x = as_array(x, "x")
    return x * _sigmoid(x)


def silu_backward(dy, x):
    """dx = dy s (1 + x (1 - s)) with s = sigmoid(x)."""

    def rule(dy, x):
        s = _sigmoid(x)
        return dy * s * (1 + x * (1 - s))

    return _chain(dy, x, "silu", rule)


@np.errstate(all="ignore")
def softplus(x, beta=1.0, threshold=20.0):
    """A smooth rectifier: log(1 + exp(beta x)) / beta, and plainly x where beta x > threshold.

    x: floats of any shape. beta: a number other than 0. threshold: a number. Returns the same shape and dtype.
    Source: Dugas, Bengio, Belisle, Nadeau and Garcia 2001; the threshold as in PyTorch.
    """
    x = as_array(x, "x")
    beta, threshold = _softplus_options(beta, threshold)
    scaled = x * x.dtype.type(beta)
    return np.where(scaled > threshold, x, np.logaddexp(x.dtype.type(0), scaled) / x.dtype.type(beta))


def softplus_backward(dy, x, beta=1.0, threshold=20.0):
    """dx = dy sigmoid(beta x), and plainly dy where beta x > threshold."""
    beta, threshold = _softplus_options(beta, threshold)
    return _chain(dy, x, "softplus", lambda dy, x: np.where(x * beta > threshold, dy, dy * _sigmoid(x * beta)))


def _softplus_options(beta, threshold):
    beta = check_number(beta, "beta")
    if beta == 0:
        raise ValueError("beta=0 would divide by zero: softplus is log(1 + exp(beta x)) / beta. Write beta=1.")
    return beta, check_number(threshold, "threshold")


@np.errstate(all="ignore")
def sigmoid(x):
    """The logistic function 1 / (1 + exp(-x)), between 0 and 1.

    x: floats of any shape. Returns the same shape and dtype. Source: Rumelhart, Hinton and Williams 1986, doi:10.1038/323533a0.
    """
    return _sigmoid(as_array(x, "x"))


def sigmoid_backward(dy, x):
    """dx = dy s (1 - s) with s = sigmoid(x)."""

    def rule(dy, x):
        s = _sigmoid(x)
        return dy * s * (1 - s)

    return _chain(dy, x, "sigmoid", rule)


def _sigmoid(x):
    small = np.exp(-np.abs(x))  # never above 1, so nothing overflows
    return np.where(x >= 0, 1, small) / (1 + small)


def tanh(x):
    """The hyperbolic tangent, between -1 and 1.

    x: floats of any shape. Returns the same shape and dtype. Source: LeCun, Bottou, Orr and Mueller 1998, "Efficient BackProp".
    """
    return np.tanh(as_array(x, "x"))


def tanh_backward(dy, x):
    """dx = dy (1 - tanh(x)^2)."""
    return _chain(dy, x, "tanh", lambda dy, x: dy * (1 - np.tanh(x) ** 2))


def sigmoid_gradient(dy, y):
    """`sigmoid_backward` for a layer that kept y = sigmoid(x): dx = dy y (1 - y)."""
    return _chain(dy, y, "sigmoid", lambda dy, y: dy * y * (1 - y))


def tanh_gradient(dy, y):
    """`tanh_backward` for a layer that kept y = tanh(x): dx = dy (1 - y^2)."""
    return _chain(dy, y, "tanh", lambda dy, y: dy * (1 - y * y))


@np.errstate(all="ignore")
def _chain(dy, x, operation, rule):
    """Apply the chain rule entry by entry: check x and dy, compute in their common dtype, return dx in the dtype of x."""
    x = as_array(x, "x")
    dy = as_upstream(dy, x.shape, operation)
    dtype = np.result_type(dy.dtype, x.dtype)
    return own_dtype(rule(dy.astype(dtype, copy=False), x.astype(dtype, copy=False)), x)
