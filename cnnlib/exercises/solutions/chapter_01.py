# ruff: noqa
# Solutions of chapter 01, as cells. A student release leaves this folder out.

# exercise: weighted-sum
# y[0,0] = 2*1 + 1*4 + 0*2 - 1*0, y[0,1] = 2*4 + 1*0 + 0*0 - 1*3, y[1,0] = 2*2 + 1*0 + 0*5 - 1*1, y[1,1] = 2*0 + 1*3 + 0*1 - 1*1.
weighted_sum = (6, 5, 3, 2)

# exercise: shifted-cell
# The kernel's 1 lies on image cell (i + 0, j + 2). That is cell (4, 4) for i = 4 and j = 2.
shifted_cell = (4, 2)


# exercise: correlate2d
import numpy as np


def correlate2d(image, kernel):
    rows = image.shape[0] - kernel.shape[0] + 1
    columns = image.shape[1] - kernel.shape[1] + 1
    y = np.zeros((rows, columns))
    for i in range(rows):
        for j in range(columns):
            for u in range(kernel.shape[0]):
                for v in range(kernel.shape[1]):
                    y[i, j] += kernel[u, v] * image[i + u, j + v]
    return y


# another way
import numpy as np


def correlate2d(image, kernel):
    rows, columns = np.subtract(image.shape, kernel.shape) + 1
    y = np.zeros((rows, columns))
    for (u, v), weight in np.ndenumerate(kernel):
        y += weight * image[u : u + rows, v : v + columns]
    return y


# another way
import numpy as np


def correlate2d(image, kernel):
    rows, columns = np.subtract(image.shape, kernel.shape) + 1
    window = lambda i, j: image[i : i + kernel.shape[0], j : j + kernel.shape[1]]
    return np.array([[np.sum(kernel * window(i, j)) for j in range(columns)] for i in range(rows)])


# another way
import numpy as np


def correlate2d(image, kernel):
    windows = np.lib.stride_tricks.sliding_window_view(image, kernel.shape)
    return np.einsum("ijuv,uv->ij", windows, kernel)


# exercise: feature-map
import cnnlib
import numpy as np


def feature_map(image, kernel, bias):
    return np.maximum(0, cnnlib.correlate2d(image, kernel) + bias)


# another way
import cnnlib


def feature_map(image, kernel, bias):
    sums = cnnlib.correlate2d(image, kernel) + bias
    return sums.clip(min=0)


# another way
import cnnlib
import numpy as np


def feature_map(image, kernel, bias):
    layer = cnnlib.relu(cnnlib.conv2d(image[None, None], kernel[None, None], [bias]))
    return np.squeeze(layer, axis=(0, 1))


# exercise: edge-strength
import cnnlib
import numpy as np


def edge_strength(image):
    sobel_x = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])
    across = cnnlib.correlate2d(image, sobel_x)
    down = cnnlib.correlate2d(image, sobel_x.T)
    return np.sqrt(across**2 + down**2)


# another way
import cnnlib
import numpy as np


def edge_strength(image):
    smooth, change = np.array([[1, 2, 1]]), np.array([[-1, 0, 1]])
    across = cnnlib.correlate2d(cnnlib.correlate2d(image, change), smooth.T)
    down = cnnlib.correlate2d(cnnlib.correlate2d(image, smooth), change.T)
    return np.hypot(across, down)


# another way
import numpy as np


def edge_strength(image):
    right = image[:, 2:] - image[:, :-2]
    below = image[2:, :] - image[:-2, :]
    across = right[:-2] + 2 * right[1:-1] + right[2:]
    down = below[:, :-2] + 2 * below[:, 1:-1] + below[:, 2:]
    return np.linalg.norm([across, down], axis=0)


# exercise: new-brightness
import sympy

# The sum of w (t x + c) is t times the sum of w x, which is y, plus c times the sum of w.
y, t, c, S = sympy.symbols("y t c S", real=True)
new_brightness = t * y + c * S

# another way
import sympy

y, t, c, S = sympy.symbols("y t c S")
new_brightness = sympy.expand(t * (y + S * c / t))

# another way
import sympy

# A kernel of two cells that add up to S, and a first cell that makes the sum y.
y, t, c, S, w, x = sympy.symbols("y t c S w x")
before = (y - (S - w) * x) / w
new_brightness = sympy.simplify(w * (t * before + c) + (S - w) * (t * x + c))

# exercise: laplacian-of-a-bowl
import sympy

# Above and below: (a - 1)**2 + (a + 1)**2 - 2 a**2 = 2. So the rows give 2 p and the columns 2 q, wherever the window stands.
p, q, i, j = sympy.symbols("p q i j", real=True)
laplacian_of_a_bowl = 2 * p + 2 * q

# another way
import sympy

p, q = sympy.symbols("p q")
laplacian_of_a_bowl = 2 * (p + q)

# another way
import sympy

p, q, i, j = sympy.symbols("p q i j", real=True)
x = lambda a, b: p * a**2 + q * b**2
a, b = i + 1, j + 1
laplacian_of_a_bowl = x(a - 1, b) + x(a + 1, b) + x(a, b - 1) + x(a, b + 1) - 4 * x(a, b)

# exercise: separable-cost
import sympy

# The first pass has H (W - K + 1) output cells, the second (H - K + 1) (W - K + 1). Each costs K multiplications.
H, W, K = sympy.symbols("H W K", integer=True, positive=True)
separable_cost = K * H * (W - K + 1) + K * (H - K + 1) * (W - K + 1)

# another way
import sympy

H, W, K = sympy.symbols("H W K", integer=True, positive=True)
separable_cost = K * (W - K + 1) * (2 * H - K + 1)

# another way
import sympy

H, W, K = sympy.symbols("H W K")
columns = W - (K - 1)
separable_cost = sympy.expand(columns * H * K) + columns * (H - (K - 1)) * K
