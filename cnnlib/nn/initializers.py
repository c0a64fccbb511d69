"""How weights begin. Too small and signals fade from layer to layer, too large and they explode; chapter 15 derives the scales.

Every function takes the shape of a weight, whose first two axes are (out, in), and returns float32 unless told otherwise.
"""

import math

import numpy as np

from cnnlib.arrays import check_dtype, check_number, make_rng
from cnnlib.geometry import check_integer

__all__ = ["fan_in_and_out", "he_normal", "he_uniform", "normal", "pytorch_default", "uniform", "xavier_normal", "xavier_uniform"]


def fan_in_and_out(shape):
    """Count the inputs of one output and the outputs of one input: (in kH kW, out kH kW) for a weight (out, in, kH, kW).

    Source: Glorot and Bengio 2010; as in torch.nn.init.
    """
    if not isinstance(shape, (tuple, list)) or len(shape) < 2:
        raise ValueError(f"shape={shape!r} has no (out, in, ...) axes. Pass the shape of a weight, for example (8, 1, 3, 3).")
    sizes = _sizes(shape, 1)
    cells = math.prod(sizes[2:])
    return sizes[1] * cells, sizes[0] * cells


def normal(shape, mean=0.0, std=1.0, *, rng=None, dtype=np.float32):
    """Draw from the normal distribution with this mean and standard deviation."""
    mean, std = check_number(mean, "mean"), check_number(std, "std", minimum=0)
    return (mean + std * make_rng(rng).standard_normal(_sizes(shape, 0))).astype(check_dtype(dtype))


def uniform(shape, low=0.0, high=1.0, *, rng=None, dtype=np.float32):
    """Draw evenly from the interval [low, high)."""
    low, high = check_number(low, "low"), check_number(high, "high")
    if low > high:
        raise ValueError(f"low={low} is above high={high}. Write low={high}, high={low}.")
    return (low + (high - low) * make_rng(rng).random(_sizes(shape, 0))).astype(check_dtype(dtype))


def xavier_normal(shape, gain=1.0, *, rng=None, dtype=np.float32):
    """Normal with variance 2 gain^2 / (fan_in + fan_out): a compromise that keeps variances forward and backward in a linear net.

    Source: Glorot and Bengio 2010, "Understanding the difficulty of training deep feedforward neural networks", eq. 12.
    """
    gain = check_number(gain, "gain", minimum=0)
    return normal(shape, std=gain * math.sqrt(2 / sum(fan_in_and_out(shape))), rng=rng, dtype=dtype)


def xavier_uniform(shape, gain=1.0, *, rng=None, dtype=np.float32):
    """The variance of `xavier_normal`, drawn evenly from +-gain sqrt(6 / (fan_in + fan_out)). Source: Glorot and Bengio 2010, eq. 16."""
    bound = check_number(gain, "gain", minimum=0) * math.sqrt(6 / sum(fan_in_and_out(shape)))
    return uniform(shape, -bound, bound, rng=rng, dtype=dtype)


def he_normal(shape, negative_slope=0.0, *, rng=None, dtype=np.float32):
    """Normal with variance 2 / ((1 + negative_slope^2) fan_in): keeps the mean square through (leaky) rectifiers.

    Source: He, Zhang, Ren and Sun 2015, arXiv:1502.01852, eqs. 10 and 15.
    """
    return normal(shape, std=_he_std(shape, negative_slope), rng=rng, dtype=dtype)


def he_uniform(shape, negative_slope=0.0, *, rng=None, dtype=np.float32):
    """The variance of `he_normal`, drawn evenly from +-sqrt(3) standard deviations. Source: He, Zhang, Ren and Sun 2015."""
    bound = math.sqrt(3) * _he_std(shape, negative_slope)
    return uniform(shape, -bound, bound, rng=rng, dtype=dtype)


def pytorch_default(shape, fan_in, *, rng=None, dtype=np.float32):
    """What PyTorch's Conv2d, ConvTranspose2d and Linear begin with, weights and biases alike: even in +-1 / sqrt(fan_in).

    It is `he_uniform` with negative_slope = sqrt(5), a choice kept from Torch; the variance is 1 / (3 fan_in), a sixth of He's.
    """
    bound = 1 / math.sqrt(check_integer(fan_in, "fan_in", 1))
    return uniform(shape, -bound, bound, rng=rng, dtype=dtype)


def _sizes(shape, least):
    """The sizes of an array as a tuple of ints; one number stands for one axis."""
    if not isinstance(shape, (tuple, list)):
        return (check_integer(shape, "shape", least),)
    return tuple(check_integer(size, f"shape[{axis}]", least) for axis, size in enumerate(shape))


def _he_std(shape, negative_slope):
    slope = check_number(negative_slope, "negative_slope")
    return math.sqrt(2 / ((1 + slope * slope) * fan_in_and_out(shape)[0]))
