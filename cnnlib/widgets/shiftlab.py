"""The shift lab: a small picture is moved, goes through a chain of layers, and meters say how well the output follows."""

import numpy as np
from traitlets import Enum, Int, TraitError, default, observe, validate

from cnnlib.equivariance import blur_pool2d, bordered_conv2d, max_blur_pool2d, nearest_shift, shift2d
from cnnlib.ops.activations import relu
from cnnlib.ops.pooling import avg_pool2d, max_pool2d
from cnnlib.widgets import presets
from cnnlib.widgets.base import BookWidget
from cnnlib.widgets.static import format_number, grid, row_of
from cnnlib.widgets.traits import Cells

SIZE = 8  # the picture has 8 by 8 cells, so three halvings end in a single one
PATTERNS = ("corner", "impulse", "checker", "edge", "random")
KERNELS = ("identity", "sobel x", "box mean", "sharpen", "laplacian")
POOLINGS = {
    "none": lambda x, border: x,
    "stride 2": lambda x, border: x[:, :, ::2, ::2],
    "average 2": lambda x, border: avg_pool2d(x, 2),
    "max 2": lambda x, border: max_pool2d(x, 2),
    "blur, stride 2": lambda x, border: blur_pool2d(x, border=border),
    "max, blur, stride 2": lambda x, border: max_blur_pool2d(x, border=border),
}
ENDS = {
    "none": lambda x: x,
    "global max": lambda x: x.max(axis=(2, 3), keepdims=True),
    "global average": lambda x: x.mean(axis=(2, 3), keepdims=True),
}


def pattern(name):
    """The cells of a preset picture: a small lopsided corner, or one of `presets.INPUTS`."""
    if name != "corner":
        return presets.INPUTS[name](SIZE, SIZE)
    cells = np.zeros((SIZE, SIZE), dtype=int)
    cells[2:5, 2], cells[4, 3:5] = (3, 5, 7), (6, 2)
    return tuple(map(tuple, cells.tolist()))


class ShiftLab(BookWidget):
    """A picture x, shifted by T, goes through a chain f; the output f(T x) is compared with the shifted output T' f(x).

    image: 8 by 8 numbers. pattern: "corner", "impulse", "checker", "edge", "random" or "custom". down, right: the shift, -4 to 4 cells.
    border: "circular" or "zeros". The chain repeats `blocks` (1 to 3) times: a 3 by 3 convolution with the `kernel` of that name, the
    `activation` ("none", "relu"), a `pooling` (one of POOLINGS); then `end`, one of ENDS. All can be read and set from Python.
    """

    module = "shiftlab.js"
    shown = ("down", "right", "border", "kernel", "activation", "pooling", "blocks", "end")

    image = Cells(maximum=SIZE).tag(sync=True)
    pattern = Enum((*PATTERNS, "custom"), "corner").tag(sync=True)
    down = Int(0, min=-4, max=4).tag(sync=True)
    right = Int(1, min=-4, max=4).tag(sync=True)
    border = Enum(("circular", "zeros"), "circular").tag(sync=True)
    kernel = Enum(KERNELS, "sobel x").tag(sync=True)
    activation = Enum(("none", "relu"), "relu").tag(sync=True)
    pooling = Enum(tuple(POOLINGS), "none").tag(sync=True)
    blocks = Int(1, min=1, max=3).tag(sync=True)
    end = Enum(tuple(ENDS), "none").tag(sync=True)

    @default("image")
    def _pattern_cells(self):
        return pattern(self.pattern)

    @validate("image")
    def _right_size(self, proposal):
        cells = proposal["value"]
        if (len(cells), len(cells[0])) != (SIZE, SIZE):
            raise TraitError(f"image has {len(cells)} by {len(cells[0])} cells, and the shift lab takes {SIZE} by {SIZE}.")
        return cells

    @observe("pattern")
    def _pattern_changed(self, change):
        if change.new != "custom":
            self.image = pattern(change.new)

    @observe("image")
    def _image_changed(self, change):
        if self.pattern != "custom" and change.new != pattern(self.pattern):
            self.pattern = "custom"

    @property
    def by(self):
        """The shift of the input, (rows, columns)."""
        return self.down, self.right

    @property
    def total_stride(self):
        """The product of the strides in the chain, without the end."""
        return 1 if self.pooling == "none" else 2**self.blocks

    def apply(self, x):
        """The chain f, from (1, 1, 8, 8) to its output."""
        w = np.array(presets.KERNELS[self.kernel](3, 3), dtype=float)[None, None]
        for _ in range(self.blocks):
            x = bordered_conv2d(x, w, border=self.border)
            x = relu(x) if self.activation == "relu" else x
            x = POOLINGS[self.pooling](x, self.border)
        return ENDS[self.end](x)

    @property
    def shifted_input(self):
        """T x, (8, 8)."""
        return self._shifted()[0, 0]

    def _shifted(self):
        return shift2d(np.array(self.image, dtype=float)[None, None], self.by, border=self.border)

    def _outputs(self):
        return self.apply(np.array(self.image, dtype=float)[None, None]), self.apply(self._shifted())

    @property
    def output(self):
        """f(T x), what comes out for the shifted input."""
        return self._outputs()[1][0, 0]

    @property
    def follow(self):
        """The shift T' of the output: by / total stride where that is whole, else the nearest of all shifts; (0, 0) behind a global end."""
        y, moved = self._outputs()
        if self.end != "none":
            return 0, 0
        if all(t % self.total_stride == 0 for t in self.by):
            return tuple(t // self.total_stride for t in self.by)
        return nearest_shift(y, moved, border=self.border)[1]

    @property
    def reference(self):
        """T' f(x), what an equivariant chain would give."""
        return shift2d(self._outputs()[0], self.follow, border=self.border)[0, 0]

    @property
    def equivariance_error(self):
        """max |f(T x) - T' f(x)|."""
        return float(np.abs(self.output - self.reference).max())

    @property
    def invariance_error(self):
        """max |f(T x) - f(x)|."""
        y, moved = self._outputs()
        return float(np.abs(moved - y).max())

    @property
    def sentence(self):
        """What the meters say, in words."""
        y = f"({format_number(self.follow[0])}, {format_number(self.follow[1])})"
        ends = f"equivariance error {format_number(self.equivariance_error)}, invariance error {format_number(self.invariance_error)}."
        start = f"Input shifted by ({format_number(self.down)}, {format_number(self.right)})"
        if self.end != "none":
            return f"{start}; one number is left, and nothing that could move: invariance error {format_number(self.invariance_error)}."
        if all(t % self.total_stride == 0 for t in self.by):
            return f"{start}, output expected to follow by {y}: {ends}"
        return f"{start}, no multiple of the total stride {self.total_stride}; the nearest shift of the output is {y}: {ends}"

    @property
    def description(self):
        layers = f"{self.kernel}, activation {self.activation}, pooling {self.pooling}"
        return f"Shift lab with {self.blocks} × ({layers}), end {self.end}, {self.border} border. {self.sentence}"

    def static_svg(self):
        panels = {"Shifted input T x": self.shifted_input, "Output f(T x)": self.output, "Reference T' f(x)": self.reference}
        groups = [
            grid(title, *map(range, cells.shape), lambda i, j, cells=cells: {"text_": format_number(cells[i, j])})
            for title, cells in panels.items()
        ]
        return row_of(groups, [self.sentence], label=self.description)
