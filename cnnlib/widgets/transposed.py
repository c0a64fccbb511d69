"""The transposed-convolution player: every input cell stamps the kernel, scaled by its value, into the output."""

import numpy as np
from traitlets import Enum, Int, default, observe

from cnnlib.arrays import pair as checked_pair
from cnnlib.geometry import Window, transposed_output_size
from cnnlib.ops.transposed import conv_transpose2d
from cnnlib.widgets import presets
from cnnlib.widgets.filtering import Filtering
from cnnlib.widgets.static import format_number, format_term, grid, row_of
from cnnlib.widgets.traits import Axes, Cells, pair

VIEWS = ("values", "counts")


class TransposedPlayer(Filtering):
    """A transposed convolution on a small grid, one stamp at a time.

    Every setting is a trait that can be given to the constructor, read and set; the browser and Python keep each other up to date.

    input_size (1 to 6), kernel_size (1 to 5), stride (1 to 4), padding (0 to 4), output_padding (0 to 3), dilation (1 to 3): a number,
    or a pair (rows, columns). step: the input cell whose stamp is shown, counted row by row from 0; the output is shown as the stamps 0
    to `step` have made it. view: "values", or "counts" of the stamps on every cell. image, kernel: the numbers, any 2-D array; setting
    one sets its size too. image_preset, kernel_preset: as in `SlidingWindowPlayer`. fps: stamps per second while playing, 1 to 30.

    A setting that the library refuses is no error here: `message` then holds its sentence, and the browser shows it.
    """

    module = "transposed.js"
    shown = ("input_size", "kernel_size", "stride", "padding", "output_padding", "dilation", "step")

    input_size = Axes(3, minimum=1, maximum=6).tag(sync=True)
    stride = Axes(2, minimum=1, maximum=4).tag(sync=True)
    padding = Axes(0, minimum=0, maximum=4).tag(sync=True)
    output_padding = Axes(0, minimum=0, maximum=3).tag(sync=True)
    image = Cells(maximum=6).tag(sync=True)
    view = Enum(VIEWS, "values").tag(sync=True)
    fps = Int(2, min=1, max=30).tag(sync=True)

    @default("image")
    def _default_image(self):  # again, for traitlets gives a narrowed trait no default of the base class
        return presets.refit((), self.image_preset, presets.INPUTS, pair(self.input_size))

    @observe("output_padding")
    def _output_padding_changed(self, change):
        self._places_changed(change)

    def _options(self):
        return {name: getattr(self, name) for name in ("stride", "padding", "output_padding", "dilation")}

    def _fit(self):
        """Where the stamps stand on the output: the windows of the convolution that leads from the output back to the input."""
        conv_transpose2d(np.zeros((1, 1, *pair(self.input_size))), np.zeros((1, 1, *pair(self.kernel_size))), **self._options())
        settings = zip(*(checked_pair(getattr(self, name), name, 0) for name in self.shown[:-1]), strict=True)
        return tuple(Window(transposed_output_size(n, k, s, p, o, d), k, s, p, p, d, n) for n, k, s, p, o, d in settings)

    @property
    def output(self):
        """What `cnnlib.conv_transpose2d` makes of all stamps, (rows, columns); None where there is no output."""
        if not self.windows:
            return None
        x, w = (np.array(cells, dtype=float)[None, None] for cells in (self.image, self.kernel))
        return conv_transpose2d(x, w, **self._options())[0, 0]

    @property
    def extents(self):
        """The rows and the columns that are drawn, two ranges: the output and around it what the padding cuts away."""
        ends = (max(w.start(w.count - 1) + w.span, w.n) for w in self.windows)
        return tuple(range(-w.before, end) for w, end in zip(self.windows, ends, strict=True))

    def sheet(self):
        """What the stamps 0 to `step` have made of the drawn cells, and how many of them touched each: two arrays over `extents`."""
        x, w = (np.array(cells, dtype=float) for cells in (self.image, self.kernel))
        made = np.arange(x.size).reshape(x.shape) <= self.step
        arrays = []
        for cells, kernel in ((np.where(made, x, 0), w), (made.astype(float), np.ones_like(w))):
            painted = conv_transpose2d(cells[None, None], kernel[None, None], stride=self.stride, dilation=self.dilation)[0, 0]
            arrays.append(np.pad(painted, [(0, len(extent) - size) for extent, size in zip(self.extents, painted.shape, strict=True)]))
        return tuple(arrays)

    def stamp(self):
        """The shown stamp: a list of (row, column, w, kept), row by row; kept is False where the padding cuts the cell away."""
        rows, columns = (window.cells(at) for window, at in zip(self.windows, self.position, strict=True))
        kept = [range(window.n) for window in self.windows]
        return [
            (r, c, self.kernel[u][v], r in kept[0] and c in kept[1]) for u, r in enumerate(rows) for v, c in enumerate(columns)
        ]  # fmt: skip

    @property
    def sentence(self):
        """The shown stamp, for example "x[0,1] = 2 adds 2·1 to y[0,2], 2·3 to y[0,3]"; the message where there is none."""
        if not self.windows:
            return self.message
        (i, j), cells = self.position, self.stamp()
        kept = [(r, c, w) for r, c, w, inside in cells if inside]
        x, cut = self.image[i][j], len(cells) - len(kept)
        if not kept:
            return f"x[{i},{j}] = {format_number(x)} adds nothing: its stamp falls outside"
        outside = f"; {cut} of {len(cells)} kernel cells {'falls' if cut == 1 else 'fall'} outside" if cut else ""
        if self.view == "values":
            sums = ", ".join(f"{format_term(x)}·{format_term(w)} to y[{r},{c}]" for r, c, w in kept)
            return f"x[{i},{j}] = {format_number(x)} adds {sums}{outside}"
        _, counts = self.sheet()
        here = [int(counts[r + self.windows[0].before, c + self.windows[1].before]) for r, c, _ in kept]
        most = f"{min(here)} to {max(here)}" if min(here) < max(here) else f"{max(here)}"
        cells_, stamps = ("cell" if len(kept) == 1 else "cells"), ("stamp" if most == "1" else "stamps")
        return f"x[{i},{j}] touches {len(kept)} {cells_} of y, which {'has' if len(kept) == 1 else 'have'} {most} {stamps} now{outside}"

    def _subject(self):
        (n, m), (rows, columns) = pair(self.input_size), pair(self.kernel_size)
        return f"A transposed convolution with a kernel of {rows} by {columns} cells on an input of {n} by {m} cells"

    def _made(self):
        height, width = (window.n for window in self.windows)
        return f" makes an output of {height} by {width} cells. After {self.step + 1} of {self.places} stamps: {self.sentence}."

    def static_svg(self):
        cells, kernel = ([range(size) for size in pair(shape)] for shape in (self.input_size, self.kernel_size))
        spot = (*self.position, 1, 1) if self.windows else None
        groups = [
            grid("Input x", *cells, lambda i, j: dict(text_=format_number(self.image[i][j])), frame=spot),
            grid("Kernel w", *kernel, lambda u, v: dict(text_=format_number(self.kernel[u][v]))),
        ]
        lines = self.message.split("\n")
        if self.windows:
            lines = [f"After {self.step + 1} of {self.places} stamps: {self.sentence}."]
            groups.append(self._output_grid())
        return row_of(groups, lines, label=self.description)

    def _output_grid(self):
        windows, shown = self.windows, self.sheet()[VIEWS.index(self.view)]
        taken = {(r, c) for r, c, _, _ in self.stamp()}
        unread = [window.unread() for window in windows]

        def cell(r, c):
            inside = 0 <= r < windows[0].n and 0 <= c < windows[1].n
            skipped = inside and (r in unread[0] or c in unread[1])
            mark = "taken" if (r, c) in taken else "unread" if skipped else None
            return dict(text_=format_number(shown[r + windows[0].before, c + windows[1].before]), pad=not inside, mark=mark)

        corner = (window.start(at) for window, at in zip(windows, self.position, strict=True))
        title = "Output y so far" if self.view == "values" else "Stamps on each cell so far"
        return grid(title, *self.extents, cell, frame=(*corner, *(window.span for window in windows)))
