"""Testers of programs of whole networks, of a layer's door, of data that is turned over."""

import functools

import numpy as np

from cnnlib import augment
from cnnlib.claims.size_testers import places
from cnnlib.claims.tester import Tester
from cnnlib.datasets import load_digits
from cnnlib.geometry import output_size
from cnnlib.ops.convolution import conv2d, conv2d_loops

# --- The network of 2016 --------------------------------------------------------------------------------------------------------------

_MAPS = ((4, 5, 1), (8, 3, 1), (8, 2, 2), (16, 3, 1), (16, 2, 2))  # maps, window, stride, layer by layer


def _shapes_by(count):
    """The output shapes of the five sliding layers, of the flattening and of the two dense layers, with sizes counted by `count`."""

    def shapes(images):
        found, n = [], images.shape[-1]
        for maps, window, stride in _MAPS:
            n = count(n, window, stride, 0, 1)
            found.append((len(images), maps, n, n))
        return tuple(np.array(shape) for shape in [*found, (len(images), maps * n * n), (len(images), 128), (len(images), 10)])

    return shapes


network_shapes = Tester(
    "the shapes that the program's layers give",
    lambda: [dict(images=np.zeros((images, 1, 28, 28), dtype=np.float32)) for images in (1, 3)],
    _shapes_by(places),
    _shapes_by(output_size),
)

# --- A layer and what it accepts ------------------------------------------------------------------------------------------------------


@functools.cache
def _door_settings():
    rng = np.random.default_rng(61)
    settings = []
    for taken, channels, rows, columns in ((3, 3, 3, 3), (1, 1, 2, 2), (1, 3, 3, 3), (2, 2, 2, 3), (2, 2, 3, 2)):
        for stride, padding in ((1, 0), (2, 1)):
            x, w = rng.standard_normal((taken, 6, 7)), rng.standard_normal((2, channels, rows, columns))
            settings.append(dict(x=x, w=w, b=rng.standard_normal(2), stride=stride, padding=padding))
    return settings


door = Tester(
    "a layer's output, or its refusal of images with other channels",
    _door_settings,
    lambda x, w, b, stride, padding: conv2d_loops(x[None], w, b, stride=stride, padding=padding)[0],
    lambda x, w, b, stride, padding: conv2d(x[None], w, b, stride=stride, padding=padding)[0],
)

# --- Mirrored digits: does a reader of digits still name them? --------------------------------------------------------------------------


@functools.cache
def _digits():
    return load_digits()


@functools.cache
def _centroid_share(digit):
    """Of the mirrored test images of a digit, the share that lies nearest to the mean of the digit's training images."""
    data = _digits()
    means = np.stack([data.train_images[data.train_labels == label].mean(axis=0) for label in range(10)])
    mirrored = augment.flip(data.test_images[data.test_labels == digit], rng=0, p=1.0)
    distances = ((mirrored[:, None] - means[None]) ** 2).sum(axis=(2, 3, 4))
    return float(np.mean(distances.argmin(axis=1) == digit))


@functools.cache
def _neighbour_share(digit):
    """The same by the nearest single training image."""
    data = _digits()
    mirrored = data.test_images[data.test_labels == digit][..., ::-1].reshape(-1, 64)
    train = data.train_images.reshape(-1, 64)
    distances = (train**2).sum(axis=1)[None] - 2 * mirrored @ train.T
    return float(np.mean(data.train_labels[distances.argmin(axis=1)] == digit))


mirrored_digits = Tester(
    "whether most mirrored images of a digit are still read as that digit",
    lambda: [dict(digit=digit) for digit in (2, 3, 7, 0, 1, 4, 5, 6, 8, 9)],
    lambda digit: _centroid_share(digit) > 0.5,
    lambda digit: _neighbour_share(digit) > 0.5,
)
