"""Testers of sentences: what shifts do, what undoing means, what is learned, how many axes there are."""

import functools

import numpy as np

from cnnlib.claims.tester import Tester, same
from cnnlib.ops.convolution import conv2d, conv2d_loops, conv2d_matrix, correlate2d
from cnnlib.ops.dense import linear
from cnnlib.ops.padding import pad2d
from cnnlib.ops.pooling import max_pool2d

# --- A dense layer on images ----------------------------------------------------------------------------------------------------------


@functools.cache
def _dense_settings():
    rng = np.random.default_rng(71)
    sizes = ((1, 1, 2, 2, 3), (2, 3, 3, 4, 5))
    return [
        dict(x=rng.standard_normal((n, c, h, v)), w=rng.standard_normal((m, c * h * v)), b=rng.standard_normal(m))
        for n, c, h, v, m in sizes
    ]


def _dense_by_sums(x, w, b):
    return np.array([[np.sum(image.ravel() * row) + bias for row, bias in zip(w, b, strict=True)] for image in x])


dense_layer = Tester(
    "a dense layer's outputs on images", _dense_settings, _dense_by_sums, lambda x, w, b: linear(x.reshape(len(x), -1), w, b)
)

# --- Shifts on a ring: the image's edges are joined ------------------------------------------------------------------------------------


def _ring(x, w, stride=1):
    """Circular convolution of a square image: as many outputs as inputs, for stride 1."""
    wide = pad2d(x, (w.shape[2] - 1, w.shape[3] - 1), mode="circular")
    return conv2d(wide, w)[..., : x.shape[2] : stride, : x.shape[3] : stride]


_NETS = {
    "convolution": _ring,
    "convolution, stride 2": lambda x, w: _ring(x, w, 2),
    "convolution, then 2 x 2 max pooling": lambda x, w: max_pool2d(_ring(x, w), 2),
    "convolution, then global max pooling": lambda x, w: _ring(x, w).max(axis=(2, 3), keepdims=True),
}


def _relation(name, seed):
    """Shift an image by one column: does the output stay, shift along by some number of cells, or neither?"""
    rng = np.random.default_rng(seed)
    x, w = rng.standard_normal((1, 1, 8, 8)), rng.standard_normal((1, 1, 3, 3))
    before, after = _NETS[name](x, w), _NETS[name](np.roll(x, 1, axis=3), w)
    if same(after, before):
        return "invariant"
    rolls = [np.roll(before, shift, axis=(2, 3)) for shift in np.ndindex(before.shape[2:])]
    return "equivariant" if any(same(after, rolled) for rolled in rolls) else "neither"


def _relation_by_matrix(name):
    """The same with the layer as a matrix on all cells of the ring and the shift as a permutation, and another image."""
    rng = np.random.default_rng(73)
    x, w, size = rng.standard_normal(64), rng.standard_normal((3, 3)), 8
    shift = np.eye(64)[[row * size + (column - 1) % size for row in range(size) for column in range(size)]]
    ring = np.zeros((64, 64))
    for i, j, u, v in np.ndindex(size, size, 3, 3):
        ring[i * size + j, (i + u - 2) % size * size + (j + v - 2) % size] += w[u, v]
    outputs = [(ring @ image).reshape(size, size) for image in (x, shift @ x)]
    if "stride" in name:
        outputs = [y[::2, ::2] for y in outputs]
    elif "2 x 2" in name:
        outputs = [y.reshape(4, 2, 4, 2).max(axis=(1, 3)) for y in outputs]
    elif "global" in name:
        outputs = [y.max(keepdims=True) for y in outputs]
    before, after = outputs
    if np.allclose(before, after):
        return "invariant"
    return "equivariant" if any(np.allclose(after, np.roll(before, s, (0, 1))) for s in np.ndindex(before.shape)) else "neither"


under_shifts = Tester(
    "what a shift of the input does to the output",
    lambda: [dict(name=name) for name in _NETS],
    lambda name: _relation(name, 72),
    _relation_by_matrix,
)

# --- Undoing a convolution ------------------------------------------------------------------------------------------------------------


@functools.cache
def _undo_settings():
    rng = np.random.default_rng(74)
    settings = []
    for size, kernel in ((6, [2.0, 1.0]), (8, [3.0, -1.0, 0.5]), (5, [1.0, 0.25])):
        x, kernel = rng.standard_normal(size), np.array(kernel)
        y = sum(w * np.roll(x, t) for t, w in enumerate(kernel))
        settings.append(dict(y=y, kernel=kernel, size=size, x=x))
    return settings


def _solved(y, kernel, size):
    matrix = np.array([[kernel[(i - j) % size] if (i - j) % size < len(kernel) else 0.0 for j in range(size)] for i in range(size)])
    return np.linalg.solve(matrix, y)


undone = Tester("the sequence that a circular convolution was made from", _undo_settings, lambda x: x, _solved)

# --- A whole network, small ----------------------------------------------------------------------------------------------------------


@functools.cache
def _network_settings():
    rng = np.random.default_rng(75)
    sizes = ((6, 3, 3), (7, 2, 10))
    return [
        dict(image=rng.standard_normal((n, n)), kernel=rng.standard_normal((k, k)), w=rng.standard_normal((m, ((n - k + 1) // 2) ** 2)))
        for n, k, m in sizes
    ]


def _by_hand(image, kernel, w):
    y = conv2d_loops(image[None, None], kernel[None, None])[0, 0]
    half = [size // 2 for size in y.shape]
    pooled = [y[2 * i : 2 * i + 2, 2 * j : 2 * j + 2].max() for i, j in np.ndindex(*half)]
    powers = np.exp(w @ np.array(pooled))
    return powers / powers.sum()


def _by_matrix(image, kernel, w):
    rows, columns = (n - k + 1 for n, k in zip(image.shape, kernel.shape, strict=True))
    y = (conv2d_matrix(kernel[None, None], (1, *image.shape)) @ image.ravel()).reshape(rows, columns)
    blocks = y[: rows // 2 * 2, : columns // 2 * 2].reshape(rows // 2, 2, columns // 2, 2).max(axis=(1, 3))
    scores = w @ blocks.ravel()
    return np.exp(scores - np.log(np.exp(scores).sum()))


whole_network = Tester("the probabilities of a small network", _network_settings, _by_hand, _by_matrix)

# --- A kernel found from data ---------------------------------------------------------------------------------------------------------

PACE = 1.0  # of the largest safe step: the images' squares bound the curvature


@functools.cache
def _kernel_settings():
    rng = np.random.default_rng(76)
    settings = []
    for size in (3, 5):
        images, hidden = [rng.standard_normal((24, 24)) for _ in range(4)], rng.standard_normal((size, size))
        settings.append(dict(images=images, outputs=[correlate2d(x, hidden) for x in images], size=size, hidden=hidden))
    return settings


def _least_squares(images, outputs, size):
    """The kernel by solving the linear equations that every place gives."""
    rows = [np.lib.stride_tricks.sliding_window_view(x, (size, size)).reshape(-1, size * size) for x in images]
    return np.linalg.lstsq(np.concatenate(rows), np.concatenate([y.ravel() for y in outputs]), rcond=None)[0].reshape(size, size)


hidden_kernel = Tester("the kernel behind the data", _kernel_settings, lambda hidden: hidden, _least_squares)

# --- Axes -----------------------------------------------------------------------------------------------------------------------------


def _axes_accepted(images, channels):
    """How many axes a batch must have for the library's convolution to take it."""
    for axes in range(2, 6):
        shape = (images, channels, 4, 4, 1)[:axes]
        try:
            conv2d(np.zeros(shape), np.zeros((1, channels, 1, 1)))
        except ValueError:
            continue
        return axes
    return 0


number_of_axes = Tester(
    "the axes of a batch of images",
    lambda: [dict(images=images, channels=channels) for images in (2, 5) for channels in (1, 3)],
    _axes_accepted,
    lambda images, channels: np.stack([np.stack([np.zeros((4, 4))] * channels)] * images).ndim,
)


@functools.cache
def _layout_settings():
    rng = np.random.default_rng(77)
    whole = lambda *shape: rng.integers(-3, 4, shape).astype(np.float64)
    return [dict(x=whole(1, size, size, size), w=whole(1, size, 2, 2)) for size in (2, 3, 4)]


def moved_first(x, w):
    """The array read with its channels last."""
    return conv2d(x.transpose(0, 3, 1, 2), w)


def _channel_by_channel(x, w):
    planes = range(x.shape[-1])
    return np.array([[sum(correlate2d(image[..., c], kernel[c]) for c in planes) for kernel in w] for image in x])


channels_last = Tester("a layer on images with their channels last", _layout_settings, _channel_by_channel, moved_first)
