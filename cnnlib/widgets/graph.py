"""The graph stepper: an expression as a graph, forward node by node, then back edge by edge, with every number on its place."""

import numbers

from traitlets import Dict, Enum, Int, TraitError, TraitType, observe, validate

from cnnlib.widgets.base import BookWidget
from cnnlib.widgets.graph_picture import graph_picture
from cnnlib.widgets.graph_table import GRAPHS, SLOPES, VALUES, computed, gift_sentence
from cnnlib.widgets.static import format_number

LIMIT = 5  # inputs run from -5 to 5
ORDERS = ("reverse topological", "first come, first served")


class Inputs(TraitType):
    """One to four finite numbers from -LIMIT to LIMIT, held as a tuple."""

    def validate(self, obj, value):
        fine = isinstance(value, (tuple, list)) and all(
            isinstance(each, numbers.Real) and not isinstance(each, bool) and abs(each) <= LIMIT for each in value
        )
        if not fine:
            raise TraitError(f"{self.name}={value!r} is not a list of numbers from -{LIMIT} to {LIMIT}. Write (2, -3), for example.")
        return tuple(value)


class GraphStepper(BookWidget):
    """A computational graph that the reader steps through: forward node by node, then back edge by edge.

    expression: "product", "shared", "neuron", "two layers", "residual" or "doubling"; choosing one sets its inputs to their first values.
    inputs: one number from -5 to 5 for each input, in the order of `names`. order: "reverse topological", or "first come, first served",
    in which a node passes its gradient on as soon as a first part of it has arrived, which is wrong wherever a node is shared.
    step: 0 shows the inputs, then one step for each node, one for the gradient 1 of the loss, one for each edge; a step beyond the last
    becomes the last. fps: steps per second while playing.
    """

    module = "graph.js"
    shown = ("expression", "inputs", "order", "step")

    expression = Enum(tuple(GRAPHS), "product").tag(sync=True)
    inputs = Inputs((2, -3)).tag(sync=True)
    order = Enum(ORDERS, ORDERS[0]).tag(sync=True)
    step = Int(0, min=0).tag(sync=True)
    fps = Int(1, min=1, max=30).tag(sync=True)
    graphs = Dict(GRAPHS, read_only=True).tag(sync=True)

    def __init__(self, expression="product", inputs=None, step=0, **settings):
        super().__init__(**settings)
        self.expression = expression
        if inputs is not None:
            self.inputs = inputs
        self.step = step

    @validate("inputs")
    def _one_for_each(self, proposal):
        found, names = proposal["value"], self.names
        if len(found) != len(names):
            raise TraitError(f"inputs={found!r} has {len(found)} numbers. Give {len(names)}: {', '.join(names)}.")
        return found

    @validate("step")
    def _step_exists(self, proposal):
        return min(proposal["value"], self.last)

    @observe("expression")
    def _other_graph(self, change):
        self.inputs = tuple(value for _, value in self.graph["inputs"])
        self.step = self.step  # validated again: the last step may have moved

    @property
    def graph(self):
        """The entry of GRAPHS that is shown."""
        return GRAPHS[self.expression]

    @property
    def names(self):
        """The names of the inputs."""
        return [name for name, _ in self.graph["inputs"]]

    @property
    def values(self):
        """{name: value} of all nodes, the inputs first."""
        values = {name: float(value) for name, value in zip(self.names, self.inputs, strict=True)}
        for name, operation, parents in self.graph["nodes"]:
            values[name] = VALUES[operation](*(values[parent] for parent in parents))
        return values

    @property
    def slopes(self):
        """{(node, number of the argument): slope}, one for each edge."""
        values = self.values
        slopes = {}
        for name, operation, parents in self.graph["nodes"]:
            found = SLOPES[operation](values[name], *(values[parent] for parent in parents))
            slopes.update({(name, number): slope for number, slope in enumerate(found)})
        return slopes

    @property
    def way_back(self):
        """The edges (node, number of the argument) in the order in which gradients go back over them."""
        parents = {name: above for name, _, above in self.graph["nodes"]}
        if self.order == ORDERS[0]:
            turns = list(reversed(parents))
        else:
            turns = ["L"]
            for node in turns:
                turns += [parent for parent in dict.fromkeys(parents[node]) if parent in parents and parent not in turns]
        return [(node, number) for node in turns for number in range(len(parents[node]))]

    @property
    def last(self):
        """The number of the last step."""
        return len(self.graph["nodes"]) + 1 + len(self.way_back)

    def gifts(self, edges=None):
        """What goes back over the first `edges` edges: for each, what it carries and the parent's gradient by then."""
        parents = {name: above for name, _, above in self.graph["nodes"]}
        gradients, slopes, way, gifts = {"L": 1.0}, self.slopes, self.way_back, []
        for turn, (node, number) in enumerate(way[:edges]):
            parent, slope, before = parents[node][number], slopes[node, number], gradients.get(parents[node][number], 0.0)
            sent = gradients[node] * slope
            gradients[parent] = before + sent
            waiting = sum(parents[other][which] == parent for other, which in way[turn + 1 :])
            late = any(other == parent for other, _ in way[:turn])
            gifts.append(
                dict(node=node, number=number, parent=parent, upstream=gradients[node], slope=slope, sent=sent, before=before)
                | dict(after=gradients[parent], waiting=waiting, late=late)
            )
        return gifts

    @property
    def gradients(self):
        """{name: gradient} as they stand at the present step; nodes that nothing has reached yet are missing."""
        done = self.step - len(self.graph["nodes"]) - 1
        return {} if done < 0 else {"L": 1.0} | {gift["parent"]: gift["after"] for gift in self.gifts(done)}

    @property
    def sentence(self):
        """The arithmetic of the present step."""
        nodes, values = self.graph["nodes"], self.values
        if self.step == 0:
            return f"The inputs: {', '.join(f'{name} = {format_number(values[name])}' for name in self.names)}."
        if self.step <= len(nodes):
            name, operation, parents = nodes[self.step - 1]
            return f"Forward: {name} = {computed(operation, parents, values)} = {format_number(values[name])}."
        if self.step == len(nodes) + 1:
            return "Backward begins at the end: dL/dL = 1."
        return gift_sentence(self.gifts(self.step - len(nodes) - 1)[-1], self.graph, values)

    @property
    def description(self):
        """The picture in words: the expression, every value and gradient that is known, and the present step."""
        values = self.values
        known = [*self.names, *(name for name, *_ in self.graph["nodes"][: self.step])]
        told = [f"{name} = {format_number(values[name])}" for name in known]
        told += [f"dL/d{name} = {format_number(gradient)}" for name, gradient in self.gradients.items()]
        return f"{self.graph['title']}. {'; '.join(told)}. {self.sentence}"

    def static_svg(self):
        return graph_picture(self)
