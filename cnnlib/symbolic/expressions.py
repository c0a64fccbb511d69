"""Symbol arrays, the operations that are not linear written for them, and derivatives to compare with the library's backward passes.

Linear operations need nothing from here: object arrays of SymPy expressions pass through the library's own functions.
"""

from dataclasses import dataclass

import numpy as np
import sympy

from cnnlib.geometry import AXES, Window, check_integer

PYTORCH_SLOPE = sympy.Rational(1, 100)


def symbol_array(name, shape):
    """An object array of real symbols name_0_0, name_0_1, ... in the given shape (an int or a tuple)."""
    shape = (shape,) if isinstance(shape, (int, np.integer)) else tuple(shape)
    shape = tuple(check_integer(size, "shape", 0) for size in shape)
    array = np.empty(shape, dtype=object)
    for index in np.ndindex(shape):
        array[index] = sympy.Symbol("_".join([name, *map(str, index)]), real=True)
    return array


def _entrywise(expression):
    """Make a function of one SymPy expression into a function of arrays of them."""

    def apply(x, **options):
        x = np.asarray(x, dtype=object)
        result = np.empty(x.shape, dtype=object)
        for index in np.ndindex(x.shape):
            result[index] = expression(sympy.sympify(x[index]), **options)
        return result

    apply.__name__ = expression.__name__
    apply.__doc__ = expression.__doc__
    return apply


@_entrywise
def relu(x):
    """max(0, x), with the slope 0 at the kink: the branch for x > 0 does not contain 0."""
    return sympy.Piecewise((x, x > 0), (0, True))


@_entrywise
def leaky_relu(x, negative_slope=PYTORCH_SLOPE):
    """x where positive, negative_slope x elsewhere."""
    return sympy.Piecewise((x, x > 0), (negative_slope * x, True))


@_entrywise
def elu(x, alpha=1):
    """x where positive, alpha (exp(x) - 1) elsewhere."""
    return sympy.Piecewise((x, x > 0), (alpha * (sympy.exp(x) - 1), True))


@_entrywise
def gelu(x, approximate="none"):
    """x times the normal distribution function of x; approximate="tanh" replaces that by a hyperbolic tangent."""
    if approximate == "tanh":
        return x / 2 * (1 + sympy.tanh(sympy.sqrt(2 / sympy.pi) * (x + sympy.Rational(44715, 10**6) * x**3)))
    return x / 2 * (1 + sympy.erf(x / sympy.sqrt(2)))


@_entrywise
def sigmoid(x):
    """1 / (1 + exp(-x))."""
    return 1 / (1 + sympy.exp(-x))


@_entrywise
def silu(x):
    """x / (1 + exp(-x))."""
    return x / (1 + sympy.exp(-x))


@_entrywise
def softplus(x, beta=1):
    """log(1 + exp(beta x)) / beta."""
    return sympy.log(1 + sympy.exp(beta * x)) / beta


@_entrywise
def tanh(x):
    """The hyperbolic tangent."""
    return sympy.tanh(x)


def softmax(x, axis=-1):
    """exp(x_i) / sum over j of exp(x_j) along an axis."""
    powers = _entrywise(sympy.exp)(x)
    return powers / powers.sum(axis=axis, keepdims=True)


def log_softmax(x, axis=-1):
    """x_i - log of the sum over j of exp(x_j) along an axis."""
    x = np.asarray(x, dtype=object)
    return x - _entrywise(sympy.log)(_entrywise(sympy.exp)(x).sum(axis=axis, keepdims=True))


def cross_entropy(logits, labels):
    """The mean over the rows of -log softmax at the label."""
    chosen = log_softmax(logits)[np.arange(len(logits)), np.asarray(labels)]
    return -chosen.sum() / sympy.Integer(len(logits))


def first_maximum(values):
    """The maximum as a sum of the values, each times 1 where it beats all before it and no later one beats it, and 0 elsewhere.

    Its derivative flows to the first of equal values. (One Piecewise with a branch per value would say the same; SymPy's derivative of
    it merges branches with equal values, which takes exponentially long.)
    """
    terms = []
    for number, value in enumerate(values):
        wins = [value > earlier for earlier in values[:number]] + [value >= later for later in values[number + 1 :]]
        terms.append(value * sympy.Piecewise((1, sympy.And(*wins)), (0, True)))
    return sympy.Add(*terms)


def max_pool2d(x, kernel_size, *, stride=None, padding=0):
    """The maximum of each window, as a Piecewise; padding is never a maximum."""
    stride = kernel_size if stride is None else stride
    windows = [Window.fit(n, kernel_size, stride, padding, axis=axis) for axis, n in zip(AXES, x.shape[2:], strict=True)]
    y = np.empty((*x.shape[:2], windows[0].count, windows[1].count), dtype=object)
    for n, c, i, j in np.ndindex(y.shape):
        cells = [x[n, c, row, column] for row in windows[0].inside(i) for column in windows[1].inside(j)]
        y[n, c, i, j] = first_maximum(cells)
    return y


def batch_norm2d(x, gamma, beta, *, eps):
    """Normalise every channel by the mean and the biased variance of the batch, then scale and shift."""
    count = sympy.Integer(x.shape[0] * x.shape[2] * x.shape[3])
    mean = x.sum(axis=(0, 2, 3), keepdims=True) / count
    variance = ((x - mean) ** 2).sum(axis=(0, 2, 3), keepdims=True) / count
    root = _entrywise(sympy.sqrt)(variance + eps)
    return gamma[:, None, None] * (x - mean) / root + beta[:, None, None]


def differentiate(y, dy, x, values=None):
    """The gradient of sum(dy * y) by every entry of x, by `sympy.diff`: what a backward pass must return for x.

    With values, {symbol: number}, every derivative is evaluated there as soon as it is made; large Piecewise sums need that.
    """
    gradient = np.full(x.shape, sympy.Integer(0), dtype=object)
    places = {letter: index for index, letter in np.ndenumerate(x)}
    for upstream, cell in zip(np.asarray(dy, dtype=object).flat, np.asarray(y, dtype=object).flat, strict=True):
        for letter in sympy.sympify(cell).free_symbols & places.keys():
            slope = sympy.diff(cell, letter)
            gradient[places[letter]] += upstream * (slope if values is None else slope.xreplace(values))
    return gradient


@dataclass(frozen=True)
class Proof:
    """Derivatives compared: how many entries, and the names of those that differ. True where none does.

    exact: whether the others agree exactly, or to 1e-12 because floating-point numbers cannot hold the truth.
    """

    operation: str
    entries: int
    wrong: tuple
    exact: bool = True

    def __bool__(self):
        return self.entries > 0 and not self.wrong

    def __repr__(self):
        agree = self.entries - len(self.wrong)
        tail = f"; the first that differs: {self.wrong[0]}" if self.wrong else ""
        return f"{self.operation}: {agree} of {self.entries} derivatives agree {'exactly' if self.exact else 'to 1e-12'}{tail}"


def prove(op, backward, shapes, **options):
    """Feed symbols through a linear operation of the library and its backward; compare the latter with `sympy.diff`, exactly.

    shapes: {name: shape} of the arrays of `op`, in order; a bias called "b" takes part in `op` and not in `backward`.
    Returns a Proof. No entry is compared by sampling: a difference must expand to 0.
    """
    arrays = {name: symbol_array(name, shape) for name, shape in shapes.items()}
    y = op(*arrays.values(), **options)
    dy = symbol_array("dy", y.shape)
    passed = [array for name, array in arrays.items() if name != "b"]
    found = backward(dy, *passed, **options)
    found = found if isinstance(found, tuple) else (found,)
    wrong, entries = [], 0
    for (name, array), gradient in zip(arrays.items(), found, strict=False):
        truth = differentiate(y, dy, array)
        for index in np.ndindex(array.shape):
            entries += 1
            if sympy.expand(truth[index] - gradient[index]) != 0:
                wrong.append(f"d{name}[{', '.join(map(str, index))}]")
    return Proof(op.__name__, entries, tuple(wrong))


def prove_at(symbolic_op, backward, arrays, **options):
    """Differentiate the symbolic form of an operation that is not linear, insert numbers, and compare with the library's backward there.

    arrays: {name: array of rationals that floats represent exactly}. Piecewise linear operations agree exactly, others to 1e-12.
    Returns a Proof over all entries of all arrays.
    """
    numbers = {name: np.asarray(array, dtype=float) for name, array in arrays.items()}
    letters = {name: symbol_array(name, array.shape) for name, array in numbers.items()}
    values = {
        letter: sympy.Rational(float(v)) for name in letters for letter, v in zip(letters[name].flat, numbers[name].flat, strict=True)
    }
    y = symbolic_op(*letters.values(), **options)
    dy = np.random.default_rng(0).integers(-8, 9, y.shape) / 4
    exact_dy = np.vectorize(lambda value: sympy.Rational(float(value)), otypes=[object])(dy)
    found = backward(dy, *numbers.values(), **{name: float(v) if isinstance(v, sympy.Rational) else v for name, v in options.items()})
    found = found if isinstance(found, tuple) else (found,)
    wrong, entries, exactly = [], 0, True
    for (name, array), gradient in zip(letters.items(), found, strict=True):
        truth = differentiate(y, exact_dy, array, values)
        for index in np.ndindex(array.shape):
            entries += 1
            exact = sympy.N(truth[index], 30)
            if abs(exact - sympy.Float(float(gradient[index]), 30)) > 1e-12 * max(1, abs(exact)):
                wrong.append(f"d{name}[{', '.join(map(str, index))}]")
            else:
                exactly = exactly and truth[index] == sympy.Rational(float(gradient[index]))
    return Proof(symbolic_op.__name__, entries, tuple(wrong), exactly)
