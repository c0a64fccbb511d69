"""The channel explorer: what each input channel contributes to one cell of one output channel, with groups."""

import numpy as np
from traitlets import Int, TraitError, default, observe, validate

from cnnlib.arrays import check_groups
from cnnlib.geometry import Window
from cnnlib.ops.convolution import conv2d
from cnnlib.widgets.base import BookWidget
from cnnlib.widgets.static import format_number, format_term, grid, row_of
from cnnlib.widgets.traits import Cells

CHANNELS, SIZE, KERNEL = 4, 4, 2  # at most four channels in and out; images of 4 by 4 cells, kernels of 2 by 2
IMAGE = (
    ((1, 2, 0, 1), (0, 3, 1, 2), (2, 1, 0, 3), (1, 0, 2, 1)),
    ((4, 0, 1, 2), (1, 1, 3, 0), (0, 2, 5, 1), (3, 1, 0, 2)),
    ((0, 1, 1, 4), (2, 0, 3, 1), (1, 5, 0, 2), (0, 1, 2, 3)),
    ((3, 0, 2, 0), (0, 4, 1, 1), (1, 0, 2, 5), (2, 3, 0, 1)),
)
# Kernel f, slice c: the first output channel is the example of section 4.1.
WEIGHTS = (
    (((1, 0), (2, 1)), ((-1, 3), (0, 2)), ((1, 1), (0, -2)), ((0, 1), (-1, 1))),
    (((1, -1), (1, -1)), ((0, 1), (0, 1)), ((2, 0), (0, -1)), ((1, 0), (0, 1))),
    (((1, 1), (-1, -1)), ((2, 0), (1, 0)), ((0, 1), (1, 0)), ((-1, 2), (1, 0))),
    (((0, 1), (1, 0)), ((1, -2), (0, 1)), ((1, 0), (2, 0)), ((1, 1), (1, 1))),
)
BIASES = (1, 0, -2, 3)


class Block(Cells):
    """Finite numbers in an array of one fixed shape, held as nested tuples."""

    def __init__(self, shape, **options):
        super().__init__(maximum=max(shape), **options)
        self.shape = shape

    def validate(self, obj, value):
        try:
            array = np.asarray(value)
        except ValueError:
            raise TraitError(f"{self.name} has rows of different lengths. Give an array of shape {self.shape}.") from None
        if array.shape != self.shape:
            raise TraitError(f"{self.name} has shape {array.shape}. Give an array of shape {self.shape}.")
        return self._tuples(array.tolist())

    def _tuples(self, value):
        return tuple(map(self._tuples, value)) if isinstance(value, list) else self._cell(value)


class ChannelExplorer(BookWidget):
    """A convolution of images of 4 by 4 cells by kernels of 2 by 2, one output cell of one output channel at a time.

    in_channels, out_channels: 1 to 4. groups: 1 to 4; `message` holds the library's sentence where it does not divide both.
    output_channel: the one shown. step: the output place shown, counted row by row from 0 to 8.
    image (4, 4, 4), kernel (4, 4, 2, 2), bias (4,): all numbers there are; `x`, `w` and `b` are the part in use.
    """

    module = "channels.js"
    shown = ("in_channels", "out_channels", "groups", "output_channel", "step")

    in_channels = Int(2, min=1, max=CHANNELS).tag(sync=True)
    out_channels = Int(3, min=1, max=CHANNELS).tag(sync=True)
    groups = Int(1, min=1, max=CHANNELS).tag(sync=True)
    output_channel = Int(0, min=0, max=CHANNELS - 1).tag(sync=True)
    step = Int(0, min=0, max=(SIZE - KERNEL + 1) ** 2 - 1).tag(sync=True)
    image = Block((CHANNELS, SIZE, SIZE)).tag(sync=True)
    kernel = Block((CHANNELS, CHANNELS, KERNEL, KERNEL)).tag(sync=True)
    bias = Block((CHANNELS,)).tag(sync=True)

    @default("image")
    def _default_image(self):
        return IMAGE

    @default("kernel")
    def _default_kernel(self):
        return WEIGHTS

    @default("bias")
    def _default_bias(self):
        return BIASES

    @validate("output_channel")
    def _channel_exists(self, proposal):
        return min(proposal["value"], self.out_channels - 1)

    @observe("out_channels")
    def _channels_changed(self, change):
        self.output_channel = self.output_channel  # validated again: the last channel may be gone

    @property
    def message(self):
        """The library's sentence about groups that do not divide; an empty text while they do."""
        try:
            check_groups(self.groups, in_channels=self.in_channels, out_channels=self.out_channels)
        except ValueError as error:
            return str(error)
        return ""

    @property
    def x(self):
        """The input in use, (1, in_channels, 4, 4)."""
        return np.array(self.image, dtype=float)[None, : self.in_channels]

    @property
    def w(self):
        """The kernels in use, (out_channels, in_channels / groups, 2, 2)."""
        return np.array(self.kernel, dtype=float)[: self.out_channels, : self.in_channels // self.groups]

    @property
    def b(self):
        """The biases in use, (out_channels,)."""
        return np.array(self.bias, dtype=float)[: self.out_channels]

    @property
    def window(self):
        """The places along one axis; rows and columns are alike."""
        return Window.fit(SIZE, KERNEL)

    @property
    def position(self):
        """The output place shown, (row, column)."""
        return divmod(self.step, self.window.count)

    @property
    def output(self):
        """What `cnnlib.conv2d` makes of the present numbers, (out_channels, 3, 3); None where the groups do not divide."""
        return None if self.message else conv2d(self.x, self.w, self.b, groups=self.groups)[0]

    @property
    def read(self):
        """The input channels that the shown output channel reads: those of its group. None where the groups do not divide."""
        if self.message:
            return None
        per_group = self.in_channels // self.groups
        first = self.output_channel // (self.out_channels // self.groups) * per_group
        return range(first, first + per_group)

    def terms(self):
        """What the shown cell multiplies: {input channel: [(row, column, x, w), ...]}, in order."""
        rows, columns = (self.window.cells(at) for at in self.position)
        cells = [(r, c, u, v) for u, r in enumerate(rows) for v, c in enumerate(columns)]
        weights = self.kernel[self.output_channel]
        return {c: [(r, s, self.image[c][r][s], weights[m][u][v]) for r, s, u, v in cells] for m, c in enumerate(self.read)}

    @property
    def shares(self):
        """What each input channel contributes to the shown cell: {input channel: number}."""
        return {channel: sum(x * w for _, _, x, w in terms) for channel, terms in self.terms().items()}

    @property
    def lines(self):
        """The arithmetic in full: a line for each input channel, and then the sentence."""
        if self.message:
            return [self.message]
        shares = self.shares
        products = {c: " + ".join(f"{format_term(x)}·{format_term(w)}" for _, _, x, w in terms) for c, terms in self.terms().items()}
        return [*(f"channel {c}: {products[c]} = {format_number(shares[c])}" for c in products), self.sentence]

    @property
    def sentence(self):
        """The sum of the shown cell, as "y[0,1,2] = 5 (channel 0) + 3 (channel 1) + 1 (bias) = 9"; the message where there is none."""
        if self.message:
            return self.message
        f, (i, j) = self.output_channel, self.position
        parts = [f"{format_term(share)} (channel {c})" for c, share in self.shares.items()]
        return f"y[{f},{i},{j}] = {' + '.join(parts)} + {format_term(self.bias[f])} (bias) = {format_number(self.output[f, i, j])}"

    @property
    def description(self):
        """The picture in words, for readers who do not see it."""
        start = f"A convolution from {self.in_channels} to {self.out_channels} channels in {self.groups} group{'s' * (self.groups > 1)}"
        return f"{start}: {self.message}" if self.message else f"{start}. {'; '.join(self.lines)}."

    def static_svg(self):
        cells, (i, j) = (range(SIZE), range(SIZE)), self.position
        read, terms = self.read or (), {} if self.message else self.terms()
        groups = []
        for c in range(self.in_channels):
            used = {(r, s): f"×{format_number(w)}" for r, s, _, w in terms.get(c, ())}
            look = lambda r, s, c=c, used=used: dict(
                text_=format_number(self.image[c][r][s]), note=used.get((r, s), ""),
                mark="taken" if (r, s) in used else None if c in read else "unread",
            )  # fmt: skip
            groups.append(grid(f"Input x[{c}]", *cells, look, frame=(i, j, KERNEL, KERNEL) if c in read else None))
        if not self.message:
            f, places = self.output_channel, range(self.window.count)
            output = lambda r, s: dict(text_=format_number(self.output[f, r, s]))
            groups.append(grid(f"Output y[{f}]", places, places, output, frame=(i, j, 1, 1)))
        return row_of(groups, self.lines, label=self.description)
