# ruff: noqa
# Solutions of chapter 19, as cells. A student release leaves this folder out.

# exercise: unit-by-hand
# The outputs are 4, 6, -3 and 0. The 6 wins: its window holds the cells 1 0 / 2 3. Cell (0, 0) is outside of it.
unit_by_hand = (3 * 6, 0, 3 * 1, 3 * 2)

# exercise: cam-weight
import sympy

v, k, n = sympy.symbols("v k n", integer=True, positive=True)
cam_weight = v / k**2

# another way
import sympy

v, k, n = sympy.symbols("v k n", integer=True, positive=True)
cam_weight = (n / k) ** 2 * v / n**2

# another way
import sympy

v, k, n = sympy.symbols("v k n", positive=True)
winners = (n / k) * (n / k)
cam_weight = (winners * v + (n**2 - winners) * 0) / n**2

# exercise: smallest-flip
import sympy

m, a, q, r = sympy.symbols("m a q r", positive=True)
smallest_flip = m / (a * q + 2 * a * r)

# another way
import sympy

m, a, q, r = sympy.symbols("m a q r", positive=True)
smallest_flip = m / a / (q + 2 * r)

# another way
import sympy

m, a, q, r = sympy.symbols("m a q r", positive=True)
epsilon = sympy.Symbol("epsilon")
smallest_flip = sympy.solve(q * abs(a) * epsilon + r * abs(-2 * a) * epsilon - m, epsilon)[0]

# exercise: occlusion-drops
import cnnlib
import numpy as np


def occlusion_drops(x, kernel, size, value):
    before = cnnlib.relu(cnnlib.correlate2d(x, kernel)).sum()
    rows, columns = x.shape[0] - size + 1, x.shape[1] - size + 1
    drops = np.empty((rows, columns))
    for i in range(rows):
        for j in range(columns):
            covered = x.copy()
            covered[i : i + size, j : j + size] = value
            drops[i, j] = before - cnnlib.relu(cnnlib.correlate2d(covered, kernel)).sum()
    return drops


# another way
import cnnlib
import numpy as np


def occlusion_drops(x, kernel, size, value):
    score = lambda picture: cnnlib.relu(cnnlib.correlate2d(picture, kernel)).sum()

    def covered(i, j):
        mask = np.zeros(x.shape, dtype=bool)
        mask[i : i + size, j : j + size] = True
        return np.where(mask, value, x)

    places = [range(n - size + 1) for n in x.shape]
    return np.array([[score(x) - score(covered(i, j)) for j in places[1]] for i in places[0]])


# another way
import cnnlib
import numpy as np


def occlusion_drops(x, kernel, size, value):
    rows, columns = x.shape[0] - size + 1, x.shape[1] - size + 1
    batch = np.repeat(x[None, None], rows * columns, axis=0)
    for at in range(rows * columns):
        i, j = divmod(at, columns)
        batch[at, :, i : i + size, j : j + size] = value
    score = lambda images: cnnlib.relu(cnnlib.conv2d(images, kernel[None, None])).sum(axis=(1, 2, 3))
    return (score(x[None, None]) - score(batch)).reshape(rows, columns)


# exercise: grad-cam
import numpy as np


def grad_cam(maps, gradient):
    weights = gradient.mean(axis=(2, 3), keepdims=True)
    return np.maximum((weights * maps).sum(axis=1), 0)


# another way
import numpy as np


def grad_cam(maps, gradient):
    pictures = []
    for image_maps, image_gradients in zip(maps, gradient):
        total = sum(g.mean() * one_map for one_map, g in zip(image_maps, image_gradients))
        pictures.append(np.maximum(total, 0))
    return np.array(pictures)


# another way
import numpy as np


def grad_cam(maps, gradient):
    weights = np.mean(gradient, (2, 3))
    return np.einsum("nk,nkij->nij", weights, maps).clip(min=0)


# exercise: fgsm-step
import numpy as np


def fgsm_step(x, gradient, epsilon):
    return np.clip(x + epsilon * np.sign(gradient), 0, 1)


# another way
import numpy as np


def fgsm_step(x, gradient, epsilon):
    direction = (gradient > 0).astype(float) - (gradient < 0)
    return np.minimum(np.maximum(x + epsilon * direction, 0), 1)


# another way
import numpy as np


def fgsm_step(x, gradient, epsilon):
    changed = x.copy()
    changed[gradient > 0] = np.minimum(x[gradient > 0] + epsilon, 1)
    changed[gradient < 0] = np.maximum(x[gradient < 0] - epsilon, 0)
    return changed
