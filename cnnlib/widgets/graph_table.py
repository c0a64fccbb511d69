"""The expressions of the graph stepper, and what its operations compute: values, slopes, and how both are written."""

import math

from cnnlib.widgets.static import format_number, format_term

# Every expression: its title, its inputs with their first values, and its nodes [name, operation, parents] in an order in which they can be
# computed; the last one is L. `places` says where each node is drawn: column and row. The browser reads this very table.
GRAPHS = {
    "product": dict(
        title="L = (a + b)·b",
        inputs=[["a", 2], ["b", -3]],
        nodes=[["u", "add", ["a", "b"]], ["L", "mul", ["u", "b"]]],
        places=dict(a=[0, 0], b=[0, 1], u=[1, 0], L=[2, 1]),
    ),
    "shared": dict(
        title="L = u·v, u = a·b, v = u + c",
        inputs=[["a", 2], ["b", -1], ["c", 3]],
        nodes=[["u", "mul", ["a", "b"]], ["v", "add", ["u", "c"]], ["L", "mul", ["u", "v"]]],
        places=dict(a=[0, 0], b=[0, 1], u=[1, 0], c=[1, 1.2], v=[2, 1], L=[3, 0]),
    ),
    "neuron": dict(
        title="L = (w·x + b − t)²",
        inputs=[["w", 2], ["x", 3], ["b", -1], ["t", 4]],
        nodes=[["p", "mul", ["w", "x"]], ["y", "add", ["p", "b"]], ["e", "sub", ["y", "t"]], ["L", "square", ["e"]]],
        places=dict(w=[0, 0], x=[0, 1], p=[1, 0], b=[1, 1], y=[2, 0], t=[2, 1], e=[3, 0], L=[4, 0]),
    ),
    "two layers": dict(
        title="L = (w₂·relu(w₁·x) − t)²",
        inputs=[["x", 3], ["w₁", 1], ["w₂", -2], ["t", 1]],
        nodes=[
            ["z", "mul", ["w₁", "x"]],
            ["h", "relu", ["z"]],
            ["y", "mul", ["w₂", "h"]],
            ["e", "sub", ["y", "t"]],
            ["L", "square", ["e"]],
        ],
        places={"x": [0, 0], "w₁": [0, 1], "z": [1, 0], "h": [2, 0], "w₂": [2, 1], "y": [3, 0], "t": [3, 1], "e": [4, 0], "L": [5, 0]},
    ),
    "residual": dict(
        title="L = x + tanh(w·x)",
        inputs=[["x", 1], ["w", -1]],
        nodes=[["z", "mul", ["w", "x"]], ["h", "tanh", ["z"]], ["L", "add", ["x", "h"]]],
        places=dict(x=[0, 0], w=[0, 1], z=[1, 1], h=[2, 1], L=[3, 0]),
    ),
    "doubling": dict(
        title="a, doubled three times",
        inputs=[["a", 1]],
        nodes=[["u", "add", ["a", "a"]], ["v", "add", ["u", "u"]], ["L", "add", ["v", "v"]]],
        places=dict(a=[0, 0.25], u=[1, 0.25], v=[2, 0.25], L=[3, 0.25]),
    ),
}

# Every operation: how it is written, its value, and its slopes by its arguments, as numbers and in names (None: the number says it all).
WRITTEN = {
    "add": "{0} + {1}", "sub": "{0} − {1}", "mul": "{0}·{1}", "square": "{0}²", "relu": "relu({0})", "tanh": "tanh({0})",
}  # fmt: skip
VALUES = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "square": lambda a: a * a,
    "relu": lambda a: max(a, 0.0),
    "tanh": math.tanh,
}
SLOPES = {
    "add": lambda value, a, b: (1.0, 1.0),
    "sub": lambda value, a, b: (1.0, -1.0),
    "mul": lambda value, a, b: (b, a),
    "square": lambda value, a: (2 * a,),
    "relu": lambda value, a: (1.0 if a > 0 else 0.0,),
    "tanh": lambda value, a: (1 - value * value,),
}
NAMED_SLOPES = {"mul": ("{1}", "{0}"), "square": ("2·{0}",), "tanh": ("1 − {value}²",)}


def computed(operation, parents, values):
    """An operation in names and in numbers, as in "a + b = 2 + (−3)"; a tanh or relu keeps its brackets, so its number needs none."""
    written = WRITTEN[operation]
    shown = format_number if operation in ("relu", "tanh") else format_term
    return f"{written.format(*parents)} = {written.format(*(shown(values[parent]) for parent in parents))}"


def slope_text(operation, number, node, parents):
    """A slope in names, as in "b" for the product a b by a; None where the number says it all."""
    return NAMED_SLOPES[operation][number].format(*parents, value=node) if operation in NAMED_SLOPES else None


def gift_sentence(gift, graph, values):
    """What one edge hands back, and what its parent has by then."""
    node, parent = gift["node"], gift["parent"]
    _, operation, parents = next(entry for entry in graph["nodes"] if entry[0] == node)
    named = slope_text(operation, gift["number"], node, parents)
    slope = f"{named} = {format_number(gift['slope'])}" if named else format_number(gift["slope"])
    said = f"Back from {node} to {parent}: slope {slope}, so it carries "
    said += f"{format_term(gift['upstream'])}·{format_term(gift['slope'])} = {format_number(gift['sent'])}. "
    said += f"dL/d{parent} = {format_number(gift['before'])} + {format_term(gift['sent'])} = {format_number(gift['after'])}"
    if gift["late"]:
        return f"{said}: too late, {parent} has passed its gradient on already."
    return f"{said}, and {gift['waiting']} more to come." if gift["waiting"] else f"{said}, complete."
