"""Ready-made inputs and kernels for the widgets: functions (rows, columns) -> rows of numbers.

presets.js is the browser's twin; tests/browser/test_parity.py holds the two equal.
"""

from math import comb


def _fill(rows, columns, rule):
    return tuple(tuple(rule(i, j) for j in range(columns)) for i in range(rows))


def _digits(rows, columns):
    """Digits 0 to 9 from Park and Miller's generator with seed 7; cell (i, j) keeps its digit when the input grows."""
    state, digits = 7, []
    for _ in range(12 * 12):
        state = state * 16807 % 2147483647
        digits.append(state // 214748365)
    return _fill(rows, columns, lambda i, j: digits[12 * i + j])


def _choose(n, k):
    return comb(n, k) if 0 <= k <= n else 0


def _smooth(k, i):
    """Binomial weights: 1 2 1 for k = 3."""
    return _choose(k - 1, i)


def _slope(k, i):
    """The difference of binomial weights: -1 0 1 for k = 3; nothing to compare in a single cell."""
    return _choose(k - 2, i - 1) - _choose(k - 2, i)


def _steps(rows, columns, i, j):
    """Steps from the middle cell."""
    return abs(i - rows // 2) + abs(j - columns // 2)


def _identity(rows, columns):
    return _fill(rows, columns, lambda i, j: int(_steps(rows, columns, i, j) == 0))


def _laplacian(rows, columns):
    """Ones beside the middle cell and minus their number in it."""
    beside = _fill(rows, columns, lambda i, j: int(_steps(rows, columns, i, j) == 1))
    count = sum(map(sum, beside))
    return _fill(rows, columns, lambda i, j: -count if _steps(rows, columns, i, j) == 0 else beside[i][j])


def _sharpen(rows, columns):
    """The identity minus the Laplacian: it adds to each cell what sets it apart from its neighbours."""
    one, minus = _identity(rows, columns), _laplacian(rows, columns)
    return _fill(rows, columns, lambda i, j: one[i][j] - minus[i][j])


INPUTS = {
    "counting": lambda rows, columns: _fill(rows, columns, lambda i, j: i * columns + j + 1),
    "checker": lambda rows, columns: _fill(rows, columns, lambda i, j: (i + j) % 2),
    "impulse": _identity,
    "random": _digits,
    "edge": lambda rows, columns: _fill(rows, columns, lambda i, j: int(j >= columns // 2)),
}
KERNELS = {
    "ones": lambda rows, columns: _fill(rows, columns, lambda i, j: 1),
    "identity": _identity,
    "box mean": lambda rows, columns: _fill(rows, columns, lambda i, j: 1 / (rows * columns)),
    "sharpen": _sharpen,
    "sobel x": lambda rows, columns: _fill(rows, columns, lambda i, j: _smooth(rows, i) * _slope(columns, j)),
    "sobel y": lambda rows, columns: _fill(rows, columns, lambda i, j: _slope(rows, i) * _smooth(columns, j)),
    "laplacian": _laplacian,
}


def _gaussian(rows, columns):
    """Pascal's triangle along both axes, with the sum 1."""
    total = 2 ** (rows + columns - 2)
    return _fill(rows, columns, lambda i, j: _smooth(rows, i) * _smooth(columns, j) / total)


def _emboss(rows, columns):
    """Light from the upper left: the further towards the lower right, the larger; 1 in the middle keeps the brightness."""
    middle = rows // 2 + columns // 2
    return _fill(rows, columns, lambda i, j: i + j - middle + int(_steps(rows, columns, i, j) == 0))


# For whole pictures, as the kernel lab shows them.
FILTERS = KERNELS | {
    "gaussian": _gaussian,
    "emboss": _emboss,
    "random": lambda rows, columns: tuple(tuple(digit - 4 for digit in row) for row in _digits(rows, columns)),
}


def refit(cells, preset, presets, shape):
    """Cells of the wanted shape: from the preset, or, for "custom" cells, what was there, cut or filled up with zeros."""
    rows, columns = shape
    if preset in presets:
        return presets[preset](rows, columns)
    return _fill(rows, columns, lambda i, j: cells[i][j] if i < len(cells) and j < len(cells[0]) else 0)
