"""Flip and slide: a kernel walks along a row of numbers, as convolution or as correlation, and what it does to waves stands beside it."""

import numpy as np
from traitlets import Enum, Int, TraitError, default, observe, validate

from cnnlib.explain import frequency_response
from cnnlib.ops.convolution import convolve2d, correlate2d
from cnnlib.widgets.base import BookWidget
from cnnlib.widgets.static import (
    GAP,
    INK,
    LINE,
    PAPER,
    SOFT,
    element,
    format_number,
    format_term,
    grid,
    picture,
    text,
)
from cnnlib.widgets.traits import Cells

LONGEST_SIGNAL, LONGEST_KERNEL = 10, 5
# Kernels that the browser offers by name.
KERNELS = {
    "1 2 4": (1, 2, 4),
    "single 1": (1,),
    "mean of 2": (0.5, 0.5),
    "mean of 4": (0.25, 0.25, 0.25, 0.25),
    "difference": (1, -1),
    "smooth 1 2 1": (0.25, 0.5, 0.25),
}
# Frequencies 0, 1/96, ..., 1/2 cycles per cell carry the curve; the wave slider moves in steps of 1/48.
POINTS, WAVES = 48, 24


class Row(Cells):
    """A row of finite numbers with at most `maximum` cells, held as a tuple."""

    def validate(self, obj, value):
        array = np.asarray(value)
        if array.ndim != 1 or not 1 <= len(array) <= self.maximum:
            raise TraitError(f"{self.name} has shape {array.shape}. Give a row of 1 to {self.maximum} numbers.")
        return super().validate(obj, array[None])[0]


class FlipAndSlide(BookWidget):
    """A convolution or a correlation of two rows of numbers, one place at a time, with the kernel's frequency response.

    signal: 1 to 10 numbers. kernel: 1 to 5 numbers. operation: "convolution" or "correlation". step: the place shown, counted from 0 in
    the order of playing; a step beyond the last place becomes the last. wave: 0 to 24, a frequency in 48ths of a cycle per cell.
    fps: places per second while playing. All can be given to the constructor, read and set.

    Both operations are full: one common cell is enough for a place. In a convolution the places are 0 to n + k - 2, in a correlation
    -(k - 1) to n - 1, so that place j has the same number as in the formulas of chapter 02.
    """

    module = "flip_and_slide.js"
    shown = ("signal", "kernel", "operation", "step")

    signal = Row(maximum=LONGEST_SIGNAL).tag(sync=True)
    kernel = Row(maximum=LONGEST_KERNEL).tag(sync=True)
    operation = Enum(("convolution", "correlation"), "convolution").tag(sync=True)
    step = Int(0, min=0).tag(sync=True)
    wave = Int(6, min=0, max=WAVES).tag(sync=True)
    fps = Int(2, min=1, max=30).tag(sync=True)

    @default("signal")
    def _default_signal(self):
        return (1, 3, 2, 0, 1)

    @default("kernel")
    def _default_kernel(self):
        return KERNELS["1 2 4"]

    @validate("step")
    def _step_exists(self, proposal):
        return min(proposal["value"], self.count - 1)

    @observe("signal", "kernel")
    def _places_changed(self, change):
        self.step = self.step  # validated again: the last place may have moved

    @property
    def count(self):
        """How many places there are, n + k - 1."""
        return len(self.signal) + len(self.kernel) - 1

    @property
    def first(self):
        """The number of the first place."""
        return 0 if self.operation == "convolution" else 1 - len(self.kernel)

    @property
    def place(self):
        """The number j of the place shown."""
        return self.first + self.step

    @property
    def output(self):
        """What the library makes of the two rows: one number per place, from the first place on."""
        signal, kernel = (np.array([row], dtype=float) for row in (self.signal, self.kernel))
        return (convolve2d(signal, kernel) if self.operation == "convolution" else correlate2d(signal, kernel, padding="full"))[0]

    def terms(self):
        """What the shown place multiplies: a list of (t, x[t], u, w[u]) in the order of the cells t; x is 0 outside the signal."""
        turn = -1 if self.operation == "convolution" else 1
        cells = sorted((self.place + turn * u, u) for u in range(len(self.kernel)))
        return [(t, self.signal[t] if 0 <= t < len(self.signal) else 0, u, self.kernel[u]) for t, u in cells]

    @property
    def sentence(self):
        """The arithmetic of the shown place, for example "y[1] = 1·2 + 3·1 = 5"; cells outside the signal are left out."""
        inside = [(x, w) for t, x, _, w in self.terms() if 0 <= t < len(self.signal)]
        total = " + ".join(f"{format_term(x)}·{format_term(w)}" for x, w in inside)
        return f"y[{format_number(self.place)}] = {total} = {format_number(self.output[self.step])}"

    @property
    def response(self):
        """The sizes |H| at the frequencies 0, 1/96, ..., 1/2 cycles per cell, by `cnnlib.frequency_response`."""
        both_sides = frequency_response(np.array([self.kernel], dtype=float), (1, 2 * POINTS))[0]
        return np.append(both_sides[POINTS:], both_sides[0])

    @property
    def gain(self):
        """|H| at the frequency of the wave."""
        return self.response[self.wave * POINTS // WAVES]

    @property
    def description(self):
        numbers = {name: " ".join(map(format_number, getattr(self, name))) for name in ("signal", "kernel", "output")}
        return (
            f"The {self.operation} of the signal {numbers['signal']} with the kernel {numbers['kernel']} is {numbers['output']}. "
            f"{self.sentence}. The frequency response is {format_number(self.response[0])} at 0, "
            f"{format_number(self.response[POINTS // 2])} at 1/4 and {format_number(self.response[-1])} at 1/2 cycles per cell."
        )

    def static_svg(self):
        columns = range(1 - len(self.kernel), self.count)
        output, n = self.output, len(self.signal)
        met = {t: (x, w) for t, x, _, w in self.terms()}
        rows = [
            ("Signal x", lambda t: dict(text_=format_number(self.signal[t])) if 0 <= t < n else dict(text_="0", pad=True)),
            ("Kernel w, as it lies", lambda t: dict(text_=format_number(met[t][1])) if t in met else _EMPTY),
            ("Products", lambda t: dict(text_=format_number(met[t][0] * met[t][1])) if t in met else _EMPTY),
            ("Output y", lambda j: dict(text_=format_number(output[j - self.first])) if 0 <= j - self.first < self.count else _EMPTY),
        ]
        parts, top, width = [], 10, 0
        for title, cell in rows:
            frame = (0, self.place, 1, 1) if title == "Output y" else None
            width, height, group = grid(title, range(1), columns, lambda _, t, cell=cell: cell(t), frame=frame)
            parts.append(element("g", group, transform=f"translate(12 {top})"))
            top += height + 8
        parts += [element("g", self._curve(), transform=f"translate({width + GAP} 10)"), text(30, top + 12, self.sentence, anchor="start")]
        return picture(width + GAP + 270, top + 28, parts, label=self.description)

    def _curve(self):
        """The response as a small diagram, 250 by 180."""
        most = max(self.response.max(), 1)
        points = " ".join(f"{30 + 210 * at / POINTS:.1f},{150 - 110 * value / most:.1f}" for at, value in enumerate(self.response))
        frame = element("rect", x=30, y=40, width=210, height=110, fill=PAPER, stroke=LINE)
        curve = element("polyline", points=points, fill="none", stroke=INK, stroke_width=2)
        marks = [(30, 166, "0", "start"), (135, 166, "1/4", "middle"), (240, 166, "1/2", "end"), (26, 47, format_number(most), "end")]
        words = "".join(text(x, y, said, size=10, fill=SOFT, anchor=anchor) for x, y, said, anchor in marks)
        title = text(30, 14, "Frequency response |H|", anchor="start", weight=600)
        return title + text(30, 32, "by cycles per cell", anchor="start", size=11, fill=SOFT) + frame + curve + words


_EMPTY = dict(text_="", pad=True)
