# ruff: noqa
# Solutions of chapter 15, as cells. A student release leaves this folder out.

# exercise: unscaled-by-hand
# Fan-ins: 4 * 9 = 36, 16 * 1 = 16, 25 * 4 = 100. Factors of the scale: 6, 4, 10.
unscaled_by_hand = (6, 6 * 4, 6 * 4 * 10)

# exercise: batch-norm-by-hand
# Mean 5, deviations -3, -1, -1, 5, variance 36 / 4 = 9. So z = -1, -1/3, -1/3, 5/3.
batch_norm_by_hand = (6 * -1 + 1, 6 * -1 / 3 + 1, 6 * -1 / 3 + 1, 6 * 5 / 3 + 1)

# exercise: gain-two-slopes
import sympy

n, A, B = sympy.symbols("n A B", positive=True)
gain_two_slopes = 2 / (n * (A**2 + B**2))

# another way
import sympy

n, A, B, v = sympy.symbols("n A B v", positive=True)
gain_two_slopes = sympy.solve(n * v * (A**2 + B**2) / 2 - 1, v)[0]

# another way
import sympy
from sympy import stats

n, A, B = sympy.symbols("n A B", positive=True)
z = stats.Uniform("z", -1, 1)
kept = stats.E(sympy.Piecewise((A**2 * z**2, z > 0), (B**2 * z**2, True))) / stats.E(z**2)
gain_two_slopes = 1 / (n * kept)

# exercise: uniform-bound
import sympy

n, m = sympy.symbols("n m", positive=True)
uniform_bound = sympy.sqrt(6 / (n + m))

# another way
import sympy

n, m, b = sympy.symbols("n m b", positive=True)
uniform_bound = sympy.solve(b**2 / 3 - 2 / (n + m), b)[0]

# another way
import sympy

n, m = sympy.symbols("n m", positive=True)
uniform_bound = sympy.sqrt(3) * sympy.sqrt(2 / (n + m))

# exercise: dropout-variance
import sympy

x, p = sympy.symbols("x p", positive=True)
dropout_variance = p * x**2 / (1 - p)

# another way
import sympy

x, p = sympy.symbols("x p", positive=True)
dropout_variance = (1 - p) * (x / (1 - p)) ** 2 - x**2

# another way
import sympy

x, p = sympy.symbols("x p", positive=True)
dropout_variance = p * (0 - x) ** 2 + (1 - p) * (x / (1 - p) - x) ** 2


# exercise: he-init
import numpy as np


def he_init(noise, negative_slope):
    fan_in = np.prod(noise.shape[1:])
    return noise * np.sqrt(2 / ((1 + negative_slope**2) * fan_in))


# another way
import numpy as np


def he_init(noise, negative_slope):
    kept = (1 + negative_slope * negative_slope) / 2
    return noise / np.sqrt(kept * np.prod(noise.shape[1:]))


# another way
import math


def he_init(noise, negative_slope):
    fan_in = noise.size / len(noise)
    variance = 2 / (fan_in * (1 + negative_slope**2))
    return math.sqrt(variance) * noise


# exercise: batch-norm-backward
import numpy as np


def batch_norm_backward(dy, x, gamma, eps):
    over = dict(axis=(0, 2, 3), keepdims=True)
    root = np.sqrt(x.var(**over) + eps)
    z = (x - x.mean(**over)) / root
    dx = gamma[:, None, None] / root * (dy - dy.mean(**over) - z * (dy * z).mean(**over))
    return dx, (dy * z).sum(axis=(0, 2, 3)), dy.sum(axis=(0, 2, 3))


# another way: channel by channel
import numpy as np


def batch_norm_backward(dy, x, gamma, eps):
    dx, dgamma, dbeta = [], [], []
    for c, factor in enumerate(gamma):
        root = np.sqrt(x[:, c].var() + eps)
        z, g = (x[:, c] - x[:, c].mean()) / root, dy[:, c]
        dx.append(factor / root * (g - g.mean() - z * (g * z).mean()))
        dgamma.append((g * z).sum())
        dbeta.append(g.sum())
    return np.stack(dx, axis=1), np.array(dgamma), np.array(dbeta)


# another way: the chain rule, step by step
import numpy as np


def batch_norm_backward(dy, x, gamma, eps):
    over = dict(axis=(0, 2, 3), keepdims=True)
    apart = x - x.mean(**over)
    variance = (apart**2).mean(**over) + eps
    dz = dy * gamma[:, None, None]
    dvariance = (dz * apart).mean(**over) * variance**-1.5 / -2
    dapart = dz / np.sqrt(variance) + dvariance * apart * 2
    dx = dapart - dapart.mean(**over)
    return dx, (dy * apart / np.sqrt(variance)).sum(axis=(0, 2, 3)), dy.sum(axis=(0, 2, 3))


# exercise: running-statistics
def running_statistics(running_mean, running_var, x, momentum):
    mean = x.mean(axis=(0, 2, 3))
    variance = x.var(axis=(0, 2, 3), ddof=1)
    return (1 - momentum) * running_mean + momentum * mean, (1 - momentum) * running_var + momentum * variance


# another way
def running_statistics(running_mean, running_var, x, momentum):
    mean = x.mean(axis=(0, 2, 3))
    number = x.size / len(mean)
    variance = ((x - mean[:, None, None]) ** 2).sum(axis=(0, 2, 3)) / (number - 1)
    return running_mean + momentum * (mean - running_mean), running_var + momentum * (variance - running_var)


# another way
def running_statistics(running_mean, running_var, x, momentum):
    number = x.size / x.shape[1]
    batch = x.mean(axis=(0, 2, 3)), x.var(axis=(0, 2, 3)) * number / (number - 1)
    old = running_mean, running_var
    return tuple(before + (now - before) * momentum for before, now in zip(old, batch))
