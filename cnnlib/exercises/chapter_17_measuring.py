"""Exercises of chapter 17, Train a small net: reading curves, weight decay, a fair comparison, and the error bar of a difference."""

import math

import numpy as np

from cnnlib.exercises.exercise import Exercise, Misconception

# Reading learning curves

READ_THE_CURVES = Exercise(
    id="read-the-curves",
    chapter=17,
    title="What went wrong?",
    task=(
        "Four trainings, with the loss after each of five epochs. "
        "Training 1: on the training digits 2.10, 1.62, 1.24, 0.97, 0.78, on validation digits 2.12, 1.66, 1.29, 1.03, 0.85. "
        "Training 2: 1.18, 0.42, 0.13, 0.04, 0.01, and 1.22, 0.63, 0.54, 0.63, 0.79. "
        "Training 3: 2.61, 3.94, 2.37, 5.08, 2.92, and 2.88, 3.61, 2.75, 4.40, 3.12. "
        "Training 4: 1.41, 1.13, 1.10, 1.10, 1.10, and 1.44, 1.18, 1.15, 1.15, 1.15. "
        "Each has one of four troubles. Give the numbers of the trainings in this order: the one whose rate is too large, the one that "
        "learns its digits by heart, the one that was ended too soon, and the one that its net is too simple for."
    ),
    kind="number",
    minutes=5,
    difficulty=1,
    starter="read_the_curves = (..., ..., ..., ...)",
    answer=lambda: (3, 2, 1, 4),
    parts=("the rate too large", "by heart", "ended too soon", "the net too simple"),
    whole="the number of a training",
    hints=(
        "Ask two questions of each training: does the training loss still fall, and how far below the validation loss does it lie?",
        "A training loss that jumps up and down does not roll downhill: its steps leap over the valley. Where do you see that?",
        "A growing gap means learning by heart. Of the two trainings that are left without a gap, one still falls and one has stopped.",
    ),
    misconceptions=(
        Misconception(
            "falling-and-flat-exchanged",
            "Look at the last two epochs again. More epochs help where the loss is still falling, not where it has stopped.",
            lambda: (3, 2, 4, 1),
        ),
        Misconception(
            "jumps-as-overfitting",
            "Learning by heart shows in the gap: a training loss near 0 under a validation loss that rises. Which one jumps in both?",
            lambda: (2, 3, 1, 4),
        ),
        Misconception(
            "flat-as-overfitting",
            "A curve that has gone flat has not learned by heart: its training loss is still large. Look for the large gap.",
            lambda: (3, 4, 1, 2),
        ),
        Misconception(
            "lowest-loss-unfinished",
            "The training with a loss of 0.01 has nothing left to learn from its own digits. Its validation loss rises already.",
            lambda: (3, 1, 2, 4),
        ),
        Misconception(
            "steep-as-too-fast",
            "A loss that falls steadily has a good rate. One that is too large makes the loss jump up again.",
            lambda: (1, 2, 3, 4),
        ),
        Misconception(
            "troubles-by-training",
            "You list the troubles of trainings 1 to 4. The question goes the other way: the training of each trouble.",
            lambda: ("ended too soon", "by heart", "the rate too large", "the net too simple"),
        ),
    ),
)

# Weight decay

DECAY_FACTOR = Exercise(
    id="decay-factor",
    chapter=17,
    title="A weight that nobody needs",
    task=(
        "Plain gradient descent with learning rate eta minimises the loss plus lam w^2 / 2. The loss itself does not depend on w. "
        "What is left of w after T steps? Write the factor by which the first w is multiplied, in eta, lam and T."
    ),
    kind="algebra",
    minutes=6,
    difficulty=2,
    parameters=("eta", "lam", "T"),
    starter='eta, lam, T = sympy.symbols("eta lam T", positive=True)\ndecay_factor = ...',
    answer=lambda eta, lam, T: (1 - eta * lam) ** T,
    assumptions=(("positive", True),),
    examples=((0.5, 0.5, 1), (0.5, 0.5, 2), (0.1, 1.0, 3), (0.05, 0.01, 1000), (0.2, 0.3, 7)),
    draw=lambda rng: (int(rng.integers(1, 10)) / 10, int(rng.integers(1, 10)) / 10, int(rng.integers(1, 12))),
    hints=(
        "The gradient of lam w^2 / 2 is all that moves this weight. What is it?",
        "One step is w - eta lam w. By which factor does it multiply w?",
        "Every step multiplies by 1 - eta lam, again of what is left. Write that factor T times over.",
    ),
    misconceptions=(
        Misconception(
            "linear",
            "You take the same amount off in every step. A step takes a share of what is left, so the factors multiply.",
            lambda eta, lam, T: 1 - eta * lam * T,
        ),
        Misconception(
            "exponential",
            "That is the limit of very small steps. Steps of finite size multiply by the same factor, T times.",
            lambda eta, lam, T: math.e ** (-eta * lam * T),
        ),
        Misconception(
            "rate-forgotten",
            "The learning rate scales the whole gradient, that of the penalty too.",
            lambda eta, lam, T: (1 - lam) ** T,
        ),
        Misconception(
            "strength-forgotten",
            "The gradient of the penalty is lam w, not w: the strength lam belongs into the factor.",
            lambda eta, lam, T: (1 - eta) ** T,
        ),
        Misconception(
            "subtracted-each",
            "The rate multiplies the gradient. In one step w loses eta times lam times w.",
            lambda eta, lam, T: (1 - eta - lam) ** T,
        ),
        Misconception("sign", "With that the weight grows. The step goes against the gradient.", lambda eta, lam, T: (1 + eta * lam) ** T),
        Misconception(
            "half-forgotten",
            "The penalty is lam w^2 over 2, and the derivative of the square brings a factor of 2. They cancel.",
            lambda eta, lam, T: (1 - 2 * eta * lam) ** T,
        ),
        Misconception(
            "half-kept",
            "The derivative of w^2 is 2 w, which takes the one half of the penalty away.",
            lambda eta, lam, T: (1 - eta * lam / 2) ** T,
        ),
        Misconception("one-step", "That is one step. How many are there?", lambda eta, lam, T: 1 - eta * lam),
        Misconception(
            "what-is-lost", "That is the part of w that is gone. What is left of it?", lambda eta, lam, T: 1 - (1 - eta * lam) ** T
        ),
        Misconception(
            "step-only",
            "That is the step, not what the step leaves: w itself stands in the update too.",
            lambda eta, lam, T: (eta * lam) ** T,
        ),
    ),
)

# A fair comparison


def _width(inputs, classes, budget):
    return (budget - classes) // (inputs + classes + 1)


def _draw_budget(rng):
    inputs, classes = int(rng.integers(1, 40)), int(rng.integers(2, 12))
    return inputs, classes, int(rng.integers(inputs + 2 * classes + 1, 900))


DENSE_WIDTH = Exercise(
    id="dense-width",
    chapter=17,
    title="How wide may it be?",
    task=(
        "A dense net has one hidden layer of h units: a dense layer from `inputs` cells to h units, ReLU, and a dense layer from h to "
        "`classes` units. Both have biases. Return the largest h whose parameters number at most `budget`. It allows at least one unit."
    ),
    kind="program",
    minutes=8,
    difficulty=2,
    parameters=("inputs", "classes", "budget"),
    starter="def dense_width(inputs, classes, budget):\n    h = ...\n    return h",
    answer=_width,
    examples=((3, 2, 20), (3, 2, 14), (4, 2, 16), (784, 10, 101770), (784, 10, 101769), (16, 4, 100)),
    draw=_draw_budget,
    draws=40,
    whole="a number of hidden units",
    hints=(
        "Count the parameters for 3 inputs, 2 units and 2 classes: two matrices of weights, and the biases of two layers.",
        "h inputs + h biases, then classes h + classes biases. Which part does not depend on h?",
        "The condition is h (inputs + classes + 1) + classes <= budget. Solve it for h. Which way is the quotient rounded?",
    ),
    misconceptions=(
        Misconception("no-biases", "You count weights alone. Both layers have biases.", lambda n, k, b: b // (n + k)),
        Misconception(
            "output-biases-forgotten",
            "The last layer has biases too, one for each class. They cost the same for every width.",
            lambda n, k, b: b // (n + k + 1),
        ),
        Misconception("hidden-biases-forgotten", "Every hidden unit has a bias, beside its weights.", lambda n, k, b: (b - k) // (n + k)),
        Misconception("one-too-many", "That width costs more than the budget. Round down.", lambda n, k, b: -(-(b - k) // (n + k + 1))),
        Misconception(
            "nearest",
            "Rounding to the nearest can go over the budget. Round down.",
            lambda n, k, b: round((b - k) / (n + k + 1)),
        ),
        Misconception("not-rounded", "A part of a unit cannot be built. Round down.", lambda n, k, b: (b - k) / (n + k + 1)),
        Misconception(
            "strictly-below",
            "A net that spends the whole budget is allowed: at most means not more than.",
            lambda n, k, b: (b - k - 1) // (n + k + 1),
        ),
        Misconception(
            "first-layer-only",
            "You spend everything on the first layer. The hidden units have weights to the classes too.",
            lambda n, k, b: b // (n + 1),
        ),
        Misconception(
            "class-biases-for-each-unit",
            "The classes have one bias each, not one for each hidden unit.",
            lambda n, k, b: b // (n + 2 * k + 1),
        ),
    ),
)

# The error bar of a difference


def _differences(first, second):
    return np.asarray(second, float) - np.asarray(first, float)


def _standard_error(values, ddof=1):
    return float(np.std(values, ddof=ddof) / math.sqrt(len(values)))


def _paired(first, second):
    found = _differences(first, second)
    return float(found.mean()), _standard_error(found)


def _unpaired(first, second):
    return _paired(first, second)[0], math.hypot(_standard_error(first), _standard_error(second))


def _draw_seeds(rng):
    """Accuracies of two recipes over the same seeds: the seeds differ more than the recipes do."""
    luck = rng.normal(0, 2, size=int(rng.integers(2, 9)))
    first, second = 90 + luck, 90.5 + luck + rng.normal(0, 0.6, size=len(luck))
    return [round(float(a), 1) for a in first], [round(float(a), 1) for a in second]


PAIRED_DIFFERENCE = Exercise(
    id="paired-difference",
    chapter=17,
    title="Is the second recipe better?",
    task=(
        "first and second list the accuracies of two recipes in percent, seed by seed: entry s of both began with the same digits and the "
        "same weights. Return the mean of the differences second - first, and the standard error of this mean: the sample standard "
        "deviation of the differences, which divides by n - 1, over the root of n. There are at least two seeds."
    ),
    kind="program",
    minutes=10,
    difficulty=2,
    parameters=("first", "second"),
    parts=("the mean difference", "its standard error"),
    starter="def paired_difference(first, second):\n    mean, error = ..., ...\n    return mean, error",
    answer=_paired,
    examples=(
        ([90.0, 94.0], [91.0, 97.0]),
        ([90.0, 94.0, 92.0], [91.0, 95.0, 93.0]),
        ([88.0, 92.0, 91.0, 89.0], [89.0, 95.0, 90.0, 92.0]),
        ([97.0, 95.0, 96.0], [95.0, 96.0, 92.0]),
        ([80.0, 90.0, 85.0, 95.0, 70.0], [81.0, 92.0, 85.0, 96.0, 73.0]),
    ),
    draw=_draw_seeds,
    hints=(
        "Subtract seed by seed first. For 90, 94 and 91, 97 the differences are 1 and 3. What is their mean?",
        "How far do these differences lie from their mean? Square, add up, divide by n - 1, take the root: their standard deviation.",
        "`statistics.stdev` and `np.std(..., ddof=1)` divide by n - 1. Divide the result by the root of n.",
    ),
    misconceptions=(
        Misconception(
            "not-paired",
            "You added the errors of two separate means. Seeds that are hard for both recipes cancel when you subtract seed by seed first.",
            _unpaired,
        ),
        Misconception(
            "population",
            "`np.std` divides by n unless told otherwise. The mean is estimated from the same numbers: divide by n - 1.",
            lambda a, b: (_paired(a, b)[0], _standard_error(_differences(a, b), ddof=0)),
        ),
        Misconception(
            "spread-not-error",
            "That is the spread of single differences. Their mean strays less: divide by the root of n.",
            lambda a, b: (_paired(a, b)[0], float(np.std(_differences(a, b), ddof=1))),
        ),
        Misconception(
            "over-n",
            "The standard error shrinks with the root of n, not with n.",
            lambda a, b: (_paired(a, b)[0], float(np.std(_differences(a, b), ddof=1)) / len(a)),
        ),
        Misconception(
            "two-errors",
            "The bars in this chapter's picture have two standard errors. One is asked for.",
            lambda a, b: (_paired(a, b)[0], 2 * _paired(a, b)[1]),
        ),
        Misconception(
            "n-minus-one-twice",
            "n - 1 belongs to the standard deviation alone, which `ddof=1` takes care of. The root is that of n.",
            lambda a, b: (_paired(a, b)[0], float(np.std(_differences(a, b), ddof=1) / math.sqrt(len(a) - 1))),
        ),
        Misconception(
            "sorted",
            "You sorted the accuracies, and so tore the pairs apart. Entry s of both lists belongs to the same seed.",
            lambda a, b: _paired(sorted(a), sorted(b)),
        ),
        Misconception(
            "variance",
            "You left the root out: that is the square of the standard error.",
            lambda a, b: (_paired(a, b)[0], _paired(a, b)[1] ** 2),
        ),
        Misconception("first-minus-second", "The sign is turned: second - first is asked for.", lambda a, b: _paired(b, a)),
        Misconception(
            "absolute",
            "A seed for which the second recipe is worse counts against it. Keep the signs.",
            lambda a, b: (float(np.abs(_differences(a, b)).mean()), _standard_error(np.abs(_differences(a, b)))),
        ),
        Misconception(
            "difference-of-the-best",
            "The best seeds of both show luck, not the recipe. All seeds take part.",
            lambda a, b: (max(b) - max(a), _paired(a, b)[1]),
        ),
        Misconception("swapped", "The right two numbers, in the wrong order: the mean comes first.", lambda a, b: _paired(a, b)[::-1]),
    ),
)

EXERCISES = (READ_THE_CURVES, DECAY_FACTOR, DENSE_WIDTH, PAIRED_DIFFERENCE)
