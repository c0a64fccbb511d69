"""Programming exercises of chapter 12, Checking gradients: a checker that must catch given wrong gradients, and the dot-product test."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from cnnlib.exercises.exercise import Exercise, Misconception
from cnnlib.ops.activations import relu, relu_backward
from cnnlib.ops.convolution import conv2d, conv2d_backward
from cnnlib.ops.losses import softmax, softmax_backward


@dataclass(frozen=True)
class Operation:
    """An operation of one array under a name that a verdict can show; right is its true backward, which the truth is made of."""

    name: str
    function: Callable
    right: Callable = None

    def __call__(self, x):
        return self.function(x)

    def __repr__(self):
        return f"<{self.name}>"


@dataclass(frozen=True)
class Backward:
    """A backward pass, right or wrong, under a name; `linear` ones take dy alone."""

    name: str
    function: Callable

    def __call__(self, *arrays):
        return self.function(*arrays)

    def __repr__(self):
        return f"<{self.name}>"


# A gradient checker

_KERNEL = np.array([[[[1.0, 2, 0], [0, -1, 3], [1, 0, -2]]]])


def _conv_back(dy, x, kernel=_KERNEL):
    return conv2d_backward(dy, x, kernel, padding=(1, 0))[0]


def _last_entry_off(backward):
    def spoilt(dy, x):
        dx = np.array(backward(dy, x))
        dx[(-1,) * dx.ndim] += 0.01 * np.abs(dx).max()
        return dx

    return spoilt


_OPERATIONS = {
    "square": (lambda x: x**2, lambda dy, x: 2 * x * dy),
    "steep exponential": (lambda x: np.exp(4 * x), lambda dy, x: 4 * np.exp(4 * x) * dy),
    "relu": (relu, relu_backward),
    "softmax": (softmax, softmax_backward),
    "3 by 3 convolution": (lambda x: conv2d(x, _KERNEL, padding=(1, 0)), _conv_back),
    "nothing": (lambda x: 0 * x, lambda dy, x: 0 * x),
}
_WRONG = {
    "square": (("2 x alone", lambda dy, x: 2 * x), ("factor 2 forgotten", lambda dy, x: x * dy)),
    "steep exponential": (("factor 4 forgotten", lambda dy, x: np.exp(4 * x) * dy), ("sign", lambda dy, x: -4 * np.exp(4 * x) * dy)),
    "relu": (("mask from dy", lambda dy, x: dy * (dy > 0)), ("no mask", lambda dy, x: dy + 0)),
    "softmax": (("zeros", lambda dy, x: 0 * x), ("diagonal alone", lambda dy, x: softmax(x) * (1 - softmax(x)) * dy)),
    "3 by 3 convolution": (
        ("kernel not rotated", lambda dy, x: _conv_back(dy, x, _KERNEL[..., ::-1, ::-1])),
        ("twice", lambda dy, x: 2 * _conv_back(dy, x)),
    ),
    "nothing": (("dy", lambda dy, x: dy + 0),),
}
_OPERATION = {name: Operation(name, function, right) for name, (function, right) in _OPERATIONS.items()}


def _pairs(name):
    """An operation with all its backward passes: the right one, one with a single entry a little off, and the wrong ones."""
    operation = _OPERATION[name]
    right = Backward(f"backward of {name}", operation.right)
    slightly = () if name == "nothing" else (Backward(f"backward of {name}, one entry off", _last_entry_off(operation.right)),)
    return [(operation, each) for each in (right, *slightly, *(Backward(*wrong) for wrong in _WRONG[name]))]


def _case(operation, backward, rng):
    shape = (1, 1, 3, 4) if "convolution" in operation.name else (2, 3)
    x = rng.uniform(0.1, 1.2, shape) * rng.choice((-1, 1), shape)  # away from the kink of ReLU
    return operation, backward, x, rng.normal(size=operation(x).shape)


def _draw_check(rng):
    choices = [pair for name in _OPERATION for pair in _pairs(name)]
    return _case(*choices[int(rng.integers(len(choices)))], rng)


def _relative(got, wanted):
    """The largest difference, divided by the largest entry of either."""
    scale = max(np.abs(got).max(), np.abs(wanted).max())
    return float(np.abs(got - wanted).max() / scale) if scale else 0.0


def _truth(f, backward, x, dy):
    return _relative(backward(dy, x), f.right(dy, x))


def _quotients(f, x, dy, h=1e-5, *, back=True, divisor=None):
    """The gradient of the sum of dy f(x), entry by entry, by central or forward differences."""
    numeric = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        above, below = x.copy(), x.copy()
        above[index] += h
        below[index] -= h if back else 0
        numeric[index] = np.sum(dy * (f(above) - f(below))) / (divisor or h * (1 + back))
    return numeric


def _judged(measure, **options):
    """A wrong checker: right quotients, compared by `measure`."""
    return lambda f, backward, x, dy: measure(np.asarray(backward(dy, x)), _quotients(f, x, dy, **options))


def _divided(error, scale):
    return float(error / scale) if scale else 0.0


def _own_denominators(got, wanted):
    scale = np.maximum(np.abs(got), np.abs(wanted))
    return float(np.max(np.abs(got - wanted) / np.where(scale, scale, 1)))


def _ones_upstream(f, backward, x, dy):
    return _relative(backward(np.ones_like(dy), x), _quotients(f, x, np.ones_like(dy)))


def _all_at_once(f, backward, x, dy, h=1e-5):
    rise = np.sum(dy * (f(x + h) - f(x - h))) / (2 * h)
    return _relative(np.sum(backward(dy, x)), rise)


_fixed = np.random.default_rng(12)
GRADIENT_ERROR = Exercise(
    id="gradient-error",
    chapter=12,
    title="A gradient checker",
    task=(
        "f takes an array x and returns an array; backward(dy, x) claims to return the gradient of L = sum of dy f(x). Compare it with "
        "central differences of L, entry by entry. Return the largest difference of any entry, divided by the largest size of any entry of "
        "the two gradients; if both are 0 throughout, return 0. Right backward passes must come out below 1e-6."
    ),
    kind="program",
    minutes=20,
    difficulty=2,
    parameters=("f", "backward", "x", "dy"),
    starter="def gradient_error(f, backward, x, dy):\n    return ...",
    answer=_truth,
    examples=tuple(_case(*pair, _fixed) for name in _OPERATION for pair in _pairs(name)),
    draw=_draw_check,
    draws=10,
    rtol=1e-5,
    atol=1e-6,
    seconds=10.0,
    hints=(
        "Two loops' worth of work: for every index of x, a copy of x with that entry moved up by h, and one with it moved down.",
        "`for index in np.ndindex(x.shape)` walks through all entries, whatever the shape. L is a single number: np.sum(dy * f(...)).",
        "numeric[index] = np.sum(dy * (f(above) - f(below))) / (2 * h), with h about 1e-5. Then compare numeric with backward(dy, x).",
    ),
    misconceptions=(
        Misconception(
            "ones-upstream",
            "You replaced dy by ones. Then errors that cancel in a sum stay hidden: of softmax, everything does.",
            _ones_upstream,
        ),
        Misconception(
            "dy-forgotten",
            "Your quotient is that of the sum of f(x). The gradient that is checked belongs to the sum of dy f(x).",
            lambda f, backward, x, dy: _relative(backward(dy, x), _quotients(f, x, np.ones_like(dy))),
        ),
        Misconception(
            "divided-by-h",
            "Right gradients come out with an error of one half: x + h and x - h stand 2 h apart.",
            _judged(_relative, divisor=1e-5),
        ),
        Misconception(
            "one-entry",
            "You compare the first entry alone. A fault in another entry goes unseen.",
            _judged(lambda got, wanted: _divided(abs(got - wanted).flat[0], max(abs(got).max(), abs(wanted).max()))),
        ),
        Misconception(
            "mean",
            "You average the errors of the entries. One wrong entry among many right ones drowns; take the largest.",
            _judged(lambda got, wanted: _divided(np.abs(got - wanted).mean(), max(abs(got).max(), abs(wanted).max()))),
        ),
        Misconception(
            "absolute",
            "That is the absolute error. Whether 1e-4 is much depends on the size of the gradient: divide.",
            _judged(lambda got, wanted: float(np.abs(got - wanted).max())),
        ),
        Misconception(
            "signed",
            "Errors downwards count too: take the absolute value before the maximum.",
            _judged(lambda got, wanted: _divided(np.max(got - wanted), max(abs(got).max(), abs(wanted).max()))),
        ),
        Misconception(
            "own-denominators",
            "You divide each entry's error by that entry's own size. Asked for is one denominator for the whole array.",
            _judged(_own_denominators),
        ),
        Misconception(
            "added-own-sizes",
            "You divide each entry's error by |a| + |n| of that entry. Asked for is one denominator for the whole array: its largest.",
            _judged(lambda got, wanted: float(np.max(np.abs(got - wanted) / np.maximum(np.abs(got) + np.abs(wanted), 1e-8)))),
        ),
        Misconception(
            "added-sizes",
            "You add the sizes of the two gradients. Then no error can come out above 1; divide by the larger of the two.",
            _judged(lambda got, wanted: _divided(np.abs(got - wanted).max(), np.abs(got).max() + np.abs(wanted).max())),
        ),
        Misconception(
            "size-of-the-suspect",
            "You divide by the size of the gradient under test alone. It may be the wrong one: take the larger of the two.",
            _judged(lambda got, wanted: _divided(np.abs(got - wanted).max(), np.abs(got).max())),
        ),
        Misconception(
            "size-of-the-quotients",
            "You divide by the size of the quotients alone. Take the larger of the two gradients.",
            _judged(lambda got, wanted: _divided(np.abs(got - wanted).max(), np.abs(wanted).max())),
        ),
        Misconception(
            "zero-over-zero",
            "Where both gradients are 0 throughout, you divide 0 by 0. Nothing differs there: return 0.",
            _judged(lambda got, wanted: _relative(got, wanted) if got.any() or wanted.any() else np.nan),
        ),
        Misconception(
            "norms",
            "You compare lengths of whole gradients. Asked for is the worst single entry.",
            _judged(lambda got, wanted: _divided(np.linalg.norm(got - wanted), np.linalg.norm(got) + np.linalg.norm(wanted))),
        ),
        Misconception(
            "forward-difference",
            "Right gradients of curved functions come out with an error near a thousandth: a forward difference with a large step.",
            _judged(_relative, h=1e-3, back=False),
        ),
        Misconception(
            "all-at-once",
            "You moved all entries together. That checks the sum of the gradient, and not its entries.",
            _all_at_once,
        ),
        Misconception(
            "one-array-twice",
            "Both of your values of f belong to the same array, so all quotients are 0. `above = x` is no copy: write `above = x.copy()`.",
            lambda f, backward, x, dy: _relative(backward(dy, x), np.zeros(x.shape)),
        ),
    ),
)

EXERCISES = (GRADIENT_ERROR,)
