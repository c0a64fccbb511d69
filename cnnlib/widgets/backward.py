"""The backward player: the forward window beside the gradient that flows back, to the input or to the kernel."""

import numpy as np
from traitlets import Enum, Int, default, observe

from cnnlib.ops.convolution import conv2d_backward
from cnnlib.widgets import presets
from cnnlib.widgets.backward_picture import backward_picture
from cnnlib.widgets.player import SlidingWindowPlayer
from cnnlib.widgets.static import format_number, format_term
from cnnlib.widgets.traits import pair
from cnnlib.widgets.upstream import UPSTREAMS, Upstream

TARGETS = ("dx", "dw")
VIEWS = ("scatter", "gather")
SHOWN = 12  # products that a sentence spells out


class BackwardPlayer(Upstream, SlidingWindowPlayer):
    """The backward pass of a convolution on a small grid, step by step.

    The settings of `SlidingWindowPlayer`, without bias and flip, and these. target: "dx" or "dw", the gradient that is computed.
    view: "scatter", where a step is one output cell that sends its gradient on, or "gather", where a step is one cell of dx or dw that
    collects. upstream: dy, one number for each output cell; upstream_preset: "counting", "checker", "ones" or "custom".
    step: counted row by row from 0; the gradient is shown as the steps 0 to `step` have made it.
    """

    module = "backward.js"
    shown = ("input_size", "kernel_size", "stride", "padding", "dilation", "target", "view", "step")
    kernels = {"counting": presets.INPUTS["counting"]} | presets.KERNELS

    kernel_preset = Enum((*kernels, "custom"), "counting").tag(sync=True)
    upstream_preset = Enum((*UPSTREAMS, "custom"), "counting").tag(sync=True)
    operation = Enum(("correlation",), "correlation").tag(sync=True)
    target = Enum(TARGETS, "dx").tag(sync=True)
    view = Enum(VIEWS, "scatter").tag(sync=True)
    fps = Int(2, min=1, max=30).tag(sync=True)

    @default("kernel")
    def _default_kernel(self):  # again, for the presets of this class
        return presets.refit((), self.kernel_preset, self.kernels, pair(self.kernel_size))

    @observe("input_size", "kernel_size", "stride", "padding", "dilation", "target", "view", "upstream_preset")
    def _places_changed(self, change):
        self._fit_upstream()
        self.step = self.step  # validated again: the last step may have moved

    @property
    def walked(self):
        """Rows and columns of what the steps walk over: dy, or the gradient that collects; None where the window fits nowhere."""
        if not self.windows:
            return None
        collecting = pair(self.input_size) if self.target == "dx" else pair(self.kernel_size)
        return self._shape() if self.view == "scatter" else collecting

    def terms(self):
        """The products of the shown step: a list of (place, kernel cell, input cell), each (row, column), in the order of the sentence."""
        along = []
        for window, at in zip(self.windows, self.position, strict=True):
            reads = [(i, u, window.cells(i)[u]) for u in range(window.kernel_size) for i in range(window.count)]
            key = 0 if self.view == "scatter" else 2 if self.target == "dx" else 1
            along.append([read for read in reads if read[key] == at])
        return [tuple(zip(row, column, strict=True)) for row in along[0] for column in along[1]]

    def is_inside(self, cell):
        """Whether an input cell (row, column) really exists."""
        return all(0 <= at < size for at, size in zip(cell, pair(self.input_size), strict=True))

    def product(self, place, kernel_cell, cell):
        """The two factors of one product: the gradient that arrives, and the weight (for dx) or the input cell (for dw)."""
        g = self.upstream[place[0]][place[1]]
        if self.target == "dx":
            return g, self.kernel[kernel_cell[0]][kernel_cell[1]]
        return g, self.image[cell[0]][cell[1]] if self.is_inside(cell) else 0

    def _reached(self, shape):
        """Where the steps 0 to `step` have been."""
        return np.arange(shape[0] * shape[1]).reshape(shape) <= self.step

    def _library(self, *, border=False):
        """dx or dw by the library. border: dx of the padded input, its padding included."""
        dy, x, w = (np.array(cells, dtype=float) for cells in (self.upstream, self.image, self.kernel))
        if self.view == "scatter":
            dy = np.where(self._reached(dy.shape), dy, 0)
        padding = self.padding
        if border:
            x, padding = np.pad(x, [(window.before, window.after) for window in self.windows]), 0
        options = dict(stride=self.stride, padding=padding, dilation=self.dilation)
        dx, dw, _ = conv2d_backward(dy[None, None], x[None, None], w[None, None], **options)
        return (dx if self.target == "dx" else dw)[0, 0]

    @property
    def gradient(self):
        """dx or dw by the library's backward pass, as the steps 0 to `step` have made it; cells that come later are 0."""
        if not self.windows:
            return None
        found = self._library()
        return found if self.view == "scatter" else np.where(self._reached(found.shape), found, 0)

    @property
    def padded_gradient(self):
        """dx so far with the border that is cropped, as an array; None unless dx is scattered."""
        return self._library(border=True) if self.windows and (self.target, self.view) == ("dx", "scatter") else None

    @property
    def stretched(self):
        """What the rotated kernel slides over when dx is gathered: dy with zeros between and around; None in other views.

        Returns (array, (first row, first column)): the first cell's number, when the first number of dy has number 0.
        """
        if not self.windows or (self.target, self.view) != ("dx", "gather"):
            return None
        dy = np.array(self.upstream, dtype=float)
        back = [window.span - 1 - window.before for window in self.windows]
        z = np.zeros([window.n + window.span - 1 for window in self.windows])
        for place in np.ndindex(dy.shape):
            cell = tuple(i * window.stride + b for i, window, b in zip(place, self.windows, back, strict=True))
            if all(0 <= at < size for at, size in zip(cell, z.shape, strict=True)):
                z[cell] = dy[place]
        return z, tuple(-b for b in back)

    @property
    def sentence(self):
        """The arithmetic of the shown step, for example "dx[0,2] = 1·3 + 10·2 = 23"; the message where there is none."""
        if not self.windows:
            return self.message
        return self._sending() if self.view == "scatter" else self._collecting()

    def _sending(self):
        (i, j), terms = self.position, self.terms()
        kept = [term for term in terms if self.target == "dw" or self.is_inside(term[2])]
        sends = f"dy[{i},{j}] = {format_number(self.upstream[i][j])} sends"
        if not kept:
            return f"{sends} nothing to x: its window lies in the padding"
        name, which = ("x", 2) if self.target == "dx" else ("w", 1)
        said = ", ".join(f"{_times(*self.product(*term))} to {name}[{term[which][0]},{term[which][1]}]" for term in kept)
        lost = len(terms) - len(kept)
        return f"{sends} {said}" + (f"; {lost} of {len(terms)} products {'falls' if lost == 1 else 'fall'} on the padding" if lost else "")

    def _collecting(self):
        terms = [self.product(*term) for term in self.terms()]
        name = f"{self.target}[{self.position[0]},{self.position[1]}]"
        if not terms:
            return f"{name} = 0: no window reads this cell"
        more = f" + … ({len(terms)} products)" if len(terms) > SHOWN else ""
        total = format_number(sum(first * second for first, second in terms))
        return f"{name} = {' + '.join(_times(*term) for term in terms[:SHOWN])}{more} = {total}"

    def _subject(self):
        (n, m), (rows, columns) = pair(self.input_size), pair(self.kernel_size)
        return f"Backward through a convolution with a kernel of {rows} by {columns} cells on an input of {n} by {m} cells"

    def _made(self):
        height, width = self._shape()
        seen = f", gradient dy of {height} by {width} cells. Step {self.step + 1} of {self.places}, {self.view}: {self.sentence}."
        return f"{seen} {self.target} so far adds up to {format_number(self.gradient.sum())}."

    def static_svg(self):
        return backward_picture(self)


def _times(first, second):
    return f"{format_term(first)}·{format_term(second)}"
