"""Layers made of layers: a chain, and a chain with a shortcut."""

import numpy as np

from cnnlib.geometry import receptive_field
from cnnlib.nn.base import Layer, short


class Sequential(Layer):
    """Layers one after another; the gradients go back in the opposite order. `model[0]` is the first layer."""

    can_skip_dx = True

    def __init__(self, *layers):
        for number, layer in enumerate(layers):
            if isinstance(layer, type):
                raise TypeError(f"layers[{number}] is the class {layer.__name__}, not a layer. Write {layer.__name__}(...), with brackets.")
            if not isinstance(layer, Layer):
                raise TypeError(f"layers[{number}]={layer!r} is not a layer. Pass layers such as ReLU(), or a class derived from Layer.")
            if any(layer is other for other in layers[:number]):
                raise ValueError(
                    f"layers[{number}]={layer!r} is the same object as an earlier layer, and a layer remembers one forward pass only. "
                    f"Make a second layer."
                )
        self.layers = list(layers)

    def children(self):
        """The layers with their numbers."""
        return tuple((str(number), layer) for number, layer in enumerate(self.layers))

    def forward(self, x):
        """Send x through all layers."""
        for number, layer in enumerate(self.layers):
            try:
                x = layer(x)
            except (TypeError, ValueError) as error:
                error.add_note(f"This happened in layer {number} of the model, {layer!r}.")
                raise
        return x

    def backward(self, dy, need_dx=True):
        """Send dy back through all layers; with need_dx=False stop at the first layer that learns, and return None."""
        last = 0 if need_dx else self._first_learner()
        for number in range(len(self.layers) - 1, last - 1, -1):
            layer = self.layers[number]
            skip = number == last and not need_dx and layer.can_skip_dx
            dy = layer.backward(dy, need_dx=False) if skip else layer.backward(dy)
        return dy if need_dx else None

    def _first_learner(self):
        learns = (number for number, layer in enumerate(self.layers) if layer.parameter_shapes())
        return next(learns, len(self.layers))

    def window_options(self):
        """The whole chain as one window: (kernel_size, stride, padding, dilation)."""
        return composed_window(self.layers)

    def output_shape(self, shape):
        """The shape after the last layer."""
        for layer in self.layers:
            shape = layer.output_shape(shape)
        return shape

    def multiply_adds(self, shape):
        """The sum over the layers."""
        total = 0
        for layer in self.layers:
            total, shape = total + layer.multiply_adds(shape), layer.output_shape(shape)
        return total

    def __len__(self):
        return len(self.layers)

    def __iter__(self):
        return iter(self.layers)

    def __getitem__(self, index):
        return type(self)(*self.layers[index]) if isinstance(index, slice) else self.layers[index]

    def __repr__(self):
        inner = "".join(f"\n  {number}: {_indented(layer)}" for number, layer in self.children())
        return f"{type(self).__name__}({inner}\n)" if inner else f"{type(self).__name__}()"


class Residual(Sequential):
    """A chain with a shortcut around it: x + layers(x). The layers must keep the shape.

    Source: He, Zhang, Ren and Sun 2016, arXiv:1512.03385.
    """

    def forward(self, x):
        """Return x + layers(x)."""
        y = super().forward(x)
        if np.shape(y) != np.shape(x):
            self._refuse(np.shape(x), np.shape(y))
        return x + y

    def backward(self, dy, need_dx=True):
        """Return dy + what comes back through the layers."""
        through = super().backward(dy, need_dx)
        return dy + through if need_dx else None

    def output_shape(self, shape):
        """The shape of the input."""
        inner = super().output_shape(shape)
        if tuple(inner) != tuple(shape):
            self._refuse(shape, inner)
        return shape

    def _refuse(self, before, after):
        raise ValueError(
            f"Residual adds its input of shape {tuple(before)} to what its layers make of it, {tuple(after)}. Keep the shape: as many "
            f"output channels as input channels, stride 1, and padding that keeps the size, for example kernel_size=3 with padding=1."
        )


def composed_window(layers):
    """A chain of layers seen as one window; None where every cell reads just its own cell.

    Its kernel is the receptive field and its stride the jump; the padding is what moves the first field's centre to where it stands.
    """
    if not any(layer.window_options() is not None for layer in layers):
        return None
    row = receptive_field(layers)[-1]
    axes = list(zip(*row, strict=True)) if isinstance(row[0], tuple) else [row]
    options = [(size, jump, int((size - 1) / 2 - start), 1) for size, jump, start in axes]
    return tuple(short(option) for option in zip(*options, strict=True)) if len(options) > 1 else options[0]


def _indented(layer):
    return repr(layer).replace("\n", "\n  ")
