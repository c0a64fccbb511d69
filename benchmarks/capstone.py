"""Chapter 21: four designs under one budget, and LeNet-5's third layer with its table, with all connections, and with two groups.

The designs are families of one width; each is as wide as the budget of parameters and multiply-adds lets it be. They are compared as one
should compare: the last fifth of the training digits, which other people wrote than the rest, is kept aside and the designs are judged
on it; then all are trained once more on all training digits and read the test digits, whose writers are new again (split "order"). The
rate, the momentum and the one-cell shifts are those of `digits.py`; no setting was chosen by any of these figures. LeNet-5 was tried with
6 epochs first, after which it was not yet settled; the 30 were then set for all three.
Run: python benchmarks/capstone.py        Result: benchmarks/results/capstone.json
"""

import os
import sys
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # small matrices gain nothing from threads, and one thread repeats itself exactly

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

import numpy as np  # noqa: E402
import recipes  # noqa: E402
from seeds import over_seeds, versions, write  # noqa: E402

from cnnlib import SGD, Conv2d, Flatten, Linear, MaxPool2d, ReLU, Sequential, cosine, evaluate, fit, load_digits  # noqa: E402
from cnnlib.nn.lenet import lenet5  # noqa: E402

SEEDS = (0, 1, 2, 3, 4)
PARAMETERS, MULTIPLY_ADDS = 5_000, 50_000
EPOCHS, LENET_EPOCHS, LENET_LR = 40, 30, 0.01
SHAPE = (1, 8, 8)


def dense(m, rng):
    """One hidden layer of m units."""
    return Sequential(Flatten(), Linear(64, m, rng=rng), ReLU(), Linear(m, 10, rng=rng))


def one_convolution(m, rng):
    """One convolution to m maps."""
    return Sequential(Conv2d(1, m, 3, padding=1, rng=rng), ReLU(), MaxPool2d(2), Flatten(), Linear(16 * m, 10, rng=rng))


def two_convolutions(m, rng):
    """A convolution to m maps and one to 2 m: chapter 17's net, made narrow."""
    return Sequential(
        Conv2d(1, m, 3, padding=1, rng=rng), ReLU(), MaxPool2d(2),
        Conv2d(m, 2 * m, 3, padding=1, rng=rng), ReLU(), MaxPool2d(2),
        Flatten(), Linear(8 * m, 10, rng=rng),
    )  # fmt: skip


def separable(m, rng):
    """The same, with the second convolution depthwise separable."""
    return Sequential(
        Conv2d(1, m, 3, padding=1, rng=rng), ReLU(), MaxPool2d(2),
        Conv2d(m, m, 3, padding=1, groups=m, rng=rng), Conv2d(m, 2 * m, 1, rng=rng), ReLU(), MaxPool2d(2),
        Flatten(), Linear(8 * m, 10, rng=rng),
    )  # fmt: skip


DESIGNS = {"dense": dense, "one convolution": one_convolution, "two convolutions": two_convolutions, "separable": separable}
THIRD_LAYERS = {
    "table": lambda rng: None,
    "all connections": lambda rng: Conv2d(6, 16, 5, rng=rng),
    "two groups": lambda rng: Conv2d(6, 16, 5, groups=2, rng=rng),
}


def widest(build):
    """The largest width whose net keeps to the budget; counts grow with the width."""
    m = 1
    while within(build(m + 1, 0).summary(SHAPE)):
        m += 1
    return m


def within(table):
    """Whether a summary keeps to the budget."""
    return table.parameters <= PARAMETERS and table.multiply_adds <= MULTIPLY_ADDS


def enlarged(images):
    """Digits of 32 x 32 cells, as LeNet-5 reads them: every cell three times along both axes, and a border of 4."""
    return np.pad(images.repeat(3, axis=2).repeat(3, axis=3), ((0, 0), (0, 0), (4, 4), (4, 4)))


def design_accuracies(build, m, training, test):
    """Accuracies on `test`, one for each seed, of nets trained on `training`."""
    found = []
    for seed in SEEDS:
        rng = np.random.default_rng(seed)
        model, optimizer = build(m, rng), SGD(recipes.LR, momentum=0.9, nesterov=True)
        settings = dict(epochs=EPOCHS, batch_size=recipes.BATCH_SIZE, optimizer=optimizer, schedule=cosine(recipes.LR, EPOCHS))
        fit(model, *training, **settings, augment=recipes.one_cell, rng=rng, progress=False)
        found.append(100 * evaluate(model, *test)[1])
    return over_seeds(found)


def measure_designs(digits):
    """Size, validation and test accuracies of every design."""
    images, labels = digits.train_images, digits.train_labels
    kept = len(labels) - len(labels) // 5
    validation = ((images[:kept], labels[:kept]), (images[kept:], labels[kept:]))
    final = ((images, labels), (digits.test_images, digits.test_labels))
    designs = {}
    for name, build in DESIGNS.items():
        m = widest(build)
        table = build(m, 0).summary(SHAPE)
        designs[name] = {"width": m, "parameters": table.parameters, "multiply_adds": table.multiply_adds}
        designs[name] |= {"validation": design_accuracies(build, m, *validation), "test": design_accuracies(build, m, *final)}
        print(f"{name}: width {m}, validation {designs[name]['validation']['mean']} %, test {designs[name]['test']['mean']} %", flush=True)
    return designs


def lenet(name, seed):
    """LeNet-5 with the third layer of this name."""
    rng = np.random.default_rng(seed)
    return lenet5(rng, THIRD_LAYERS[name](rng))


def measure_lenet(digits, name):
    """The test accuracies of LeNet-5 with one of the third layers."""
    images, tests, found = enlarged(digits.train_images), enlarged(digits.test_images), []
    for seed in SEEDS:
        model, optimizer = lenet(name, seed), SGD(LENET_LR, momentum=0.9, nesterov=True)
        settings = dict(epochs=LENET_EPOCHS, batch_size=recipes.BATCH_SIZE, optimizer=optimizer, schedule=cosine(LENET_LR, LENET_EPOCHS))
        fit(model, images, digits.train_labels, **settings, rng=seed, progress=False)
        found.append(100 * evaluate(model, tests, digits.test_labels)[1])
    table = lenet(name, 0).summary((1, 32, 32))
    print(f"LeNet-5, {name}: {over_seeds(found)['mean']} %", flush=True)
    return {"parameters": table.rows[5].parameters, "multiply_adds": table.rows[5].multiply_adds, "test": over_seeds(found)}


def settings():
    """What was set, in words and numbers."""
    return {
        "nets": {name: repr(build(widest(build), 0)) for name, build in DESIGNS.items()},
        "lenet": {name: repr(lenet(name, 0)) for name in THIRD_LAYERS},
        "optimizer": repr(SGD(recipes.LR, momentum=0.9, nesterov=True)),
        "lenet_optimizer": repr(SGD(LENET_LR, momentum=0.9, nesterov=True)),
        "schedule": "cosine to 0",
        "batch_size": recipes.BATCH_SIZE,
        "epochs": EPOCHS,
        "lenet_epochs": LENET_EPOCHS,
        "augmentation": "designs: shifts by up to 1 cell; LeNet-5: none, digits enlarged to 32 x 32",
    }


def main():
    """Measure everything and write it down."""
    digits = load_digits("order")
    result = {
        "what": "accuracy in percent; mean and sample standard deviation over the seeds; split by order",
        "seeds": SEEDS,
        "budget": {"parameters": PARAMETERS, "multiply_adds": MULTIPLY_ADDS},
        "training_digits": len(digits.train_labels),
        "validation_digits": len(digits.train_labels) // 5,
        "test_digits": len(digits.test_labels),
        "settings": settings(),
        "versions": versions(),
        "designs": measure_designs(digits),
        "lenet": {name: measure_lenet(digits, name) for name in THIRD_LAYERS},
    }
    write("capstone", result)


if __name__ == "__main__":
    main()
