"""Programming exercises of chapter 13, Upsampling. The truth is the library's own transposed convolution and its dense layer, slid."""

import numpy as np

from cnnlib.exercises.exercise import Exercise, Misconception
from cnnlib.geometry import GeometryError, Window, transposed_output_size
from cnnlib.ops.convolution import conv2d
from cnnlib.ops.transposed import conv_transpose2d


def _draw_transposed(rng):
    """Stamps that overlap and stamps with gaps, sides and kernels of different lengths, several images and channels."""
    while True:
        images, channels, filters = (int(rng.integers(1, 4)) for _ in range(3))
        sides, kernel = rng.integers(1, 5, 2).tolist(), rng.integers(1, 5, 2).tolist()
        stride, padding = int(rng.integers(1, 4)), int(rng.integers(0, 3))
        try:
            for n, k in zip(sides, kernel, strict=True):
                transposed_output_size(n, k, stride, padding)
        except GeometryError:
            continue
        return rng.integers(-8, 9, (images, channels, *sides)) / 4, rng.integers(-8, 9, (channels, filters, *kernel)) / 4, stride, padding


def _transposed(x, w, stride, padding):
    return conv_transpose2d(x, w, stride=stride, padding=padding)


def _stamped(put=np.add, *, step=None):
    """A transposed convolution with one thing wrong: how stamps meet on a cell, or how far apart they are."""

    def forward(x, w, stride, padding):
        full = conv_transpose2d(x, w, stride=stride)
        y, rows, columns = np.zeros_like(full), *w.shape[2:]
        for i, j in np.ndindex(x.shape[2:]):
            top, left = i * (step or stride), j * (step or stride)
            under = y[:, :, top : top + rows, left : left + columns]
            under[...] = put(under, np.einsum("nc,cfuv->nfuv", x[:, :, i, j], w)[:, :, : under.shape[2], : under.shape[3]])
        return _cut(y, padding, padding)

    return forward


def _cut(y, before, after):
    return y[:, :, before : y.shape[2] - after, before : y.shape[3] - after]


def _later(_, stamp):
    return stamp


def _larger(under, stamp):
    return np.where(np.abs(stamp) > np.abs(under), stamp, under)


_fixed = np.random.default_rng(13)
CONV_TRANSPOSE = Exercise(
    id="conv-transpose",
    chapter=13,
    title="Transposed convolution",
    task=(
        "Write the transposed convolution of x (N, C, H, W) with w (C, F, kH, kW): every input cell stamps its kernels, scaled by its "
        "value, stride cells apart; what meets on a cell is added, over the C channels too. Then padding cells are cut off at every side."
    ),
    kind="program",
    minutes=20,
    difficulty=2,
    parameters=("x", "w", "stride", "padding"),
    starter="def conv_transpose(x, w, stride, padding):\n    return ...",
    answer=_transposed,
    examples=(
        (np.array([[[[1.0, 10.0]]]]), np.array([[[[1.0, 2.0, 3.0]]]]), 2, 0),
        (np.array([[[[1.0, 2.0], [3.0, 4.0]]]]), np.array([[[[1.0, 5.0], [2.0, -1.0]]]]), 1, 1),
        (_fixed.integers(-9, 10, (2, 3, 2, 3)) / 2, _fixed.integers(-9, 10, (3, 2, 3, 2)) / 2, 2, 0),
        (_fixed.integers(-9, 10, (1, 2, 3, 2)) / 2, _fixed.integers(-9, 10, (2, 2, 2, 4)) / 2, 3, 1),
        (_fixed.integers(-9, 10, (2, 1, 4, 3)) / 2, _fixed.integers(-9, 10, (1, 3, 3, 3)) / 2, 1, 2),
    ),
    draw=_draw_transposed,
    hints=(
        "First without padding. The stamp of input cell (i, j) has its corner at (i * stride, j * stride). How large is the sheet that "
        "holds all stamps?",
        "Make zeros of shape (N, F, (H - 1) * stride + kH, (W - 1) * stride + kW), and add the stamps to slices of it.",
        "One stamp, for all images and channels at once: np.einsum('nc,cfuv->nfuv', x[:, :, i, j], w).",
        "Cut at the end: y[:, :, padding : rows - padding, padding : columns - padding]. Why not y[:, :, padding:-padding]?",
    ),
    misconceptions=(
        Misconception("overwritten", "Where stamps overlap, their values add up. Yours keeps only the last stamp.", _stamped(_later)),
        Misconception("larger-wins", "Where stamps overlap, their values add up. You keep the larger of them.", _stamped(_larger)),
        Misconception(
            "rotated-kernel",
            "You turned the kernel round. A stamp shows the kernel as it stands: w[u, v] lands at (i stride + u, j stride + v).",
            lambda x, w, s, p: _transposed(x, w[:, :, ::-1, ::-1], s, p),
        ),
        Misconception(
            "steps-of-one", "The sheet has the right size, but neighbouring stamps are stride cells apart, not 1.", _stamped(step=1)
        ),
        Misconception(
            "a-zero-too-many",
            "Your stamps are stride + 1 cells apart. Between neighbouring cells lie stride - 1 zeros, not stride.",
            lambda x, w, s, p: _transposed(x, w, s + 1, p),
        ),
        Misconception(
            "padding-ignored", "Padding cells have to be cut off at every side.", lambda x, w, s, p: conv_transpose2d(x, w, stride=s)
        ),
        Misconception(
            "padding-added",
            "You added a border. The convolution padded its input; its transpose cuts that border off again.",
            lambda x, w, s, p: np.pad(conv_transpose2d(x, w, stride=s), ((0, 0), (0, 0), (p, p), (p, p))),
        ),
        Misconception(
            "cut-at-the-end",
            "The size is right, but you cut all of it off at the end. Cut padding cells at every side.",
            lambda x, w, s, p: _cut(conv_transpose2d(x, w, stride=s), 0, 2 * p),
        ),
        Misconception(
            "cut-at-the-start",
            "The size is right, but you cut all of it off at the start. Cut padding cells at every side.",
            lambda x, w, s, p: _cut(conv_transpose2d(x, w, stride=s), 2 * p, 0),
        ),
        Misconception(
            "sheet-too-large",
            "Your sheet is stride cells too large. The corner of the last of H stamps lies at (H - 1) * stride, not at H * stride.",
            lambda x, w, s, p: _cut(np.pad(conv_transpose2d(x, w, stride=s), ((0, 0), (0, 0), (0, s), (0, s))), p, p),
        ),
        Misconception(
            "zeros-behind-the-last",
            "Zeros lie between the cells of x, not behind the last one: your result is stride - 1 cells too long at the end.",
            lambda x, w, s, p: conv_transpose2d(x, w, stride=s, padding=p, output_padding=s - 1),
        ),
        Misconception(
            "cut-once",
            "You cut padding cells off at the start only. The end loses as many.",
            lambda x, w, s, p: _cut(conv_transpose2d(x, w, stride=s), p, 0),
        ),
        Misconception(
            "minus-zero",
            "With padding 0 nothing is left: y[0:-0] is y[0:0], an empty slice. Count the end from the start.",
            lambda x, w, s, p: conv_transpose2d(x, w, stride=s)[:, :, p:-p, p:-p],
        ),
        Misconception(
            "one-channel",
            "Only the first input channel leaves stamps. Those of all C channels add up.",
            lambda x, w, s, p: _transposed(x[:, :1], w[:1], s, p),
        ),
        Misconception(
            "one-filter",
            "All output channels are alike in your answer. Channel f has kernels of its own, w[:, f].",
            lambda x, w, s, p: _transposed(x, np.repeat(w[:, :1], w.shape[1], axis=1), s, p),
        ),
        Misconception(
            "images-mixed",
            "The images of a batch know nothing of each other. You added their stamps.",
            lambda x, w, s, p: _transposed(np.repeat(x.sum(axis=0, keepdims=True), len(x), axis=0), w, s, p),
        ),
    ),
    seconds=10.0,
)


def _slid(x, w, b, crop):
    return conv2d(x, w.reshape(len(w), x.shape[1], *crop), b)


def _draw_dense(rng):
    """Crops that are not square, several channels and images, pictures larger than the crop along one axis, along both, or not at all."""
    images, channels, classes = (int(rng.integers(1, 4)) for _ in range(3))
    crop = tuple(rng.integers(1, 4, 2).tolist())
    sides = tuple(size + int(rng.integers(0, 4)) for size in crop)
    values = lambda *shape: rng.integers(-8, 9, shape) / 4
    return values(images, channels, *sides), values(classes, channels * crop[0] * crop[1]), values(classes), crop


def _side_by_side(x, w, b, crop):
    return conv2d(x, w.reshape(len(w), x.shape[1], *crop), b, stride=crop)


def _channels_last(x, w, b, crop):
    return conv2d(x, np.moveaxis(w.reshape(len(w), *crop, x.shape[1]), 3, 1), b)


def _down_the_columns(x, w, b, crop):
    return conv2d(x, w.reshape(len(w), x.shape[1], *crop[::-1]).swapaxes(2, 3), b)


def _first_place(x, w, b, crop):
    rows, columns = (Window.fit(n, size).count for n, size in zip(x.shape[2:], crop, strict=True))
    return np.tile(_slid(x, w, b, crop)[:, :, :1, :1], (1, 1, rows, columns))


DENSE_AS_CONVOLUTION = Exercise(
    id="dense-as-convolution",
    chapter=13,
    title="Slide a dense layer over a larger image",
    task=(
        "A dense layer w (K, C * h * v), b (K,) was made for flattened images of C channels and crop = (h, v) cells. Given images x "
        "(N, C, H, W) at least that large, return what it says about every crop of them, moved by one cell each time, as (N, K, rows, "
        "columns)."
    ),
    kind="program",
    minutes=12,
    difficulty=2,
    parameters=("x", "w", "b", "crop"),
    starter="def dense_as_convolution(x, w, b, crop):\n    return ...",
    answer=_slid,
    examples=(
        (np.arange(6.0).reshape(1, 1, 2, 3), np.array([[1.0, 10.0, 100.0, 1000.0]]), np.array([0.5]), (2, 2)),
        (np.arange(12.0).reshape(1, 2, 2, 3), np.array([[1.0, 2.0, 3.0, 4.0], [0.0, 1.0, -1.0, 5.0]]), np.array([0.0, 2.0]), (1, 2)),
        (_fixed.integers(-9, 10, (2, 3, 4, 5)) / 2, _fixed.integers(-9, 10, (2, 18)) / 2, np.array([1.0, -2.0]), (2, 3)),
        (_fixed.integers(-9, 10, (3, 2, 3, 2)) / 2, _fixed.integers(-9, 10, (4, 12)) / 2, np.arange(4.0), (3, 2)),
    ),
    draw=_draw_dense,
    hints=(
        "How many crops are there along the rows? Chapter 3 has the formula: the crop is the window, and it moves by 1.",
        "The crop at (i, j) is x[:, :, i : i + h, j : j + v]. Flattened to (N, C * h * v) the dense layer can read it.",
        "Or at once: each row of w is a kernel. w.reshape(K, C, h, v) gives every weight the address of its cell.",
    ),
    misconceptions=(
        Misconception(
            "side-by-side",
            "Your crops lie side by side. They move by one cell each time.",
            _side_by_side,
        ),
        Misconception(
            "channels-last",
            "You gave the weights to the wrong cells. In the flattened image the channel is the slowest index, not the fastest.",
            _channels_last,
        ),
        Misconception(
            "down-the-columns",
            "You gave the weights to the wrong cells. Inside a channel the flattened image goes along the rows.",
            _down_the_columns,
        ),
        Misconception(
            "rotated",
            "You turned the kernel round. Weight and cell keep their order; this is what deep learning calls a convolution.",
            lambda x, w, b, crop: conv2d(x, w.reshape(len(w), x.shape[1], *crop)[:, :, ::-1, ::-1], b),
        ),
        Misconception(
            "last-crop-lost",
            "One crop is missing along each axis. The first corner is 0 and the last one H - h: that makes H - h + 1.",
            lambda x, w, b, crop: _slid(x, w, b, crop)[:, :, :-1, :-1],
        ),
        Misconception("bias-forgotten", "The bias is missing.", lambda x, w, b, crop: _slid(x, w, 0 * b, crop)),
        Misconception("same-everywhere", "You repeat the scores of the first crop at every place.", _first_place),
        Misconception(
            "only-the-first", "That is the first crop alone. Slide on.", lambda x, w, b, crop: _slid(x, w, b, crop)[:, :, :1, :1]
        ),
        Misconception(
            "classes-last",
            "The axes are in another order: classes stand in the place of channels, (N, K, rows, columns).",
            lambda x, w, b, crop: np.moveaxis(_slid(x, w, b, crop), 1, 3),
        ),
        Misconception(
            "mean-of-the-crops",
            "You averaged over all crops. Asked for is the answer for each of them.",
            lambda x, w, b, crop: _slid(x, w, b, crop).mean(axis=(2, 3)),
        ),
    ),
    seconds=10.0,
)

EXERCISES = (CONV_TRANSPOSE, DENSE_AS_CONVOLUTION)
