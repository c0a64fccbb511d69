# ruff: noqa
# Solutions of chapter 12, as cells. A student release leaves this folder out.

# exercise: difference-by-hand
# f(1/2) = -3/8, f(1) = 0, f(3/2) = 15/8. The derivative is 2: the central difference is nearest to it.
difference_by_hand = (15 / 4, 3 / 4, 9 / 4)

# exercise: kink-by-hand
# ReLU is 0 at -0.006, 0.002 at 0.002 and 0.010 at 0.010. The slope at x is 1; only the forward difference does not cross the kink.
kink_by_hand = (0.008 / 0.008, 0.002 / 0.008, 0.010 / 0.016)

# exercise: best-step-forward
import sympy

epsilon, F, S = sympy.symbols("epsilon F S", positive=True)
best_step_forward = 2 * sympy.sqrt(epsilon * F / S)

# another way
import sympy

epsilon, F, S = sympy.symbols("epsilon F S", positive=True)
h = sympy.Symbol("h", positive=True)
best_step_forward = sympy.solve(sympy.diff(h * S / 2 + 2 * epsilon * F / h, h), h)[0]

# another way
import sympy

epsilon, F, S = sympy.symbols("epsilon F S", positive=True)
best_step_forward = sympy.sqrt(4 * epsilon * F) / sympy.sqrt(S)

# exercise: quotient-at-a-kink
import sympy

a, t, h = sympy.symbols("a t h", real=True)
quotient_at_a_kink = ((t + h) - a * (t - h)) / (2 * h)

# another way
import sympy

a, t, h = sympy.symbols("a t h", real=True)
quotient_at_a_kink = (1 + a) / 2 + (1 - a) * t / (2 * h)

# another way
import sympy

a, t, h = sympy.symbols("a t h", real=True)
quotient_at_a_kink = sympy.Rational(1, 2) * (t / h + 1) + a * (h - t) / (2 * h)


# exercise: gradient-error
import numpy as np


def gradient_error(f, backward, x, dy):
    h = 1e-5
    numeric = np.empty(x.shape)
    for index in np.ndindex(x.shape):
        above, below = x.copy(), x.copy()
        above[index] += h
        below[index] -= h
        numeric[index] = np.sum(dy * (f(above) - f(below))) / (2 * h)
    analytic = backward(dy, x)
    scale = max(np.abs(analytic).max(), np.abs(numeric).max())
    return np.abs(analytic - numeric).max() / scale if scale else 0.0


# another way
import numpy as np


def gradient_error(f, backward, x, dy):
    analytic = backward(dy, x).ravel()
    gaps, sizes = [], []
    for number in range(x.size):
        nudge = np.zeros(x.size)
        nudge[number] = 1e-5
        nudge = nudge.reshape(x.shape)
        numeric = np.sum(dy * f(x + nudge)) - np.sum(dy * f(x - nudge))
        numeric = numeric / 2e-5
        gaps.append(abs(analytic[number] - numeric))
        sizes += [abs(analytic[number]), abs(numeric)]
    return max(gaps) / max(sizes) if any(sizes) else 0.0


# another way
import numpy as np


def gradient_error(f, backward, x, dy):
    steps = 1e-5 * np.eye(x.size).reshape(x.size, *x.shape)
    quotients = [np.sum(dy * (f(x + step) - f(x - step))) / 2e-5 for step in steps]
    both = np.array([quotients, backward(dy, x).ravel()])
    if not both.any():
        return 0.0
    return np.abs(both[0] - both[1]).max() / np.abs(both).max()


# exercise: dot-product-gap
import numpy as np


def dot_product_gap(forward, backward, x, dy):
    left = np.sum(dy * forward(x))
    right = np.sum(backward(dy) * x)
    return abs(left - right) / (abs(left) + abs(right))


# another way
import numpy as np


def dot_product_gap(forward, backward, x, dy):
    left = np.vdot(dy, forward(x))
    right = np.vdot(backward(dy), x)
    return abs(left - right) / (abs(left) + abs(right))


# another way
import numpy as np


def dot_product_gap(forward, backward, x, dy):
    left = sum(a * b for a, b in zip(dy.ravel(), forward(x).ravel()))
    right = sum(a * b for a, b in zip(backward(dy).ravel(), x.ravel()))
    return abs(left - right) / (abs(left) + abs(right))


# exercise: bug-hunt
# B is wrong in dx, dw and db: its fault stands before the convolution. E is wrong in dw and db, and right for one image.
# A, C and D are wrong in dx alone: A is right where windows do not overlap, C at stride 1, D with a symmetric kernel.
bug_hunt = (5, 3, 8, 2, 6)
