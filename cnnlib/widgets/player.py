"""The sliding-window player: how a kernel walks over its input, which cells it reads, and what it makes of them."""

import numpy as np
from traitlets import Enum, Float, Int, TraitError, validate

from cnnlib.geometry import Window
from cnnlib.ops.convolution import correlate2d
from cnnlib.widgets.filtering import Filtering
from cnnlib.widgets.static import format_number, format_term, player_picture
from cnnlib.widgets.traits import Padding, pair

OPERATIONS = ("correlation", "convolution")


class SlidingWindowPlayer(Filtering):
    """A convolution on a small grid, one output cell at a time.

    Every setting is a trait that can be given to the constructor, read and set; the browser and Python keep each other up to date.

    input_size (1 to 12), kernel_size (1 to 5), stride (1 to 4), dilation (1 to 3): a number, or a pair (rows, columns).
    padding: 0 to 4, a pair, or "valid", "same", "full". step: the output cell shown, counted row by row from 0; a step beyond the last
    place becomes the last place. image, kernel: the numbers, any 2-D array; setting one sets its size too. image_preset:
    "counting", "checker", "impulse", "random", "edge" or "custom". kernel_preset: "ones", "identity", "box mean", "sharpen",
    "sobel x", "sobel y", "laplacian" or "custom". bias: added to every output. operation: "correlation", or "convolution" with
    the kernel turned by 180 degrees. fps: output cells per second while playing, 1 to 30.

    A setting that leaves no place for the window is no error here: `message` then holds the library's sentence, and the browser shows it.
    """

    module = "player.js"
    shown = ("input_size", "kernel_size", "stride", "padding", "dilation", "step")

    padding = Padding(0, minimum=0, maximum=4).tag(sync=True)
    bias = Float(0.0).tag(sync=True)
    operation = Enum(OPERATIONS, "correlation").tag(sync=True)
    fps = Int(4, min=1, max=30).tag(sync=True)

    @validate("bias")
    def _finite_bias(self, proposal):
        if not np.isfinite(proposal["value"]):
            raise TraitError(f"bias={proposal['value']} is not a finite number. Write bias=0.")
        return proposal["value"]

    def _fit(self):
        settings = zip(*(pair(getattr(self, name)) for name in self.shown[:5]), ("rows", "columns"), strict=True)
        return tuple(Window.fit(n, k, s, p, d, axis=axis) for n, k, s, p, d, axis in settings)

    @property
    def laid_kernel(self):
        """The kernel as it lies on the input: as it stands for correlation, turned by 180 degrees for convolution."""
        kernel = np.array(self.kernel, dtype=float)
        return kernel[::-1, ::-1] if self.operation == "convolution" else kernel

    @property
    def output(self):
        """What `cnnlib.correlate2d` makes of the present numbers, (rows, columns); None where the window fits nowhere."""
        if not self.windows:
            return None
        options = dict(stride=self.stride, padding=self.padding, dilation=self.dilation)
        return correlate2d(np.array(self.image, dtype=float), self.laid_kernel, **options) + self.bias

    @property
    def unread(self):
        """The rows and the columns of the input that no window reads, two tuples; None where the window fits nowhere."""
        return tuple(window.unread() for window in self.windows) if self.windows else None

    def terms(self):
        """What the shown output cell multiplies: a list of (row, column, x, w), row by row; x is 0 in the padding."""
        (i, j), kernel = self.position, self.laid_kernel
        rows, columns = (window.cells(at) for window, at in zip(self.windows, (i, j), strict=True))
        inside = [range(window.n) for window in self.windows]
        return [
            (r, c, self.image[r][c] if r in inside[0] and c in inside[1] else 0, kernel[m, n])
            for m, r in enumerate(rows)
            for n, c in enumerate(columns)
        ]

    @property
    def sentence(self):
        """The arithmetic of the shown output cell, for example "y[0,1] = 2·1 + 3·0 = 2"; the message where there is none."""
        if not self.windows:
            return self.message
        i, j = self.position
        total = " + ".join(f"{format_term(x)}·{format_term(w)}" for _, _, x, w in self.terms())
        bias = f" + {format_term(self.bias)}" if self.bias else ""
        return f"y[{i},{j}] = {total}{bias} = {format_number(self.output[i, j])}"

    def _subject(self):
        (n, m), (rows, columns) = pair(self.input_size), pair(self.kernel_size)
        return f"A kernel of {rows} by {columns} cells on an input of {n} by {m} cells"

    def _made(self):
        rows, columns = self._shape()
        return f" makes an output of {rows} by {columns} cells. {self.sentence}."

    def static_svg(self):
        return player_picture(self)
