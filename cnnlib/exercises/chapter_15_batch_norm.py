"""The programming exercises of chapter 15 on batch norm. The truth is the library's own."""

import numpy as np

from cnnlib.exercises.exercise import Exercise, Misconception
from cnnlib.ops.normalization import batch_norm2d_backward, batch_statistics, normalize2d_backward, updated_statistics

CHANNEL = (0, 2, 3)  # the axes over which one channel has its statistics
_fixed = np.random.default_rng(1515)


def _batch_norm_backward(dy, x, gamma, eps):
    return batch_norm2d_backward(dy, x, gamma, np.zeros_like(gamma), eps=eps)


def _draw_batch(rng):
    """A batch of (2..4, 1..3, 1..3, 1..3) with means away from 0, gammas of both signs, and an eps that sometimes matters."""
    shape = tuple(int(rng.integers(low, 5)) for low in (2, 1, 1, 1))
    channels = shape[1]
    x = rng.normal(size=shape) * rng.uniform(0.5, 3, channels)[:, None, None] + rng.normal(0, 3, channels)[:, None, None]
    return rng.normal(size=shape) + 0.5, x, rng.normal(size=channels) + 0.2, float(rng.choice([1e-5, 0.1, 1.0]))


def _fixed_statistics(dy, x, gamma, eps):
    return normalize2d_backward(dy, x, gamma, np.zeros_like(gamma), *batch_statistics(x), eps=eps)


def _each(value):
    return value[:, None, None]


def _root(variance, eps):
    return np.sqrt(variance + eps)


def _with(dy, x, gamma, eps, *, by_mean=1, by_variance=1, axes=CHANNEL, over=CHANNEL, ddof=0, root=_root):
    """The backward pass, with one thing or another done wrong."""
    spread = root(x.var(axis=over, ddof=ddof, keepdims=True), eps)
    z = (x - x.mean(axis=over, keepdims=True)) / spread
    drift = by_mean * dy.mean(axis=axes, keepdims=True) + by_variance * z * (dy * z).mean(axis=axes, keepdims=True)
    return _each(gamma) / spread * (dy - drift), (dy * z).sum(axis=CHANNEL), dy.sum(axis=CHANNEL)


def _instead(position, function):
    """The right gradients with one of them replaced: function(dy, x) per channel."""

    def wrong(dy, x, gamma, eps):
        gradients = list(_batch_norm_backward(dy, x, gamma, eps))
        gradients[position] = function(dy, x)
        return tuple(gradients)

    return wrong


BATCH_NORM_BACKWARD = Exercise(
    id="batch-norm-backward",
    chapter=15,
    title="Backward through batch norm",
    task=(
        "y = gamma z + beta went forward, with z = (x - mean) / sqrt(variance + eps), where mean and (biased) variance are those of each "
        "channel over the batch. Return dx, dgamma, dbeta. dy and x have the shape (B, C, H, W), gamma has (C,)."
    ),
    kind="program",
    minutes=25,
    difficulty=3,
    parameters=("dy", "x", "gamma", "eps"),
    starter="def batch_norm_backward(dy, x, gamma, eps):\n    return ..., ..., ...",
    answer=_batch_norm_backward,
    parts=("dx", "dgamma", "dbeta"),
    examples=(
        (np.array([4.0, 0.0, 0.0, 0.0]).reshape(4, 1, 1, 1), np.array([2.0, 4.0, 4.0, 10.0]).reshape(4, 1, 1, 1), np.array([3.0]), 1e-5),
        (_fixed.normal(size=(2, 1, 1, 3)), _fixed.normal(2, 1, (2, 1, 1, 3)), np.array([1.0]), 0.5),
        (_fixed.normal(size=(3, 2, 2, 3)), _fixed.normal(-1, 2, (3, 2, 2, 3)), np.array([2.0, -0.5]), 0.1),
    ),
    draw=_draw_batch,
    hints=(
        "A channel is averaged over the images and over both axes of the map: axis=(0, 2, 3). With keepdims=True shapes fit again.",
        "First compute z as in the forward pass. gamma[:, None, None] lines up with the channels.",
        "dbeta is the sum of dy over the channel, dgamma the sum of dy * z.",
        "dx = gamma / sqrt(variance + eps) times (dy, minus its mean, minus z times the mean of dy * z).",
    ),
    misconceptions=(
        Misconception(
            "statistics-fixed",
            "dx treats mean and variance as constants, as in evaluation. In training they are made of x, and x moves them.",
            _fixed_statistics,
        ),
        Misconception(
            "no-variance-path",
            "dx takes the way through the mean into account, but not the one through the variance.",
            lambda *case: _with(*case, by_variance=0),
        ),
        Misconception(
            "no-mean-path",
            "dx takes the way through the variance into account, but not the one through the mean.",
            lambda *case: _with(*case, by_mean=0),
        ),
        Misconception(
            "sign", "Both ways through the statistics are subtracted; you add them.", lambda *case: _with(*case, by_mean=-1, by_variance=-1)
        ),
        Misconception(
            "sign-of-the-variance-path",
            "The way through the variance is subtracted as well as the one through the mean; you add it.",
            lambda *case: _with(*case, by_variance=-1),
        ),
        Misconception(
            "batch-axis-only",
            "Your means in dx run over the images alone. A channel has its statistics over the cells of the map as well.",
            lambda *case: _with(*case, axes=(0,)),
        ),
        Misconception(
            "each-cell-alone",
            "You normalise every cell of the map on its own, over the images. A channel has one mean and one variance for all its cells.",
            lambda *case: _with(*case, axes=(0,), over=(0,)),
        ),
        Misconception(
            "unbiased",
            "You divide the squares by N - 1. Batch norm normalises by the biased variance; the other belongs to the running statistics.",
            lambda *case: _with(*case, ddof=1),
        ),
        Misconception(
            "no-gamma",
            "gamma multiplies every z, so it belongs into dx too.",
            lambda dy, x, gamma, eps: _with(dy, x, np.ones_like(gamma), eps),
        ),
        Misconception(
            "eps-lost",
            "You normalised without eps. It stands under the root, in the forward pass and in the gradient.",
            lambda dy, x, gamma, eps: _with(dy, x, gamma, 0.0),
        ),
        Misconception(
            "eps-outside",
            "Your eps stands outside the root. It is added to the variance, and the root is taken of the sum.",
            lambda *case: _with(*case, root=lambda variance, eps: np.sqrt(variance) + eps),
        ),
        Misconception(
            "dgamma-with-x", "dgamma: gamma multiplies the normalised z, not x.", _instead(1, lambda dy, x: (dy * x).sum(axis=CHANNEL))
        ),
        Misconception("dbeta-mean", "dbeta: it is a sum over the channel, not a mean.", _instead(2, lambda dy, x: dy.mean(axis=CHANNEL))),
        Misconception(
            "sums-in-dx",
            "dx subtracts the means over the channel, not the sums: divide both by the number of values.",
            lambda dy, x, gamma, eps: _with(dy, x, gamma, eps, by_mean=x.size // x.shape[1], by_variance=x.size // x.shape[1]),
        ),
        Misconception(
            "gamma-twice",
            "dx has gamma in it twice. Once, at the front or in the gradient of z, is enough.",
            lambda dy, x, gamma, eps: (_with(_each(gamma) * dy, x, gamma, eps)[0], *_batch_norm_backward(dy, x, gamma, eps)[1:]),
        ),
        Misconception(
            "gamma-in-the-parameters",
            "dgamma and dbeta have gamma in them. They are made of the gradient of y; gamma times that is the gradient of z.",
            lambda dy, x, gamma, eps: (
                _batch_norm_backward(dy, x, gamma, eps)[0],
                *(gamma * gradient for gradient in _batch_norm_backward(dy, x, gamma, eps)[1:]),
            ),
        ),
        Misconception(
            "means-for-parameters",
            "dgamma and dbeta are sums over the channel. You take the means, which belong into dx.",
            lambda dy, x, gamma, eps: tuple(
                gradient / (x.size // x.shape[1]) ** (place > 0) for place, gradient in enumerate(_batch_norm_backward(dy, x, gamma, eps))
            ),
        ),
    ),
    seconds=10.0,
)


def _draw_statistics(rng):
    _, x, gamma, _ = _draw_batch(rng)
    return rng.normal(size=len(gamma)), rng.uniform(0.5, 3, len(gamma)), x, float(rng.choice([0.1, 0.25, 0.75]))


def _moved(mean, variance, x, momentum, statistics=batch_statistics):
    """Move by momentum towards `statistics` of the batch, as they are."""
    return tuple((1 - momentum) * old + momentum * new for old, new in zip((mean, variance), statistics(x), strict=True))


def _unbiased(x):
    return x.mean(axis=CHANNEL), x.var(axis=CHANNEL, ddof=1)


RUNNING_STATISTICS = Exercise(
    id="running-statistics",
    chapter=15,
    title="Running statistics",
    task=(
        "Move the running mean and the running variance, each of shape (C,), by the share momentum of the way towards those of the batch x "
        "of shape (B, C, H, W). As in PyTorch and in the library, the running variance keeps the unbiased variance of the batch. "
        "Return both; leave the arguments as they are."
    ),
    kind="program",
    minutes=10,
    difficulty=2,
    parameters=("running_mean", "running_var", "x", "momentum"),
    starter="def running_statistics(running_mean, running_var, x, momentum):\n    return ..., ...",
    answer=updated_statistics,
    parts=("the running mean", "the running variance"),
    examples=(
        (np.array([0.0]), np.array([1.0]), np.array([2.0, 6.0]).reshape(2, 1, 1, 1), 0.5),
        (np.array([1.0, -1.0]), np.array([2.0, 0.5]), _fixed.normal(3, 2, (3, 2, 2, 1)), 0.1),
    ),
    draw=_draw_statistics,
    hints=(
        "One batch statistic for each channel: over the images and over both axes of the map.",
        "The new value is (1 - momentum) times the old one plus momentum times the batch's.",
        "How many values has a channel? x.size // x.shape[1]. NumPy's var divides by that number less ddof.",
    ),
    misconceptions=(
        Misconception("biased", "The running variance keeps the unbiased variance: divide by the number less 1.", _moved),
        Misconception(
            "momentum-reversed",
            "You keep the share momentum of the old value. Here momentum is the share that is taken from the batch.",
            lambda mean, variance, x, momentum: _moved(mean, variance, x, 1 - momentum, _unbiased),
        ),
        Misconception(
            "standard-deviation",
            "You keep the standard deviation in the place of the variance.",
            lambda mean, variance, x, momentum: _moved(mean, variance, x, momentum, lambda x: (_unbiased(x)[0], np.sqrt(_unbiased(x)[1]))),
        ),
        Misconception(
            "forgets",
            "You return the statistics of this batch. The running ones remember earlier batches.",
            lambda mean, variance, x, momentum: _unbiased(x),
        ),
        Misconception(
            "added",
            "You add the batch's share and keep all of the old value: it would grow without end.",
            lambda mean, variance, x, momentum: tuple(
                old + momentum * new for old, new in zip((mean, variance), _unbiased(x), strict=True)
            ),
        ),
        Misconception(
            "counts-images",
            "You divide by the number of images less 1. A channel has H x W values in every image.",
            lambda mean, variance, x, momentum: _moved(
                mean, variance, x, momentum, lambda x: (_unbiased(x)[0], x.var(axis=CHANNEL) * len(x) / (len(x) - 1))
            ),
        ),
        Misconception(
            "repair-reversed",
            "You shrink the biased variance by (N - 1) / N. It is too small already: multiply by N / (N - 1), with N values in a channel.",
            lambda mean, variance, x, momentum: _moved(
                mean, variance, x, momentum, lambda x: (_unbiased(x)[0], batch_statistics(x)[1] ** 2 / _unbiased(x)[1])
            ),
        ),
        Misconception(
            "exchanged",
            "You return the running variance first. The running mean comes first.",
            lambda *case: updated_statistics(*case)[::-1],
        ),
        Misconception(
            "nothing-moved", "You return the old statistics.", lambda mean, variance, x, momentum: (mean.copy(), variance.copy())
        ),
    ),
)

EXERCISES = (BATCH_NORM_BACKWARD, RUNNING_STATISTICS)
