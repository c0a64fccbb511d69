"""Programming exercises of chapter 08, Pooling, that go backward. The truth is the library's own backward passes."""

import numpy as np

from cnnlib.exercises.chapter_08 import draw_image, places, random_sizes
from cnnlib.exercises.exercise import Exercise, Misconception
from cnnlib.geometry import Window
from cnnlib.ops.pooling import avg_pool2d_backward, max_pool2d, max_pool2d_backward


def _upstream(rng, shape, kernel, stride):
    rows, columns = (Window.fit(n, kernel, stride).count for n in shape[2:])
    return rng.integers(-9, 10, (*shape[:2], rows, columns)) / 4


def _draw_max_backward(rng):
    x, kernel, stride = draw_image(rng)
    return _upstream(rng, x.shape, kernel, stride), x, kernel, stride


def _draw_average_backward(rng):
    shape, kernel, stride = random_sizes(rng)
    return _upstream(rng, shape, kernel, stride), shape, kernel, stride


def _max_back(dy, x, kernel, stride):
    return max_pool2d_backward(dy, x, kernel, stride=stride)


def _route(share, *, overwrite=False):
    """A max-pooling backward in which share(window, cells) says what each cell of the windows (N, C, k, k) receives of dy."""

    def backward(dy, x, kernel, stride):
        dx = np.zeros(x.shape)
        for i, j, rows, columns in places(x.shape, kernel, stride):
            window, got = x[:, :, rows, columns], dy[:, :, i, j][:, :, None, None]
            wins = share(window == window.max(axis=(2, 3), keepdims=True))
            if overwrite:
                dx[:, :, rows, columns] = np.where(wins != 0, wins * got, dx[:, :, rows, columns])
            else:
                dx[:, :, rows, columns] += wins * got
        return dx

    return backward


def _only(wins, last=False):
    """1 at the first (or last) winner of each window, 0 elsewhere."""
    flat = wins.reshape(*wins.shape[:2], -1)
    flat = flat[..., ::-1] if last else flat
    first = (np.cumsum(flat, axis=2) == 1) & flat
    return (first[..., ::-1] if last else first).reshape(wins.shape).astype(float)


def _mirrored(wins):
    """The first winner, looking down the columns before going right."""
    return _only(wins.swapaxes(2, 3)).swapaxes(2, 3)


def _turned(wins):
    """The first winner with its row and column swapped inside the window."""
    return _only(wins).swapaxes(2, 3)


def _windows_assigned(dy, x, kernel, stride):
    """dx = mask * dy, window by window: the zeros of a mask wipe out what stood there."""
    dx = np.zeros(x.shape)
    for i, j, rows, columns in places(x.shape, kernel, stride):
        window = x[:, :, rows, columns]
        dx[:, :, rows, columns] = _only(window == window.max(axis=(2, 3), keepdims=True)) * dy[:, :, i, j][:, :, None, None]
    return dx


def _in_the_corner(dy, x, kernel, stride):
    """The winner's place inside its window, taken for its place in the image."""
    dx = np.zeros(x.shape)
    for i, j, rows, columns in places(x.shape, kernel, stride):
        window = x[:, :, rows, columns]
        dx[:, :, :kernel, :kernel] += _only(window == window.max(axis=(2, 3), keepdims=True)) * dy[:, :, i, j][:, :, None, None]
    return dx


MAX_POOL_BACKWARD = Exercise(
    id="max-pool-backward",
    chapter=8,
    title="Max pooling, backward",
    task=(
        "Given dy, the gradient of the loss by the output of max pooling, return dx, its gradient by x (N, C, H, W). "
        "Among equal maxima of a window the first in reading order takes the gradient. There is no padding."
    ),
    kind="program",
    minutes=20,
    difficulty=2,
    parameters=("dy", "x", "kernel_size", "stride"),
    starter="def max_pool_backward(dy, x, kernel_size, stride):\n    return ...",
    answer=_max_back,
    examples=(
        (np.array([[[[7.0]]]]), np.array([[[[1.0, 5.0], [4.0, 3.0]]]]), 2, 1),
        (np.array([[[[1.0, 10.0]]]]), np.array([[[[1.0, 5.0, 2.0], [4.0, 3.0, 5.0]]]]), 2, 1),
        (np.array([[[[4.0]]]]), np.array([[[[0.0, 2.0], [2.0, 2.0]]]]), 2, 2),
        (np.array([[[[2.0, -1.0], [3.0, 5.0]]]]), np.arange(20.0).reshape(1, 1, 4, 5) % 7, 2, 2),
        (np.array([[[[2.0, -1.0], [3.0, 5.0]]]]), -np.arange(25.0).reshape(1, 1, 5, 5), 3, 2),
    ),
    draw=_draw_max_backward,
    hints=(
        "Begin with zeros in the shape of x. Every output cell sends its dy to one cell of its window.",
        "argmax finds the first maximum, as a number in the flattened window. Its row and column are that number divided by kernel_size, "
        "quotient and remainder.",
        "Inside loops over n, c, i, j: dx[n, c, i*stride + u, j*stride + v] += dy[n, c, i, j]. Why must it be +=?",
    ),
    misconceptions=(
        Misconception(
            "overwritten",
            "A cell that wins several windows receives the sum of their gradients. Yours keeps only the last.",
            _route(_only, overwrite=True),
        ),
        Misconception(
            "windows-assigned",
            "You assign whole windows, zeros included, and so wipe out what other windows gave to the same cells. Add instead.",
            _windows_assigned,
        ),
        Misconception(
            "ties-share",
            "Equal maxima share the gradient in your answer. Here the first one takes it all.",
            _route(lambda wins: wins / wins.sum(axis=(2, 3), keepdims=True)),
        ),
        Misconception(
            "ties-all-win",
            "Every cell that equals the maximum receives the whole gradient in your answer, so that a tie multiplies it. One cell wins.",
            _route(lambda wins: wins.astype(float)),
        ),
        Misconception("last-wins", "Among equals you take the last one; the first wins.", _route(lambda wins: _only(wins, last=True))),
        Misconception(
            "down-the-columns",
            "Among equals you search down the columns first. Reading order goes along the row, then to the next row.",
            _route(_mirrored),
        ),
        Misconception(
            "row-and-column-swapped",
            "Inside its window the winner's row and column are swapped. Of a number in the flattened window the quotient is the row.",
            _route(_turned),
        ),
        Misconception(
            "shared-by-all",
            "That is the backward of average pooling. A cell that was not the maximum did not influence the output.",
            lambda dy, x, k, s: avg_pool2d_backward(dy, x, k, stride=s),
        ),
        Misconception(
            "everybody",
            "Every cell of the window receives the whole gradient. Only the winner influenced the output.",
            _route(lambda wins: np.ones(wins.shape)),
        ),
        Misconception(
            "upstream-ignored",
            "You mark the winners. What they receive is dy of their window, not 1.",
            lambda dy, x, k, s: _max_back(np.ones_like(dy), x, k, s),
        ),
        Misconception(
            "value-times-dy",
            "The slope of the maximum by its winner is 1. You multiplied by the winner's value.",
            lambda dy, x, k, s: _max_back(dy * max_pool2d(x, k, stride=s), x, k, s),
        ),
        Misconception(
            "corner-forgotten",
            "The winner's place is counted from its window's corner. Add (i stride, j stride).",
            _in_the_corner,
        ),
        Misconception(
            "first-image-for-all",
            "The winners of the first image are not those of the others.",
            lambda dy, x, k, s: _max_back(dy, np.broadcast_to(x[:1], x.shape).copy(), k, s),
        ),
        Misconception(
            "first-channel-for-all",
            "The winners of the first channel are not those of the others.",
            lambda dy, x, k, s: _max_back(dy, np.broadcast_to(x[:, :1], x.shape).copy(), k, s),
        ),
        Misconception(
            "mean-over-the-batch",
            "Nothing is averaged over the batch here; that is the loss's business.",
            lambda dy, x, k, s: _max_back(dy, x, k, s) / len(x),
        ),
        Misconception("zeros", "Every entry of your gradient is 0. The winners must learn something.", lambda dy, x, k, s: 0 * x),
    ),
    seconds=10.0,
)


def _average_back(dy, x_shape, kernel, stride):
    return avg_pool2d_backward(dy, np.zeros(x_shape), kernel, stride=stride)


def _shares(scale=lambda kernel, stride: 1, *, overwrite=False, first=False, step=None):
    """An average-pooling backward with one thing wrong: the size of the shares, where they go, or how they are added."""

    def backward(dy, x_shape, kernel, stride):
        dx = np.zeros(x_shape)
        for i, j, rows, columns in places(x_shape, kernel, stride):
            share = (dy[:, :, i, j] * scale(kernel, stride))[:, :, None, None]
            if step is not None:
                rows, columns = slice(i * step, i * step + kernel), slice(j * step, j * step + kernel)
            if first:
                rows, columns = slice(rows.start, rows.start + 1), slice(columns.start, columns.start + 1)
            if overwrite:
                dx[:, :, rows, columns] = share
            else:
                dx[:, :, rows, columns] += share
        return dx

    return backward


def _mean_of_windows(dy, x_shape, kernel, stride):
    """The mean over the windows of a cell, in place of the sum."""
    windows = _shares()(np.ones_like(dy), x_shape, kernel, stride)
    return _average_back(dy, x_shape, kernel, stride) / np.maximum(windows, 1)


def _area(kernel, stride):
    return 1 / kernel**2


AVG_POOL_BACKWARD = Exercise(
    id="avg-pool-backward",
    chapter=8,
    title="Average pooling, backward",
    task=(
        "Given dy, the gradient of the loss by the output of average pooling, return dx of shape x_shape = (N, C, H, W). "
        "Windows have kernel_size x kernel_size cells and move by stride; there is no padding."
    ),
    kind="program",
    minutes=15,
    difficulty=2,
    parameters=("dy", "x_shape", "kernel_size", "stride"),
    starter="def avg_pool_backward(dy, x_shape, kernel_size, stride):\n    return ...",
    answer=_average_back,
    examples=(
        (np.array([[[[8.0]]]]), (1, 1, 2, 2), 2, 2),
        (np.array([[[[4.0, 12.0]]]]), (1, 1, 2, 3), 2, 1),
        (np.array([[[[9.0, 18.0], [27.0, -9.0]]]]), (1, 1, 5, 5), 3, 2),
        (np.arange(1.0, 13.0).reshape(2, 3, 1, 2), (2, 3, 3, 5), 2, 2),
        (np.arange(1.0, 9.0).reshape(2, 1, 2, 2), (2, 1, 6, 7), 2, 4),
    ),
    draw=_draw_average_backward,
    hints=(
        "Nothing in x is needed: average pooling is linear. What is the derivative of a mean of k x k cells by one of them?",
        "Begin with zeros of shape x_shape. Every output cell gives each cell of its window the same share of its dy.",
        "Inside loops over i and j, with share = dy[:, :, i, j] / kernel_size**2: add share[:, :, None, None] to "
        "dx[:, :, i*stride : i*stride + kernel_size, j*stride : j*stride + kernel_size].",
    ),
    misconceptions=(
        Misconception(
            "overwritten",
            "Where windows overlap, the shares add up. Yours keeps only the last.",
            _shares(_area, overwrite=True),
        ),
        Misconception(
            "not-divided",
            "Every cell receives the whole dy. The mean divides by the number of cells, and so does its derivative.",
            _shares(),
        ),
        Misconception(
            "divided-by-one-side",
            "A window has kernel_size rows and kernel_size columns. You divide by one side alone.",
            _shares(lambda kernel, stride: 1 / kernel),
        ),
        Misconception(
            "divided-by-the-stride",
            "The mean is taken over the cells of the window. How far it moves does not change their number.",
            _shares(lambda kernel, stride: 1 / stride**2),
        ),
        Misconception(
            "mean-of-windows",
            "Gradients that reach a cell over several windows are added, not averaged.",
            _mean_of_windows,
        ),
        Misconception(
            "one-cell",
            "The first cell of each window receives everything. All its cells influenced the mean equally.",
            _shares(first=True),
        ),
        Misconception(
            "begins-at-i",
            "The window of place (i, j) begins at cell (i stride, j stride), not at (i, j).",
            _shares(_area, step=1),
        ),
        Misconception(
            "stride-is-the-kernel",
            "The window of place (i, j) begins at (i stride, j stride). You laid the windows side by side.",
            lambda dy, shape, k, s: _shares(_area, step=k)(dy, shape, k, s),
        ),
        Misconception(
            "enlarged",
            "Each dy repeated is the gradient of windows side by side. Each window adds its share at its own place, (i stride, j stride).",
            lambda dy, shape, k, s: np.repeat(np.repeat(dy, k, axis=2), k, axis=3) / k**2,
        ),
        Misconception(
            "images-mixed",
            "Each image has its own gradient. You summed dy over the batch.",
            lambda dy, shape, k, s: _average_back(np.broadcast_to(dy.sum(axis=0, keepdims=True), dy.shape).copy(), shape, k, s),
        ),
        Misconception(
            "channels-mixed",
            "Each channel has its own gradient. You summed dy over the channels.",
            lambda dy, shape, k, s: _average_back(np.broadcast_to(dy.sum(axis=1, keepdims=True), dy.shape).copy(), shape, k, s),
        ),
        Misconception(
            "mean-over-the-batch",
            "Nothing is averaged over the batch here; that is the loss's business.",
            lambda dy, shape, k, s: _average_back(dy, shape, k, s) / shape[0],
        ),
        Misconception("zeros", "Every entry of your gradient is 0.", lambda dy, shape, k, s: np.zeros(shape)),
    ),
    seconds=10.0,
)

EXERCISES = (MAX_POOL_BACKWARD, AVG_POOL_BACKWARD)
