"""Exercises of chapter 15, Initialisation and normalisation, that need no program: by hand and by algebra."""

import math

import numpy as np

from cnnlib.exercises.exercise import Exercise, Misconception
from cnnlib.nn.initializers import fan_in_and_out
from cnnlib.ops.normalization import batch_norm2d


def _root(value):
    """The square root of a number or of a SymPy expression."""
    if isinstance(value, (int, float)):
        return math.sqrt(value)
    import sympy

    return sympy.sqrt(value)


# By hand

KERNELS = ((16, 4, 3, 3), (25, 16, 1, 1), (9, 25, 2, 2))


def _scales(factors):
    return tuple(float(scale) for scale in np.cumprod(factors))


UNSCALED_BY_HAND = Exercise(
    id="unscaled-by-hand",
    chapter=15,
    title="Three layers without a scale",
    task=(
        "Three convolutions in a row, without biases and without activations: 4 to 16 channels with kernels of 3 x 3 cells, 16 to 25 with "
        "1 x 1, and 25 to 9 with 2 x 2. All weights are drawn with mean 0 and variance 1, and the input has scale 1 (the root of its mean "
        "square). There is no padding. What scale do you expect after the first, the second and the third layer? Give a tuple."
    ),
    kind="number",
    minutes=6,
    difficulty=1,
    starter="unscaled_by_hand = (..., ..., ...)",
    answer=lambda: _scales([math.sqrt(fan_in_and_out(shape)[0]) for shape in KERNELS]),
    whole=None,
    parts=("after layer 1", "after layer 2", "after layer 3"),
    hints=(
        "How many products does one output of the first layer add up? Count the cells of its kernel in all channels.",
        "The mean square is multiplied by that number at each layer, if the variance of the weights is 1.",
        "The scale is the root of the mean square, so it is multiplied by the root. All three roots are whole numbers.",
    ),
    misconceptions=(
        Misconception(
            "mean-squares",
            "Those are the mean squares. The scale is the root of them.",
            lambda: _scales([fan_in_and_out(shape)[0] for shape in KERNELS]),
        ),
        Misconception(
            "channels-only",
            "You counted the input channels. Each of them brings all cells of its kernel into the sum.",
            lambda: _scales([math.sqrt(shape[1]) for shape in KERNELS]),
        ),
        Misconception(
            "cells-only",
            "You counted the cells of one channel's kernel. The sum runs over all input channels.",
            lambda: _scales([math.sqrt(shape[2] * shape[3]) for shape in KERNELS]),
        ),
        Misconception(
            "fan-out",
            "You counted with the output channels. The sum of one unit runs over its inputs.",
            lambda: _scales([math.sqrt(fan_in_and_out(shape)[1]) for shape in KERNELS]),
        ),
        Misconception(
            "not-multiplied",
            "Those are the factors of the single layers. The second layer gets what the first one made larger.",
            lambda: tuple(math.sqrt(fan_in_and_out(shape)[0]) for shape in KERNELS),
        ),
        Misconception("added", "The factors of layers in a row are multiplied, not added.", lambda: (6.0, 10.0, 20.0)),
        Misconception(
            "unchanged", "Variance 1 of one weight does not mean that the sum of many terms keeps its scale.", lambda: (1.0,) * 3
        ),
    ),
)

BATCH, GAMMA, BETA = np.array([2.0, 4.0, 4.0, 10.0]), 6.0, 1.0


def _normalised(batch=BATCH, gamma=GAMMA, beta=BETA):
    y = batch_norm2d(batch.reshape(-1, 1, 1, 1), np.array([gamma]), np.array([beta]), eps=1e-300)
    return tuple(y.ravel().tolist())


def _divided(by, gamma=GAMMA, beta=BETA):
    return tuple((gamma * (BATCH - BATCH.mean()) / by + beta).tolist())


BATCH_NORM_BY_HAND = Exercise(
    id="batch-norm-by-hand",
    chapter=15,
    title="Batch norm of four numbers",
    task=(
        "One channel holds the values 2, 4, 4, 10 in the whole batch. Batch norm in training, with gamma = 6, beta = 1 and no eps. "
        "Give the four outputs as a tuple."
    ),
    kind="number",
    minutes=6,
    difficulty=1,
    starter="batch_norm_by_hand = (..., ..., ..., ...)",
    answer=_normalised,
    whole=None,
    hints=(
        "First the mean of the four values, then their deviations from it.",
        "The variance is the mean of the squared deviations. It is the square of a whole number.",
        "Divide the deviations by the standard deviation, then times gamma, then plus beta.",
    ),
    misconceptions=(
        Misconception(
            "unbiased",
            "You divided the squares by 3. Batch norm normalises by the mean of the squares.",
            lambda: _divided(np.std(BATCH, ddof=1)),
        ),
        Misconception("by-variance", "You divided by the variance. The standard deviation is its root.", lambda: _divided(np.var(BATCH))),
        Misconception(
            "not-divided", "The deviations still have their own spread: divide by the standard deviation.", lambda: _divided(1.0)
        ),
        Misconception(
            "mean-moved-only",
            "You only moved the mean to beta. The spread has to be divided by the standard deviation and multiplied by gamma.",
            lambda: _divided(1.0, gamma=1.0),
        ),
        Misconception("no-gamma-beta", "That is z. gamma and beta are still to come.", lambda: _normalised(gamma=1.0, beta=0.0)),
        Misconception("no-beta", "beta is missing.", lambda: _normalised(beta=0.0)),
        Misconception("beta-first", "gamma multiplies z alone; beta is added afterwards.", lambda: _normalised(beta=GAMMA * BETA)),
        Misconception(
            "swapped",
            "gamma is the new scale and beta the new mean. You took them the other way round.",
            lambda: _normalised(gamma=BETA, beta=GAMMA),
        ),
        Misconception(
            "mean-kept",
            "You divided by the standard deviation without taking the mean away first.",
            lambda: tuple((GAMMA * BATCH / 3 + BETA).tolist()),
        ),
    ),
)

# Algebra

GAIN_TWO_SLOPES = Exercise(
    id="gain-two-slopes",
    chapter=15,
    title="An activation with two slopes",
    task=(
        "An activation is f(z) = A z for z > 0 and B z for z <= 0. (ReLU has A = 1 and B = 0.) The z of a layer with fan-in n are "
        "symmetric about 0, z as likely as -z. Which variance of the weights keeps the mean square from layer to layer? "
        "Write it in n, A and B."
    ),
    kind="algebra",
    minutes=8,
    difficulty=2,
    parameters=("n", "A", "B"),
    starter='n, A, B = sympy.symbols("n A B", positive=True)\ngain_two_slopes = ...',
    answer=lambda n, A, B: 2 / (n * (A**2 + B**2)),
    assumptions=(("positive", True),),
    examples=((1, 1, 1), (2, 1, 2), (4, 0.5, 1), (9, 3, 1)),
    draw=lambda rng: (int(rng.integers(1, 50)), *(int(number) / 4 for number in rng.integers(1, 16, 2))),
    hints=(
        "One half of the mean square of z comes from positive z, the other half from negative ones.",
        "On the right, f multiplies the mean square by A squared; on the left by B squared.",
        "The mean square of z is n times the variance times that of the inputs. The whole factor must be 1.",
    ),
    misconceptions=(
        Misconception("half-lost", "Each side has only half of the mean square.", lambda n, A, B: 1 / (n * (A**2 + B**2))),
        Misconception("right-only", "That would do if the left side gave 0. B counts too.", lambda n, A, B: 2 / (n * A**2) + 0 * B),
        Misconception(
            "plain-he",
            "That is He's rule for the plain ReLU. The slopes A and B change the mean square.",
            lambda n, A, B: 2 / n + 0 * A * B,
        ),
        Misconception(
            "slopes-not-squared", "A slope multiplies z; the mean square is multiplied by its square.", lambda n, A, B: 2 / (n * (A + B))
        ),
        Misconception(
            "subtracted",
            "The two sides add up: what negative z contribute has a square for a factor, and no square is negative.",
            lambda n, A, B: 2 / (n * (A**2 - B**2)),
        ),
        Misconception(
            "mean-slope",
            "You took the mean of the slopes and squared it. Square first, then take the mean.",
            lambda n, A, B: 4 / (n * (A + B) ** 2),
        ),
        Misconception(
            "standard-deviation",
            "That is the standard deviation of the weights; its square was asked for.",
            lambda n, A, B: _root(2 / (n * (A**2 + B**2))),
        ),
        Misconception(
            "upside-down",
            "That is how much the activation takes away or adds. The weights must make up for it.",
            lambda n, A, B: n * (A**2 + B**2) / 2,
        ),
        Misconception("no-fan-in", "The sum has n terms, so the variance is shared by n.", lambda n, A, B: 2 / (A**2 + B**2) + 0 * n),
    ),
)

UNIFORM_BOUND = Exercise(
    id="uniform-bound",
    chapter=15,
    title="Xavier with evenly spread weights",
    task=(
        "Weights are drawn evenly from the interval from -b to b. A layer has fan-in n and fan-out m. Which b gives the weights the "
        "variance of Xavier's rule? Write it in n and m."
    ),
    kind="algebra",
    minutes=6,
    difficulty=2,
    parameters=("n", "m"),
    starter='n, m = sympy.symbols("n m", positive=True)\nuniform_bound = ...',
    answer=lambda n, m: _root(6 / (n + m)),
    assumptions=(("positive", True),),
    examples=((3, 3), (1, 5), (20, 4), (2, 1)),
    draw=lambda rng: tuple(int(number) for number in rng.integers(1, 60, 2)),
    hints=(
        "The variance of an even spread on [-b, b] is its mean square: the mean of t squared for t from 0 to b.",
        "The integral of t^2 from 0 to b, divided by b.",
        "Set b^2 / 3 equal to 2 / (n + m) and solve.",
    ),
    misconceptions=(
        Misconception(
            "bound-is-deviation", "An even spread up to b has a standard deviation smaller than b.", lambda n, m: _root(2 / (n + m))
        ),
        Misconception(
            "width-b", "The interval is 2 b wide. You used the variance of an interval of width b.", lambda n, m: _root(24 / (n + m))
        ),
        Misconception("no-root", "That is the square of the bound.", lambda n, m: 6 / (n + m)),
        Misconception(
            "one-sided", "That is the bound for the variance 1/n. Xavier's rule looks at both fans.", lambda n, m: _root(3 / n) + 0 * m
        ),
        Misconception("he", "That is the bound for He's variance.", lambda n, m: _root(6 / n) + 0 * m),
        Misconception(
            "sum-not-mean", "Xavier's variance is 2 over the sum of the fans: 1 over their mean.", lambda n, m: _root(3 / (n + m))
        ),
        Misconception(
            "divided", "A wider interval has a larger variance: multiply by the root of 3.", lambda n, m: _root(2 / (3 * (n + m)))
        ),
    ),
)

DROPOUT_VARIANCE = Exercise(
    id="dropout-variance",
    chapter=15,
    title="What dropout adds",
    task=(
        "x is a fixed number. With probability p it is dropped, y = 0; otherwise it is scaled, y = x / (1 - p). "
        "Write the variance of y in x and p."
    ),
    kind="algebra",
    minutes=7,
    difficulty=2,
    parameters=("x", "p"),
    starter='x, p = sympy.symbols("x p", positive=True)\ndropout_variance = ...',
    answer=lambda x, p: p * x**2 / (1 - p),
    assumptions=(("positive", True),),
    examples=((1, 0.5), (2, 0.25), (3, 0.5), (1, 0.75)),
    draw=lambda rng: (int(rng.integers(1, 20)) / 4, int(rng.integers(1, 16)) / 16),
    hints=(
        "Two values with two probabilities. First the mean of y.",
        "The mean of y squared: it is 0 with probability p, and x^2 / (1 - p)^2 with probability 1 - p.",
        "The variance is the mean of the square minus the square of the mean, x^2.",
    ),
    misconceptions=(
        Misconception("mean-square", "That is the mean of y squared. Subtract the square of the mean.", lambda x, p: x**2 / (1 - p)),
        Misconception("unscaled", "That is the variance without the division by 1 - p.", lambda x, p: p * (1 - p) * x**2),
        Misconception("scaled-once", "A factor changes the variance by its square. You divided by 1 - p once.", lambda x, p: p * x**2),
        Misconception("standard-deviation", "That is the standard deviation.", lambda x, p: x * _root(p / (1 - p))),
        Misconception("probabilities-swapped", "p is the probability of dropping, not of keeping.", lambda x, p: (1 - p) * x**2 / p),
        Misconception(
            "of-the-mask",
            "You have the mask's variance, scaled. The value x multiplies it, so x squared does the variance.",
            lambda x, p: p / (1 - p) + 0 * x,
        ),
        Misconception("x-not-squared", "The variance is of second degree: x enters squared.", lambda x, p: p * x / (1 - p)),
        Misconception(
            "no-mean-square", "The probability 1 - p of a kept value cancels one factor only.", lambda x, p: p * x**2 / (1 - p) ** 2
        ),
    ),
)

EXERCISES = (UNSCALED_BY_HAND, BATCH_NORM_BY_HAND, GAIN_TWO_SLOPES, UNIFORM_BOUND, DROPOUT_VARIANCE)
