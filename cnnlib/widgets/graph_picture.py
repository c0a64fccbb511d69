"""The static picture of the graph stepper."""

from cnnlib.plots import COLORS
from cnnlib.widgets.graph_table import WRITTEN
from cnnlib.widgets.static import INK, LINE, PANEL, PAPER, SOFT, element, format_number, format_term, picture, text

COLUMN, ROW, WIDE, HIGH, MARGIN = 178, 104, 108, 66, 12  # of the picture: from node to node, size of a node, border
BEND = 52  # how far two edges between the same nodes bow apart


def spot(graph, name):
    """The middle of a node."""
    column, row = graph["places"][name]
    return MARGIN + WIDE / 2 + column * COLUMN, MARGIN + HIGH / 2 + row * ROW


def edge_line(graph, node, number):
    """The path of an edge, from its parent to its node, and the place of its numbers."""
    parents = next(above for name, _, above in graph["nodes"] if name == node)
    (x1, y1), (x2, y2) = spot(graph, parents[number]), spot(graph, node)
    x1, x2 = x1 + WIDE / 2, x2 - WIDE / 2
    bend = 0 if parents.count(parents[number]) == 1 else BEND * (2 * number - 1)
    middle = ((x1 + x2) / 2, (y1 + y2 + bend) / 2)
    return f"M{x1:g} {y1:g}Q{(x1 + x2) / 2:g} {(y1 + y2) / 2 + bend:g} {x2:g} {y2:g}", middle


def graph_picture(stepper):
    """The stepper's present state as SVG."""
    graph, values, gradients, slopes = stepper.graph, stepper.values, stepper.gradients, stepper.slopes
    count = len(graph["nodes"])
    gifts = stepper.gifts(max(stepper.step - count - 1, 0))
    sent = {(gift["node"], gift["number"]): gift["sent"] for gift in gifts}
    known = [*stepper.names, *(name for name, *_ in graph["nodes"][: stepper.step])]
    now = graph["nodes"][stepper.step - 1][0] if 0 < stepper.step <= count else "L" if stepper.step == count + 1 else None
    now = gifts[-1]["parent"] if gifts else now
    parts = []
    for edge, slope in slopes.items():
        parts += _edge(edge_line(graph, *edge), slope if edge[0] in known else None, sent.get(edge), gifts and edge == _name(gifts[-1]))
    for name in values:
        written = next((WRITTEN[op].format(*above) for node, op, above in graph["nodes"] if node == name), None)
        title = f"{name} = {written}" if written else name
        value = format_number(values[name]) if name in known else "?"
        gradient = format_number(gradients[name]) if name in gradients else None
        parts += _node(*spot(graph, name), title, value, gradient and f"dL/d{name} = {gradient}", name == now)
    width = max(spot(graph, name)[0] for name in values) + WIDE / 2 + MARGIN
    height = max(spot(graph, name)[1] for name in values) + HIGH / 2 + MARGIN
    lines = stepper.sentence.replace(". dL", ".\ndL").split("\n")
    parts += [text(MARGIN, height + 14 + 20 * number, line, size=13, anchor="start") for number, line in enumerate(lines)]
    return picture(max(width, 620), height + 10 + 20 * len(lines), parts, label=stepper.description)


def _name(gift):
    return gift["node"], gift["number"]


def _edge(line, slope, sent, active):
    path, (x, y) = line
    colour = COLORS["vermilion"] if sent is not None else INK
    look = dict(stroke=colour, stroke_width=3.5 if active else 1.5, stroke_dasharray=None if sent is None else "6 3")
    yield element("path", d=path, fill="none", **look)
    for content, fill, lift in ((slope, SOFT, -5), (sent, COLORS["vermilion"], 15)):
        if content is not None:
            written = f"×{format_term(content)}" if fill == SOFT else f"← {format_number(content)}"
            halo = dict(stroke=PAPER, stroke_width=7, stroke_linejoin="round", paint_order="stroke")
            yield element("text", written, x=x, y=y + lift, font_size=12, fill=fill, text_anchor="middle", font_weight=600, **halo)


def _node(x, y, title, value, gradient, active):
    look = dict(stroke=COLORS["blue"], stroke_width=3.5) if active else dict(stroke=LINE, stroke_width=1.5)
    yield element("rect", x=x - WIDE / 2, y=y - HIGH / 2, width=WIDE, height=HIGH, rx=7, fill=PANEL if value == "?" else PAPER, **look)
    yield text(x, y - 15, title, size=12, fill=SOFT)
    yield text(x, y + 5, value, size=16, weight=600)
    if gradient:
        yield text(x, y + 24, gradient, size=12, fill="#B04400", weight=600)
