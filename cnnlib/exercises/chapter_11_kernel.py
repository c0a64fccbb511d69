"""Chapter 11, Backward through a convolution: the gradient of the kernel as a program. The truth is the library's own backward pass."""

import numpy as np

from cnnlib.exercises.chapter_11 import draw_layer, upstream
from cnnlib.exercises.exercise import Exercise, Misconception
from cnnlib.ops.convolution import conv2d_backward


def _draw(rng):
    x_shape, w_shape, stride, padding = draw_layer(rng)
    return upstream(rng, x_shape, w_shape, stride, padding), rng.integers(-9, 10, x_shape) / 4, w_shape, stride, padding


def _weight(dy, x, w_shape, stride, padding):
    return conv2d_backward(dy, x, np.zeros(w_shape), stride=stride, padding=padding)[1]


def _by_places(*, step=lambda stride: stride, margins=lambda padding: (padding, padding)):
    """The right sum over the places, with one thing wrong: how far it steps, or where the padding lies."""

    def backward(dy, x, w_shape, stride, padding):
        dw, pace = np.zeros(w_shape), step(stride)
        x = np.pad(x, ((0, 0), (0, 0), margins(padding), margins(padding)))
        for i, j in np.ndindex(dy.shape[2:]):
            read = x[:, :, i * pace : i * pace + w_shape[2], j * pace : j * pace + w_shape[3]]
            dw += np.einsum("nf,ncuv->fcuv", dy[:, :, i, j], read)
        return dw

    return backward


def _last_place(dy, x, w_shape, stride, padding):
    """`=` in place of `+=` inside all loops: the last place of the last image is left."""
    alone = np.zeros_like(dy)
    alone[-1, :, -1, -1] = dy[-1, :, -1, -1]
    return _weight(alone, x, w_shape, stride, padding)


def _every_position(dy, x, w_shape, stride, padding):
    """The stretched gradient slides as far as it can: where cells were left over, past the kernel's last cell."""
    padded = [n + 2 * padding for n in x.shape[2:]]
    free = (n - (places - 1) * stride for n, places in zip(padded, dy.shape[2:], strict=True))
    return _weight(dy, x, (*w_shape[:2], *free), stride, padding)


def _scaled(divisor):
    return lambda dy, x, shape, s, p: _weight(dy, x, shape, s, p) / divisor(dy)


_fixed = np.random.default_rng(12)
_x, _dy = _fixed.integers(-4, 5, (2, 2, 4, 6)) / 2, _fixed.integers(-4, 5, (2, 3, 2, 2)) / 2
CONV_BACKWARD_WEIGHT = Exercise(
    id="conv-backward-weight",
    chapter=11,
    title="The gradient of the kernel",
    task=(
        "y is the convolution of x with w, with this stride and with `padding` zeros on every side. Given dy (N, F, H', W'), the gradient "
        "of the loss by y, and x (N, C, H, W), return dw of shape w_shape = (F, C, kH, kW)."
    ),
    kind="program",
    minutes=20,
    difficulty=2,
    parameters=("dy", "x", "w_shape", "stride", "padding"),
    starter="def conv_backward_weight(dy, x, w_shape, stride, padding):\n    return ...",
    answer=_weight,
    examples=(
        (np.array([[[[1.0, 2.0]]]]), np.array([[[[3.0, 5.0, 7.0]]]]), (1, 1, 1, 2), 1, 0),
        (np.array([[[[1.0, 2.0]]]]), np.array([[[[3.0, 5.0, 7.0, 11.0, 13.0, 17.0]]]]), (1, 1, 1, 3), 2, 0),
        (np.array([[[[1.0, 2.0], [4.0, -1.0]]]]), np.arange(1.0, 10.0).reshape(1, 1, 3, 3), (1, 1, 2, 2), 1, 0),
        (np.array([[[[1.0, 2.0], [4.0, -1.0]]]]), np.arange(1.0, 10.0).reshape(1, 1, 3, 3), (1, 1, 2, 2), 2, 1),
        (_dy, _x, (3, 2, 2, 3), 2, 0),
        (_dy, _x[:, :, :3, :4], (3, 2, 2, 3), 2, 1),
    ),
    draw=_draw,
    hints=(
        "Pad x with zeros first. At place (i, j), kernel cell (u, v) of channel c read x[n, c, i*stride + u, j*stride + v].",
        "Its slope is that number, so this place sends dy[n, f, i, j] times it. The same weight is used at every place and in every image.",
        "In loops over n, f, i, j: dw[f] += dy[n, f, i, j] * x[n, :, i*stride : i*stride + kH, j*stride : j*stride + kW]",
    ),
    misconceptions=(
        Misconception(
            "last-place-only",
            "A weight is used at every place and in every image, and all of these add up. Yours keeps the last one. Is there a `=` "
            "where `+=` belongs?",
            _last_place,
        ),
        Misconception(
            "last-image-only",
            "The gradients of all images add up in dw. Yours keeps those of the last image.",
            lambda dy, x, shape, s, p: _weight(dy[-1:], x[-1:], shape, s, p),
        ),
        Misconception(
            "first-image-only",
            "The gradients of all images add up in dw. Yours has those of the first image alone.",
            lambda dy, x, shape, s, p: _weight(dy[:1], x[:1], shape, s, p),
        ),
        Misconception(
            "mean-over-the-batch",
            "You divided by the number of images. If the loss is a mean, dy holds that division already.",
            _scaled(len),
        ),
        Misconception(
            "mean-over-the-places",
            "The shares of the places are added, not averaged.",
            _scaled(lambda dy: dy[0, 0].size),
        ),
        Misconception(
            "mean-over-everything",
            "The shares of places and images are added. You took their mean.",
            _scaled(lambda dy: dy[:, 0].size),
        ),
        Misconception(
            "stride-ignored",
            "Place (i, j) read the cells from (i stride, j stride) on. You took those from (i, j) on.",
            _by_places(step=lambda stride: 1),
        ),
        Misconception(
            "padding-ignored",
            "The first window begins in the padding, before the image. You let it begin in cell 0 of the image.",
            _by_places(margins=lambda padding: (0, 2 * padding)),
        ),
        Misconception(
            "kernel-turned",
            "Your kernel's gradient is rotated by 180 degrees. Weight (u, v) belongs to the cells that it read; nothing is flipped in dw.",
            lambda dy, x, shape, s, p: _weight(dy, x, shape, s, p)[:, :, ::-1, ::-1],
        ),
        Misconception(
            "gradient-turned",
            "You rotated dy before it slid over x, as a true convolution does. In dw nothing is rotated: the gradient of place (i, j) "
            "meets the window of place (i, j).",
            lambda dy, x, shape, s, p: _weight(dy[:, :, ::-1, ::-1], x, shape, s, p),
        ),
        Misconception(
            "kernel-transposed",
            "Rows and columns of the kernel's gradient are exchanged.",
            lambda dy, x, shape, s, p: _weight(dy, x, shape, s, p).swapaxes(2, 3),
        ),
        Misconception(
            "channels-exchanged",
            "The axes of w are (F, C, kH, kW): output channels first. Yours begin with the input channels.",
            lambda dy, x, shape, s, p: _weight(dy, x, shape, s, p).swapaxes(0, 1),
        ),
        Misconception(
            "one-delta-for-all",
            "Kernel f made output channel f alone, so only dy[:, f] belongs to it. You added dy over the output channels.",
            lambda dy, x, shape, s, p: _weight(np.broadcast_to(dy.sum(axis=1, keepdims=True), dy.shape).copy(), x, shape, s, p),
        ),
        Misconception(
            "channels-mixed",
            "Slice c of a kernel read channel c of the image alone. You added over the input channels.",
            lambda dy, x, shape, s, p: _weight(dy, np.broadcast_to(x.sum(axis=1, keepdims=True), x.shape).copy(), shape, s, p),
        ),
        Misconception(
            "upstream-ignored",
            "You added up the cells that each weight read. Each must be multiplied with the dy of its place.",
            lambda dy, x, shape, s, p: _weight(np.ones_like(dy), x, shape, s, p),
        ),
        Misconception(
            "left-over-positions",
            "Where cells were left over, the stretched dy fits at more positions than the kernel has cells. Keep the first kH rows and kW "
            "columns.",
            _every_position,
        ),
        Misconception(
            "step-and-gradient",
            "That is the direction downhill. The gradient has no minus sign; the optimiser brings it.",
            lambda dy, x, shape, s, p: -_weight(dy, x, shape, s, p),
        ),
        Misconception(
            "zeros",
            "Every entry of your gradient is 0. Is `dw` returned before anything was added to it?",
            lambda dy, x, shape, s, p: np.zeros(shape),
        ),
    ),
    seconds=10.0,
)

EXERCISES = (CONV_BACKWARD_WEIGHT,)
