"""Follow the pixel: every unit of the small trained net, its window, its arithmetic and its gradients."""

import functools

import numpy as np
from traitlets import Bool, Dict, Enum, Int, List, TraitError, default, observe, validate

from cnnlib.datasets import load_digits
from cnnlib.explain import feature_maps
from cnnlib.geometry import Window
from cnnlib.learned import learned_net, untrained_net
from cnnlib.ops.losses import softmax, softmax_backward
from cnnlib.widgets.base import BookWidget
from cnnlib.widgets.follow_pixel_picture import net_picture
from cnnlib.widgets.static import format_number, format_term
from cnnlib.widgets.traits import Cells

SIZE, LEVELS = 8, 16
# The layers that are shown, their shapes (maps, rows, columns), and along one axis the window that leads to each from the one before.
SHAPES = {
    "input": (1, 8, 8), "conv 1": (4, 8, 8), "relu 1": (4, 8, 8), "pool 1": (4, 4, 4),
    "conv 2": (8, 4, 4), "relu 2": (8, 4, 4), "pool 2": (8, 2, 2), "logits": (10, 1, 1), "softmax": (10, 1, 1),
}  # fmt: skip
LAYERS = tuple(SHAPES)
WINDOWS = {
    "conv 1": Window.fit(8, 3, 1, 1), "relu 1": Window.fit(8, 1), "pool 1": Window.fit(8, 2, 2),
    "conv 2": Window.fit(4, 3, 1, 1), "relu 2": Window.fit(4, 1), "pool 2": Window.fit(4, 2, 2),
    "logits": Window.fit(2, 2), "softmax": Window.fit(1, 1),
}  # fmt: skip
MIXING = ("conv 1", "conv 2", "logits", "softmax")  # each of their units reads all maps before it
VIEWS = ("values", "slopes of this unit", "slopes of the score")
ENDS = (slice(0, 1), slice(1, 2), slice(2, 3), slice(3, 4), slice(4, 5), slice(5, 6), slice(6, 8))  # the net's layers behind each shown one


@functools.cache
def gallery():
    """Digits to choose from: the first two of each class in the test set, and then those among the first hundred that the net misreads.

    Returns dicts with the cells as whole numbers from 0 to 16, the label and the number in the test set.
    """
    digits = load_digits()
    labels = digits.test_labels
    guesses = learned_net()(digits.test_images.astype("float64")).argmax(axis=1)
    chosen = [n for label in range(10) for n in np.flatnonzero(labels == label)[:2]] + list(np.flatnonzero(guesses[:100] != labels[:100]))
    cells = (digits.test_images[:, 0] * LEVELS).round().astype(int)
    return [{"cells": cells[n].tolist(), "label": int(labels[n]), "number": int(n)} for n in chosen]


class FollowThePixel(BookWidget):
    """The net of chapter 19 with all its units. Touch one: what it sees, what it computes, and how it depends on what stands before it.

    model: a net with the layers of `cnnlib.learned.untrained_net`; by default the trained one. image: 8 by 8 numbers from 0 to 1.
    example: the number of a digit in `examples`, or -1 for a drawing of one's own. layer: one of LAYERS. channel, row, column: the unit;
    numbers beyond the layer become its last. view: "values", "slopes of this unit" (its derivatives by all units before it), or
    "slopes of the score" (the derivatives of a logit by all units). score: the class whose logit is meant, -1 for the predicted one.
    draw: whether the pointer draws on the input. ink: how dark, in sixteenths.
    """

    module = "follow_pixel.js"
    shown = ("example", "layer", "channel", "row", "column", "view")

    image = Cells(maximum=SIZE).tag(sync=True)
    example = Int(12, min=-1).tag(sync=True)
    layer = Enum(LAYERS, "conv 2").tag(sync=True)
    channel = Int(2, min=0).tag(sync=True)
    row = Int(2, min=0).tag(sync=True)
    column = Int(1, min=0).tag(sync=True)
    view = Enum(VIEWS, "values").tag(sync=True)
    score = Int(-1, min=-1, max=9).tag(sync=True)
    draw = Bool(False).tag(sync=True)
    ink = Int(LEVELS, min=0, max=LEVELS).tag(sync=True)
    weights = Dict().tag(sync=True)
    examples = List().tag(sync=True)

    def __init__(self, model=None, **traits):
        state = traits.get("weights") or (learned_net() if model is None else model).state_dict()
        self._net = untrained_net(0).load(state).astype("float64").eval()
        super().__init__(**{"weights": {name: array.tolist() for name, array in self._net.state_dict().items()}} | traits)

    @default("examples")
    def _default_examples(self):
        return gallery()

    @default("image")
    def _default_image(self):
        return self._cells_of(self.example)

    def _cells_of(self, example):
        return (np.array(self.examples[example]["cells"]) / LEVELS).tolist()

    @validate("image")
    def _image_fits(self, proposal):
        cells = np.array(proposal["value"])
        if cells.shape != (SIZE, SIZE):
            raise TraitError(
                f"image has shape {cells.shape}, and the net reads {SIZE} by {SIZE} cells. Give {SIZE} rows of {SIZE} numbers."
            )
        if cells.min() < 0 or cells.max() > 1:
            raise TraitError(f"image holds {cells.min():g} to {cells.max():g}. Its cells run from 0, paper, to 1, ink.")
        return proposal["value"]

    @validate("example")
    def _example_exists(self, proposal):
        return min(proposal["value"], len(self.examples) - 1)

    @observe("example")
    def _example_changed(self, change):
        if change.new >= 0:
            self.image = self._cells_of(change.new)

    @observe("image")
    def _image_changed(self, change):
        if self.example >= 0 and not np.array_equal(self.image, self._cells_of(self.example)):
            self.example = -1

    @validate("channel", "row", "column")
    def _unit_exists(self, proposal):
        axis = ("channel", "row", "column").index(proposal["trait"].name)
        return min(proposal["value"], SHAPES[self.layer][axis] - 1)

    @observe("layer")
    def _layer_changed(self, change):
        self.channel, self.row, self.column = self.channel, self.row, self.column  # validated again: this layer may be smaller

    @property
    def unit(self):
        """(channel, row, column) of the unit."""
        return self.channel, self.row, self.column

    @property
    def values(self):
        """{layer: (maps, rows, columns)} of the whole net for the present image."""
        found = feature_maps(self._net, np.array(self.image, dtype=float)[None, None])
        logits = found.pop()
        arrays = [np.array(self.image, dtype=float), *found[:6], logits, softmax(logits)]
        return {name: array.reshape(SHAPES[name]) for name, array in zip(LAYERS, arrays, strict=True)}

    @property
    def target(self):
        """The class whose logit is the score."""
        return int(self.values["logits"].argmax()) if self.score < 0 else self.score

    def slopes(self, layer, unit):
        """{earlier layer: the derivatives of one unit by all its units}, the layer itself included, with 1 at the unit."""
        values = self.values  # the net remembers this forward pass
        number = LAYERS.index(layer)
        gradient = np.zeros(SHAPES[layer])
        gradient[unit] = 1
        found = {layer: gradient}
        if layer == "softmax":
            gradient = softmax_backward(gradient.reshape(1, -1), values["logits"].reshape(1, -1))
            number = number - 1
            found["logits"] = gradient.reshape(SHAPES["logits"])
        gradient = gradient.reshape(1, -1) if number == 7 else gradient[None]
        for part in range(number - 1, -1, -1):
            for each in list(self._net)[ENDS[part]][::-1]:
                gradient = each.backward(gradient)
            found[LAYERS[part]] = gradient[0]
        return found

    @property
    def score_slopes(self):
        """{layer: the derivatives of the score by all its units}, from the input to the logits."""
        return self.slopes("logits", (self.target, 0, 0))

    def reach(self):
        """{layer: (maps, rows, columns)}, ranges of the units that this unit sees in layers before it, and that see it behind it."""
        at = LAYERS.index(self.layer)
        found = {self.layer: tuple(range(place, place + 1) for place in self.unit)}
        for earlier, later in zip(LAYERS[at - 1 :: -1] if at else (), LAYERS[at:0:-1], strict=False):
            maps, *axes = found[later]
            maps = range(SHAPES[earlier][0]) if later in MIXING else maps
            found[earlier] = (maps, *(_seen(WINDOWS[later], axis) for axis in axes))
        for earlier, later in zip(LAYERS[at:], LAYERS[at + 1 :], strict=False):
            maps, *axes = found[earlier]
            maps = range(SHAPES[later][0]) if later in MIXING else maps
            found[later] = (maps, *(_seeing(WINDOWS[later], axis) for axis in axes))
        return found

    @property
    def arithmetic(self):
        """The unit's own sum, in words and numbers."""
        values, (channel, row, column) = self.values, self.unit
        value = format_number(values[self.layer][self.unit])
        if self.layer == "input":
            return f"ink {value}"
        before = values[LAYERS[LAYERS.index(self.layer) - 1]]
        rows, columns = (WINDOWS[self.layer].cells(place) for place in (row, column))
        if self.layer == "softmax":
            rest = np.exp(before - before.max()).ravel()
            return f"exp({format_number(before[channel, 0, 0] - before.max())}) / {format_number(rest.sum())} = {value}"
        if self.layer in ("conv 1", "conv 2", "logits"):
            sums = " + ".join(format_term(part) for part in self.map_sums())
            bias = self._net[{"conv 1": 0, "conv 2": 3, "logits": 7}[self.layer]].bias[channel]
            return f"{sums} + bias {format_term(bias)} = {value}"
        cells = [format_number(before[channel, r, c]) for r in rows for c in columns]
        return f"max({', '.join(['0', *cells] if self.layer.startswith('relu') else cells)}) = {value}"

    def map_sums(self):
        """What each map before a convolution or a dense layer adds to the unit."""
        before, (channel, row, column) = self.values[LAYERS[LAYERS.index(self.layer) - 1]], self.unit
        if self.layer == "logits":
            return (self._net[7].weight[channel].reshape(before.shape) * before).sum(axis=(1, 2))
        weight = self._net[{"conv 1": 0, "conv 2": 3}[self.layer]].weight[channel]
        window = np.pad(before, ((0, 0), (1, 1), (1, 1)))[:, row : row + 3, column : column + 3]
        return (weight * window).sum(axis=(1, 2))

    @property
    def sentence(self):
        """The unit in words: its place, its arithmetic, what it sees, and the slope of the score."""
        channel, row, column = self.unit
        place = f"class {channel}" if self.layer in ("logits", "softmax") else f"map {channel}, row {row}, column {column}"
        said = f"{self.layer}, {place}: {self.arithmetic}."
        if self.layer != "input":
            _, rows, columns = self.reach()["input"]
            said += f" It sees rows {rows[0]} to {rows[-1]} and columns {columns[0]} to {columns[-1]} of the input."
        if self.layer != "softmax":
            said += f" Slope of the score of {self.target}: {format_number(self.score_slopes[self.layer][self.unit])}."
        return said

    @property
    def description(self):
        """The picture in words, for readers who do not see it."""
        values = self.values
        guess = int(values["logits"].argmax())
        chance = format_number(values["softmax"][guess, 0, 0])
        return f"All units of a small net for one image, read as {guess} with probability {chance}. {self.sentence}"

    def static_svg(self):
        return net_picture(self)


def _seen(window, places):
    """The cells from the first to the last that places of a range read, inside the input."""
    first, last = window.start(places[0]), window.start(places[-1]) + window.kernel_size - 1
    return range(max(first, 0), min(last, window.n - 1) + 1)


def _seeing(window, cells):
    """The places whose window touches cells of a range."""
    touching = [i for i in range(window.count) if window.start(i) <= cells[-1] and window.start(i) + window.kernel_size > cells[0]]
    return range(touching[0], touching[-1] + 1)
