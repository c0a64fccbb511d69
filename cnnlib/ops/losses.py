"""Softmax and the losses. A loss's backward ends the chain of gradients: it needs no dy."""

import numpy as np

from cnnlib.arrays import as_array, as_upstream, check_choice, check_labels, check_number, own_dtype
from cnnlib.checks import check_integer

REDUCTIONS = ("mean", "sum", "none")


@np.errstate(all="ignore")
def softmax(x, axis=-1):
    """Turn scores into shares that are positive and add up to 1: y[i] = exp(x[i]) / sum over j of exp(x[j]).

    The largest score is subtracted first, which changes nothing but keeps exp from overflowing.

    x: floats, at least one axis. axis: the axis that adds up to 1. Returns the shape and dtype of x.
    Source: Bridle 1990, doi:10.1007/978-3-642-76153-9_28.
    """
    return _softmax(*_scores(x, axis))


@np.errstate(all="ignore")
def softmax_backward(dy, x, axis=-1):
    """dx = y (dy - sum of dy y), because dy[i] / dx[j] = y[i] ([i = j] - y[j]). dy: as x. Returns dx in the dtype of x."""
    x, axis = _scores(x, axis)
    dy = as_upstream(dy, x.shape, "softmax")
    y = _softmax(x, axis)
    return own_dtype(y * (dy - (dy * y).sum(axis=axis, keepdims=True)), x)


@np.errstate(all="ignore")
def log_softmax(x, axis=-1):
    """The logarithm of `softmax`, exact where the softmax itself underflows: y[i] = x[i] - log(sum over j of exp(x[j])).

    x: floats, at least one axis. Returns the shape and dtype of x. Source: Bridle 1990, doi:10.1007/978-3-642-76153-9_28.
    """
    return _log_softmax(*_scores(x, axis))


@np.errstate(all="ignore")
def log_softmax_backward(dy, x, axis=-1):
    """dx = dy - softmax(x) times the sum of dy. dy: as x. Returns dx in the dtype of x."""
    x, axis = _scores(x, axis)
    dy = as_upstream(dy, x.shape, "log_softmax")
    return own_dtype(dy - _softmax(x, axis) * dy.sum(axis=axis, keepdims=True), x)


def _scores(x, axis):
    x = as_array(x, "x")
    if x.ndim == 0:
        raise ValueError(f"x={x} is a single number, and a softmax needs an axis of scores. Write np.reshape(x, (1,)).")
    if check_integer(axis, "axis", -x.ndim, fitting=(None, x.ndim - 1)) >= x.ndim:
        raise ValueError(f"axis={axis} does not exist: x of shape {x.shape} has the axes 0 to {x.ndim - 1}. Write axis=-1.")
    return x, axis


def _shift(x, axis):
    return x - x.max(axis=axis, keepdims=True, initial=-np.inf)


def _softmax(x, axis):
    y = np.exp(_shift(x, axis))
    return y / y.sum(axis=axis, keepdims=True)


def _log_softmax(x, axis):
    shifted = _shift(x, axis)
    return shifted - np.log(np.exp(shifted).sum(axis=axis, keepdims=True))


@np.errstate(all="ignore")
def cross_entropy(logits, labels, *, label_smoothing=0.0, reduction="mean"):
    """The surprise about the true classes: loss[n] = -sum over k of t[n, k] log softmax(logits)[n, k].

    The target t gives the label 1 - label_smoothing, and every class, the label too, label_smoothing / K more.

    logits: (N, K). labels: N integers from 0 to K - 1. label_smoothing: from 0 to 1. reduction: "mean", "sum" or "none".
    Returns one number, or with "none" the losses (N,), in the dtype of the logits. A mean over nothing is a ValueError.
    Source: Bridle 1990; label smoothing from Szegedy et al. 2016, arXiv:1512.00567, section 7.
    """
    logits, labels, smoothing = _classification(logits, labels, label_smoothing, reduction)
    log_share = _log_softmax(logits, 1)
    losses = -log_share[np.arange(len(labels)), labels]
    if smoothing:
        losses = (1 - smoothing) * losses - smoothing * log_share.mean(axis=1)
    return {"mean": np.mean, "sum": np.sum, "none": np.asarray}[reduction](losses)


@np.errstate(all="ignore")
def cross_entropy_backward(logits, labels, *, label_smoothing=0.0, reduction="mean"):
    """The gradient by the logits: softmax(logits) - t, divided by N when the mean is taken.

    Arguments as in `cross_entropy`; with "none", row n is the gradient of loss n. Returns (N, K) in the dtype of the logits.
    Source: Bridle 1990; derived in chapter 09.
    """
    logits, labels, smoothing = _classification(logits, labels, label_smoothing, reduction)
    gradient = _softmax(logits, 1) - logits.dtype.type(smoothing / logits.shape[1])
    gradient[np.arange(len(labels)), labels] -= logits.dtype.type(1 - smoothing)
    return gradient / len(labels) if reduction == "mean" else gradient


def _classification(logits, labels, label_smoothing, reduction):
    logits = as_array(logits, "logits", "(N, K)")
    check_choice(reduction, "reduction", REDUCTIONS)
    smoothing = check_number(label_smoothing, "label_smoothing", minimum=0, example=0.1)
    if smoothing > 1:
        raise ValueError(f"label_smoothing={smoothing} is above 1: it is the share given to all classes. Write label_smoothing=0.1.")
    if logits.shape[1] == 0:
        raise ValueError(f"logits have shape {logits.shape}: no class to choose. Give logits at least one column.")
    labels = check_labels(labels, logits.shape[1], len(logits))
    if reduction == "mean" and not len(labels):
        raise ValueError('logits have 0 rows, and a mean over nothing has no value. Pass at least one row, or write reduction="sum".')
    return logits, labels, smoothing


@np.errstate(all="ignore")
def mse(prediction, target):
    """The mean squared error: the mean over all entries of (prediction - target)^2.

    prediction, target: floats of one shape. Returns one number in their common dtype. A mean over nothing is a ValueError.
    Source: Legendre 1805, the method of least squares.
    """
    prediction, target = _pairs(prediction, target)
    return np.mean((prediction - target) ** 2)


@np.errstate(all="ignore")
def mse_backward(prediction, target):
    """The gradient by the prediction: 2 (prediction - target) / number of entries, in the dtype of the prediction."""
    prediction, target = _pairs(prediction, target)
    return own_dtype(2 * (prediction - target) / prediction.size, prediction)


def _pairs(prediction, target):
    prediction, target = as_array(prediction, "prediction"), as_array(target, "target")
    if prediction.shape != target.shape:
        raise ValueError(
            f"prediction has shape {prediction.shape}, and target has shape {target.shape}: each prediction has one target. "
            f"Give target the shape {prediction.shape}."
        )
    if not prediction.size:
        raise ValueError(f"prediction has shape {prediction.shape}, and a mean over nothing has no value. Pass at least one entry.")
    return prediction, target
