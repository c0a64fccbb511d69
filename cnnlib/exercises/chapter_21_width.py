"""Programming exercise of chapter 21, Capstone: a width under two budgets."""

from cnnlib.exercises.exercise import Exercise, Misconception
from cnnlib.nn import Conv2d, Flatten, Linear, MaxPool2d, ReLU, Sequential


def _family(shape, classes, m):
    """The net of width m, by the library."""
    net = Sequential(
        Conv2d(shape[0], m, 3, padding=1, rng=0),
        ReLU(),
        MaxPool2d(2),
        Conv2d(m, 2 * m, 3, padding=1, rng=0),
        ReLU(),
        MaxPool2d(2),
        Flatten(),
    )
    return Sequential(*net, Linear(net.output_shape(shape)[0], classes, rng=0))


def _library_costs(shape, classes, m):
    table = _family(shape, classes, m).summary(shape)
    return table.parameters, table.multiply_adds


def _costs(shape, classes, m, growth=2, bias=1, halved=lambda n: n // 2, second_side=None, read=None, poolings=2, adds=0):
    """Parameters and multiply-adds of the family, right unless told otherwise."""
    channels, rows, columns = shape
    half = [halved(n) for n in (rows, columns)]
    last = [halved(n) for n in half] if poolings == 2 else half
    places = half if second_side is None else [rows, columns]
    dense = (read or growth) * m * last[0] * last[1]
    parameters = m * (9 * channels + bias) + growth * m * (9 * m + bias) + classes * (dense + bias)
    work = rows * columns * m * 9 * channels + places[0] * places[1] * growth * m * 9 * m + dense * classes
    return parameters, work + adds * (rows * columns * m + half[0] * half[1] * growth * m + classes)


def _widest(shape, classes, parameters, multiply_adds, costs=_library_costs, fits=None):
    """The largest width that fits, 0 if none does."""
    fits = fits or (lambda p, a: p <= parameters and a <= multiply_adds)
    m = 0
    while fits(*costs(shape, classes, m + 1)):
        m += 1
    return m


def _widest_of(**thought_otherwise):
    return lambda *case: _widest(*case, costs=lambda shape, classes, m: _costs(shape, classes, m, **thought_otherwise))


def _draw_budget(rng):
    """A shape and budgets near those of a random width: sometimes just enough, sometimes one too few; either one may bind."""
    shape = (int(rng.integers(1, 4)), int(rng.integers(4, 14)), int(rng.integers(4, 14)))
    classes, m = int(rng.integers(2, 11)), int(rng.integers(1, 13))
    parameters, work = _costs(shape, classes, m)
    slack = [int(rng.integers(-1, 1)), int(rng.integers(0, 4000))]
    rng.shuffle(slack)
    return shape, classes, max(parameters + slack[0], 1), max(work + slack[1], 1)


WIDTH_UNDER_BUDGET = Exercise(
    id="width-under-budget",
    chapter=21,
    title="The widest net under two budgets",
    task=(
        "Take the family of section 21.1: convolution to m maps with padding 1, ReLU, MaxPool2d(2), convolution to 2 m "
        "maps with padding 1, ReLU, MaxPool2d(2), Flatten, Linear to `classes`; biases everywhere. shape = (C, H, W) is that of one image, "
        "and H and W need not be divisible by 4. Return the largest m whose net has at most `parameters` parameters and at most "
        "`multiply_adds` multiply-adds, and 0 when not even m = 1 has."
    ),
    kind="program",
    minutes=15,
    difficulty=2,
    parameters=("shape", "classes", "parameters", "multiply_adds"),
    starter="def width_under_budget(shape, classes, parameters, multiply_adds):\n    return ...",
    answer=_widest,
    examples=(
        ((1, 4, 4), 2, 60, 5_000),
        ((1, 4, 4), 2, 20, 5_000),
        ((1, 9, 7), 5, 1_000_000, 20_000),
        ((3, 6, 11), 4, 2_000, 1_000_000),
        ((1, 12, 12), 10, 3_000, 100_000),
        ((2, 5, 5), 3, _costs((2, 5, 5), 3, 6)[0], 1_000_000),
        ((2, 5, 5), 3, 1_000_000, _costs((2, 5, 5), 3, 6)[1]),
        ((2, 10, 7), 3, _costs((2, 10, 7), 3, 9)[0] - 1, 1_000_000),
        ((1, 8, 8), 4, 1_000_000, 300),
        ((1, 5, 6), 7, 4, 100_000),
        ((1, 4, 4), 2, _costs((1, 4, 4), 2, 120)[0], 100_000_000),
    ),
    draw=_draw_budget,
    whole="a width",
    hints=(
        "Write a helper that builds the net of width m, and let `summary` count. Which numbers does the Linear layer read?",
        "Costs grow with m: begin with m = 0 and raise it while the net of width m + 1 keeps to both budgets.",
        "The dense layer reads 2 * m * (H // 2 // 2) * (W // 2 // 2) numbers. A summary has .parameters and .multiply_adds.",
    ),
    misconceptions=(
        Misconception(
            "parameters-alone",
            "The multiply-adds have a budget too.",
            lambda *case: _widest(*case, fits=lambda p, a: p <= case[2]),
        ),
        Misconception(
            "multiply-adds-alone",
            "The parameters have a budget too.",
            lambda *case: _widest(*case, fits=lambda p, a: a <= case[3]),
        ),
        Misconception(
            "one-budget-is-enough",
            "Both budgets must be kept, not one of the two.",
            lambda *case: _widest(*case, fits=lambda p, a: p <= case[2] or a <= case[3]),
        ),
        Misconception(
            "budget-not-spent",
            "A net that uses the whole budget keeps to it: compare with <=.",
            lambda *case: _widest(*case, fits=lambda p, a: p < case[2] and a < case[3]),
        ),
        Misconception(
            "first-too-wide", "That is the first width that breaks a budget. The one before it is wanted.", lambda *case: _widest(*case) + 1
        ),
        Misconception(
            "square-images",
            "The rows and the columns may differ in number. You take as many columns as rows.",
            lambda shape, *rest: _widest((shape[0], shape[1], shape[1]), *rest),
        ),
        Misconception(
            "dense-reads-m-maps",
            "The second convolution makes 2 m maps, and the dense layer reads all of them.",
            _widest_of(read=1),
        ),
        Misconception("same-width-twice", "The second convolution makes 2 m maps.", _widest_of(growth=1)),
        Misconception("no-biases", "Every map of a convolution and every class has a bias.", _widest_of(bias=0)),
        Misconception(
            "half-cells",
            "A pooling that halves 7 cells leaves 3: take the floor after each of the two.",
            _widest_of(halved=lambda n: n / 2),
        ),
        Misconception(
            "rounded-up",
            "A pooling leaves out a window that does not fit whole: floor, not ceiling.",
            _widest_of(halved=lambda n: -(-n // 2)),
        ),
        Misconception(
            "second-at-full-size",
            "The second convolution stands after a pooling: it works at a quarter of the places.",
            _widest_of(second_side="whole"),
        ),
        Misconception(
            "one-channel",
            "A kernel of the first convolution has a slice for each of the C channels of the image.",
            lambda shape, *rest: _widest((1, *shape[1:]), *rest),
        ),
        Misconception(
            "one-pooling",
            "The dense layer stands after both poolings, and each halves the rows and the columns.",
            _widest_of(poolings=1),
        ),
        Misconception(
            "biases-multiplied",
            "A bias is added, not multiplied: it is a parameter, and no multiply-add.",
            _widest_of(adds=1),
        ),
        Misconception(
            "up-to-a-hundred",
            "Your search ends too early: the budget may allow more than a hundred maps.",
            lambda *case: min(_widest(*case), 100),
        ),
        Misconception(
            "at-least-one", "When not even a width of 1 keeps to the budgets, the answer is 0.", lambda *case: max(_widest(*case), 1)
        ),
    ),
)

EXERCISES = (WIDTH_UNDER_BUDGET,)
