"""Testers of convolution as mathematics means it: overlapping boxes, averages, sums of dice, the response to a wave."""

import functools
from fractions import Fraction

import numpy as np

from cnnlib.claims.tester import Tester

# --- Two boxes on [0, 1], of heights f and g, the second flipped and shifted by t -------------------------------------------------------


def overlap(t):
    """The length of the overlap of [0, 1] with [t - 1, t]."""
    return max(0, min(1, t) - max(0, t - 1))


def product_of_boxes(f, g, t):
    """The integral of the product over the overlap."""
    return f * g * overlap(t)


def sum_of_boxes(f, g, t):
    """The integral of the sum over the overlap."""
    return (f + g) * overlap(t)


def _by_cells(f, g, t):
    """The integral as a sum over thin cells, each taken at its middle; exact here, because t is a multiple of their width."""
    cells = 64
    middles = [Fraction(2 * cell + 1, 2 * cells) for cell in range(-cells, 2 * cells)]
    inside = lambda x: 0 < x < 1
    return sum(Fraction(1, cells) * f * g for x in middles if inside(x) and inside(t - x))


def _by_samples(f, g, t):
    """The boxes cut into cells, convolved as two sequences, read at the cell where the sum of two middles is t."""
    cells = 64
    whole = np.convolve(np.full(cells, float(f)), np.full(cells, float(g))) / cells
    place = int(t * cells) - 1
    return whole[place] if 0 <= place < len(whole) else 0.0


@functools.cache
def _box_settings():
    heights = [(Fraction(f), Fraction(g)) for f, g in ((2, 3), (1, 1), (1, 2), (3, 1))]
    times = [Fraction(1), *(Fraction(eighths, 8) for eighths in range(-1, 18))]
    return [dict(f=f, g=g, t=t) for f, g in heights for t in times]


boxes = Tester("the convolution of two boxes", _box_settings, _by_cells, _by_samples)


def sums_over_overlap(f, g):
    """What adding instead of multiplying gives: at every t the sum of f(a) + g(t - a) over the overlap."""
    size = len(f) + len(g) - 1
    return np.array([sum(f[a] + g[t - a] for a in range(len(f)) if 0 <= t - a < len(g)) for t in range(size)])


# --- The moving average ---------------------------------------------------------------------------------------------------------------


def _average(x, length):
    return np.array([x[start : start + length].mean() for start in range(len(x) - length + 1)])


def _average_by_running_sum(x, length):
    total = np.concatenate([[0.0], np.cumsum(x)])
    return (total[length:] - total[:-length]) / length


@functools.cache
def _average_settings():
    rng = np.random.default_rng(21)
    random = [dict(x=rng.standard_normal(8), length=length, height=h) for length in (1, 2, 3, 5) for h in (1.0, 1 / length)]
    return [dict(x=np.array([1.0, 2.0, 3.0, 4.0]), length=3, height=1.0), *random]


moving_average = Tester("the moving average", _average_settings, _average, _average_by_running_sum)

# --- Sums of two random numbers: joint[a, b] = P(X = a, Y = b) ------------------------------------------------------------------------


def independent(joint):
    """Whether the joint probabilities are the products of the single ones."""
    return bool(np.allclose(joint, np.outer(joint.sum(axis=1), joint.sum(axis=0))))


def along_antidiagonals(joint):
    """P(X + Y = s): the joint probabilities whose indices add up to s."""
    turned = joint[:, ::-1]
    rows, columns = joint.shape
    return np.array([np.trace(turned, offset=columns - 1 - s) for s in range(rows + columns - 1)])


def _by_counting(joint):
    sums = np.zeros(sum(joint.shape) - 1)
    for (a, b), probability in np.ndenumerate(joint):
        sums[a + b] += probability
    return sums


def _weights_of_sums(joint):
    """By generating functions: P(X + Y = s) is the coefficient of z^s in E[z^(X+Y)], read off at roots of unity."""
    size = sum(joint.shape) - 1
    z = np.exp(-2j * np.pi * np.arange(size) / size)
    values = [(root ** np.arange(joint.shape[0])) @ joint @ (root ** np.arange(joint.shape[1])) for root in z]
    return np.fft.ifft(values).real


@functools.cache
def _dice_settings():
    """Two fair dice; the same die twice; a die and its underside; loaded independent ones. A face's number is its index plus 1."""
    rng = np.random.default_rng(22)
    loaded = [np.outer(rng.dirichlet(np.ones(a)), rng.dirichlet(np.ones(b))) for a, b in ((6, 6), (4, 6), (2, 3))]
    tied = [np.eye(6) / 6, np.eye(6)[::-1] / 6, rng.dirichlet(np.ones(12)).reshape(3, 4)]
    return [dict(joint=joint) for joint in [np.full((6, 6), 1 / 36), *tied, *loaded]]


sums_of_dice = Tester("the probabilities of a sum", _dice_settings, _by_counting, _weights_of_sums)

# --- What a kernel does to a wave -----------------------------------------------------------------------------------------------------


def _gain(kernel, size, cycles):
    """Send a complex wave round a ring through the convolution and measure by how much it grows."""
    wave = np.exp(2j * np.pi * cycles * np.arange(size) / size)
    out = sum(w * np.roll(wave, t) for t, w in enumerate(kernel))
    return float(np.abs(out).max() / np.abs(wave).max())


def _gain_by_fourier(kernel, size, cycles):
    return float(np.abs(np.fft.fft(kernel, size))[cycles])


@functools.cache
def _gain_settings():
    rng = np.random.default_rng(23)
    kernels = [np.array([1.0, 1.0]) / 2, *(rng.standard_normal(length) for length in (2, 3, 5))]
    return [dict(kernel=kernel, size=size, cycles=cycles) for kernel in kernels for size in (16, 12) for cycles in (8, 0, 1, 3, 5)]


gain_of_kernel = Tester("the factor by which a kernel multiplies a wave", _gain_settings, _gain, _gain_by_fourier)
