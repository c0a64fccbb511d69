"""Two ways to test a gradient without knowing it: finite differences, and the transpose law of linear operations."""

import inspect
from dataclasses import dataclass

import numpy as np

from cnnlib.arrays import as_array, make_rng

TOLERANCE = 1e-6
FLOOR = 1e-3  # below this share of |dy| |y| a difference quotient is rounding noise


@dataclass(frozen=True)
class GradientReport:
    """What `check_gradients` found: `passed`, and `worst`, the largest relative error of any entry.

    array and index say where the worst entry is, analytic and numeric what the backward and the difference quotient gave there, and
    entries how many were compared. `bool(report)` is `passed`; `print(report)` says it all.
    """

    passed: bool
    worst: float
    array: int
    index: tuple
    analytic: float
    numeric: float
    entries: int

    def __bool__(self):
        return self.passed

    def __str__(self):
        verdict = "passed" if self.passed else "FAILED"
        if not self.entries:
            return f"gradient check {verdict}: the arrays hold no entries."
        place = ", ".join(map(str, self.index))
        return (
            f"gradient check {verdict}: {self.entries} entries, worst relative error {self.worst:.1e} (allowed {TOLERANCE:.0e})\n"
            f"worst entry: arrays[{self.array}][{place}]: backward {self.analytic:+.9g}, finite difference {self.numeric:+.9g}"
        )


def check_gradients(f, backward, arrays, *, rng=0):
    """Compare every entry of a backward's gradients with finite differences of L = sum of dy f(arrays), dy being random.

    Each entry a moves by h = (machine epsilon)^(1/3) max(1, |a|) to both sides, which balances the error of the difference quotient
    with rounding; all in float64. The relative error of an entry is |backward - difference| divided by the largest gradient entry of
    its array (or, where that is tiny, by 1e-3 of the largest product |dy| |y|). At most 1e-6 passes. At a kink, such as relu at 0,
    the difference quotient is wrong, not the backward: draw arrays that stay away from it.

    f: the operation, called as f(*arrays). backward: called as backward(dy, *arrays), or with the leading arrays only where it takes
    fewer; returns one gradient or a tuple, in the order of the arrays. arrays: an array or a sequence of arrays.
    rng: Generator or int seed for dy. Returns a GradientReport.
    Source: Press et al., Numerical Recipes, 3rd ed. 2007, section 5.7 (choice of h).
    """
    _check_callable(f=f, backward=backward)
    arrays = [arrays] if isinstance(arrays, np.ndarray) else arrays
    if not isinstance(arrays, (list, tuple)):
        raise TypeError(f"arrays={arrays!r} is not a sequence of arrays. Pass a list such as [x, w].")
    arrays = [as_array(array, f"arrays[{i}]").astype(np.float64) for i, array in enumerate(arrays)]
    y = np.asarray(f(*arrays))
    dy = _upstream(rng, y.shape)
    gradients = _gradients(backward, dy, arrays)
    floor = FLOOR * np.max(np.abs(dy) * np.abs(y), initial=0)
    worst, entries = (0.0, 0, (), 0.0, 0.0), sum(array.size for array in arrays)
    for i, (array, gradient) in enumerate(zip(arrays, gradients, strict=True)):
        numeric = _differences(f, dy, arrays, i)
        scale = max(np.max(np.abs(gradient), initial=0), np.max(np.abs(numeric), initial=0), floor)
        for index in np.ndindex(array.shape):
            error = abs(gradient[index] - numeric[index])
            error = float(error / scale) if error else 0.0
            error = error if np.isfinite(error) else np.inf
            if error > worst[0] or (i, index) == (0, (0,) * array.ndim):
                worst = (error, i, index, float(gradient[index]), float(numeric[index]))
    return GradientReport(worst[0] <= TOLERANCE, *worst, entries)


def _check_callable(**functions):
    for name, function in functions.items():
        if not callable(function):
            raise TypeError(f"{name}={function!r} cannot be called. Pass a function.")


def _upstream(rng, shape):
    """A random dy from a stream of its own: default_rng(0) may have drawn the arrays, and dy = x hides errors."""
    return make_rng(rng).spawn(1)[0].normal(size=shape)


def _gradients(backward, dy, arrays):
    """Call the backward, and see that every array gets a gradient of its own shape."""
    gradients = backward(dy, *arrays[: _arrays_taken(backward, len(arrays))])
    gradients = list(gradients) if isinstance(gradients, (tuple, list)) else [gradients]
    if len(gradients) < len(arrays):
        raise ValueError(f"backward returned {len(gradients)} gradients for {len(arrays)} arrays. Make it return one for each array.")
    gradients = [as_array(gradient, f"gradient {i} of backward") for i, gradient in enumerate(gradients[: len(arrays)])]
    for i, (array, gradient) in enumerate(zip(arrays, gradients, strict=True)):
        if gradient.shape != array.shape:
            raise ValueError(
                f"backward returned a gradient of shape {gradient.shape} for arrays[{i}] of shape {array.shape}. Make them equal."
            )
    return gradients


def _arrays_taken(backward, most):
    """How many arrays the backward takes after dy: `conv2d_backward(dy, x, w)` does not ask for the bias."""
    try:
        parameters = inspect.signature(backward).parameters.values()
    except (TypeError, ValueError):
        return most
    if any(parameter.kind is parameter.VAR_POSITIONAL for parameter in parameters):
        return most
    wanted = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    return min(most, len(wanted) - 1)


def _differences(f, dy, arrays, i):
    """The central difference quotient of L for every entry of arrays[i]."""
    numeric = np.zeros(arrays[i].shape)
    for index in np.ndindex(numeric.shape):
        step = np.cbrt(np.finfo(np.float64).eps) * max(1.0, abs(arrays[i][index]))
        moved = [array.copy() for array in arrays]
        moved[i][index] = above = arrays[i][index] + step
        y_above = np.asarray(f(*moved))
        moved[i][index] = below = arrays[i][index] - step
        # Subtracting before summing keeps the digits that a difference of two large sums would lose.
        numeric[index] = np.sum(dy * (y_above - f(*moved))) / (above - below)
    return numeric


@dataclass(frozen=True)
class DotProductReport:
    """What `dot_product_test` found: left = <dy, f(x)> and right = <backward(dy), x>, which a transposed pair makes equal."""

    passed: bool
    left: float
    right: float

    def __bool__(self):
        return self.passed

    def __str__(self):
        verdict = "passed" if self.passed else "FAILED"
        return f"dot-product test {verdict}: <dy, f(x)> = {self.left:+.12g}, <backward(dy), x> = {self.right:+.12g}"


def dot_product_test(f, backward, x, *, rng=0):
    """Test that `backward` is the transpose of the linear map f: <dy, f(x)> = <backward(dy), x> for a random dy.

    f: a linear operation of one array. backward: dy -> gradient. x: the array. Returns a DotProductReport; it passes when the two sides
    agree to 1e-10 of the sum of their terms' sizes. Source: Claerbout, Earth Soundings Analysis 1992, section 5 (the dot-product test).
    """
    _check_callable(f=f, backward=backward)
    x = as_array(x, "x").astype(np.float64)
    y = np.asarray(f(x))
    dy = _upstream(rng, y.shape)
    dx = as_array(backward(dy), "the result of backward")
    if dx.shape != x.shape:
        raise ValueError(f"backward returned a gradient of shape {dx.shape} for x of shape {x.shape}. Make them equal.")
    left, right = float(np.sum(dy * y)), float(np.sum(dx * x))
    size = float(np.sum(np.abs(dy * y)) + np.sum(np.abs(dx * x)))
    return DotProductReport(bool(abs(left - right) <= 1e-10 * size), left, right)
