"""A chain of layers as the rows of a table: the common part of the widgets that show or design a network.

A layer is a tuple: ("conv", channels, kernel_size, stride, padding), ("max", kernel_size, stride, padding), the same with "avg",
("depthwise", kernel_size, stride, padding), a convolution of each channel by itself, ("dense", units), ("dropout", percent), or one of
("relu",), ("tanh",), ("flatten",), ("global",). What comes in follows from the layer before. Images are
square. `layer_table` says what each layer makes of its input; `build` makes the `cnnlib.Sequential`, whose summary is the truth that the
tests hold both to. The browser's twin is layer_table.js.
"""

from dataclasses import dataclass
from math import prod

from traitlets import TraitError, TraitType

from cnnlib.geometry import GeometryError, Window, check_integer, receptive_field
from cnnlib.nn import AvgPool2d, Conv2d, Dropout, Flatten, GlobalAvgPool2d, Linear, MaxPool2d, ReLU, Sequential, Tanh

# For each kind: the layer's name, and its settings with their limits, in the order of the tuple.
WINDOW = {"kernel_size": (1, 11), "stride": (1, 5), "padding": (0, 5)}
KINDS = {
    "conv": ("Conv2d", {"channels": (1, 512), **WINDOW}),
    "depthwise": ("Conv2d", WINDOW),
    "max": ("MaxPool2d", WINDOW),
    "avg": ("AvgPool2d", WINDOW),
    "dense": ("Linear", {"units": (1, 4096)}),
    "relu": ("ReLU", {}),
    "tanh": ("Tanh", {}),
    "dropout": ("Dropout", {"percent": (0, 90)}),
    "flatten": ("Flatten", {}),
    "global": ("GlobalAvgPool2d", {}),
}
WINDOWED = ("conv", "depthwise", "max", "avg")  # their last three numbers are kernel, stride and padding
MOST_LAYERS = 24

# Networks to begin with: (input channels, input size, layers).
NETWORKS = {
    "network of 2016": (
        1, 28,
        (("conv", 4, 5, 1, 0), ("tanh",), ("conv", 8, 3, 1, 0), ("tanh",), ("max", 2, 2, 0), ("conv", 16, 3, 1, 0), ("relu",),
         ("max", 2, 2, 0), ("flatten",), ("dense", 128), ("tanh",), ("dense", 10)),
    ),
    "small net of chapter 17": (
        1, 8,
        (("conv", 32, 3, 1, 1), ("relu",), ("max", 2, 2, 0), ("conv", 64, 3, 1, 1), ("relu",), ("max", 2, 2, 0),
         ("flatten",), ("dense", 10)),
    ),
    "averages instead of a dense layer": (
        1, 28,
        (("conv", 8, 3, 1, 1), ("relu",), ("max", 2, 2, 0), ("conv", 16, 3, 1, 1), ("relu",), ("max", 2, 2, 0), ("conv", 32, 3, 1, 1),
         ("relu",), ("global",), ("dense", 10)),
    ),
}  # fmt: skip


class LayerChain(TraitType):
    """A list of layers as above, held as tuples. The padding of a pooling is at most half its kernel, as the library demands."""

    def validate(self, obj, value):
        if not isinstance(value, (tuple, list)) or not 1 <= len(value) <= MOST_LAYERS:
            raise TraitError(
                f'{self.name}={value!r} is not a list of 1 to {MOST_LAYERS} layers. Write [("conv", 4, 3, 1, 0)], for example.'
            )
        return tuple(self._layer(layer, f"{self.name}[{number}]") for number, layer in enumerate(value))

    def _layer(self, layer, name):
        if not isinstance(layer, (tuple, list)) or not layer or layer[0] not in KINDS:
            raise TraitError(f"{name}={layer!r} is no layer. Write a tuple that begins with one of {', '.join(KINDS)}.")
        kind, *numbers = layer
        settings = KINDS[kind][1]
        if len(numbers) != len(settings):
            raise TraitError(
                f"{name}={layer!r} has {len(numbers)} numbers. Write {('kind', *settings)}, with kind={kind!r}.".replace("'", "")
            )
        for (setting, (least, most)), number in zip(settings.items(), numbers, strict=True):
            try:
                check_integer(number, f"{name}, {setting}", least)
            except (TypeError, ValueError) as error:
                raise TraitError(str(error)) from None
            if number > most:
                raise TraitError(f"{name}, {setting}={number} is too large for this widget: the largest possible is {most}.")
        if kind in ("max", "avg") and numbers[2] > numbers[0] // 2:
            raise TraitError(f"{name}: padding={numbers[2]} is more than half the kernel, {numbers[0]}. Write {numbers[0] // 2}.")
        return (kind, *(int(number) for number in numbers))


@dataclass(frozen=True)
class TableRow:
    """What a layer makes of its input. receptive_field: input cells along one axis, or "all".

    unread: rows (and columns) of its input that it never reads. remark: a sentence about them, or an empty text.
    """

    name: str
    output_shape: tuple
    parameters: int
    multiply_adds: int
    receptive_field: object
    unread: int
    remark: str


@dataclass(frozen=True)
class LayerTable:
    """The rows of a chain, as far as its layers are possible, and the sentence about the first one that is not, or an empty text.

    unseen: the input rows (and columns) that no output of the last windowed layer depends on.
    """

    rows: tuple
    problem: str
    unseen: tuple

    @property
    def parameters(self):
        """All learned numbers of the possible layers."""
        return sum(row.parameters for row in self.rows)

    @property
    def multiply_adds(self):
        """All multiply-adds of the possible layers, for one image."""
        return sum(row.multiply_adds for row in self.rows)

    @property
    def remarks(self):
        """The sentences about dropped cells, one for each layer that drops some, and one about the whole chain."""
        told = [row.remark for row in self.rows if row.remark]
        if self.unseen:
            told.append(f"Behind the last window, no output depends on {_named(self.unseen)} of the input.")
        return tuple(told)


def layer_table(channels, size, layers):
    """Follow one square image through the layers. Never raises for layers that fit into the trait `LayerChain`."""
    shape, rows, windows, field, problem = (channels, size, size), [], [], 1, ""
    for number, (kind, *numbers) in enumerate(layers):
        name, window = KINDS[kind][0], None
        problem = _misplaced(number, kind, name, shape)
        if not problem and kind in WINDOWED:
            try:
                window = Window.fit(shape[1], *numbers[-3:])
            except GeometryError as error:
                problem = f"Layer {number}, {name}: {error}"
        if problem:
            break
        if window:
            windows.append(window)
            field = receptive_field([(each.kernel_size, each.stride, each.before) for each in windows])[-1][0]
        elif kind in ("dense", "global"):
            field = "all"
        after, parameters, multiply_adds = _costs(kind, numbers, shape, window)
        unread, remark = (len(window.unread()), dropped(number, name, window)) if window else (0, "")
        rows.append(TableRow(name, after, parameters, multiply_adds, field, unread, remark))
        shape = after
    return LayerTable(tuple(rows), problem, unseen_cells(windows))


def _misplaced(number, kind, name, shape):
    """Why a layer cannot stand behind this shape, or an empty text."""
    if kind == "dense" and len(shape) == 3:
        return f"Layer {number}, {name}: a dense layer reads a row, and maps of {shape[1]} x {shape[2]} come in. Put a flatten before it."
    if kind in (*WINDOWED, "global") and len(shape) == 1:
        return f"Layer {number}, {name}: a row of {shape[0]} numbers comes in, and there are no maps any more. Put it before the flatten."
    return ""


def _costs(kind, numbers, shape, window):
    """(output shape, parameters, multiply-adds) of a layer that fits."""
    if kind in ("conv", "depthwise"):
        (made, reads), k, after = ((numbers[0], shape[0]) if kind == "conv" else (shape[0], 1)), window.kernel_size, window.count
        weights = made * reads * k * k
        return (made, after, after), weights + made, weights * after * after
    if window:
        return (shape[0], window.count, window.count), 0, 0
    if kind == "dense":
        return (numbers[0],), numbers[0] * (shape[0] + 1), numbers[0] * shape[0]
    return {"flatten": (prod(shape),), "global": shape[:1]}.get(kind, shape), 0, 0


def dropped(number, name, window):
    """What a window leaves unread of its n rows and columns, as a sentence; an empty text where it reads all."""
    unread = window.unread()
    if not unread:
        return ""
    room, rest = window.padded - window.span, (window.padded - window.span) % window.stride
    last = max(rest - window.after, 0)
    said = f"Layer {number}, {name}, never reads {_named(unread)} of {window.n}."
    if last:
        left = f"{window.padded} - {window.span} = {room}"
        said += f" The room {left} is no multiple of the stride {window.stride}, and the floor drops the rest."
    if len(unread) > last:
        said += f" The stride {window.stride} is larger than the kernel {window.span}, which leaves gaps."
    return said


def _named(cells, most=6):
    """Rows and columns in words: "row and column 27", "rows and columns 26, 27", or their number where they are many."""
    if len(cells) > most:
        return f"{len(cells)} rows and columns"
    return f"row{'s' * (len(cells) > 1)} and column{'s' * (len(cells) > 1)} {', '.join(map(str, cells))}"


def unseen_cells(windows):
    """The cells of the input that no cell behind the last window depends on."""
    if not windows:
        return ()
    seen = set(range(windows[-1].count))
    for window in reversed(windows):
        seen = {cell for place in seen for cell in window.inside(place)}
    return tuple(sorted(set(range(windows[0].n)) - seen))


def build(channels, size, layers, rng=None):
    """Make the `cnnlib.Sequential` of a possible chain. Raises ValueError with the table's sentence for an impossible one."""
    table = layer_table(channels, size, layers)
    if table.problem:
        raise ValueError(table.problem)
    made, shape = [], (channels, size, size)
    plain = {"relu": ReLU, "tanh": Tanh, "flatten": Flatten, "global": GlobalAvgPool2d, "max": MaxPool2d, "avg": AvgPool2d}
    for (kind, *numbers), row in zip(layers, table.rows, strict=True):
        if kind == "conv":
            made.append(Conv2d(shape[0], *numbers, rng=rng))
        elif kind == "depthwise":
            made.append(Conv2d(shape[0], shape[0], *numbers, groups=shape[0], rng=rng))
        elif kind == "dropout":
            made.append(Dropout(numbers[0] / 100, rng=rng))
        elif kind == "dense":
            made.append(Linear(shape[0], *numbers, rng=rng))
        else:
            made.append(plain[kind](*numbers))
        shape = row.output_shape
    return Sequential(*made)
