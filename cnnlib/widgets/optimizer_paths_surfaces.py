"""The surfaces on which `OptimizerPaths` lets optimizers walk: losses of two weights, their slopes, their lines of equal loss."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

BOX = (-3.0, 3.0, -2.0, 2.0)  # left, right, bottom, top of every picture
CELLS = 60, 40  # the squares in which lines of equal loss are searched, along x and y
LINES = 12
ROOT = math.sqrt(2)


@dataclass(frozen=True)
class Surface:
    """A loss of two weights.

    value(x, y, k) and slope(x, y, k) -> (dL/dx, dL/dy) take numbers or arrays; k is the condition number, which only bowl and ravine
    use. lowest: the smallest value. minima: where it is small, as points. bend: how the lines of equal loss crowd around the lowest one.
    text: the formula, as the picture says it.
    """

    value: Callable
    slope: Callable
    lowest: float
    minima: tuple
    bend: float
    text: str


def _ravine_slope(x, y, k):
    along, across = (x + y) / ROOT, k * (x - y) / ROOT
    return (along + across) / ROOT, (along - across) / ROOT


def _rosenbrock_slope(x, y, k):
    off = y - x * x
    return -2 * (1 - x) - 40 * x * off, 20 * off


def _plateau_slope(x, y, k):
    height = np.exp(-(x * x + y * y) / 2)
    return x * height, y * height


SURFACES = {
    "bowl": Surface(
        lambda x, y, k: (x * x + k * y * y) / 2, lambda x, y, k: (x, k * y), 0.0, ((0, 0),), 2.5, "(x² + κ y²) / 2, curvatures 1 and κ"
    ),
    "ravine": Surface(
        lambda x, y, k: ((x + y) * (x + y) + k * (x - y) * (x - y)) / 4,
        _ravine_slope,
        0.0,
        ((0, 0),),
        2.5,
        "the bowl, turned by 45 degrees",
    ),
    "saddle": Surface(
        lambda x, y, k: (x * x - y * y) / 2 + y * y * y * y / 8,
        lambda x, y, k: (x, -y + y * y * y / 2),
        -0.5,
        ((0, -ROOT), (0, ROOT)),
        1.6,
        "(x² − y²) / 2 + y⁴ / 8, a saddle at (0, 0)",
    ),
    "Rosenbrock": Surface(
        lambda x, y, k: (1 - x) * (1 - x) + 10 * (y - x * x) * (y - x * x),
        _rosenbrock_slope,
        0.0,
        ((1, 1),),
        4.0,
        "(1 − x)² + 10 (y − x²)², a curved valley",
    ),
    "two valleys": Surface(
        lambda x, y, k: x * x * x * x / 8 + x * x * x / 12 - 3 * x * x / 4 + y * y / 2,
        lambda x, y, k: (x * (x + 2) * (x - 1.5) / 2, y),
        -5 / 3,
        ((-2, 0), (1.5, 0)),
        1.6,
        "x⁴/8 + x³/12 − 3x²/4 + y²/2, the left valley is deeper",
    ),
    "plateau": Surface(
        lambda x, y, k: 1 - np.exp(-(x * x + y * y) / 2),
        _plateau_slope,
        0.0,
        ((0, 0),),
        1.0,
        "1 − exp(−(x² + y²) / 2), flat far from (0, 0)",
    ),
}
CONDITIONED = ("bowl", "ravine")  # those that have a condition number


def heights(name, condition):
    """The losses at the corners of all squares, (rows, columns), rows along y from the bottom."""
    left, right, bottom, top = BOX
    x = left + (right - left) * np.arange(CELLS[0] + 1) / CELLS[0]
    y = bottom + (top - bottom) * np.arange(CELLS[1] + 1) / CELLS[1]
    return SURFACES[name].value(x[None, :], y[:, None], condition)


def levels(name, values):
    """The losses that get a line: dense near the lowest value, wide apart higher up."""
    lowest, highest = SURFACES[name].lowest, float(values.max())
    return [lowest + (highest - lowest) * (number / (LINES + 1)) ** SURFACES[name].bend for number in range(1, LINES + 1)]


def contour(values, level):
    """Pieces of the line on which the loss is `level`: ((x, y), (x, y)) in squares from the corner at the bottom left.

    A square whose corners lie on both sides is crossed; on its edges the loss is taken to change evenly.
    """
    pieces, rows = [], values.tolist()
    for i in range(len(rows) - 1):
        for j in range(len(rows[0]) - 1):
            corners = ((j, i, rows[i][j]), (j + 1, i, rows[i][j + 1]), (j + 1, i + 1, rows[i + 1][j + 1]), (j, i + 1, rows[i + 1][j]))
            found = [_crossing(corners[at], corners[(at + 1) % 4], level) for at in range(4)]
            found = [point for point in found if point]
            pieces += [(found[at], found[at + 1]) for at in range(0, len(found), 2)]
    return pieces


def _crossing(one, other, level):
    """The point between two corners at which the loss is `level`, or None where both lie on the same side."""
    if (one[2] < level) == (other[2] < level):
        return None
    share = (level - one[2]) / (other[2] - one[2])
    return one[0] + share * (other[0] - one[0]), one[1] + share * (other[1] - one[1])
