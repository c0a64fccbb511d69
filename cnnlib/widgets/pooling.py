"""The pooling player: what a pooling keeps of each window, and which cells its gradient goes back to."""

import numpy as np
from traitlets import Bool, Enum, Int, default, observe

from cnnlib.arrays import pair as checked_pair
from cnnlib.geometry import Window
from cnnlib.ops.pooling import avg_pool2d, avg_pool2d_backward, max_pool2d, max_pool2d_backward
from cnnlib.widgets import presets
from cnnlib.widgets.places import Places
from cnnlib.widgets.static import format_number, format_term, grid, row_of
from cnnlib.widgets.traits import Axes, Cells, pair
from cnnlib.widgets.upstream import Upstream

MODES = ("max", "average")
VIEWS = ("forward", "backward")


class PoolingPlayer(Upstream, Places):
    """A pooling on a small grid, one window at a time, forward or backward.

    Every setting is a trait that can be given to the constructor, read and set; the browser and Python keep each other up to date.

    input_size (1 to 12), kernel_size (1 to 5), stride (1 to 4), padding (0 to 2): a number, or a pair (rows, columns).
    ceil_mode: also count a last window that hangs over the end. mode: "max" or "average", which counts padding as cells.
    view: "forward", or "backward" with the gradient. step: the window shown, counted row by row from 0. image: the input;
    image_preset: "counting", "checker", "impulse", "random", "edge" or "custom". upstream: dy, one number for each window;
    upstream_preset: "counting", "checker", "ones" or "custom". fps: windows per second while playing, 1 to 30.

    A setting that the library refuses is no error here: `message` then holds its sentence, and the browser shows it.
    """

    module = "pooling.js"
    shown = ("input_size", "kernel_size", "stride", "padding", "mode", "view", "step")

    input_size = Axes(6, minimum=1, maximum=12).tag(sync=True)
    kernel_size = Axes(2, minimum=1, maximum=5).tag(sync=True)
    stride = Axes(2, minimum=1, maximum=4).tag(sync=True)
    padding = Axes(0, minimum=0, maximum=2).tag(sync=True)
    ceil_mode = Bool(False).tag(sync=True)
    mode = Enum(MODES, "max").tag(sync=True)
    view = Enum(VIEWS, "forward").tag(sync=True)
    image = Cells(maximum=12).tag(sync=True)
    image_preset = Enum((*presets.INPUTS, "custom"), "counting").tag(sync=True)
    fps = Int(2, min=1, max=30).tag(sync=True)

    @default("image")
    def _default_image(self):
        return presets.refit((), self.image_preset, presets.INPUTS, pair(self.input_size))

    @observe("image")
    def _image_changed(self, change):
        """Cells bring their size along; cells that are not those of the preset are custom."""
        shape = (len(change.new), len(change.new[0]))
        with self.hold_trait_notifications():  # size and preset change together, or the first would call for other cells
            if presets.refit(change.new, self.image_preset, presets.INPUTS, shape) != change.new:
                self.image_preset = "custom"
            self.input_size = shape

    @observe("input_size", "image_preset")
    def _size_changed(self, change):
        self.image = presets.refit(self.image, self.image_preset, presets.INPUTS, pair(self.input_size))

    @observe("input_size", "kernel_size", "stride", "padding", "ceil_mode", "upstream_preset")
    def _places_changed(self, change):
        self._fit_upstream()
        self.step = self.step  # validated again: the last place may have moved

    def _options(self):
        return dict(kernel_size=self.kernel_size, stride=self.stride, padding=self.padding, ceil_mode=self.ceil_mode)

    def _fit(self):
        max_pool2d(np.zeros((1, 1, *pair(self.input_size))), **self._options())  # refuses what is no pooling
        settings = zip(*(checked_pair(getattr(self, name), name, 0) for name in self.shown[:4]), strict=True)
        return tuple(Window.fit(*setting, ceil_mode=self.ceil_mode) for setting in settings)

    @property
    def output(self):
        """What the library's pooling makes of the present numbers, (rows, columns); None where there is none."""
        if not self.windows:
            return None
        pool = max_pool2d if self.mode == "max" else avg_pool2d
        return pool(np.array(self.image, dtype=float)[None, None], **self._options())[0, 0]

    @property
    def gradient(self):
        """dx as the windows 0 to `step` have made it, by the library's backward pass; None where there is no output."""
        if not self.windows:
            return None
        backward = max_pool2d_backward if self.mode == "max" else avg_pool2d_backward
        dy = np.array(self.upstream, dtype=float)
        so_far = np.where(np.arange(dy.size).reshape(dy.shape) <= self.step, dy, 0)
        return backward(so_far[None, None], np.array(self.image, dtype=float)[None, None], **self._options())[0, 0]

    def share(self, step=None):
        """What one window hands to each of its cells per unit of dy: {(row, column): share}, the window's cells in the image alone."""
        i, j = self.position if step is None else divmod(step, self.windows[1].count)
        backward = max_pool2d_backward if self.mode == "max" else avg_pool2d_backward
        dy = np.zeros(self._shape())
        dy[i, j] = 1
        shares = backward(dy[None, None], np.array(self.image, dtype=float)[None, None], **self._options())[0, 0]
        return {(r, c): shares[r, c] for r in self.windows[0].inside(i) for c in self.windows[1].inside(j)}

    @property
    def sentence(self):
        """The arithmetic of the shown window, for example "y[0,1] = max(2, 3, 5) = 5"; the message where there is none."""
        if not self.windows:
            return self.message
        i, j = self.position
        return self._forward_sentence(i, j) if self.view == "forward" else self._backward_sentence(i, j)

    def _forward_sentence(self, i, j):
        share, y = self.share(), format_number(self.output[i, j])
        values = [self.image[r][c] for r, c in share]
        if self.mode == "max":
            return f"y[{i},{j}] = max({', '.join(map(format_number, values))}) = {y}"
        divisor = round(1 / next(iter(share.values())))
        padding = divisor - len(values)
        zeros = f" + {padding} zeros of the padding" if padding else ""
        return f"y[{i},{j}] = ({' + '.join(map(format_term, values))}{zeros})/{divisor} = {y}"

    def _backward_sentence(self, i, j):
        share, g = self.share(), self.upstream[i][j]
        said = f"dy[{i},{j}] = {format_number(g)}"
        if self.mode == "max":
            r, c = next(cell for cell, part in share.items() if part)
            return f"{said} goes to the winner x[{r},{c}] = {format_number(self.image[r][c])}, the first maximum of its window"
        part = next(iter(share.values()))
        cells = f"each of the {len(share)} cells" if len(share) > 1 else "the cell"
        return f"{said} gives {format_number(g)}/{round(1 / part)} = {format_number(g / round(1 / part))} to {cells} of its window"

    def _subject(self):
        (n, m), (rows, columns) = pair(self.input_size), pair(self.kernel_size)
        return f"{self.mode.capitalize()} pooling with windows of {rows} by {columns} cells on an input of {n} by {m} cells"

    def _made(self):
        rows, columns = self._shape()
        made = f" makes an output of {rows} by {columns} cells. {self.sentence}."
        return made if self.view == "forward" else f"{made} After {self.step + 1} of {self.places} windows dx adds up to {self._total()}."

    def _total(self):
        return format_number(self.gradient.sum())

    def static_svg(self):
        groups, lines = [self._input_grid()], self.message.split("\n")
        if self.windows:
            frame = (*self.position, 1, 1)
            lines = [self.sentence]
            places, cells = ([range(size) for size in shape] for shape in (self._shape(), pair(self.input_size)))
            if self.view == "forward":
                y = self.output
                groups.append(grid("Output y", *places, lambda i, j: dict(text_=format_number(y[i, j])), frame=frame))
            else:
                dx = self.gradient
                groups.append(grid("Gradient dy", *places, lambda i, j: dict(text_=format_number(self.upstream[i][j])), frame=frame))
                groups.append(grid("Gradient dx so far", *cells, lambda r, c: dict(text_=format_number(dx[r, c]))))
        return row_of(groups, lines, label=self.description)

    def _input_grid(self):
        if not self.windows:
            shape = pair(self.input_size)
            return grid("Input x", *map(range, shape), lambda r, c: dict(text_=format_number(self.image[r][c])))
        share, (i, j) = self.share(), self.position
        rows, columns = (range(-w.before, max(w.n + w.after, w.start(w.count - 1) + w.kernel_size)) for w in self.windows)
        unread = [window.unread() for window in self.windows]

        def cell(r, c):
            if not (0 <= r < self.windows[0].n and 0 <= c < self.windows[1].n):
                return dict(text_=self._outside(r, c), pad=True)
            skipped = "unread" if r in unread[0] or c in unread[1] else None
            return dict(text_=format_number(self.image[r][c]), mark="taken" if share.get((r, c)) else skipped)

        corner = (window.start(at) for window, at in zip(self.windows, (i, j), strict=True))
        return grid("Input x", rows, columns, cell, frame=(*corner, *pair(self.kernel_size)))

    def _outside(self, r, c):
        """What stands in a cell of the padding; nothing where a window merely hangs over."""
        padded = all(-w.before <= at < w.n + w.after for w, at in zip(self.windows, (r, c), strict=True))
        return ("−∞" if self.mode == "max" else "0") if padded else ""
