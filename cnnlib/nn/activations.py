"""The activations as layers: each remembers its input and calls its operation."""

from cnnlib.arrays import check_choice, check_number
from cnnlib.nn.base import Layer, describe
from cnnlib.ops import activations as ops


class Activation(Layer):
    """A function of one number, applied to every entry. `options` maps the operation's options to (value, default)."""

    operation = operation_backward = None
    options = {}  # noqa: RUF012 - never changed, only replaced

    def forward(self, x):
        """Return f(x)."""
        y = type(self).operation(x, **self._values())
        self._x = x
        return y

    def backward(self, dy):
        """Return dy f'(x)."""
        return type(self).operation_backward(dy, self._remembered("_x"), **self._values())

    def _values(self):
        return {name: value for name, (value, _) in self.options.items()}

    def __repr__(self):
        return describe(self, **self.options)


class ReLU(Activation):
    """The rectified linear unit, see `cnnlib.relu`."""

    operation, operation_backward = ops.relu, ops.relu_backward


class LeakyReLU(Activation):
    """A rectifier that leaks, see `cnnlib.leaky_relu`."""

    operation, operation_backward = ops.leaky_relu, ops.leaky_relu_backward

    def __init__(self, negative_slope=0.01):
        self.options = {"negative_slope": (check_number(negative_slope, "negative_slope"), 0.01)}


class ELU(Activation):
    """The exponential linear unit, see `cnnlib.elu`."""

    operation, operation_backward = ops.elu, ops.elu_backward

    def __init__(self, alpha=1.0):
        self.options = {"alpha": (check_number(alpha, "alpha"), 1.0)}


class GELU(Activation):
    """The Gaussian error linear unit, see `cnnlib.gelu`; approximate is "none" or "tanh"."""

    operation, operation_backward = ops.gelu, ops.gelu_backward

    def __init__(self, approximate="none"):
        self.options = {"approximate": (check_choice(approximate, "approximate", ("none", "tanh")), "none")}


class SiLU(Activation):
    """The sigmoid linear unit, see `cnnlib.silu`."""

    operation, operation_backward = ops.silu, ops.silu_backward


class Softplus(Activation):
    """A smooth rectifier, see `cnnlib.softplus`."""

    operation, operation_backward = ops.softplus, ops.softplus_backward

    def __init__(self, beta=1.0, threshold=20.0):
        ops.softplus([0.0], beta, threshold)  # refuses impossible options now, not at the first batch
        self.options = {"beta": (beta, 1.0), "threshold": (threshold, 20.0)}


class Saturating(Activation):
    """An activation whose derivative its output tells: it keeps y, not x, and computes no exponential twice."""

    def forward(self, x):
        """Return f(x)."""
        self._y = y = type(self).operation(x)
        return y

    def backward(self, dy):
        """Return dy f'(x), from the output of the last forward."""
        return type(self).operation_backward(dy, self._remembered("_y"))


class Sigmoid(Saturating):
    """The logistic function, see `cnnlib.sigmoid`."""

    operation, operation_backward = ops.sigmoid, ops.sigmoid_gradient


class Tanh(Saturating):
    """The hyperbolic tangent, see `cnnlib.tanh`."""

    operation, operation_backward = ops.tanh, ops.tanh_gradient
