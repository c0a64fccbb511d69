"""The algorithm race: two ways to convolve work side by side, step by step, and bars say what all seven cost for any sizes."""

import functools

from traitlets import Enum, Int, observe

from cnnlib.plots import COLORS
from cnnlib.symbolic.algorithm_costs import METHODS, cost
from cnnlib.widgets.algorithm_steps import frames
from cnnlib.widgets.base import BookWidget
from cnnlib.widgets.static import INK, SOFT, element, format_number, grid, picture, text

TITLES = {
    "x": "Image x", "w": "Kernel w", "columns": "Columns", "shifted": "Piece", "lowered": "Buffer", "X": "Frequencies of x",
    "W": "Frequencies of w", "XW": "Their product", "U": "Kernel's values U", "V": "Tile's values V", "UV": "Products U V", "y": "Output y",
}  # fmt: skip
BARS = {"work": "Multiply-adds", "extra": "Cells held beside x, w, y", "intensity": "Operations per byte moved"}


@functools.cache
def toy(method):
    """The steps of one method on the toy convolution."""
    return frames(method)


def short(value):
    """A count in few characters: 1.849 G."""
    for unit in ("", " k", " M", " G"):
        if value < 1000:
            return f"{format_number(value)}{unit}"
        value /= 1000
    return f"{format_number(value)} T"


class AlgorithmRace(BookWidget):
    """Two of the seven ways of chapter 14 on one small convolution, and the costs of all seven for sizes of your choice.

    images, channels, filters: 1 to 64. n: cells along each side of an image, 4 to 64. k: cells of the kernel, 1 to 15, at most n.
    left, right: "loops", "windows", "im2col", "offsets", "rows", "FFT" or "Winograd". step: counted from 0; a way that has finished
    waits for the other. fps: steps per second while playing. All can be given to the constructor, read and set.
    """

    module = "algorithm_race.js"
    shown = ("left", "right", "step")

    images = Int(8, min=1, max=64).tag(sync=True)
    channels = Int(16, min=1, max=64).tag(sync=True)
    filters = Int(32, min=1, max=64).tag(sync=True)
    n = Int(30, min=4, max=64).tag(sync=True)
    k = Int(3, min=1, max=15).tag(sync=True)
    left = Enum(METHODS, "im2col").tag(sync=True)
    right = Enum(METHODS, "rows").tag(sync=True)
    step = Int(0, min=0).tag(sync=True)
    fps = Int(2, min=1, max=30).tag(sync=True)

    def __init__(self, **settings):
        super().__init__(**settings)
        self._settle()

    @observe("n", "k", "left", "right", "step")
    def _settle(self, change=None):
        """No kernel is larger than its image, and no step lies behind the last one."""
        self.k = min(self.k, self.n)
        self.step = min(self.step, self.steps - 1)

    @property
    def steps(self):
        """How many steps the slower of the two takes."""
        return max(len(toy(self.left)), len(toy(self.right)))

    @property
    def costs(self):
        """The costs of all methods for the present sizes: {method: Cost, or None where it does not apply}."""
        sizes = dict(N=self.images, C=self.channels, F=self.filters, n=self.n, k=self.k)
        return {method: cost(method, **sizes) for method in METHODS}

    def lane(self, method):
        """What one way shows at the present step: its frame, without reads and writes once it has finished."""
        steps = toy(method)
        now = steps[min(self.step, len(steps) - 1)]
        return now if self.step < len(steps) else now | dict(said="finished", reads={}, writes={})

    def _lane_sentence(self, method):
        now, steps = self.lane(method), len(toy(method))
        return (
            f"{method}, step {min(self.step + 1, steps)} of {steps}: {now['said']}. "
            f"So far {now['multiplied']} multiplications, {now['read']} cells read, {now['written']} written."
        )

    @property
    def sentence(self):
        """What both ways do at this step, a line for each."""
        return "\n".join(map(self._lane_sentence, (self.left, self.right)))

    @property
    def cost_sentence(self):
        """The costs of all ways for the present sizes, in words."""
        numbers = f"{self.images} images, {self.channels} channels, {self.filters} filters"
        sizes = f"{numbers}, {self.n} × {self.n} cells, {self.k} × {self.k} kernels"
        listed = [
            f"{method} {short(each.work)} multiply-adds, {short(each.extra)} cells held, {short(each.intensity)} operations per byte"
            for method, each in self.costs.items()
            if each
        ]
        return f"{sizes}: {'; '.join(listed)}."

    @property
    def description(self):
        return (
            f"Two ways to convolve 4 × 4 cells with a 3 × 3 kernel. {' '.join(self.sentence.splitlines())} Costs for {self.cost_sentence}"
        )

    def static_svg(self):
        parts, top, width = [], 10, 700
        for method, line in zip((self.left, self.right), self.sentence.splitlines(), strict=True):
            left, height = 12, 0
            for name, values in self.lane(method)["arrays"].items():
                wide, high, drawn = self._array(self.lane(method), name, values)
                parts.append(element("g", drawn, transform=f"translate({left} {top})"))
                left, height = left + wide + 20, max(height, high)
            said, so_far = line.split(" So far ")
            parts += [
                text(14, top + height + 20, said, size=13, anchor="start"),
                text(14, top + height + 38, so_far, size=13, anchor="start"),
            ]
            top, width = top + height + 58, max(width, left)
        for number, (name, title) in enumerate(BARS.items()):
            parts += self._bars(name, title, 12 + number * (width - 12) / 3, top)
        return picture(round(width), top + 34 + 22 * len(METHODS), parts, label=self.description)

    def _array(self, now, name, values):
        reads, writes = now["reads"].get(name, ()), now["writes"].get(name, ())

        def cell(i, j):
            value = values[i][j]
            shown = "" if value is None else value if isinstance(value, str) else format_number(value)
            return dict(text_=shown, mark="taken" if (i, j) in reads else None)

        return grid(TITLES[name], range(len(values)), range(len(values[0])), cell, frame=outline(writes))

    def _bars(self, name, title, left, top):
        """One cost of all methods as bars against the largest of them."""
        values = {method: getattr(each, name) if each else None for method, each in self.costs.items()}
        most = max(value for value in values.values() if value is not None) or 1
        yield text(left, top + 14, title, anchor="start", weight=600, size=13)
        for number, (method, value) in enumerate(values.items()):
            y = top + 24 + 22 * number
            yield text(left, y + 13, method, size=12, anchor="start", fill=INK)
            if value is not None:
                yield element("rect", x=left + 62, y=y + 2, width=round(80 * value / most, 1), height=14, fill=COLORS["sky"])
            yield text(left + 146, y + 13, "needs k = 3" if value is None else short(value), size=12, anchor="start", fill=SOFT)


def outline(cells):
    """The smallest box around cells: (row, column, rows, columns); None around none."""
    if not cells:
        return None
    rows, columns = zip(*cells, strict=True)
    return min(rows), min(columns), max(rows) - min(rows) + 1, max(columns) - min(columns) + 1
