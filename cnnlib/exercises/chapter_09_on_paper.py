"""Exercises of chapter 09, Dense layer, softmax, cross-entropy, that need no program: by hand and by algebra."""

import numpy as np

from cnnlib.exercises.chapter_07_on_paper import either
from cnnlib.exercises.exercise import Exercise, Misconception
from cnnlib.ops.dense import linear, linear_backward
from cnnlib.ops.losses import cross_entropy_backward

# By hand

X, W, B, DY = np.array([[2.0, 1, -3]]), np.array([[1.0, 0, -2], [3, -1, 1]]), np.array([4.0, -5]), np.array([[2.0, -1]])


def _dense(y=None, dx=None):
    """Both answers in a row, one of them perhaps replaced."""
    y = linear(X, W, B) if y is None else y
    dx = linear_backward(DY, X, W)[0] if dx is None else dx
    return tuple(int(number) for number in (*np.ravel(y), *np.ravel(dx)))


DENSE_BY_HAND = Exercise(
    id="dense-by-hand",
    chapter=9,
    title="A dense layer, forward and backward",
    task=(
        "A dense layer has the weights w = [[1, 0, -2], [3, -1, 1]] (one row for each output) and the bias b = (4, -5). It reads "
        "x = (2, 1, -3). Then the gradient dy = (2, -1) comes back. Give y[0], y[1], dx[0], dx[1], dx[2], as a tuple of five numbers."
    ),
    kind="number",
    minutes=6,
    difficulty=1,
    starter="dense_by_hand = (..., ..., ..., ..., ...)",
    answer=_dense,
    whole="a sum",
    parts=("y[0]", "y[1]", "dx[0]", "dx[1]", "dx[2]"),
    hints=(
        "y[0] is the first row of w times x, product by product, plus b[0].",
        "x[0] enters y[0] with the weight 1 and y[1] with the weight 3: the first column of w. What comes back along the same two ways?",
        "dx[0] = dy[0] * 1 + dy[1] * 3. The other two in the same way, with the other columns.",
    ),
    misconceptions=(
        Misconception("no-bias", "The bias is missing in y.", lambda: _dense(y=X @ W.T)),
        Misconception("bias-subtracted", "You subtracted the bias. It is added.", lambda: _dense(y=X @ W.T - B)),
        Misconception(
            "first-output-only",
            "y is right. In dx only the first output is heard; every feature was read by both.",
            lambda: _dense(dx=DY[0, 0] * W[0]),
        ),
        Misconception("second-output-only", "y is right. In dx only the second output is heard.", lambda: _dense(dx=DY[0, 1] * W[1])),
        Misconception(
            "without-dy",
            "y is right. In dx you added up the weights; multiply each by its dy first.",
            lambda: _dense(dx=W.sum(axis=0)),
        ),
        Misconception(
            "y-comes-back",
            "y is right. But what comes back is dy, not y.",
            lambda: _dense(dx=linear(X, W, B) @ W),
        ),
        Misconception(
            "times-x",
            "y is right. In dx you multiplied by x as well. The derivative of a product w x by x is w.",
            lambda: _dense(dx=(DY @ W) * X),
        ),
        Misconception(
            "sign-of-dy",
            "y is right. In dx you lost the minus sign of dy[1].",
            lambda: _dense(dx=np.abs(DY) @ W),
        ),
    ),
)

POWERS, LABEL, SMOOTHING = (2.0, 5.0, 3.0), 1, 0.3
P = np.array(POWERS) / sum(POWERS)


def _minus(*target):
    """p - t for some target."""
    return tuple(round(float(number), 6) for number in P - np.array(target))


GRADIENT_BY_HAND = Exercise(
    id="gradient-by-hand",
    chapter=9,
    title="p - t with a smoothed label",
    task=(
        "A net has given one image the logits (ln 2, ln 5, ln 3). The true class is 1 (classes are 0, 1, 2), and the label smoothing is "
        "0.3. Give the gradient of the cross-entropy by the three logits, as decimal numbers."
    ),
    kind="number",
    minutes=5,
    difficulty=2,
    starter="gradient_by_hand = (..., ..., ...)",
    answer=lambda: tuple(cross_entropy_backward(np.log([POWERS]), [LABEL], label_smoothing=SMOOTHING)[0].tolist()),
    whole=None,
    parts=("by z[0]", "by z[1]", "by z[2]"),
    hints=(
        "exp(ln 2) is 2. Softmax divides 2, 5 and 3 by their sum.",
        "The target: the label keeps 1 - 0.3, and 0.3 is shared equally by all three classes, the label among them.",
        "Subtract the targets from the probabilities, class by class. The three results add up to 0.",
    ),
    misconceptions=(
        Misconception("no-smoothing", "That is the gradient without label smoothing.", lambda: _minus(0, 1, 0)),
        Misconception(
            "others-share",
            "You shared 0.3 among the other two classes. In this book's rule, and PyTorch's, all three share it, the label too.",
            lambda: _minus(0.15, 0.7, 0.15),
        ),
        Misconception(
            "label-gets-no-share",
            "Your targets add up to 0.9. The label keeps 0.7 and gets its share of 0.3 as well.",
            lambda: _minus(0.1, 0.7, 0.1),
        ),
        Misconception(
            "whole-to-everybody",
            "Each class got the whole 0.3 from you. It is shared by the three.",
            lambda: _minus(0.3, 1.0, 0.3),
        ),
        Misconception("sign", "The signs are turned: p - t, not t - p.", lambda: tuple(-number for number in _minus(0.1, 0.8, 0.1))),
        Misconception("probabilities", "Those are the probabilities. Subtract the targets.", lambda: _minus(0, 0, 0)),
        Misconception("class-from-one", "Classes are counted from 0: class 1 is the one in the middle.", lambda: _minus(0.8, 0.1, 0.1)),
        Misconception("target", "That is the target. The gradient is p minus it.", lambda: (0.1, 0.8, 0.1)),
        Misconception(
            "not-normalised",
            "2, 5 and 3 are not probabilities yet: divide by their sum.",
            lambda: (1.9, 4.2, 2.9),
        ),
    ),
)

# By algebra


def _exp(x):
    return either("exp", x)


def _log(x):
    return either("log", x)


TWO_CLASS_SOFTMAX = Exercise(
    id="two-class-softmax",
    chapter=9,
    title="Softmax of two classes",
    task="A net has two logits, u for the first class and v for the second. Write the first one's probability in the gap d = u - v.",
    kind="algebra",
    minutes=5,
    difficulty=1,
    parameters=("d",),
    starter='d = sympy.symbols("d", real=True)\ntwo_class_softmax = ...',
    answer=lambda d: 1 / (1 + _exp(-d)),
    assumptions=(("real", True),),
    examples=((0,), (1,), (-1,), (3.5,)),
    draw=lambda rng: (int(rng.integers(-48, 49)) / 8,),
    hints=(
        "Write the formula with both logits: exp(u) divided by the sum of both powers.",
        "Divide numerator and denominator by exp(u). What remains in the numerator is 1.",
        "In the denominator stand 1 and exp(v - u). Chapter 7 has a name for this function.",
    ),
    misconceptions=(
        Misconception("other-class", "That is the probability of the second class.", lambda d: 1 / (1 + _exp(d))),
        Misconception("odds", "That is the ratio of the two probabilities. Together they must be 1.", lambda d: _exp(d)),
        Misconception("difference-of-both", "That is the first probability minus the second one.", lambda d: (_exp(d) - 1) / (_exp(d) + 1)),
        Misconception("logit", "That is the logarithm of the ratio of the two probabilities.", lambda d: d),
        Misconception(
            "d-and-minus-d",
            "You took d and -d for the logits. Their gap is 2 d; the gap is to be d.",
            lambda d: 1 / (1 + _exp(-2 * d)),
        ),
        Misconception("half-the-difference", "The exponent is the whole difference, not half of it.", lambda d: 1 / (1 + _exp(-d / 2))),
        Misconception("logarithm", "That is the logarithm of the probability.", lambda d: -_log(1 + _exp(-d))),
        Misconception(
            "divided-by-two-powers",
            "You divided the numerator by exp(v) and the denominator by exp(u). Divide both by the same power.",
            lambda d: _exp(d) / (1 + _exp(-d)),
        ),
    ),
)


def _gap(label, other):
    return _log(label / other)


SMOOTHING_GAP = Exercise(
    id="smoothing-gap",
    chapter=9,
    title="How far apart does label smoothing want the logits?",
    task=(
        "With label smoothing epsilon and K classes, the loss of an image is lowest at certain logits: all wrong classes have the same "
        "one, and the label's lies above it by a gap. Write this gap in K and epsilon."
    ),
    kind="algebra",
    minutes=8,
    difficulty=2,
    parameters=("K", "epsilon"),
    starter='K, epsilon = sympy.symbols("K epsilon", positive=True)\nsmoothing_gap = ...',
    answer=lambda K, epsilon: _gap(1 - epsilon + epsilon / K, epsilon / K),
    assumptions=(("positive", True),),
    examples=((2, 0.5), (10, 0.125), (3, 0.25), (1000, 0.0625)),
    draw=lambda rng: (int(rng.integers(2, 60)), int(rng.integers(1, 64)) / 64),
    hints=(
        "The loss is lowest where its gradient p - t is 0. Which probabilities are these?",
        "The ratio of two softmax probabilities is exp of the difference of their logits.",
        "The gap is the logarithm of t at the label divided by t at any other class. Do not forget the label's own share of epsilon.",
    ),
    misconceptions=(
        Misconception(
            "label-share-forgotten",
            "The label keeps 1 - epsilon and gets epsilon / K as well.",
            lambda K, epsilon: _gap(1 - epsilon, epsilon / K),
        ),
        Misconception(
            "others-share",
            "You shared epsilon among the K - 1 wrong classes. All K classes share it.",
            lambda K, epsilon: _gap(1 - epsilon, epsilon / (K - 1)),
        ),
        Misconception(
            "no-logarithm",
            "That is the ratio of the two probabilities. The gap of the logits is its logarithm.",
            lambda K, epsilon: (1 - epsilon + epsilon / K) / (epsilon / K),
        ),
        Misconception(
            "sign",
            "The sign is turned: the label's logit lies above the others.",
            lambda K, epsilon: _gap(epsilon / K, 1 - epsilon + epsilon / K),
        ),
        Misconception(
            "difference-of-probabilities",
            "That is the difference of the two probabilities. Logits are their logarithms, up to a shift.",
            lambda K, epsilon: 1 - epsilon,
        ),
        Misconception(
            "label-alone",
            "That is the logarithm of the label's probability. The gap is measured from the logit of the others.",
            lambda K, epsilon: _log(1 - epsilon + epsilon / K),
        ),
        Misconception(
            "whole-epsilon",
            "Each wrong class gets epsilon / K, not the whole epsilon.",
            lambda K, epsilon: _gap(1 - epsilon + epsilon / K, epsilon),
        ),
        Misconception(
            "two-class-odds",
            "You compared the label with one class that holds the whole rest. There are K - 1 others.",
            lambda K, epsilon: _gap(1 - epsilon, epsilon),
        ),
    ),
)

EXERCISES = (DENSE_BY_HAND, GRADIENT_BY_HAND, TWO_CLASS_SOFTMAX, SMOOTHING_GAP)
