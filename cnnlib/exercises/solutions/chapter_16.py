# ruff: noqa
# Solutions of chapter 16, as cells. A student release leaves this folder out.

# exercise: mean-or-sum
# The gradients add up to 8, their mean is 2. The sum is 4 times the mean, so its rate is a quarter.
mean_or_sum = (5 - 0.5 * 2, 5 - 0.5 * 8, 0.5 / 4)

# exercise: momentum-by-hand
# v: 8, then 0.5*8 + 2 = 6, then 0.5*6 - 4 = -1. w: 1 - 2 = -1, -1 - 1.5 = -2.5, -2.5 + 0.25 = -2.25.
momentum_by_hand = (8, 6, -1, -2.25)

# exercise: stability-limit
import sympy

A, B = sympy.symbols("A B", positive=True)
stability_limit = 1 / (2 * A)

# another way
import sympy

A, B, x, y = sympy.symbols("A B x y", positive=True)
loss = A * (x + y) ** 2 + B * (x - y) ** 2
curvatures = sympy.hessian(loss, (x, y)).eigenvals()  # 4A and 4B
stability_limit = 2 / next(each for each in curvatures if each.has(A))

# another way
import sympy

A, B = sympy.symbols("A B", positive=True)
stability_limit = sympy.Min(1 / (2 * A), 1 / (2 * B))

# exercise: adam-first-step
import sympy

lr, b1, b2, g = sympy.symbols("lr b1 b2 g", positive=True)
adam_first_step = lr * (1 - b1) / sympy.sqrt(1 - b2)

# another way
import sympy

lr, b1, b2, g = sympy.symbols("lr b1 b2 g", positive=True)
m, s = (1 - b1) * g, (1 - b2) * g**2
adam_first_step = lr * m / sympy.sqrt(s)

# another way
import sympy

lr, b1, b2 = sympy.symbols("lr b1 b2")
adam_first_step = (lr - lr * b1) * (1 - b2) ** sympy.Rational(-1, 2)


# exercise: sgd-momentum
def sgd_momentum(parameter, gradient, velocity, lr, momentum):
    velocity = momentum * velocity + gradient
    return parameter - lr * velocity, velocity


# another way
def sgd_momentum(parameter, gradient, velocity, lr, momentum):
    new = velocity.copy()
    new *= momentum
    new += gradient
    return parameter - lr * new, new


# another way
def sgd_momentum(parameter, gradient, velocity, lr, momentum):
    return parameter - lr * gradient - lr * momentum * velocity, gradient + velocity * momentum


# exercise: adam-step
import numpy as np


def adam_step(w, g, m, s, t, lr, beta1, beta2, eps):
    m = beta1 * m + (1 - beta1) * g
    s = beta2 * s + (1 - beta2) * g**2
    m_hat, s_hat = m / (1 - beta1**t), s / (1 - beta2**t)
    return w - lr * m_hat / (np.sqrt(s_hat) + eps), m, s


# another way
import numpy as np


def adam_step(w, g, m, s, t, lr, beta1, beta2, eps):
    m = m + (1 - beta1) * (g - m)
    s = s + (1 - beta2) * (g * g - s)
    root = np.sqrt(s) / np.sqrt(1 - beta2**t) + eps
    return w - lr / (1 - beta1**t) * m / root, m, s


# another way
def adam_step(w, g, m, s, t, lr, beta1, beta2, eps):
    m, s = beta1 * m + g - beta1 * g, beta2 * s + g * g - beta2 * g * g
    denominator = (s / (1 - beta2**t)) ** 0.5 + eps
    return w - lr * (m / (1 - beta1**t)) / denominator, m, s
