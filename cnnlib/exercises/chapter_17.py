"""Programming exercises of chapter 17, Train a small net: counting steps, counting confusions."""

import numpy as np

from cnnlib.exercises.exercise import Exercise, Misconception
from cnnlib.nn import confusion_matrix

# Steps of a training


def _steps(examples, batch_size, epochs):
    return -(-examples // batch_size) * epochs


STEPS_PER_EPOCH = Exercise(
    id="steps-per-epoch",
    chapter=17,
    title="How many steps?",
    task=(
        "Each epoch goes once through all examples, in batches of batch_size. The last batch of an epoch may be smaller; it is used too. "
        "Every batch makes one gradient step, and no batch reaches into the next epoch. Count the steps of the whole training."
    ),
    kind="program",
    minutes=5,
    difficulty=1,
    parameters=("examples", "batch_size", "epochs"),
    starter="def steps_per_epoch(examples, batch_size, epochs):\n    steps = ...\n    return steps",
    answer=_steps,
    examples=((10, 4, 1), (10, 4, 2), (12, 4, 3), (5, 8, 2), (9, 4, 3), (1415, 32, 40)),
    draw=lambda rng: (int(rng.integers(1, 120)), int(rng.integers(1, 24)), int(rng.integers(1, 8))),
    whole="a number of steps",
    hints=(
        "Take 10 examples in batches of 4, and write down the size of every batch of one epoch.",
        "One epoch has examples / batch_size batches, and a part of a batch counts as one. Which way is that rounded?",
        "`math.ceil(a / b)` rounds up, and so does `-(-a // b)`. Round the steps of one epoch, then multiply by the epochs.",
    ),
    misconceptions=(
        Misconception("floor", "That drops the last batch when it is smaller. Here it makes a step too.", lambda n, b, e: n // b * e),
        Misconception(
            "epochs-forgotten",
            "Those are the steps of one epoch. The training goes through the examples again.",
            lambda n, b, e: -(-n // b),
        ),
        Misconception(
            "batches-across-epochs",
            "You round once, at the end. Every epoch has its own smaller batch, because no batch reaches into the next epoch.",
            lambda n, b, e: -(-n * e // b),
        ),
        Misconception(
            "one-more-always",
            "When the batch size divides the number of examples, no smaller batch is left over.",
            lambda n, b, e: (n // b + 1) * e,
        ),
        Misconception("not-rounded", "A part of a batch still makes one whole step.", lambda n, b, e: n / b * e),
        Misconception(
            "floor-at-the-end",
            "You let batches reach into the next epoch, and drop what is left over at the end. Count one epoch first, in whole batches.",
            lambda n, b, e: n * e // b,
        ),
        Misconception("round", "Rounding to the nearest drops a last batch that is less than half full.", lambda n, b, e: round(n / b) * e),
        Misconception("one-example-a-step", "A step takes a whole batch of examples, not a single one.", lambda n, b, e: n * e),
    ),
)

# The confusion matrix


def _draw_classified(rng):
    """Random (labels, predictions, classes): about half of the predictions right, and often a class that never occurs."""
    classes = int(rng.integers(2, 6))
    used = rng.permutation(classes)[: max(2, classes - int(rng.integers(0, 2)))]
    labels = rng.choice(used, size=int(rng.integers(3, 25)))
    guesses = rng.choice(used, size=len(labels))
    return labels, np.where(rng.random(len(labels)) < 0.5, labels, guesses), classes


def _shares(over):
    """The confusion matrix, divided by its sums over an axis, or by its total for None."""

    def matrix(labels, predictions, classes):
        counts = confusion_matrix(labels, predictions, classes)
        return counts / np.maximum(counts.sum(axis=over, keepdims=True), 1)

    return matrix


def _seen_only(labels, predictions, classes):
    """One row and one column for every class that occurs, and none for the others."""
    seen = np.union1d(labels, predictions)
    return confusion_matrix(labels, predictions, classes)[np.ix_(seen, seen)]


def _one_row_many_times(labels, predictions, classes):
    """What `[[0] * classes] * classes` makes: every row is the same list, so every count lands in all of them."""
    return np.tile(np.bincount(predictions, minlength=classes), (classes, 1))


CONFUSION_MATRIX = Exercise(
    id="confusion-matrix",
    chapter=17,
    title="Who is taken for whom?",
    task=(
        "labels and predictions hold one class index per example, from 0 to classes - 1. Count for each true class (row) how often "
        "the net answered each class (column). Return an array of shape (classes, classes), also when some class never occurs."
    ),
    kind="program",
    minutes=8,
    difficulty=1,
    parameters=("labels", "predictions", "classes"),
    starter="def confusion_matrix(labels, predictions, classes):\n    matrix = ...\n    return matrix",
    answer=confusion_matrix,
    examples=(
        (np.array([0, 0, 1]), np.array([0, 1, 1]), 2),
        (np.array([0, 1, 1, 1]), np.array([1, 0, 1, 1]), 2),
        (np.array([0, 2, 2, 1]), np.array([0, 0, 0, 1]), 3),
        (np.array([0, 1, 1]), np.array([1, 1, 0]), 4),
        (np.array([3, 0, 3]), np.array([3, 3, 3]), 4),
    ),
    draw=_draw_classified,
    hints=(
        "Fill the matrix by hand for labels 0, 0, 1 and predictions 0, 1, 1. Each example adds 1 to one cell. Which?",
        "Begin with zeros for all pairs of classes. Go through labels and predictions side by side; `zip` does that.",
        "For the true class k and the answer l add 1 to `matrix[k, l]`. It is a count: what stood there before must stay in it.",
    ),
    misconceptions=(
        Misconception(
            "transposed",
            "Rows and columns are swapped: a row belongs to a true class, a column to an answer of the net.",
            lambda labels, predictions, classes: confusion_matrix(labels, predictions, classes).T,
        ),
        Misconception(
            "pairs-counted-once",
            "A pair that occurs several times counts every time. With arrays as indices, `matrix[labels, predictions] += 1` adds to each "
            "cell once; `np.add.at` adds every time.",
            lambda labels, predictions, classes: np.minimum(confusion_matrix(labels, predictions, classes), 1),
        ),
        Misconception("shares-of-rows", "You give shares of each true class. Here the counts themselves are wanted.", _shares(1)),
        Misconception("shares-of-columns", "You give shares of each answer of the net. Here the counts themselves are wanted.", _shares(0)),
        Misconception("shares-of-all", "You give shares of all examples. Here the counts themselves are wanted.", _shares(None)),
        Misconception(
            "diagonal-only",
            "The diagonal holds the right answers. The wrong ones are counted as well, beside it.",
            lambda labels, predictions, classes: np.diag(np.diag(confusion_matrix(labels, predictions, classes))),
        ),
        Misconception(
            "errors-only",
            "You count the wrong answers alone. The right ones are counted too, on the diagonal.",
            lambda labels, predictions, classes: (1 - np.eye(classes)) * confusion_matrix(labels, predictions, classes),
        ),
        Misconception(
            "size-from-the-largest",
            "The largest index that occurs does not tell the number of classes: the last class may be absent. `classes` tells it.",
            lambda labels, predictions, classes: confusion_matrix(labels, predictions),
        ),
        Misconception("absent-classes-dropped", "A class that never occurs keeps its row and its column, filled with zeros.", _seen_only),
        Misconception(
            "one-row-many-times",
            "All your rows are equal. `[row] * classes` repeats one and the same list, so a change in one row shows in all of them.",
            _one_row_many_times,
        ),
    ),
)

EXERCISES = (STEPS_PER_EPOCH, CONFUSION_MATRIX)
