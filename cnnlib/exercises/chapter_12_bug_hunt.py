"""The bug hunt of chapter 12: five backward passes of one small block, each with one fault, and the exercise to name the faults.

Whoever wants to hunt should close this file now: it says which suspect has which fault.
"""

import numpy as np

from cnnlib.exercises.exercise import Exercise, Misconception
from cnnlib.geometry import Window
from cnnlib.ops.activations import relu, relu_backward
from cnnlib.ops.convolution import conv2d, conv2d_backward

# The faults to choose from; a diagnosis is the number of a line, counted from 1.
FAULTS = (
    "db is taken from the first image alone",
    "the kernel is not rotated in dx",
    "the mask of ReLU is taken from the sign of dy",
    "nothing is wrong",
    "in dx, windows that overlap overwrite each other instead of adding up",
    "dw and db are divided by the number of images",
    "the padding is not cropped off: dx is shifted",
    "the stride is ignored in dx",
)


def block(x, w, b, *, stride=2, padding=1):
    """Convolution, bias, ReLU: what the suspects claim to differentiate. x (N, C, H, W), w (F, C, k, k), b (F,)."""
    return relu(conv2d(x, w, b, stride=stride, padding=padding))


def _spread(g, w, x_shape, stride, padding, fault):
    """dx by scattering: every place adds g times the kernel to the cells that it read."""
    kernel = w[..., ::-1, ::-1] if fault == 2 else w
    places = [Window.fit(n, w.shape[2], stride, padding) for n in x_shape[2:]]
    wide = np.zeros((*x_shape[:2], *(n + 2 * padding for n in x_shape[2:])))
    step = 1 if fault == 8 else stride
    for i in range(places[0].count):
        for j in range(places[1].count):
            part = np.einsum("nf,fcuv->ncuv", g[:, :, i, j], kernel)
            here = np.s_[:, :, i * step : i * step + w.shape[2], j * step : j * step + w.shape[3]]
            wide[here] = part if fault == 5 else wide[here] + part
    first = 0 if fault == 7 else padding
    return wide[:, :, first : first + x_shape[2], first : first + x_shape[3]]


def _suspect(fault):
    def backward(dy, x, w, b, *, stride=2, padding=1):
        z = conv2d(x, w, b, stride=stride, padding=padding)
        g = dy * (dy > 0) if fault == 3 else relu_backward(dy, z)
        _, dw, db = conv2d_backward(g, x, w, stride=stride, padding=padding)
        if fault == 6:
            dw, db = dw / len(x), db / len(x)
        if fault == 1:
            db = g[:1].sum(axis=(0, 2, 3))
        return _spread(g, w, x.shape, stride, padding, fault), dw, db

    return backward


_DIAGNOSIS = (5, 3, 8, 2, 6)
SUSPECTS = {name: _suspect(fault) for name, fault in zip("ABCDE", _DIAGNOSIS, strict=True)}

BUG_HUNT = Exercise(
    id="bug-hunt",
    chapter=12,
    title="Who did it?",
    task=(
        "Five suspects, A to E, are backward passes of the same block: convolution, bias, ReLU. Each has one fault from the list of eight. "
        "Find out which, with experiments alone, and give the five numbers from the list, in the order A, B, C, D, E."
    ),
    kind="number",
    minutes=20,
    difficulty=3,
    starter="bug_hunt = (..., ..., ..., ..., ...)",
    answer=lambda: _DIAGNOSIS,
    parts=tuple(f"the fault of suspect {name}" for name in SUSPECTS),
    whole=None,
    hints=(
        "First look which of dx, dw and db are wrong. On the way back ReLU comes first, so a fault there spoils all three. A fault in dx "
        "spoils dx alone.",
        "A fault is known by the setting in which it vanishes. One image, stride 1, no padding, a symmetric kernel, a stride as large as "
        "the kernel: which fault becomes harmless in which?",
        "Suspects A, C and D are wrong in dx alone. One of them is right at stride 1, one where the windows do not overlap, one with a "
        "symmetric kernel.",
    ),
    misconceptions=(
        Misconception(
            "rotation-and-stride",
            "Look at C and D again. Which of the two is right at stride 1, and which with a symmetric kernel?",
            lambda: (5, 3, 2, 8, 6),
        ),
        Misconception(
            "overlap-and-stride",
            "Look at A and C again. Which of the two is right at stride 3, where no two windows of 3 cells overlap?",
            lambda: (8, 3, 5, 2, 6),
        ),
        Misconception(
            "overlap-and-rotation",
            "Look at A and D again. What does a symmetric kernel change, and for whom?",
            lambda: (2, 3, 8, 5, 6),
        ),
        Misconception(
            "shift-for-stride", "If C forgot to crop the padding, it would be right without padding. Try it.", lambda: (5, 3, 7, 2, 6)
        ),
        Misconception("bias-alone", "Look at E again: is db the only gradient that is wrong?", lambda: (5, 3, 8, 2, 1)),
        Misconception(
            "mask-and-mean",
            "Look at B and E again. One of them is wrong in dx too, and one is right for a single image.",
            lambda: (5, 6, 8, 2, 3),
        ),
        Misconception(
            "all-innocent",
            "None of them is right: with the first settings each has a wrong dx, or a wrong dw and db.",
            lambda: (4, 4, 4, 4, 4),
        ),
        Misconception(
            "in-the-order-of-the-list",
            "These five faults do occur. Now find out which suspect has which.",
            lambda: (2, 3, 5, 6, 8),
        ),
    ),
)

EXERCISES = (BUG_HUNT,)
