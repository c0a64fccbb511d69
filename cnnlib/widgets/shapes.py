"""The shape explorer: a network as a table that can be edited, with shape, parameters, multiply-adds and receptive field of each layer."""

from traitlets import Int

from cnnlib.widgets.base import BookWidget
from cnnlib.widgets.layer_table import KINDS, NETWORKS, LayerChain, build, layer_table
from cnnlib.widgets.static import LINE, SOFT, element, picture, text

LARGEST = 64
HEADINGS = ("layer", "settings", "output shape", "parameters", "multiply-adds", "field")
EDGES = (16, 140, 530, 640, 765, 840)  # where the columns of the static picture stand: two from the left, then the right edges of numbers
LINE_HEIGHT = 23


class ShapeExplorer(BookWidget):
    """A chain of layers on a square image, layer by layer.

    input_channels: 1 to 4. input_size: 1 to 64 cells along a side. layers: what `cnnlib.widgets.layer_table` calls a chain, for example
    [("conv", 4, 5, 1, 0), ("tanh",), ("max", 2, 2, 0), ("flatten",), ("dense", 10)]. `network="..."` begins with one of
    `cnnlib.widgets.layer_table.NETWORKS`. All can be read and set from Python.

    A chain with an impossible layer is no error here: `message` then holds the sentence about it, and the browser shows it.
    """

    module = "shapes.js"
    shown = ("input_channels", "input_size", "layers")

    input_channels = Int(1, min=1, max=4).tag(sync=True)
    input_size = Int(28, min=1, max=LARGEST).tag(sync=True)
    layers = LayerChain(NETWORKS["network of 2016"][2]).tag(sync=True)

    def __init__(self, network=None, **options):
        if network is not None:
            if network not in NETWORKS:
                raise ValueError(f'network="{network}" is not one of {", ".join(NETWORKS)}. Write one of these, or give layers.')
            channels, size, layers = NETWORKS[network]
            options = dict(input_channels=channels, input_size=size, layers=layers) | options
        super().__init__(**options)

    @property
    def table(self):
        """A `LayerTable`: what each layer makes of its input, as far as the chain is possible."""
        return layer_table(self.input_channels, self.input_size, self.layers)

    @property
    def message(self):
        """The sentence about the first impossible layer; an empty text while all are possible."""
        return self.table.problem

    @property
    def remarks(self):
        """Sentences about cells that are never read."""
        return self.table.remarks

    @property
    def model(self):
        """The `cnnlib.Sequential` of the table, with fresh random weights."""
        return build(self.input_channels, self.input_size, self.layers)

    @property
    def summary(self):
        """The library's own summary of the model."""
        return self.model.summary((self.input_channels, self.input_size, self.input_size))

    @property
    def sentence(self):
        """The whole network in words; the message where it is impossible."""
        table = self.table
        if table.problem:
            return table.problem
        shape = " x ".join(map(str, table.rows[-1].output_shape))
        totals = f"{table.parameters:,} parameters, {table.multiply_adds:,} multiply-adds for one image"
        return "\n".join([f"{len(self.layers)} layers, output shape {shape}: {totals}.", *table.remarks])

    @property
    def description(self):
        """The table in words, for readers who do not see it."""
        chain = ", ".join(f"{row.name} {' x '.join(map(str, row.output_shape))}" for row in self.table.rows)
        image = f"{self.input_channels} x {self.input_size} x {self.input_size}"
        return f"An image of {image} goes through {chain}. {self.sentence}".replace("\n", " ")

    def static_svg(self):
        parts, height = self.static_parts()
        return picture(864, height, parts, label=self.description)

    def static_parts(self):
        """The parts of the static picture, and its height."""
        table, parts = self.table, []
        lines = [HEADINGS, ("input", "", _times((self.input_channels, self.input_size, self.input_size)), "", "", "1")]
        for number, layer in enumerate(self.layers):
            row = table.rows[number] if number < len(table.rows) else None
            numbers = (
                (_times(row.output_shape), f"{row.parameters:,}", f"{row.multiply_adds:,}", str(row.receptive_field)) if row else ("—",) * 4
            )
            lines.append((f"{number} {KINDS[layer[0]][0]}", _settings(layer), *numbers))
        lines.append(("total", "", "", f"{table.parameters:,}", f"{table.multiply_adds:,}", ""))
        for place, words in enumerate(lines):
            y = 12 + (place + 1) * LINE_HEIGHT
            look = dict(size=13, weight=600 if place in (0, len(lines) - 1) else None, **(dict(fill=SOFT) if place == 0 else {}))
            sides = ("start", "start", "end", "end", "end", "end")
            parts += [text(x, y, word, anchor=side, **look) for x, word, side in zip(EDGES, words, sides, strict=True) if word]
            parts.append(element("line", x1=12, x2=848, y1=y + 7, y2=y + 7, stroke=LINE))
        y = 12 + len(lines) * LINE_HEIGHT
        said = self.sentence.replace(". The", ".\nThe").split("\n")
        parts += [text(16, y + 26 + 20 * number, line, anchor="start", size=13) for number, line in enumerate(said)]
        return parts, y + 26 + 20 * len(said)


def _times(shape):
    return " x ".join(map(str, shape))


def _settings(layer):
    kind, *numbers = layer
    words = [f"{name.split('_')[0]} {number}" for name, number in zip(KINDS[kind][1], numbers, strict=True)]
    return ", ".join(words)
