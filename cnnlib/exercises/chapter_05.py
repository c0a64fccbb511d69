"""Programming exercises of chapter 05, Receptive fields. The truth is `cnnlib.geometry.receptive_field` throughout."""

from itertools import accumulate
from math import prod

from cnnlib.exercises.exercise import Exercise, Misconception
from cnnlib.geometry import receptive_field


def _draw_chain(rng):
    """Random (kernel_sizes, strides): one to five layers; the last stride is often larger than 1."""
    count = int(rng.integers(1, 6))
    return [int(k) for k in rng.integers(1, 8, count)], [int(s) for s in rng.integers(1, 4, count)]


def _before(strides):
    """The jumps that stand before the layers: 1, s1, s1 s2, ..."""
    return [1, *accumulate(strides, lambda jump, stride: jump * stride)][: len(strides)]


def _field(jumps=_before, reach=lambda k: k - 1, first=1):
    """A wrong receptive field: first + sum of reach(k) times the jump."""
    return lambda kernels, strides: first + sum(reach(k) * jump for k, jump in zip(kernels, jumps(strides), strict=True))


RECEPTIVE_FIELD = Exercise(
    id="receptive-field",
    chapter=5,
    title="The receptive field of a chain",
    task=(
        "Layers follow each other; kernel_sizes and strides list them from the input on, all with dilation 1. How many cells of the input "
        "does one output of the last layer see along one axis, from the first to the last?"
    ),
    kind="program",
    minutes=10,
    difficulty=2,
    parameters=("kernel_sizes", "strides"),
    starter="def receptive_field(kernel_sizes, strides):\n    return ...",
    answer=lambda kernels, strides: receptive_field([(k, s, 0) for k, s in zip(kernels, strides, strict=True)])[-1][0],
    examples=(
        ([3], [1]),
        ([3], [2]),
        ([3, 3], [1, 1]),
        ([3, 3], [2, 1]),
        ([3, 2, 5], [1, 2, 1]),
        ([5, 2, 3, 2], [2, 2, 1, 3]),
        ([1, 1, 4], [3, 2, 1]),
        ([2, 2, 2], [2, 2, 2]),
    ),
    draw=_draw_chain,
    whole="a number of cells",
    hints=(
        "Carry two numbers through the chain: the size of the field so far, and the distance in the input between neighbouring cells.",
        "Both begin with 1. What does a kernel of 3 cells add when the cells below are `jump` input cells apart?",
        "In a loop over both lists: size grows by (k - 1) * jump, and only then jump is multiplied by s.",
    ),
    misconceptions=(
        Misconception(
            "jump-ignored",
            "Behind a stride, neighbouring cells lie further apart in the input, so a kernel there reaches further.",
            _field(lambda strides: [1] * len(strides)),
        ),
        Misconception(
            "jump-multiplied-too-early",
            "A layer's own stride moves its window; it does not widen it. Multiply the jump after the size has grown.",
            _field(lambda strides: list(accumulate(strides, lambda jump, stride: jump * stride))),
        ),
        Misconception(
            "only-the-stride-before",
            "The jump before a layer is the product of all strides before it, not the stride of its neighbour alone.",
            _field(lambda strides: [1, *strides[:-1]]),
        ),
        Misconception(
            "own-stride-only",
            "Each reach is multiplied by the strides of the layers before it; you use the layer's own stride.",
            _field(lambda strides: strides),
        ),
        Misconception(
            "strides-added",
            "Jumps multiply: two layers of stride 2 put cells 4 apart. Strides are not added up.",
            _field(lambda strides: [1 + sum(strides[:number]) - number for number in range(len(strides))]),
        ),
        Misconception(
            "first-stride-forgotten",
            "You begin with the first kernel, which is right, but the first stride has to enter the jump as well.",
            _field(lambda strides: _before([1, *strides[1:]])),
        ),
        Misconception(
            "all-strides",
            "Only the strides before a layer stretch its reach. You take the product of all of them for every layer.",
            _field(lambda strides: [prod(strides)] * len(strides)),
        ),
        Misconception(
            "sum-of-kernels",
            "The windows of neighbouring cells overlap: kernel sizes do not simply add up.",
            lambda kernels, strides: sum(kernels),
        ),
        Misconception(
            "kernel-not-minus-one",
            "A kernel of k cells has k - 1 gaps; only they are stretched by the jump, and its first cell is there already.",
            _field(reach=lambda k: k),
        ),
        Misconception("starts-at-zero", "A cell of the input sees itself. Begin with a size of 1.", _field(first=0)),
        Misconception(
            "product-of-kernels",
            "Fields grow by adding reaches. They would multiply only if neighbouring windows never overlapped.",
            lambda kernels, strides: prod(kernels),
        ),
        Misconception(
            "backwards",
            "The lists begin at the input. A stride stretches what comes after it, and you went the other way.",
            lambda kernels, strides: _field()(kernels[::-1], strides[::-1]),
        ),
        Misconception(
            "jump-not-size",
            "That is the jump, the distance of neighbouring fields. Asked is how many cells one field has.",
            lambda kernels, strides: prod(strides),
        ),
    ),
)


def _draw_padded(rng):
    kernels, strides = _draw_chain(rng)
    return kernels, strides, [int(rng.integers(0, k)) for k in kernels]


def _centre(jumps=_before, half=lambda k: (k - 1) / 2, padding=lambda p: p):
    """A wrong centre of the first field: sum of (half(k) - padding(p)) times the jump."""
    return lambda kernels, strides, paddings: sum(
        (half(k) - padding(p)) * jump for k, jump, p in zip(kernels, jumps(strides), paddings, strict=True)
    )


FIRST_CENTRE = Exercise(
    id="first-centre",
    chapter=5,
    title="The centre of the first field",
    task=(
        "Where does output cell 0 of the last layer look? Return the centre of its field in input cells; the centre of input cell 0 is 0, "
        "and centres between two cells end in .5. kernel_sizes, strides and paddings (cells at each end) list the layers from the input on."
    ),
    kind="program",
    minutes=12,
    difficulty=2,
    parameters=("kernel_sizes", "strides", "paddings"),
    starter="def first_centre(kernel_sizes, strides, paddings):\n    return ...",
    answer=lambda kernels, strides, paddings: receptive_field(list(zip(kernels, strides, paddings, strict=True)))[-1][2],
    examples=(
        ([3], [1], [0]),
        ([3], [2], [1]),
        ([2], [2], [0]),
        ([3, 3], [2, 1], [0, 1]),
        ([5, 2, 3], [1, 2, 2], [2, 0, 0]),
        ([4, 4], [2, 2], [1, 1]),
        ([3, 2, 2, 5], [1, 2, 2, 1], [1, 0, 0, 4]),
        ([2, 3, 3], [3, 2, 1], [1, 2, 1]),
    ),
    draw=_draw_padded,
    whole=None,
    hints=(
        "One layer first: a kernel of 3 without padding stands on the cells 0, 1, 2. Where is its middle? And with padding 1?",
        "The middle of k cells lies (k - 1) / 2 behind the first. Padding moves the window p cells to the left.",
        "Each layer adds ((k - 1) / 2 - p) times the jump that stands before it. The sum begins with 0.",
    ),
    misconceptions=(
        Misconception(
            "jump-ignored",
            "Moving one cell in a deep layer moves `jump` cells in the input.",
            _centre(lambda strides: [1] * len(strides)),
        ),
        Misconception(
            "jump-multiplied-too-early",
            "A layer's own stride does not move its place 0. Use the jump from before the layer.",
            _centre(lambda strides: list(accumulate(strides, lambda jump, stride: jump * stride))),
        ),
        Misconception("padding-ignored", "Padding lets the first window begin before the input.", _centre(padding=lambda p: 0)),
        Misconception(
            "padding-to-the-right",
            "Padding stands before the input, so the first window moves to the left, towards smaller numbers.",
            _centre(padding=lambda p: -p),
        ),
        Misconception(
            "half-the-kernel", "The middle of k cells lies (k - 1) / 2 behind the centre of the first.", _centre(half=lambda k: k / 2)
        ),
        Misconception(
            "half-the-field",
            "A field of R cells has its centre (R - 1) / 2 behind the centre of its first cell; you took R / 2.",
            lambda kernels, strides, paddings: _centre()(kernels, strides, paddings) + 0.5,
        ),
        Misconception(
            "half-the-field-from-0",
            "You took half the size of the field. Its first cell is not always cell 0, because of the padding, and the centre of R cells "
            "lies (R - 1) / 2 behind that of the first.",
            lambda kernels, strides, paddings: _field()(kernels, strides) / 2,
        ),
        Misconception(
            "padding-twice",
            "Only the padding in front moves the first window. Yours counts both ends.",
            _centre(padding=lambda p: 2 * p),
        ),
        Misconception(
            "rounded-down",
            "The middle of an even kernel lies between two cells. Keep the half: divide with /, not with //.",
            _centre(half=lambda k: (k - 1) // 2),
        ),
        Misconception("first-cell", "That is the first cell of the field. Its centre is asked.", _centre(half=lambda k: 0)),
        Misconception("last-cell", "That is the last cell of the field. Its centre is asked.", _centre(half=lambda k: k - 1)),
        Misconception(
            "padding-not-stretched",
            "The padding of a deep layer consists of cells of the layer below, and those are `jump` input cells apart.",
            lambda kernels, strides, paddings: _centre(padding=lambda p: 0)(kernels, strides, paddings) - sum(paddings),
        ),
    ),
)

EXERCISES = (RECEPTIVE_FIELD, FIRST_CENTRE)
