"""Chapter 11, Backward through a convolution: the gradient of the input as a program. The truth is the library's own backward pass."""

import numpy as np

from cnnlib.exercises.exercise import Exercise, Misconception
from cnnlib.geometry import Window
from cnnlib.ops.convolution import conv2d_backward


def draw_layer(rng):
    """Shapes of x and w, stride and padding: overlaps and gaps, remainders, sides of different lengths, padding beyond the kernel."""
    images, channels, filters, stride = (int(rng.integers(1, 4)) for _ in range(4))
    padding = int(rng.integers(0, 3))
    rows, columns = (int(k) for k in rng.integers(1, 4, 2))
    height, width = (int(max(1, k - 2 * padding) + rng.integers(0, 6)) for k in (rows, columns))
    return (images, channels, height, width), (filters, channels, rows, columns), stride, padding


def upstream(rng, x_shape, w_shape, stride, padding):
    """A random dy of the shape that the output has."""
    rows, columns = (Window.fit(n, k, stride, padding).count for n, k in zip(x_shape[2:], w_shape[2:], strict=True))
    return rng.integers(-9, 10, (x_shape[0], w_shape[0], rows, columns)) / 4


def _draw(rng):
    x_shape, w_shape, stride, padding = draw_layer(rng)
    return upstream(rng, x_shape, w_shape, stride, padding), rng.integers(-9, 10, w_shape) / 4, x_shape, stride, padding


def _back(dy, w, x_shape, stride, padding):
    return conv2d_backward(dy, np.zeros(x_shape), w, stride=stride, padding=padding)[0]


def _crop(dx, x_shape, padding):
    return dx[:, :, padding : padding + x_shape[2], padding : padding + x_shape[3]]


def _margined(x_shape, margin):
    return np.zeros((*x_shape[:2], x_shape[2] + 2 * margin, x_shape[3] + 2 * margin))


def _scatter(*, crop=_crop, step=lambda stride: stride, turn=lambda w: w, margin=lambda padding: padding):
    """The right loop over the places, with one thing wrong: its step, what it crops, how the kernel lies, or the room for the padding."""

    def backward(dy, w, x_shape, stride, padding):
        w, pace, dx = turn(w), step(stride), _margined(x_shape, margin(padding))
        rows, columns = w.shape[2:]
        for f, i, j in np.ndindex(dy.shape[1:]):
            reached = dx[:, :, i * pace : i * pace + rows, j * pace : j * pace + columns]
            reached += w[f] * dy[:, f, i, j][:, None, None, None]
        return crop(dx, x_shape, padding)

    return backward


def _overwrite(*, kernels_added):
    """`=` in place of `+=`: each window wipes out what others had sent to its cells."""

    def backward(dy, w, x_shape, stride, padding):
        dx = _margined(x_shape, padding)
        rows, columns = w.shape[2:]
        groups = [slice(None)] if kernels_added else [slice(f, f + 1) for f in range(len(w))]
        for which in groups:
            for i, j in np.ndindex(dy.shape[2:]):
                sent = np.einsum("fcuv,nf->ncuv", w[which], dy[:, which, i, j])
                dx[:, :, i * stride : i * stride + rows, j * stride : j * stride + columns] = sent
        return _crop(dx, x_shape, padding)

    return backward


def _cell_by_cell(dx, dy, w, stride, *, shift=0, keep=lambda values: values):
    """Every product is added on its own to one cell of `dx`, which may keep less than the sum."""
    for f, i, j, u, v in np.ndindex(*dy.shape[1:], *w.shape[2:]):
        cell = (..., i * stride + u - shift, j * stride + v - shift)
        dx[cell] = keep(dx[cell] + np.outer(dy[:, f, i, j], w[f, :, u, v]))
    return dx


def _sign_not_turned(dy, w, x_shape, stride, padding):
    """F53: cell a asks the places a + u in place of a - u."""
    dx, (rows, columns) = np.zeros(x_shape), dy.shape[2:]
    for a, b in np.ndindex(x_shape[2:]):
        for u, v in np.ndindex(w.shape[2:]):
            (i, left), (j, over) = divmod(a + u - padding, stride), divmod(b + v - padding, stride)
            if left == over == 0 and 0 <= i < rows and 0 <= j < columns:
                dx[:, :, a, b] += dy[:, :, i, j] @ w[:, :, u, v]
    return dx


def _only_what_was_read(dy, w, x_shape, stride, padding):
    """The size computed back from dy: cells behind the last window are forgotten."""
    ends = ((places - 1) * stride + k - padding for places, k in zip(dy.shape[2:], w.shape[2:], strict=True))
    height, width = (max(end, 0) for end in ends)
    return _back(dy, w, x_shape, stride, padding)[:, :, :height, :width]


def _size_formula_solved(dy, w, x_shape, stride, padding):
    """(H' - 1) s + k - 2 p rows: the size formula solved for n, as if its division had left no remainder."""
    sides = ((places - 1) * stride + k - 2 * padding for places, k in zip(dy.shape[2:], w.shape[2:], strict=True))
    height, width = (max(side, 0) for side in sides)
    return _back(dy, w, x_shape, stride, padding)[:, :, :height, :width]


def _not_stretched(dy, w, x_shape, stride, padding):
    """The rotated kernel slides over dy as it is, so the result has the size that stride 1 would give."""
    sides = (places + k - 1 - 2 * padding for places, k in zip(dy.shape[2:], w.shape[2:], strict=True))
    shape = (*x_shape[:2], *(max(side, 0) for side in sides))
    return _scatter(step=lambda stride: 1)(dy, w, shape, stride, padding)


def _averaged(dy, w, x_shape, stride, padding):
    """The mean over the windows of a cell, in place of the sum."""
    windows = _back(np.ones_like(dy[:, :1]), np.ones_like(w[:1]), x_shape, stride, padding)
    return _back(dy, w, x_shape, stride, padding) / np.maximum(windows, 1)


_fixed = np.random.default_rng(11)
_w, _dy = _fixed.integers(-4, 5, (3, 2, 2, 3)) / 2, _fixed.integers(-4, 5, (2, 3, 2, 2)) / 2
CONV_BACKWARD_INPUT = Exercise(
    id="conv-backward-input",
    chapter=11,
    title="The gradient of the input",
    task=(
        "y is the convolution of x with w, with this stride and with `padding` zeros on every side. Given dy (N, F, H', W'), the gradient "
        "of the loss by y, and w (F, C, kH, kW), return dx of shape x_shape = (N, C, H, W)."
    ),
    kind="program",
    minutes=25,
    difficulty=3,
    parameters=("dy", "w", "x_shape", "stride", "padding"),
    starter="def conv_backward_input(dy, w, x_shape, stride, padding):\n    return ...",
    answer=_back,
    examples=(
        (np.array([[[[1.0, 2.0]]]]), np.array([[[[3.0, 5.0]]]]), (1, 1, 1, 3), 1, 0),
        (np.array([[[[1.0, 2.0]]]]), np.array([[[[3.0, 5.0, 7.0]]]]), (1, 1, 1, 5), 2, 0),
        (np.array([[[[1.0, 2.0], [4.0, -1.0]]]]), np.array([[[[1.0, 3.0], [-2.0, 5.0]]]]), (1, 1, 3, 3), 1, 0),
        (np.array([[[[1.0, 2.0], [4.0, -1.0]]]]), np.array([[[[1.0, 3.0], [-2.0, 5.0]]]]), (1, 1, 3, 3), 2, 1),
        (_dy, _w, (2, 2, 4, 6), 2, 0),
        (_dy, _w, (2, 2, 3, 4), 2, 1),
    ),
    draw=_draw,
    hints=(
        "Begin with zeros. Every output dy[n, f, i, j] sends dy times w[f] to the cells that its window read. Which cells are these?",
        "Treat the padding as cells like the others: make the zeros 2 * padding larger along both axes, and cut the border off at the end.",
        "In the padded array, the window of place (i, j) begins at (i * stride, j * stride). Windows overlap, so add with +=.",
        "dx[n, :, i*stride : i*stride + kH, j*stride : j*stride + kW] += w[f] * dy[n, f, i, j], then dx[:, :, padding : padding + H, ...]",
    ),
    misconceptions=(
        Misconception(
            "kernel-turned",
            "In your answer the kernel lies the wrong way round. Scattering takes it as it is, gathering by sliding takes it rotated. "
            "Look at a dy with a single 1: its dx is a copy of the kernel.",
            _scatter(turn=lambda w: w[:, :, ::-1, ::-1]),
        ),
        Misconception(
            "rows-turned",
            "The rows of your kernel stand in the wrong order, its columns in the right one. Gathering turns both axes, scattering none.",
            _scatter(turn=lambda w: w[:, :, ::-1]),
        ),
        Misconception(
            "columns-turned",
            "The columns of your kernel stand in the wrong order, its rows in the right one. Gathering turns both axes, scattering none.",
            _scatter(turn=lambda w: w[:, :, :, ::-1]),
        ),
        Misconception(
            "sign-not-turned",
            "Cell a was read by place i with kernel cell u = a + padding - i stride. In your answer the sign of one of these is turned.",
            _sign_not_turned,
        ),
        Misconception(
            "overwritten",
            "A cell that is read several times receives the sum of all gradients. Yours keeps only what came last, "
            "from one window and one kernel.",
            _overwrite(kernels_added=False),
        ),
        Misconception(
            "windows-overwritten",
            "Where windows overlap, their gradients add up. Yours keeps only what the last window sent.",
            _overwrite(kernels_added=True),
        ),
        Misconception(
            "stride-ignored",
            "The window of place (i, j) begins at (i stride, j stride) in the padded image. You let it begin at (i, j).",
            _scatter(step=lambda stride: 1),
        ),
        Misconception(
            "not-stretched",
            "Your result has the size that stride 1 would give. Between neighbouring gradients belong stride - 1 zeros.",
            _not_stretched,
        ),
        Misconception(
            "not-cropped",
            "You return the gradient of the padded image. The padding is no part of x: cut it off on every side.",
            _scatter(crop=lambda dx, x_shape, padding: dx),
        ),
        Misconception(
            "cropped-at-the-end",
            "Your dx begins with the padding, and so its end is missing: x begins behind `padding` cells. Scattering crops on both sides; "
            "gathering pads dy by k - 1 - padding, not by k - 1.",
            _scatter(crop=lambda dx, x_shape, padding: dx[:, :, : x_shape[2], : x_shape[3]]),
        ),
        Misconception(
            "cropped-at-the-start",
            "You cut the padding off at the start of each axis only, and twice as much. Half of it lies at the end.",
            _scatter(crop=lambda dx, x_shape, padding: dx[:, :, 2 * padding :, 2 * padding :]),
        ),
        Misconception(
            "nothing-left",
            "With padding 0 the slice `padding : -padding` is `0 : 0`, which is empty. Name the end: `padding : padding + H`.",
            _scatter(crop=lambda dx, x_shape, padding: dx[:, :, padding:-padding, padding:-padding]),
        ),
        Misconception(
            "no-margin",
            "The windows reach into the padding, and your array has no cells there. Make it 2 * padding larger along both axes.",
            _scatter(margin=lambda padding: 0, crop=lambda dx, x_shape, padding: dx),
        ),
        Misconception(
            "negative-index",
            "A cell of the padding has a negative index, or one behind the end, and NumPy counts negative ones from the end. Scatter into "
            "a padded array instead, at i * stride + u.",
            lambda dy, w, shape, s, p: _cell_by_cell(np.zeros(shape), dy, w, s, shift=p),
        ),
        Misconception(
            "whole-numbers",
            "Your array of zeros holds whole numbers, so what stands behind the point is cut off. Leave out `dtype=int`.",
            lambda dy, w, shape, s, p: _crop(_cell_by_cell(_margined(shape, p), dy, w, s, keep=np.trunc), shape, p),
        ),
        Misconception(
            "size-from-dy",
            "dx must have the shape x_shape. (H' - 1) stride + kH - 2 padding is the height only if no cell was left over at the end.",
            _size_formula_solved,
        ),
        Misconception(
            "unread-cells-missing",
            "dx must have the shape x_shape. Cells behind the last window, which nobody read, have the gradient 0.",
            _only_what_was_read,
        ),
        Misconception(
            "kernel-transposed",
            "Rows and columns of the kernel are exchanged in your answer.",
            _scatter(turn=lambda w: w.swapaxes(2, 3)),
        ),
        Misconception(
            "one-kernel",
            "x is read by every kernel f. Add the paths over all output channels; you took the first alone.",
            lambda dy, w, shape, s, p: _back(dy[:, :1], w[:1], shape, s, p),
        ),
        Misconception(
            "mean-over-the-kernels",
            "The gradients of the output channels are added, not averaged.",
            lambda dy, w, shape, s, p: _back(dy, w, shape, s, p) / len(w),
        ),
        Misconception(
            "mean-over-the-windows",
            "Gradients that reach a cell over several windows are added, not averaged.",
            _averaged,
        ),
        Misconception(
            "channels-mixed",
            "Channel c of x is multiplied with channel c of the kernel alone. You added over the input channels.",
            lambda dy, w, shape, s, p: _back(dy, np.broadcast_to(w.sum(axis=1, keepdims=True), w.shape).copy(), shape, s, p),
        ),
        Misconception(
            "images-mixed",
            "Each image has its own gradient. You summed dy over the batch; that is right for dw and db alone.",
            lambda dy, w, shape, s, p: _back(np.broadcast_to(dy.sum(axis=0, keepdims=True), dy.shape).copy(), w, shape, s, p),
        ),
        Misconception(
            "mean-over-the-batch",
            "Nothing is averaged over the batch here; that is the loss's business.",
            lambda dy, w, shape, s, p: _back(dy, w, shape, s, p) / shape[0],
        ),
        Misconception(
            "upstream-ignored",
            "Each place sends its weights times dy. You sent the weights alone, as if every dy were 1.",
            lambda dy, w, shape, s, p: _back(np.ones_like(dy), w, shape, s, p),
        ),
        Misconception(
            "kernel-ignored",
            "What arrives at a cell is dy times the weight that read it. You sent dy alone.",
            lambda dy, w, shape, s, p: _back(dy, np.ones_like(w), shape, s, p),
        ),
        Misconception(
            "zeros",
            "Every entry of your gradient is 0. Is `dx` returned before anything was added to it?",
            lambda dy, w, shape, s, p: np.zeros(shape),
        ),
    ),
    seconds=10.0,
)

EXERCISES = (CONV_BACKWARD_INPUT,)
