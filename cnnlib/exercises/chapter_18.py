"""Programming exercise of chapter 18, A 2016 network, revived: the parameters of a whole network, from its list of layers."""

from math import prod

from cnnlib.exercises.exercise import Exercise, Misconception
from cnnlib.nn import Conv2d, Flatten, Linear, MaxPool2d, Sequential


def _parameters(input_shape, layers):
    """What the library's own summary counts."""
    shape, built = tuple(input_shape), []
    for kind, *numbers in layers:
        if kind == "dense" and len(shape) == 3:
            built.append(Flatten())
            shape = built[-1].output_shape(shape)
        make, entering = {"conv": (Conv2d, shape[:1]), "pool": (MaxPool2d, ()), "dense": (Linear, shape[:1])}[kind]
        built.append(make(*entering, *numbers))
        shape = built[-1].output_shape(shape)
    return Sequential(*built).summary(input_shape).parameters


def _counted(
    pooled=lambda n, k: n // k,
    convolved=lambda n, k: n - k + 1,
    weights=lambda channels, k, places: channels * k * k,
    biases=lambda units, entering, places: units,
    flat=lambda shape: prod(shape),
    passed_on=lambda count: count,
    narrowed=lambda width, units: units,
):
    """A count that is right unless told otherwise: every argument is one thing that can be thought wrongly.

    biases is told the output channels or units, the channels or numbers that enter, and the places of the window, 0 for a dense layer.
    """

    def count(input_shape, layers):
        total, (channels, *sides), width = 0, input_shape, None
        for kind, *numbers in layers:
            if kind == "conv":
                made, k = numbers
                sides = [convolved(n, k) for n in sides]
                total += made * weights(channels, k, prod(sides)) + biases(made, channels, prod(sides))
                channels = passed_on(made)
            elif kind == "pool":
                sides = [pooled(n, numbers[0]) for n in sides]
            else:
                width = flat((channels, *sides)) if width is None else width
                total += width * numbers[0] + biases(numbers[0], width, 0)
                width = narrowed(width, numbers[0])
        return total

    return count


def _besides(kind, amount):
    """The right count, and for each layer of one kind an amount that is too much or, below 0, missing."""
    return lambda shape, layers: _counted()(shape, layers) + sum(amount(layer[1]) for layer in layers if layer[0] == kind)


def _draw_net(rng):
    """A random input shape and one or two convolutions, poolings where there is room, and one or two dense layers."""
    shape = (int(rng.integers(1, 4)), int(rng.integers(11, 20)), int(rng.integers(11, 20)))
    layers, least = [], min(shape[1:])
    for _ in range(int(rng.integers(1, 3))):
        k = int(rng.integers(1, 4))
        layers.append(("conv", int(rng.integers(1, 5)), k))
        least -= k - 1
        pool = int(rng.integers(1, 4))
        if pool > 1 and least // pool >= 3:
            layers.append(("pool", pool))
            least //= pool
    return shape, layers + [("dense", int(rng.integers(1, 9))) for _ in range(int(rng.integers(1, 3)))]


NETWORK_PARAMETERS = Exercise(
    id="network-parameters",
    chapter=18,
    title="The parameters of a whole network",
    task=(
        "input_shape is (channels, rows, columns) of one image. layers lists the layers in order: ('conv', channels, kernel_size) is a "
        "convolution with a square kernel, stride 1 and no padding; ('pool', size) a max pooling with square windows side by side; "
        "('dense', units) a dense layer. Before the first dense layer everything is laid out in one row. Every convolution and every "
        "dense layer has biases. Count all learned numbers."
    ),
    kind="program",
    minutes=15,
    difficulty=2,
    parameters=("input_shape", "layers"),
    starter="def network_parameters(input_shape, layers):\n    total = ...\n    return total",
    answer=_parameters,
    examples=(
        ((1, 4, 4), [("conv", 1, 3), ("dense", 1)]),
        ((2, 5, 6), [("conv", 3, 2), ("dense", 4)]),
        ((1, 7, 9), [("conv", 2, 3), ("pool", 2), ("dense", 3)]),
        ((3, 8, 8), [("dense", 5), ("dense", 2)]),
        ((1, 12, 12), [("conv", 4, 3), ("conv", 2, 3), ("pool", 3), ("dense", 6), ("dense", 3)]),
        ((1, 11, 13), [("pool", 2), ("conv", 3, 2), ("pool", 2), ("dense", 2)]),
    ),
    draw=_draw_net,
    whole="a number of parameters",
    hints=(
        "Go through the layers with a loop and keep what the next layer must know: the channels, the rows and the columns.",
        "A convolution has made * (channels * k * k + 1) learned numbers, and leaves rows - k + 1 rows. A pooling has none and leaves "
        "rows // size.",
        "The first dense layer sees channels * rows * columns numbers, each later one the units of the layer before. With m numbers in, "
        "it has units * (m + 1) learned numbers.",
    ),
    misconceptions=(
        Misconception("no-biases", "Every output channel and every unit has a bias too.", _counted(biases=lambda *_: 0)),
        Misconception(
            "no-biases-of-kernels",
            "The dense layers have their biases; the convolutions have one for each output channel too.",
            _besides("conv", lambda made: -made),
        ),
        Misconception(
            "no-biases-of-units",
            "The convolutions have their biases; the dense layers have one for each unit too.",
            _besides("dense", lambda units: -units),
        ),
        Misconception(
            "pooling-learns", "A pooling takes the largest cell of each window. It learns nothing.", _besides("pool", lambda k: k * k)
        ),
        Misconception(
            "bias-for-every-place",
            "All places of an output channel share its one bias, as they share its weights.",
            _counted(biases=lambda made, entering, places: made * (places or 1)),
        ),
        Misconception(
            "weights-for-every-place",
            "You count how often weights and biases are used. A convolution uses the same ones at all its places; each is learned once.",
            _counted(
                weights=lambda channels, k, places: channels * k * k * places,
                biases=lambda made, entering, places: made * (places or 1),
            ),
        ),
        Misconception(
            "bias-for-every-slice",
            "A kernel adds up all its slices and then its one bias, not one bias for every slice.",
            _counted(biases=lambda made, entering, places: made * entering if places else made),
        ),
        Misconception(
            "bias-for-every-input",
            "A bias belongs to an output: one for each kernel or unit, not one for each channel or number that comes in.",
            _counted(biases=lambda made, entering, places: entering),
        ),
        Misconception("one-bias", "A layer has a bias for each of its channels or units, not one for all.", _counted(biases=lambda *_: 1)),
        Misconception(
            "one-input-channel",
            "A kernel has a slice of its own for every channel that comes in.",
            _counted(weights=lambda channels, k, places: k * k),
        ),
        Misconception(
            "kernel-side",
            "A kernel of size k has k rows and k columns, so k * k cells in each slice.",
            _counted(weights=lambda channels, k, places: channels * k),
        ),
        Misconception(
            "pooling-forgotten",
            "A pooling has no parameters, but it shrinks the maps, and the dense layer behind it counts their cells.",
            _counted(pooled=lambda n, k: n),
        ),
        Misconception(
            "pooling-ceil",
            "Where the windows do not fit exactly, the rest is dropped: take the floor.",
            _counted(pooled=lambda n, k: -(-n // k)),
        ),
        Misconception(
            "pooling-slides",
            "The windows of a pooling stand side by side: they move by their size, not by 1.",
            _counted(pooled=lambda n, k: n - k + 1),
        ),
        Misconception(
            "pooling-not-floored",
            "Half a cell does not exist. Take the floor behind every pooling.",
            _counted(pooled=lambda n, k: n / k),
        ),
        Misconception(
            "same-sizes", "Without padding a convolution leaves n - k + 1 of n cells along an axis.", _counted(convolved=lambda n, k: n)
        ),
        Misconception(
            "no-plus-one",
            "A convolution without padding leaves n - k + 1 cells: the place at the start counts too.",
            _counted(convolved=lambda n, k: n - k),
        ),
        Misconception(
            "one-map-flattened",
            "All maps are laid out in one row: the first dense layer sees channels * rows * columns numbers.",
            _counted(flat=lambda shape: prod(shape[1:])),
        ),
        Misconception(
            "one-number-per-map", "Flatten keeps every cell of every map, not one number for each map.", _counted(flat=lambda s: s[0])
        ),
        Misconception(
            "width-not-passed-on",
            "The second dense layer sees the units of the first, no longer the flattened maps.",
            _counted(narrowed=lambda width, units: width),
        ),
        Misconception(
            "square-images-of-columns",
            "You take the columns for the rows too. Follow both through the layers.",
            _counted(flat=lambda shape: shape[0] * shape[2] ** 2),
        ),
        Misconception(
            "square-images",
            "The rows and the columns may differ in number. Follow both through the layers.",
            _counted(flat=lambda shape: shape[0] * shape[1] ** 2),
        ),
        Misconception(
            "channels-of-the-image",
            "The second convolution sees the maps of the first, no longer the channels of the image.",
            lambda shape, layers: _counted(passed_on=lambda made: shape[0])(shape, layers),
        ),
    ),
)

EXERCISES = (NETWORK_PARAMETERS,)
