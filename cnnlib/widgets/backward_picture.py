"""The static picture of the backward player: the forward window, dy, the stretched dy where there is one, and the gradient so far."""

from cnnlib.widgets.static import format_number, grid, row_of
from cnnlib.widgets.traits import pair


def backward_picture(player):
    """Return the SVG of a `BackwardPlayer` in its present state."""
    if not player.windows:
        return row_of([_input(player, {}, None)], player.message.split("\n"), label=player.description)
    spot, scatter = (*player.position, 1, 1), player.view == "scatter"
    terms = player.terms()
    factors = {cell: player.product(place, kernel_cell, cell) for place, kernel_cell, cell in terms}
    notes = {cell: _note(factors[cell][1 if player.target == "dx" else 0]) for cell in factors} if scatter or player.target == "dw" else {}
    groups = [_input(player, notes, _window(player) if scatter else spot if player.target == "dx" else None)]
    groups.append(_kernel(player))
    groups.append(_dy(player, {place for place, _, _ in terms}, spot if scatter else None))
    if player.stretched is not None:
        groups.append(_stretched(player))
    groups.append(_gradient(player, {cell if player.target == "dx" else kernel_cell for _, kernel_cell, cell in terms}))
    return row_of(groups, [player.sentence], label=player.description)


def _note(value):
    return f"×{format_number(value)}"


def _window(player):
    """The outline of the window whose place is shown."""
    corner = (window.start(at) for window, at in zip(player.windows, player.position, strict=True))
    return (*corner, *(window.span for window in player.windows))


def _input(player, notes, frame):
    shape = pair(player.input_size)
    margins = [(w.before, w.after) for w in player.windows] if player.windows else [(0, 0)] * 2
    rows, columns = (range(-before, size + after) for size, (before, after) in zip(shape, margins, strict=True))
    unread = player.unread or ((), ())

    def cell(r, c):
        mark = "taken" if (r, c) in notes else "unread" if r in unread[0] or c in unread[1] else None
        inside = player.is_inside((r, c))
        return dict(text_=format_number(player.image[r][c] if inside else 0), pad=not inside, mark=mark, note=notes.get((r, c), ""))

    return grid("Input x", rows, columns, cell, frame=frame)


def _kernel(player):
    turned = player.stretched is not None
    cells = [row[::-1] for row in player.kernel[::-1]] if turned else player.kernel
    shape = range(len(cells)), range(len(cells[0]))
    return grid("Rotated w" if turned else "Kernel w", *shape, lambda u, v: dict(text_=format_number(cells[u][v])))


def _dy(player, senders, frame):
    shape = (range(window.count) for window in player.windows)
    look = lambda i, j: dict(text_=format_number(player.upstream[i][j]), mark="taken" if (i, j) in senders else None)
    return grid("Gradient dy", *shape, look, frame=frame)


def _stretched(player):
    z, first = player.stretched
    rows, columns = (range(start, start + size) for start, size in zip(first, z.shape, strict=True))
    corner = [at + start for at, start in zip(player.position, first, strict=True)]
    weights = {
        (corner[0] + u * player.windows[0].dilation, corner[1] + v * player.windows[1].dilation): _note(weight)
        for u, row in enumerate(player.kernel[::-1])
        for v, weight in enumerate(row[::-1])
    }

    def cell(q, r):
        ends = ((w.count - 1) * w.stride for w in player.windows)
        around = not all(0 <= at <= end for at, end in zip((q, r), ends, strict=True))
        between = not around and any(at % w.stride for at, w in zip((q, r), player.windows, strict=True))
        mark = "unread" if between else "taken" if (q, r) in weights and not around else None
        return dict(text_=format_number(z[q - first[0], r - first[1]]), pad=around, mark=mark, note=weights.get((q, r), ""))

    return grid("dy, stretched and padded", rows, columns, cell, frame=(*corner, *(window.span for window in player.windows)))


def _gradient(player, receivers):
    """dx or dw as far as it is made; where dx is scattered, with the border that is cropped."""
    border = player.padded_gradient
    values = player.gradient if border is None else border
    first = [0, 0] if border is None else [window.before for window in player.windows]
    rows, columns = (range(-start, size - start) for start, size in zip(first, values.shape, strict=True))
    gathered, reached = player.view == "gather", player.position

    def cell(r, c):
        text = "" if gathered and (r, c) > reached else format_number(values[r + first[0], c + first[1]])
        mark = "taken" if not gathered and (r, c) in receivers else None
        return dict(text_=text, pad=player.target == "dx" and not player.is_inside((r, c)), mark=mark)

    frame = (*reached, 1, 1) if gathered else _window(player) if player.target == "dx" else None
    return grid(f"{player.target} so far", rows, columns, cell, frame=frame)
