"""The logits explorer: from logits to probabilities, loss and gradient, by the formula as it is printed or by the stable one."""

import numpy as np
from traitlets import Enum, Float, Int, List, TraitError, observe, validate

from cnnlib.ops.losses import cross_entropy, cross_entropy_backward, softmax
from cnnlib.plots import COLORS
from cnnlib.widgets.base import BookWidget
from cnnlib.widgets.static import INK, LINE, PAPER, SOFT, element, format_number, picture, text

CLASSES = (2, 6)  # the fewest and the most classes
METHODS = ("stable", "naive")


class LogitsExplorer(BookWidget):
    """A few logits, their softmax at a temperature, the cross-entropy of a label, and its gradient by every logit, as bars.

    logits: 2 to 6 numbers from -10 to 10. shift: added to all of them, -1000 to 1000. temperature: 0.01 to 10. label: the true class,
    counted from 0. label_smoothing: 0 to 1. method: "stable" subtracts the largest logit before exponentiating, "naive" does not and
    can overflow. All can be given to the constructor, read and set; a label beyond the last class becomes the last one.
    """

    module = "logits.js"
    shown = ("logits", "temperature", "label", "label_smoothing")

    logits = List(Float(min=-10, max=10), [2.0, 1.0, -1.0], minlen=CLASSES[0], maxlen=CLASSES[1]).tag(sync=True)
    shift = Float(0.0, min=-1000, max=1000).tag(sync=True)
    temperature = Float(1.0, min=0.01, max=10).tag(sync=True)
    label = Int(0, min=0, max=CLASSES[1] - 1).tag(sync=True)
    label_smoothing = Float(0.0, min=0, max=1).tag(sync=True)
    method = Enum(METHODS, "stable").tag(sync=True)

    @validate("label")
    def _existing(self, proposal):
        if proposal["value"] >= len(self.logits):
            raise TraitError(f"label={proposal['value']}, and {len(self.logits)} logits have the classes 0 to {len(self.logits) - 1}.")
        return proposal["value"]

    @observe("logits")
    def _keep_the_label_among_them(self, change):
        self.label = min(self.label, len(self.logits) - 1)

    @property
    def scores(self):
        """What the softmax reads: (logits + shift) / temperature."""
        return (np.array(self.logits) + self.shift) / self.temperature

    @property
    def targets(self):
        """1 - label_smoothing at the label, and label_smoothing / K more for every class."""
        count = len(self.logits)
        return np.where(np.arange(count) == self.label, 1 - self.label_smoothing, 0.0) + self.label_smoothing / count

    @property
    def probabilities(self):
        """Softmax by the chosen method; naively, nan where powers overflow or all vanish."""
        if self.method == "stable":
            return softmax(self.scores)
        with np.errstate(all="ignore"):
            return np.exp(self.scores) / np.exp(self.scores).sum()

    @property
    def loss(self):
        """The cross-entropy. Naively, the logarithm is taken of the rounded probability, and may be infinite."""
        if self.method == "stable":
            return float(cross_entropy(self.scores[None], [self.label], label_smoothing=self.label_smoothing))
        asked = self.targets > 0
        with np.errstate(all="ignore"):
            return float(-(self.targets[asked] * np.log(self.probabilities[asked])).sum())

    @property
    def gradient(self):
        """The gradient by the logits, (p - t) / temperature."""
        if self.method == "stable":
            options = dict(label_smoothing=self.label_smoothing)
            return cross_entropy_backward(self.scores[None], [self.label], **options)[0] / self.temperature
        return (self.probabilities - self.targets) / self.temperature

    @property
    def trouble(self):
        """What went wrong in the naive formula, as a sentence; empty when nothing did."""
        if self.method == "stable":
            return ""
        with np.errstate(all="ignore"):
            powers, total = np.exp(self.scores), np.exp(self.scores).sum()
        if np.isinf(powers).any():
            return f"exp({format_number(self.scores.max())}) overflows: infinity divided by infinity is nan."
        if np.isinf(total):
            return "The sum of the powers overflows, and a number divided by infinity is 0."
        if total == 0:
            return "All powers are rounded to 0, and 0 divided by 0 is nan."
        if np.isinf(self.loss):
            return "A probability that the loss asks for is rounded to 0, and its logarithm is minus infinity."
        return ""

    @property
    def sentence(self):
        """Probabilities, loss and gradient in words; a second line says what went wrong, if something did."""
        loss = "−log p" if self.label_smoothing == 0 else "−Σ t log p"
        slope = "p − t" if self.temperature == 1 else "(p − t) / T"
        said = f"p = {_listed(self.probabilities)}. True class {self.label}: loss {loss} = {shown_number(self.loss)}, "
        said += f"gradient {slope} = {_listed(self.gradient)}."
        return f"{said}\n{self.trouble}" if self.trouble else said

    @property
    def description(self):
        raised = f", all raised by {format_number(self.shift)}" if self.shift else ""
        return (
            f"Logits {_listed(self.logits)}{raised}, temperature {format_number(self.temperature)}, label smoothing "
            f"{format_number(self.label_smoothing)}, {self.method} formula. {' '.join(self.sentence.splitlines())}"
        )

    def static_svg(self):
        lines = [f"z = {_listed(np.array(self.logits) + self.shift)}; T = {format_number(self.temperature)}", *self.sentence.splitlines()]
        reach = gradient_reach(self.gradient)
        slope = "p − t" if self.temperature == 1 else "(p − t) / T"
        parts = [*self._chart("Probabilities p (bars) and targets t (lines)", 10, 0, 1, self.probabilities, self.targets)]
        parts += self._chart(f"Gradient {slope}", 400, -reach, reach, self.gradient)
        top = 66 + 34 * len(self.logits)
        pieces = [piece for line in lines for piece in line.replace(", gradient", ",\ngradient").splitlines()]
        parts += [text(20, top + 21 * number, line, size=13, anchor="start") for number, line in enumerate(pieces)]
        return picture(780, top + 8 + 21 * len(pieces), parts, label=self.description)

    def _chart(self, title, left, low, high, values, marks=()):
        """Horizontal bars from 0, one for each class, in a frame from `low` to `high`; marks are thick upright lines."""
        x = lambda value: round(left + 70 + 230 * (value - low) / (high - low), 1)
        yield text(left + 10, 24, title, anchor="start", weight=600)
        yield element("rect", x=x(low), y=34, width=230, height=34 * len(values) + 4, fill=PAPER, stroke=LINE)
        for number, value in enumerate(values):
            y = 40 + 34 * number
            true = " (true)" if number == self.label and len(marks) else ""
            yield text(left + 64, y + 18, f"{number}{true}", size=13, anchor="end")
            if np.isfinite(value):
                colour = COLORS["blue"] if value >= 0 else COLORS["vermilion"]
                ends = sorted((x(0), x(value)))
                yield element("rect", x=ends[0], y=y + 3, width=round(ends[1] - ends[0], 1), height=20, fill=colour)
            yield text(left + 308, y + 18, shown_number(value), size=12, fill=INK if np.isfinite(value) else SOFT, anchor="start")
        for number, mark in enumerate(marks):
            yield element("line", x1=x(mark), x2=x(mark), y1=38 + 34 * number, y2=68 + 34 * number, stroke=INK, stroke_width=3)
        yield element("line", x1=x(0), x2=x(0), y1=34, y2=38 + 34 * len(values), stroke=INK)


def gradient_reach(gradient):
    """How far the diagram of the gradient reaches on both sides: 1, or more where an entry needs it."""
    return max([1.0, *(abs(float(value)) for value in gradient if np.isfinite(value))])


def shown_number(value):
    """A number as text, "nan" and "infinity" included."""
    if np.isnan(value):
        return "nan"
    return format_number(value) if np.isfinite(value) else "infinity"


def _listed(values):
    return ", ".join(map(shown_number, values))
