"""Exercises of chapter 21, Capstone, that need no program: LeNet-5's third layer by hand, and a width by algebra."""

from cnnlib.exercises.exercise import Exercise, Misconception
from cnnlib.nn.lenet import TableConv2d, connection_table


def _c3():
    """Parameters and connections of C3: every place of every map uses its weights and its bias once."""
    layer, s2 = TableConv2d(connection_table(), 5, rng=0), (6, 14, 14)
    maps, rows, columns = layer.output_shape(s2)
    return sum(w.size for w in layer.parameters().values()), layer.multiply_adds(s2) + maps * rows * columns


C3_COUNT = Exercise(
    id="c3-count",
    chapter=21,
    title="The third layer of LeNet-5",
    task=(
        "Layer C3 of LeNet-5 makes 16 maps from the 6 maps of S2, which have 14 x 14 cells, with 5 x 5 kernels, stride 1 and no padding. "
        "Six of its maps read 3 maps of S2 each, nine read 4 each, and one reads all 6. Every map has a bias. Give a tuple: its "
        "parameters, and its connections. The paper counts a connection for every use of a weight or a bias at a place."
    ),
    kind="number",
    minutes=6,
    difficulty=1,
    starter="c3_count = (..., ...)",
    answer=_c3,
    parts=("the parameters", "the connections"),
    whole="a count",
    hints=(
        "A map that reads 3 maps has 3 slices of 25 weights, and a bias. How many parameters are these?",
        "Add 6 (3 * 25 + 1), 9 (4 * 25 + 1) and 6 * 25 + 1.",
        "The window has 10 x 10 places. At each place, all parameters of all 16 maps are used once.",
    ),
    misconceptions=(
        Misconception(
            "all-connected", "That would be so if every map read all 6 maps of S2. Only the last one does.", lambda: (2416, 241600)
        ),
        Misconception(
            "no-biases", "The weights are right. Each of the 16 maps has a bias, and it is used at every place.", lambda: (1500, 150000)
        ),
        Misconception("bias-per-slice", "A map has one bias, not one for each map that it reads.", lambda: (1560, 156000)),
        Misconception(
            "biases-not-connected", "The parameters are right. A use of a bias counts as a connection in the paper.", lambda: (1516, 150000)
        ),
        Misconception(
            "places-of-the-input", "The parameters are right. Without padding, a 5 x 5 window has 10 x 10 places on 14 x 14 cells.",
            lambda: (1516, 297136),
        ),
        Misconception(
            "one-place", "The parameters are right. They are shared: stored once, but used at every place.", lambda: (1516, 1516)
        ),
        Misconception("swapped", "The right two numbers, in the wrong order: the parameters come first.", lambda: (151600, 1516)),
        Misconception(
            "biases-once", "The parameters are right. A bias is used at every place too, not once for its map.", lambda: (1516, 150016)
        ),
        Misconception(
            "nine-places", "The parameters are right. 14 cells have 14 - 5 + 1 places for a window of 5.", lambda: (1516, 122796)
        ),
        Misconception("last-map-forgotten", "The one map that reads all 6 is missing.", lambda: (1365, 136500)),
        Misconception("three-everywhere", "Only six maps read 3 maps. Nine read 4, and one reads 6.", lambda: (1216, 121600)),
        Misconception("six-of-four", "Nine maps read 4 maps: six of them neighbours, three of them not.", lambda: (1213, 121300)),
        Misconception("one-slice", "A map has a slice of 25 weights for each map that it reads.", lambda: (416, 41600)),
    ),
)  # fmt: skip

# Algebra


def _width(C, B, square=9, linear=None, rounding="floor", sign=1, halves=0, over=2):
    """The width m at which square m^2 + linear m is just B, rounded after `halves` halves were added. Numbers and symbols alike."""
    import sympy

    linear = 2 * C if linear is None else linear
    root = (-linear + sign * sympy.sqrt(linear**2 + 4 * square * B)) / (over * square)
    return getattr(sympy, rounding)(root + sympy.Rational(halves, 2))


def _draw_bottleneck(rng):
    """Budgets near the cost of a whole width: just enough, one too few, or anything."""
    C, m = int(rng.integers(1, 40)), int(rng.integers(1, 20))
    cost = 9 * m**2 + 2 * C * m
    return C, int(cost + rng.choice([0, -1, rng.integers(1, 60)]))


BOTTLENECK_WIDTH = Exercise(
    id="bottleneck-width",
    chapter=21,
    title="The widest bottleneck",
    task=(
        "A bottleneck leads from C channels through a narrow place back to C: a 1 x 1 convolution to m maps, a 3 x 3 convolution from m "
        "to m maps, a 1 x 1 convolution to C maps; none of the three has a bias. Write the largest whole m whose bottleneck has at most B "
        "parameters, in C and B. `sympy.sqrt` and `sympy.floor` are there."
    ),
    kind="algebra",
    minutes=10,
    difficulty=2,
    parameters=("C", "B"),
    starter='C, B = sympy.symbols("C B", integer=True, positive=True)\nbottleneck_width = ...',
    answer=_width,
    examples=((1, 11), (1, 10), (4, 68), (4, 67), (16, 1000), (64, 70_000), (256, 70_000), (3, 9 * 400 + 120)),
    draw=_draw_bottleneck,
    draws=16,
    seconds=20.0,
    hints=(
        "Write down the weights of each of the three convolutions first. One of them does not contain C.",
        "C m + 9 m^2 + m C is at most B. At which m > 0 is it exactly B?",
        "9 m^2 + 2 C m - B = 0 has the positive root (-2 C + sqrt(4 C^2 + 36 B)) / 18. Simplify, and take the floor.",
    ),
    misconceptions=(
        Misconception(
            "not-floored", "A number of maps is whole. Take the largest whole number that is not above the root.",
            lambda C, B: ((C**2 + 9 * B) ** 0.5 - C) / 9,
        ),
        Misconception("nearest", "Rounded to the nearest, the net may break its budget.", lambda C, B: _width(C, B, halves=1)),
        Misconception("rounded-up", "Rounded up, the net breaks its budget.", lambda C, B: _width(C, B, rounding="ceiling")),
        Misconception(
            "only-the-middle", "The two 1 x 1 convolutions have parameters too: C m each.", lambda C, B: _width(C, B, linear=0 * C)
        ),
        Misconception("one-way-only", "The way back to C channels costs C m once more.", lambda C, B: _width(C, B, linear=C)),
        Misconception("three-not-nine", "A 3 x 3 kernel has 9 cells.", lambda C, B: _width(C, B, square=3)),
        Misconception(
            "middle-linear", "The middle convolution leads from m maps to m maps: its weights grow with the square of m.",
            lambda C, B: B // (2 * C + 9),
        ),
        Misconception("with-biases", "None of the three convolutions has a bias here.", lambda C, B: _width(C, B - C, linear=2 * C + 2)),
        Misconception(
            "one-cell", "The middle kernels have 3 x 3 cells: 9 weights for a pair of maps, not one.", lambda C, B: _width(C, B, square=1)
        ),
        Misconception(
            "plus-in-front", "In the root, the factor 2 C of m gets a minus in front.", lambda C, B: _width(C, B, linear=-2 * C)
        ),
        Misconception(
            "not-twice", "The formula for the root divides by 2 a, which is 18 here and not 9.", lambda C, B: _width(C, B, over=1)
        ),
        Misconception("wrong-root", "That is the negative root: a width is positive.", lambda C, B: _width(C, B, sign=-1)),
    ),
)  # fmt: skip

EXERCISES = (C3_COUNT, BOTTLENECK_WIDTH)
