"""Programming exercises of chapter 09 on the cross-entropy. The truth is `cnnlib.cross_entropy` and `cnnlib.cross_entropy_backward`."""

import numpy as np

from cnnlib.exercises.exercise import Exercise, Misconception
from cnnlib.ops.losses import cross_entropy, cross_entropy_backward, log_softmax, softmax, softmax_backward


def _targets(logits, labels):
    return np.eye(logits.shape[1])[labels]


def _draw_classified(rng):
    """Logits of some rows with their labels. Labels repeat; a fifth of the cases are far from 0."""
    rows, classes = int(rng.integers(2, 6)), int(rng.integers(2, 6))
    height = rng.choice([0.0, 0.0, 0.0, 0.0, 2000.0])
    return height + rng.normal(0, 2, (rows, classes)), rng.integers(0, classes, rows)


EXAMPLES = (
    (np.array([[0.0, 0.0]]), np.array([0])),
    (np.array([[0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0]]), np.array([3, 1])),
    (np.array([[2.0, -1.0, 0.5], [0.0, 3.0, 1.0], [1.0, 1.0, -2.0]]), np.array([0, 2, 2])),
    (np.array([[1500.0, 1502.0, 1501.0]]), np.array([0])),
    (np.array([[-2.0, 900.0], [3.0, 4.0]]), np.array([0, 1])),
)


def _naive_backward(logits, labels):
    with np.errstate(all="ignore"):
        powers = np.exp(logits)
        return (powers / powers.sum(axis=1, keepdims=True) - _targets(logits, labels)) / len(labels)


def _all_columns(logits, labels):
    """The indexing slip p[:, labels] -= 1: it visits every row for every label (and once for equal labels)."""
    p = softmax(logits)
    p[:, labels] -= 1
    return p / len(labels)


def _whole_rows(logits, labels):
    """The indexing slip p[labels] -= 1."""
    p = softmax(logits)
    p[labels] -= 1
    return p / len(labels)


def _by_probabilities(logits, labels):
    """The gradient by p, not by the logits. A vanished p is held off 0 as programs do."""
    return -_targets(logits, labels) / np.maximum(softmax(logits), 1e-12) / len(labels)


def _by_probabilities_bare(logits, labels):
    """The same with nothing that holds a vanished p off 0."""
    p, at = softmax(logits), (np.arange(len(labels)), labels)
    gradient = np.zeros_like(p)
    with np.errstate(all="ignore"):
        gradient[at] = -1 / p[at]
    return gradient / len(labels)


def _squared_error(logits, labels):
    return softmax_backward(softmax(logits) - _targets(logits, labels), logits) / len(labels)


CROSS_ENTROPY_BACKWARD = Exercise(
    id="cross-entropy-backward",
    chapter=9,
    title="The gradient by the logits",
    task=(
        "logits (N, K) are a net's scores for N images, labels (N,) the true classes, from 0 to K - 1. The loss is the mean over the "
        "images of the cross-entropy, -log softmax(logits) at the label. "
        "Return its gradient by the logits, (N, K), finite for any finite logits."
    ),
    kind="program",
    minutes=12,
    difficulty=2,
    parameters=("logits", "labels"),
    starter="def cross_entropy_backward(logits, labels):\n    return ...",
    answer=cross_entropy_backward,
    examples=EXAMPLES,
    draw=_draw_classified,
    hints=(
        "For one image the gradient is what the net says minus what is true: p - t. What is t for a label?",
        "Compute p with cnnlib.softmax. t is 1 at the label and 0 elsewhere, so subtract 1 in one place of each row. The mean divides.",
        "p[np.arange(N), labels] names one entry of each row: row 0 with labels[0], row 1 with labels[1], ... Divide by N in the end.",
    ),
    misconceptions=(
        Misconception(
            "not-divided",
            "The loss is the mean over the images, so each of them contributes 1/N of its gradient.",
            lambda logits, labels: cross_entropy_backward(logits, labels, reduction="sum"),
        ),
        Misconception(
            "divided-by-the-classes",
            "The mean is taken over the images, not over the classes: divide by the number of rows.",
            lambda logits, labels: cross_entropy_backward(logits, labels, reduction="sum") / logits.shape[1],
        ),
        Misconception(
            "divided-by-all",
            "You divided by all entries. The loss is a mean over the images: divide by the number of rows.",
            lambda logits, labels: cross_entropy_backward(logits, labels, reduction="sum") / logits.size,
        ),
        Misconception(
            "brackets-missing",
            "Only the target is divided by N. In p - t / N the division comes first: write brackets.",
            lambda logits, labels: softmax(logits) - _targets(logits, labels) / len(labels),
        ),
        Misconception(
            "divided-too-early",
            "You divided p by N and subtracted a whole 1 afterwards. The 1 at the label is a part of the mean too.",
            lambda logits, labels: softmax(logits) / len(labels) - _targets(logits, labels),
        ),
        Misconception(
            "sign",
            "The sign is turned. Raising the logit of the true class lowers the loss, so its gradient is negative.",
            lambda logits, labels: -cross_entropy_backward(logits, labels),
        ),
        Misconception(
            "only-the-label",
            "Only the column of the label is filled. The other logits matter too: they stand in the sum of softmax.",
            lambda logits, labels: cross_entropy_backward(logits, labels) * _targets(logits, labels),
        ),
        Misconception(
            "no-target",
            "Those are the probabilities. The target is missing: subtract 1 at the label.",
            lambda logits, labels: softmax(logits) / len(labels),
        ),
        Misconception(
            "number-of-the-label",
            "You subtracted the label as a number. Class 7 is not more than class 2: subtract 1 in the column of the label.",
            lambda logits, labels: (softmax(logits) - labels[:, None]) / len(labels),
        ),
        Misconception(
            "every-row-every-label",
            "p[:, labels] names those columns in all rows. Each row has one label: p[np.arange(N), labels].",
            _all_columns,
        ),
        Misconception(
            "rows-of-the-labels",
            "p[labels] names whole rows, those with the numbers of the labels. One entry of each row is meant: p[np.arange(N), labels].",
            _whole_rows,
        ),
        Misconception(
            "by-probabilities",
            "You gave the gradient by the probabilities, -1/p at the label. Carry it on through softmax, to the logits.",
            _by_probabilities,
        ),
        Misconception(
            "divided-by-p",
            "You divided by the label's probability, which may be rounded to 0, and stopped at p. Carry it on through softmax: p cancels.",
            _by_probabilities_bare,
        ),
        Misconception(
            "softmax-twice",
            "You sent p - t backward through softmax once more. p - t is the gradient by the logits already.",
            _squared_error,
        ),
        Misconception(
            "naive",
            "The formula is right, but for large logits the powers overflow and nan comes out. Use the stable softmax.",
            _naive_backward,
        ),
        Misconception(
            "no-softmax",
            "You subtracted the targets from the logits. Logits are scores; softmax makes probabilities of them first.",
            lambda logits, labels: (logits - _targets(logits, labels)) / len(labels),
        ),
        Misconception(
            "columns",
            "Your softmax runs down the columns. Each image has its own probabilities.",
            lambda logits, labels: (softmax(logits, 0) - _targets(logits, labels)) / len(labels),
        ),
        Misconception(
            "from-one",
            "Classes are counted from 0. You subtracted 1 in the column before the label's.",
            lambda logits, labels: (softmax(logits) - _targets(logits, labels - 1)) / len(labels),
        ),
    ),
)


def _naive_loss(logits, labels):
    with np.errstate(all="ignore"):
        powers = np.exp(logits)
        return -np.log((powers / powers.sum(axis=1, keepdims=True))[np.arange(len(labels)), labels]).mean()


def _naive_log_sum(logits, labels):
    with np.errstate(all="ignore"):
        return (np.log(np.exp(logits).sum(axis=1)) - logits[np.arange(len(labels)), labels]).mean()


def _log_of(change):
    """Minus the mean logarithm of the label's probability, changed first, perhaps, to keep 0 out of the logarithm."""

    def loss(logits, labels):
        with np.errstate(all="ignore"):
            return -np.log(change(softmax(logits)[np.arange(len(labels)), labels])).mean()

    return loss


STABLE_LOSS = Exercise(
    id="stable-loss",
    chapter=9,
    title="Cross-entropy straight from the logits",
    task=(
        "logits (N, K) are a net's scores for N images, labels (N,) the true classes. Return the mean over the images of "
        "-log softmax(logits) at the label, as one number. "
        "It must be finite, and right to seven digits, for any logits of moderate size, such as 2000 or -2000."
    ),
    kind="program",
    minutes=10,
    difficulty=2,
    parameters=("logits", "labels"),
    starter="def stable_loss(logits, labels):\n    return ...",
    answer=cross_entropy,
    whole=None,
    examples=EXAMPLES,
    draw=lambda rng: (lambda logits, labels: (logits * rng.choice([1.0, 400.0]), labels))(*_draw_classified(rng)),
    hints=(
        "A probability of exp(-900) is rounded to 0, and its logarithm is infinite. But the logarithm itself is only -900. Do not go there "
        "and back: take the logarithm of the formula first.",
        "The logarithm of softmax is z[label] - log(sum of exp(z)). The sum still overflows for large z. Which shift helps?",
        "Subtract each row's maximum from the row. Then every sum lies between 1 and K, and its logarithm is harmless.",
    ),
    misconceptions=(
        Misconception(
            "naive",
            "For large logits the powers overflow and the loss is nan. Shift each row first.",
            _naive_loss,
        ),
        Misconception(
            "naive-logarithm",
            "You took the logarithm of the formula, and the sum inside it still overflows. Subtract each row's maximum first.",
            _naive_log_sum,
        ),
        Misconception(
            "maximum-not-given-back",
            "You shifted the logits inside the sum, and not the label's. Both must be shifted, or the maximum is added again.",
            lambda logits, labels: cross_entropy(logits, labels) - logits.max(axis=1).mean(),
        ),
        Misconception(
            "maximum-given-back-once",
            "You gave the maximum back to the logarithm of the sum, but took the label's logit shifted. Shift both, or neither.",
            lambda logits, labels: cross_entropy(logits, labels) + logits.max(axis=1).mean(),
        ),
        Misconception(
            "columns-of-all-labels",
            "logits[:, labels] names those columns in all rows. Each row has one label: logits[np.arange(N), labels].",
            lambda logits, labels: -log_softmax(logits, 1)[:, labels].mean(),
        ),
        Misconception(
            "log-of-softmax",
            "Your softmax is stable, but a probability below about 1e-324 is rounded to 0 and its logarithm is infinite. Take the "
            "logarithm of the formula, not of the number.",
            _log_of(lambda p: p),
        ),
        Misconception(
            "small-number-added",
            "You added a small number inside the logarithm. That makes the loss finite and wrong: it cannot grow beyond about 28, and "
            "where it is cut the gradient is lost.",
            _log_of(lambda p: p + 1e-12),
        ),
        Misconception(
            "clipped",
            "You clipped the probability away from 0. That makes the loss finite and wrong: below the clip it is constant, and nothing is "
            "learned from the worst mistakes.",
            _log_of(lambda p: np.maximum(p, 1e-15)),
        ),
        Misconception(
            "sign",
            "A logarithm of a probability is never above 0; the loss is minus it.",
            lambda logits, labels: -cross_entropy(logits, labels),
        ),
        Misconception(
            "sum",
            "You added up the losses of the images. The mean is asked for.",
            lambda logits, labels: cross_entropy(logits, labels, reduction="sum"),
        ),
        Misconception(
            "one-for-each",
            "Those are the losses of the single images. Their mean is asked for.",
            lambda logits, labels: cross_entropy(logits, labels, reduction="none"),
        ),
        Misconception(
            "all-classes",
            "You averaged over all classes. Cross-entropy looks at the class of the label alone.",
            lambda logits, labels: -log_softmax(logits, 1).mean(),
        ),
        Misconception(
            "probability",
            "That is the mean probability of the other classes. The loss is minus the logarithm of the label's.",
            lambda logits, labels: 1 - softmax(logits)[np.arange(len(labels)), labels].mean(),
        ),
        Misconception(
            "log-of-the-mean",
            "You took the logarithm of the mean probability. The mean of the logarithms is another number.",
            lambda logits, labels: (lambda p: np.inf if p == 0 else -np.log(p))(softmax(logits)[np.arange(len(labels)), labels].mean()),
        ),
        Misconception(
            "log-sum-forgotten",
            "You took the gap to the largest logit. The logarithm of the sum of the shifted powers is missing.",
            lambda logits, labels: (logits.max(axis=1) - logits[np.arange(len(labels)), labels]).mean(),
        ),
    ),
)

EXERCISES = (CROSS_ENTROPY_BACKWARD, STABLE_LOSS)
