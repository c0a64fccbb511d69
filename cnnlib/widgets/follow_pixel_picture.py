"""The static picture of FollowThePixel. Where the maps stand is told here and in follow_pixel_picture.js alike."""

from cnnlib.plots import COLORS
from cnnlib.widgets.static import INK, LINE, PAPER, SOFT, element, format_number, picture, text

WIDTH, HEIGHT = 960, 372
# For each layer: x and y of its first map, pixels per unit, pixels from one map to the next.
PLACES = {
    "input": (8, 40, 24, 0), "conv 1": (226, 40, 9, 82), "relu 1": (588, 40, 9, 82), "pool 1": (226, 150, 14, 66),
    "conv 2": (522, 150, 12, 54), "relu 2": (226, 242, 12, 54), "pool 2": (684, 242, 14, 34), "logits": (226, 324, 30, 33),
    "softmax": (588, 324, 30, 33),
}  # fmt: skip


def net_picture(widget):
    """All maps of the net as small cells, the unit framed, what it sees framed, and its sentence below."""
    values, reach, parts = widget.values, widget.reach(), []
    for layer, maps in values.items():
        x, y, size, pitch = PLACES[layer]
        parts.append(text(x, y - 8, layer, size=13, anchor="start", weight=600))
        most = (abs(maps).max() or 1) / (0.4 if layer in ("logits", "softmax") else 1)  # a number has to be read on its colour
        for channel, cells in enumerate(maps):
            left = x + channel * pitch
            parts.append(element("rect", x=left, y=y, width=size * cells.shape[1], height=size * cells.shape[0], fill=PAPER, stroke=LINE))
            parts += [
                element("rect", x=left + j * size, y=y + i * size, width=size, height=size, **_look(layer, value / most))
                for i, row in enumerate(cells) for j, value in enumerate(row) if abs(value) > most / 300
            ]  # fmt: skip
            if layer in ("logits", "softmax"):
                parts.append(text(left + size / 2, y + 19, _short(cells[0, 0]), size=10))
                parts.append(text(left + size / 2, y + size + 13, str(channel), size=11, fill=SOFT))
    before = list(values)[: list(values).index(widget.layer) + 1]
    parts += [_frame(layer, channel, *reach[layer][1:], layer == widget.layer) for layer in before for channel in reach[layer][0]]
    lines = widget.sentence.replace(". ", ".\n").split("\n")
    parts += [text(8, HEIGHT + 20 * (number + 1), line, size=13, anchor="start") for number, line in enumerate(lines)]
    return picture(WIDTH, HEIGHT + 20 * len(lines) + 12, parts, label=widget.description)


def _look(layer, share):
    colour = INK if layer == "input" else COLORS["blue" if share > 0 else "orange"]
    return dict(fill=colour, fill_opacity=f"{abs(share):.3f}")


def _short(value):
    return format_number(round(float(value), 1 if abs(value) > 1 else 2))


def _frame(layer, channel, rows, columns, chosen):
    x, y, size, pitch = PLACES[layer]
    box = dict(x=x + channel * pitch + columns[0] * size, y=y + rows[0] * size, width=len(columns) * size, height=len(rows) * size)
    return element("rect", **box, fill="none", stroke=COLORS["vermilion" if chosen else "blue"], stroke_width=3 if chosen else 2, rx=2)
