"""Testers of derivatives: the chain rule on a net of two layers, and the gradients of a convolutional layer."""

import functools
from dataclasses import dataclass

import numpy as np
import sympy

from cnnlib.claims.formula import Raised
from cnnlib.claims.tester import Tester
from cnnlib.claims.window_testers import identity
from cnnlib.ops.activations import tanh, tanh_backward
from cnnlib.ops.convolution import conv2d, conv2d_backward

# --- The chain rule -------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Net:
    """A net of two layers with one weight each: h = activation(w1 x), y = w2 h, L = (y - t)^2 / 2. All fields are SymPy's.

    h stands for the first layer's output; `layer` is what it is, `loss_of_h` the loss in terms of it, `loss` all in terms of the weights.
    """

    name: str
    layer: sympy.Expr

    x, w1, w2, t, h = sympy.symbols("x w1 w2 t h", real=True)

    @property
    def loss_of_h(self):
        """The loss as the second layer sees it."""
        return (self.w2 * self.h - self.t) ** 2 / 2

    @property
    def loss(self):
        """The loss as a function of the weights."""
        return self.loss_of_h.subs(self.h, self.layer)

    def __str__(self):
        return self.name


@functools.cache
def _net_settings():
    z = Net.w1 * Net.x
    layers = {"h = w1 x": z, "h = (w1 x)^2": z**2, "h = (w1 x)^3 + w1 x": z**3 + z}
    return [dict(net=Net(name, layer)) for name, layer in layers.items()]


def _by_difference_quotient(net):
    """dL/dw1 as the definition has it: expand L(w1 + e) - L(w1), divide by e, set e to 0."""
    e = sympy.Symbol("e")
    return sympy.cancel(sympy.expand(net.loss.subs(net.w1, net.w1 + e) - net.loss) / e).subs(e, 0)


def _same_expression(stated, true):
    if isinstance(stated, Raised) or isinstance(true, Raised):
        return False
    return sympy.expand(stated - true) == 0 or sympy.simplify(stated - true) == 0


chain_rule = Tester("dL/dw1", _net_settings, lambda net: sympy.diff(net.loss, net.w1), _by_difference_quotient, same=_same_expression)


def test_chain_rule(f, condition=None):  # noqa: PT028 (a tool, not a test of pytest)
    """Test a way to write dL/dw1 in nets of two layers against SymPy's derivative.

    f: a function of net, which has the symbols x, w1, w2, t, h and the expressions layer (what h is), loss_of_h and loss; it returns a
    SymPy expression in which h may stand. Or such an expression itself, for all nets. Letters of your own are known by their names.
    Returns a Result.
    """
    if not callable(f) and not isinstance(f, sympy.Basic):
        raise TypeError(f"the formula is of type {type(f).__name__}, and not a function or a SymPy expression. Write lambda net: ...")
    return chain_rule(lambda net: _in_letters_of(net, f if isinstance(f, sympy.Basic) else f(net)), condition)


def _in_letters_of(net, expression):
    """An expression in the net's own symbols, whatever was assumed of others with the same names, and h replaced by what it is."""
    if not isinstance(expression, sympy.Basic | int):
        raise TypeError(f"the formula gives {expression}, and not a SymPy expression")
    expression, letters = sympy.sympify(expression), {letter.name: letter for letter in (net.x, net.w1, net.w2, net.t, net.h)}
    unknown = sorted(letter.name for letter in expression.free_symbols if letter.name not in letters)
    if unknown:
        raise ValueError(f"nothing says what {', '.join(unknown)} is. Use {', '.join(letters)}")
    return expression.xreplace({letter: letters[letter.name] for letter in expression.free_symbols}).subs(net.h, net.layer)


# --- The gradients of a convolutional layer -------------------------------------------------------------------------------------------


@functools.cache
def _gradient_settings():
    rng = np.random.default_rng(41)
    settings = []
    sizes = ((1, 2, 3, 2, 2), (1, 1, 1, 3, 2), (2, 2, 2, 2, 3))
    for images, channels, maps, rows, columns in sizes:
        for activation, stride, padding in ((identity, 1, 0), (tanh, 1, 0), (identity, 2, 1), (tanh, 2, 1)):
            x, w = rng.standard_normal((images, channels, 4, 5)), rng.standard_normal((maps, channels, rows, columns))
            b = rng.standard_normal(maps)
            z = conv2d(x, w, b, stride=stride, padding=padding)
            dy, ones = rng.standard_normal(z.shape), np.ones_like(z)
            slope = ones if activation is identity else tanh_backward(ones, z)
            arrays = dict(x=x, w=w, b=b, dy=dy, y=activation(z), slope=slope)
            settings.append(dict(arrays, activation=activation, stride=stride, padding=padding))
    return settings


def _quotients(of):
    """The central difference quotients of L = sum of dy * y by every entry of the array `of`."""

    def truth(x, w, b, dy, activation, stride, padding):
        arrays = dict(x=x, w=w, b=b)
        gradient, step = np.zeros(arrays[of].shape), 1e-5
        loss = lambda: np.sum(dy * activation(conv2d(arrays["x"], arrays["w"], arrays["b"], stride=stride, padding=padding)))
        for index in np.ndindex(gradient.shape):
            value = arrays[of][index]
            arrays[of][index] = value + step
            above = loss()
            arrays[of][index] = value - step
            gradient[index] = (above - loss()) / (2 * step)
            arrays[of][index] = value
        return gradient

    return truth


def _library(of):
    place = "xwb".index(of)
    return lambda x, w, dy, slope, stride, padding: conv2d_backward(dy * slope, x, w, stride=stride, padding=padding)[place]


_GRADIENTS = {"dx": "dL/dx of a convolutional layer", "dw": "dL/dw of a convolutional layer", "db": "dL/db of a convolutional layer"}
LETTERS = {"X": "x", "W": "w", "dY": "dy", "Y": "y", "bias": "b", "sigma": "activation", "s": "stride", "p": "padding"}
gradients = {
    name: Tester(subject, _gradient_settings, _quotients(name[1]), _library(name[1]), LETTERS) for name, subject in _GRADIENTS.items()
}


def test_gradient(f, of="dx", condition=None):  # noqa: PT028 (a tool, not a test of pytest)
    """Test a formula for a gradient of a convolutional layer y = activation(conv(x, w) + b) against difference quotients.

    f: a function of any of x (N, C, H, W), w (F, C, kH, kW), b (F,), dy (the gradient of the loss by y), y, slope (activation'(z) at
    every output cell), activation, stride, padding, or by the letters X, W, bias, dY, Y, sigma, s, p; returns the gradient's array.
    of: "dx", "dw" or "db". condition: a function or SymPy relation of the same arguments that says where the formula is meant to hold.
    Returns a Result.
    """
    if of not in gradients:
        raise ValueError(f'of={of!r} is not one of "dx", "dw", "db". Write one of these.')
    return gradients[of](f, condition)


# --- Channel-last programs: conv_backward(dZ, A_prev, W, b, stride, pad) ----------------------------------------------------------------


@functools.cache
def _program_settings():
    rng = np.random.default_rng(42)
    settings = []
    for (rows, columns), stride, pad in (((2, 2), 1, 0), ((3, 3), 2, 1), ((2, 3), 1, 1)):
        a_prev, w, b = rng.standard_normal((2, 5, 6, 2)), rng.standard_normal((rows, columns, 2, 3)), rng.standard_normal((1, 1, 1, 3))
        z = conv2d(_first(a_prev), w.transpose(3, 2, 0, 1), stride=stride, padding=pad)
        settings.append(dict(dZ=rng.standard_normal(_last(z).shape), A_prev=a_prev, W=w, b=b, stride=stride, pad=pad))
    return settings


def _first(x):
    """(N, H, W, C) to (N, C, H, W)."""
    return np.ascontiguousarray(x.transpose(0, 3, 1, 2))


def _last(x):
    """(N, C, H, W) to (N, H, W, C)."""
    return np.ascontiguousarray(x.transpose(0, 2, 3, 1))


def _program_truth(dZ, A_prev, W, b, stride, pad):
    setting = dict(x=_first(A_prev), w=np.ascontiguousarray(W.transpose(3, 2, 0, 1)), b=b.ravel(), dy=_first(dZ))
    dx, dw, db = (_quotients(of)(**setting, activation=identity, stride=stride, padding=pad) for of in "xwb")
    return _last(dx), dw.transpose(2, 3, 1, 0), db.reshape(b.shape)


def _program_library(dZ, A_prev, W, b, stride, pad):
    dx, dw, db = conv2d_backward(_first(dZ), _first(A_prev), W.transpose(3, 2, 0, 1), stride=stride, padding=pad)
    return _last(dx), dw.transpose(2, 3, 1, 0), db.reshape(b.shape)


programs = Tester("the gradients that the program returns", _program_settings, _program_truth, _program_library)
