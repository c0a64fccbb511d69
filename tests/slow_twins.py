"""The definitions once more, one cell at a time, with Python's own arithmetic. The library's convolutions bring their slow twins along."""

import math

import numpy as np

from cnnlib.arrays import pair, windows


def places(shape, kernel_size, stride, padding, dilation, **options):
    """Yield (i, j, cells): every place with the list of (p, q, row, column) under the kernel, in row-major order."""
    rows, columns = windows(shape, kernel_size, kernel_size if stride is None else stride, padding, dilation, **options)
    for i, j in np.ndindex(rows.count, columns.count):
        yield i, j, [(p, q, r, c) for p, r in enumerate(rows.cells(i)) for q, c in enumerate(columns.cells(j))]


def inside(shape, row, column):
    return 0 <= row < shape[0] and 0 <= column < shape[1]


def fill(x, values):
    """Assemble y from {(n, c, i, j): value}."""
    y = np.empty(tuple(np.max(list(values), axis=0) + 1), dtype=x.dtype)
    for index, value in values.items():
        y[index] = value
    return y


def max_pool2d(x, kernel_size, *, stride=None, padding=0, dilation=1, ceil_mode=False):
    values, shape = {}, x.shape[2:]
    for i, j, cells in places(shape, kernel_size, stride, padding, dilation, ceil_mode=ceil_mode):
        for n, c in np.ndindex(x.shape[:2]):
            seen = [x[n, c, row, column] for _, _, row, column in cells if inside(shape, row, column)]
            values[n, c, i, j] = math.nan if any(v != v for v in seen) else max(seen, default=-math.inf)
    return fill(x, values)


def max_pool2d_backward(dy, x, kernel_size, *, stride=None, padding=0, dilation=1, ceil_mode=False):
    dx, shape = np.zeros_like(x), x.shape[2:]
    for i, j, cells in places(shape, kernel_size, stride, padding, dilation, ceil_mode=ceil_mode):
        for n, c in np.ndindex(x.shape[:2]):
            seen = [(row, column) for _, _, row, column in cells if inside(shape, row, column)]
            nans = [cell for cell in seen if x[n, c][cell] != x[n, c][cell]]
            if seen:
                dx[n, c][nans[0] if nans else max(seen, key=lambda cell: x[n, c][cell])] += dy[n, c, i, j]
    return dx


def avg_pool2d(x, kernel_size, *, stride=None, padding=0, ceil_mode=False, count_include_pad=True):
    values, shape = {}, x.shape[2:]
    rows, columns = windows(shape, kernel_size, kernel_size if stride is None else stride, padding, 1, ceil_mode=ceil_mode)
    for i, j, cells in places(shape, kernel_size, stride, padding, 1, ceil_mode=ceil_mode):
        real = [(row, column) for _, _, row, column in cells if inside(shape, row, column)]
        padded = [1 for _, _, row, column in cells if row < rows.n + rows.after and column < columns.n + columns.after]
        for n, c in np.ndindex(x.shape[:2]):
            values[n, c, i, j] = sum(x[n, c][cell] for cell in real) / len(padded if count_include_pad else real)
    return fill(x, values)


def adaptive_avg_pool2d(x, output_size):
    rows, columns = pair(output_size, "output_size", 1)
    values, (height, width) = {}, x.shape[2:]
    for n, c, i, j in np.ndindex(*x.shape[:2], rows, columns):
        pool = [
            x[n, c, h, w]
            for h in range(math.floor(i * height / rows), math.ceil((i + 1) * height / rows))
            for w in range(math.floor(j * width / columns), math.ceil((j + 1) * width / columns))
        ]
        values[n, c, i, j] = sum(pool) / len(pool)
    return fill(x, values)


def global_avg_pool2d(x):
    return np.array([[sum(channel.ravel().tolist()) / channel.size for channel in image] for image in x])


def im2col(x, kernel_size, *, stride=1, padding=0, dilation=1):
    shape, columns = x.shape[2:], []
    for _, _, cells in places(shape, kernel_size, stride, padding, dilation):
        window = [x[:, :, r, c] if inside(shape, r, c) else np.zeros(x.shape[:2]) for _, _, r, c in cells]
        columns.append(np.stack(window, axis=2).reshape(len(x), -1))
    return np.stack(columns, axis=2)


def col2im(columns, output_size, kernel_size, *, stride=1, padding=0, dilation=1):
    x = None
    for number, (_, _, cells) in enumerate(places(output_size, kernel_size, stride, padding, dilation)):
        windows_of_place = columns[:, :, number].reshape(len(columns), -1, len(cells))
        x = np.zeros((*windows_of_place.shape[:2], *output_size)) if x is None else x
        for cell, (_, _, row, column) in enumerate(cells):
            if inside(output_size, row, column):
                x[:, :, row, column] += windows_of_place[:, :, cell]
    return x


def pad2d(x, padding, *, mode="zeros"):
    numpy_mode = {"zeros": "constant", "replicate": "edge", "reflect": "reflect", "circular": "wrap"}[mode]
    down, across = pair(padding, "padding", 0)
    return np.pad(x, ((0, 0), (0, 0), (down, down), (across, across)), mode=numpy_mode)


def correlate2d(image, kernel, *, stride=1, padding=0, dilation=1):
    values = {}
    for i, j, cells in places(image.shape, kernel.shape, stride, padding, dilation):
        values[i, j] = sum(kernel[p, q] * image[r, c] for p, q, r, c in cells if inside(image.shape, r, c))
    return fill(image, values)


def convolve2d(image, kernel, mode="full"):
    (h, w), (kh, kw) = image.shape, kernel.shape
    y = np.zeros((h + kh - 1, w + kw - 1))
    for i, j, p, q in np.ndindex(h, w, kh, kw):
        y[i + p, j + q] += image[i, j] * kernel[p, q]
    if mode == "valid":
        return y[kh - 1 : h, kw - 1 : w]
    top, left = (kh - 1) // 2, (kw - 1) // 2
    return y[top : top + h, left : left + w] if mode == "same" else y


def linear(x, w, b=None):
    rows = [[sum(u * v for u, v in zip(row, weights, strict=True)) for weights in w] for row in x]
    return np.array(rows) + (0 if b is None else b)


def flatten(x):
    return np.array([list(image.flat) for image in x])


def entrywise(function):
    """The slow twin of an activation: a function of one Python float, applied to every entry."""

    def twin(x, **options):
        return np.array([function(float(v), **options) for v in x.flat], dtype=x.dtype).reshape(x.shape)

    return twin


def _gelu(x, approximate="none"):
    if approximate == "none":
        return x * (1 + math.erf(x / math.sqrt(2))) / 2
    return x * (1 + math.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))) / 2


def _softplus(x, beta=1.0, threshold=20.0):
    return x if beta * x > threshold else math.log1p(math.exp(beta * x)) / beta


ACTIVATIONS = dict(
    relu=entrywise(lambda x: max(x, 0)),
    leaky_relu=entrywise(lambda x, negative_slope=0.01: x if x > 0 else negative_slope * x),
    elu=entrywise(lambda x, alpha=1.0: x if x > 0 else alpha * (math.exp(x) - 1)),
    gelu=entrywise(_gelu),
    silu=entrywise(lambda x: x / (1 + math.exp(-x))),
    softplus=entrywise(_softplus),
    sigmoid=entrywise(lambda x: 1 / (1 + math.exp(-x))),
    tanh=entrywise(math.tanh),
)


def softmax(x, axis=-1):
    def shares(scores):
        total = sum(math.exp(v) for v in scores)
        return np.array([math.exp(v) / total for v in scores])

    return np.apply_along_axis(shares, axis, x)


def log_softmax(x, axis=-1):
    return np.log(softmax(x, axis))


def cross_entropy(logits, labels, *, label_smoothing=0.0, reduction="mean"):
    losses = []
    for row, label in zip(log_softmax(logits), labels, strict=True):
        target = [label_smoothing / len(row) + (1 - label_smoothing) * (k == label) for k in range(len(row))]
        losses.append(-sum(t * v for t, v in zip(target, row, strict=True)))
    return {"mean": sum(losses) / len(losses), "sum": sum(losses), "none": np.array(losses)}[reduction]


def mse(prediction, target):
    return sum((p - t) ** 2 for p, t in zip(prediction.flat, target.flat, strict=True)) / prediction.size


def batch_norm2d(x, gamma, beta, *, eps=1e-5):
    y = np.empty_like(x)
    for c in range(x.shape[1]):
        values = x[:, c].ravel().tolist()
        mean = sum(values) / len(values)
        variance = sum((v - mean) ** 2 for v in values) / len(values)
        y[:, c] = gamma[c] * (x[:, c] - mean) / math.sqrt(variance + eps) + beta[c]
    return y


def dropout(x, mask, p):
    return np.array([v / (1 - p) if keep else 0.0 for v, keep in zip(x.flat, mask.flat, strict=True)]).reshape(x.shape)
