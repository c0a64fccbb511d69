"""Exercises of chapter 04, Channels, that need no program: by hand and by algebra."""

import numpy as np

from cnnlib.exercises.exercise import Exercise, Misconception
from cnnlib.nn import Conv2d, Sequential
from cnnlib.ops.convolution import conv2d

ONE_CELL = Exercise(
    id="one-cell",
    chapter=4,
    title="One output cell by hand",
    task=(
        "Two input channels, [[2, 0], [1, 3]] and [[1, 4], [1, 2]], meet a kernel with the slices [[1, -1], [0, 2]] and [[0, 1], [3, -2]]. "
        "The bias is -5. What does the only output cell hold?"
    ),
    kind="number",
    minutes=4,
    difficulty=1,
    starter="one_cell = ...",
    answer=lambda: _one_cell(),
    whole=None,
    hints=(
        "Take one channel at a time: lay its slice on it, multiply cell by cell, add up.",
        "The first channel gives 2*1 + 0*(-1) + 1*0 + 3*2.",
        "Add the two shares, then the bias, once.",
    ),
    misconceptions=(
        Misconception("no-bias", "The shares are right. The bias is missing.", lambda: 11),
        Misconception("bias-per-channel", "The bias is added once for the output cell, not once for each input channel.", lambda: 1),
        Misconception("first-channel-alone", "That is the first channel with the bias. The second one has a share too.", lambda: 3),
        Misconception("second-channel-alone", "That is the second channel with the bias. The first one has a share too.", lambda: -2),
        Misconception("kernel-flipped", "You turned the slices by 180 degrees. Here they lie on the input as they stand.", lambda: 12),
        Misconception("channels-multiplied", "The shares of the channels are added, not multiplied.", lambda: 19),
        Misconception("bias-subtracted", "The bias is added; that it is -5 does not turn the sign round once more.", lambda: 16),
    ),
)


def _one_cell():
    x = np.array([[[[2, 0], [1, 3]], [[1, 4], [1, 2]]]])
    w = np.array([[[[1, -1], [0, 2]], [[0, 1], [3, -2]]]])
    return float(conv2d(x, w, np.array([-5]))[0, 0, 0, 0])


COUNT_A_LAYER = Exercise(
    id="count-a-layer",
    chapter=4,
    title="What a layer costs",
    task=(
        "A convolution takes 3 channels of 10 x 10 cells to 8 channels, with 3 x 3 kernels, stride 1, no padding and a bias. "
        "Give a tuple: its parameters, and its multiply-adds for one image."
    ),
    kind="number",
    minutes=5,
    difficulty=1,
    starter="count_a_layer = (..., ...)",
    answer=lambda: _costs(3, 10, 8, 3),
    parts=("the parameters", "the multiply-adds"),
    whole="a count",
    hints=(
        "How many weights has one kernel, with a slice for each input channel? How many kernels are there?",
        "How many places has the window along a side of 10 cells? Each place of each output channel uses every weight of its kernel once.",
        "Parameters: 8 (3*3*3 + 1). Multiply-adds: 8 * 8 places, times 8 kernels, times their weights.",
    ),
    misconceptions=(
        Misconception("no-bias", "The multiply-adds are right. Each of the 8 output channels has a bias as well.", lambda: (216, 13824)),
        Misconception(
            "input-places", "The window has fewer places than the input has cells: without padding 8 along each side.", lambda: (224, 21600)
        ),
        Misconception("one-slice", "Every kernel has a slice for each of the 3 input channels.", lambda: (80, 4608)),
        Misconception("work-of-one-map", "That is the work for one output channel. There are 8.", lambda: (224, 1728)),
        Misconception(
            "bias-counted-as-work", "A bias is an addition without a multiplication; it is no multiply-add.", lambda: (224, 14336)
        ),
        Misconception("swapped", "The right two counts, in the wrong order: the parameters come first.", lambda: (13824, 224)),
        Misconception(
            "places-only", "Those are the output cells. Each takes as many products as a kernel has weights.", lambda: (224, 512)
        ),
        Misconception("parameters-twice", "The weights are shared: they are stored once, but used at every place.", lambda: (224, 224)),
    ),
)


def _costs(channels, size, outputs, kernel_size):
    table = Sequential(Conv2d(channels, outputs, kernel_size)).summary((channels, size, size))
    return table.parameters, table.multiply_adds


SEPARABLE_SHARE = Exercise(
    id="separable-share",
    chapter=4,
    title="What a separable convolution saves",
    task=(
        "A depthwise k x k convolution of C channels and then a 1 x 1 convolution to F channels replace a full k x k convolution "
        "from C to F. The output size H x W is the same for all three. Which share of the multiply-adds is left? "
        "Write it in k and F, or with C, H and W too."
    ),
    kind="algebra",
    minutes=10,
    difficulty=2,
    parameters=("k", "C", "F", "H", "W"),
    starter='k, C, F, H, W = sympy.symbols("k C F H W", positive=True)\nseparable_share = ...',
    answer=lambda k, C, F, H, W: (H * W * C * k * k + H * W * C * F) / (H * W * C * F * k * k),
    assumptions=(("positive", True),),
    examples=((3, 16, 32, 5, 5), (3, 1, 1, 1, 1), (5, 8, 8, 4, 6), (1, 4, 2, 3, 3), (3, 128, 256, 7, 7)),
    draw=lambda rng: tuple(int(v) for v in rng.integers(1, 12, 5)),
    hints=(
        "Count the multiply-adds of each of the three layers for one output place first.",
        "Per place: C k^2 for the depthwise one, C F for the 1 x 1, C F k^2 for the full one.",
        "Add the first two and divide by the third. C, H and W cancel.",
    ),
    misconceptions=(
        Misconception(
            "depthwise-alone",
            "The depthwise part alone does not mix the channels. The 1 x 1 convolution costs something too.",
            lambda k, C, F, H, W: 1 / F,
        ),
        Misconception("pointwise-alone", "That is the share of the 1 x 1 part alone.", lambda k, C, F, H, W: 1 / k**2),
        Misconception("product", "The two layers are done one after the other: their work adds up.", lambda k, C, F, H, W: 1 / (F * k**2)),
        Misconception("one-side", "The kernel has k^2 cells.", lambda k, C, F, H, W: 1 / F + 1 / k),
        Misconception(
            "saved-part", "That is the share that is saved. Asked is the share that is left.", lambda k, C, F, H, W: 1 - 1 / F - 1 / k**2
        ),
        Misconception(
            "inverse", "Upside down: that is how many times the full convolution is dearer.", lambda k, C, F, H, W: F * k**2 / (F + k**2)
        ),
        Misconception(
            "input-channels",
            "The depthwise part costs C k^2, the full one C F k^2: C cancels and F stays.",
            lambda k, C, F, H, W: 1 / C + 1 / k**2,
        ),
    ),
)

EXERCISES = (ONE_CELL, COUNT_A_LAYER, SEPARABLE_SHARE)
