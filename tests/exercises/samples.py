"""Exercises of the tests' own: arrays, tuples and algebra in the forms that later chapters use."""

import numpy as np

from cnnlib.exercises.exercise import Exercise, Misconception


def _arrays(rng):
    return rng.standard_normal((2, 3, 5, 4)), rng.standard_normal((3,))


COMMON = dict(chapter=99, title="a sample", task="a sample", minutes=1, difficulty=1, hints=("first", "second", "third"))

SCALE = Exercise(
    **COMMON,
    id="scale",
    kind="program",
    parameters=("x", "w"),
    starter="def scale(x, w):\n    return ...",
    answer=lambda x, w: x * w[:, None, None],
    examples=((np.arange(4.0).reshape(1, 1, 2, 2), np.array([2.0])),),
    draw=_arrays,
    misconceptions=(
        Misconception("added", "Multiply, do not add.", lambda x, w: x + w[:, None, None]),
        Misconception("summed", "Keep the axes.", lambda x, w: (x * w[:, None, None]).sum(axis=1)),
        Misconception("first-weight", "Every channel has a weight of its own.", lambda x, w: x * w[0]),
    ),
)

GRADIENTS = Exercise(
    **COMMON,
    id="gradients",
    kind="program",
    parameters=("dy", "x"),
    parts=("dx", "dw"),
    starter="def gradients(dy, x):\n    dx, dw = ..., ...\n    return dx, dw",
    answer=lambda dy, x: (dy * 3, (dy * x).sum(axis=0)),
    examples=((np.ones((1, 2)), np.arange(2.0)[None]),),
    draw=lambda rng: (rng.standard_normal((4, 3)), rng.standard_normal((4, 3))),
    misconceptions=(Misconception("mean", "Sum over the batch; do not average.", lambda dy, x: (dy * 3, (dy * x).mean(axis=0))),),
)

HALF = Exercise(
    **COMMON,
    id="half",
    kind="algebra",
    parameters=("n", "s"),
    starter="half = ...",
    answer=lambda n, s: n // s,
    examples=((7, 2), (8, 2), (9, 4)),
    draw=lambda rng: (int(rng.integers(1, 50)), int(rng.integers(1, 7))),
    misconceptions=(Misconception("no-floor", "Round down.", lambda n, s: n / s),),
)
