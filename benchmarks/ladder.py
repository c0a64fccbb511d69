"""Chapter 17's ladder: a linear classifier, dense nets and convolutional nets with nearly equal numbers of parameters.

Two budgets: that of chapter 19's net (666 parameters; the linear classifier has its size from the data) and that of chapter 17's net.
The dense nets have one hidden layer, as wide as brings them nearest to their budget. All train alike, once on the digits as they are
and once on digits shifted by up to one cell, and are judged on the test digits as they are and moved by one cell in eight directions.
Nothing was chosen by these figures; the rate, the momentum and the schedule are those of `digits.py`, with fewer epochs.
Run: python benchmarks/ladder.py        Result: benchmarks/results/ladder.json
"""

import itertools
import os
import sys
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # small matrices gain nothing from threads, and one thread repeats itself exactly

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

import numpy as np  # noqa: E402
import recipes  # noqa: E402
from seeds import over_seeds, versions, write  # noqa: E402

from cnnlib import SGD, Flatten, Linear, ReLU, Sequential, cosine, evaluate, fit, load_digits  # noqa: E402
from cnnlib.learned import untrained_net  # noqa: E402

SEEDS = (0, 1, 2, 3, 4)
EPOCHS = 20
CELLS, CLASSES = 64, 10


def count(model):
    """The number of parameters of a model."""
    return sum(w.size for w in model.parameters().values())


def linear(rng):
    """Softmax on a weighted sum of the cells."""
    return Sequential(Flatten(), Linear(CELLS, CLASSES, rng=rng))


def dense(width):
    """Returns rng -> a net with one hidden layer of this width."""
    return lambda rng: Sequential(Flatten(), Linear(CELLS, width, rng=rng), ReLU(), Linear(width, CLASSES, rng=rng))


def nearest_width(budget):
    """The width of a dense net whose number of parameters lies nearest to the budget."""
    return min(range(1, budget), key=lambda width: abs((CELLS + 1) * width + (width + 1) * CLASSES - budget))


def ladder():
    """name: rng -> model, from the bottom rung to the top one."""
    small, large = count(untrained_net(0)), count(recipes.small_net(0))
    return {
        "linear": linear,
        "small dense": dense(nearest_width(small)),
        "small convolutional": untrained_net,
        "large dense": dense(nearest_width(large)),
        "large convolutional": recipes.small_net,
    }


def moved(images):
    """The images moved by one cell in each of eight directions, one after the other; 0 moves in."""
    padded = np.pad(images, ((0, 0), (0, 0), (1, 1), (1, 1)))
    h, w = images.shape[2:]
    places = [(down, right) for down, right in itertools.product((0, 1, 2), repeat=2) if (down, right) != (1, 1)]
    return np.concatenate([padded[:, :, down : down + h, right : right + w] for down, right in places])


def measure(name, build, split, augment):
    """The accuracies of all seeds, on the test digits as they are and moved."""
    digits = load_digits(split)
    as_they_are, moved_away = [], []
    for seed in SEEDS:
        rng = np.random.default_rng(seed)
        model, optimizer = build(rng), SGD(recipes.LR, momentum=0.9, nesterov=True)
        settings = dict(epochs=EPOCHS, batch_size=recipes.BATCH_SIZE, optimizer=optimizer, schedule=cosine(recipes.LR, EPOCHS))
        fit(model, digits.train_images, digits.train_labels, **settings, augment=augment, rng=rng, progress=False)
        as_they_are.append(100 * evaluate(model, digits.test_images, digits.test_labels)[1])
        moved_away.append(100 * evaluate(model, moved(digits.test_images), np.tile(digits.test_labels, 8))[1])
    found = {"as they are": over_seeds(as_they_are), "moved": over_seeds(moved_away)}
    print(f"{name}, {split}, {'shifts' if augment else 'plain'}: {found['as they are']['mean']} % ({found['moved']['mean']} %)", flush=True)
    return found


def settings():
    """What was set, in words and numbers."""
    return {
        "nets": {name: repr(build(0)) for name, build in ladder().items()},
        "optimizer": repr(SGD(recipes.LR, momentum=0.9, nesterov=True)),
        "schedule": "cosine to 0",
        "batch_size": recipes.BATCH_SIZE,
        "epochs": EPOCHS,
    }


def main():
    """Measure everything and write it down."""
    trainings = {"plain": None, "shifts": recipes.one_cell}
    accuracy = {
        name: {
            training: {split: measure(name, build, split, augment) for split in ("random", "order")}
            for training, augment in trainings.items()
        }
        for name, build in ladder().items()
    }
    result = {
        "what": "test accuracy in percent, as they are and moved by one cell; mean and sample standard deviation over the seeds",
        "seeds": SEEDS,
        "settings": settings(),
        "versions": versions(),
        "parameters": {name: count(build(0)) for name, build in ladder().items()},
        "accuracy": accuracy,
    }
    write("ladder", result)


if __name__ == "__main__":
    main()
