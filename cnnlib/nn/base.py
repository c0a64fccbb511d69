"""What all layers share: a forward pass that remembers, parameters by name, training and evaluation mode, saving and loading."""

import numpy as np

from cnnlib.arrays import check_dtype, make_rng


class Layer:
    """A function with a memory. `forward` keeps what `backward` asks for; the arithmetic is done by the operations in `cnnlib.ops`.

    A layer of your own defines `forward(x)` and `backward(dy)`. If it learns, it names its arrays in `parameter_names`, sets them in
    `__init__`, and its backward leaves {name: gradient} in `self._gradients`. The layers here draw their arrays when first touched, so
    that a net can be described and counted without the memory of its weights.
    """

    parameter_names = ()
    buffer_names = ()  # arrays that belong to the state but are not learned, such as running means
    can_skip_dx = False  # whether backward takes need_dx=False
    training = True

    def __call__(self, x):
        return self.forward(x)

    def forward(self, x):
        """Return the output for the batch x, and keep what `backward` will need."""
        raise NotImplementedError(f"{type(self).__name__} has no forward yet. Define forward(self, x).")

    def backward(self, dy):
        """Return dx for the upstream gradient dy of the last `forward`, and replace the gradients of the parameters."""
        raise NotImplementedError(f"{type(self).__name__} has no backward yet. Define backward(self, dy).")

    def children(self):
        """The layers inside this one, with their names; () for a simple layer."""
        return ()

    def __repr__(self):
        return describe(self)

    # Parameters -------------------------------------------------------------------------------------------------------------------------

    def parameter_shapes(self):
        """{name: shape} of the learned arrays. Layers that draw their arrays late know the shapes before."""
        shapes = {name: np.shape(getattr(self, name)) for name in self.parameter_names}
        for prefix, child in self.children():
            shapes.update({f"{prefix}.{name}": shape for name, shape in child.parameter_shapes().items()})
        return shapes

    def parameters(self):
        """{name: array} of the learned arrays, the very ones that the layer uses; an optimizer changes them in place."""
        return self._collect("parameters", lambda layer: {name: getattr(layer, name) for name in layer.parameter_shapes()})

    def gradients(self):
        """{name: array} of the gradients that the last `backward` left; empty before it."""
        return self._collect("gradients", lambda layer: dict(layer.__dict__.get("_gradients", {})))

    def state_dict(self):
        """{name: array}: copies of the parameters and of the other arrays to be saved, under PyTorch's names."""
        state = self._collect("_state", _own_state)
        return {name: np.array(array) for name, array in state.items()}

    def _state(self):
        return self._collect("_state", _own_state)

    def _collect(self, method, own):
        if not self.children():
            return own(self)
        return {f"{prefix}.{name}": array for prefix, child in self.children() for name, array in getattr(child, method)().items()}

    def initialize(self, rng):
        """Draw the parameters: {name: array}. Simple layers with parameters define this."""
        raise NotImplementedError(f"{type(self).__name__} names parameters, but does not draw them. Define initialize(self, rng).")

    def _plan_parameters(self, rng):
        """Take one seed from rng now; the weights are drawn from it when they are first needed, whenever that is."""
        self._seed = int(make_rng(rng).integers(2**63))

    def __getattr__(self, name):
        # Called only for attributes that are not there yet.
        if name in type(self).parameter_names and "_seed" in self.__dict__:
            for key, array in self.initialize(np.random.default_rng(self._seed)).items():
                self.__dict__.setdefault(key, array)
            return self.__dict__[name]
        raise AttributeError(f"{type(self).__name__} has no attribute {name!r}")

    # Modes ------------------------------------------------------------------------------------------------------------------------------

    def train(self, mode=True):
        """Switch to training mode, in which dropout drops and batch norm uses batch statistics. Returns the layer."""
        self.training = bool(mode)
        for _, child in self.children():
            child.train(mode)
        return self

    def eval(self):
        """Switch to evaluation mode. Returns the layer."""
        return self.train(False)

    # The whole ---------------------------------------------------------------------------------------------------------------------------

    def window_options(self):
        """(kernel_size, stride, padding, dilation) for `receptive_field`; None where each output cell reads one input cell."""
        return None

    def output_shape(self, shape):
        """The shape of the output for one image of `shape`, without the batch axis."""
        return shape

    def multiply_adds(self, shape):
        """Multiplications, each with its addition, for one image of `shape`; elementwise work is not counted."""
        return 0

    def summary(self, input_shape):
        """Return a table of shapes, parameters, multiply-adds and receptive fields for one image of `input_shape`, (C, H, W)."""
        from cnnlib.nn.summary import summarize

        return summarize(self, input_shape)

    def save(self, path):
        """Write the state as .npz, never as a pickle. Returns the path."""
        from cnnlib.nn.state import save_state

        return save_state(self, path)

    def load(self, source):
        """Read the state from an .npz file or a mapping of names to arrays, all or nothing. Returns the layer.

        Raises ValueError for missing, unknown or wrongly shaped arrays and for damaged or pickled files; the layer then is as it was.
        """
        from cnnlib.nn.state import load_state

        load_state(self, source)
        return self

    def astype(self, dtype):
        """Give all floating arrays of the state the dtype, such as "float64". Returns the layer."""
        from cnnlib.nn.state import load_state

        dtype = check_dtype(dtype)
        load_state(self, {name: a.astype(dtype) if a.dtype.kind == "f" else a for name, a in self._state().items()})
        return self

    def _remembered(self, name):
        """What `forward` kept, or a sentence that says it has not run."""
        if name not in self.__dict__:
            raise ValueError(f"{self!r} has nothing to go back from: backward was called before forward. Call layer(x) first.")
        return self.__dict__[name]


def check_model(model):
    """Refuse what is not a layer; a Sequential of layers is one too."""
    if isinstance(model, type):
        raise TypeError(f"model is the class {model.__name__}, not a model. Write {model.__name__}(...), with brackets.")
    if not isinstance(model, Layer):
        raise TypeError(f"model={model!r} is not a model. Pass a Sequential of layers, or an object of a class derived from Layer.")


def _own_state(layer):
    names = [*layer.parameter_shapes(), *layer.buffer_names]
    return {name: getattr(layer, name) for name in names}


def describe(layer, *sizes, **options):
    """The text that would build the layer again: sizes first, then the options that differ from their defaults (value, default)."""
    words = [str(size) for size in sizes]
    words += [f"{name}={value!r}" for name, (value, default) in options.items() if value != default]
    return f"{type(layer).__name__}({', '.join(words)})"


def short(option):
    """An option as the caller would write it: one number where both axes agree."""
    return option[0] if isinstance(option, tuple) and option[0] == option[1] else option


def image_shape(layer, shape, channels=None):
    """Check the shape (C, H, W) of one image that is to pass through `layer`."""
    if len(shape) != 3:
        raise ValueError(f"{layer!r} reads images (C, H, W), and the shape that reaches it is {tuple(shape)}. Put it before Flatten.")
    if channels is not None and shape[0] != channels:
        raise ValueError(
            f"{layer!r} reads {channels} channels, and the image that reaches it has {shape[0]}. Write {shape[0]} for {channels}."
        )
    return shape
