"""The receptive-field tracer: up to five layers on a row of cells, and everything that one output cell looks at."""

import math

from traitlets import Int, TraitError, TraitType, observe, validate

from cnnlib.geometry import GeometryError, Window, check_integer, receptive_field
from cnnlib.plots import COLORS
from cnnlib.widgets.base import BookWidget
from cnnlib.widgets.static import INK, LINE, PANEL, PAPER, SOFT, element, format_number, picture, text

# What the settings of a layer are called, and from where to where they go; the browser's twin has the same table.
SETTINGS = {"kernel_size": (1, 5), "stride": (1, 3), "padding": (0, 3), "dilation": (1, 3)}
MOST_LAYERS, LONGEST = 5, 32
UNIT, ROW, LEFT, BOX = 30, 64, 96, 26  # the static picture: pixels per input cell, per row, left of the cells, per drawn cell
NEAR = 4  # input cells of padding that are drawn at most


class LayerList(TraitType):
    """One to five layers (kernel_size, stride, padding[, dilation]), held as tuples of four whole numbers."""

    def validate(self, obj, value):
        if not isinstance(value, (tuple, list)) or not 1 <= len(value) <= MOST_LAYERS:
            raise TraitError(f"{self.name}={value!r} is not a list of 1 to {MOST_LAYERS} layers. Write [(3, 1, 1)], for example.")
        return tuple(self._layer(layer, number) for number, layer in enumerate(value))

    def _layer(self, layer, number):
        name = f"{self.name}[{number}]"
        if not isinstance(layer, (tuple, list)) or len(layer) not in (3, 4):
            raise TraitError(f"{name}={layer!r} is no layer. Write (kernel_size, stride, padding), or a fourth number for the dilation.")
        layer = (*layer, 1)[:4]
        for (setting, (least, most)), value in zip(SETTINGS.items(), layer, strict=True):
            try:
                check_integer(value, f"{name}, {setting}", least)
            except (TypeError, ValueError) as error:
                raise TraitError(str(error)) from None
            if value > most:
                raise TraitError(f"{name}, {setting}={value} is too large for this widget: the largest possible is {most}.")
        return tuple(int(value) for value in layer)


class ReceptiveFieldTracer(BookWidget):
    """A chain of layers on a row of input cells, drawn layer above layer, and the field of one output cell.

    layers: one to five tuples (kernel_size 1 to 5, stride 1 to 3, padding 0 to 3, dilation 1 to 3, by default 1), from the input on.
    input_size: 1 to 32 cells. cell: the output cell whose field is shown; a cell beyond the last becomes the last. All can be read and
    set from Python. Every cell is drawn at the centre of its own field, so a field spreads evenly below it.

    A chain with a layer that finds no place is no error here: `message` then holds the library's sentence, and the browser shows it.
    """

    module = "tracer.js"
    shown = ("input_size", "layers", "cell")

    input_size = Int(16, min=1, max=LONGEST).tag(sync=True)
    layers = LayerList(((3, 1, 1, 1), (2, 2, 0, 1), (5, 1, 2, 1))).tag(sync=True)
    cell = Int(3, min=0).tag(sync=True)

    @validate("cell")
    def _cell_exists(self, proposal):
        return min(proposal["value"], self.windows[-1].count - 1) if self.windows else proposal["value"]

    @observe("input_size", "layers")
    def _cells_changed(self, change):
        self.cell = self.cell  # validated again: the last cell may have moved

    def _fit(self):
        """The windows of the layers, as far as they find places, and the library's sentence about the first that does not."""
        windows, n = [], self.input_size
        for number, layer in enumerate(self.layers, start=1):
            try:
                windows.append(Window.fit(n, *layer))
            except GeometryError as error:
                return windows, f"Layer {number}: {error}"
            n = windows[-1].count
        return windows, ""

    @property
    def windows(self):
        """One `cnnlib.geometry.Window` per layer; None where a layer finds no place."""
        windows, message = self._fit()
        return None if message else windows

    @property
    def message(self):
        """The library's sentence about an impossible setting; an empty text while there is an output."""
        return self._fit()[1]

    @property
    def rows(self):
        """(size, jump, start) behind every layer, from `cnnlib.receptive_field`."""
        return receptive_field(self.layers)

    @property
    def seen(self):
        """The cells of every row that the output cell depends on, from the input to the output; None where there is no output.

        Cells below 0 or behind the last lie in the padding. They are listed where a layer reads them, and nothing is read through them.
        """
        if not self.windows:
            return None
        rows = [(self.cell,)]
        for window in reversed(self.windows):
            real = (place for place in rows[0] if 0 <= place < window.count)
            rows.insert(0, tuple(sorted({cell for place in real for cell in window.cells(place)})))
        return rows

    @property
    def field(self):
        """The first and the last input cell of the field, by the formula; they may lie outside the input. None without an output."""
        if not self.windows:
            return None
        size, jump, start = self.rows[-1]
        first = math.floor(start + self.cell * jump - (size - 1) / 2)
        return first, first + size - 1

    @property
    def sentence(self):
        """The field of the output cell in words; the message where there is none."""
        if not self.windows:
            return self.message
        (first, last), (size, jump, start) = self.field, self.rows[-1]
        read = sum(0 <= cell < self.input_size for cell in self.seen[0])
        inside = max(0, min(last, self.input_size - 1) - max(first, 0) + 1)
        centre = format_number(start + self.cell * jump)
        said = f"Cell {self.cell} behind layer {len(self.layers)}: its field has {size} input cells, "
        said += f"{format_number(first)} to {format_number(last)}, around {centre}."
        return said if read == size else f"{said} Read: {read}; outside the input: {size - inside}; skipped: {inside - read}."

    @property
    def description(self):
        """The picture in words, for readers who do not see it."""
        chain = "; ".join("kernel {}, stride {}, padding {}, dilation {}".format(*layer) for layer in self.layers)
        return f"{self.input_size} input cells and the layers {chain}. {self.sentence}".replace("\n", " ")

    def static_svg(self):
        windows, seen = self._fit()[0], self.seen or [()] * (len(self.layers) + 1)
        grid = [(0, 1, self.input_size), *((start, jump, w.count) for (_, jump, start), w in zip(self.rows, windows, strict=False))]
        ends = [end for start, jump, count in grid for end in (start, start + (count - 1) * jump)]
        for (start, jump, _), window in zip(grid, windows, strict=False):  # the padding, as far as it is near
            ends += [
                max(start - window.before * jump, -NEAR),
                min(start + (window.n - 1 + window.after) * jump, self.input_size - 1 + NEAR),
            ]
        low, high = min(ends), max(ends)
        height = len(grid) * ROW
        at = lambda row, cell: (LEFT + (grid[row][0] + cell * grid[row][1] - low + 0.5) * UNIT, height - (row + 0.5) * ROW)
        lines, boxes = [], []
        for row, (_, _, count) in enumerate(grid):
            boxes.append(text(10, at(row, 0)[1] + 5, f"layer {row}" if row else "input", anchor="start", size=13, fill=SOFT))
            padding = [cell for cell in seen[row] if not 0 <= cell < count and low <= grid[row][0] + cell * grid[row][1] <= high]
            boxes += [_box(*at(row, cell), cell, cell in seen[row], 0 <= cell < count) for cell in [*padding, *range(count)]]
            if row:
                real = [place for place in seen[row] if 0 <= place < count]
                lines += [_line(at(row, place), at(row - 1, cell)) for place in real for cell in windows[row - 1].cells(place)]
        width = LEFT + (high - low + 1) * UNIT + 10
        said = self.sentence.replace(". Read", ".\nRead").split("\n")
        boxes += [text(10, height + 20 + 20 * number, line, anchor="start", size=13) for number, line in enumerate(said)]
        return picture(max(width, 700), height + 20 + 20 * len(said), lines + boxes, label=self.description)


def _box(x, y, cell, taken, real):
    """One cell with its number; padding is dashed, and cells of the field are filled and framed thickly."""
    look = dict(fill="#CFE3F1" if taken else PAPER, stroke=COLORS["blue"] if taken else LINE, stroke_width=2.5 if taken else 1)
    look |= {} if real else dict(fill=PANEL, stroke_dasharray="3 3")
    box = element("rect", x=x - BOX / 2, y=y - BOX / 2, width=BOX, height=BOX, rx=3, **look)
    return box + text(x, y + 4, format_number(cell) if real else "pad", size=12 if real else 10, fill=INK if real else SOFT)


def _line(above, below):
    return element("line", x1=above[0], y1=above[1] + BOX / 2, x2=below[0], y2=below[1] - BOX / 2, stroke=COLORS["blue"], stroke_width=1.5)
