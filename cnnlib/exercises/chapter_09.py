"""Programming exercises of chapter 09 on the dense layer and softmax. The truth is `cnnlib.linear_backward` and `cnnlib.softmax`."""

import numpy as np

from cnnlib.exercises.exercise import Exercise, Misconception
from cnnlib.ops.activations import sigmoid
from cnnlib.ops.dense import linear_backward
from cnnlib.ops.losses import log_softmax, softmax


def _draw_dense(rng):
    """dy, x, w of whole quarters; no two sizes are equal, so no transpose passes for its original."""
    images, features, outputs = (int(size) for size in rng.permutation(np.arange(1, 6))[:3])
    shapes = (images, outputs), (images, features), (outputs, features)
    return tuple(rng.integers(-8, 9, shape) / 4 for shape in shapes)


def _changed(dx=None, dw=None, db=None):
    """The backward pass with one of its three gradients replaced: each replacement takes dy, x, w."""

    def backward(dy, x, w):
        right = linear_backward(dy, x, w)
        return tuple(old if new is None else new(dy, x, w) for new, old in zip((dx, dw, db), right, strict=True))

    return backward


def _reordered(*places):
    """The three gradients in another order."""
    return lambda dy, x, w: tuple(linear_backward(dy, x, w)[place] for place in places)


LINEAR_BACKWARD = Exercise(
    id="linear-backward",
    chapter=9,
    title="Backward through a dense layer",
    task=(
        "y = x @ w.T + b went forward, with x (N, features) and w (outputs, features); dy (N, outputs) is the gradient of the loss by y. "
        "Return dx, dw, db, the gradients by x, w and b, each in the shape of its array."
    ),
    kind="program",
    minutes=12,
    difficulty=2,
    parameters=("dy", "x", "w"),
    parts=("dx", "dw", "db"),
    starter="def linear_backward(dy, x, w):\n    dx = ...\n    dw = ...\n    db = ...\n    return ...",
    answer=linear_backward,
    examples=(
        (np.array([[2.0]]), np.array([[3.0, 5.0]]), np.array([[7.0, -1.0]])),
        (np.array([[1.0, -2.0, 4.0]]), np.array([[3.0, 5.0]]), np.array([[1.0, 0.0], [2.0, -1.0], [0.5, 4.0]])),
        (np.array([[1.0], [10.0], [-4.0]]), np.array([[3.0, 5.0], [1.0, 0.0], [2.0, 2.0]]), np.array([[7.0, -1.0]])),
        # As many images as outputs as features: here every transpose has the right shape.
        (np.array([[1.0, 2.0], [4.0, -1.0]]), np.array([[3.0, 0.0], [1.0, 5.0]]), np.array([[2.0, 7.0], [-3.0, 1.0]])),
    ),
    draw=_draw_dense,
    hints=(
        "Section 9.2 has each gradient as one sum. Over what does each of them run: over images, or over outputs?",
        "A sum over a shared index of two arrays is a matrix product. The index that is summed must be the last of the left factor and "
        "the first of the right one; .T swaps the two.",
        "Let the shapes decide. dx is (N, features): dy is (N, outputs) and w is (outputs, features). dw is (outputs, features): which "
        "of dy and x must be transposed? db adds dy up over the images, axis 0.",
    ),
    misconceptions=(
        Misconception(
            "weights-transposed",
            "In dx you used w.T, as the forward pass does. Going back, the sum runs over the outputs, the first axis of w.",
            _changed(dx=lambda dy, x, w: dy @ w.T),
        ),
        Misconception(
            "dx-transposed",
            "Your dx is turned over: it has the shape (features, N), and x has (N, features).",
            _changed(dx=lambda dy, x, w: w.T @ dy.T),
        ),
        Misconception(
            "dw-transposed",
            "Your dw is turned over: it has the shape (features, outputs), and w has (outputs, features).",
            _changed(dw=lambda dy, x, w: x.T @ dy),
        ),
        Misconception(
            "db-not-summed",
            "The bias is one and the same for all images, so its gradients are added up over them. Your db has a row for each image.",
            _changed(db=lambda dy, x, w: dy),
        ),
        Misconception(
            "db-mean",
            "In db you took the mean over the images. If the loss is a mean, its 1/N is in dy already; here everything is added.",
            _changed(db=lambda dy, x, w: dy.mean(axis=0)),
        ),
        Misconception(
            "divided-by-n",
            "You divided dw and db by the number of images. If the loss is a mean, its 1/N is in dy already.",
            _changed(dw=lambda dy, x, w: dy.T @ x / len(x), db=lambda dy, x, w: dy.mean(axis=0)),
        ),
        Misconception(
            "everything-divided-by-n",
            "You divided all three by the number of images. If the loss is a mean, its 1/N is in dy already.",
            lambda dy, x, w: tuple(gradient / len(x) for gradient in linear_backward(dy, x, w)),
        ),
        Misconception(
            "db-one-number",
            "In db you added up all of dy. Each output has a bias of its own: add over the images alone, axis 0.",
            _changed(db=lambda dy, x, w: dy.sum()),
        ),
        Misconception(
            "db-over-outputs",
            "In db you added up along the outputs. Each output has a bias of its own; the images are what is added.",
            _changed(db=lambda dy, x, w: dy.sum(axis=1)),
        ),
        Misconception(
            "db-keeps-the-axis",
            "The numbers of db are right, but its shape is (1, outputs). A bias has the shape (outputs,).",
            _changed(db=lambda dy, x, w: dy.sum(axis=0, keepdims=True)),
        ),
        Misconception(
            "db-ones",
            "In db you gave the derivative of y by b, which is 1. The chain rule multiplies it by dy and adds up over the images.",
            _changed(db=lambda dy, x, w: np.full(len(w), float(len(x)))),
        ),
        Misconception(
            "dx-without-dy",
            "In dx you added up the weights. Each of them must be multiplied by the dy of its output first.",
            _changed(dx=lambda dy, x, w: np.broadcast_to(w.sum(axis=0), x.shape).copy()),
        ),
        Misconception(
            "dw-without-dy",
            "In dw you added up the features. Each image's features must be multiplied by its dy first.",
            _changed(dw=lambda dy, x, w: np.broadcast_to(x.sum(axis=0), w.shape).copy()),
        ),
        Misconception(
            "dw-first-image",
            "In dw only the first image takes part. All images used the same weights, so all add to their gradient.",
            _changed(dw=lambda dy, x, w: np.outer(dy[0], x[0])),
        ),
        Misconception(
            "dx-mixes-the-images",
            "In dx you added up over the images. A feature belongs to one image and hears of that one's outputs alone.",
            _changed(dx=lambda dy, x, w: np.broadcast_to((dy @ w).sum(axis=0), x.shape).copy()),
        ),
        Misconception(
            "order",
            "The gradients are right, and in another order: dx first, then dw, then db, as the arrays stand in linear(x, w, b).",
            _reordered(1, 2, 0),
        ),
        Misconception(
            "dw-first",
            "The gradients are right, but dw stands before dx. The order is that of the arrays in linear(x, w, b): dx, dw, db.",
            _reordered(1, 0, 2),
        ),
        Misconception(
            "db-before-dw",
            "dx is right; dw and db have changed places. The order is that of the arrays in linear(x, w, b): dx, dw, db.",
            _reordered(0, 2, 1),
        ),
        Misconception(
            "forward-again",
            "In dx you multiplied by x as well. y is linear in x: its derivative is the weight alone.",
            _changed(dx=lambda dy, x, w: (dy @ w) * x),
        ),
    ),
)


def _shares(powers, axis=1):
    return powers / powers.sum(axis=axis, keepdims=True)


def _shares_of_all(logits):
    """1 divided by the sum of all powers of the array, each row shifted by its own maximum."""
    return 1 / np.exp(logits - logits.max(axis=1, keepdims=True)).sum()


def _quiet(function):
    """The function without NumPy's warnings, as a reader's wrong answer would be judged."""

    def call(logits):
        with np.errstate(all="ignore"):
            return function(logits)

    return call


def _one_hot(logits):
    return np.eye(logits.shape[1])[logits.argmax(axis=1)]


def _draw_logits(rng):
    """Rows of their own heights: near 0, thousands up, thousands down; a few very wide."""
    rows, classes = int(rng.integers(1, 5)), int(rng.integers(2, 6))
    heights = rng.choice([0.0, 0.0, 3000.0, -3000.0, 5e5], (rows, 1))
    return (heights + rng.normal(0, rng.choice([1.0, 3.0, 500.0]), (rows, classes)),)


SOFTMAX = Exercise(
    id="softmax",
    chapter=9,
    title="Softmax that survives everything",
    task=(
        "logits is a float array (N, K): one row for each image, one column for each class. Return the softmax of every row, (N, K). "
        "The result must be finite, and right, for any finite logits."
    ),
    kind="program",
    minutes=10,
    difficulty=2,
    parameters=("logits",),
    starter="def softmax(logits):\n    return ...",
    answer=softmax,
    examples=(
        (np.array([[0.0, 0.0]]),),
        (np.array([[1.0, 2.0, 4.0]]),),
        (np.array([[1.0, 2.0], [3.0, -1.0], [0.0, 0.5]]),),
        (np.array([[2000.0, 2001.0, 1999.0]]),),
        (np.array([[-2000.0, -2001.0, -1999.0]]),),
        (np.array([[3000.0, 3001.0], [-3000.0, -3001.0], [0.0, 0.25]]),),
        (np.array([[800.0, 0.0, -800.0]]),),
        (np.array([[5.0]]),),
        (np.array([[1e300, -1e300]]),),
    ),
    draw=_draw_logits,
    hints=(
        "Begin with the formula: np.exp, and a sum along each row. keepdims=True keeps the sum a column, so that it divides its row.",
        "np.exp(1000) is infinite. Softmax does not change when a number is subtracted from the whole row. Which number leaves no power "
        "that is too large, whatever the row?",
        "Subtract each row's own maximum: logits.max(axis=1, keepdims=True). Then the largest power is exp(0) = 1.",
    ),
    misconceptions=(
        Misconception(
            "naive",
            "For large logits the powers overflow, and infinity divided by infinity is nan. For very negative ones all powers are 0. "
            "Use the freedom that shifts do not count.",
            _quiet(lambda logits: _shares(np.exp(logits))),
        ),
        Misconception(
            "nan-replaced",
            "You replaced the nan by 0. Then the rows do not add up to 1 any more; the true values exist, and a shift finds them.",
            _quiet(lambda logits: np.nan_to_num(_shares(np.exp(logits)), posinf=0.0)),
        ),
        Misconception(
            "one-maximum-for-all",
            "You subtracted the largest number of all. A row far below it becomes 0 divided by 0. Each row has its own maximum.",
            _quiet(lambda logits: _shares(np.exp(logits - logits.max()))),
        ),
        Misconception(
            "maximum-of-the-column",
            "You subtracted each column's maximum. That takes different numbers from the logits of one row, and its ratios change.",
            _quiet(lambda logits: _shares(np.exp(logits - logits.max(axis=0)))),
        ),
        Misconception(
            "mean-subtracted",
            "You subtracted the mean of each row. If one logit stands far above it, its power still overflows.",
            _quiet(lambda logits: _shares(np.exp(logits - logits.mean(axis=1, keepdims=True)))),
        ),
        Misconception(
            "minimum-subtracted",
            "You subtracted the smallest logit. Then the largest is far above 0, and its power overflows.",
            _quiet(lambda logits: _shares(np.exp(logits - logits.min(axis=1, keepdims=True)))),
        ),
        Misconception(
            "divided-by-the-maximum",
            "You divided by the maximum to keep the powers small. Softmax allows shifts, not scaling: the ratios of the powers change.",
            _quiet(lambda logits: _shares(np.exp(logits / np.abs(logits).max(axis=1, keepdims=True)))),
        ),
        Misconception(
            "clipped",
            "You clipped the logits. Two different logits above the limit then get the same probability.",
            _quiet(lambda logits: _shares(np.exp(np.clip(logits, -700, 700)))),
        ),
        Misconception(
            "columns",
            "Your columns add up to 1. Each image has its own probabilities: normalise along the classes, axis 1.",
            _quiet(lambda logits: _shares(np.exp(logits - logits.max(axis=0)), axis=0)),
        ),
        Misconception(
            "whole-array",
            "All your numbers together add up to 1. Each row should.",
            _quiet(lambda logits: np.exp(logits - logits.max()) / np.exp(logits - logits.max()).sum()),
        ),
        Misconception(
            "divided-by-one-sum",
            "You divided all powers by the sum of the whole array. Each row has a sum of its own: axis=1, keepdims=True.",
            _quiet(lambda logits: np.exp(logits - logits.max(axis=1, keepdims=True)) * _shares_of_all(logits)),
        ),
        Misconception(
            "not-normalised",
            "Those are the powers. They are not probabilities yet: divide each row by its sum.",
            _quiet(lambda logits: np.exp(logits - logits.max(axis=1, keepdims=True))),
        ),
        Misconception(
            "no-exponential",
            "You divided the logits by their sum. Logits may be negative, and then so are your probabilities. The exponential comes first.",
            _quiet(_shares),
        ),
        Misconception(
            "powers-of-two",
            "You took powers of 2 in place of powers of e. It is a softmax at another temperature.",
            _quiet(lambda logits: _shares(np.exp2(logits - logits.max(axis=1, keepdims=True)))),
        ),
        Misconception(
            "sigmoid",
            "You took the sigmoid of each logit by itself. Probabilities of one row must know of each other, to add up to 1.",
            sigmoid,
        ),
        Misconception("log-softmax", "Those are the logarithms of the probabilities.", lambda logits: log_softmax(logits, 1)),
        Misconception("argmax", "You gave everything to the largest logit. That is softmax at temperature 0.", _one_hot),
        Misconception(
            "sign",
            "Your largest probability belongs to the smallest logit.",
            _quiet(lambda logits: _shares(np.exp(logits.min(axis=1, keepdims=True) - logits))),
        ),
    ),
)

EXERCISES = (LINEAR_BACKWARD, SOFTMAX)
