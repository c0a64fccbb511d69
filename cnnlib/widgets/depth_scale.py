"""The depth explorer: the scale of the signal and of the gradient from layer to layer, predicted and measured in a random net."""

import math

import numpy as np
from traitlets import Bool, Enum, Float, Int, observe

from cnnlib.ops.activations import relu, relu_backward, tanh, tanh_backward
from cnnlib.ops.normalization import batch_norm2d, batch_norm2d_backward
from cnnlib.plots import COLORS
from cnnlib.widgets.base import BookWidget
from cnnlib.widgets.static import INK, LINE, PAPER, SOFT, element, format_number, picture, text

BATCH, EPS = 64, 1e-5  # images in the measured batch; batch norm's epsilon
MOST_LAYERS, MOST_UNITS = 40, 64
# The gain is sigma times the root of the width: what a layer's sum multiplies the scale by.
RULES = {"he": "He, 2/n", "xavier": "Xavier, 2/(n + m)", "pytorch": "PyTorch default, 1/(3n)", "unscaled": "unscaled, 1", "own": "own gain"}
ACTIVATIONS = ("linear", "relu", "tanh")
STEP = 0.05  # of the quadrature over normal numbers, from -8 to 8


def uniforms(seed, count):
    """`count` numbers in (0, 1): the generator mulberry32, whose state only counts, so that browser and NumPy draw the same."""
    start = np.uint32(((seed + 1) * 0x9E3779B9) % 2**32)
    with np.errstate(over="ignore"):  # 32-bit numbers wrap round on purpose
        a = start + np.arange(1, count + 1, dtype=np.uint32) * np.uint32(0x6D2B79F5)
        t = (a ^ (a >> 15)) * (a | np.uint32(1))
        t = (t + (t ^ (t >> 7)) * (t | np.uint32(61))) ^ t
    return ((t ^ (t >> 14)) + 0.5) / 2**32


def normals(seed, count):
    """`count` standard normal numbers, by pairs, after Box and Muller."""
    first, second = uniforms(seed, 2 * ((count + 1) // 2)).reshape(-1, 2).T
    radius, angle = np.sqrt(-2 * np.log(first)), 2 * np.pi * second
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1).ravel()[:count]


def moments(activation, v):
    """For a normal z of variance v: the mean square of f(z), the squared mean of f(z), and the mean square of f'(z)."""
    if activation == "linear":
        return v, 0.0, 1.0
    if activation == "relu":
        return v / 2, v / (2 * math.pi), 0.5
    z = np.arange(-160, 161) * STEP
    share = np.exp(-z * z / 2) * STEP / math.sqrt(2 * math.pi)
    squares = np.tanh(math.sqrt(v) * z) ** 2
    return float(share @ squares), 0.0, float(share @ (1 - squares) ** 2)


def predicted(activation, gain, depth, batch_norm):
    """The scales after 0 .. depth layers of a wide net, forward and backward, by the recursions of chapter 15.

    With batch norm, z has variance v / (v + eps), with v the spread of the sums over the batch, and the gradient is divided by the root
    of v + eps. What it loses along the mean and along z is a small part in a large batch, and is left out.
    """
    forward, factors, q, mean = [1.0], [], 1.0, 0.0
    for _ in range(depth):
        v = gain**2 * (q - mean if batch_norm else q)
        q, mean, slope = moments(activation, v / (v + EPS) if batch_norm else v)
        forward.append(math.sqrt(q))
        factors.append(math.sqrt(gain**2 * slope / (v + EPS if batch_norm else 1.0)))
    backward = np.cumprod([1.0, *factors[::-1]])[::-1]
    return forward, backward.tolist()


def measured(activation, gain, width, depth, batch_norm, seed):
    """The same scales in one net with random weights, on a batch of random inputs and with a random gradient at the top."""
    drawn = normals(seed, 2 * BATCH * width + MOST_LAYERS * width * width)
    x, dy = drawn[: 2 * BATCH * width].reshape(2, BATCH, width)
    weights = drawn[2 * BATCH * width :].reshape(MOST_LAYERS, width, width)[:depth] * (gain / math.sqrt(width))
    f, f_backward = {"relu": (relu, relu_backward), "tanh": (tanh, tanh_backward)}.get(activation, (lambda z: z, lambda dy, z: dy))
    ones, zeros = np.ones(width), np.zeros(width)
    forward, kept = [x], []
    for w in weights:
        sums = forward[-1] @ w.T
        z = batch_norm2d(sums[:, :, None, None], ones, zeros, eps=EPS)[:, :, 0, 0] if batch_norm else sums
        kept.append((sums, z))
        forward.append(f(z))
    backward = [dy]
    for w, (sums, z) in zip(weights[::-1], kept[::-1], strict=True):
        dz = f_backward(backward[-1], z)
        if batch_norm:
            dz = batch_norm2d_backward(dz[:, :, None, None], sums[:, :, None, None], ones, zeros, eps=EPS)[0][:, :, 0, 0]
        backward.append(dz @ w)
    return _scales(forward), _scales(backward)[::-1]


def _scales(arrays):
    """Roots of the mean squares, the first one being 1."""
    roots = [float(np.sqrt(np.mean(np.square(array)))) for array in arrays]
    return [root / roots[0] for root in roots]


def format_scale(value):
    """A scale in words: plain between 0.01 and 1000, with a power of ten elsewhere."""
    if value == 0 or 0.01 <= value < 1000:
        return format_number(value)
    mantissa, exponent = f"{value:.1e}".split("e")
    return f"{mantissa}·10^{format_number(int(exponent))}"


def powers(curves):
    """The lowest and the highest power of ten that a diagram of these curves must hold, at least -1 and 1."""
    logs = [math.log10(value) for curve in curves for value in curve if value > 0]
    return min(-1, math.floor(min(logs))), max(1, math.ceil(max(logs)))


class DepthScaleExplorer(BookWidget):
    """The scale (root of the mean square) of the signal and of the gradient after every layer: predicted by a line, measured by dots.

    activation: "linear", "relu" or "tanh". rule: "he", "xavier", "pytorch", "unscaled", or "own", which takes `gain` = sigma root(width),
    0.1 to 3. width: 4 to 64 units in every layer. depth: 1 to 40 layers. batch_norm: between sum and activation. seed: of the weights.
    layer: the one that the sentence speaks of. All can be given to the constructor, read and set.
    """

    module = "depth_scale.js"
    shown = ("activation", "rule", "width", "depth", "batch_norm")

    activation = Enum(ACTIVATIONS, "relu").tag(sync=True)
    rule = Enum(tuple(RULES), "he").tag(sync=True)
    gain = Float(1.0, min=0.1, max=3).tag(sync=True)
    width = Int(32, min=4, max=MOST_UNITS).tag(sync=True)
    depth = Int(30, min=1, max=MOST_LAYERS).tag(sync=True)
    batch_norm = Bool(False).tag(sync=True)
    seed = Int(0, min=0, max=9).tag(sync=True)
    layer = Int(10, min=0, max=MOST_LAYERS).tag(sync=True)

    def __init__(self, **settings):
        super().__init__(**settings)
        self._keep_layer()

    @observe("depth", "layer")
    def _keep_layer(self, change=None):
        """A layer beyond the last one becomes the last one."""
        self.layer = min(self.layer, self.depth)

    @property
    def used_gain(self):
        """sigma times the root of the width, under the rule chosen."""
        return rule_gain(self.rule, self.gain, self.width)

    @property
    def predicted(self):
        """Scales after 0 .. depth layers by the recursion: forward, backward."""
        return predicted(self.activation, self.used_gain, self.depth, self.batch_norm)

    @property
    def measured(self):
        """Scales after 0 .. depth layers in one random net: forward, backward."""
        return measured(self.activation, self.used_gain, self.width, self.depth, self.batch_norm, self.seed)

    @property
    def sentence(self):
        """The scales at the chosen layer, predicted and measured."""
        (signal, gradient), (signal_found, gradient_found), at = self.predicted, self.measured, self.layer
        sigma = self.used_gain / math.sqrt(self.width)
        place = "At the input" if at == 0 else f"After layer {at} of {self.depth}"
        return (
            f"Gain {format_number(self.used_gain)}, standard deviation of the weights {format_number(sigma)}.\n"
            f"{place}: signal {format_scale(signal_found[at])} measured, {format_scale(signal[at])} predicted; "
            f"gradient {format_scale(gradient_found[at])} measured, {format_scale(gradient[at])} predicted."
        )

    @property
    def description(self):
        net = f"{self.depth} {self.activation} layers of {self.width} units{' with batch norm' if self.batch_norm else ''}"
        said = self.sentence.replace("\n", " ")
        return f"Scale of the signal and of the gradient against depth, in {net}. {said}"

    def static_svg(self):
        titles = ("Signal, forward from the input", "Gradient, backward from the top")
        pairs = list(zip(titles, self.predicted, self.measured, (10, 400), strict=True))
        parts = [part for title, line, dots, left in pairs for part in self._chart(title, line, dots, left)]
        lines = ["line: predicted for wide layers; dots: measured in one random net", *self.sentence.splitlines()]
        parts += [text(50, 272 + 21 * number, line, size=13, anchor="start") for number, line in enumerate(lines)]
        return picture(790, 278 + 21 * len(lines), parts, label=self.description)

    def _chart(self, title, line, dots, left):
        """One diagram with powers of ten: the predicted line, the measured dots, and the chosen layer."""
        low, high = powers([line, dots])
        x = lambda at: round(left + 50 + 310 * at / self.depth, 1)
        y = lambda value: round(220 - 180 * (max(low, math.log10(value) if value > 0 else low) - low) / (high - low), 1)
        yield text(left + 50, 24, title, anchor="start", weight=600)
        yield element("rect", x=left + 50, y=40, width=310, height=180, fill=PAPER, stroke=LINE)
        yield element("line", x1=x(0), x2=x(self.depth), y1=y(1), y2=y(1), stroke=LINE)
        yield element("line", x1=x(self.layer), x2=x(self.layer), y1=40, y2=220, stroke=INK, stroke_dasharray="3 3")
        points = " ".join(f"{x(at)},{y(value)}" for at, value in enumerate(line))
        yield element("polyline", points=points, fill="none", stroke=COLORS["blue"], stroke_width=2)
        for at, value in enumerate(dots):
            yield element("circle", cx=x(at), cy=y(value), r=5 if at == self.layer else 2.6, fill=COLORS["vermilion"])
        for power in dict.fromkeys((low, 0, high)):
            yield text(left + 46, y(10.0**power) + 4, f"10^{format_number(power)}", size=11, fill=SOFT, anchor="end")
        for at in dict.fromkeys((0, self.layer, self.depth)):
            yield text(x(at), 236, str(at), size=11, fill=SOFT)


def rule_gain(rule, gain, width):
    """sigma times the root of the width for square layers, n = m = width."""
    return {"he": math.sqrt(2), "xavier": 1.0, "pytorch": math.sqrt(1 / 3), "unscaled": math.sqrt(width), "own": gain}[rule]
