"""The network designer: a chain of layers that can be added, removed and moved, under a budget of parameters and multiply-adds."""

from traitlets import Int

from cnnlib.plots import COLORS
from cnnlib.widgets.layer_table import NETWORKS, LayerChain, build
from cnnlib.widgets.shapes import ShapeExplorer
from cnnlib.widgets.static import LINE, PANEL, element, picture, text

BUDGETS = {"parameters": "budget_parameters", "multiply-adds": "budget_multiply_adds"}
LARGEST_BUDGET = 10**9
BAR = 380  # pixels of a bar that is just full, in the static picture


class NetworkDesigner(ShapeExplorer):
    """A `ShapeExplorer` whose layers can be added, removed and moved, and whose costs are held against two budgets.

    budget_parameters, budget_multiply_adds: the most that the net may have, and may need for one image. input_channels, input_size,
    layers, network="...": as in `ShapeExplorer`. `code` is the net as Python code, `build()` makes the Sequential.
    """

    module = "designer.js"
    shown = (*ShapeExplorer.shown, *BUDGETS.values())

    input_size = Int(8, min=1, max=64).tag(sync=True)
    layers = LayerChain(NETWORKS["small net of chapter 17"][2]).tag(sync=True)
    budget_parameters = Int(5_000, min=1, max=LARGEST_BUDGET).tag(sync=True)
    budget_multiply_adds = Int(50_000, min=1, max=LARGEST_BUDGET).tag(sync=True)

    @property
    def input_shape(self):
        """(C, H, W) of one image."""
        return (self.input_channels, self.input_size, self.input_size)

    def build(self, rng=None):
        """Make the `cnnlib.Sequential`, with weights drawn from rng. Raises ValueError with the sentence of an impossible layer."""
        return build(self.input_channels, self.input_size, self.layers, rng=rng)

    @property
    def code(self):
        """Python code that makes the net. Raises ValueError with the sentence of an impossible layer."""
        lines = "".join(f"    cnnlib.{layer!r},\n" for layer in self.build(rng=0))
        return f"model = cnnlib.Sequential(\n{lines})"

    @property
    def spent(self):
        """{name: (cost, budget)} of the layers that are possible."""
        table = self.table
        costs = {"parameters": table.parameters, "multiply-adds": table.multiply_adds}
        return {name: (costs[name], getattr(self, trait)) for name, trait in BUDGETS.items()}

    @property
    def verdicts(self):
        """A sentence for each budget: how much of it is spent, or by how much it is broken."""
        return tuple(_verdict(name, *numbers) for name, numbers in self.spent.items())

    @property
    def sentence(self):
        """The whole net in words with its budgets; the message where it is impossible."""
        return super().sentence if self.message else "\n".join([super().sentence, *self.verdicts])

    def static_svg(self):
        parts, height = self.static_parts()
        for number, (name, (cost, budget)) in enumerate(self.spent.items()):
            y, over = height + 4 + 26 * number, cost > budget
            filled = min(cost / budget, 1.2) * BAR
            parts += [
                text(16, y + 13, name, size=13, anchor="start"),
                element("rect", x=130, y=y, width=BAR * 1.2, height=16, fill=PANEL, stroke=LINE),
                element("rect", x=130, y=y, width=round(filled, 1), height=16, fill=COLORS["vermilion" if over else "blue"]),
                element("line", x1=130 + BAR, x2=130 + BAR, y1=y - 3, y2=y + 19, stroke="#1a1f26", stroke_width=2),
                text(140 + BAR * 1.2, y + 13, f"{cost:,} of {budget:,}{', too many' if over else ''}", size=13, anchor="start"),
            ]
        return picture(864, height + 64, parts, label=self.description)


def _verdict(name, cost, budget):
    of = f"{cost:,} of {budget:,} {name}"
    return f"{of}: {cost - budget:,} too many." if cost > budget else f"{of}: {budget - cost:,} left."
