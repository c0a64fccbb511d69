"""Chapter 17: the answers below its "Try this" lists, one test for each item."""

import numpy as np
import pytest

import cnnlib
from cnnlib.augment import shift
from cnnlib.learned import learned_net

DIGITS = cnnlib.load_digits()
TRAIN, TEST = (DIGITS.train_images, DIGITS.train_labels), (DIGITS.test_images, DIGITS.test_labels)


def small_net(rng, *extra):
    return cnnlib.Sequential(
        cnnlib.Conv2d(1, 32, 3, padding=1, rng=rng), cnnlib.ReLU(), cnnlib.MaxPool2d(2),
        cnnlib.Conv2d(32, 64, 3, padding=1, rng=rng), cnnlib.ReLU(), cnnlib.MaxPool2d(2),
        cnnlib.Flatten(), *extra, cnnlib.Linear(64 * 2 * 2, 10, rng=rng),
    )  # fmt: skip


def recipe():
    """The chapter's recipe: the schedule is that of 80 epochs."""
    return dict(
        batch_size=32, optimizer=cnnlib.SGD(lr=0.05, momentum=0.9, nesterov=True), schedule=cnnlib.cosine(0.05, 80),
        augment=lambda batch, rng: shift(batch, 1, rng=rng), validation_data=TEST, progress=False,
    )  # fmt: skip


@pytest.fixture(scope="module")
def stopped():
    """The chapter's net after eight of its 80 epochs, and how it came there."""
    rng = np.random.default_rng(1)
    model, history = small_net(rng, cnnlib.Dropout(0.5)), None
    for history in cnnlib.fit_steps(model, *TRAIN, epochs=80, rng=rng, **recipe()):
        if history.epochs == 8:
            break
    return model, history


def test_after_eight_epochs_the_stopped_net_reads_more_than_nine_tenths_and_keeps_what_it_learned(stopped):
    model, history = stopped
    assert history.epochs == 80 // 10
    accuracy = cnnlib.evaluate(model, *TEST)[1]
    assert accuracy == history.validation_accuracy[-1]
    assert accuracy > 0.9


def test_a_second_training_begins_where_the_first_one_ended(stopped):
    model, history = stopped
    assert history.validation_accuracy[0] < 2 / 3
    again = cnnlib.fit(model, *TRAIN, epochs=1, rng=2, **recipe())
    assert again.validation_accuracy[0] > 0.9


def last_loss(rate, batch_size):
    """The mean loss of the last 13 batches, as the chapter's cell trains and its picture says it."""
    optimizer = cnnlib.SGD(lr=rate, momentum=0.9)
    few = DIGITS.train_images[:400], DIGITS.train_labels[:400]
    history = cnnlib.fit(
        small_net(np.random.default_rng(0)), *few, epochs=12, batch_size=batch_size, optimizer=optimizer, rng=0, progress=False
    )
    return np.mean(history.step_loss[-13:])


def test_the_larger_the_rate_the_less_is_learned_until_nothing_is():
    found = {rate: last_loss(rate, 32) for rate in (0.1, 0.2, 0.3, 0.4)}
    assert found[0.1] < 0.01
    assert 0.1 < found[0.2] < 1 < found[0.3]
    assert found[0.4] == pytest.approx(np.log(10), abs=0.15)


def test_batches_of_eight_ask_for_a_smaller_rate():
    assert last_loss(0.1, 8) > 1
    assert last_loss(0.02, 8) < 0.01


def test_a_six_turned_by_180_degrees_is_read_as_a_nine_and_a_0_and_an_8_stay_themselves():
    net = learned_net().astype("float64").eval()
    images = DIGITS.test_images.astype("float64")[:, :, ::-1, ::-1]
    answers = {label: np.bincount(cnnlib.predict(net, images[DIGITS.test_labels == label]), minlength=10) for label in (0, 6, 8)}
    assert (answers[6][9], answers[6][6], answers[6].sum()) == (33, 0, 39)
    assert (answers[0][0], answers[0].sum()) == (35, 38)
    assert (answers[8][8], answers[8].sum()) == (35, 37)
