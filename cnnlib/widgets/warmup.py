"""The warm-up of chapter 00: two sliders, a weight and a bias, and what they do to the cells of a small picture."""

import numpy as np
from traitlets import Int, default

from cnnlib.widgets.base import BookWidget
from cnnlib.widgets.static import format_number, format_term, grid, row_of
from cnnlib.widgets.traits import Cells

# A bright stair on a dark ground: brightness 0 is black and 9 is white.
STAIR = ((0, 0, 0, 9), (0, 0, 6, 9), (0, 3, 6, 9), (1, 3, 6, 9))


class WeightAndBias(BookWidget):
    """Every cell x of a picture becomes y = weight x + bias.

    weight: -3 to 3. bias: -9 to 9. image: the numbers, any 2-D array. All can be read and set from Python.
    """

    module = "warmup.js"
    shown = ("weight", "bias")

    weight = Int(1, min=-3, max=3).tag(sync=True)
    bias = Int(0, min=-9, max=9).tag(sync=True)
    image = Cells(maximum=12).tag(sync=True)

    @default("image")
    def _stair(self):
        return STAIR

    @property
    def output(self):
        """weight * image + bias, as an array."""
        return self.weight * np.array(self.image, dtype=float) + self.bias

    @property
    def sentence(self):
        """The arithmetic of the bottom right cell."""
        x, y = self.image[-1][-1], self.output[-1, -1]
        return f"bottom right: {format_number(self.weight)}·{format_term(x)} + {format_term(self.bias)} = {format_number(y)}"

    @property
    def description(self):
        rows = "; ".join(" ".join(map(format_number, row)) for row in self.output)
        return f"Weight {format_number(self.weight)}, bias {format_number(self.bias)}: the picture's cells become {rows}."

    def static_svg(self):
        output, shape = self.output, (range(len(self.image)), range(len(self.image[0])))
        before = grid("Picture x", *shape, lambda i, j: {"text_": format_number(self.image[i][j])})
        after = grid("Result y", *shape, lambda i, j: {"text_": format_number(output[i, j])})
        return row_of([before, after], [self.sentence], label=self.description)
