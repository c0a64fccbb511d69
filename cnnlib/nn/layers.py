"""Layers with weights: convolution, transposed convolution, linear; and the flattening between. Options and first weights are PyTorch's."""

import math

from cnnlib.arrays import check_groups, padding_pair, pair, windows
from cnnlib.geometry import SLIDING, check_flag, check_integer, transposed_output_size
from cnnlib.nn.base import Layer, describe, image_shape, short
from cnnlib.nn.initializers import pytorch_default
from cnnlib.ops.convolution import conv2d, conv2d_gradients
from cnnlib.ops.dense import flatten, flatten_backward, linear, linear_backward
from cnnlib.ops.transposed import conv_transpose2d, conv_transpose2d_gradients, transposed_options


class Weighted(Layer):
    """A layer with a weight and perhaps a bias, which begin as PyTorch's: even in +-1 / sqrt(fan_in)."""

    parameter_names = ("weight", "bias")
    can_skip_dx = True

    def _plan(self, weight_shape, outputs, bias, rng):
        self._weight_shape, self._outputs, self._has_bias = weight_shape, outputs, check_flag(bias, "bias")
        self._plan_parameters(rng)

    def parameter_shapes(self):
        """{name: shape} of the weight and, unless bias=False, of the bias."""
        return {"weight": self._weight_shape, **({"bias": (self._outputs,)} if self._has_bias else {})}

    def initialize(self, rng):
        """Draw weight and bias as PyTorch does."""
        fan_in = math.prod(self._weight_shape[1:])
        arrays = {name: pytorch_default(shape, fan_in, rng=rng) for name, shape in self.parameter_shapes().items()}
        return {"bias": None, **arrays}

    def _keep(self, dw, db):
        self._gradients = {"weight": dw, "bias": db} if self._has_bias else {"weight": dw}


class Convolution(Weighted):
    """What a convolution and its transpose share; each names its operation, the gradients, and its options with their defaults."""

    options = ()

    def __init__(self, in_channels, out_channels, kernel_size, groups):
        self.in_channels = check_integer(in_channels, "in_channels", 1)
        self.out_channels = check_integer(out_channels, "out_channels", 1)
        self.kernel_size = pair(kernel_size, "kernel_size", 1)
        self.groups = check_groups(groups, in_channels=self.in_channels, out_channels=self.out_channels)

    def forward(self, x):
        """Return the operation of x, weight and bias."""
        y = self._operation(x, self.weight, self.bias, **self._options())
        self._x = x
        return y

    def backward(self, dy, need_dx=True):
        """Return dx, or None where nobody needs it; keep the gradients of weight and bias."""
        dx, *gradients = self._operation_gradients(dy, self._remembered("_x"), self.weight, **self._options(), need_dx=need_dx)
        self._keep(*gradients)
        return dx

    def _options(self):
        return {name: getattr(self, name) for name, _ in self.options}

    def __repr__(self):
        options = {name: (short(getattr(self, name)), default) for name, default in self.options}
        return describe(self, self.in_channels, self.out_channels, short(self.kernel_size), **options, bias=(self._has_bias, True))


class Conv2d(Convolution):
    """A convolution with its own kernels and bias, see `cnnlib.conv2d`. padding: int, pair, "valid", "same" or "full"."""

    _operation, _operation_gradients = staticmethod(conv2d), staticmethod(conv2d_gradients)
    options = (("stride", 1), ("padding", 0), ("dilation", 1), ("groups", 1))

    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0, dilation=1, groups=1, bias=True, *, rng=None):
        super().__init__(in_channels, out_channels, kernel_size, groups)
        cells = padding_pair(padding, SLIDING)
        self.padding = padding if isinstance(padding, str) else cells
        self.stride, self.dilation = pair(stride, "stride", 1), pair(dilation, "dilation", 1)
        self._plan((self.out_channels, self.in_channels // self.groups, *self.kernel_size), self.out_channels, bias, rng)

    def window_options(self):
        """(kernel_size, stride, padding, dilation), for `receptive_field`."""
        return tuple(short(option) for option in (self.kernel_size, self.stride, self.padding, self.dilation))

    def output_shape(self, shape):
        """(out_channels, H', W')."""
        image_shape(self, shape, self.in_channels)
        placed = windows(shape[1:], self.kernel_size, self.stride, self.padding, self.dilation)
        return (self.out_channels, *(window.count for window in placed))

    def multiply_adds(self, shape):
        """One for each weight at each place."""
        return math.prod(self._weight_shape) * math.prod(self.output_shape(shape)[1:])


class ConvTranspose2d(Convolution):
    """A transposed convolution with its own kernels and bias, see `cnnlib.conv_transpose2d`. padding is a number or a pair."""

    _operation, _operation_gradients = staticmethod(conv_transpose2d), staticmethod(conv_transpose2d_gradients)
    options = (("stride", 1), ("padding", 0), ("output_padding", 0), ("dilation", 1), ("groups", 1))

    def __init__(
        self,
        in_channels,
        out_channels,
        kernel_size,
        stride=1,
        padding=0,
        *,
        output_padding=0,
        dilation=1,
        groups=1,
        bias=True,
        rng=None,
    ):
        super().__init__(in_channels, out_channels, kernel_size, groups)
        self.stride, self.padding, self.output_padding, self.dilation = transposed_options(stride, padding, output_padding, dilation)
        for axis in zip(self.kernel_size, self.stride, (0, 0), self.output_padding, self.dilation, strict=True):
            transposed_output_size(1, *axis)  # refuses an impossible output_padding now, not at the first batch
        self._plan((self.in_channels, self.out_channels // self.groups, *self.kernel_size), self.out_channels, bias, rng)

    def window_options(self):
        """The fields of neighbouring outputs differ in size, so there is no one window."""
        raise ValueError(
            f"{self!r} has no sliding window: its neighbouring outputs see differently many inputs. Trace the layers before it."
        )

    def output_shape(self, shape):
        """(out_channels, H', W')."""
        image_shape(self, shape, self.in_channels)
        axes = zip(shape[1:], self.kernel_size, self.stride, self.padding, self.output_padding, self.dilation, strict=True)
        return (self.out_channels, *(transposed_output_size(*axis) for axis in axes))

    def multiply_adds(self, shape):
        """One for each weight at each input cell."""
        return math.prod(self._weight_shape) * math.prod(shape[1:])


class Linear(Weighted):
    """A fully connected layer, see `cnnlib.linear`."""

    def __init__(self, in_features, out_features, bias=True, *, rng=None):
        self.in_features = check_integer(in_features, "in_features", 1)
        self.out_features = check_integer(out_features, "out_features", 1)
        self._plan((self.out_features, self.in_features), self.out_features, bias, rng)

    def forward(self, x):
        """Return x weight^T + bias."""
        y = linear(x, self.weight, self.bias)
        self._x = x
        return y

    def backward(self, dy, need_dx=True):
        """Return dx; keep the gradients of weight and bias."""
        dx, *gradients = linear_backward(dy, self._remembered("_x"), self.weight)
        self._keep(*gradients)
        return dx if need_dx else None

    def window_options(self):
        """A linear layer has no window."""
        raise ValueError(f"{self!r} reads every cell of its input, so it has no window. Trace the receptive field of the layers before it.")

    def output_shape(self, shape):
        """(out_features,)."""
        if tuple(shape) != (self.in_features,):
            features = math.prod(shape)
            repair = "Put Flatten() before it." if features == self.in_features else f"Write Linear({features}, {self.out_features})."
            raise ValueError(f"{self!r} reads {self.in_features} features, and the shape that reaches it is {tuple(shape)}. {repair}")
        return (self.out_features,)

    def multiply_adds(self, shape):
        """One for each weight."""
        return self.in_features * self.out_features

    def __repr__(self):
        return describe(self, self.in_features, self.out_features, bias=(self._has_bias, True))


class Flatten(Layer):
    """(N, C, H, W) becomes (N, C H W), see `cnnlib.flatten`."""

    def forward(self, x):
        """Return flatten(x)."""
        y = flatten(x)
        self._x = x
        return y

    def backward(self, dy):
        """Return dy in the shape of the input."""
        return flatten_backward(dy, self._remembered("_x"))

    def output_shape(self, shape):
        """(C H W,)."""
        return (math.prod(shape),)
