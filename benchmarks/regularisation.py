"""What helps the net of chapter 17 when it has few images, and which changes of images hurt: dropout, weight decay, shifts, mirrors.

Three measurements. `few_images`: the net learns from 10 digits of each class by one of several recipes, ten seeds each; a seed draws the
digits, the first weights and the order, so all recipes of one seed start alike and can be compared in pairs. `sizes`: the plain recipe
with more and more digits. `all_images`: with all training digits, with and without mirrors, also asked for mirrored test digits (F30).
The first two are judged on training digits that the net has not seen; the test digits judge the third alone, which chooses nothing.
The strengths came from a trial of three seeds on the same training digits; weight decay 0.03, which was tried there too, did worse than
nothing and was left out. All other recipes that were tried are stored. Early stopping takes its validation digits from the same hundred:
it learns from 8 of each class, and 2 of each class choose. A training on the same 80 digits, without a stop, shows what the stop does.
Run: python benchmarks/regularisation.py        Result: benchmarks/results/regularisation.json
"""

import os
import statistics
import sys
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # small matrices gain nothing from threads, and one thread repeats itself exactly

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

import numpy as np  # noqa: E402
import recipes  # noqa: E402
from seeds import over_seeds, versions, write  # noqa: E402

from cnnlib import SGD, Dropout, confusion_matrix, evaluate, fit, load_digits, predict  # noqa: E402
from cnnlib.augment import flip, rotate  # noqa: E402

CLASSES = 10
SEEDS, SIZE_SEEDS = tuple(range(10)), tuple(range(5))
PER_CLASS, CHOOSING, PATIENCE = 10, 2, 20
EPOCHS, BATCH_SIZE = 100, 20
SIZES = {5: 200, 10: 100, 20: 50, 50: 20, 100: 10}  # digits of each class: epochs, so that the number of steps stays the same
ALL_EPOCHS = 20


def left_right(batch, rng):
    """Exchange left and right in about half of the images."""
    return flip(batch, 0.5, rng=rng)


def top_bottom(batch, rng):
    """Exchange top and bottom in about half of the images."""
    return flip(batch, 0.5, axis="rows", rng=rng)


def ten_degrees(batch, rng):
    """Turn every image by up to ten degrees."""
    return rotate(batch, 10, rng=rng)


RECIPES = {
    "nothing": {},
    "weight decay 0.001": {"weight_decay": 0.001},
    "weight decay 0.01": {"weight_decay": 0.01},
    "80 digits": {"learn": PER_CLASS - CHOOSING},
    "80 digits, early stopping": {"learn": PER_CLASS - CHOOSING, "stop": True},
    "dropout 0.25": {"dropout": 0.25},
    "dropout 0.5": {"dropout": 0.5},
    "dropout 0.75": {"dropout": 0.75},
    "rotations by 10 degrees": {"augment": ten_degrees},
    "shifts by 1 cell": {"augment": recipes.one_cell},
    "shifts and dropout 0.5": {"augment": recipes.one_cell, "dropout": 0.5},
    "mirrors left-right": {"augment": left_right},
    "mirrors top-bottom": {"augment": top_bottom},
}
MIRRORS = ("nothing", "mirrors left-right", "mirrors top-bottom")


def drawn(labels, rng):
    """The places of the digits of each class in a random order: one row of places for each class, cut to the rarest class."""
    rows = [rng.permutation(np.flatnonzero(labels == label)) for label in range(CLASSES)]
    return np.stack([row[: min(map(len, rows))] for row in rows])


class Keeper:
    """Early stopping as a callback of `fit`: keeps the weights of the best epoch, and ends the training when it waits too long."""

    def __init__(self, model, patience):
        self.model, self.patience, self.best, self.kept = model, patience, 0, None

    def __call__(self, history):
        """Look at the last epoch's validation loss; True ends the training."""
        losses = history.validation_loss
        if self.kept is None or losses[-1] < losses[self.best]:
            self.best = len(losses) - 1
            self.kept = {name: w.copy() for name, w in self.model.parameters().items()}
        return len(losses) - 1 - self.best >= self.patience

    def restore(self):
        """Put the best weights back."""
        for name, w in self.model.parameters().items():
            w[...] = self.kept[name]


def train(learn, seed, *, epochs, dropout=0.0, weight_decay=0.0, augment=None, choose=None):
    """The chapter's net, trained on the images and labels `learn`; with `choose`, stopped by the loss on these."""
    rng = np.random.default_rng(seed)
    model = recipes.small_net(rng, *([Dropout(dropout)] if dropout else []))
    optimizer = SGD(recipes.LR, momentum=0.9, nesterov=True, weight_decay=weight_decay)
    keeper = Keeper(model, PATIENCE)
    watched = dict(validation_data=choose, callbacks=[keeper]) if choose else {}
    fit(model, *learn, epochs=epochs, batch_size=BATCH_SIZE, optimizer=optimizer, augment=augment, rng=rng, progress=False, **watched)
    if choose:
        keeper.restore()
    return model


def share_per_class(model, images, labels):
    """Of the images of each class, the percentage that the model reads as this class."""
    matrix = confusion_matrix(labels, predict(model, images), CLASSES)
    return 100 * np.diag(matrix) / matrix.sum(axis=1)


def rounded(array):
    """A list of percentages with three decimals."""
    return np.round(array, 3).tolist()


def few_images(name, recipe):
    """One recipe with few images: accuracies of the seeds, the mean losses, and each seed's accuracy on each class."""
    digits = load_digits()
    images, labels = digits.train_images, digits.train_labels
    recipe, accuracies, losses, classes = dict(recipe), [], [], []
    learn, stop = recipe.pop("learn", PER_CLASS), recipe.pop("stop", False)
    for seed in SEEDS:
        order = drawn(labels, np.random.default_rng(seed))
        own, chosen = order[:, :learn].ravel(), order[:, learn:PER_CLASS].ravel()
        rest = np.setdiff1d(np.arange(len(labels)), order[:, :PER_CLASS])
        choose = (images[chosen], labels[chosen]) if stop else None
        model = train((images[own], labels[own]), seed, epochs=EPOCHS, choose=choose, **recipe)
        unseen, accuracy = evaluate(model, images[rest], labels[rest])
        accuracies.append(100 * accuracy)
        losses.append((evaluate(model, images[own], labels[own])[0], unseen))
        classes.append(share_per_class(model, images[rest], labels[rest]))
    learned, unseen = np.mean(losses, axis=0)
    found = over_seeds(accuracies)
    print(f"{name}: {found['mean']:.2f} % +- {found['spread']:.2f}", flush=True)
    return found | {
        "loss_learned": round(learned, 5),
        "loss_unseen": round(unseen, 5),
        "per_class": classes,
    }


def compared(found):
    """Write down each class's mean over the seeds, its mean difference to the recipe "nothing", and this difference's standard error."""
    plain = np.array(found["nothing"]["per_class"])
    for recipe in found.values():
        classes = np.array(recipe["per_class"])
        gain = classes - plain
        error = gain.std(axis=0, ddof=1) / len(gain) ** 0.5
        recipe["per_class"] = {"mean": rounded(classes.mean(axis=0)), "gain": rounded(gain.mean(axis=0)), "error": rounded(error)}
    return found


def sizes():
    """The plain recipe with more and more digits: accuracy on those learned from, and on always the same unseen ones."""
    digits = load_digits()
    images, labels = digits.train_images, digits.train_labels
    found = {}
    for size, epochs in SIZES.items():
        learned, unseen = [], []
        for seed in SIZE_SEEDS:
            order = drawn(labels, np.random.default_rng(seed))
            own, rest = order[:, :size].ravel(), np.setdiff1d(np.arange(len(labels)), order[:, : max(SIZES)])
            model = train((images[own], labels[own]), seed, epochs=epochs)
            learned.append(100 * evaluate(model, images[own], labels[own])[1])
            unseen.append(100 * evaluate(model, images[rest], labels[rest])[1])
        found[str(CLASSES * size)] = {"learned": over_seeds(learned), "unseen": over_seeds(unseen)}
        print(f"{CLASSES * size} digits: {found[str(CLASSES * size)]['unseen']['mean']:.2f} %", flush=True)
    return found


def all_images(name):
    """One of MIRRORS with all training digits: test accuracy, and how much of each class is still read as itself when mirrored."""
    digits = load_digits()
    test = digits.test_images, digits.test_labels
    ways = {"as they are": test[0], "left-right": test[0][..., ::-1], "top-bottom": test[0][:, :, ::-1]}
    accuracies, shares = [], {way: [] for way in ways}
    for seed in SIZE_SEEDS:
        model = train((digits.train_images, digits.train_labels), seed, epochs=ALL_EPOCHS, augment=RECIPES[name].get("augment"))
        accuracies.append(100 * evaluate(model, *test)[1])
        for way, images in ways.items():
            shares[way].append(share_per_class(model, images, test[1]))
    print(f"all digits, {name}: {statistics.mean(accuracies):.2f} %", flush=True)
    return over_seeds(accuracies) | {"per_class": {way: rounded(np.mean(each, axis=0)) for way, each in shares.items()}}


def settings():
    """What was set, in words and numbers."""
    return {
        "net": repr(recipes.small_net(0)),
        "optimizer": repr(SGD(recipes.LR, momentum=0.9, nesterov=True)),
        "batch_size": BATCH_SIZE,
        "few_images": f"{PER_CLASS} digits of each class, {EPOCHS} epochs; early stopping: {CHOOSING} of them choose, patience {PATIENCE}",
        "sizes": {str(CLASSES * size): f"{epochs} epochs" for size, epochs in SIZES.items()},
        "all_images": f"{ALL_EPOCHS} epochs",
    }


def main():
    """Measure everything and write it down."""
    digits = load_digits()
    result = {
        "what": "accuracy in percent; mean and sample standard deviation over the seeds; per class: means over the seeds",
        "seeds": SEEDS,
        "seeds_of_sizes_and_all_images": SIZE_SEEDS,
        "digits_learned": CLASSES * PER_CLASS,
        "digits_judged": len(digits.train_labels) - CLASSES * PER_CLASS,
        "settings": settings(),
        "versions": versions(),
        "few_images": compared({name: few_images(name, recipe) for name, recipe in RECIPES.items()}),
        "sizes": sizes(),
        "all_images": {name: all_images(name) for name in MIRRORS},
    }
    write("regularisation", result)


if __name__ == "__main__":
    main()
