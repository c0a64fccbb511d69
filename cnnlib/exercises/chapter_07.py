"""Programming exercises of chapter 07, Activations. The truth is `cnnlib.relu_backward`, `cnnlib.softplus` and `cnnlib.relu`."""

import numpy as np

from cnnlib.exercises.exercise import Exercise, Misconception
from cnnlib.ops.activations import relu, relu_backward, softplus
from cnnlib.ops.dense import linear


def _draw_backward(rng):
    """A gradient and an input of one to four axes; inputs have exact zeros among them, gradients both signs."""
    shape = tuple(int(n) for n in rng.integers(1, 5, int(rng.integers(1, 5))))
    return rng.integers(-9, 10, shape) / 4, rng.integers(-6, 7, shape) / 4 * (rng.random(shape) > 0.15)


RELU_BACKWARD = Exercise(
    id="relu-backward",
    chapter=7,
    title="Backward through ReLU",
    task=(
        "y = relu(x) went forward; dy is the gradient of the loss by y. Return dx, the gradient of the loss by x. "
        "dy and x are arrays of the same shape, whatever it is. At the kink the slope is 0."
    ),
    kind="program",
    minutes=5,
    difficulty=1,
    parameters=("dy", "x"),
    starter="def relu_backward(dy, x):\n    return ...",
    answer=relu_backward,
    examples=(
        (np.array([3.0, -2.0, 5.0]), np.array([2.0, 0.5, -1.0])),
        (np.array([3.0, -2.0, 5.0]), np.array([0.0, 0.0, 4.0])),
        (np.array([[1.0, 2.0], [-3.0, 4.0]]), np.array([[-0.5, 0.25], [0.75, 0.0]])),
    ),
    draw=_draw_backward,
    hints=(
        "What is the slope of ReLU where x is positive? And where it is negative?",
        "The chain rule multiplies the upstream gradient by the slope, entry by entry.",
        "x > 0 is an array of True and False; as factors they count as 1 and 0.",
    ),
    misconceptions=(
        Misconception(
            "gated-by-dy",
            "You let through where dy is positive. The gate is set by the input x: a negative gradient passes an open gate unchanged.",
            lambda dy, x: np.maximum(dy, 0),
        ),
        Misconception(
            "gated-by-both",
            "You stop negative gradients as well. Only x decides; dy may have either sign.",
            lambda dy, x: np.maximum(dy, 0) * (x > 0),
        ),
        Misconception(
            "passes-at-zero",
            "Where x is exactly 0 you let dy pass. This book, like the large libraries, takes the slope 0 there.",
            lambda dy, x: dy * (x >= 0),
        ),
        Misconception(
            "half-at-zero",
            "Where x is exactly 0 you take the slope 1/2. It is a subgradient too, but the slope 0 is agreed.",
            lambda dy, x: dy * np.heaviside(x, 0.5),
        ),
        Misconception(
            "mask-only", "That is the slope of ReLU. The chain rule multiplies it by dy.", lambda dy, x: np.where(x > 0, 1.0, 0.0)
        ),
        Misconception(
            "times-x",
            "You multiplied dy by relu(x). The slope of ReLU on the positive side is 1, not x.",
            lambda dy, x: dy * np.maximum(x, 0),
        ),
        Misconception("times-input", "You multiplied dy by x. The factor is the slope at x, not x itself.", lambda dy, x: dy * x),
        Misconception(
            "forward-again", "That is relu(x), the forward pass once more. The gradient dy is missing.", lambda dy, x: np.maximum(x, 0.0)
        ),
        Misconception("not-gated", "You let everything pass. Where x is negative the output does not depend on x.", lambda dy, x: +dy),
        Misconception(
            "absolute-value",
            "You let through where x is not 0, as if negative inputs came out with their sign removed. ReLU gives 0 there.",
            lambda dy, x: dy * (np.abs(x) > 0),
        ),
        Misconception(
            "sign",
            "Negative inputs get minus dy from you: that is the derivative of the absolute value. ReLU is flat there.",
            lambda dy, x: dy * np.sign(x),
        ),
        Misconception("wrong-side", "The gate is open on the wrong side: ReLU lets positive inputs through.", lambda dy, x: dy * (x < 0)),
    ),
)


@np.errstate(all="ignore")
def _naive(x):
    return np.log(1 + np.exp(x))


@np.errstate(all="ignore")
def _safe_argument(x):
    """No overflow, but 1 + exp(-|x|) rounds to 1."""
    return np.maximum(x, 0) + np.log(1 + np.exp(-np.abs(x)))


@np.errstate(all="ignore")
def _log1p_alone(x):
    return np.log1p(np.exp(x))


@np.errstate(all="ignore")
def _mirrored_everywhere(x):
    return x + np.log1p(np.exp(-x))


def _draw_softplus(rng):
    return (np.concatenate([rng.normal(0, 3, 3), rng.uniform(-60, -36, 2), rng.uniform(710, 3000, 2)]).reshape(7, 1),)


STABLE_SOFTPLUS = Exercise(
    id="stable-softplus",
    chapter=7,
    title="Softplus without overflow",
    task=(
        "Return log(1 + exp(x)) for every entry of the float array x. The result must be finite for every finite x, and right to seven "
        "digits for x = -50 too, where it is tiny but not 0."
    ),
    kind="program",
    minutes=12,
    difficulty=2,
    parameters=("x",),
    starter="def stable_softplus(x):\n    return ...",
    answer=softplus,
    atol=0.0,
    examples=(
        (np.array([0.0, 1.0, -1.0]),),
        (np.array([1000.0, 800.0]),),
        (np.array([-50.0, -40.0]),),
        (np.array([[-700.0, 30.0], [3.0, 1e6]]),),
    ),
    draw=_draw_softplus,
    hints=(
        "exp(x) overflows for x above about 709. Which exponential never does, whatever the sign of x?",
        "Softplus has a mirror law: softplus(x) = x + softplus(-x). Use it where x is positive, to leave only exp of negative numbers.",
        "1 + 1e-22 rounds to 1, and its logarithm to 0. np.log1p(t) computes log(1 + t) without adding first.",
        "np.maximum(x, 0) + np.log1p(...) with the right exponential inside.",
    ),
    misconceptions=(
        Misconception(
            "naive",
            "exp(x) overflows for large x, and the result is infinite. Find a form in which only negative numbers are exponentiated.",
            _naive,
        ),
        Misconception(
            "overflow-left",
            "Tiny results are right now, but exp(x) still overflows for large x. Use the mirror law there.",
            _log1p_alone,
        ),
        Misconception(
            "tiny-lost",
            "Nothing overflows any more. But for x far below 0 you return 0: 1 + exp(x) was rounded to 1 before the logarithm.",
            _safe_argument,
        ),
        Misconception("relu", "That is ReLU. Softplus is its smooth relative: at 0 it is log 2, not 0.", lambda x: np.maximum(x, 0)),
        Misconception(
            "clipped",
            "You clip x before exponentiating. Then all large inputs give the same result; softplus goes on growing.",
            lambda x: np.log1p(np.exp(np.minimum(x, 700))),
        ),
        Misconception(
            "derivative",
            "That is the sigmoid, the derivative of softplus.",
            lambda x: np.exp(np.minimum(x, 0)) / (1 + np.exp(-np.abs(x))),
        ),
        Misconception(
            "only-the-correction",
            "That is softplus(-|x|), which is never above log 2. For positive x the x itself is missing.",
            lambda x: np.log1p(np.exp(-np.abs(x))),
        ),
        Misconception(
            "absolute-value-added",
            "For negative x you add |x|. Only positive inputs are added to the correction.",
            lambda x: np.abs(x) + np.log1p(np.exp(-np.abs(x))),
        ),
        Misconception(
            "relu-on-the-right",
            "Where x is positive you return x alone. Softplus lies above x there too, by softplus(-x).",
            lambda x: np.where(x > 0, x, np.log1p(np.exp(np.minimum(x, 0)))),
        ),
        Misconception(
            "correction-subtracted",
            "The correction is added: softplus lies above ReLU everywhere.",
            lambda x: np.maximum(x, 0) - np.log1p(np.exp(-np.abs(x))),
        ),
        Misconception(
            "x-always-added",
            "You add x where it is negative too. There softplus is the correction alone.",
            lambda x: x + np.log1p(np.exp(-np.abs(x))),
        ),
        Misconception(
            "mirrored-everywhere",
            "You use the mirror law for every x. Far below 0 that subtracts two large numbers, and exp(-x) overflows in its turn.",
            _mirrored_everywhere,
        ),
    ),
)


def _dead(x, w, b):
    """Units that the library's own layer and ReLU leave at 0 for every row."""
    return int((relu(linear(x, w, b)) == 0).all(axis=0).sum())


def _draw_units(rng):
    """Rows, weights and biases of whole numbers: some units dead, some alive, some exactly at 0."""
    rows, features, units = (int(rng.integers(low, high)) for low, high in ((1, 5), (1, 4), (2, 8)))
    x, w = rng.integers(-2, 3, (rows, features)).astype(float), rng.integers(-2, 3, (units, features)).astype(float)
    return x, w, rng.integers(-4, 3, units).astype(float)


DEAD_UNITS = Exercise(
    id="dead-units",
    chapter=7,
    title="Count the dead units",
    task=(
        "A dense layer with ReLU: unit j gives relu(x[i] @ w[j] + b[j]) for row i of the data. x is (N, features), w (units, features), "
        "b (units,). Count the units that receive no gradient from any row."
    ),
    kind="program",
    minutes=8,
    difficulty=2,
    parameters=("x", "w", "b"),
    starter="def dead_units(x, w, b):\n    return ...",
    answer=_dead,
    whole="a number of units",
    examples=(
        (np.array([[1.0], [2.0]]), np.array([[1.0], [-1.0], [-1.0]]), np.array([0.0, 0.0, 1.5])),
        (np.array([[1.0, 0.0], [0.0, 1.0]]), np.array([[1.0, 1.0], [1.0, -3.0], [2.0, 2.0]]), np.array([-1.0, 0.0, -5.0])),
        (np.array([[0.0, 0.0]]), np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([0.25, 0.0])),
    ),
    draw=_draw_units,
    hints=(
        "Compute the array of all pre-activations first: one row for each row of x, one column for each unit.",
        "One row in which a unit is positive is enough to keep it alive. What is the slope at exactly 0?",
        "z = x @ w.T + b has the shape (N, units). np.all(..., axis=0) asks a question of whole columns.",
    ),
    misconceptions=(
        Misconception(
            "alive",
            "You counted the units that live.",
            lambda x, w, b: int((x @ w.T + b > 0).any(axis=0).sum()),
        ),
        Misconception(
            "any-row",
            "A unit that is silent on some rows is doing its work. It is dead when it is silent on **all** of them.",
            lambda x, w, b: int((x @ w.T + b <= 0).any(axis=0).sum()),
        ),
        Misconception(
            "all-silences",
            "You counted silent pairs of a row and a unit. Count units.",
            lambda x, w, b: int((x @ w.T + b <= 0).sum()),
        ),
        Misconception(
            "kink-alive",
            "At exactly 0 the slope is 0 as well, so nothing comes back there either.",
            lambda x, w, b: int((x @ w.T + b < 0).all(axis=0).sum()),
        ),
        Misconception(
            "no-bias", "The bias is missing. It is what kills most units.", lambda x, w, b: int((x @ w.T <= 0).all(axis=0).sum())
        ),
        Misconception(
            "bias-alone",
            "You looked at the bias alone. A large weighted sum can lift a unit above a negative bias, and a negative one can sink it.",
            lambda x, w, b: int((b <= 0).sum()),
        ),
        Misconception(
            "negative-biases",
            "You counted the negative biases. A large weighted sum can lift a unit above such a bias; a negative one can sink any unit.",
            lambda x, w, b: int((b < 0).sum()),
        ),
        Misconception(
            "mean-row",
            "You asked whether the mean over the rows is positive. One positive row among many negative ones keeps a unit alive.",
            lambda x, w, b: int(((x @ w.T + b).mean(axis=0) <= 0).sum()),
        ),
        Misconception(
            "dead-rows",
            "You counted rows for which all units are silent. Count units that are silent for all rows: the other axis.",
            lambda x, w, b: int((x @ w.T + b <= 0).all(axis=1).sum()),
        ),
    ),
)

EXERCISES = (RELU_BACKWARD, STABLE_SOFTPLUS, DEAD_UNITS)
