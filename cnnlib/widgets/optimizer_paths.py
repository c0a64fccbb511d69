"""The paths of optimizers: choose a surface, a rule and its settings, and watch where the steps lead."""

import functools
import math

import numpy as np
from traitlets import Enum, Float, Int, TraitError, Tuple, validate

from cnnlib.nn.optimizers import SGD, Adadelta, Adagrad, Adam, RMSprop
from cnnlib.plots import COLORS
from cnnlib.widgets.base import BookWidget
from cnnlib.widgets.optimizer_paths_surfaces import BOX, CELLS, CONDITIONED, SURFACES, contour, heights, levels
from cnnlib.widgets.static import INK, LINE, PAPER, SOFT, element, format_number, picture, text

FAR = 1_000_000  # a coordinate beyond this has diverged
FLOOR = 1e-8  # the lowest loss above the minimum that the curve tells apart
# Every rule as the library has it; the rules with a momentum take it as their own option.
RULES = {
    "SGD": lambda lr, momentum: SGD(lr, momentum=momentum),
    "Nesterov": lambda lr, momentum: SGD(lr, momentum=momentum, nesterov=True),
    "Adagrad": lambda lr, momentum: Adagrad(lr),
    "Adadelta": lambda lr, momentum: Adadelta(lr),
    "RMSprop": lambda lr, momentum: RMSprop(lr, momentum=momentum),
    "Adam": lambda lr, momentum: Adam(lr, betas=(momentum, 0.999)),
}
WITH_MOMENTUM = ("SGD", "Nesterov", "RMSprop", "Adam")


class Walker:
    """A model with two weights and the slope of a surface as their gradient."""

    def __init__(self, start, slope):
        self.place, self.slope = np.array(start, dtype=float), slope

    def parameters(self):
        """The two weights."""
        return {"place": self.place}

    def gradients(self):
        """The slopes where they are now."""
        return {"place": np.array(self.slope(*self.place), dtype=float)}


def walk(optimizer, start, slope, steps):
    """The points (x, y) from the start on, at most `steps` more; a path that diverges ends at its first point beyond FAR."""
    walker = Walker(start, slope)
    path = [tuple(walker.place.tolist())]
    with np.errstate(all="ignore"):
        while len(path) <= steps and is_near(path[-1]):
            optimizer.step(walker)
            path.append(tuple(walker.place.tolist()))
    return path


def is_near(point):
    """Whether a point has not diverged."""
    return all(abs(at) <= FAR for at in point)


def format_loss(value):
    """A loss of any size: plain where three decimals tell it, else with a power of ten."""
    if value == 0 or 0.001 <= abs(value) < FAR:
        return format_number(value)
    if not math.isfinite(value):
        return "too large for a number"
    mantissa, exponent = f"{value:.1e}".split("e")
    return f"{mantissa}e{int(exponent)}".replace("-", "−")


class OptimizerPaths(BookWidget):
    """A surface seen from above, the path of an optimizer on it, and the loss along the path.

    surface: "bowl", "ravine" (the bowl turned by 45 degrees), "saddle", "Rosenbrock", "two valleys" or "plateau". condition (1 to 100):
    the condition number of bowl and ravine. optimizer: "SGD", "Nesterov", "Adagrad", "Adadelta", "RMSprop" or "Adam", with the library's
    defaults. lr: the rate, 0.0001 to 10. momentum: 0 to 0.99; Adam's beta_1. start: (x, y), -3 to 3 and -2 to 2. steps: how many, 1 to
    300. step: the point shown, 0 for the start; beyond the last one, the last. fps: points per second while playing, 1 to 30.

    A setting that the library refuses is no error here: `message` then holds its sentence, and the browser shows it.
    """

    module = "optimizer_paths.js"
    shown = ("surface", "optimizer", "lr", "momentum", "start")

    surface = Enum(tuple(SURFACES), "bowl").tag(sync=True)
    condition = Float(10.0, min=1, max=100).tag(sync=True)
    optimizer = Enum(tuple(RULES), "SGD").tag(sync=True)
    lr = Float(0.1, min=0.0001, max=10).tag(sync=True)
    momentum = Float(0.0, min=0, max=0.99).tag(sync=True)
    start = Tuple(Float(), Float(), default_value=(-2.0, 1.0)).tag(sync=True)
    steps = Int(60, min=1, max=300).tag(sync=True)
    step = Int(300, min=0, max=300).tag(sync=True)
    fps = Int(10, min=1, max=30).tag(sync=True)

    @validate("start")
    def _start_is_in_the_picture(self, proposal):
        x, y = proposal["value"]
        left, right, bottom, top = BOX
        if not (left <= x <= right and bottom <= y <= top):
            raise TraitError(
                f"start=({x:g}, {y:g}) lies outside the picture. Choose x from {left:g} to {right:g}, y from {bottom:g} to {top:g}."
            )
        return proposal["value"]

    @property
    def message(self):
        """The library's sentence about settings that it refuses; an empty text while there is a path."""
        try:
            RULES[self.optimizer](self.lr, self.momentum)
        except ValueError as error:
            return str(error)
        return ""

    def value(self, point):
        """The loss at (x, y)."""
        with np.errstate(all="ignore"):
            return float(SURFACES[self.surface].value(*map(np.float64, point), self.condition))

    def slope(self, x, y):
        """The gradient of the loss at (x, y)."""
        with np.errstate(all="ignore"):
            return SURFACES[self.surface].slope(np.float64(x), np.float64(y), self.condition)

    @property
    def path(self):
        """The points (x, y) of the library's optimizer, the start first; empty where the library refuses the settings."""
        if self.message:
            return []
        return walk(RULES[self.optimizer](self.lr, self.momentum), self.start, self.slope, self.steps)

    @property
    def losses(self):
        """The loss at every point of the path."""
        return [self.value(point) for point in self.path]

    @property
    def diverged(self):
        """Whether the path has left for good."""
        path = self.path
        return bool(path) and not is_near(path[-1])

    @property
    def limit(self):
        """(formula, rate): below which rate the path converges on bowl and ravine; None for other surfaces and rules."""
        if self.surface not in CONDITIONED or self.optimizer not in ("SGD", "Nesterov") or self.message:
            return None
        curvature, beta = format_number(self.condition), format_number(self.momentum)
        if self.momentum == 0:
            return f"2/{curvature}", 2 / self.condition
        if self.optimizer == "SGD":
            return f"2(1 + {beta})/{curvature}", 2 * (1 + self.momentum) / self.condition
        return f"2(1 + {beta})/((1 + 2·{beta})·{curvature})", 2 * (1 + self.momentum) / ((1 + 2 * self.momentum) * self.condition)

    @property
    def sentence(self):
        """The point shown, what became of the path, and the stability limit where there is one; one line each."""
        if self.message:
            return self.message
        path = self.path
        last = len(path) - 1
        at = min(self.step, last)
        lines = [f"Step {at} of {last}: {_spot(path[at])}, loss {format_loss(self.value(path[at]))}, slope {_spot(self.slope(*path[at]))}"]
        if self.diverged:
            lines.append(f"The path diverges: after {last} {'step' if last == 1 else 'steps'} a coordinate is beyond a million")
        else:
            lines.append(f"After {last} {'step' if last == 1 else 'steps'} the loss is {format_loss(self.value(path[-1]))}")
        if self.limit:
            side = "below it" if self.lr < self.limit[1] else "not below it: the steep direction never settles"
            lines.append(f"Stability limit {self.limit[0]} = {format_loss(self.limit[1])}: the rate {format_loss(self.lr)} is {side}")
        return "\n".join(lines)

    @property
    def description(self):
        said = ". ".join(self.sentence.splitlines())
        shown = f"The surface “{self.surface}”, {SURFACES[self.surface].text}"
        return f"{shown}, with the path of {self.optimizer} at rate {format_loss(self.lr)}. {said}."

    def static_svg(self):
        parts = [text(20, 26, f"{self.surface}: {SURFACES[self.surface].text}", anchor="start", weight=600)]
        parts.append(element("svg", "".join(self._map()), x=20, y=40, width=480, height=320, viewBox="0 0 480 320"))
        parts.append(element("rect", x=20, y=40, width=480, height=320, fill="none", stroke=LINE))
        parts += self._curve()
        lines = self.sentence.splitlines()
        parts += [text(20, 388 + 21 * number, line, size=13, anchor="start") for number, line in enumerate(lines)]
        return picture(850, 392 + 21 * len(lines), parts, label=self.description)

    def _map(self):
        yield element("path", d=contour_path(self.surface, self.condition), stroke=SOFT, stroke_width=0.8, opacity=0.7, fill="none")
        for x, y in map(_pixel, SURFACES[self.surface].minima):
            yield element("path", d=f"M{x - 5:g} {y - 5:g}l10 10m0 -10l-10 10", stroke=INK, stroke_width=1.6)
        points = [_pixel(point) for point in self.path if is_near(point)]
        if not points:
            return
        joined = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        yield element("polyline", points=joined, fill="none", stroke=COLORS["blue"], stroke_width=2)
        for x, y in points:
            yield element("circle", cx=round(x, 1), cy=round(y, 1), r=2.2, fill=COLORS["blue"])
        at = points[min(self.step, len(points) - 1)]
        yield element(
            "circle", cx=round(points[0][0], 1), cy=round(points[0][1], 1), r=6, fill="none", stroke=COLORS["blue"], stroke_width=2
        )
        yield element("circle", cx=round(at[0], 1), cy=round(at[1], 1), r=5, fill=COLORS["vermilion"], stroke=INK)

    def _curve(self):
        """The loss above the lowest one against the step, on a logarithmic scale."""
        yield text(560, 26, "Loss above the lowest", anchor="start", weight=600)
        yield element("rect", x=560, y=40, width=270, height=190, fill=PAPER, stroke=LINE)
        logs = log_losses(self.losses, SURFACES[self.surface].lowest)
        if not logs:
            return
        low, high = curve_limits(logs)
        x = lambda at: 560 + 270 * at / max(len(logs) - 1, 1)
        y = lambda value: 230 - 190 * (value - low) / (high - low)
        for power in range(low, high + 1, max(1, (high - low) // 5)):
            yield text(552, round(y(power) + 4, 1), f"1e{power}".replace("-", "−"), size=11, fill=SOFT, anchor="end")
        points = " ".join(f"{x(at):.1f},{y(value):.1f}" for at, value in enumerate(logs))
        yield element("polyline", points=points, fill="none", stroke=COLORS["blue"], stroke_width=2)
        yield text(830, 248, f"step {len(logs) - 1}", size=11, fill=SOFT, anchor="end")


@functools.lru_cache(maxsize=8)
def contour_path(surface, condition):
    """All lines of equal loss as one SVG path in a picture of 480 by 320."""
    values = heights(surface, condition)
    spot = lambda point: f"{point[0] * 480 / CELLS[0]:.1f} {320 - point[1] * 320 / CELLS[1]:.1f}"
    pieces = [piece for level in levels(surface, values) for piece in contour(values, level)]
    return "".join(f"M{spot(one)}L{spot(other)}" for one, other in pieces)


def log_losses(losses, lowest):
    """Powers of ten of the losses above the lowest one, from FLOOR up; those that are too large for a number are left out."""
    return [math.log10(max(loss - lowest, FLOOR)) for loss in losses if math.isfinite(loss)]


def curve_limits(logs):
    """The lowest and highest power of ten of the diagram, at least one apart."""
    low = math.floor(min(logs))
    return low, max(math.ceil(max(logs)), low + 1)


def _pixel(point):
    left, right, bottom, top = BOX
    return (point[0] - left) / (right - left) * 480, 320 - (point[1] - bottom) / (top - bottom) * 320


def _spot(point):
    return f"({', '.join((format_number if abs(at) < FAR else format_loss)(float(at)) for at in point)})"
