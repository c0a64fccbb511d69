"""The training monitor without a browser."""

import asyncio

import numpy as np
import pytest

import cnnlib
from cnnlib.nn.history import History
from cnnlib.widgets import TrainingMonitor
from cnnlib.widgets.monitor import POINTS


def net(seed):
    rng = np.random.default_rng(seed)
    return cnnlib.Sequential(cnnlib.Conv2d(1, 4, 3, rng=rng), cnnlib.ReLU(), cnnlib.Flatten(), cnnlib.Linear(4 * 36, 10, rng=rng))


def training(model, epochs=3, **options):
    digits = cnnlib.load_digits()
    settings = dict(epochs=epochs, batch_size=20, optimizer=cnnlib.SGD(0.05), rng=0, progress=False) | options
    return cnnlib.fit_steps(model, digits.train_images[:60], digits.train_labels[:60], **settings)


def test_a_watched_training_ends_as_an_unwatched_one():
    watched, alone = net(0), net(0)
    monitor = TrainingMonitor(watched)
    history = asyncio.run(monitor.watch(training(watched)))
    *_, expected = training(alone)
    assert history == expected
    for name, weight in alone.parameters().items():
        np.testing.assert_array_equal(watched.parameters()[name], weight)
    assert (monitor.status, monitor.step, monitor.epoch) == ("finished", 9, 3)
    assert [loss for _, loss in monitor.loss] == [round(loss, 5) for loss in history.step_loss]


def test_a_stop_ends_the_training_after_the_step_that_runs():
    model = net(0)
    monitor = TrainingMonitor(model)
    seen = []

    def steps():
        for history in training(model, epochs=50):
            seen.append(history.steps)
            if history.steps == 7:
                monitor.stop = True
            yield history

    history = asyncio.run(monitor.watch(steps()))
    assert seen[-1] == history.steps == 7
    assert history.interrupted
    assert monitor.status == "stopped"


def test_an_interrupt_of_the_kernel_keeps_the_history_and_the_model():
    model = net(0)
    monitor = TrainingMonitor(model)

    def steps():
        for history in training(model, epochs=50):
            yield history
            if history.steps == 5:
                raise KeyboardInterrupt

    history = asyncio.run(monitor.watch(steps()))
    assert (history.steps, history.interrupted, monitor.status) == (5, True, "stopped")


def test_the_filters_are_the_weights_of_the_first_convolution_scaled_to_one():
    for seed in (0, 1):
        model = net(seed)
        weight = model[0].parameters()["weight"][:, 0]
        np.testing.assert_allclose(TrainingMonitor(model).filters, weight / np.abs(weight).max(), atol=5e-4)


@pytest.mark.parametrize("number", [1, POINTS, POINTS + 1, 5 * POINTS + 3])
def test_a_thinned_curve_keeps_the_mean_and_the_last_step(number):
    losses = np.random.default_rng(number).random(number).tolist()
    monitor = TrainingMonitor()
    monitor.paint(History(step_loss=losses))
    assert len(monitor.loss) <= POINTS
    assert monitor.loss[-1][0] == number
    widths = np.diff([0, *(step for step, _ in monitor.loss)])
    assert np.average([loss for _, loss in monitor.loss], weights=widths) == pytest.approx(np.mean(losses), abs=1e-4)


def test_without_a_step_there_is_nothing_but_words():
    monitor = TrainingMonitor()
    assert asyncio.run(monitor.watch(iter(()))) is None
    assert "nothing trained yet" in monitor.description
    assert monitor.filters == []
