"""The step-size explorer: two difference quotients over a function, and their errors for every step from 1 down to 1e-15."""

import math
from decimal import ROUND_HALF_UP, Decimal

import numpy as np
from traitlets import Enum, Float

from cnnlib.plots import COLORS
from cnnlib.widgets.base import BookWidget
from cnnlib.widgets.static import INK, LINE, PAPER, SOFT, element, format_number, picture, text

REACH = 1.5  # the left diagram runs from x - 1.5 to x + 1.5
SMALLEST, LARGEST = -15, 0  # powers of ten of the step
FLOOR, CEILING = -17, 1  # powers of ten of the error; an error of 0 is drawn on the floor
# Ten steps to a power of ten, as decimal texts: the browser reads the very same numbers from them.
MANTISSAS = ("1", "1.26", "1.58", "2", "2.51", "3.16", "3.98", "5.01", "6.31", "7.94")
EPSILON = {"float64": 2.0**-52, "float32": 2.0**-23}
KINDS = ("forward", "central")


def _sigmoid(x, r):
    return r(1 / r(1 + r(math.exp(-x))))


def _sigmoid_slopes(x):
    s = _sigmoid(x, float)
    rise = s * (1 - s)
    return rise, rise * (1 - 2 * s), rise * (1 - 6 * s + 6 * s * s)


# name: (value, in which r rounds the result of every operation; first, second and third derivative, in float64).
FUNCTIONS = {
    "exp": (lambda x, r: r(math.exp(x)), lambda x: (math.exp(x),) * 3),
    "sin": (lambda x, r: r(math.sin(x)), lambda x: (math.cos(x), -math.sin(x), -math.cos(x))),
    "sigmoid": (_sigmoid, _sigmoid_slopes),
    "cube": (lambda x, r: r(r(x * x) * x), lambda x: (3 * x * x, 6 * x, 6.0)),
    "square": (lambda x, r: r(x * x), lambda x: (2 * x, 2.0, 0.0)),
    "relu": (lambda x, r: max(x, 0.0), lambda x: (float(x > 0), 0.0, 0.0)),
}
ROUND = {"float64": float, "float32": lambda value: float(np.float32(value))}


def step_size(tenths):
    """The step whose power of ten is tenths / 10, to three digits."""
    return float(f"{MANTISSAS[tenths % 10]}e{tenths // 10}")


def scientific(value):
    """A positive number with two digits and a power of ten, such as 3.2e-6; 0 is plain."""
    if value == 0:
        return "0"
    exact = Decimal(value)
    rounded = exact.quantize(Decimal(1).scaleb(exact.adjusted() - 1), ROUND_HALF_UP)
    power = rounded.adjusted()
    return f"{rounded.scaleb(-power):.1f}e{power:+d}"


class StepSizeExplorer(BookWidget):
    """Forward and central difference of a function at x, as lines over its curve, and the error of both over the step.

    function: exp, sin, sigmoid, cube, square or relu. x: -2 to 2. log10_h: the step's power of ten, -15 to 0, in tenths. precision:
    "float64" or "float32", in which all of x, h, the values and the quotients are rounded. The quotients divide by the step that was
    really taken. All can be given to the constructor, read and set.
    """

    module = "stepsize.js"
    shown = ("function", "x", "log10_h", "precision")

    function = Enum(tuple(FUNCTIONS), "exp").tag(sync=True)
    x = Float(1.0, min=-2, max=2).tag(sync=True)
    log10_h = Float(-0.3, min=SMALLEST, max=LARGEST).tag(sync=True)
    precision = Enum(tuple(EPSILON), "float64").tag(sync=True)

    @property
    def tenths(self):
        """The step's power of ten in tenths, a whole number."""
        return math.floor(10 * self.log10_h + 0.5)

    @property
    def step(self):
        """The step h."""
        return step_size(self.tenths)

    def value(self, x):
        """f at x, rounded as the precision asks."""
        return FUNCTIONS[self.function][0](x, ROUND[self.precision])

    @property
    def point(self):
        """x as the precision holds it."""
        return ROUND[self.precision](self.x)

    @property
    def derivatives(self):
        """f', f'' and f''' at x, in float64."""
        return FUNCTIONS[self.function][1](self.point)

    def quotients(self, h):
        """(forward, central) with step h; None where x + h or x - h is x itself."""
        r, x = ROUND[self.precision], self.point
        above, below = r(x + r(h)), r(x - r(h))

        def quotient(right, left):
            return None if right == left else r(r(self.value(right) - self.value(left)) / r(right - left))

        return quotient(above, x), quotient(above, below)

    def errors(self, h):
        """The absolute errors of both quotients, None where there is none."""
        return tuple(None if each is None else abs(each - self.derivatives[0]) for each in self.quotients(h))

    def error_curve(self):
        """Rows (tenths, forward error, central error) for every step of the right diagram."""
        return [(tenths, *self.errors(step_size(tenths))) for tenths in range(10 * SMALLEST, 10 * LARGEST + 1)]

    @property
    def best_steps(self):
        """The steps of chapter 12's formulas, (forward, central); None where f or the derivative in question is 0."""
        size = EPSILON[self.precision] * abs(self.value(self.point))
        _, second, third = map(abs, self.derivatives)
        forward = 2 * math.sqrt(size / second) if size and second else None
        return forward, (3 * size / third) ** (1 / 3) if size and third else None

    def _said_of(self, kind, quotient, error, best):
        if quotient is None:
            return f"{kind}: the step is lost, x and its neighbour are the same {self.precision} number"
        advice = "no best step by the formula" if best is None else f"best step by the formula {scientific(best)}"
        return f"{kind} {format_number(quotient)}, error {scientific(error)}; {advice}"

    @property
    def sentence(self):
        """Slope, step, both quotients with their errors, and the best steps; three lines."""
        h = self.step
        place = f"{self.function} at x = {format_number(self.x)}: slope {format_number(self.derivatives[0])}"
        head = f"{place}; h = {scientific(h)}, {self.precision}"
        rows = zip(KINDS, self.quotients(h), self.errors(h), self.best_steps, strict=True)
        return "\n".join([head, *(self._said_of(*row) for row in rows)])

    @property
    def description(self):
        told = ". ".join(self.sentence.splitlines())
        return f"A function with its tangent and two difference lines, and the errors of the quotients over the step. {told}."

    def static_svg(self):
        parts = [*self._function_chart(10), *self._error_chart(400)]
        lines = [*self.sentence.splitlines(), "forward: dashed; central: solid; tangent: thin; best steps: dotted"]
        parts += [text(50, 264 + 21 * number, line, size=13, anchor="start") for number, line in enumerate(lines)]
        return picture(790, 270 + 21 * len(lines), parts, label=self.description)

    def _function_chart(self, left):
        """The curve over x - 1.5 to x + 1.5, the tangent, and the two lines."""
        x, h = self.point, self.step
        grid = np.linspace(self.x - REACH, self.x + REACH, 121)
        values = [FUNCTIONS[self.function][0](float(at), float) for at in grid]
        low, high = limits(values)
        across = lambda at: left + 40 + 320 * (at - self.x + REACH) / (2 * REACH)
        up = lambda value: 220 - 180 * (value - low) / (high - low)
        yield from _frame(left, "Function")
        yield _line([(across(at), up(value)) for at, value in zip(grid, values, strict=True)], SOFT, width=3)
        anchors = ((x, self.value(x)), (ROUND[self.precision](x - h), None))
        slopes = [(x, self.value(x), self.derivatives[0], INK, None, 1)]
        for (at, height), quotient, look in zip(anchors, self.quotients(h), LOOKS, strict=True):
            if quotient is not None:
                slopes.append((at, self.value(at) if height is None else height, quotient, *look, 2))
        for at, height, slope, colour, dash, width in slopes:
            ends = clipped(at, height, slope, (self.x - REACH, self.x + REACH), (low, high))
            if ends:
                yield _line([(across(a), up(b)) for a, b in ends], colour, dash, width)
        yield element("circle", cx=round(across(x), 1), cy=round(up(self.value(x)), 1), r=4.5, fill=PAPER, stroke=INK)
        for place in (self.x - 1, self.x, self.x + 1):
            yield text(round(across(place), 1), 235, format_number(place), size=11, fill=SOFT)

    def _error_chart(self, left):
        """Both error curves on logarithmic axes, the present points, and the best steps."""
        across = lambda power: left + 40 + 320 * (power - SMALLEST) / (LARGEST - SMALLEST)
        up = lambda power: 220 - 180 * (power - FLOOR) / (CEILING - FLOOR)
        yield from _frame(left, "Error")
        curve, now = self.error_curve(), self.errors(self.step)
        for kind, (colour, dash) in enumerate(LOOKS):
            points = [(across(row[0] / 10), up(power_of(row[1 + kind]))) for row in curve if row[1 + kind] is not None]
            yield _line(points, colour, dash)
            best = self.best_steps[kind]
            if best and SMALLEST <= math.log10(best) <= LARGEST:
                at = across(math.log10(best))
                yield _line([(at, 40), (at, 220)], colour, "2 3", 1.5)
            if now[kind] is not None:
                yield element(
                    "circle", cx=round(across(self.tenths / 10), 1), cy=round(up(power_of(now[kind])), 1), r=5, fill=colour, stroke=INK
                )
        for power in range(SMALLEST, LARGEST + 1, 5):
            yield text(round(across(power), 1), 235, f"1e{power}" if power else "1", size=11, fill=SOFT)
        for power in range(-15, CEILING + 1, 5):
            yield text(left + 36, round(up(power) + 4, 1), f"1e{power}" if power else "1", size=11, fill=SOFT, anchor="end")


LOOKS = ((COLORS["vermilion"], "5 3"), (COLORS["blue"], None))  # forward, central


def power_of(error):
    """The power of ten at which an error is drawn, kept inside the diagram."""
    return FLOOR if error == 0 else min(max(math.log10(error), FLOOR), CEILING)


def limits(values):
    """What the left diagram holds: the curve's values, and a tenth of their spread above and below, at least a tenth."""
    low, high = min(values), max(values)
    air = max((high - low) / 10, 0.1)
    return low - air, high + air


def clipped(x, y, slope, across, up):
    """The two ends of the line through (x, y) inside the diagram; None where it does not cross it."""
    left, right = across
    if slope != 0:
        places = sorted(x + (bound - y) / slope for bound in up)
        left, right = max(left, places[0]), min(right, places[1])
    elif not up[0] <= y <= up[1]:
        return None
    return [(at, y + slope * (at - x)) for at in (left, right)] if left < right else None


def _frame(left, title):
    yield text(left + 40, 24, title, anchor="start", weight=600)
    yield element("rect", x=left + 40, y=40, width=320, height=180, fill=PAPER, stroke=LINE)


def _line(points, colour, dash=None, width=2):
    told = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return element("polyline", points=told, fill="none", stroke=colour, stroke_width=width, stroke_dasharray=dash)
