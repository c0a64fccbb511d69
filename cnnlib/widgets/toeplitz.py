"""The Toeplitz view: a convolution as a matrix, one of its rows together with the window that the row stands for."""

import numpy as np
from traitlets import Bool, Int, default, observe

from cnnlib.geometry import Window
from cnnlib.ops.convolution import conv2d_matrix, correlate2d
from cnnlib.widgets import presets
from cnnlib.widgets.places import Places
from cnnlib.widgets.static import format_number, format_term, grid, row_of
from cnnlib.widgets.traits import Cells

LARGEST, LARGEST_KERNEL = 4, 3


class ToeplitzView(Places):
    """The matrix A of a convolution with one channel, y = A x, with image and output read row by row.

    input_size: 2 to 4. kernel_size: 1 to 3. stride: 1 or 2. padding: 0 or 1. step: the row of A shown, which is an output cell.
    transposed: draw the transpose of A. image, kernel: numbers, at most 4 by 4 and 3 by 3; their first rows and columns are in use, as
    `x` and `w`, with zeros where there are none.
    A setting that leaves no place for the window is no error here: `message` then holds the library's sentence.
    """

    module = "toeplitz.js"
    shown = ("input_size", "kernel_size", "stride", "padding", "transposed", "step")

    input_size = Int(4, min=2, max=LARGEST).tag(sync=True)
    kernel_size = Int(2, min=1, max=LARGEST_KERNEL).tag(sync=True)
    stride = Int(1, min=1, max=2).tag(sync=True)
    padding = Int(0, min=0, max=1).tag(sync=True)
    transposed = Bool(False).tag(sync=True)
    image = Cells(maximum=LARGEST).tag(sync=True)
    kernel = Cells(maximum=LARGEST_KERNEL).tag(sync=True)

    @default("image")
    def _default_image(self):
        return presets.INPUTS["counting"](LARGEST, LARGEST)

    @default("kernel")
    def _default_kernel(self):
        return ((1, 2, 5), (3, 4, 6), (7, 8, 9))

    @observe("input_size", "kernel_size", "stride", "padding")
    def _places_changed(self, change):
        self.step = self.step  # validated again: the last place may have moved

    def _used(self, name, size):
        """The first `size` rows and columns of the numbers, zeros where there are none."""
        cells = np.zeros((size, size))
        given = np.array(getattr(self, name), dtype=float)[:size, :size]
        cells[: given.shape[0], : given.shape[1]] = given
        return cells

    @property
    def x(self):
        """The image in use, (input_size, input_size)."""
        return self._used("image", self.input_size)

    @property
    def w(self):
        """The kernel in use, (kernel_size, kernel_size)."""
        return self._used("kernel", self.kernel_size)

    def _fit(self):
        return (Window.fit(self.input_size, self.kernel_size, self.stride, self.padding, axis="rows"),) * 2

    @property
    def matrix(self):
        """A as `cnnlib.conv2d_matrix` makes it, (output cells, input cells); None where the window fits nowhere. Never transposed."""
        if not self.windows:
            return None
        return conv2d_matrix(self.w[None, None], (1, *self.x.shape), stride=self.stride, padding=self.padding)

    @property
    def output(self):
        """The output as a picture; None where the window fits nowhere."""
        return correlate2d(self.x, self.w, stride=self.stride, padding=self.padding) if self.windows else None

    def entries(self):
        """The connections of the shown row: a list of (column, x, w), without the kernel cells that lie in the padding."""
        cells = [window.cells(at) for window, at in zip(self.windows, self.position, strict=True)]
        n = self.input_size
        return [
            (r * n + c, self.x[r, c], self.w[u, v])
            for u, r in enumerate(cells[0])
            for v, c in enumerate(cells[1])
            if 0 <= r < n and 0 <= c < n
        ]

    @property
    def sentence(self):
        """The arithmetic of the shown row; the message where there is none."""
        if not self.windows:
            return self.message
        (i, j), entries = self.position, self.entries()
        columns = ", ".join(str(column) for column, _, _ in entries)
        total = " + ".join(f"{format_term(w)}·{format_term(x)}" for _, x, w in entries)
        return f"row {self.step}, columns {columns}: y[{i},{j}] = {total} = {format_number(self.output[i, j])}"

    def _subject(self):
        n, k = self.input_size, self.kernel_size
        return f"A kernel of {k} by {k} cells on an image of {n} by {n} cells"

    def _made(self):
        kind = "the transpose of " if self.transposed else ""
        return f" as a matrix of {self.places} rows and {self.input_size**2} columns, shown is {kind}it. {self.sentence}."

    def static_svg(self):
        n = self.input_size
        used = {divmod(column, n): f"×{format_number(w)}" for column, _, w in self.entries()} if self.windows else {}
        look = lambda r, c: dict(text_=format_number(self.x[r, c]), mark="taken" if (r, c) in used else None, note=used.get((r, c), ""))
        groups = [grid("Image x", range(n), range(n), look)]
        if not self.windows:
            return row_of(groups, self.message.split("\n"), label=self.description)
        reached = conv2d_matrix(np.ones((1, 1, self.kernel_size, self.kernel_size)), (1, n, n), stride=self.stride, padding=self.padding)
        matrix, reached = (self.matrix.T, reached.T) if self.transposed else (self.matrix, reached)
        entry = lambda r, c: dict(text_=format_number(matrix[r, c]) if reached[r, c] else "", pad=not reached[r, c])
        frame = (0, self.step, len(matrix), 1) if self.transposed else (self.step, 0, 1, matrix.shape[1])
        title = "Matrix A, transposed" if self.transposed else "Matrix A"
        groups.append(grid(title, range(len(matrix)), range(matrix.shape[1]), entry, frame=frame))
        return row_of(groups, [self.sentence], label=self.description)
