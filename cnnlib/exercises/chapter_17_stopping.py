"""Programming exercise of chapter 17, Train a small net: stopping in time."""

import numpy as np

from cnnlib.exercises.exercise import Exercise, Misconception


def _stopping(better=lambda losses, epoch, best: losses[epoch] < losses[best], since=lambda epoch, best: epoch - best):
    """A rule of early stopping, right unless told otherwise.

    better: whether an epoch improves, from (losses, epoch, best). since: how long there was no improvement, from (epoch, best).
    Returns a function of (losses, patience) that gives (epochs, best).
    """

    def stop(losses, patience):
        best = 0
        for epoch in range(len(losses)):
            if better(losses, epoch, best):
                best = epoch
            elif since(epoch, best) >= patience:
                return epoch + 1, best
        return len(losses), best

    return stop


_stopped = _stopping()


def _against_the_previous(losses, patience):
    epochs, _ = _stopping(lambda losses, epoch, best: epoch == 0 or losses[epoch] < losses[epoch - 1])(losses, patience)
    return epochs, losses.index(min(losses[:epochs]))


def _never_reset(losses, patience):
    """Counts all epochs without a new minimum, in a row or not."""
    idle = [epoch for epoch in range(1, len(losses)) if losses[epoch] >= min(losses[:epoch])]
    epochs = idle[patience - 1] + 1 if len(idle) >= patience else len(losses)
    return epochs, losses.index(min(losses[:epochs]))


def _other_best(choose):
    """The right number of epochs with another best one: choose(losses, patience, epochs, best), losses up to the end of the training."""

    def stop(losses, patience):
        epochs, best = _stopped(losses, patience)
        return epochs, choose(losses[:epochs], patience, epochs, best)

    return stop


def _number_where_it_stopped(losses, patience):
    epochs, best = _stopped(losses, patience)
    return epochs - (epochs - 1 - best >= patience), best


def _last_fall(losses, patience):
    best = 0
    for epoch in range(1, len(losses)):
        if losses[epoch] < losses[epoch - 1]:
            best = epoch
        elif epoch - best >= patience:
            return epoch + 1, best
    return len(losses), best


def _draw_losses(rng):
    """Random (validation_losses, patience): falling, then rising again, with ties and with second minima."""
    count = int(rng.integers(4, 14))
    curve = 0.5 + 0.06 * np.abs(np.arange(count) - rng.integers(1, count)) + 0.1 * rng.integers(-1, 2, size=count)
    return [float(loss) for loss in np.round(curve, 1)], int(rng.integers(1, 5))


EARLY_STOPPING = Exercise(
    id="early-stopping",
    chapter=17,
    title="When to stop",
    task=(
        "validation_losses lists the loss after every epoch; the epochs are numbered from 0. An epoch improves when its loss is strictly "
        "smaller than all losses before it; epoch 0 always improves. Training ends after `patience` epochs in a row that do not improve, "
        "or with the end of the list. Return how many epochs were trained, and the number of the last epoch that improved. "
        "The list has at least one loss, and patience is at least 1."
    ),
    kind="program",
    minutes=12,
    difficulty=2,
    parameters=("validation_losses", "patience"),
    parts=("the number of epochs", "the best epoch"),
    starter="def early_stopping(validation_losses, patience):\n    epochs, best = ..., ...\n    return epochs, best",
    answer=_stopped,
    examples=(
        ([0.9, 0.5, 0.7, 0.6, 0.4], 2),
        ([0.9, 0.5, 0.7, 0.6, 0.4], 3),
        ([0.5], 1),
        ([0.6, 0.7, 0.5, 0.8, 0.4, 0.9, 0.3], 2),
        ([0.9, 0.7, 0.7, 0.8, 0.6], 2),
        ([0.5, 0.5, 0.4], 1),
        ([0.3, 0.4, 0.5], 1),
        ([0.8, 0.6, 0.5, 0.3], 2),
        ([0.4, 0.9, 0.8, 0.7, 0.6], 3),
    ),
    draw=_draw_losses,
    draws=30,
    whole="a number of epochs",
    hints=(
        "Play it by hand with 0.9, 0.5, 0.7, 0.6, 0.4 and patience 2. Which numbers must you remember from epoch to epoch?",
        "Remember the epoch with the smallest loss so far. Epochs waited since then: this epoch minus that one.",
        "In a loop over the epochs: if the loss is below the best one, this epoch is the best. Otherwise, if epoch - best has reached "
        "patience, return epoch + 1 and best. What is returned when the loop comes to its end?",
    ),
    misconceptions=(
        Misconception(
            "against-the-previous",
            "You compare with the epoch before. After a bad epoch a slightly better one is no improvement: compare with the best so far.",
            _against_the_previous,
        ),
        Misconception(
            "one-epoch-too-long",
            "You wait one epoch more than allowed: training ends with the epoch that completes the row.",
            _stopping(since=lambda epoch, best: epoch - best - 1),
        ),
        Misconception(
            "one-epoch-too-short",
            "You count the best epoch as the first one waited. Waiting begins with the epoch after it.",
            _stopping(better=lambda losses, epoch, best: epoch > 0 and losses[epoch] < losses[best], since=lambda e, b: e - b + 1),
        ),
        Misconception(
            "ties-improve",
            "An equal loss is no improvement: the new loss must be strictly smaller.",
            _stopping(lambda losses, epoch, best: losses[epoch] <= losses[best]),
        ),
        Misconception(
            "never-reset", "The epochs must come in a row: an improvement sets the count of waited epochs back to 0.", _never_reset
        ),
        Misconception(
            "last-not-best",
            "The last epoch is not the best when training ended for want of improvement. Remember the best one.",
            _other_best(lambda losses, patience, epochs, best: epochs - 1),
        ),
        Misconception(
            "best-of-the-whole-list",
            "You looked into the future: epochs after the end were never trained, so none of them can be the best.",
            lambda losses, patience: (_stopped(losses, patience)[0], losses.index(min(losses))),
        ),
        Misconception(
            "never-stops",
            "Patience plays no part in your answer: training may end before the end of the list.",
            lambda losses, patience: (len(losses), losses.index(min(losses))),
        ),
        Misconception(
            "number-of-the-last-epoch",
            "Epochs are numbered from 0, so the number of the last epoch is one less than how many were trained.",
            lambda losses, patience: (_stopped(losses, patience)[0] - 1, _stopped(losses, patience)[1]),
        ),
        Misconception(
            "best-counted-from-one",
            "The first epoch has the number 0; you number the best epoch from 1.",
            _other_best(lambda losses, patience, epochs, best: best + 1),
        ),
        Misconception(
            "loss-not-epoch",
            "The smallest loss itself is not asked for, but the number of the epoch that reached it.",
            _other_best(lambda losses, patience, epochs, best: losses[best]),
        ),
        Misconception(
            "last-of-the-list",
            "When the list ends before patience does, the last epoch need not be the best: return the best one there, too.",
            _other_best(lambda losses, patience, epochs, best: best if epochs - 1 - best >= patience else epochs - 1),
        ),
        Misconception(
            "number-where-it-stopped",
            "After stopping in epoch number e, counted from 0, e + 1 epochs were trained. At the end of the list you count right.",
            _number_where_it_stopped,
        ),
        Misconception(
            "epochs-up-to-the-best",
            "You count the epochs up to the best one. Those that were waited in vain were trained too.",
            lambda losses, patience: (_stopped(losses, patience)[1] + 1, _stopped(losses, patience)[1]),
        ),
        Misconception(
            "last-of-equal-losses",
            "Of equal smallest losses the first one improved, and the later ones did not.",
            _other_best(lambda losses, patience, epochs, best: max(e for e in range(epochs) if losses[e] == losses[best])),
        ),
        Misconception(
            "last-fall",
            "You remember the last epoch that fell below the one before it. Compare with the best so far.",
            _last_fall,
        ),
        Misconception(
            "epochs-waited",
            "That is how long ago the best epoch was. Its own number is asked for.",
            _other_best(lambda losses, patience, epochs, best: epochs - 1 - best),
        ),
        Misconception(
            "patience-before-the-end",
            "Going back by `patience` epochs is right where patience ended the training. At the end of the list the best may be any epoch.",
            _other_best(lambda losses, patience, epochs, best: epochs - 1 - patience),
        ),
        Misconception(
            "one-before-the-best",
            "Your best epoch is the one before the best. The losses are numbered from 0, as Python counts.",
            _other_best(lambda losses, patience, epochs, best: best - 1),
        ),
        Misconception(
            "swapped",
            "The right two numbers, in the wrong order: the number of epochs comes first.",
            lambda losses, patience: _stopped(losses, patience)[::-1],
        ),
    ),
)

EXERCISES = (EARLY_STOPPING,)
