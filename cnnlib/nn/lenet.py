"""LeNet-5 as its paper counts it: a convolution with a connection table, sub-sampling that learns, and the scaled tanh.

Source: LeCun, Bottou, Bengio and Haffner 1998, doi:10.1109/5.726791, section II.B and Table I. The paper's last layer compares its input
with ten fixed pictures; here a dense layer with a softmax behind it stands in its place, as in most nets since.
"""

import numpy as np

from cnnlib.arrays import make_rng
from cnnlib.nn.activations import Activation
from cnnlib.nn.base import describe, short
from cnnlib.nn.initializers import pytorch_default
from cnnlib.nn.layers import Conv2d, Flatten, Linear
from cnnlib.nn.model import Sequential
from cnnlib.nn.pooling import AvgPool2d
from cnnlib.ops.activations import tanh, tanh_backward
from cnnlib.ops.convolution import conv2d, conv2d_gradients

AMPLITUDE, SLOPE = 1.7159, 2 / 3


def connection_table(maps=6):
    """Table I of the paper as zeros and ones, shape (16, 6): row f tells which maps of S2 map f of C3 reads.

    The maps of S2 stand in a ring. Six rows read three neighbours, six read four, three read two pairs that face each other, one reads all.
    """
    ring = np.arange(maps)
    runs = [(start + np.arange(length)) % maps for length in (3, 4) for start in ring]
    pairs = [(start + np.array([0, 1, 3, 4])) % maps for start in ring[: maps // 2]]
    table = np.zeros((len(runs) + len(pairs) + 1, maps), dtype=int)
    for row, reads in zip(table, [*runs, *pairs, ring], strict=True):
        row[reads] = 1
    return table


class TableConv2d(Conv2d):
    """A convolution in which output map f reads those input maps c where table[f, c] is not 0.

    It keeps a slice for every connection and none for the others: weight has the shape (connections, kH, kW), the connections in the
    order of the table's rows. table: (out_channels, in_channels); every row and every column must hold a connection.
    """

    def __init__(self, table, kernel_size, stride=1, padding=0, bias=True, *, rng=None):
        self.table = np.asarray(table) != 0
        if self.table.ndim != 2 or not self.table.size:
            raise ValueError(f"table has the shape {self.table.shape}. Give one row for each output map, one column for each input map.")
        for axis, name, verb in ((1, "output", "reads nothing"), (0, "input", "is read by nothing")):
            if not self.table.any(axis).all():
                raise ValueError(f"table leaves {name} map {int(self.table.any(axis).argmin())} out: it {verb}. Connect it, or remove it.")
        super().__init__(self.table.shape[1], self.table.shape[0], kernel_size, stride, padding, bias=bias, rng=rng)
        self._weight_shape = (int(self.table.sum()), *self.kernel_size)

    def initialize(self, rng):
        """Draw as `Conv2d` does; the fan-in of a map counts the maps it reads."""
        size = self.kernel_size[0] * self.kernel_size[1]
        maps = [(int(reads), int(reads) * size) for reads in self.table.sum(1)]
        arrays = {"weight": np.concatenate([pytorch_default((reads, *self.kernel_size), fan_in, rng=rng) for reads, fan_in in maps])}
        bias = np.concatenate([pytorch_default((1,), fan_in, rng=rng) for _, fan_in in maps]) if self._has_bias else None
        return {**arrays, "bias": bias}

    def full_weight(self):
        """The kernels with all slices, (out_channels, in_channels, kH, kW): 0 where the table has no connection."""
        full = np.zeros((*self.table.shape, *self.kernel_size), self.weight.dtype)
        full[self.table] = self.weight
        return full

    def forward(self, x):
        """Return conv2d(x, full_weight(), bias)."""
        y = conv2d(x, self.full_weight(), self.bias, **self._options())
        self._x = x
        return y

    def backward(self, dy, need_dx=True):
        """Return dx; keep the gradients of the slices that exist."""
        dx, dw, db = conv2d_gradients(dy, self._remembered("_x"), self.full_weight(), **self._options(), need_dx=need_dx)
        self._keep(dw[self.table], db)
        return dx

    def __repr__(self):
        return describe(
            self,
            f"<{self._weight_shape[0]} of {self.table.size} connections>",
            short(self.kernel_size),
            stride=(short(self.stride), 1),
            padding=(short(self.padding), 0),
            bias=(self._has_bias, True),
        )


def _scaled_tanh(x):
    return AMPLITUDE * tanh(SLOPE * x)


def _scaled_tanh_backward(dy, x):
    return AMPLITUDE * SLOPE * tanh_backward(dy, SLOPE * x)


class ScaledTanh(Activation):
    """1.7159 tanh(2 x / 3), the paper's squashing function: very nearly 1 at 1 and -1 at -1, where the classes' targets lie."""

    operation, operation_backward = _scaled_tanh, _scaled_tanh_backward


def subsampling(channels, *, rng=None):
    """The paper's sub-sampling without its squashing: the mean of 2 x 2 cells, then a coefficient and a bias for each map.

    The paper multiplies the sum of the four cells by its coefficient; ours stands before their mean, and so is four times as large.
    """
    return AvgPool2d(2), Conv2d(channels, channels, 1, groups=channels, rng=rng)


def lenet5(rng=None, c3=None):
    """LeNet-5 for images of (1, 32, 32) and ten classes. c3: a layer from 6 to 16 maps with 5 x 5 kernels in place of the table's."""
    rng = make_rng(rng)
    return Sequential(
        Conv2d(1, 6, 5, rng=rng), ScaledTanh(), *subsampling(6, rng=rng), ScaledTanh(),
        TableConv2d(connection_table(), 5, rng=rng) if c3 is None else c3, ScaledTanh(), *subsampling(16, rng=rng), ScaledTanh(),
        Conv2d(16, 120, 5, rng=rng), ScaledTanh(), Flatten(), Linear(120, 84, rng=rng), ScaledTanh(),
        Linear(84, 10, rng=rng),
    )  # fmt: skip
