"""Exercises of chapter 11, Backward through a convolution, worked out by hand."""

import numpy as np

from cnnlib.exercises.exercise import Exercise, Misconception
from cnnlib.ops.convolution import conv2d_backward


def _rows(dy, w, x, stride, padding):
    """The library's dx and dw along one axis, as tuples."""
    cells = (np.array(values, dtype=float).reshape(1, 1, 1, -1) for values in (dy, x, w))
    dx, dw, _ = conv2d_backward(*cells, stride=(1, stride), padding=(0, padding))
    return _tuple(dx), _tuple(dw)


def _tuple(values):
    return tuple(float(value) for value in np.ravel(values))


def _sent(dy, w, cells, stride, *, overwrite=False):
    """dx of so many cells, by hand: each dy sends its copy of the kernel; perhaps the last copy wins."""
    dx = np.zeros(cells)
    for i, g in enumerate(dy):
        here = slice(i * stride, i * stride + len(w))
        dx[here] = g * np.array(w) + (0 if overwrite else dx[here])
    return dx


def _cells(count):
    return tuple(f"dx at cell {cell}" for cell in range(count))


_W1, _DY1 = (2, -1, 3), (1, 4, -2)
ROW_BACKWARD = Exercise(
    id="row-backward",
    chapter=11,
    title="A row, backward",
    task=(
        "A row of five cells is correlated with the kernel w = (2, -1, 3), stride 1, no padding. The gradient that arrives at the three "
        "outputs is dy = (1, 4, -2). Give dx, as a tuple of five numbers."
    ),
    kind="number",
    minutes=5,
    difficulty=1,
    starter="row_backward = (..., ..., ..., ..., ...)",
    answer=lambda: _rows(_DY1, _W1, [0] * 5, 1, 0)[0],
    parts=_cells(5),
    whole=None,
    hints=(
        "Output 0 read the cells 0, 1, 2 with the weights 2, -1, 3. What does it send back to these cells?",
        "It sends 1 times (2, -1, 3). Write it under the cells 0 to 2. Output 1 sends 4 times (2, -1, 3) to the cells 1 to 3.",
        "Write the three rows under each other, each one cell further to the right, and add up every column.",
    ),
    misconceptions=(
        Misconception(
            "kernel-turned",
            "The weight that read a cell is the weight that carries its gradient back: each output sends (2, -1, 3), in this order.",
            lambda: _tuple(_sent(_DY1, _W1[::-1], 5, 1)),
        ),
        Misconception(
            "overwritten",
            "Cell 2 was read by all three outputs. What they send is added; you kept the last.",
            lambda: _tuple(_sent(_DY1, _W1, 5, 1, overwrite=True)),
        ),
        Misconception(
            "sign-not-turned",
            "The windows that hold cell a begin at it or before it. You added up those that begin at it or behind it.",
            lambda: _tuple([_W1 @ np.pad(_DY1, (0, 5))[a : a + 3] for a in range(5)]),
        ),
        Misconception(
            "valid-only",
            "Only cell 2 lies in all three windows, but the other cells were read too, and have gradients.",
            lambda: (0, 0, _sent(_DY1, _W1, 5, 1)[2], 0, 0),
        ),
        Misconception(
            "kernel-ignored",
            "A cell that was read with weight 2 moves the output twice as much. Multiply each dy by the weight.",
            lambda: _tuple(_sent(_DY1, (1, 1, 1), 5, 1)),
        ),
        Misconception(
            "windows-averaged",
            "You divided by the number of windows that read the cell. Paths are added, not averaged.",
            lambda: _tuple(_sent(_DY1, _W1, 5, 1) / np.array([1, 2, 3, 2, 1])),
        ),
        Misconception("one-each", "Each output read three cells, so it sends to three.", lambda: (1, 4, -2, 0, 0)),
    ),
)

_W2, _DY2 = (3, 1, -2), (2, -1, 4)
STRIDED_ROW_BACKWARD = Exercise(
    id="strided-row-backward",
    chapter=11,
    title="A row with stride 2, backward",
    task=(
        "A row of eight cells is correlated with w = (3, 1, -2), stride 2, no padding. The gradient that arrives is dy = (2, -1, 4). "
        "Give dx, as a tuple of eight numbers."
    ),
    kind="number",
    minutes=6,
    difficulty=2,
    starter="strided_row_backward = (..., ..., ..., ..., ..., ..., ..., ...)",
    answer=lambda: _rows(_DY2, _W2, [0] * 8, 2, 0)[0],
    parts=_cells(8),
    whole=None,
    hints=(
        "Which cells did output 1 read? Its window has moved by 2.",
        "The windows hold the cells 0 to 2, 2 to 4 and 4 to 6. Each output sends its dy times (3, 1, -2) there.",
        "Two windows share cell 2, and two share cell 4. Nobody read cell 7.",
    ),
    misconceptions=(
        Misconception(
            "stride-ignored",
            "The window moves by 2, so output 1 read the cells 2, 3, 4. You let it read from cell 1 on.",
            lambda: _tuple(_sent(_DY2, _W2, 8, 1)),
        ),
        Misconception(
            "kernel-turned",
            "Each output sends (3, 1, -2) in this order, to the cells that it read with these weights.",
            lambda: _tuple(_sent(_DY2, _W2[::-1], 8, 2)),
        ),
        Misconception(
            "overwritten",
            "Cells 2 and 4 lie in two windows each. What both send is added; you kept the last.",
            lambda: _tuple(_sent(_DY2, _W2, 8, 2, overwrite=True)),
        ),
        Misconception(
            "side-by-side",
            "You laid the windows side by side. They have three cells and move by two, so neighbours share a cell.",
            lambda: _tuple(_sent(_DY2, _W2, 9, 3)[:8]),
        ),
        Misconception(
            "unread-cell-missing",
            "The row has eight cells, so dx has eight numbers. What is the gradient of a cell that nobody read?",
            lambda: _tuple(_sent(_DY2, _W2, 7, 2)),
        ),
    ),
)

_W3, _DY3 = (2, -3, 5), (1, -2, 4)
PADDED_ROW_BACKWARD = Exercise(
    id="padded-row-backward",
    chapter=11,
    title="A padded row, backward",
    task=(
        "A row of six cells is correlated with w = (2, -3, 5), stride 2, with one zero of padding at each end. "
        "The gradient that arrives is dy = (1, -2, 4). Give dx, as a tuple of six numbers."
    ),
    kind="number",
    minutes=6,
    difficulty=2,
    starter="padded_row_backward = (..., ..., ..., ..., ..., ...)",
    answer=lambda: _rows(_DY3, _W3, [0] * 6, 2, 1)[0],
    parts=_cells(6),
    whole=None,
    hints=(
        "Work on the padded row first: eight cells, and the first window begins at the first of them.",
        "The windows hold the padded cells 0 to 2, 2 to 4 and 4 to 6. Scatter dy times w there.",
        "Of the eight numbers, the first and the last belong to the padding. Cut them off.",
    ),
    misconceptions=(
        Misconception(
            "not-cropped",
            "Those are the gradients of the padded row. The padding is no part of x: cut it off.",
            lambda: _tuple(_sent(_DY3, _W3, 8, 2)),
        ),
        Misconception(
            "cropped-at-the-end",
            "The first padded cell is padding, and so is the last. You cut off two cells at the end.",
            lambda: _tuple(_sent(_DY3, _W3, 8, 2)[:6]),
        ),
        Misconception(
            "cropped-at-the-start",
            "The first padded cell is padding, and so is the last. You cut off two cells at the start.",
            lambda: _tuple(_sent(_DY3, _W3, 8, 2)[2:]),
        ),
        Misconception(
            "stride-ignored",
            "The windows start 2 apart. In yours they start at neighbouring cells.",
            lambda: _tuple(_sent(_DY3, _W3, 8, 1)[1:7]),
        ),
        Misconception(
            "kernel-turned",
            "Each output sends (2, -3, 5) in this order, to the cells that it read with these weights.",
            lambda: _tuple(_sent(_DY3, _W3[::-1], 8, 2)[1:7]),
        ),
        Misconception(
            "overwritten",
            "Neighbouring windows share a cell. What both send is added; you kept the last.",
            lambda: _tuple(_sent(_DY3, _W3, 8, 2, overwrite=True)[1:7]),
        ),
    ),
)

_X4, _DY4 = (1, 3, -2, 4, 0, 5, 2), (2, -1, 3)


def _kernel_by_hand(step=2, dy=_DY4):
    """dw with three cells: dy times the cells that each weight read, added."""
    return np.array([sum(g * _X4[i * step + u] for i, g in enumerate(dy)) for u in range(3)])


ROW_KERNEL_BACKWARD = Exercise(
    id="row-kernel-backward",
    chapter=11,
    title="The kernel's gradient, by hand",
    task=(
        "The row x = (1, 3, -2, 4, 0, 5, 2) is correlated with a kernel of three cells, stride 2, no padding; a bias b is added. "
        "The gradient that arrives is dy = (2, -1, 3). Give dL/dw for the three cells, then dL/db, as a tuple of four numbers."
    ),
    kind="number",
    minutes=6,
    difficulty=2,
    starter="row_kernel_backward = (..., ..., ..., ...)",
    answer=lambda: (*_rows(_DY4, [0] * 3, _X4, 2, 0)[1], float(sum(_DY4))),
    parts=("dw at cell 0", "dw at cell 1", "dw at cell 2", "db"),
    whole=None,
    hints=(
        "Which cells of x did the first weight read, at the three places? Which cells did the second read?",
        "The first weight read the cells 0, 2 and 4, so it gets 2 times 1, plus -1 times -2, plus 3 times 0.",
        "The bias was added at every place with weight 1.",
    ),
    misconceptions=(
        Misconception(
            "stride-ignored",
            "The windows start at the cells 0, 2 and 4. You let them start at 0, 1 and 2.",
            lambda: (*_tuple(_kernel_by_hand(step=1)), 4.0),
        ),
        Misconception(
            "kernel-turned",
            "These numbers stand in the wrong order: nothing is rotated in dw.",
            lambda: (*_tuple(_kernel_by_hand()[::-1]), 4.0),
        ),
        Misconception(
            "gradient-turned",
            "You took dy from its other end. Place 0 read the first window, so its gradient goes with that window.",
            lambda: (*_tuple(_kernel_by_hand(dy=_DY4[::-1])), 4.0),
        ),
        Misconception(
            "last-place-only",
            "Every weight is used at all three places. You kept the share of the last place.",
            lambda: (*_tuple(3 * np.array(_X4[4:])), 3.0),
        ),
        Misconception(
            "mean-over-the-places",
            "The shares of the three places are added, not averaged.",
            lambda: (*_tuple(_kernel_by_hand() / 3), 4 / 3),
        ),
        Misconception(
            "upstream-ignored",
            "Those are sums of the cells that were read. Each must be multiplied with the dy of its place first.",
            lambda: (*_tuple(_kernel_by_hand(dy=(1, 1, 1))), 3.0),
        ),
        Misconception(
            "one-bias-each",
            "dw is right. The bias is one number that was added at three places, so its gradient is one sum.",
            lambda: (*_tuple(_kernel_by_hand()), 1.0),
        ),
    ),
)

EXERCISES = (ROW_BACKWARD, STRIDED_ROW_BACKWARD, PADDED_ROW_BACKWARD, ROW_KERNEL_BACKWARD)
