"""Pooling as layers."""

from cnnlib.arrays import pair, windows
from cnnlib.geometry import check_flag
from cnnlib.nn.base import Layer, describe, image_shape, short
from cnnlib.ops.pooling import (
    NAMES,
    adaptive_avg_pool2d,
    adaptive_avg_pool2d_backward,
    avg_pool2d,
    avg_pool2d_backward,
    check_pool_padding,
    global_avg_pool2d,
    global_avg_pool2d_backward,
    max_pool2d_winners,
)


class Pool(Layer):
    """What max pooling and average pooling share."""

    dilation = (1, 1)
    ceil_mode = False

    def __init__(self, kernel_size, stride, padding, ceil_mode):
        self.kernel_size = pair(kernel_size, "kernel_size", 1)
        self.stride = self.kernel_size if stride is None else pair(stride, "stride", 1)
        cells = check_pool_padding(padding, self.kernel_size)
        self.padding = padding if isinstance(padding, str) else cells
        self.ceil_mode = check_flag(ceil_mode, "ceil_mode")

    def window_options(self):
        """(kernel_size, stride, padding, dilation), for `receptive_field`."""
        return tuple(short(option) for option in (self.kernel_size, self.stride, self.padding, self.dilation))

    def output_shape(self, shape):
        """(C, H', W')."""
        image_shape(self, shape)
        placed = windows(shape[1:], self.kernel_size, self.stride, self.padding, self.dilation, allowed=NAMES, ceil_mode=self.ceil_mode)
        return (shape[0], *(window.count for window in placed))

    def _words(self):
        default = short(self.kernel_size)
        return dict(stride=(short(self.stride), default), padding=(short(self.padding), 0), ceil_mode=(self.ceil_mode, False))


class MaxPool2d(Pool):
    """The maximum of each window, see `cnnlib.max_pool2d`; remembers the winners for its backward."""

    def __init__(self, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False):
        super().__init__(kernel_size, stride, padding, ceil_mode)
        self.dilation = pair(dilation, "dilation", 1)

    def forward(self, x):
        """Return max_pool2d(x, kernel_size, ...)."""
        y, self._gradient = max_pool2d_winners(
            x, self.kernel_size, stride=self.stride, padding=self.padding, dilation=self.dilation, ceil_mode=self.ceil_mode
        )
        return y

    def backward(self, dy):
        """Return dx: each dy for the winner of its window."""
        return self._remembered("_gradient")(dy)

    def __repr__(self):
        return describe(self, short(self.kernel_size), **self._words(), dilation=(short(self.dilation), 1))


class AvgPool2d(Pool):
    """The mean of each window, see `cnnlib.avg_pool2d`."""

    def __init__(self, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True):
        super().__init__(kernel_size, stride, padding, ceil_mode)
        self.count_include_pad = check_flag(count_include_pad, "count_include_pad")

    def forward(self, x):
        """Return avg_pool2d(x, kernel_size, ...)."""
        y = avg_pool2d(x, self.kernel_size, **self._options())
        self._x = x
        return y

    def backward(self, dy):
        """Return dx: each dy shared among the cells of its window."""
        return avg_pool2d_backward(dy, self._remembered("_x"), self.kernel_size, **self._options())

    def _options(self):
        return dict(stride=self.stride, padding=self.padding, ceil_mode=self.ceil_mode, count_include_pad=self.count_include_pad)

    def __repr__(self):
        return describe(self, short(self.kernel_size), **self._words(), count_include_pad=(self.count_include_pad, True))


class WholeImage(Layer):
    """What the pools have in common that look at the whole image."""

    def window_options(self):
        """The whole image is no sliding window."""
        raise ValueError(f"{self!r} reads every cell of its input, so it has no window. Trace the receptive field of the layers before it.")


class GlobalAvgPool2d(WholeImage):
    """The mean of each channel: (N, C, H, W) becomes (N, C), see `cnnlib.global_avg_pool2d`."""

    def forward(self, x):
        """Return global_avg_pool2d(x)."""
        y = global_avg_pool2d(x)
        self._x = x
        return y

    def backward(self, dy):
        """Return dx: each dy shared among all cells of its channel."""
        return global_avg_pool2d_backward(dy, self._remembered("_x"))

    def output_shape(self, shape):
        """(C,)."""
        return (image_shape(self, shape)[0],)


class AdaptiveAvgPool2d(WholeImage):
    """The mean over pools cut as even as can be, so that every image comes out in one size, see `cnnlib.adaptive_avg_pool2d`."""

    def __init__(self, output_size):
        self.output_size = pair(output_size, "output_size", 1)

    def forward(self, x):
        """Return adaptive_avg_pool2d(x, output_size)."""
        y = adaptive_avg_pool2d(x, self.output_size)
        self._x = x
        return y

    def backward(self, dy):
        """Return dx: each dy shared among the cells of its pool."""
        return adaptive_avg_pool2d_backward(dy, self._remembered("_x"), self.output_size)

    def output_shape(self, shape):
        """(C, H', W')."""
        return (image_shape(self, shape)[0], *self.output_size)

    def __repr__(self):
        return describe(self, short(self.output_size))
