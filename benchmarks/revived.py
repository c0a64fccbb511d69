"""How well the network of 2016 that chapter 18 rebuilds reads the bundled digits, enlarged to 28 x 28: three nets, two splits, five seeds.

The nets: `revived` as its code says (ReLU behind the third convolution), `comment` as its comment says (tanh there), and `restarted`, the
net as its code says with the random start of this library in place of the start that the program asked for. The settings are those of the
program; only the number of epochs is larger, because 1,132 digits make 12 steps of an epoch where 48,000 make 480. That number was not
tuned: 40 epochs are 480 steps, one epoch of the original. (One run of 10 epochs had been timed before.) No test digit chose anything.
Run: python benchmarks/revived.py        Result: benchmarks/results/revived.json
"""

import json
import os
import statistics
import sys
from importlib.metadata import version
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # small matrices gain nothing from threads, and one thread repeats itself exactly

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402

from cnnlib import (  # noqa: E402
    SGD,
    Conv2d,
    Flatten,
    Linear,
    MaxPool2d,
    ReLU,
    Sequential,
    Tanh,
    evaluate,
    fit,
    inverse_time,
    load_digits,
    pad2d,
)
from cnnlib.nn import initializers  # noqa: E402

RESULT = ROOT / "benchmarks" / "results" / "revived.json"
SEEDS = (0, 1, 2, 3, 4)
EPOCHS, BATCH_SIZE, LR, DECAY, HELD_BACK = 40, 100, 0.05, 1e-6, 0.2


def enlarge(images):
    """Bundled digits (N, 1, 8, 8) as (N, 1, 28, 28): every cell becomes 3 x 3 equal cells, and two empty cells go around them."""
    return pad2d(images.repeat(3, axis=2).repeat(3, axis=3), 2)


def network(rng, third=ReLU):
    """The layers of the program, in order. third: what follows the third convolution."""
    return Sequential(
        Conv2d(1, 4, 5, rng=rng), Tanh(),
        Conv2d(4, 8, 3, rng=rng), Tanh(), MaxPool2d(2),
        Conv2d(8, 16, 3, rng=rng), third(), MaxPool2d(2),
        Flatten(), Linear(256, 128, rng=rng), Tanh(), Linear(128, 10, rng=rng),
    )  # fmt: skip


def start_as_in_2016(model, rng):
    """Draw as the program did: convolutions evenly by Glorot's rule, dense layers normally with deviation 0.05, biases 0."""
    for array in model.parameters().values():
        if array.ndim == 4:
            array[...] = initializers.xavier_uniform(array.shape, rng=rng)
        elif array.ndim == 2:
            array[...] = initializers.normal(array.shape, std=0.05, rng=rng)
        else:
            array[...] = 0


def hold_back(images, labels, rng):
    """Shuffle, then keep the last fifth aside: the program shuffled, and `validation_split` takes from the end."""
    order = rng.permutation(len(images))
    images, labels = images[order], labels[order]
    kept = len(images) - round(HELD_BACK * len(images))
    return (images[:kept], labels[:kept]), (images[kept:], labels[kept:])


def train(digits, seed, third=ReLU, restart=True, **options):
    """Build, start and train the net on enlarged digits; returns the model and its History."""
    rng = np.random.default_rng(seed)
    model = network(rng, third)
    if restart:
        start_as_in_2016(model, rng)
    training, held_back = hold_back(enlarge(digits.train_images), digits.train_labels, rng)
    steps = -(-len(training[0]) // BATCH_SIZE)
    settings = dict(epochs=EPOCHS, batch_size=BATCH_SIZE, optimizer=SGD(LR, momentum=0.9, nesterov=True))
    settings |= dict(schedule=inverse_time(LR, DECAY * steps), validation_data=held_back, rng=rng)
    return model, fit(model, *training, **settings | options)


NETS = {"revived": {}, "comment": {"third": Tanh}, "restarted": {"restart": False}}


def measure(net, split):
    """Test accuracies in percent, one for each seed, with their mean and sample standard deviation."""
    digits = load_digits(split)
    accuracies = []
    for seed in SEEDS:
        model, _ = train(digits, seed, **NETS[net], progress=False)
        accuracies.append(round(100 * evaluate(model, enlarge(digits.test_images), digits.test_labels)[1], 4))
        print(f"{net}, {split} split, seed {seed}: {accuracies[-1]:.2f} %", flush=True)
    return {"accuracy": accuracies, "mean": round(statistics.mean(accuracies), 3), "spread": round(statistics.stdev(accuracies), 3)}


def settings():
    """The nets and their training in words and numbers, for the record."""
    return {
        "net": repr(network(0)),
        "images": "bundled digits, each cell 3 x 3 cells, two empty cells around: 28 x 28",
        "start": "convolutions Xavier uniform, dense normal with deviation 0.05, biases 0; `restarted`: the library's default",
        "epochs": EPOCHS,
        "batch_size": BATCH_SIZE,
        "optimizer": repr(SGD(LR, momentum=0.9, nesterov=True)),
        "decay": f"inverse time, {DECAY} per step, set once per epoch",
        "held_back": HELD_BACK,
    }


def main():
    """Measure everything and write it down."""
    digits = load_digits()
    result = {
        "what": "test accuracy in percent; mean and sample standard deviation over the seeds",
        "seeds": SEEDS,
        "test_digits": len(digits.test_labels),
        "one_test_digit_weighs": round(100 / len(digits.test_labels), 3),
        "settings": settings(),
        "versions": {"python": ".".join(map(str, sys.version_info[:3])), "numpy": version("numpy")},
        "accuracy": {net: {split: measure(net, split) for split in ("random", "order")} for net in NETS},
    }
    RESULT.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
