"""Layers that behave differently in training and in evaluation: batch norm and dropout."""

import numpy as np

from cnnlib.arrays import IMAGES, as_array, check_fraction, check_number, make_rng
from cnnlib.geometry import check_integer
from cnnlib.nn.base import Layer, describe, image_shape
from cnnlib.ops.normalization import (
    batch_norm2d,
    batch_norm2d_backward,
    dropout,
    dropout_backward,
    normalize2d,
    normalize2d_backward,
    updated_statistics,
)


class BatchNorm2d(Layer):
    """Batch norm: batch statistics in training, running ones in evaluation; see `cnnlib.batch_norm2d`.

    The running mean and (unbiased) variance move by `momentum` towards those of each training batch, as in PyTorch.
    """

    parameter_names = ("weight", "bias")
    buffer_names = ("running_mean", "running_var", "num_batches_tracked")

    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        self.num_features = check_integer(num_features, "num_features", 1)
        self.eps, self.momentum = check_number(eps, "eps", above=0), check_fraction(momentum, "momentum")
        self.weight, self.bias = np.ones(num_features, np.float32), np.zeros(num_features, np.float32)
        self.running_mean, self.running_var = np.zeros(num_features, np.float32), np.ones(num_features, np.float32)
        self.num_batches_tracked = np.array(0)

    def forward(self, x):
        """Normalise x, and in training mode move the running statistics."""
        x = as_array(x, "x", IMAGES)
        image_shape(self, x.shape[1:], self.num_features)
        if self.training:
            y = batch_norm2d(x, self.weight, self.bias, eps=self.eps)
            self.running_mean, self.running_var = updated_statistics(self.running_mean, self.running_var, x, self.momentum)
            self.num_batches_tracked = self.num_batches_tracked + 1
        else:
            y = normalize2d(x, self.weight, self.bias, self.running_mean, self.running_var, eps=self.eps)
        self._x, self._statistics = x, None if self.training else (self.running_mean, self.running_var)
        return y

    def backward(self, dy):
        """Return dx in the mode of the last forward; keep the gradients of weight and bias."""
        x = self._remembered("_x")
        if self._statistics is None:
            dx, *gradients = batch_norm2d_backward(dy, x, self.weight, self.bias, eps=self.eps)
        else:
            dx, *gradients = normalize2d_backward(dy, x, self.weight, self.bias, *self._statistics, eps=self.eps)
        self._gradients = dict(zip(self.parameter_names, gradients, strict=True))
        return dx

    def output_shape(self, shape):
        """The shape of the input."""
        return image_shape(self, shape, self.num_features)

    def __repr__(self):
        return describe(self, self.num_features, eps=(self.eps, 1e-5), momentum=(self.momentum, 0.1))


class Dropout(Layer):
    """In training, drop each value with probability p and divide the rest by 1 - p; see `cnnlib.dropout`. Inside `fit` its rng draws."""

    def __init__(self, p=0.5, *, rng=None):
        self.p, self.rng = check_fraction(p, "p"), make_rng(rng)

    def forward(self, x):
        """Return x with a fresh mask in training mode, x itself in evaluation mode."""
        self._mask = None
        self._x = x = as_array(x, "x", symbols=True)
        if not self.training or self.p == 0:
            return x
        self._mask = self.rng.random(x.shape, dtype=np.float32) >= self.p
        return dropout(x, self._mask, self.p)

    def backward(self, dy):
        """Return dy through the same mask."""
        x = self._remembered("_x")
        return dy if self._mask is None else dropout_backward(dy, x, self._mask, self.p)

    def __repr__(self):
        return describe(self, self.p)
