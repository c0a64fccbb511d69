"""The nets and settings of chapter 17, once: the benchmark measures them, and the chapter's cells show them."""

import numpy as np

from cnnlib import SGD, Conv2d, Dropout, Flatten, Linear, MaxPool2d, ReLU, Sequential, cosine, fit
from cnnlib.augment import shift

EPOCHS, BATCH_SIZE, LR, P = 80, 32, 0.05, 0.5


def small_net(rng, *extra):
    """Convolution, ReLU, pooling, twice; then one dense layer. `extra` stands before the dense layer."""
    return Sequential(
        Conv2d(1, 32, 3, padding=1, rng=rng), ReLU(), MaxPool2d(2),
        Conv2d(32, 64, 3, padding=1, rng=rng), ReLU(), MaxPool2d(2),
        Flatten(), *extra, Linear(64 * 2 * 2, 10, rng=rng),
    )  # fmt: skip


def one_cell(batch, rng):
    """Move every digit by up to one cell."""
    return shift(batch, 1, rng=rng)


def train_plain(digits, seed, **options):
    """The net as it is: no augmentation, no schedule, no dropout."""
    rng = np.random.default_rng(seed)
    model = small_net(rng)
    optimizer = SGD(LR, momentum=0.9, nesterov=True)
    settings = dict(epochs=EPOCHS, batch_size=BATCH_SIZE, optimizer=optimizer, rng=rng)
    return model, fit(model, digits.train_images, digits.train_labels, **settings, **options)


def train_full(digits, seed, **options):
    """The full recipe: one-cell shifts, the cosine schedule, dropout."""
    rng = np.random.default_rng(seed)
    model = small_net(rng, Dropout(P))
    optimizer = SGD(LR, momentum=0.9, nesterov=True)
    settings = dict(epochs=EPOCHS, batch_size=BATCH_SIZE, optimizer=optimizer, rng=rng)
    recipe = dict(augment=one_cell, schedule=cosine(LR, EPOCHS))
    return model, fit(model, digits.train_images, digits.train_labels, **settings, **recipe, **options)


def settings():
    """The recipe in words and numbers, for the benchmark's record."""
    return {
        "net": repr(small_net(0)),
        "epochs": EPOCHS,
        "batch_size": BATCH_SIZE,
        "optimizer": repr(SGD(LR, momentum=0.9, nesterov=True)),
        "full": f"shifts by up to 1 cell, cosine schedule to 0, dropout {P} before the dense layer",
    }
