"""Exercises of chapter 17, Train a small net, that need no program: counting parameters, and two formulas."""

import math

from cnnlib.exercises.exercise import Exercise, Misconception
from cnnlib.nn import Conv2d, Flatten, Linear, MaxPool2d, ReLU, Sequential

# Counting by hand


def _learned(layer):
    """The learned numbers of a layer."""
    return sum(math.prod(shape) for shape in layer.parameter_shapes().values())


def _counts():
    """The parameters of the chapter's three learning layers, from the layers themselves; the dense layer takes what the others hand on."""
    first, second = Conv2d(1, 32, 3, padding=1), Conv2d(32, 64, 3, padding=1)
    features = Sequential(first, ReLU(), MaxPool2d(2), second, ReLU(), MaxPool2d(2), Flatten())
    (width,) = features.output_shape((1, 8, 8))
    return _learned(first), _learned(second), _learned(Linear(width, 10))


NET_PARAMETERS = Exercise(
    id="net-parameters",
    chapter=17,
    title="Count the parameters",
    task=(
        "Images of 1 x 8 x 8 go through: convolution 3 x 3 from 1 to 32 channels with padding 1, ReLU, max pooling 2 x 2; convolution "
        "3 x 3 from 32 to 64 channels with padding 1, ReLU, max pooling 2 x 2; flatten; dense layer to 10 classes. A pooling moves by 2. "
        "All layers that have weights have biases. How many parameters do the two convolutions and the dense layer have?"
    ),
    kind="number",
    minutes=8,
    difficulty=2,
    starter="net_parameters = (..., ..., ...)",
    answer=_counts,
    parts=("the first convolution", "the second convolution", "the dense layer"),
    whole="a number of parameters",
    hints=(
        "How many weights does one output channel of a convolution need? It looks at a window of 3 x 3 in every input channel.",
        "Every output channel, and every class of the dense layer, has one bias. A padding of 1 keeps 8 x 8; what does each pooling leave?",
        "A convolution has out (in 9 + 1) parameters. The dense layer sees 64 maps of 2 x 2 cells, and has 10 (inputs + 1).",
    ),
    misconceptions=(
        Misconception(
            "biases-forgotten", "Those are the weights. Every output channel and every class has a bias too.", lambda: (288, 18432, 2560)
        ),
        Misconception(
            "input-channels-forgotten",
            "In the second convolution every output channel has 3 x 3 weights for each of its 32 input channels.",
            lambda: (320, 640, 2570),
        ),
        Misconception(
            "output-channels-forgotten",
            "You counted one output channel, or one class. Each has weights and a bias of its own.",
            lambda: (10, 289, 257),
        ),
        Misconception("kernel-side", "A kernel of 3 x 3 has 9 weights in each input channel, not 3.", lambda: (128, 6208, 2570)),
        Misconception(
            "no-biases-of-classes", "The convolutions have their biases; the ten classes have one each, too.", lambda: (320, 18496, 2560)
        ),
        Misconception(
            "pooling-forgotten",
            "Two poolings stand before the dense layer: its input maps are no longer 8 x 8.",
            lambda: (320, 18496, 40970),
        ),
        Misconception(
            "one-pooling-forgotten",
            "There are two poolings before the dense layer, and each halves the height and the width.",
            lambda: (320, 18496, 10250),
        ),
        Misconception(
            "one-number-per-map",
            "Flatten keeps all cells of all maps: 2 x 2 cells are left in each. The dense layer has a weight for every one.",
            lambda: (320, 18496, 650),
        ),
        Misconception("one-map", "The dense layer sees all 64 maps, not one of them.", lambda: (320, 18496, 50)),
        Misconception(
            "bias-for-every-weight",
            "A bias belongs to a sum, not to a weight: one for each output channel or class.",
            lambda: (576, 36864, 5120),
        ),
        Misconception(
            "bias-for-every-cell",
            "All cells of an output map share one bias, as they share the weights.",
            lambda: (32 * 9 + 32 * 64, 64 * 32 * 9 + 64 * 16, 2570),
        ),
        Misconception(
            "bias-for-every-kernel",
            "An output channel adds up all its input channels and then its one bias, not one bias for each input channel.",
            lambda: (320, 64 * 32 * 10, 2570),
        ),
        Misconception(
            "one-bias-for-a-layer", "A layer has not one bias, but one for each output channel or class.", lambda: (289, 18433, 2561)
        ),
    ),
)

# Algebra


def _log(x):
    """The natural logarithm of a number, or of a SymPy expression. SymPy is not loaded for a number."""
    if isinstance(x, (int, float)):
        return math.log(x)
    import sympy

    return sympy.log(x)


INITIAL_LOSS = Exercise(
    id="initial-loss",
    chapter=17,
    title="The loss of a net that knows nothing",
    task=(
        "A net gives each of K classes the same probability, whatever the image. What is the mean cross-entropy of a batch, "
        "with the natural logarithm? Write it in K."
    ),
    kind="algebra",
    minutes=3,
    difficulty=1,
    parameters=("K",),
    starter='K = sympy.symbols("K", integer=True, positive=True)\ninitial_loss = ...',
    answer=_log,
    examples=((2,), (3,), (10,), (100,), (1000,)),
    draw=lambda rng: (int(rng.integers(2, 400)),),
    hints=(
        "K equal probabilities add up to 1. How large is each?",
        "The cross-entropy of one image looks at one probability alone: that of the true class. It is minus its logarithm.",
        "All images of the batch have the same loss, so the mean is -log(1 / K). `sympy.log` is the logarithm. Which sign has it?",
    ),
    misconceptions=(
        Misconception("sign", "That is negative for K > 1, and a cross-entropy never is: it is minus the logarithm.", lambda K: -_log(K)),
        Misconception("probability", "That is the probability of the true class. The loss is minus its logarithm.", lambda K: 1 / K),
        Misconception(
            "share-of-errors",
            "That is how often such a net answers wrongly. The loss measures the probability of the true class on a logarithmic scale.",
            lambda K: 1 - 1 / K,
        ),
        Misconception("ten-classes", "That is right for ten classes. How many are there here?", lambda K: K * 0 + _log(10)),
        Misconception("no-logarithm", "That is 1 over the probability of the true class. The loss is the logarithm of it.", lambda K: K),
        Misconception(
            "all-classes-added",
            "You added a logarithm for each class. Cross-entropy takes the true class alone.",
            lambda K: K * _log(K),
        ),
        Misconception(
            "mean-over-classes",
            "You divided by the number of classes. The mean is taken over the images of the batch.",
            lambda K: _log(K) / K,
        ),
        Misconception(
            "probability-of-an-error",
            "You took the probability of all other classes together. The loss looks at that of the true class.",
            lambda K: -_log(1 - 1 / K),
        ),
        Misconception(
            "binary-for-each-class",
            "You asked one yes-or-no question for each class and added up. Softmax gives one distribution over all classes: one logarithm.",
            lambda K: _log(K) - (K - 1) * _log(1 - 1 / K),
        ),
        Misconception(
            "bits", "You measure in bits, with the logarithm to base 2. Here the natural one is meant.", lambda K: _log(K) / _log(2)
        ),
    ),
)


def _root(x):
    """The square root of a number or of a SymPy expression; `proved` reads the 0.5 as one half."""
    return x**0.5


STANDARD_ERROR = Exercise(
    id="standard-error",
    chapter=17,
    title="How far chance moves an accuracy",
    task=(
        "A net reads every digit correctly with probability a, each independently of the others. It is tested on N digits. What is the "
        "standard deviation of the measured accuracy, that is of the share of right answers? Write it in a and N."
    ),
    kind="algebra",
    minutes=8,
    difficulty=2,
    parameters=("a", "N"),
    starter='a, N = sympy.symbols("a N", positive=True)\nstandard_error = ...',
    answer=lambda a, N: _root(a * (1 - a) / N),
    assumptions=(("positive", True),),
    examples=((0.5, 4), (0.5, 100), (0.9, 100), (0.99, 382), (0.2, 25)),
    draw=lambda rng: (int(rng.integers(5, 100)) / 100, int(rng.integers(2, 1000))),
    hints=(
        "Count 1 for a right answer and 0 for a wrong one. What is the variance of such a number, whose mean is a?",
        "It is a (1 - a). For independent digits the variances add. What does dividing the sum by N do to its variance?",
        "The sum has the variance N a (1 - a), and dividing by N divides that by N squared. The standard deviation is the root.",
    ),
    misconceptions=(
        Misconception("variance", "That is the variance. The standard deviation is its square root.", lambda a, N: a * (1 - a) / N),
        Misconception(
            "one-digit", "That is the standard deviation for one digit. A mean of N digits strays less.", lambda a, N: _root(a * (1 - a))
        ),
        Misconception(
            "number-not-share",
            "That is the standard deviation of the number of right answers. The share is that number divided by N.",
            lambda a, N: _root(N * a * (1 - a)),
        ),
        Misconception(
            "n-outside-the-root",
            "The spread shrinks more slowly than that. Find the variance of the share first, and take the root of all of it last.",
            lambda a, N: _root(a * (1 - a)) / N,
        ),
        Misconception(
            "root-of-n-alone",
            "Only N stands under your root. The standard deviation is the root of the whole variance.",
            lambda a, N: a * (1 - a) / _root(N),
        ),
        Misconception(
            "n-minus-one",
            "N - 1 serves to estimate a variance from a sample. Here it is known, from a, and the mean has N digits.",
            lambda a, N: _root(a * (1 - a) / (N - 1)),
        ),
        Misconception(
            "wrong-answers-forgotten",
            "A net that is always right has no spread: for a = 1 the standard deviation must be 0. Yours is not.",
            lambda a, N: _root(a / N),
        ),
        Misconception(
            "right-answers-forgotten",
            "A net that is always wrong has no spread: for a = 0 the standard deviation must be 0. Yours is not.",
            lambda a, N: _root((1 - a) / N),
        ),
        Misconception(
            "worst-case",
            "That is the largest it can be, reached at a = 1/2. A net that is nearly always right strays less.",
            lambda a, N: _root(1 / (4 * N)),
        ),
        Misconception(
            "one-over-root-n",
            "The root of N is right below. But the spread of a single digit is not 1; it depends on a.",
            lambda a, N: _root(1 / N),
        ),
        Misconception(
            "confidence-interval",
            "That is half the width of an interval of 95 % confidence. One standard deviation is asked for.",
            lambda a, N: 1.96 * _root(a * (1 - a) / N),
        ),
        Misconception(
            "expected-count", "a N is how many right answers to expect. How far does the share stray from a?", lambda a, N: a * N
        ),
    ),
)

EXERCISES = (NET_PARAMETERS, INITIAL_LOSS, STANDARD_ERROR)
