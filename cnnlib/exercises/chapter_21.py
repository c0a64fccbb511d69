"""Programming exercises of chapter 21, Capstone: a connection table, and the gradient of a masked convolution."""

import numpy as np

from cnnlib.exercises.exercise import Exercise, Misconception
from cnnlib.ops.convolution import conv2d_backward

# The table


def _mask(maps, lengths, reads=lambda start, length, maps: (start + np.arange(length)) % maps, once=True):
    """The right table unless told otherwise: a row for each length and start, reading the maps that `reads` names."""
    rows = []
    for length in lengths:
        for start in range(1 if once and length == maps else maps):
            row = np.zeros(maps, dtype=int)
            row[reads(start, length, maps)] = 1
            rows.append(row)
    return np.array(rows)


def _start_by_start(maps, lengths):
    order = [(start, number) for start in range(maps) for number, length in enumerate(lengths) if start == 0 or length < maps]
    rows = {(start, number): _mask(maps, [lengths[number]])[start] for start, number in order}
    return np.array([rows[each] for each in order])


def _draw_ring(rng):
    maps = int(rng.integers(2, 9))
    return maps, [int(length) for length in rng.integers(1, maps + 1, rng.integers(1, 4))]


CONNECTION_MASK = Exercise(
    id="connection-mask",
    chapter=21,
    title="A table of connections",
    task=(
        "The `maps` input maps of a layer stand in a ring: after the last comes map 0. For each length in the list `lengths`, in this "
        "order, there is an output map for every start 0, 1, ..., maps - 1; it reads `length` neighbouring maps, from the start on. "
        "A length equal to maps reads them all from every start, so it gets a single output map. Return the table: an array of ones and "
        "zeros, with a row for each output map and a column for each input map."
    ),
    kind="program",
    minutes=12,
    difficulty=2,
    parameters=("maps", "lengths"),
    starter="def connection_mask(maps, lengths):\n    return ...",
    answer=_mask,
    examples=((3, [2]), (4, [1, 3]), (5, [5]), (4, [2, 4]), (6, [3, 2]), (2, [1, 2]), (7, [3, 7, 4])),
    draw=_draw_ring,
    whole=None,
    hints=(
        "Begin with one row: an array of zeros with a 1 at `start`, `start + 1`, and so on. What index comes after the last map?",
        "The remainder goes round the ring: `(start + step) % maps` for step = 0, ..., length - 1.",
        "Two loops, over the lengths and, inside it, over the starts: `range(1 if length == maps else maps)`. Collect the rows in a list.",
    ),
    misconceptions=(
        Misconception(
            "cut-at-the-end",
            "The maps stand in a ring: a run that reaches the last map goes on with map 0.",
            lambda maps, lengths: _mask(maps, lengths, lambda s, n, m: np.arange(s, min(s + n, m))),
        ),
        Misconception(
            "runs-that-fit",
            "Every start has an output map: a run that reaches the last map is not left out, it goes on with map 0.",
            lambda maps, lengths: np.concatenate([_mask(maps, [length])[: maps - length + 1] for length in lengths]),
        ),
        Misconception(
            "backwards",
            "A run begins at its start and goes on to larger numbers; yours ends there.",
            lambda maps, lengths: _mask(maps, lengths, lambda s, n, m: (s - np.arange(n)) % m),
        ),
        Misconception(
            "one-too-many",
            "A run of length 3 reads three maps: the start and two more.",
            lambda maps, lengths: _mask(maps, lengths, lambda s, n, m: (s + np.arange(n + 1)) % m),
        ),
        Misconception(
            "start-left-out",
            "The start itself is read too.",
            lambda maps, lengths: _mask(maps, lengths, lambda s, n, m: (s + 1 + np.arange(n)) % m),
        ),
        Misconception(
            "same-row-again",
            "A run over all maps is the same from every start. It gets one output map, not many equal ones.",
            lambda maps, lengths: _mask(maps, lengths, once=False),
        ),
        Misconception(
            "transposed",
            "Rows are output maps and columns are input maps; yours is turned round.",
            lambda maps, lengths: _mask(maps, lengths).T,
        ),
        Misconception(
            "first-start-alone",
            "There is an output map for every start, not for start 0 alone.",
            lambda maps, lengths: np.array([_mask(maps, [length])[0] for length in lengths]),
        ),
        Misconception(
            "lengths-sorted",
            "The lengths come in the order of the list; you sorted them.",
            lambda maps, lengths: _mask(maps, sorted(lengths)),
        ),
        Misconception(
            "each-length-once",
            "A length that stands in the list twice makes its output maps twice.",
            lambda maps, lengths: _mask(maps, list(dict.fromkeys(lengths))),
        ),
        Misconception(
            "starts-apart",
            "The starts are 0, 1, 2, ...: neighbouring runs overlap. Yours lie side by side.",
            lambda maps, lengths: _mask(maps, lengths, lambda s, n, m: (n * s + np.arange(n)) % m),
        ),
        Misconception(
            "starts-from-the-last",
            "The output maps of a length come in the order of their starts, 0 first; you begin with the last.",
            lambda maps, lengths: np.concatenate([_mask(maps, [length])[::-1] for length in lengths]),
        ),
        Misconception(
            "turned-the-other-way",
            "From one output map to the next the start grows by 1; yours falls by 1.",
            lambda maps, lengths: _mask(maps, lengths, lambda s, n, m: (np.arange(n) - s) % m),
        ),
        Misconception(
            "one-row-for-all",
            "Your rows are one and the same array, which ends as the last run. Make a new row of zeros for every output map.",
            lambda maps, lengths: np.array([_mask(maps, lengths)[-1]] * len(_mask(maps, lengths))),
        ),
        Misconception(
            "start-by-start", "First all starts of the first length, then all starts of the next: you took them in turn.", _start_by_start
        ),
        Misconception(
            "reads-and-not",
            "1 stands for a connection and 0 for none; you wrote it the other way round.",
            lambda maps, lengths: 1 - _mask(maps, lengths),
        ),
    ),
)

# The gradient


def _masked_backward(dy, x, w, mask, forward=True, back=True):
    """dx and dw of conv2d(x, w * mask); each place where the mask is needed can be left out."""
    cut = mask[:, :, None, None]
    dx, dw, _ = conv2d_backward(dy, x, w * cut if forward else w)
    return dx, dw * cut if back else dw


def _draw_masked(rng, batch=2):
    outputs, inputs, k = int(rng.integers(2, 5)), int(rng.integers(2, 5)), int(rng.integers(1, 4))
    rows, columns = (k + int(rng.integers(1, 4)) for _ in range(2))
    mask = rng.integers(0, 2, (outputs, inputs))
    mask[np.arange(outputs), rng.integers(0, inputs, outputs)] = 1
    mask[0, int(rng.integers(inputs))] = 0
    dy = rng.normal(size=(batch, outputs, rows - k + 1, columns - k + 1))
    return dy, rng.normal(size=(batch, inputs, rows, columns)), rng.normal(size=(outputs, inputs, k, k)), mask


def _small_masked():
    dy, x = np.array([[[[1.0]], [[2.0]]]]), np.array([[[[3.0]], [[5.0]]]])
    return dy, x, np.array([[[[1.0]], [[4.0]]], [[[2.0]], [[6.0]]]]), np.array([[1, 0], [1, 1]])


MASKED_BACKWARD = Exercise(
    id="masked-backward",
    chapter=21,
    title="The gradient of a masked convolution",
    task=(
        "The layer computes `y = cnnlib.conv2d(x, w * mask[:, :, None, None])`: mask has a row for each output map and a column for each "
        "input map, 1 for a connection and 0 for none. The array w is not 0 where the mask is. Return (dx, dw), the gradients of x and of "
        "w, for the upstream gradient dy. You may call cnnlib.conv2d_backward(dy, x, w), which returns dx, dw, db."
    ),
    kind="program",
    minutes=8,
    difficulty=2,
    parameters=("dy", "x", "w", "mask"),
    starter="def masked_backward(dy, x, w, mask):\n    dx, dw = ..., ...\n    return dx, dw",
    answer=_masked_backward,
    examples=(_small_masked(), *(_draw_masked(np.random.default_rng(seed), 1) for seed in range(3))),
    draw=_draw_masked,
    parts=("dx", "dw"),
    hints=(
        "Call v = w * mask what the convolution really reads. Which gradients does `conv2d_backward(dy, x, v)` return?",
        "Its dx is right. Its dw is the gradient of v. How does v change with one entry of w, where the mask is 1, and where it is 0?",
        "dw = mask dv: multiply the gradient of v by `mask[:, :, None, None]`.",
    ),
    misconceptions=(
        Misconception(
            "gradient-not-masked",
            "A weight that is masked away changes nothing, so its gradient is 0: dw needs the mask too.",
            lambda *case: _masked_backward(*case, back=False),
        ),
        Misconception(
            "weights-not-masked",
            "The output was made with the masked weights, so the gradient of x goes back through these.",
            lambda *case: _masked_backward(*case, forward=False),
        ),
        Misconception(
            "no-mask-at-all",
            "These are the gradients of the convolution without its mask.",
            lambda *case: _masked_backward(*case, forward=False, back=False),
        ),
        Misconception(
            "upstream-masked",
            "No output map is cut off: dy stays as it is. The mask belongs to pairs of output and input maps.",
            lambda dy, x, w, mask: _masked_backward(dy * mask.all(1)[:, None, None], x, w, mask),
        ),
        Misconception(
            "mask-turned-over",
            "You keep what the mask cuts off: 1 stands for a connection, 0 for none.",
            lambda dy, x, w, mask: _masked_backward(dy, x, w, 1 - mask),
        ),
        Misconception(
            "mean-over-the-batch",
            "You divide by the number of images. If the loss is a mean, dy contains that division already.",
            lambda dy, x, w, mask: tuple(g / len(x) for g in _masked_backward(dy, x, w, mask)),
        ),
        Misconception(
            "times-the-weights",
            "dw is masked with ones and zeros; you multiplied it by the weights too.",
            lambda dy, x, w, mask: (_masked_backward(dy, x, w, mask)[0], _masked_backward(dy, x, w, mask)[1] * w),
        ),
        Misconception(
            "swapped", "The right two gradients, in the wrong order: dx comes first.", lambda *case: _masked_backward(*case)[::-1]
        ),
    ),
)

EXERCISES = (CONNECTION_MASK, MASKED_BACKWARD)
