"""The error function, without SciPy.

W. J. Cody, "Rational Chebyshev approximations for the error function", Mathematics of Computation 23 (1969), 631-637,
doi:10.1090/S0025-5718-1969-0247736-4. Three quotients of polynomials, each on its own stretch, with a relative error below 1e-16;
the coefficients are those of his program CALERF at netlib.org/specfun/erf.
"""

import numpy as np

# erf(x) = x P(x^2) / Q(x^2) for |x| <= 0.46875; the highest power first, as everywhere below.
NEAR_P = (1.85777706184603153e-1, 3.16112374387056560e0, 1.13864154151050156e2, 3.77485237685302021e2, 3.20937758913846947e3)
NEAR_Q = (1.0, 2.36012909523441209e1, 2.44024637934444173e2, 1.28261652607737228e3, 2.84423683343917062e3)
# erfc(x) = exp(-x^2) P(x) / Q(x) for 0.46875 <= x <= 4.
MIDDLE_P = (
    *(2.15311535474403846e-8, 5.64188496988670089e-1, 8.88314979438837594e0, 6.61191906371416295e1, 2.98635138197400131e2),
    *(8.81952221241769090e2, 1.71204761263407058e3, 2.05107837782607147e3, 1.23033935479799725e3),
)
MIDDLE_Q = (
    *(1.0, 1.57449261107098347e1, 1.17693950891312499e2, 5.37181101862009858e2, 1.62138957456669019e3),
    *(3.29079923573345963e3, 4.36261909014324716e3, 3.43936767414372164e3, 1.23033935480374942e3),
)
# erfc(x) = exp(-x^2) / x (1 / sqrt(pi) - P(1 / x^2) / (x^2 Q(1 / x^2))) for x >= 4.
FAR_P = (
    *(1.63153871373020978e-2, 3.05326634961232344e-1, 3.60344899949804439e-1),
    *(1.25781726111229246e-1, 1.60837851487422766e-2, 6.58749161529837803e-4),
)
FAR_Q = (1.0, 2.56852019228982242e0, 1.87295284992346725e0, 5.27905102951428412e-1, 6.05183413124413191e-2, 2.33520497626869185e-3)
NEAR, FAR, GONE = 0.46875, 4.0, 28.0  # beyond 28, erfc is below the smallest double


def erf(x):
    """The error function erf(x) = 2 / sqrt(pi) times the integral of exp(-t^2) from 0 to x. Any float array; computed in float64."""
    x = np.asarray(x, dtype=np.float64)
    return np.where(np.abs(x) <= NEAR, _near(x), np.sign(x) * (1 - _tail(np.abs(x))))


def erfc(x):
    """The complement 1 - erf(x), without the cancellation for large x. Any float array; computed in float64."""
    x = np.asarray(x, dtype=np.float64)
    tail = _tail(np.abs(x))
    return np.where(np.abs(x) <= NEAR, 1 - _near(x), np.where(x < 0, 2 - tail, tail))


def _near(x):
    x = np.clip(x, -NEAR, NEAR)
    return x * np.polyval(NEAR_P, x * x) / np.polyval(NEAR_Q, x * x)


def _tail(x):
    """erfc for x >= 0.46875."""
    x = np.clip(x, NEAR, GONE)
    middle, far = np.minimum(x, FAR), np.maximum(x, FAR)
    inverse = 1 / (far * far)
    quotient = np.where(
        x <= FAR,
        np.polyval(MIDDLE_P, middle) / np.polyval(MIDDLE_Q, middle),
        (1 / np.sqrt(np.pi) - inverse * np.polyval(FAR_P, inverse) / np.polyval(FAR_Q, inverse)) / far,
    )
    # exp(-x^2) in two factors: x^2 rounded to one double would cost exp its last digits.
    coarse = np.trunc(x * 16) / 16
    return np.exp(-coarse * coarse) * np.exp(-(x - coarse) * (x + coarse)) * quotient
