"""Batch normalisation and dropout."""

import numpy as np

from cnnlib.arrays import IMAGES, as_array, as_upstream, check_cells, check_fraction, check_number, common_dtype, exact, own_dtype, to_numpy


@np.errstate(all="ignore")
def batch_norm2d(x, gamma, beta, *, eps=1e-5):
    """Give every channel mean 0 and variance 1 over the batch, then scale and shift it.

    y = gamma (x - mean) / sqrt(variance + eps) + beta, with the mean and the biased variance of each channel over N, H and W.

    x: (N, C, H, W). gamma, beta: (C,). eps: a number above 0. Returns the shape of x, in the common dtype of the arrays.
    Raises ValueError where a channel has a single value, which equals its mean. Evaluation with running statistics is `normalize2d`.
    Source: Ioffe and Szegedy 2015, arXiv:1502.03167.
    """
    x, gamma, beta, eps = _inputs(x, gamma, beta, eps)
    mean, variance = batch_statistics(x)
    return normalize2d(x, gamma, beta, mean, variance, eps=eps)


@np.errstate(all="ignore")
def batch_norm2d_backward(dy, x, gamma, beta, *, eps=1e-5):
    """Carry dy back through the mean and the variance too, with z = (x - mean) / sqrt(variance + eps).

    dgamma = sum of dy z, dbeta = sum of dy, dx = gamma / sqrt(variance + eps) (dy - mean of dy - z times the mean of dy z).

    dy: as y. x, gamma, beta and eps as in `batch_norm2d`. Returns dx, dgamma, dbeta, each in the dtype of its own array.
    Source: Ioffe and Szegedy 2015, arXiv:1502.03167; derived in chapter 15.
    """
    x, gamma, beta, eps = _inputs(x, gamma, beta, eps)
    mean, variance = batch_statistics(x)
    dx, dgamma, dbeta = _gradients(dy, x, gamma, beta, mean, variance, eps)
    if x.size:
        z = _standardized(x, mean, variance, eps)
        number = x.size // x.shape[1]
        drift = (_by_channel(dbeta) + z * _by_channel(dgamma)) / number
        dx = dx - _by_channel(gamma / np.sqrt(variance + eps)) * drift
    return own_dtype(dx, x), own_dtype(dgamma, gamma), own_dtype(dbeta, beta)


def batch_statistics(x):
    """The mean and the biased variance of each channel over N, H and W: two arrays (C,). An empty batch has mean 0 and variance 0."""
    if not x.size:
        return np.zeros((2, x.shape[1]), dtype=x.dtype)
    mean = x.mean(axis=(0, 2, 3))
    return mean, np.square(x - _by_channel(mean)).mean(axis=(0, 2, 3))


@np.errstate(all="ignore")
def updated_statistics(mean, variance, x, momentum):
    """Move a running mean and variance (C,) by `momentum` towards those of the batch x; the running variance is the unbiased one.

    Returns two new arrays in the dtypes of the old. An empty batch moves nothing.
    """
    if not x.size:
        return mean, variance
    batch_mean, batch_variance = batch_statistics(x)
    number = x.size // x.shape[1]
    unbiased = batch_variance * (number / (number - 1))
    return own_dtype((1 - momentum) * mean + momentum * batch_mean, mean), own_dtype(
        (1 - momentum) * variance + momentum * unbiased, variance
    )


@np.errstate(all="ignore")
def normalize2d(x, gamma, beta, mean, variance, *, eps=1e-5):
    """Normalise every channel with a given mean and variance (C,), such as the running ones; all arrays checked by the caller."""
    return _standardized(x, mean, variance, eps) * _by_channel(gamma) + _by_channel(beta)


@np.errstate(all="ignore")
def normalize2d_backward(dy, x, gamma, beta, mean, variance, *, eps=1e-5):
    """The gradients of `normalize2d`: dx = dy gamma / sqrt(variance + eps), dgamma = sum of dy z, dbeta = sum of dy."""
    dx, dgamma, dbeta = _gradients(dy, x, gamma, beta, mean, variance, eps)
    return own_dtype(dx, x), own_dtype(dgamma, gamma), own_dtype(dbeta, beta)


def _gradients(dy, x, gamma, beta, mean, variance, eps):
    dy = as_upstream(dy, x.shape, "batch_norm2d")
    dy = dy.astype(common_dtype(dy, x, gamma, beta), copy=False)
    dgamma = (dy * _standardized(x, mean, variance, eps)).sum(axis=(0, 2, 3))
    return dy * _by_channel(gamma / np.sqrt(variance + eps)), dgamma, dy.sum(axis=(0, 2, 3))


def _standardized(x, mean, variance, eps):
    return (x - _by_channel(mean)) / _by_channel(np.sqrt(variance + eps))


def _by_channel(values):
    return values[:, None, None]


def _inputs(x, gamma, beta, eps):
    x = as_array(x, "x", IMAGES)
    check_cells(x.shape[2:])
    channels = x.shape[1]
    gamma, beta = as_array(gamma, "gamma"), as_array(beta, "beta")
    for name, array in (("gamma", gamma), ("beta", beta)):
        if array.shape != (channels,):
            raise ValueError(f"{name} has shape {array.shape}, and x has {channels} channels. Give {name} the shape ({channels},).")
    if x.size and x.size == channels:
        raise ValueError(
            f"x of shape {x.shape} has one value in each channel, and a single value has no spread to normalise by. Pass at least 2 images."
        )
    return x, gamma, beta, check_number(eps, "eps", above=0, example=1e-5)


@np.errstate(all="ignore")
def dropout(x, mask, p):
    """Drop values at random and scale up the rest, so that the expected value stays: y = x / (1 - p) where mask is True, 0 elsewhere.

    x: floats of any shape, SymPy expressions allowed. mask: booleans of the shape of x, True where a value is kept; the caller draws it
    with probability 1 - p. p: in [0, 1). Returns the shape and dtype of x. Source: Srivastava et al. 2014, JMLR 15, 1929-1958.
    """
    return _keep(as_array(x, "x", symbols=True), mask, p)


@np.errstate(all="ignore")
def dropout_backward(dy, x, mask, p):
    """dx = dy / (1 - p) where mask is True, 0 elsewhere. dy: as x, which gives shape and dtype. Returns dx."""
    x = as_array(x, "x", symbols=True)
    return own_dtype(_keep(as_upstream(dy, x.shape, "dropout", symbols=True), mask, p), x)


def _keep(values, mask, p):
    mask = to_numpy(mask, "mask")
    if mask.dtype.kind != "b":
        raise TypeError(f"mask holds {mask.dtype} values, and booleans are wanted, True where a value is kept. Write mask.astype(bool).")
    if mask.shape != values.shape:
        raise ValueError(f"mask has shape {mask.shape}, and x has shape {values.shape}. Give mask the shape {values.shape}.")
    p = check_fraction(p, "p")
    return np.where(mask, values / exact(1 - p, values.dtype), values.dtype.type(0) if values.dtype.kind == "f" else 0)
