"""Exercises of chapter 05, Receptive fields, that need no program: by hand and by algebra."""

from cnnlib.exercises.exercise import Exercise, Misconception
from cnnlib.geometry import receptive_field

# By hand

BY_HAND = [(7, 2, 0), (3, 2, 0), (5, 1, 0)]  # kernel size, stride, padding

FIELD_BY_HAND = Exercise(
    id="field-by-hand",
    chapter=5,
    title="A field by hand",
    task=(
        "A convolution with kernel 7 and stride 2, a pooling of 3 cells with stride 2, and a convolution with kernel 5 and stride 1 follow "
        "each other. How many input cells does one output of the last layer see along one axis, and how many input cells lie between the "
        "centres of two neighbouring fields of the last layer? Give (size, jump)."
    ),
    kind="number",
    minutes=5,
    difficulty=1,
    starter="field_by_hand = (..., ...)",
    answer=lambda: receptive_field(BY_HAND)[-1][:2],
    parts=("the size", "the jump"),
    hints=(
        "Make a table with a line per layer. Before the first layer the size is 1 and the jump is 1.",
        "A layer adds (kernel - 1) times the jump that stood before it. After that, its stride multiplies the jump.",
        "The sizes begin 1, 7, ... and the jumps 1, 2, ... What does the pooling add?",
    ),
    misconceptions=(
        Misconception("jump-ignored", "Behind a stride, neighbouring cells lie further apart in the input than 1.", lambda: (13, 4)),
        Misconception(
            "jump-multiplied-too-early",
            "A layer's own stride moves its window; it does not make it wider. Use the jump from before the layer.",
            lambda: (37, 4),
        ),
        Misconception(
            "only-the-last-stride",
            "The jump before a layer is the product of all strides before it, not the last one alone.",
            lambda: (19, 4),
        ),
        Misconception("sum-of-kernels", "Fields of neighbouring cells overlap, so kernel sizes do not simply add up.", lambda: (15, 4)),
        Misconception(
            "kernel-not-minus-one",
            "A kernel of k cells adds k - 1 steps: its first cell is already there.",
            lambda: (34, 4),
        ),
        Misconception("starts-at-zero", "A cell of the input sees itself: the size begins with 1.", lambda: (26, 4)),
        Misconception("one-stride", "The size is right. Two layers here have a stride, and both move neighbours apart.", lambda: (27, 2)),
        Misconception("strides-added", "Each layer multiplies the jump by its stride; strides are not added.", lambda: (27, 5)),
        Misconception(
            "jump-of-the-last-layer", "The size is right. The jump is counted in input cells, not in cells below.", lambda: (27, 1)
        ),
        Misconception("swapped", "The right two numbers, in the wrong order: the size comes first.", lambda: (4, 27)),
    ),
)

# Algebra


def _draw_alike(rng):
    return int(rng.integers(1, 6)), int(rng.integers(2, 8)), int(rng.integers(2, 5))


STRIDED_STACK = Exercise(
    id="strided-stack",
    chapter=5,
    title="A stack of equal layers with a stride",
    task=(
        "L layers follow each other, each with a kernel of k cells, stride s larger than 1 and dilation 1. Write the size of the receptive "
        "field of the last layer in L, k and s. A formula without a sum sign is possible; a SymPy Sum counts as well."
    ),
    kind="algebra",
    minutes=10,
    difficulty=2,
    parameters=("L", "k", "s"),
    starter='L, k, s = sympy.symbols("L k s", integer=True, positive=True)\nstrided_stack = ...',
    answer=lambda L, k, s: 1 + (k - 1) * (s**L - 1) / (s - 1),
    examples=((1, 3, 2), (2, 3, 2), (3, 2, 2), (2, 5, 3), (4, 3, 3), (3, 1, 2)),
    draw=_draw_alike,
    hints=(
        "What are the jumps before the layers 1, 2, 3, ...? Start with 1.",
        "The size is 1 + (k - 1)(1 + s + s^2 + ...). How many terms stand in the bracket?",
        "The bracket has L terms, the last being s^(L - 1). It is a geometric sum: (s^L - 1) / (s - 1).",
    ),
    misconceptions=(
        Misconception(
            "stride-ignored",
            "That is the field for stride 1. A stride stretches the reach of every later layer.",
            lambda L, k, s: 1 + L * (k - 1),
        ),
        Misconception(
            "one-power-too-many",
            "The first layer adds k - 1 cells, not s (k - 1): the jump before it is 1.",
            lambda L, k, s: 1 + (k - 1) * s * (s**L - 1) / (s - 1),
        ),
        Misconception(
            "one-term-too-many",
            "L layers give L terms: 1, s, ..., s^(L - 1).",
            lambda L, k, s: 1 + (k - 1) * (s ** (L + 1) - 1) / (s - 1),
        ),
        Misconception(
            "one-term-too-few",
            "L layers give L terms. Try one layer: it sees k cells.",
            lambda L, k, s: 1 + (k - 1) * (s ** (L - 1) - 1) / (s - 1),
        ),
        Misconception(
            "first-layer-twice",
            "You begin with k, the field of the first layer, and then add the reach of all L layers.",
            lambda L, k, s: k + (k - 1) * (s**L - 1) / (s - 1),
        ),
        Misconception(
            "jump-linear",
            "The stride multiplies the jump of every layer by the same factor once more: powers, not multiples.",
            lambda L, k, s: 1 + L * (k - 1) * s,
        ),
        Misconception(
            "last-term-only", "Every layer adds its share. You added the last one alone.", lambda L, k, s: 1 + (k - 1) * s ** (L - 1)
        ),
        Misconception(
            "one-forgotten", "A cell of the input sees itself: the sum begins with 1.", lambda L, k, s: (k - 1) * (s**L - 1) / (s - 1)
        ),
        Misconception(
            "kernel-not-minus-one",
            "A layer adds its reach, which is one less than its kernel.",
            lambda L, k, s: 1 + k * (s**L - 1) / (s - 1),
        ),
    ),
)

DOUBLING_DILATION = Exercise(
    id="doubling-dilation",
    chapter=5,
    title="Dilations that double",
    task=(
        "L layers with stride 1 and kernels of k cells have the dilations 1, 2, 4, 8, ..., each twice the one before. Write the size of "
        "the receptive field of the last layer in L and k."
    ),
    kind="algebra",
    minutes=8,
    difficulty=2,
    parameters=("L", "k"),
    starter='L, k = sympy.symbols("L k", integer=True, positive=True)\ndoubling_dilation = ...',
    answer=lambda L, k: 1 + (k - 1) * (2**L - 1),
    examples=((1, 3), (2, 3), (3, 3), (4, 2), (2, 5), (3, 1)),
    draw=lambda rng: (int(rng.integers(1, 8)), int(rng.integers(2, 8))),
    hints=(
        "With stride 1 the jump stays 1. What does a layer with dilation d add to the size?",
        "The layers add (k - 1), 2 (k - 1), 4 (k - 1) and so on. Write down the dilation of layer number L.",
        "1 + 2 + 4 + ... + 2^(L - 1) is one less than the next power of 2.",
    ),
    misconceptions=(
        Misconception(
            "dilation-ignored", "Dilation moves the kernel's cells apart, so later layers reach further.", lambda L, k: 1 + L * (k - 1)
        ),
        Misconception(
            "last-term-only", "Every layer adds its own reach. You added the last one alone.", lambda L, k: 1 + (k - 1) * 2 ** (L - 1)
        ),
        Misconception(
            "one-term-too-many", "The first dilation is 1, so the last of L is 2^(L - 1).", lambda L, k: 1 + (k - 1) * (2 ** (L + 1) - 1)
        ),
        Misconception(
            "one-term-too-few", "L layers give L terms. Try one layer: it sees k cells.", lambda L, k: 1 + (k - 1) * (2 ** (L - 1) - 1)
        ),
        Misconception(
            "growing-by-one",
            "Your dilations are 1, 2, 3, 4, ... Here each is twice the one before.",
            lambda L, k: 1 + (k - 1) * L * (L + 1) / 2,
        ),
        Misconception(
            "power-not-less-one", "1 + 2 + 4 is 7, not 8: the sum of powers stays one below the next.", lambda L, k: 1 + (k - 1) * 2**L
        ),
        Misconception("one-forgotten", "A cell of the input sees itself: begin with 1.", lambda L, k: (k - 1) * (2**L - 1)),
        Misconception("kernel-not-minus-one", "Between k kernel cells there are k - 1 gaps.", lambda L, k: 1 + k * (2**L - 1)),
        Misconception(
            "starts-with-two",
            "The first layer here has dilation 1, and with it the reach k - 1.",
            lambda L, k: 1 + 2 * (k - 1) * (2**L - 1),
        ),
    ),
)

EXERCISES = (FIELD_BY_HAND, STRIDED_STACK, DOUBLING_DILATION)
