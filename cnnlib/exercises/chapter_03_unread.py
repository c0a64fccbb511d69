"""The exercise of chapter 03, How large is the output?, on cells that no window reads. The truth is `cnnlib.geometry.Window`."""

from cnnlib.exercises.chapter_03 import draw_window
from cnnlib.exercises.exercise import Exercise, Misconception
from cnnlib.geometry import Window, output_size, window_span


def _unread(n, k, s, p, d):
    return Window.fit(n, k, s, p, d).unread()


def _tail(n, k, s, p, d):
    """The unread cells behind the last window alone."""
    window = Window.fit(n, k, s, p, d)
    return tuple(range(max(window.cells(window.count - 1)[-1] + 1, 0), n))


def _read(n, k, s, p, d):
    """The cells that the windows read, place by place, those of the padding too."""
    window = Window.fit(n, k, s, p, d)
    return [cell for place in range(window.count) for cell in window.cells(place)]


def _not_in(n, cells):
    return tuple(cell for cell in range(n) if cell not in cells)


UNREAD_CELLS = Exercise(
    id="unread-cells",
    chapter=3,
    title="Cells that are never read",
    task="List the input cells that no window reads, counted from 0, in increasing order. Cells of the padding are not input cells.",
    kind="program",
    minutes=12,
    difficulty=3,
    parameters=("n", "kernel_size", "stride", "padding", "dilation"),
    starter="def unread_cells(n, kernel_size, stride, padding, dilation):\n    unread = ...\n    return unread",
    answer=_unread,
    examples=((5, 3, 1, 0, 1), (6, 3, 2, 0, 1), (8, 2, 3, 0, 1), (6, 3, 2, 1, 1), (7, 2, 3, 1, 1), (7, 3, 3, 0, 2), (9, 2, 4, 1, 2)),
    draw=lambda rng: draw_window(rng, largest_padding=2),
    hints=(
        "Collect what is read first: go through all places, and through all kernel cells at each place.",
        "Kernel cell u at place i reads cell i * stride - padding + u * dilation of the input, if there is such a cell.",
        "With the set of all cells read: the answer is [cell for cell in range(n) if cell not in read].",
    ),
    misconceptions=(
        Misconception("tail-only", "Cells are also skipped between windows, and between the cells of a dilated kernel.", _tail),
        Misconception(
            "padded-coordinates",
            "You count from the first cell of the padding. Cell 0 is the first cell of the input.",
            lambda n, k, s, p, d: tuple(cell + p for cell in _unread(n, k, s, p, d)),
        ),
        Misconception(
            "span-counts-as-read",
            "A dilated kernel jumps over cells inside its window. It reads kernel_size cells and no more.",
            lambda n, k, s, p, d: _unread(n, window_span(k, d), s, p, 1),
        ),
        Misconception(
            "padding-ignored",
            "The first window starts in the padding, padding cells before cell 0, and there are more places than without it.",
            lambda n, k, s, p, d: _unread(n, k, s, 0, d) if window_span(k, d) <= n else tuple(range(n)),
        ),
        Misconception(
            "dilation-ignored",
            "Kernel cell u lies u times the dilation behind the window's first cell. You take neighbouring cells.",
            lambda n, k, s, p, d: _not_in(n, [cell for i in range(output_size(n, k, s, p, d)) for cell in range(i * s - p, i * s - p + k)]),
        ),
        Misconception(
            "negative-indices",
            "For Python, index -1 is the last cell, so the padding in front marks cells at the far end as read. Leave negative cells out.",
            lambda n, k, s, p, d: _not_in(n, [cell % n if -n <= cell < 0 else cell for cell in _read(n, k, s, p, d)]),
        ),
        Misconception(
            "read-cells",
            "Those are the cells that are read. Asked for are the others.",
            lambda n, k, s, p, d: _not_in(n, _unread(n, k, s, p, d)),
        ),
        Misconception(
            "last-place-missing",
            "The last place is missing: with whole steps counted, the place before the first step is one more.",
            lambda n, k, s, p, d: _not_in(n, _read(n, k, s, p, d)[:-k]),
        ),
        Misconception(
            "starts-only",
            "A window reads all the cells under its kernel, not the one at its start alone.",
            lambda n, k, s, p, d: tuple(c for c in range(n) if (c + p) % s or (c + p) // s >= output_size(n, k, s, p, d)),
        ),
        Misconception(
            "always-none", "Not every cell is read: a stride can leave a remainder, or be longer than the kernel.", lambda n, k, s, p, d: ()
        ),
        Misconception(
            "count-only",
            "List the cells themselves, not how many there are.",
            lambda n, k, s, p, d: len(_unread(n, k, s, p, d)),
        ),
    ),
)

EXERCISES = (UNREAD_CELLS,)
