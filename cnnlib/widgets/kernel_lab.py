"""The kernel lab of chapter 01: a photograph or a drawing, a kernel whose cells can be changed, and what the one makes of the other."""

import base64

import numpy as np
from traitlets import Bool, Enum, Float, TraitError, Tuple, Unicode, default, observe, validate

from cnnlib.datasets import sample_image
from cnnlib.ops.activations import relu
from cnnlib.ops.convolution import correlate2d
from cnnlib.plots import COLORS
from cnnlib.widgets import presets
from cnnlib.widgets.base import BookWidget
from cnnlib.widgets.png import png_uri
from cnnlib.widgets.static import element, format_number, format_term, grid, row_of, text
from cnnlib.widgets.traits import Cells

SIZES = (3, 5)
WHITE = {"photograph": 255, "drawing": 9}
BLACK_WHITE = 253  # steps from the darkest to the brightest grey; the two levels left over mark what lies outside
HALF = 127  # steps from 0 to full colour, on each side
# A house, for readers who do not want to start from nothing.
HOUSE = (
    "000000000000", "000000000000", "000004400000", "000044440000", "000444444000", "004444444400",
    "000999999000", "000900909000", "000900999000", "000900999000", "777777777777", "000000000000",
)  # fmt: skip


def palette(view):
    """The 256 colours (red, green, blue) that `levels` counts.

    "picture": 0 marks what is darker than black, 1 to 254 are greys from black to white, 255 marks what is brighter than white.
    "signed": 0 to 254 lead from orange over white, at 127, to blue.
    """
    below, above = (tuple(int(COLORS[name][at : at + 2], 16) for at in (1, 3, 5)) for name in ("orange", "blue"))
    if view == "picture":
        greys = [_half_up(255 * step / BLACK_WHITE) for step in range(BLACK_WHITE + 1)]
        return [below, *((grey, grey, grey) for grey in greys), above]
    sides = [(below if step < 0 else above, abs(step) / HALF) for step in range(-HALF, HALF + 1)]
    return [tuple(_half_up(255 + (part - 255) * share) for part in full) for full, share in sides] + [(255, 255, 255)]


def _half_up(value):
    """The nearest whole number; halves go up, as JavaScript's Math.round has it."""
    return int(np.floor(value + 0.5))


def levels(values, view, limit):
    """Which colour of the palette each value has: uint8, of the values' shape.

    limit: for "picture" the brightness of white, for "signed" the number that gets the full colour.
    """
    if view == "signed":
        return np.floor(HALF + np.clip(values / limit, -1, 1) * HALF + 0.5).astype(np.uint8)
    inside = np.floor(1 + np.clip(values / limit, 0, 1) * BLACK_WHITE + 0.5)
    return np.where(values < 0, 0, np.where(values > limit, 255, inside)).astype(np.uint8)


class KernelLab(BookWidget):
    """Change a kernel and see what it makes of a picture.

    source: "photograph" (140 x 120 cells, brightness 0 to 255) or "drawing" (up to 12 x 12 cells, 0 to 9). drawing: its numbers.
    kernel: the weights, 3 x 3 or 5 x 5; setting them sets kernel_size. kernel_preset: a name in `cnnlib.widgets.presets.FILTERS`
    or "custom". bias: added to every output. relu: whether negative outputs become 0. view: "signed" or "picture", how the output
    is drawn. cursor: the cell (row, column) of the input around which the shown window stands, as far as the border allows.
    """

    module = "kernel_lab.js"
    shown = ("source", "kernel_preset", "kernel_size", "view")

    source = Enum(tuple(WHITE), "photograph").tag(sync=True)
    photograph = Unicode(read_only=True).tag(sync=True)  # its bytes as base64 text, so that a page without a kernel can hold them
    photograph_shape = Tuple((140, 120), read_only=True).tag(sync=True)
    drawing = Cells(maximum=12).tag(sync=True)
    kernel = Cells(maximum=5).tag(sync=True)
    kernel_size = Enum(SIZES, 3).tag(sync=True)
    kernel_preset = Enum((*presets.FILTERS, "custom"), "sobel x").tag(sync=True)
    view = Enum(("signed", "picture"), "signed").tag(sync=True)
    bias = Float(0.0).tag(sync=True)
    relu = Bool(False).tag(sync=True)
    cursor = Tuple((44, 50)).tag(sync=True)

    def __init__(self, **options):
        super().__init__(**options)
        if "cursor" in options:
            self.cursor = options["cursor"]  # a source that was given too has put it into the middle

    @default("photograph")
    def _small_photograph(self):
        """The bundled photograph, every 2 by 2 cells averaged into one, as whole numbers from 0 to 255."""
        rows, columns = self.photograph_shape
        image = sample_image()[: 2 * rows, : 2 * columns].reshape(rows, 2, columns, 2).mean(axis=(1, 3))
        return base64.b64encode(np.round(image * 255).astype(np.uint8).tobytes()).decode("ascii")

    @default("drawing")
    def _house(self):
        return tuple(tuple(map(int, row)) for row in HOUSE)

    @default("kernel")
    def _first_kernel(self):
        return presets.refit((), self.kernel_preset, presets.FILTERS, (self.kernel_size, self.kernel_size))

    @validate("kernel")
    def _square(self, proposal):
        shape = (len(proposal["value"]), len(proposal["value"][0]))
        if shape not in ((3, 3), (5, 5)):
            raise TraitError(f"kernel has shape {shape}; the lab takes 3 x 3 or 5 x 5. Fill it up with zeros.")
        return proposal["value"]

    @validate("drawing")
    def _room_for_a_window(self, proposal):
        shape = (len(proposal["value"]), len(proposal["value"][0]))
        if min(shape) < max(SIZES):
            raise TraitError(f"drawing has shape {shape}; the largest kernel needs 5 x 5 cells. Give it at least 5 rows and columns.")
        return proposal["value"]

    @validate("bias")
    def _bias_in_range(self, proposal):
        if not np.isfinite(proposal["value"]):
            raise TraitError(f"bias={proposal['value']} is not a finite number. Write bias=0.")
        return float(np.clip(proposal["value"], -self.white, self.white))

    @validate("cursor")
    def _cursor_exists(self, proposal):
        return tuple(int(min(max(at, 0), n - 1)) for at, n in zip(proposal["value"], self.shape, strict=True))

    @observe("kernel")
    def _cells_changed(self, change):
        """Cells bring their size along; cells that are not those of the preset are custom."""
        shape = (len(change.new), len(change.new[0]))
        with self.hold_trait_notifications():
            if presets.refit(change.new, self.kernel_preset, presets.FILTERS, shape) != change.new:
                self.kernel_preset = "custom"
            self.kernel_size = shape[0]

    @observe("kernel_size", "kernel_preset")
    def _size_changed(self, change):
        """A new size or preset brings new cells along."""
        self.kernel = presets.refit(self.kernel, self.kernel_preset, presets.FILTERS, (self.kernel_size, self.kernel_size))

    @observe("source", "drawing")
    def _picture_changed(self, change):
        middle = tuple(n // 2 for n in self.shape)
        self.cursor = middle if change.name == "source" else self.cursor
        self.bias = self.bias  # validated again: white may have changed

    @property
    def white(self):
        """The brightness of white: 255 in the photograph, 9 in the drawing."""
        return WHITE[self.source]

    @property
    def shape(self):
        """Rows and columns of the picture."""
        return self.photograph_shape if self.source == "photograph" else (len(self.drawing), len(self.drawing[0]))

    @property
    def picture(self):
        """The picture that is filtered, as an array."""
        if self.source == "drawing":
            return np.array(self.drawing, dtype=float)
        return np.frombuffer(base64.b64decode(self.photograph), np.uint8).reshape(self.shape).astype(float)

    @property
    def output(self):
        """What `cnnlib.correlate2d` makes of the picture, plus the bias, through ReLU where it is switched on."""
        y = correlate2d(self.picture, np.array(self.kernel, dtype=float)) + self.bias
        return relu(y) if self.relu else y

    @property
    def limit(self):
        """The number that gets the full colour: white as a picture, the largest size of an output in signed colours."""
        return self.white if self.view == "picture" else float(np.abs(self.output).max()) or 1.0

    @property
    def outside(self):
        """How many outputs are darker than black, and how many brighter than white."""
        return int(np.sum(self.output < 0)), int(np.sum(self.output > self.white))

    @property
    def place(self):
        """The place (row, column) of the shown window: the cursor lies in its middle, as far as the border allows."""
        k = self.kernel_size
        return tuple(min(max(at - k // 2, 0), n - k) for at, n in zip(self.cursor, self.shape, strict=True))

    @property
    def sentence(self):
        """The arithmetic of the shown window, for example "y[0,1] = 2·1 + 3·0 + ... = 2"."""
        (i, j), k = self.place, self.kernel_size
        products = zip(self.picture[i : i + k, j : j + k].flat, np.array(self.kernel).flat, strict=True)
        total = " + ".join(f"{format_term(x)}·{format_term(w)}" for x, w in products)
        bias = f" + {format_term(self.bias)}" if self.bias else ""
        value = np.sum(self.picture[i : i + k, j : j + k] * np.array(self.kernel)) + self.bias
        cut = f", ReLU makes it {format_number(max(value, 0))}" if self.relu else ""
        return f"y[{i},{j}] = {total}{bias} = {format_number(value)}{cut}"

    @property
    def description(self):
        rows, columns = self.shape
        weights = "; ".join(" ".join(map(format_number, row)) for row in self.kernel)
        y, (below, above) = self.output, self.outside
        extremes = f"from {format_number(y.min())} to {format_number(y.max())}"
        return (
            f"The {self.source} of {rows} by {columns} cells and what the kernel {weights} makes of it: {y.shape[0]} by {y.shape[1]} "
            f"outputs {extremes}, {below} of them darker than black, {above} brighter than white."
        )

    def static_svg(self):
        scale = 2 if self.source == "photograph" else 20
        before = _raster("Input x", levels(self.picture, "picture", self.white), palette("picture"), scale)
        after = _raster("Output y", levels(self.output, self.view, self.limit), palette(self.view), scale)
        cells = range(self.kernel_size)
        kernel = grid("Kernel w", cells, cells, lambda u, v: {"text_": format_number(self.kernel[u][v])})
        meaning = "white is 0, blue is positive, orange is negative"
        if self.view == "picture":
            meaning = "black to white as they are; orange is darker than black, blue brighter than white"
        return row_of([before, kernel, after], [self.description, f"Colours of the output: {meaning}."], label=self.description)


def _raster(title, numbers, colours, scale):
    """A titled picture of many cells: (width, height, SVG of a group at the origin)."""
    rows, columns = (size * scale for size in numbers.shape)
    look = dict(width=columns, height=rows, href=png_uri(numbers, colours), style="image-rendering: pixelated")
    return columns, rows + 24, text(0, 14, title, anchor="start", weight=600) + element("image", x=0, y=24, **look)
