# ruff: noqa
# Solutions of chapter 10, as cells. A student release leaves this folder out.

# exercise: shared-by-hand
# Forward: u = 6, v = 8, L = 48. dL/dv = u = 6. u is used twice: v + 6 * 1 = 14. a is used twice: 14 * b + 6 * 1 = 48. dL/db = 14 * a.
shared_by_hand = (8 + 6, 14 * 3 + 6, 14 * 2)

# exercise: paths-and-products
# A path chooses one of 4 and then one of 5. A row of 5 times 5 x 4, then a row of 4 times 4 x 3.
paths_and_products = (4 * 5, 5 * 4 + 4 * 3)

# exercise: jacobian-entry
import sympy

a, b = sympy.symbols("a b", real=True)
jacobian_entry = (a - b) * a + a * b * (-1)

# another way
import sympy

a, b = sympy.symbols("a b", real=True)
jacobian_entry = sympy.diff(a * b * (a - b), b)

# another way
import sympy

a, b, u, v = sympy.symbols("a b u v", real=True)
outer = sympy.Matrix([u * v, u + 3 * v]).jacobian([u, v]).subs({u: a * b, v: a - b})
inner = sympy.Matrix([a * b, a - b]).jacobian([a, b])
jacobian_entry = (outer * inner)[0, 1]

# exercise: backward-multiplications
import sympy

N, n, h, k = sympy.symbols("N n h k", integer=True, positive=True)
backward_multiplications = 2 * N * h * k + N * h + N * n * h

# another way
import sympy

N, n, h, k = sympy.symbols("N n h k", integer=True, positive=True)
backward_multiplications = N * h * (2 * k + 1 + n)

# another way
import sympy

N, n, h, k = sympy.symbols("N n h k", positive=True)
dw2, dh, dz, dw1 = k * N * h, N * k * h, N * h, h * N * n
backward_multiplications = dw2 + dh + dz + dw1


# exercise: accumulate-gradients
def accumulate_gradients(parents):
    gradients = [0.0] * len(parents)
    gradients[-1] = 1.0
    for node in reversed(range(len(parents))):
        for parent, slope in parents[node]:
            gradients[parent] += slope * gradients[node]
    return gradients


# another way
def accumulate_gradients(parents):
    last = len(parents) - 1

    def slope_of_the_loss_by(node):
        if node == last:
            return 1.0
        total = 0.0
        for child in range(node, len(parents)):
            for parent, slope in parents[child]:
                if parent == node:
                    total += slope * slope_of_the_loss_by(child)
        return total

    return [slope_of_the_loss_by(node) for node in range(len(parents))]


# another way
import numpy as np


def accumulate_gradients(parents):
    slopes = np.zeros((len(parents), len(parents)))
    for node, edges in enumerate(parents):
        for parent, slope in edges:
            slopes[node, parent] += slope
    row = np.zeros(len(parents))
    row[-1] = 1.0
    total = row.copy()
    for _ in parents:
        row = row @ slopes
        total += row
    return total.tolist()


# exercise: two-layer-backward
import numpy as np


def two_layer_backward(dy, x, w1, w2):
    h = np.tanh(x @ w1.T)
    dh = dy @ w2
    dz = dh * (1 - h**2)
    return dz @ w1, dz.T @ x, dy.T @ h


# another way
import numpy as np


def two_layer_backward(dy, x, w1, w2):
    dx, dw1, dw2 = [], np.zeros(w1.shape), np.zeros(w2.shape)
    for row, upstream in zip(x, dy):
        z = w1 @ row
        dz = (w2.T @ upstream) / np.cosh(z) ** 2
        dx.append(w1.T @ dz)
        dw1 += np.outer(dz, row)
        dw2 += np.outer(upstream, np.tanh(z))
    return np.array(dx), dw1, dw2


# another way
import numpy as np


def two_layer_backward(dy, x, w1, w2):
    z = np.einsum("ij,kj->ik", x, w1)
    h = np.tanh(z)
    dz = np.einsum("ik,kj->ij", dy, w2) * (1 - h) * (1 + h)
    return np.einsum("ij,jk->ik", dz, w1), np.einsum("ij,ik->jk", dz, x), np.einsum("ij,ik->jk", dy, h)
