"""Static pictures of widgets: small, deterministic SVG, drawn from the same numbers as the live ones.

They stand where a widget cannot live: in a notebook just cloned, on GitHub, in a PDF. Colours and fills are explicit, so the picture
reads the same on a light and on a dark page.
"""

from decimal import ROUND_HALF_UP, Decimal
from xml.sax.saxutils import escape

from cnnlib.plots import COLORS

CELL = 34
MARGIN = 18
GAP = 34
INK, SOFT, LINE, PAPER, PANEL = "#1a1f26", "#545d69", "#c9ced6", "#ffffff", "#f6f7f9"


def format_number(value):
    """A number as a reader writes it: whole numbers plain, others with up to three decimals, a true minus sign."""
    rounded = Decimal(float(value)).quantize(Decimal("0.001"), ROUND_HALF_UP)
    text = f"{abs(rounded):f}".rstrip("0").rstrip(".")
    return f"−{text}" if rounded < 0 else text


def format_term(value):
    """A number inside a sum: negative ones stand in parentheses."""
    text = format_number(value)
    return f"({text})" if text.startswith("−") else text


def element(tag, content=None, **attributes):
    """One SVG element; an underscore in an attribute's name stands for a hyphen."""
    written = "".join(
        f' {name.strip("_").replace("_", "-")}="{_attribute(value)}"' for name, value in attributes.items() if value is not None
    )
    return f"<{tag}{written}/>" if content is None else f"<{tag}{written}>{content}</{tag}>"


def _attribute(value):
    return f"{value:g}" if isinstance(value, float) else escape(str(value), {'"': "&quot;"})


def text(x, y, content, *, size=14, fill=INK, anchor="middle", weight=None, halo=False):
    """One line of text; anchor is the point of it that stands at x: "start", "middle" or "end". halo: paper around it."""
    around = dict(stroke=PAPER, stroke_width=3, stroke_linejoin="round", paint_order="stroke") if halo else {}
    return element("text", escape(content), x=x, y=y, font_size=size, fill=fill, text_anchor=anchor, font_weight=weight, **around)


def picture(width, height, parts, *, label):
    """A whole SVG: white ground, the patterns for "read now" and "never read", and the parts."""
    taken = element("pattern", element("circle", cx=3, cy=3, r=0.9, fill=COLORS["blue"]), id="taken", **_tile(6))
    lines = element("path", d="M-2 2 L2 -2 M0 8 L8 0 M6 10 L10 6", stroke=SOFT, stroke_width=1.2)
    ground = element("rect", width=width, height=height, rx=8, fill=PAPER)
    body = element("defs", taken + element("pattern", lines, id="unread", **_tile(8))) + ground + "".join(parts)
    return element(
        "svg", body, xmlns="http://www.w3.org/2000/svg", width=width, height=height, viewBox=f"0 0 {width} {height}", role="img",
        aria_label=label, font_family="system-ui, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif",
    )  # fmt: skip


def _tile(size):
    return dict(width=size, height=size, patternUnits="userSpaceOnUse")


def grid(title, rows, columns, cell, *, frame=None):
    """A titled grid of cells. Returns (width, height, SVG of a group at the origin).

    rows, columns: ranges of indices. cell(i, j): a dict with text, and perhaps pad=True, mark="taken" or "unread", note.
    frame: (row, column, rows, columns) of a thick outline.
    """
    top = MARGIN + 24
    x, y = (lambda j: MARGIN + (j - columns[0]) * CELL), (lambda i: top + (i - rows[0]) * CELL)
    parts = [text(MARGIN, 14, title, anchor="start", weight=600)]
    parts += [text(MARGIN / 2, y(i) + CELL / 2 + 4, format_number(i), size=10, fill=SOFT) for i in rows]
    parts += [text(x(j) + CELL / 2, top - 6, format_number(j), size=10, fill=SOFT) for j in columns]
    parts += [_cell(x(j), y(i), **cell(i, j)) for i in rows for j in columns]
    if frame is not None:
        box = dict(x=x(frame[1]), y=y(frame[0]), width=frame[3] * CELL, height=frame[2] * CELL, rx=3)
        parts.append(element("rect", fill="none", stroke=COLORS["blue"], stroke_width=3.5, **box))
    return MARGIN + len(columns) * CELL + 3, top + len(rows) * CELL + 3, "".join(parts)


def _cell(x, y, text_, pad=False, mark=None, note=""):
    dash = "3 3" if pad else None
    parts = element("rect", x=x, y=y, width=CELL, height=CELL, fill=PANEL if pad else PAPER, stroke=LINE, stroke_dasharray=dash)
    if mark:
        parts += element("rect", x=x + 1, y=y + 1, width=CELL - 2, height=CELL - 2, fill=f"url(#{mark})")
    size, fill, halo = min(14, 52 / max(len(text_), 1)), SOFT if pad or mark == "unread" else INK, bool(mark)
    parts += text(x + CELL / 2, y + CELL / 2 + (0 if note else 5), text_, size=size, fill=fill, halo=halo)
    if note:
        look = dict(size=min(10, 38 / len(note)), fill=COLORS["blue"], anchor="end", weight=600, halo=halo)
        parts += text(x + CELL - 3, y + CELL - 4, note, **look)
    return parts


def row_of(groups, lines, *, label):
    """Set grids side by side and lines of text below them; lines longer than the picture is wide are broken at spaces."""
    width, height, parts = 12, 0, []
    for group_width, group_height, group in groups:
        parts.append(element("g", group, transform=f"translate({width} 12)"))
        width, height = width + group_width + GAP, max(height, group_height + 12)
    width = max(width - GAP + 14, 560)
    for line in (piece for whole in lines for piece in _broken(whole, (width - 24) / 7.4)):
        height += 21
        parts.append(text(12 + MARGIN, height + 6, line, size=13, anchor="start"))
    return picture(width, height + 22, parts, label=label)


def _broken(line, most):
    pieces = [""]
    for word in line.split(" "):
        if len(pieces[-1]) + len(word) > most:
            pieces.append("")
        pieces[-1] += f"{word} "
    return [piece.rstrip() for piece in pieces]


def player_picture(player):
    """The sliding-window player in its present state: input with padding and window, kernel, output, arithmetic."""
    numbers = player.image
    windows = player.windows
    used = {(r, c): format_number(w) for r, c, _, w in player.terms()} if windows else {}
    unread = player.unread or ((), ())
    rows, columns = (range(-w.before, w.n + w.after) for w in windows) if windows else (range(len(numbers)), range(len(numbers[0])))

    def input_cell(r, c):
        if not (0 <= r < len(numbers) and 0 <= c < len(numbers[0])):
            look = dict(text_="0", pad=True)
        else:
            look = dict(text_=format_number(numbers[r][c]), mark="unread" if r in unread[0] or c in unread[1] else None)
        return look | (dict(mark="taken", note=f"×{used[r, c]}") if (r, c) in used else {})

    frame, groups, lines = None, [], player.message.split("\n")
    if windows:
        i, j = player.position
        frame = (windows[0].start(i), windows[1].start(j), windows[0].span, windows[1].span)
        lines = [player.sentence]
        if any(unread):
            lines.append(f"Never read (hatched): rows {_listed(unread[0])}; columns {_listed(unread[1])}.")
    groups.append(grid("Input x", rows, columns, input_cell, frame=frame))
    kernel = player.kernel
    shape = range(len(kernel)), range(len(kernel[0]))
    groups.append(grid("Kernel w", *shape, lambda m, n: dict(text_=format_number(kernel[m][n]))))
    if windows:
        output = player.output
        places = (range(window.count) for window in windows)
        groups.append(grid("Output y", *places, lambda r, c: dict(text_=format_number(output[r, c])), frame=(i, j, 1, 1)))
    return row_of(groups, lines, label=player.description)


def _listed(cells):
    return ", ".join(map(str, cells)) or "none"
