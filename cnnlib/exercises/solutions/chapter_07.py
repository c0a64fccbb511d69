# ruff: noqa
# Solutions of chapter 07, as cells. A student release leaves this folder out.

# exercise: merge-by-hand
# y[0] = (2x0 + x1 + 4) - 2(2x1 + x2 + 4) + 3(2x2 + x3 + 4) - 5 = 2x0 - 3x1 + 4x2 + 3x3 + 3.
merge_by_hand = (2, -3, 4, 3, 3)

# exercise: leaky-by-hand
# The slopes are 0.25, 1, 0.25, 1.
leaky_by_hand = (4 * 0.25, -1, 2 * 0.25, 5)

# exercise: silu-slope
import sympy

x, s = sympy.symbols("x s", real=True)
silu_slope = s + x * s * (1 - s)

# another way
import sympy

x, s = sympy.symbols("x s", real=True)
silu_slope = s * (1 + x * (1 - s))

# another way
import sympy

x, s = sympy.symbols("x s")
silu_slope = s + x * s - x * s**2

# exercise: steepest-slope
import sympy

A, B, C = sympy.symbols("A B C", positive=True)
steepest_slope = A * B / 4

# another way
import sympy

A, B, C, x = sympy.symbols("A B C x")
f = A / (1 + sympy.exp(-(B * x + C)))
steepest_slope = sympy.simplify(f.diff(x).subs(x, -C / B))

# another way
import sympy

A, B, s = sympy.symbols("A B s")
steepest_slope = A * B * (s * (1 - s)).subs(s, sympy.Rational(1, 2))

# exercise: sigmoid-inverse
import sympy

y = sympy.symbols("y", positive=True)
sigmoid_inverse = sympy.log(y / (1 - y))

# another way
import sympy

y = sympy.symbols("y", positive=True)
sigmoid_inverse = sympy.log(y) - sympy.log(1 - y)

# another way
import sympy

y = sympy.symbols("y", positive=True)
sigmoid_inverse = -sympy.log(1 / y - 1)


# exercise: relu-backward
def relu_backward(dy, x):
    return dy * (x > 0)


# another way
import numpy as np


def relu_backward(dy, x):
    return np.where(x <= 0, 0.0, dy)


# another way
import numpy as np


def relu_backward(dy, x):
    dx = np.array(dy)
    for place, number in np.ndenumerate(x):
        if not number > 0:
            dx[place] = 0
    return dx


# another way
def relu_backward(dy, x):
    dx = dy.copy()
    dx[x <= 0] = 0
    return dx


# exercise: stable-softplus
import numpy as np


def stable_softplus(x):
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))


# another way
import numpy as np


def stable_softplus(x):
    return np.logaddexp(0, x)


# another way
import numpy as np


def stable_softplus(x):
    size = np.abs(x)
    return (x + size) / 2 + np.log1p(np.exp(-size))


# exercise: dead-units
import numpy as np


def dead_units(x, w, b):
    z = x @ w.T + b
    return int(np.all(z <= 0, axis=0).sum())


# another way
def dead_units(x, w, b):
    dead = 0
    for weights, bias in zip(w, b):
        dead = dead + all(sum(row * weights) + bias <= 0 for row in x)
    return dead


# another way
import numpy as np


def dead_units(x, w, b):
    z = np.einsum("if,jf->ij", x, w) + b
    return z.shape[1] - np.count_nonzero(z.max(axis=0) > 0)
