"""The programming exercises of chapter 16, Optimisers. The truth is one step of the library's own rules."""

import numpy as np

from cnnlib.exercises.exercise import Exercise, Misconception
from cnnlib.nn.optimizers import SGD, Adam


class Weights:
    """A model that is one array with a given gradient, for a single step of an optimizer."""

    def __init__(self, parameter, gradient):
        self.parameter, self.gradient = np.array(parameter, dtype=float), np.array(gradient, dtype=float)

    def parameters(self):
        """The array, by name."""
        return {"w": self.parameter}

    def gradients(self):
        """Its gradient, by name."""
        return {"w": self.gradient}


def after_a_step(optimizer, parameter, gradient, **memory):
    """(parameter, memory) after one step of the library's optimizer, which remembers the given arrays from earlier steps."""
    model = Weights(parameter, gradient)
    kept = {name: value.copy() if isinstance(value, np.ndarray) else value for name, value in memory.items()}
    optimizer._memories[model] = {"w": {"steps": 0} | kept}
    optimizer.step(model)
    return model.parameter, optimizer._memories[model]["w"]


def _momentum_step(w, g, v, lr, momentum):
    w, memory = after_a_step(SGD(lr, momentum=momentum), w, g, velocity=v)
    return w, memory["velocity"]


def _draw_shape(rng):
    return tuple(int(size) for size in rng.integers(1, 5, rng.integers(1, 4)))


def _draw_momentum(rng):
    w, g, v = rng.integers(-20, 21, (3, *_draw_shape(rng))) / 8
    return w, g, v, float(rng.choice([0.5, 0.1, 0.03])), float(rng.choice([0.9, 0.75, 0.5, 0.99]))


def _as_rule(step):
    """A wrong rule v, w = step(w, g, v, lr, momentum), in the order of the answer."""

    def rule(w, g, v, lr, momentum):
        v, w = step(w, g, v, lr, momentum)
        return w, v

    return rule


SGD_MOMENTUM = Exercise(
    id="sgd-momentum",
    chapter=16,
    title="One step with momentum",
    task=(
        "Write one step of gradient descent with momentum: given a parameter, its gradient and the velocity that the last step left "
        "(arrays of one shape), return the new parameter and the new velocity. The arrays that you were given stay as they were."
    ),
    kind="program",
    minutes=10,
    difficulty=1,
    parameters=("parameter", "gradient", "velocity", "lr", "momentum"),
    starter="def sgd_momentum(parameter, gradient, velocity, lr, momentum):\n    return ..., ...",
    answer=_momentum_step,
    parts=("the parameter", "the velocity"),
    examples=(
        (np.array([1.0]), np.array([4.0]), np.array([0.0]), 0.125, 0.5),
        (np.array([2.0, -1.0]), np.array([1.0, 0.5]), np.array([-4.0, 2.0]), 0.25, 0.75),
        (np.array([[0.5, 1.0], [2.0, 0.0]]), np.array([[1.0, -2.0], [0.0, 4.0]]), np.array([[3.0, 1.0], [-1.0, -8.0]]), 0.0625, 0.9),
    ),
    draw=_draw_momentum,
    hints=(
        "Two lines: first the velocity, then the parameter, which follows the new velocity.",
        "The new velocity is momentum times the old one, plus the gradient. There is no rate in it.",
        "velocity = momentum * velocity + gradient makes a new array. velocity *= momentum would change the one that you were given.",
    ),
    misconceptions=(
        Misconception(
            "old-velocity",
            "The parameter follows the velocity of the step before. Update the velocity first, then use the new one.",
            _as_rule(lambda w, g, v, lr, m: (m * v + g, w - lr * v)),
        ),
        Misconception(
            "uphill",
            "You add the step. The velocity points uphill, like the gradient: subtract.",
            _as_rule(lambda w, g, v, lr, m: (m * v + g, w + lr * (m * v + g))),
        ),
        Misconception(
            "running-mean",
            "You weight the gradient with 1 - momentum, as Adam does. PyTorch's SGD adds the whole gradient to the velocity.",
            _as_rule(lambda w, g, v, lr, m: (m * v + (1 - m) * g, w - lr * (m * v + (1 - m) * g))),
        ),
        Misconception(
            "rate-in-the-velocity",
            "You keep the rate inside the velocity. Here the velocity is made of gradients alone, and the rate multiplies it at the end.",
            _as_rule(lambda w, g, v, lr, m: (m * v + lr * g, w - (m * v + lr * g))),
        ),
        Misconception(
            "signed-velocity",
            "You keep minus the rate inside the velocity, as Sutskever's form does. Here it is m v + g, and w - lr v uses it.",
            _as_rule(lambda w, g, v, lr, m: (m * v - lr * g, w + (m * v - lr * g))),
        ),
        Misconception(
            "downhill-velocity",
            "Your velocity collects minus the gradients. Here it is m v + g and points uphill, and the minus comes with the rate.",
            _as_rule(lambda w, g, v, lr, m: (m * v - g, w + lr * (m * v - g))),
        ),
        Misconception(
            "nesterov",
            "You look one step ahead: that is Nesterov's momentum. Plain momentum follows the new velocity itself.",
            _as_rule(lambda w, g, v, lr, m: (m * v + g, w - lr * (g + m * (m * v + g)))),
        ),
        Misconception(
            "no-momentum",
            "Your parameter follows the gradient alone. It should follow the new velocity.",
            _as_rule(lambda w, g, v, lr, m: (m * v + g, w - lr * g)),
        ),
        Misconception(
            "momentum-on-the-gradient",
            "You multiply the new gradient by the momentum. It is the old velocity that fades.",
            _as_rule(lambda w, g, v, lr, m: (v + m * g, w - lr * (v + m * g))),
        ),
        Misconception(
            "nothing-fades",
            "Your velocity is the sum of all gradients. Multiply the old velocity by the momentum.",
            _as_rule(lambda w, g, v, lr, m: (v + g, w - lr * (v + g))),
        ),
        Misconception(
            "all-fades",
            "You multiply the new gradient by the momentum as well. Only the old velocity fades; the gradient enters whole.",
            _as_rule(lambda w, g, v, lr, m: (m * (v + g), w - lr * m * (v + g))),
        ),
        Misconception(
            "rate-forgotten",
            "The velocity is right. The parameter moves by lr times the velocity, not by the velocity itself.",
            _as_rule(lambda w, g, v, lr, m: (m * v + g, w - (m * v + g))),
        ),
        Misconception(
            "old-velocity-returned",
            "The new parameter is right, but you return the velocity that you were given. The next step needs the new one.",
            _as_rule(lambda w, g, v, lr, m: (v.copy(), w - lr * (m * v + g))),
        ),
        Misconception(
            "swapped",
            "You return the velocity first. The parameter comes first.",
            lambda w, g, v, lr, m: _momentum_step(w, g, v, lr, m)[::-1],
        ),
    ),
)


def _adam_step(w, g, m, s, t, lr, beta1, beta2, eps):
    w, memory = after_a_step(Adam(lr, betas=(beta1, beta2), eps=eps), w, g, mean=m, square=s, steps=t - 1)
    return w, memory["mean"], memory["square"]


def _draw_adam(rng):
    shape, t = _draw_shape(rng), int(rng.integers(1, 30))
    w, g, m = rng.integers(-20, 21, (3, *shape)) / 8
    s = rng.integers(1, 30, shape) / 8
    beta1, beta2 = float(rng.choice([0.9, 0.5, 0.8])), float(rng.choice([0.999, 0.99, 0.9]))
    return (w, g, m * (t > 1), s * (t > 1), t, float(rng.choice([0.1, 0.01])), beta1, beta2, float(rng.choice([0.5, 0.125, 1e-3])))


def _averages(m, s, g, beta1, beta2):
    return beta1 * m + (1 - beta1) * g, beta2 * s + (1 - beta2) * g * g


def _move(m, s, c1, c2, lr, eps):
    return lr * m / c1 / (np.sqrt(s / c2) + eps)


def _wrong_adam(move=_move, *, averages=_averages, correction=lambda beta, t: 1 - beta**t):
    """A step of Adam with one of its parts done wrong; c1 and c2 are the corrections of the two averages."""

    @np.errstate(all="ignore")
    def rule(w, g, m, s, t, lr, beta1, beta2, eps):
        m, s = averages(m, s, g, beta1, beta2)
        return w - move(m, s, correction(beta1, t), correction(beta2, t), lr, eps), m, s

    return rule


def _corrected_averages_kept(w, g, m, s, t, lr, beta1, beta2, eps):
    w, m, s = _adam_step(w, g, m, s, t, lr, beta1, beta2, eps)
    return w, m / (1 - beta1**t), s / (1 - beta2**t)


def _square_of_the_mean(m, s, g, beta1, beta2):
    m = beta1 * m + (1 - beta1) * g
    return m, beta2 * s + (1 - beta2) * m**2


ADAM_STEP = Exercise(
    id="adam-step",
    chapter=16,
    title="One step of Adam",
    task=(
        "Write step number t of Adam, t = 1, 2, ...: given a parameter w, its gradient g, and the averages m (of g) and s (of g squared) "
        "that the last step left, return the new w, m and s. The averages are returned as they are kept, without their correction."
    ),
    kind="program",
    minutes=15,
    difficulty=2,
    parameters=("w", "g", "m", "s", "t", "lr", "beta1", "beta2", "eps"),
    starter="def adam_step(w, g, m, s, t, lr, beta1, beta2, eps):\n    return ..., ..., ...",
    answer=_adam_step,
    parts=("w", "m", "s"),
    examples=(
        (np.array([1.0, 1.0]), np.array([4.0, -0.25]), np.zeros(2), np.zeros(2), 1, 0.1, 0.9, 0.999, 0.125),
        (np.array([1.0, 0.5]), np.array([2.0, 0.0]), np.array([0.5, 1.0]), np.array([1.0, 4.0]), 2, 0.1, 0.5, 0.9, 0.5),
        (np.array([[0.5, -1.0]]), np.array([[1.0, 3.0]]), np.array([[-2.0, 0.25]]), np.array([[4.0, 0.5]]), 7, 0.01, 0.9, 0.99, 1e-3),
    ),
    draw=_draw_adam,
    hints=(
        "Four lines: the average of g, the average of g squared, the two corrected averages, the step.",
        "An average moves by m = beta1 m + (1 - beta1) g. After t steps its weights add up to 1 - beta1**t: divide by that.",
        "The step is lr times the corrected m, divided by the square root of the corrected s plus eps. eps stands outside the root.",
    ),
    misconceptions=(
        Misconception(
            "not-corrected",
            "The averages are right, but the step uses them without their correction.",
            _wrong_adam(lambda m, s, c1, c2, lr, eps: lr * m / (np.sqrt(s) + eps)),
        ),
        Misconception(
            "mean-not-corrected",
            "You correct the average of the squares, and not that of the gradient.",
            _wrong_adam(lambda m, s, c1, c2, lr, eps: lr * m / (np.sqrt(s / c2) + eps)),
        ),
        Misconception(
            "squares-not-corrected",
            "You correct the average of the gradient, and not that of the squares.",
            _wrong_adam(lambda m, s, c1, c2, lr, eps: lr * m / c1 / (np.sqrt(s) + eps)),
        ),
        Misconception(
            "eps-inside",
            "Your eps stands under the square root. Adam adds it to the root.",
            _wrong_adam(lambda m, s, c1, c2, lr, eps: lr * m / c1 / np.sqrt(s / c2 + eps)),
        ),
        Misconception(
            "eps-before-correction",
            "You add eps before the correction, which enlarges it too. Correct s first, take the root, then add eps.",
            _wrong_adam(lambda m, s, c1, c2, lr, eps: lr * m / c1 / ((np.sqrt(s) + eps) / np.sqrt(c2))),
        ),
        Misconception(
            "no-eps",
            "eps is missing in the denominator.",
            _wrong_adam(lambda m, s, c1, c2, lr, eps: lr * m / c1 / np.sqrt(s / c2)),
        ),
        Misconception(
            "no-root",
            "You divide by the average of the squares. Take its square root first.",
            _wrong_adam(lambda m, s, c1, c2, lr, eps: lr * m / c1 / (s / c2 + eps)),
        ),
        Misconception(
            "uphill",
            "You add the step: that goes uphill.",
            _wrong_adam(lambda *parts: -_move(*parts)),
        ),
        Misconception(
            "steps-from-zero",
            "Your correction uses t + 1. The first step has t = 1 already.",
            _wrong_adam(correction=lambda beta, t: 1 - beta ** (t + 1)),
        ),
        Misconception(
            "constant-correction",
            "Your correction does not change with t. The sum of the weights is 1 - beta to the power t.",
            _wrong_adam(correction=lambda beta, t: 1 - beta),
        ),
        Misconception(
            "times-t",
            "Your correction multiplies beta by t. The sum of the weights is 1 - beta to the power t.",
            _wrong_adam(correction=lambda beta, t: 1 - beta * t),
        ),
        Misconception(
            "corrections-swapped",
            "You divide m by the correction of s, and s by that of m. Each average has its own beta.",
            _wrong_adam(lambda m, s, c1, c2, lr, eps: lr * m / c2 / (np.sqrt(s / c1) + eps)),
        ),
        Misconception(
            "corrected-after-the-root",
            "You divide the root of s by the correction. s itself is corrected, and the root is taken afterwards.",
            _wrong_adam(lambda m, s, c1, c2, lr, eps: lr * m / c1 / (np.sqrt(s) / c2 + eps)),
        ),
        Misconception(
            "betas-swapped",
            "beta1 belongs to the gradient, beta2 to its square. You exchanged them.",
            lambda w, g, m, s, t, lr, beta1, beta2, eps: _adam_step(w, g, m, s, t, lr, beta2, beta1, eps),
        ),
        Misconception(
            "corrected-kept",
            "The new w is right. But return m and s without their correction: the next step needs them so.",
            _corrected_averages_kept,
        ),
        Misconception(
            "square-of-the-mean",
            "You average the square of m. Adam averages the square of the gradient itself.",
            _wrong_adam(averages=_square_of_the_mean),
        ),
        Misconception(
            "new-not-weighted",
            "You add the whole gradient, and its whole square. In an average the new value has the weight 1 - beta.",
            _wrong_adam(averages=lambda m, s, g, beta1, beta2: (beta1 * m + g, beta2 * s + g * g)),
        ),
        Misconception(
            "weights-exchanged",
            "beta is the weight of the old average, and 1 - beta that of the new value. You exchanged the two.",
            _wrong_adam(averages=lambda m, s, g, beta1, beta2: ((1 - beta1) * m + beta1 * g, (1 - beta2) * s + beta2 * g * g)),
        ),
        Misconception(
            "correction-upside-down",
            "You multiply by the correction. The averages are too small, since they began at 0: divide.",
            _wrong_adam(lambda m, s, c1, c2, lr, eps: lr * m * c1 / (np.sqrt(s * c2) + eps)),
        ),
    ),
)

EXERCISES = (SGD_MOMENTUM, ADAM_STEP)
