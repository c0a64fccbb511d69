"""Exercises of chapter 18, A 2016 network, revived, that need no program: by hand and by algebra."""

import math

from cnnlib.exercises.exercise import Exercise, Misconception
from cnnlib.geometry import output_size
from cnnlib.nn import Conv2d, Flatten, Linear, MaxPool2d, Sequential

# By hand


def _wider():
    """(numbers into the first dense layer, parameters of the third convolution, parameters of the first dense layer)"""
    net = Sequential(
        Conv2d(3, 6, 5), Conv2d(6, 12, 3), MaxPool2d(2), Conv2d(12, 20, 3), MaxPool2d(2), Flatten(), Linear(500, 50), Linear(50, 10)
    )
    rows = net.summary((3, 32, 32)).rows
    return rows[5].output_shape[0], rows[3].parameters, rows[6].parameters


WIDER_BY_HAND = Exercise(
    id="wider-by-hand",
    chapter=18,
    title="A wider network, in colour",
    task=(
        "An image of 3 channels and 32 x 32 cells goes through: convolution with 6 kernels of 5 x 5, convolution with 12 kernels of 3 x 3, "
        "pooling of 2 x 2 with stride 2, convolution with 20 kernels of 3 x 3, pooling of 2 x 2 with stride 2, a dense layer with 50 "
        "units, a dense layer with 10. Nothing is padded, everything has biases. Give, as a tuple: how many numbers enter the first "
        "dense layer, how many learned numbers the third convolution has, and how many the first dense layer."
    ),
    kind="number",
    minutes=8,
    difficulty=1,
    starter="wider_by_hand = (..., ..., ...)",
    answer=_wider,
    parts=("the numbers that enter", "the third convolution", "the first dense layer"),
    whole=None,
    hints=(
        "Follow one side of the image: 32, 28, ... and write down the size behind every layer.",
        "Behind the third convolution 11 cells are left along a side. How many windows of 2 fit side by side?",
        "A kernel of the third convolution has 9 weights for each of the 12 maps that enter, and one bias. There are 20 kernels.",
    ),
    misconceptions=(
        Misconception(
            "ceil", "Windows of 2 on 11 cells: the sixth would hang over the end, so it is not made.", lambda: (720, 2180, 36050)
        ),
        Misconception("no-floor", "Half a cell does not exist: take the floor behind the second pooling.", lambda: (605, 2180, 30300)),
        Misconception(
            "one-input-channel",
            "A kernel of the third convolution has nine weights for every map that enters, not nine in all.",
            lambda: (500, 200, 25050),
        ),
        Misconception(
            "channels-of-the-image", "The third convolution sees the maps of the second, not the image.", lambda: (500, 560, 25050)
        ),
        Misconception("no-biases", "Every kernel and every unit has a bias as well.", lambda: (500, 2160, 25000)),
        Misconception("no-biases-of-units", "The kernels have their biases; the 50 units have one each, too.", lambda: (500, 2180, 25000)),
        Misconception(
            "no-biases-of-kernels", "The units have their biases; the 20 kernels have one each, too.", lambda: (500, 2160, 25050)
        ),
        Misconception(
            "one-bias-per-slice",
            "A kernel adds up all its slices and then one bias, not one for every slice.",
            lambda: (500, 2400, 25050),
        ),
        Misconception("one-map", "All maps are laid out in a row, not one of them.", lambda: (25, 2180, 1300)),
        Misconception("one-side", "A map has rows and columns: it has the square of a side as cells.", lambda: (100, 2180, 5050)),
        Misconception("kernel-side", "A kernel of 3 x 3 has 9 weights for every map that enters, not 3.", lambda: (500, 740, 25050)),
        Misconception(
            "no-plus-one",
            "A window of 5 has 28 places on 32 cells: n - k + 1, because the place at the start counts too.",
            lambda: (320, 2180, 16050),
        ),
        Misconception("same-padding", "Nothing is padded, so every convolution makes the maps smaller.", lambda: (1280, 2180, 64050)),
        Misconception(
            "second-pooling-forgotten",
            "Two poolings stand before the dense layer; you let the maps pass the second unchanged.",
            lambda: (2420, 2180, 121050),
        ),
    ),
)


def _fitting():
    chain = ((5, 1), (3, 1), (2, 2), (3, 1), (2, 2))

    def end(n):
        for kernel_size, stride in chain:
            n = output_size(n, kernel_size, stride)
        return n

    fits = [n for n in range(14, 60) if end(n) == 4]
    return fits[0], fits[-1]


SIZES_THAT_FIT = Exercise(
    id="sizes-that-fit",
    chapter=18,
    title="Which images does the dense layer accept?",
    task=(
        "The dense layer of the network of 2016 wants 256 numbers, which is 4 x 4 cells in each of its 16 maps. Square images of other "
        "sizes than 28 lead to 4 x 4 as well. Give the smallest and the largest side, as a tuple."
    ),
    kind="number",
    minutes=6,
    difficulty=2,
    starter="sizes_that_fit = (..., ...)",
    answer=_fitting,
    parts=("the smallest side", "the largest side"),
    hints=(
        "Walk backwards. A pooling of 2 gives 4 cells when 8 or 9 cells come in.",
        "A convolution of 3 x 3 gives 8 or 9 cells when 10 or 11 come in. The pooling before it gives 10 of 20 or 21; and 11?",
        "Before the first pooling 20, 21, 22 or 23 cells are possible. Take the two convolutions back: they cost 2 and 4 cells.",
    ),
    misconceptions=(
        Misconception("only-28", "Other sizes arrive at 4 as well: a pooling of 2 makes the same of two sizes.", lambda: (28, 28)),
        Misconception(
            "one-floor",
            "Both poolings drop cells. You let the last pooling take 8 or 9, and the first an exact half.",
            lambda: (26, 28),
        ),
        Misconception(
            "last-exact",
            "You let the last pooling take exactly 8 cells. It makes 4 of 9 as well.",
            lambda: (26, 27),
        ),
        Misconception("from-28-on", "Smaller images lead to 4 as well: 20 cells before the first pooling are enough.", lambda: (28, 29)),
        Misconception("four-from-28-on", "Four sides in a row is right, but 28 is not the first: try 27.", lambda: (28, 31)),
        Misconception("four-up-to-28", "Four sides in a row is right, but 28 is not the last: try 29, and then 25.", lambda: (25, 28)),
        Misconception("one-too-many", "With 30 cells, 24 stand before the first pooling, and 5 come out at the end.", lambda: (26, 30)),
        Misconception("ceil", "You rounded the poolings up. What does not fill a window is dropped.", lambda: (23, 26)),
        Misconception(
            "before-the-convolutions", "Those sides stand before the first pooling. Two convolutions come first.", lambda: (20, 23)
        ),
        Misconception(
            "one-not-taken-back",
            "One convolution is not taken back. There are three: two before the first pooling, one between the poolings.",
            lambda: (22, 25),
        ),
        Misconception(
            "second-not-taken-back",
            "You took back 4 cells before the first pooling. A convolution of 3 x 3 stands there too.",
            lambda: (24, 27),
        ),
        Misconception("swapped", "The right two sides in the wrong order: the smallest first.", lambda: (29, 26)),
    ),
)

# Algebra


def _draw_chain(rng):
    """A field at least as wide as the jump, so that nothing is skipped, and an input at least as wide as the field."""
    J = int(rng.integers(2, 9))
    R = J + int(rng.integers(0, 12))
    return R + int(rng.integers(0, 25)), R, J


CHAIN_REMAINDER = Exercise(
    id="chain-remainder",
    chapter=18,
    title="What the end of the chain never sees",
    task=(
        "A chain of layers without padding has the receptive field R and the jump J, with J at most R, so that neighbouring fields touch "
        "or overlap. Its input has n cells, at least R. How many cells at the end of the input does no output of the chain depend on? "
        "Write it in n, R and J; sympy.floor is allowed."
    ),
    kind="algebra",
    minutes=8,
    difficulty=2,
    parameters=("n", "R", "J"),
    starter='n, R, J = sympy.symbols("n R J", integer=True, positive=True)\nchain_remainder = ...',
    answer=lambda n, R, J: (n - R) % J,
    examples=((10, 4, 3), (11, 4, 3), (12, 4, 3), (5, 5, 4), (20, 6, 6), (23, 8, 5)),
    draw=_draw_chain,
    hints=(
        "Draw a window of R cells that moves by J. Where does its last place end?",
        "There are floor((n - R) / J) moves. The last window covers the cells up to R + J floor((n - R) / J).",
        "Take that from n. It is the remainder of n - R on division by J.",
    ),
    misconceptions=(
        Misconception(
            "what-is-seen",
            "That is how many cells are seen. Asked for are those behind them.",
            lambda n, R, J: n - (n - R) % J,
        ),
        Misconception("room", "That is the room in which the window moves. It uses the room, but for a rest.", lambda n, R, J: n - R),
        Misconception(
            "remainder-of-n",
            "The first window takes R cells at once. Only the rest of the input is cut into steps of J.",
            lambda n, R, J: n % J,
        ),
        Misconception("windows-side-by-side", "The window moves by J cells, not by its own width R.", lambda n, R, J: (n - R) % R),
        Misconception(
            "places-for-moves",
            "There is one move less than there are places: the first place needs none.",
            lambda n, R, J: (n - R) % J - J,
        ),
        Misconception(
            "what-is-lacking",
            "That is how many cells are lacking for one place more. How many are there behind the last place?",
            lambda n, R, J: J - (n - R) % J,
        ),
        Misconception(
            "fields-side-by-side",
            "You let every place take J cells. The last one takes R, all of its field.",
            lambda n, R, J: n - J * ((n - R) // J + 1),
        ),
        Misconception(
            "part-of-a-move",
            "That is the rest as a part of a move. A whole move is J cells.",
            lambda n, R, J: (n - R) % J / J,
        ),
        Misconception(
            "first-place-forgotten",
            "You took the moves away. The first window stands on R cells before it moves at all.",
            lambda n, R, J: n - (n - R) // J * J,
        ),
        Misconception("count-of-moves", "That counts the moves. How many cells are left behind the last?", lambda n, R, J: (n - R) // J),
        Misconception("nothing", "When J does not divide n - R, some cells are left over.", lambda n, R, J: 0 * n),
        Misconception("one-off", "The first window covers R cells, which leaves n - R, not n - R + 1.", lambda n, R, J: (n - R + 1) % J),
        Misconception("largest", "That is the largest rest that there can be. It depends on n.", lambda n, R, J: J - 1),
    ),
)


DECAYED_RATE = Exercise(
    id="decayed-rate",
    chapter=18,
    title="The learning rate after E epochs",
    task=(
        "The optimiser of 2016 divides its rate eta by 1 + d t, where t counts the steps made so far. One epoch goes through N examples in "
        "batches of B, where B divides N. What is the rate after E whole epochs? Write it in eta, d, N, B and E."
    ),
    kind="algebra",
    minutes=4,
    difficulty=1,
    parameters=("eta", "d", "N", "B", "E"),
    starter='eta, d, N, B, E = sympy.symbols("eta d N B E", positive=True)\ndecayed_rate = ...',
    answer=lambda eta, d, N, B, E: eta / (1 + d * E * N / B),
    assumptions=(("positive", True),),
    examples=((0.5, 0.25, 20, 5, 2), (0.05, 0.01, 100, 10, 10), (1.0, 0.5, 4, 4, 3), (0.1, 0.125, 32, 4, 5), (0.2, 1.0, 6, 2, 1)),
    draw=lambda rng: (
        int(rng.integers(1, 20)) / 20,
        int(rng.integers(1, 20)) / 10,
        (B := int(rng.integers(2, 9))) * int(rng.integers(2, 12)),
        B,
        int(rng.integers(2, 9)),
    ),
    hints=(
        "How many steps does one epoch make?",
        "N / B steps in one epoch, E times as many in all. That is t.",
        "Put t = E N / B into eta / (1 + d t).",
    ),
    misconceptions=(
        Misconception(
            "per-epoch",
            "That counts epochs. The decay counts steps, and an epoch makes many.",
            lambda eta, d, N, B, E: eta / (1 + d * E),
        ),
        Misconception(
            "per-example",
            "A step takes a whole batch: there are fewer steps than examples.",
            lambda eta, d, N, B, E: eta / (1 + d * E * N),
        ),
        Misconception(
            "factor-alone", "That is what the rate is multiplied by. Begin with eta.", lambda eta, d, N, B, E: 1 / (1 + d * E * N / B)
        ),
        Misconception("one-epoch", "That is the rate after one epoch.", lambda eta, d, N, B, E: eta / (1 + d * N / B)),
        Misconception(
            "one-forgotten",
            "For t = 0 the rate is eta. Yours has no value there.",
            lambda eta, d, N, B, E: eta / (d * E * N / B),
        ),
        Misconception(
            "linear",
            "That falls along a straight line, below 0 in the end.",
            lambda eta, d, N, B, E: eta * (1 - d * E * N / B),
        ),
        Misconception(
            "subtracted",
            "You take d t off the rate. The rule divides the rate by 1 + d t.",
            lambda eta, d, N, B, E: eta - d * E * N / B,
        ),
        Misconception(
            "exponential",
            "That decays exponentially. The rule divides by 1 + d t, which falls more slowly.",
            lambda eta, d, N, B, E: eta * math.e ** (-d * E * N / B),
        ),
        Misconception(
            "geometric",
            "You divide by 1 + d anew after every step. The rule divides eta once, by 1 + d t.",
            lambda eta, d, N, B, E: eta / (1 + d) ** (E * N / B),
        ),
        Misconception(
            "batches-upside-down",
            "Larger batches make fewer steps, not more.",
            lambda eta, d, N, B, E: eta / (1 + d * E * B / N),
        ),
        Misconception(
            "batch-size-for-steps",
            "B counts the examples of a step, not the steps of an epoch.",
            lambda eta, d, N, B, E: eta / (1 + d * E * B),
        ),
        Misconception("multiplied", "The rate falls: divide by that, do not multiply.", lambda eta, d, N, B, E: eta * (1 + d * E * N / B)),
    ),
)

EXERCISES = (WIDER_BY_HAND, SIZES_THAT_FIT, CHAIN_REMAINDER, DECAYED_RATE)
