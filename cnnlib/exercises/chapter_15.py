"""The programming exercise of chapter 15 on first weights, He's rule. The truth is the library's own."""

import math

import numpy as np

from cnnlib.exercises.exercise import Exercise, Misconception
from cnnlib.nn.initializers import fan_in_and_out


def _scaled(noise, negative_slope, fan, gain=2.0):
    return noise * math.sqrt(gain / ((1 + negative_slope**2) * fan))


def _he(noise, negative_slope):
    return _scaled(noise, negative_slope, fan_in_and_out(noise.shape)[0])


def _slope_subtracted(noise, negative_slope):
    """1 less the square of the slope. At slope 1 that is no number, so there it does not tell."""
    return _he(noise, negative_slope) * (math.sqrt((1 + negative_slope**2) / (1 - negative_slope**2)) if negative_slope < 1 else 1)


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
            "first-axis",
            "The first axis counts the units of the layer. What one unit adds up stands along all the other axes.",
            lambda noise, slope: _scaled(noise, slope, len(noise)),
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
            "slope-subtracted",
            "You subtract the square of the slope. What a negative z lets through comes on top of the other half: 1 plus the square.",
            _slope_subtracted,
        ),
        Misconception(
            "half-not-made-up-for",
            "The slope is right, but a factor 2 is missing: each side has only one half of the mean square to begin with.",
            lambda noise, slope: _scaled(noise, slope, noise[0].size, gain=1.0),
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

EXERCISES = (HE_INIT,)
