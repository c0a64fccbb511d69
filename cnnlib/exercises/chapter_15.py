"""Programming exercises of chapter 15, Initialisation and normalisation. The truth is the library's own."""

import math

import numpy as np

from cnnlib.exercises.exercise import Exercise, Misconception
from cnnlib.nn.initializers import fan_in_and_out
from cnnlib.ops.normalization import batch_norm2d_backward, batch_statistics, normalize2d_backward, updated_statistics


def _scaled(noise, negative_slope, fan, gain=2.0):
    return noise * math.sqrt(gain / ((1 + negative_slope**2) * fan))


def _he(noise, negative_slope):
    return _scaled(noise, negative_slope, fan_in_and_out(noise.shape)[0])


def _draw_noise(rng):
    """Weights of dense layers and of convolutions, all sizes different; slopes among which 0 and 1 are."""
    shape = rng.permutation(np.arange(1, 7))[: 4 if rng.random() < 0.7 else 2]
    return rng.normal(size=tuple(int(size) for size in shape)), float(rng.choice([0, 0.25, 0.5, 1]))


_fixed = np.random.default_rng(15)
HE_INIT = Exercise(
    id="he-init",
    chapter=15,
    title="He's initialisation",
    task=(
        "noise holds standard normal numbers in the shape of a weight: (out, in) for a dense layer, (out, in, kH, kW) for a convolution. "
        "Return first weights that keep the mean square through a leaky ReLU, whose slope for negative z is negative_slope: the noise, "
        "scaled by He's rule. With negative_slope = 0 it is the plain ReLU."
    ),
    kind="program",
    minutes=12,
    difficulty=2,
    parameters=("noise", "negative_slope"),
    starter="def he_init(noise, negative_slope):\n    return ...",
    answer=_he,
    examples=(
        (np.array([[1.0, -1.0]]), 0.0),
        (np.array([[0.5, 2.0, -1.0], [1.5, 0.0, -0.5]]), 1.0),
        (_fixed.normal(size=(2, 3, 1, 4)), 0.0),
        (_fixed.normal(size=(5, 2, 3, 3)), 0.5),
    ),
    draw=_draw_noise,
    hints=(
        "How many terms has the sum of one unit? For a convolution, each channel brings a whole kernel of cells.",
        "A negative z keeps the share negative_slope of its size, and the square of it of its mean square. Add both halves.",
        "The variance is 2 / ((1 + negative_slope ** 2) * fan_in). Noise of variance 1, multiplied by c, has the variance c squared.",
        "fan_in is noise[0].size: the weights of one unit.",
    ),
    misconceptions=(
        Misconception(
            "fan-out",
            "You divide by the fan-out. The sum of a unit runs over its inputs.",
            lambda noise, slope: _scaled(noise, slope, fan_in_and_out(noise.shape)[1]),
        ),
        Misconception(
            "channels-only",
            "A unit of a convolution adds up all cells of its kernel, in every channel. You counted the channels alone.",
            lambda noise, slope: _scaled(noise, slope, noise.shape[1]),
        ),
        Misconception(
            "all-weights",
            "You divide by the number of all weights of the layer. One unit sees only its own.",
            lambda noise, slope: _scaled(noise, slope, noise.size),
        ),
        Misconception(
            "variance-as-factor",
            "The noise was multiplied by the variance. A factor c changes the variance by c squared, so the root is wanted.",
            lambda noise, slope: noise * 2 / ((1 + slope**2) * noise[0].size),
        ),
        Misconception(
            "linear-gain",
            "That is right for a layer without a ReLU. The half that is lost on the left must be made up for.",
            lambda noise, slope: noise / math.sqrt(noise[0].size),
        ),
        Misconception(
            "slope-ignored",
            "For negative_slope = 0 it is right. A leaky slope lets a part of the other half through, so smaller weights suffice.",
            lambda noise, slope: _scaled(noise, 0, noise[0].size),
        ),
        Misconception(
            "slope-not-squared",
            "The slope multiplies z, and its square multiplies the mean square.",
            lambda noise, slope: noise * math.sqrt(2 / ((1 + slope) * noise[0].size)),
        ),
        Misconception(
            "xavier",
            "That is Xavier's compromise between fan-in and fan-out. He's rule keeps the forward pass alone.",
            lambda noise, slope: noise * math.sqrt(2 / sum(fan_in_and_out(noise.shape))),
        ),
        Misconception(
            "he-and-xavier",
            "He's gain with Xavier's fan. He's rule has the fan-in alone in the denominator.",
            lambda noise, slope: _scaled(noise, slope, sum(fan_in_and_out(noise.shape)) / 2),
        ),
        Misconception("unscaled", "That is the noise itself, with variance 1 whatever the size of the layer.", lambda noise, slope: +noise),
    ),
)


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


def _with(dy, x, gamma, eps, *, by_mean=True, by_variance=True, sign=-1, axes=(0, 2, 3), unbiased=False, scale=True):
    """The backward pass, with one thing or another done wrong."""
    mean, variance = batch_statistics(x)
    number = x.size // x.shape[1]
    variance = variance * number / (number - 1) if unbiased else variance
    z = (x - _each(mean)) / _each(np.sqrt(variance + eps))
    drift = by_mean * dy.mean(axis=axes, keepdims=True) + by_variance * z * (dy * z).mean(axis=axes, keepdims=True)
    front = (gamma if scale else 1) / np.sqrt(variance + eps)
    return _each(front) * (dy + sign * drift), (dy * z).sum(axis=(0, 2, 3)), dy.sum(axis=(0, 2, 3))


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
            lambda *case: _with(*case, by_variance=False),
        ),
        Misconception(
            "no-mean-path",
            "dx takes the way through the variance into account, but not the one through the mean.",
            lambda *case: _with(*case, by_mean=False),
        ),
        Misconception("sign", "Both ways through the statistics are subtracted; you add them.", lambda *case: _with(*case, sign=1)),
        Misconception(
            "batch-axis-only",
            "Your means in dx run over the images alone. A channel has its statistics over the cells of the map as well.",
            lambda *case: _with(*case, axes=(0,)),
        ),
        Misconception(
            "unbiased",
            "You divide the squares by N - 1. Batch norm normalises by the biased variance; the other belongs to the running statistics.",
            lambda *case: _with(*case, unbiased=True),
        ),
        Misconception("no-gamma", "gamma multiplies every z, so it belongs into dx too.", lambda *case: _with(*case, scale=False)),
        Misconception(
            "eps-lost",
            "You normalised without eps. It stands under the root, in the forward pass and in the gradient.",
            lambda dy, x, gamma, eps: _with(dy, x, gamma, 0.0),
        ),
        Misconception(
            "dgamma-with-x", "dgamma: gamma multiplies the normalised z, not x.", _instead(1, lambda dy, x: (dy * x).sum(axis=(0, 2, 3)))
        ),
        Misconception("dbeta-mean", "dbeta: it is a sum over the channel, not a mean.", _instead(2, lambda dy, x: dy.mean(axis=(0, 2, 3)))),
        Misconception(
            "sums-in-dx",
            "dx subtracts the means over the channel, not the sums: divide both by the number of values.",
            lambda dy, x, gamma, eps: _with(dy, x, gamma, eps, sign=-(x.size // x.shape[1])),
        ),
        Misconception(
            "gamma-twice",
            "dx has gamma in it twice. Once, at the front or in the gradient of z, is enough.",
            lambda dy, x, gamma, eps: (_with(_each(gamma) * dy, x, gamma, eps)[0], *_batch_norm_backward(dy, x, gamma, eps)[1:]),
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


def _unbiased(x, axes=(0, 2, 3)):
    return x.mean(axis=axes), x.var(axis=axes, ddof=1)


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
                mean, variance, x, momentum, lambda x: (_unbiased(x)[0], x.var(axis=(0, 2, 3)) * len(x) / (len(x) - 1))
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
            "nothing-moved", "You return the old statistics.", lambda mean, variance, x, momentum: (mean.copy(), variance.copy())
        ),
    ),
)

EXERCISES = (HE_INIT, BATCH_NORM_BACKWARD, RUNNING_STATISTICS)
