"""A programming exercise of chapter 12, Checking gradients: the dot-product test of a linear map and its claimed transpose."""

import numpy as np

from cnnlib.exercises.chapter_12 import Backward, Operation
from cnnlib.exercises.exercise import Exercise, Misconception
from cnnlib.ops.convolution import conv2d, conv2d_backward
from cnnlib.ops.pooling import avg_pool2d, avg_pool2d_backward

_KERNEL = np.array([[[[1.0, 2], [0, -1], [3, 1]]]])
_IMAGE = (1, 1, 5, 6)


def _conv_back(dy, kernel=_KERNEL, **options):
    return conv2d_backward(dy, np.zeros(_IMAGE), kernel, **options)[0]


def _stride_ignored(dy):
    """The values of dy in the top left corner of a stride-1 output."""
    wide = np.zeros(conv2d(np.zeros(_IMAGE), _KERNEL).shape)
    wide[..., : dy.shape[2], : dy.shape[3]] = dy
    return _conv_back(wide)


def _slopes_back(dy):
    return np.concatenate([[-dy[0]], dy[:-1] - dy[1:], [dy[-1]]])


# name: (shape of x, linear map, its transpose, wrong transposes)
_MAPS = {
    "convolution": (
        _IMAGE,
        lambda x: conv2d(x, _KERNEL),
        _conv_back,
        {"kernel not rotated": lambda dy: _conv_back(dy, _KERNEL[..., ::-1, ::-1]), "half of it": lambda dy: _conv_back(dy) / 2},
    ),
    "convolution, stride 2": (
        _IMAGE,
        lambda x: conv2d(x, _KERNEL, stride=2),
        lambda dy: _conv_back(dy, stride=2),
        {"stride ignored": _stride_ignored},
    ),
    "average pooling": (
        _IMAGE,
        lambda x: avg_pool2d(x, 3, stride=2),
        lambda dy: avg_pool2d_backward(dy, np.zeros(_IMAGE), 3, stride=2),
        {"not divided": lambda dy: 9 * avg_pool2d_backward(dy, np.zeros(_IMAGE), 3, stride=2)},
    ),
    "differences of neighbours": (
        (7,),
        np.diff,
        _slopes_back,
        {"sign": lambda dy: -_slopes_back(dy), "ends forgotten": lambda dy: np.pad(_slopes_back(dy)[1:-1], 1)},
    ),
}
_PAIRS = [
    (shape, Operation(name, forward), Backward(label, function))
    for name, (shape, forward, right, wrong) in _MAPS.items()
    for label, function in ({f"transpose of {name}": right} | wrong).items()
]


def _case(shape, forward, backward, rng):
    x = rng.normal(size=shape)
    return forward, backward, x, rng.normal(size=np.shape(forward(x)))


def _sides(forward, backward, x, dy):
    return float(np.sum(dy * forward(x))), float(np.sum(backward(dy) * x))


def _gap(left, right):
    return abs(left - right) / (abs(left) + abs(right))


def _measured(measure):
    """A wrong answer that measures the two right sides in another way."""
    return lambda *case: float(measure(*_sides(*case)))


_fixed = np.random.default_rng(1992)
DOT_PRODUCT_GAP = Exercise(
    id="dot-product-gap",
    chapter=12,
    title="The dot-product test",
    task=(
        "forward(x) is a linear map of an array. backward(dy) claims to be its transpose. Compute the two sides <dy, forward(x)> and "
        "<backward(dy), x>, where <a, b> is the sum of a b over all entries. Return |left - right| / (|left| + |right|)."
    ),
    kind="program",
    minutes=8,
    difficulty=1,
    parameters=("forward", "backward", "x", "dy"),
    starter="def dot_product_gap(forward, backward, x, dy):\n    return ...",
    answer=lambda *case: _gap(*_sides(*case)),
    examples=tuple(_case(*pair, _fixed) for pair in _PAIRS),
    draw=lambda rng: _case(*_PAIRS[int(rng.integers(len(_PAIRS)))], rng),
    hints=(
        "Which array has the shape of x, and which the shape of dy? Only arrays of one shape can be multiplied.",
        "forward(x) has the shape of dy, and backward(dy) that of x. np.sum(a * b) is the dot product, whatever the shape.",
        "left = np.sum(dy * forward(x)); right = np.sum(backward(dy) * x).",
    ),
    misconceptions=(
        Misconception(
            "not-divided",
            "Divide by |left| + |right|: otherwise large arrays fail and small ones pass.",
            _measured(lambda a, b: abs(a - b)),
        ),
        Misconception("signed", "Take the absolute value of the difference.", _measured(lambda a, b: (a - b) / (abs(a) + abs(b)))),
        Misconception(
            "sizes-forgotten",
            "|left + right| is small when the two sides have opposite signs. Add their absolute values.",
            _measured(lambda a, b: abs(a - b) / abs(a + b)),
        ),
        Misconception(
            "larger-one",
            "You divide by the larger side. Asked for is the sum of both.",
            _measured(lambda a, b: abs(a - b) / max(abs(a), abs(b))),
        ),
        Misconception("left-alone", "You divide by the left side alone.", _measured(lambda a, b: abs(a - b) / abs(a))),
        Misconception("right-alone", "You divide by the right side alone.", _measured(lambda a, b: abs(a - b) / abs(b))),
        Misconception(
            "truth-value",
            "You return whether the two sides agree. Asked for is a number: how far they are apart, divided by their sizes.",
            lambda *case: _gap(*_sides(*case)) < 1e-9,
        ),
        Misconception(
            "sizes-compared", "Two sides of opposite signs are not alike. Subtract first.", _measured(lambda a, b: _gap(abs(a), abs(b)))
        ),
        Misconception(
            "sums",
            "You compare sums of results, as if x and dy were ones. They belong in the dot products.",
            lambda forward, backward, x, dy: _gap(float(np.sum(forward(x))), float(np.sum(backward(dy)))),
        ),
        Misconception(
            "norms",
            "A map and its transpose do not give results of the same length. Each result meets the other's argument.",
            lambda forward, backward, x, dy: _gap(float(np.sum(forward(x) ** 2)), float(np.sum(backward(dy) ** 2))),
        ),
        Misconception(
            "means",
            "You took means. The two sides have different numbers of entries: add up.",
            lambda forward, backward, x, dy: _gap(float(np.mean(dy * forward(x))), float(np.mean(backward(dy) * x))),
        ),
        Misconception("passed", "You return 0 whatever the two sides are.", lambda *case: 0.0),
    ),
)

EXERCISES = (DOT_PRODUCT_GAP,)
