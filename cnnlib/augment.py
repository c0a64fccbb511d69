"""Augmentation: changed copies of the training images, so that a net sees more hands than wrote them.

Every function takes a batch (N, C, H, W) and returns a new one of the same shape and dtype; each image gets its own draw from `rng`, the
same for all its channels. What moves in from outside the image is 0. As `augment` for `fit` use, for example,
lambda batch, rng: shift(batch, 1, rng=rng).
"""

import math

import numpy as np

from cnnlib.arrays import IMAGES, as_array, check_choice, check_number, make_rng, pair

__all__ = ["bilinear", "elastic", "flip", "noise", "rotate", "scale", "shift"]


def shift(x, pixels=1, *, rng=None):
    """Move each image by whole cells, drawn evenly from -pixels to pixels along each axis.

    x: (N, C, H, W). pixels: int or (rows, columns). Returns the shape and dtype of x, 0 where nothing moved in.
    """
    x, rng, most = as_array(x, "x", IMAGES), make_rng(rng), pair(pixels, "pixels", 0)
    down, right = (rng.integers(-p, p + 1, len(x)) for p in most)
    n, c, h, w = x.shape
    padded = np.zeros((n, c, h + 2 * most[0], w + 2 * most[1]), dtype=x.dtype)
    padded[:, :, most[0] : most[0] + h, most[1] : most[1] + w] = x
    rows = most[0] - down[:, None] + np.arange(h)
    columns = most[1] - right[:, None] + np.arange(w)
    return padded[np.arange(n)[:, None, None], :, rows[:, :, None], columns[:, None, :]].transpose(0, 3, 1, 2).copy()


def flip(x, p=0.5, *, axis="columns", rng=None):
    """Mirror each image with probability p: axis="columns" exchanges left and right, axis="rows" top and bottom.

    It helps where a mirrored image keeps its class: cats, yes; most digits, no.
    """
    x, rng = as_array(x, "x", IMAGES), make_rng(rng)
    p = check_number(p, "p", minimum=0)
    if p > 1:
        raise ValueError(f"p={p} is above 1, and it is a probability. Write p=0.5.")
    check_choice(axis, "axis", ("columns", "rows"))
    chosen = rng.random(len(x)) < p
    mirrored = x[:, :, ::-1] if axis == "rows" else x[..., ::-1]
    return np.where(chosen[:, None, None, None], mirrored, x)


def noise(x, std=0.1, *, rng=None):
    """Add normal noise of this standard deviation to every cell, drawn for each channel too."""
    x, rng = as_array(x, "x", IMAGES), make_rng(rng)
    return x + (check_number(std, "std", minimum=0) * rng.standard_normal(x.shape)).astype(x.dtype)


def rotate(x, degrees=10.0, *, rng=None):
    """Turn each image about its centre, by an angle drawn evenly from -degrees to degrees; positive turns anticlockwise as one sees it."""
    x, rng = as_array(x, "x", IMAGES), make_rng(rng)
    most = math.radians(check_number(degrees, "degrees", minimum=0))
    angle = rng.uniform(-most, most, len(x))
    cos, sin = np.cos(angle), np.sin(angle)
    return _resample(x, np.array([[cos, sin], [-sin, cos]]))


def scale(x, amount=0.1, *, rng=None):
    """Enlarge or shrink each image about its centre, by a factor drawn evenly from 1 - amount to 1 + amount."""
    x, rng = as_array(x, "x", IMAGES), make_rng(rng)
    amount = check_number(amount, "amount", minimum=0)
    if amount >= 1:
        raise ValueError(f"amount={amount} could shrink an image to nothing. Write amount=0.1.")
    shrink = 1 / rng.uniform(1 - amount, 1 + amount, len(x))
    zero = np.zeros_like(shrink)
    return _resample(x, np.array([[shrink, zero], [zero, shrink]]))


def elastic(x, alpha=1.0, sigma=2.0, *, rng=None):
    """Bend each image like rubber: every cell moves by a smooth random field.

    The field is uniform noise in [-1, 1] for each cell and direction, smoothed by a Gaussian of width sigma, scaled so that its root mean
    square is alpha cells. x: (N, C, H, W). alpha: at least 0. sigma: above 0.
    Source: Simard, Steinkraus and Platt 2003, doi:10.1109/ICDAR.2003.1227801 (who scale by a factor instead of to a root mean square).
    """
    x, rng = as_array(x, "x", IMAGES), make_rng(rng)
    alpha, sigma = check_number(alpha, "alpha", minimum=0), check_number(sigma, "sigma", above=0)
    n, _, h, w = x.shape
    field = rng.uniform(-1, 1, (2, n, h, w))
    field = np.einsum("hi,dnij,wj->dnhw", _gaussian(h, sigma), field, _gaussian(w, sigma), optimize=True)
    size = np.sqrt(np.mean(field**2, axis=(0, 2, 3), keepdims=True))
    field *= alpha / np.maximum(size, np.finfo(float).tiny)
    return bilinear(x, np.arange(h)[:, None] + field[0], np.arange(w) + field[1])


def bilinear(x, rows, columns):
    """Read the images between their cells: the mean of the four cells around each position, weighted by nearness; 0 outside.

    x: (N, C, H, W). rows, columns: positions in cells, arrays (N, H', W'), 0 being the centre of the first cell. Returns (N, C, H', W').
    Source: Jaderberg, Simonyan, Zisserman and Kavukcuoglu 2015, arXiv:1506.02025, eq. 5.
    """
    x = as_array(x, "x", IMAGES)
    n, _, h, w = x.shape
    top, left = np.floor(rows), np.floor(columns)
    image = np.arange(n)[:, None, None]
    y = 0
    for i in (top, top + 1):
        for j in (left, left + 1):
            weight = (1 - np.abs(rows - i)) * (1 - np.abs(columns - j)) * ((i >= 0) & (i < h) & (j >= 0) & (j < w))
            cells = x[image, :, np.clip(i, 0, h - 1).astype(int), np.clip(j, 0, w - 1).astype(int)]
            y = y + cells * weight[..., None]
    return y.transpose(0, 3, 1, 2).astype(x.dtype)


def _resample(x, matrix):
    """Read each image at matrix @ position, seen from the centre. matrix: (2, 2, N), from output positions back to input positions."""
    h, w = x.shape[2:]
    down, right = np.arange(h)[:, None] - (h - 1) / 2, np.arange(w) - (w - 1) / 2
    a, b, c, d = (entry[:, None, None] for entry in matrix.reshape(4, -1))
    return bilinear(x, a * down + b * right + (h - 1) / 2, c * down + d * right + (w - 1) / 2)


def _gaussian(n, sigma):
    """The matrix (n, n) that smooths an axis of n cells; near the edges the kernel is cut off and every row adds up to 1."""
    distance = np.arange(n)[:, None] - np.arange(n)
    kernel = np.exp(-(distance**2) / (2 * sigma**2))
    return kernel / kernel.sum(axis=1, keepdims=True)
