# ruff: noqa
# Solutions of chapter 09, as cells. A student release leaves this folder out.

# exercise: dense-by-hand
# y[0] = 1*2 + 0*1 + (-2)*(-3) + 4 = 12 and y[1] = 3*2 - 1*1 + 1*(-3) - 5 = -3.
# dx[0] = 2*1 - 1*3, dx[1] = 2*0 - 1*(-1), dx[2] = 2*(-2) - 1*1.
dense_by_hand = (12, -3, -1, 1, -5)

# exercise: gradient-by-hand
# p = (2, 5, 3)/10 and t = (0.1, 0.7 + 0.1, 0.1).
gradient_by_hand = (0.2 - 0.1, 0.5 - 0.8, 0.3 - 0.1)

# exercise: two-class-softmax
import sympy

d = sympy.symbols("d", real=True)
two_class_softmax = 1 / (1 + sympy.exp(-d))

# another way
import sympy

# Shifts do not count: move the second logit to 0.
d = sympy.symbols("d", real=True)
two_class_softmax = sympy.exp(d) / (sympy.exp(d) + sympy.exp(0))

# another way
import sympy

d = sympy.symbols("d")
two_class_softmax = (1 + sympy.tanh(d / 2)) / 2

# exercise: smoothing-gap
import sympy

K, epsilon = sympy.symbols("K epsilon", positive=True)
smoothing_gap = sympy.log((1 - epsilon + epsilon / K) / (epsilon / K))

# another way
import sympy

K, epsilon = sympy.symbols("K epsilon", positive=True)
smoothing_gap = sympy.log(1 + K * (1 - epsilon) / epsilon)

# another way
import sympy

# Let the wrong classes have the logit 0: then 1/p = K - 1 + exp(gap) for each of them.
K, epsilon, gap = sympy.symbols("K epsilon gap", positive=True)
smoothing_gap = sympy.solve(sympy.Eq(K - 1 + sympy.exp(gap), K / epsilon), sympy.exp(gap))[0]
smoothing_gap = sympy.log(smoothing_gap)


# exercise: linear-backward
def linear_backward(dy, x, w):
    dx = dy @ w
    dw = dy.T @ x
    db = dy.sum(axis=0)
    return dx, dw, db


# another way
import numpy as np


def linear_backward(dy, x, w):
    dx = np.einsum("nm,md->nd", dy, w)
    dw = np.einsum("nm,nd->md", dy, x)
    db = np.einsum("nm->m", dy)
    return dx, dw, db


# another way
import numpy as np


def linear_backward(dy, x, w):
    dx, dw, db = np.zeros(x.shape), np.zeros(w.shape), np.zeros(len(w))
    for n, features in enumerate(x):
        for m, weights in enumerate(w):
            dx[n] += dy[n, m] * weights
            dw[m] += dy[n, m] * features
            db[m] += dy[n, m]
    return dx, dw, db


# exercise: softmax
import numpy as np


def softmax(logits):
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


# another way
import numpy as np


def softmax(logits):
    rows = []
    for row in logits:
        powers = np.exp(row - max(row))
        rows.append(powers / sum(powers))
    return np.array(rows)


# another way
import numpy as np


def softmax(logits):
    # 1 / p[i] is the sum over j of exp(z[j] - z[i]); where that is infinite, p[i] is 0.
    with np.errstate(over="ignore"):
        gaps = logits[:, None, :] - logits[:, :, None]
        return 1 / np.exp(gaps).sum(axis=2)


# exercise: cross-entropy-backward
import numpy as np

import cnnlib


def cross_entropy_backward(logits, labels):
    N, K = logits.shape
    gradient = cnnlib.softmax(logits)
    gradient[np.arange(N), labels] -= 1
    return gradient / N


# another way
import numpy as np


def cross_entropy_backward(logits, labels):
    N, K = logits.shape
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    p = powers / powers.sum(axis=1, keepdims=True)
    t = np.eye(K)[labels]
    return (p - t) / N


# another way
import numpy as np


def cross_entropy_backward(logits, labels):
    gradient = []
    for row, label in zip(logits, labels):
        powers = np.exp(row - row.max())
        p = powers / powers.sum()
        p[label] = p[label] - 1
        gradient.append(p)
    return np.array(gradient) / len(gradient)


# exercise: stable-loss
import numpy as np


def stable_loss(logits, labels):
    N, K = logits.shape
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_sum = np.log(np.exp(shifted).sum(axis=1))
    return np.mean(log_sum - shifted[np.arange(N), labels])


# another way
import numpy as np

import cnnlib


def stable_loss(logits, labels):
    N, K = logits.shape
    log_p = cnnlib.log_softmax(logits)
    return -log_p[np.arange(N), labels].mean()


# another way
import numpy as np


def stable_loss(logits, labels):
    losses = [np.logaddexp.reduce(row) - row[label] for row, label in zip(logits, labels)]
    return sum(losses) / len(losses)
