"""Programming exercises of chapter 04, Channels. The truth is `cnnlib.conv2d`, `cnnlib.conv2d_matrix` and a layer's own count."""

import numpy as np

from cnnlib.exercises.exercise import Exercise, Misconception
from cnnlib.geometry import Window
from cnnlib.nn import Conv2d, Sequential
from cnnlib.ops.convolution import conv2d


def _layer(rng, channels, size, outputs, kernel, stride, padding):
    """Random arrays for one multi-channel convolution."""
    x = rng.integers(-9, 10, (channels, *size)) / 2
    w = rng.integers(-6, 7, (outputs, channels, *kernel)) / 2
    return x, w, rng.integers(-9, 10, outputs) / 4, stride, padding


def _draw_layer(rng):
    """A random convolution: sizes and kernels not square, strides that leave a remainder, more channels in than out and fewer."""
    channels, outputs, stride = (int(rng.integers(1, high)) for high in (5, 5, 4))
    kernel = tuple(int(k) for k in rng.integers(1, 4, 2))
    size = tuple(int(k + rng.integers(1, 5)) for k in kernel)
    return _layer(rng, channels, size, outputs, kernel, stride, int(rng.integers(0, 3)))


_fixed = np.random.default_rng(4)


def _multichannel(x, w, b, stride, padding):
    return conv2d(x[None], w, b, stride=stride, padding=padding)[0]


def _per_place(x, w, b, stride, padding):
    """The places of the window and the padded image, for wrong answers that are written with loops."""
    windows = [Window.fit(n, k, stride, padding) for n, k in zip(x.shape[1:], w.shape[2:], strict=True)]
    padded = np.pad(x, ((0, 0), (padding, padding), (padding, padding)))
    return padded, windows[0].count, windows[1].count


def _only_first_channel(x, w, b, stride, padding):
    return _multichannel(x[:1], w[:, :1], b, stride, padding)


def _one_map_per_channel(x, w, b, stride, padding):
    """Keep the channels apart: (F, C, H', W')."""
    shares = [[_multichannel(x[c : c + 1], w[f : f + 1, c : c + 1], b[f : f + 1], stride, padding)[0] for c in range(len(x))]
              for f in range(len(w))]  # fmt: skip
    return np.array(shares)


def _overlapping_crop(x, w, b, stride, padding):
    """Cut the windows at i instead of i stride."""
    padded, rows, columns = _per_place(x, w, b, stride, padding)
    y = np.empty((len(w), rows, columns))
    for f, i, j in np.ndindex(y.shape):
        y[f, i, j] = (padded[:, i : i + w.shape[2], j : j + w.shape[3]] * w[f]).sum() + b[f]
    return y


def _pad_channels_too(x, w, b, stride, padding):
    """Padding behind the first places alone: at the end of each axis."""
    return conv2d(np.pad(x, ((0, 0), (0, 2 * padding), (0, 2 * padding)))[None], w, b, stride=stride)[0]


MULTICHANNEL_CONV = Exercise(
    id="multichannel-conv",
    chapter=4,
    title="A convolution with channels",
    task=(
        "Write the multi-channel convolution of one image: x (C, H, W), w (F, C, kH, kW), b (F,). "
        "stride is the step along both axes, padding the number of zeros on each side. Return (F, H', W')."
    ),
    kind="program",
    minutes=20,
    difficulty=2,
    parameters=("x", "w", "b", "stride", "padding"),
    starter="def multichannel_conv(x, w, b, stride, padding):\n    return ...",
    answer=_multichannel,
    examples=(
        (np.arange(1.0, 9.0).reshape(2, 2, 2), np.array([[[[1.0]], [[10.0]]]]), np.array([0.0]), 1, 0),
        (
            np.arange(1.0, 10.0).reshape(1, 3, 3),
            np.array([[[[1.0, 0.0], [0.0, -1.0]]], [[[0.0, 2.0], [1.0, 0.0]]]]),
            np.array([0.5, -1]),
            1,
            0,
        ),
        _layer(_fixed, 3, (5, 6), 2, (3, 2), 1, 0),
        _layer(_fixed, 2, (6, 5), 4, (2, 3), 2, 1),
        _layer(_fixed, 3, (4, 7), 1, (3, 3), 3, 2),
    ),
    draw=_draw_layer,
    hints=(
        "Begin with the sizes: how many places has the window along each axis? Make an array of zeros of that shape for every f.",
        "Pad the two image axes alone: np.pad(x, ((0, 0), (padding, padding), (padding, padding))).",
        "The window of place (i, j) is padded[:, i*stride : i*stride + kH, j*stride : j*stride + kW], a block of shape (C, kH, kW).",
        "y[f, i, j] is (block * w[f]).sum() + b[f].",
    ),
    misconceptions=(
        Misconception(
            "no-bias",
            "Every output channel has a bias, and it is added once to each of its cells.",
            lambda x, w, b, s, p: _multichannel(x, w, 0 * b, s, p),
        ),
        Misconception(
            "bias-per-input-channel",
            "The bias belongs to the output channel: add it once, after the sum over the input channels, not once per input channel.",
            lambda x, w, b, s, p: _multichannel(x, w, len(x) * b, s, p),
        ),
        Misconception("first-channel-only", "Only the first input channel was read. The sum runs over all of them.", _only_first_channel),
        Misconception(
            "last-channel-only",
            "Only the last input channel is left in your result: each share overwrites the one before. Add the shares up.",
            lambda x, w, b, s, p: _multichannel(x[-1:], w[:, -1:], b, s, p),
        ),
        Misconception(
            "one-map-per-input-channel",
            "The channels stand side by side in your result. One output cell is the sum over all input channels.",
            _one_map_per_channel,
        ),
        Misconception(
            "one-slice-for-all",
            "Each input channel has a kernel slice of its own, w[f, c]; you used the first slice for all.",
            lambda x, w, b, s, p: _multichannel(x, np.repeat(w[:, :1], len(x), axis=1), b, s, p),
        ),
        Misconception(
            "kernel-flipped",
            "The kernel was turned by 180 degrees. In deep learning it lies on the image as it stands.",
            lambda x, w, b, s, p: _multichannel(x, w[:, :, ::-1, ::-1], b, s, p),
        ),
        Misconception(
            "mean-over-channels",
            "The shares of the channels are added up, not averaged.",
            lambda x, w, b, s, p: _multichannel(x, w / len(x), b, s, p),
        ),
        Misconception(
            "integer-result",
            "Your result can hold whole numbers only, and every fraction is lost. Begin with `np.zeros(...)` without a dtype.",
            lambda x, w, b, s, p: np.trunc(_multichannel(x, w, b, s, p)),
        ),
        Misconception(
            "bias-along-the-columns",
            "b has one number per output channel, and `y + b` lays it along the columns. Give it axes for rows and columns too.",
            lambda x, w, b, s, p: _multichannel(x, w, 0 * b, s, p) + b,
        ),
        Misconception(
            "stride-ignored",
            "The window moves by stride cells, so there are fewer places.",
            lambda x, w, b, s, p: _multichannel(x, w, b, 1, p),
        ),
        Misconception("padding-ignored", "The zeros around the image are missing.", lambda x, w, b, s, p: _multichannel(x, w, b, s, 0)),
        Misconception(
            "stride-as-size-alone",
            "The number of places is right, but place (i, j) begins at cell (i stride, j stride).",
            _overlapping_crop,
        ),
        Misconception(
            "padding-at-the-end", "The padding stands on all four sides. Yours is at the end of each axis alone.", _pad_channels_too
        ),
    ),
    seconds=10.0,
)


def _parameter_count(in_channels, out_channels, kernel_size, groups, bias):
    """What the library's own layer says, without drawing a weight."""
    size = 2 * kernel_size
    return (
        Sequential(Conv2d(in_channels, out_channels, kernel_size, groups=groups, bias=bias)).summary((in_channels, size, size)).parameters
    )


def _draw_count(rng):
    groups = int(rng.integers(1, 5))
    c, f, k = (int(rng.integers(1, high)) for high in (6, 6, 8))
    return groups * c, groups * f, k, groups, bool(rng.integers(2))


PARAMETER_COUNT = Exercise(
    id="parameter-count",
    chapter=4,
    title="Count the parameters",
    task=(
        "Count the learned numbers of a convolution with square kernels of kernel_size x kernel_size cells. "
        "groups divides both counts of channels; bias is True or False."
    ),
    kind="program",
    minutes=8,
    difficulty=1,
    parameters=("in_channels", "out_channels", "kernel_size", "groups", "bias"),
    starter="def parameter_count(in_channels, out_channels, kernel_size, groups, bias):\n    return ...",
    answer=_parameter_count,
    examples=((1, 1, 3, 1, False), (2, 4, 3, 1, False), (2, 4, 3, 1, True), (4, 4, 3, 2, False), (6, 9, 5, 3, True), (4, 4, 3, 4, True)),
    draw=_draw_count,
    whole="a number of parameters",
    hints=(
        "The weights have the shape (out_channels, in_channels / groups, kernel_size, kernel_size). How many entries is that?",
        "How many biases does one output channel have? And how many of them are there when bias is False?",
        "out_channels * (in_channels // groups * kernel_size**2 + bias): a bool counts as 1 or 0.",
    ),
    misconceptions=(
        Misconception(
            "groups-ignored",
            "In a group every kernel sees only the channels of its group: in_channels / groups slices, not in_channels.",
            lambda c, f, k, g, bias: f * (c * k * k + bias),
        ),
        Misconception(
            "groups-twice",
            "Groups cut the slices of each kernel, not the number of kernels.",
            lambda c, f, k, g, bias: f // g * (c // g * k * k + bias),
        ),
        Misconception(
            "weights-cut-twice",
            "The biases are right, but you divide the weights by groups twice. There are out_channels kernels, whatever the groups.",
            lambda c, f, k, g, bias: f // g * (c // g) * k * k + f * bias,
        ),
        Misconception("groups-multiply", "More groups mean fewer weights, not more.", lambda c, f, k, g, bias: f * (c * g * k * k + bias)),
        Misconception("one-side", "The kernel has kernel_size rows and as many columns.", lambda c, f, k, g, bias: f * (c // g * k + bias)),
        Misconception(
            "no-bias", "With bias=True every output channel has one more parameter.", lambda c, f, k, g, bias: f * (c // g * k * k)
        ),
        Misconception("always-bias", "With bias=False there are no biases to count.", lambda c, f, k, g, bias: f * (c // g * k * k + 1)),
        Misconception(
            "bias-per-input-channel",
            "A bias belongs to an output channel. You count one for each input channel.",
            lambda c, f, k, g, bias: f * (c // g * k * k) + c * bias,
        ),
        Misconception(
            "bias-per-slice",
            "One bias for each output channel, not one for each slice.",
            lambda c, f, k, g, bias: f * (c // g) * (k * k + bias),
        ),
        Misconception(
            "one-bias",
            "Every output channel has a bias of its own, not one for the layer.",
            lambda c, f, k, g, bias: f * (c // g * k * k) + bias,
        ),
        Misconception("one-kernel", "There are out_channels kernels.", lambda c, f, k, g, bias: c // g * k * k + bias),
        Misconception("one-slice", "A kernel has a slice for every input channel it reads.", lambda c, f, k, g, bias: f * (k * k + bias)),
    ),
)


def _circular(w, n):
    """The matrix from the library's convolution: repeat the circle's first cells behind its last, then slide."""
    w = np.asarray(w, dtype=float)
    cells = np.eye(n)[:, None, None, np.arange(n + len(w) - 1) % n]
    return conv2d(cells, w[None, None, None])[:, 0, 0, :].T


def _draw_circle(rng):
    k = int(rng.integers(1, 5))
    return rng.integers(1, 10, k) * rng.choice([-0.5, 1.0], k), int(k + rng.integers(1, 5))


CIRCULAR_MATRIX = Exercise(
    id="circular-matrix",
    chapter=4,
    title="The matrix of a sliding window on a circle",
    task=(
        "On a circle of n cells, y[i] = sum over u of w[u] x[(i + u) % n]. Return the n x n matrix A with y = A @ x. "
        "w has at most n entries."
    ),
    kind="program",
    minutes=12,
    difficulty=2,
    parameters=("w", "n"),
    starter="def circular_matrix(w, n):\n    return ...",
    answer=_circular,
    examples=(
        (np.array([1.0, 2.0]), 3),
        (np.array([5.0, -1.0, 2.0]), 5),
        (np.array([3.0]), 4),
        (np.array([1.0, 0.0, 4.0]), 4),
        (np.array([1.0, 2.0, 3.0]), 3),
    ),
    draw=_draw_circle,
    hints=(
        "Write the equations of y[0], y[1], ... for w = [1, 2] and n = 3, one below the other.",
        "Start with np.zeros((n, n)). Which entries of row i are not zero? Which weight stands in column j?",
        "A[i, (i + u) % n] = w[u] for every i and every u.",
    ),
    misconceptions=(
        Misconception(
            "flipped",
            "That is the transposed matrix: its windows reach to the left, x[i - u]. Here they reach to the right.",
            lambda w, n: _circular(w, n).T,
        ),
        Misconception(
            "no-wrap",
            "A circle has no end: a window that passes the last cell goes on at cell 0.",
            lambda w, n: np.triu(_circular(w, n)),
        ),
        Misconception(
            "valid-rows",
            "You stop where the window would pass the end. On a circle there is a row for each of the n cells.",
            lambda w, n: np.triu(_circular(w, n))[: n - len(w) + 1],
        ),
        Misconception(
            "reversed-kernel",
            "The kernel lies on the input as it stands, w[0] on cell i; yours is read backwards.",
            lambda w, n: _circular(np.asarray(w)[::-1], n),
        ),
        Misconception(
            "centred",
            "Your window lies around cell i. Here it begins there: w[0] meets x[i].",
            lambda w, n: np.roll(_circular(w, n), -(len(w) // 2), axis=1),
        ),
        Misconception(
            "moving-left",
            "From row to row your window moves to the left. It begins at cell i, so it moves to the right.",
            lambda w, n: _circular(w, n)[-np.arange(n) % n],
        ),
        Misconception(
            "same-row", "All rows are equal. The window of row i begins at cell i.", lambda w, n: np.tile(_circular(w, n)[:1], (n, 1))
        ),
    ),
)

EXERCISES = (MULTICHANNEL_CONV, PARAMETER_COUNT, CIRCULAR_MATRIX)
