"""Exercises of chapter 16, Optimisers, that need no program: by hand and by algebra."""

import numpy as np

from cnnlib.exercises.chapter_16 import after_a_step
from cnnlib.exercises.exercise import Exercise, Misconception
from cnnlib.nn.optimizers import SGD

# By hand

BATCH, START, RATE = (6.0, -2.0, 1.0, 3.0), 5.0, 0.5


def _batch_steps():
    """w after a step with the mean and with the sum, and the rate at which the sum steps as the mean does."""
    with_mean, with_sum = (
        after_a_step(SGD(RATE), np.array([START]), np.array([combine(BATCH)]))[0].item() for combine in (np.mean, np.sum)
    )
    return with_mean, with_sum, RATE / len(BATCH)


MEAN_OR_SUM = Exercise(
    id="mean-or-sum",
    chapter=16,
    title="Mean or sum?",
    task=(
        "A weight is w = 5. The four images of a batch give the gradients 6, -2, 1 and 3; the rate is 0.5. "
        "Give, as a tuple: w after one step when the loss is the mean over the batch; w after one step from 5 when it is the sum; "
        "and the rate at which the sum makes the step that the mean made."
    ),
    kind="number",
    minutes=4,
    difficulty=1,
    starter="mean_or_sum = (..., ..., ...)",
    answer=_batch_steps,
    whole=None,
    parts=("w after a step with the mean", "w after a step with the sum", "the rate for the sum"),
    hints=(
        "The gradient of a sum is the sum of the gradients; the gradient of a mean is their mean.",
        "The sum of the four is 8. Subtract the rate times the gradient from 5.",
        "The sum is four times the mean. What must its rate be for the same step?",
    ),
    misconceptions=(
        Misconception("uphill", "You went uphill: the step is subtracted.", lambda: (6.0, 9.0, 0.125)),
        Misconception("rate-times-four", "A gradient that is four times larger needs a smaller rate.", lambda: (4.0, 1.0, 2.0)),
        Misconception("same-rate", "With the rate of the mean, the sum's step is four times too long.", lambda: (4.0, 1.0, 0.5)),
        Misconception("sizes-added", "You added the sizes of the gradients. Their signs count.", lambda: (3.5, -1.0, 0.125)),
        Misconception("exchanged", "You exchanged the mean and the sum.", lambda: (1.0, 4.0, 0.125)),
        Misconception("gradient-not-scaled", "You subtracted the gradient itself. The rate multiplies it.", lambda: (3.0, -3.0, 0.125)),
        Misconception("one-after-another", "You made four steps. All four gradients make one step.", lambda: (1.0, 1.0, 0.125)),
        Misconception("one-image", "The gradients of all four images count, not that of the first alone.", lambda: (2.0, 2.0, 0.5)),
    ),
)

GRADIENTS, MOMENTUM, LR = (8.0, 2.0, -4.0), 0.5, 0.25


def _velocities():
    """The velocities of the three steps."""
    w, v, found = np.array([1.0]), np.array([0.0]), []
    for gradient in GRADIENTS:
        w, memory = after_a_step(SGD(LR, momentum=MOMENTUM), w, np.array([gradient]), velocity=v)
        v = memory["velocity"]
        found.append((v.item(), w.item()))
    return tuple(velocity for velocity, _ in found), found[-1][1]


def _by_hand():
    velocities, w = _velocities()
    return (*velocities, w)


MOMENTUM_BY_HAND = Exercise(
    id="momentum-by-hand",
    chapter=16,
    title="Three steps with momentum",
    task=(
        "A weight starts at 1 with velocity 0. The rate is 0.25 and the momentum 0.5. Three steps find the gradients 8, 2 and -4. "
        "Give the velocity after each of the three steps and the weight at the end, as a tuple of four numbers."
    ),
    kind="number",
    minutes=6,
    difficulty=1,
    starter="momentum_by_hand = (..., ..., ..., ...)",
    answer=_by_hand,
    whole=None,
    parts=("the first velocity", "the second velocity", "the third velocity", "the weight"),
    hints=(
        "Half of the old velocity plus the new gradient is the new velocity.",
        "The velocity begins at 0, so the first one is the first gradient.",
        "The weight loses a quarter of each velocity, one after the other.",
    ),
    misconceptions=(
        Misconception(
            "no-momentum", "You took the gradients as velocities. Half of the old velocity is added each time.", lambda: (8, 2, -4, -0.5)
        ),
        Misconception(
            "running-mean", "You weighted the gradient with 1 - momentum. Here it enters as a whole.", lambda: (4, 3, -0.5, -0.625)
        ),
        Misconception("nothing-fades", "Your velocity adds up all gradients. The old velocity is halved first.", lambda: (8, 10, 6, -5)),
        Misconception(
            "rate-inside", "Your velocities hold the rate already. Here it multiplies them at the end.", lambda: (2, 1.5, -0.25, -2.25)
        ),
        Misconception("uphill", "The velocities are right. The weight moves against them.", lambda: (8, 6, -1, 4.25)),
        Misconception("last-step-only", "The velocities are right. But the weight moved in all three steps.", lambda: (8, 6, -1, 1.25)),
        Misconception("fresh-halved", "You halved the new gradient and not the old velocity.", lambda: (4, 5, 3, -2)),
        Misconception("rate-forgotten", "The velocities are right. The rate is missing in the weight.", lambda: (8, 6, -1, -12)),
        Misconception(
            "one-step-late", "The velocities are right. But each step uses the new velocity, not the old one.", lambda: (8, 6, -1, -2.5)
        ),
    ),
)

# By algebra

POSITIVE = (("positive", True),)

STABILITY_LIMIT = Exercise(
    id="stability-limit",
    chapter=16,
    title="How large may the rate be?",
    task=(
        "The loss is L(x, y) = A (x + y)^2 + B (x - y)^2 with A > B > 0. Below which rate does plain gradient descent converge from every "
        "start? Write it in A and B, as far as they matter."
    ),
    kind="algebra",
    minutes=10,
    difficulty=2,
    parameters=("A", "B"),
    starter='A, B = sympy.symbols("A B", positive=True)\nstability_limit = ...',
    answer=lambda A, B: 1 / (2 * A),
    assumptions=POSITIVE,
    examples=((2, 1), (3, 1), (5, 0.5), (1, 0.25)),
    draw=lambda rng: (int(rng.integers(17, 64)) / 8, int(rng.integers(1, 16)) / 8),
    hints=(
        "In which directions does this bowl have its axes? Try a step along x = y, and one along x = -y.",
        "Compute the gradient at x = y = z. It points along the same direction: by how much is z multiplied in a step?",
        "On x = y the loss is 4 A z^2 and both slopes are 4 A z: the curvature is 4 A. The limit is 2 divided by the largest curvature.",
    ),
    misconceptions=(
        Misconception(
            "flat-direction", "That is the limit of the flat direction alone. The steep one diverges before.", lambda A, B: 1 / (2 * B)
        ),
        Misconception(
            "diagonal",
            "2(A + B) is the curvature along x. A point on the diagonal sees a larger one: find the bowl's own axes.",
            lambda A, B: 1 / (A + B),
        ),
        Misconception("curvature-is-the-factor", "You took A for the curvature. Differentiate twice.", lambda A, B: 2 / (A + 0 * B)),
        Misconception(
            "two-lost",
            "At that rate the factor of the steep direction, 1 - rate times curvature, is 0. It may go down to -1.",
            lambda A, B: 1 / (4 * A),
        ),
        Misconception(
            "axis-not-normal",
            "2A is the curvature if the move were measured by x + y. But a step along x = y changes x + y twice as fast as x.",
            lambda A, B: 1 / (A + 0 * B),
        ),
        Misconception("best-rate", "That is the fastest rate. The limit is larger.", lambda A, B: 1 / (2 * (A + B))),
        Misconception(
            "sum-of-both",
            "The directions do not add up. Each has its own factor, and the steepest sets the limit.",
            lambda A, B: 2 / (A + B),
        ),
        Misconception("upside-down", "A steeper bowl needs smaller steps. You have it the other way round.", lambda A, B: 2 * A + 0 * B),
    ),
)


def _root(x):
    return x**0.5 if isinstance(x, (int, float)) else _symbolic_root(x)


def _symbolic_root(x):
    import sympy

    return sympy.sqrt(x)


ADAM_FIRST_STEP = Exercise(
    id="adam-first-step",
    chapter=16,
    title="Adam's first step, not corrected",
    task=(
        "Adam starts with m = s = 0. Leave both bias corrections out and set eps = 0. How far does the first step move the weight when "
        "the gradient is g > 0? Write the length in lr, b1, b2 (for beta_1, beta_2) and g, as far as they matter."
    ),
    kind="algebra",
    minutes=6,
    difficulty=2,
    parameters=("lr", "b1", "b2", "g"),
    starter='lr, b1, b2, g = sympy.symbols("lr b1 b2 g", positive=True)\nadam_first_step = ...',
    answer=lambda lr, b1, b2, g: lr * (1 - b1) / _root(1 - b2),
    assumptions=POSITIVE,
    examples=((0.125, 0.5, 0.75, 2), (1, 0.75, 0.9375, 3), (0.5, 0.875, 0.75, 0.25), (2, 0.5, 0.5, 5)),
    draw=lambda rng: (int(rng.integers(1, 16)) / 8, *(int(number) / 32 for number in rng.integers(8, 31, 2)), int(rng.integers(1, 40)) / 4),
    hints=(
        "Write m after one step, and s after one step. Both began at 0.",
        "m = (1 - b1) g and s = (1 - b2) g^2. The step is lr m divided by the root of s.",
        "The root of g^2 is g, and it cancels. What is left under the root?",
    ),
    misconceptions=(
        Misconception("corrected", "That is the step with both corrections. Here they are left out.", lambda lr, b1, b2, g: lr + 0 * g),
        Misconception(
            "no-root",
            "You divided by s itself. Adam divides by its square root.",
            lambda lr, b1, b2, g: lr * (1 - b1) / ((1 - b2) * g),
        ),
        Misconception(
            "root-forgotten-on-the-weight", "The root reaches the factor 1 - b2 too.", lambda lr, b1, b2, g: lr * (1 - b1) / (1 - b2)
        ),
        Misconception(
            "mean-not-weighted", "m is not g: the new gradient enters with the weight 1 - b1.", lambda lr, b1, b2, g: lr / _root(1 - b2)
        ),
        Misconception(
            "squares-not-weighted", "s is not g^2: the new square enters with the weight 1 - b2.", lambda lr, b1, b2, g: lr * (1 - b1)
        ),
        Misconception(
            "kept-shares",
            "b1 and b2 say how much of the old averages is kept. The new gradient enters with the rest.",
            lambda lr, b1, b2, g: lr * b1 / _root(b2),
        ),
        Misconception(
            "gradient-stays",
            "g cancels: it stands in m once, and its square stands under the root.",
            lambda lr, b1, b2, g: lr * (1 - b1) * g / _root(1 - b2),
        ),
        Misconception(
            "betas-swapped", "beta_1 belongs to the gradient, beta_2 to its square.", lambda lr, b1, b2, g: lr * (1 - b2) / _root(1 - b1)
        ),
    ),
)

EXERCISES = (MEAN_OR_SUM, MOMENTUM_BY_HAND, STABILITY_LIMIT, ADAM_FIRST_STEP)
