"""The activation explorer: values and slopes of one or two activations, and the tangent at a point that the reader moves."""

import numpy as np
from traitlets import Dict, Enum, Float

from cnnlib.ops import activations as ops
from cnnlib.plots import COLORS
from cnnlib.widgets.base import BookWidget
from cnnlib.widgets.static import INK, LINE, PAPER, SOFT, element, format_number, picture, text

REACH = 6  # the curves run from -6 to 6
# Formula and range of every activation; the browser shows the same texts.
FACTS = {
    "relu": ("max(0, x)", "from 0 up, without limit"),
    "leaky_relu": ("x if x > 0, else negative_slope · x", "without limit on both sides, unless negative_slope is 0"),
    "elu": ("x if x > 0, else alpha · (exp(x) − 1)", "above −alpha, without limit upwards"),
    "gelu": ("x · Φ(x), Φ the normal distribution function", "from about −0.17 up, without limit"),
    "silu": ("x · sigmoid(x)", "from about −0.278 up, without limit"),
    "softplus": ("log(1 + exp(beta · x)) / beta", "above 0, without limit upwards"),
    "sigmoid": ("1 / (1 + exp(−x))", "between 0 and 1"),
    "tanh": ("tanh(x)", "between −1 and 1"),
}
NAMES = tuple(FACTS)
# Which option belongs to which activation.
OPTIONS = {"leaky_relu": "negative_slope", "elu": "alpha", "softplus": "beta", "gelu": "approximate"}


class ActivationExplorer(BookWidget):
    """The curve of an activation, the curve of its slope, and the tangent at x; a second activation may be laid over it.

    activation: one of relu, leaky_relu, elu, gelu, silu, softplus, sigmoid, tanh. compare: another one, or "none". x: -6 to 6.
    negative_slope, alpha, beta, approximate: the options of leaky_relu, elu, softplus and gelu, as `cnnlib` takes them; negative_slope
    from 0 to 1, alpha from 0.1 to 3, beta from 0.5 to 10. All can be given to the constructor, read and set.
    """

    module = "activation.js"
    shown = ("activation", "compare", "x")

    activation = Enum(NAMES, "relu").tag(sync=True)
    compare = Enum(("none", *NAMES), "none").tag(sync=True)
    x = Float(1.0, min=-REACH, max=REACH).tag(sync=True)
    negative_slope = Float(0.1, min=0, max=1).tag(sync=True)
    alpha = Float(1.0, min=0.1, max=3).tag(sync=True)
    beta = Float(1.0, min=0.5, max=10).tag(sync=True)
    approximate = Enum(("none", "tanh"), "none").tag(sync=True)
    facts = Dict({name: list(fact) for name, fact in FACTS.items()}, read_only=True).tag(sync=True)

    def options(self, name):
        """The options of an activation, as keyword arguments."""
        return {OPTIONS[name]: getattr(self, OPTIONS[name])} if name in OPTIONS else {}

    def values(self, name, x):
        """The library's values of an activation at the points x."""
        return getattr(ops, name)(np.asarray(x, dtype=float), **self.options(name))

    def slopes(self, name, x):
        """The library's slopes: its backward pass for an upstream gradient of 1."""
        x = np.asarray(x, dtype=float)
        return getattr(ops, f"{name}_backward")(np.ones(x.shape), x, **self.options(name))

    def kink(self, name):
        """The slopes on the left and on the right of 0 where they differ, else None."""
        left = {"relu": 0.0, "leaky_relu": self.negative_slope, "elu": self.alpha}.get(name, 1.0)
        return None if left == 1 else (left, 1.0)

    def said_of(self, name):
        """Value and slope at x in words, with the kink if x stands on it."""
        value, slope = (format_number(found([self.x])[0]) for found in (lambda x: self.values(name, x), lambda x: self.slopes(name, x)))
        sentence = f"{name}({format_number(self.x)}) = {value}, slope {slope}"
        if self.x == 0 and self.kink(name):
            left, right = map(format_number, self.kink(name))
            sentence += f" (a kink: slope {left} from the left, {right} from the right; {slope} is taken)"
        return sentence

    @property
    def names(self):
        """The activations shown: one, or two."""
        return [self.activation] if self.compare in ("none", self.activation) else [self.activation, self.compare]

    @property
    def sentence(self):
        """Value and slope at x, for example "relu(1.5) = 1.5, slope 1"; one line for each activation."""
        return "\n".join(map(self.said_of, self.names))

    @property
    def description(self):
        ranges = ". ".join(f"{name} = {FACTS[name][0]}; range: {FACTS[name][1]}" for name in self.names)
        return f"Values and slopes from −{REACH} to {REACH}. {ranges}. {'. '.join(self.sentence.splitlines())}."

    def static_svg(self):
        charts = [("Value", self.values, 10, True), ("Slope", self.slopes, 400, False)]
        parts = [part for title, curve, left, tangent in charts for part in self._chart(title, curve, left, tangent)]
        strokes = zip(("solid", "dashed"), self.names, strict=False)
        lines = [*self.sentence.splitlines(), *(f"{stroke}: {name}, range {FACTS[name][1]}" for stroke, name in strokes)]
        parts += [text(50, 264 + 21 * number, line, size=13, anchor="start") for number, line in enumerate(lines)]
        return picture(790, 270 + 21 * len(lines), parts, label=self.description)

    def _chart(self, title, curve, left, tangent):
        """One diagram: the curves of all names, the point, and perhaps the tangent."""
        grids = np.linspace(-REACH, 0, 121), np.append(1e-9, np.linspace(0.05, REACH, 120))
        pieces = [[curve(name, grid) for grid in grids] for name in self.names]
        low, high = limits(np.concatenate([values for both in pieces for values in both]))
        x = lambda at: left + 40 + 320 * (at + REACH) / (2 * REACH)
        y = lambda value: 220 - 180 * (value - low) / (high - low)
        yield text(left + 40, 24, title, anchor="start", weight=600)
        yield element("rect", x=left + 40, y=40, width=320, height=180, fill=PAPER, stroke=LINE)
        for x1, x2, y1, y2 in ((x(-REACH), x(REACH), y(0), y(0)), (x(0), x(0), 40, 220)):
            yield element("line", x1=round(x1, 1), x2=round(x2, 1), y1=round(y1, 1), y2=round(y2, 1), stroke=LINE)
        for both, colour, dash in zip(pieces, (COLORS["blue"], COLORS["vermilion"]), (None, "5 3"), strict=False):
            for grid, values in zip(grids, both, strict=True):
                points = " ".join(f"{x(at):.1f},{y(value):.1f}" for at, value in zip(grid, values, strict=True))
                yield element("polyline", points=points, fill="none", stroke=colour, stroke_width=2, stroke_dasharray=dash)
        at = float(curve(self.activation, [self.x])[0])
        if tangent:
            slope = float(self.slopes(self.activation, [self.x])[0])
            ends = clipped(self.x, at, slope, (low, high))
            points = " ".join(f"{x(across):.1f},{y(up):.1f}" for across, up in ends)
            yield element("polyline", points=points, fill="none", stroke=INK, stroke_width=1.5)
        yield element("circle", cx=round(x(self.x), 1), cy=round(y(at), 1), r=5, fill=COLORS["blue"], stroke=INK)
        for value, height in ((high, 48), (low, 220)):
            yield text(left + 36, height, format_number(value), size=11, fill=SOFT, anchor="end")
        for place in (-REACH, 0, REACH):
            yield text(round(x(place), 1), 235, format_number(place), size=11, fill=SOFT)


def limits(values):
    """The lowest and highest number that a diagram must hold: the values, and at least -0.25 to 1.1, with a little air."""
    return min(-0.25, float(np.min(values)) * 1.05), max(1.1, float(np.max(values)) * 1.05)


def clipped(x, y, slope, bounds):
    """The two ends of the tangent through (x, y), inside -6 to 6 and the bounds of the diagram."""
    low, high = bounds
    left, right = -REACH, REACH
    if slope != 0:
        places = sorted((x + (low - y) / slope, x + (high - y) / slope))
        left, right = max(left, places[0]), min(right, places[1])
    return [(at, y + slope * (at - x)) for at in (left, right)]
