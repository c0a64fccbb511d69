"""Training learns, repeats itself from its seed, can be stopped, and leaves everything else alone."""

import builtins
import math
import sys

import numpy as np
import pytest

from cnnlib import (
    SGD,
    Adam,
    BatchNorm2d,
    Conv2d,
    Dropout,
    Flatten,
    History,
    Linear,
    MaxPool2d,
    ReLU,
    Sequential,
    confusion_matrix,
    cosine,
    cross_entropy,
    cross_entropy_backward,
    evaluate,
    fit,
    fit_steps,
    load_digits,
    predict,
)
from cnnlib.augment import shift


@pytest.fixture(scope="module")
def digits():
    return load_digits()


def net(rng=0, p=0.0):
    rng = np.random.default_rng(rng)
    return Sequential(
        Conv2d(1, 6, 3, padding=1, rng=rng), BatchNorm2d(6), ReLU(), MaxPool2d(2), Flatten(), Dropout(p), Linear(96, 10, rng=rng)
    )


def options(**changes):
    return dict(epochs=3, batch_size=16, optimizer=SGD(0.1, momentum=0.9), rng=5, progress=False) | changes


def few(digits, count=50):
    return digits.train_images[:count], digits.train_labels[:count]


def test_a_small_net_learns_twenty_digits_by_heart(digits):
    x, labels = few(digits, 20)
    model = Sequential(Conv2d(1, 8, 3, rng=0), ReLU(), MaxPool2d(2), Flatten(), Linear(72, 10, rng=1))
    history = fit(model, x, labels, **options(epochs=60, batch_size=5))
    assert history.loss[0] > 2
    assert history.loss[-1] < 0.01
    assert evaluate(model, x, labels)[1] == 1.0
    np.testing.assert_array_equal(predict(model, x), labels)


def test_fit_is_the_loop_written_out_by_hand(digits):
    x, labels = few(digits)
    model, twin = (Sequential(Conv2d(1, 4, 3, rng=0), ReLU(), Flatten(), Linear(144, 10, rng=1)) for _ in range(2))
    schedule = cosine(0.2, 2)
    history = fit(model, x, labels, **options(epochs=2, schedule=schedule, augment=lambda batch, rng: shift(batch, 1, rng=rng)))
    rng, optimizer, losses, accuracies = np.random.default_rng(5), SGD(0.1, momentum=0.9), [], []
    for epoch in range(2):
        optimizer.lr = schedule(epoch)
        order = rng.permutation(50)
        for part in (order[0:16], order[16:32], order[32:48], order[48:50]):
            logits = twin(shift(x[part], 1, rng=rng))
            losses.append(cross_entropy(logits, labels[part]))
            accuracies.append(np.mean(logits.argmax(axis=1) == labels[part]))
            twin.backward(cross_entropy_backward(logits, labels[part]))
            optimizer.step(twin)
    assert history.step_loss == losses
    assert history.step_accuracy == accuracies
    assert history.lr == [schedule(0), schedule(1)]
    weights = np.array([16, 16, 16, 2]) / 50
    np.testing.assert_allclose(history.loss, np.reshape(losses, (2, 4)) @ weights)
    np.testing.assert_allclose(history.accuracy, np.reshape(accuracies, (2, 4)) @ weights)
    for name, array in model.parameters().items():
        np.testing.assert_array_equal(array, twin.parameters()[name])


def test_a_training_repeats_itself_from_its_rng_dropout_and_augmentation_included(digits):
    x, labels = few(digits)
    state = np.random.get_state()[1].copy()  # noqa: NPY002
    changes = dict(augment=lambda batch, rng: shift(batch, 1, rng=rng), validation_data=(x, labels))
    runs = []
    for rng in (5, np.random.default_rng(5), 6):
        model = net(p=0.5)
        own = model[5].rng
        history = fit(model, x, labels, **options(rng=rng, optimizer=SGD(0.1, momentum=0.9), **changes))
        assert model[5].rng is own
        runs.append((history, model.state_dict()))
    np.testing.assert_array_equal(np.random.get_state()[1], state)  # noqa: NPY002
    assert runs[0][0] == runs[1][0] != runs[2][0]
    for name, array in runs[0][1].items():
        np.testing.assert_array_equal(array, runs[1][1][name])


def test_the_data_stay_as_they_are(digits):
    x, labels = (array.copy() for array in few(digits))
    x.flags.writeable = labels.flags.writeable = False
    fit(net(p=0.5), x, labels, **options(epochs=1))


def test_fit_steps_yields_one_growing_history_after_every_batch(digits):
    x, labels = few(digits)
    seen = [(history, history.steps, history.epochs, len(history.validation_loss)) for history in
            fit_steps(net(), x, labels, **options(epochs=2, validation_data=(x, labels)))]  # fmt: skip
    assert [row[1:] for row in seen] == [(1, 0, 0), (2, 0, 0), (3, 0, 0), (4, 1, 1), (5, 1, 1), (6, 1, 1), (7, 1, 1), (8, 2, 2)]
    assert len({id(row[0]) for row in seen}) == 1
    assert seen[0][0] == fit(net(), x, labels, **options(epochs=2, validation_data=(x, labels)))


def test_an_abandoned_fit_steps_leaves_modes_and_generators_as_they_were(digits):
    model = net(p=0.5).eval()
    own = model[5].rng
    steps = fit_steps(model, *few(digits), **options())
    next(steps)
    assert model.training
    steps.close()
    assert not model.training
    assert not model[1].training
    assert model[5].rng is own


@pytest.mark.parametrize("moment", [0, 1, 6])
def test_an_interrupt_returns_the_history_so_far_and_a_usable_model(digits, moment):
    x, labels = few(digits)
    calls = []

    def interrupting(batch, rng):
        if len(calls) == moment:
            raise KeyboardInterrupt
        calls.append(1)
        return batch

    model = net().eval()
    history = fit(model, x, labels, **options(augment=interrupting))
    assert history.interrupted
    assert history.steps == moment
    assert history.epochs == moment // 4
    assert not model.training
    assert predict(model, x).shape == (50,)
    assert repr(history).endswith("interrupted)")


def test_other_errors_are_not_swallowed(digits):
    def failing(batch, rng):
        raise ZeroDivisionError("from the reader's own code")

    with pytest.raises(ZeroDivisionError):
        fit(net(), *few(digits), **options(augment=failing))


@pytest.mark.parametrize("truth", [bool, np.bool_])
def test_a_callback_sees_every_epoch_and_true_ends_the_training(digits, truth):
    x, labels = few(digits)
    seen = []

    def second(history):
        seen.append((history.epochs, len(history.validation_accuracy)))
        return truth(history.epochs == 2)

    history = fit(net(), x, labels, **options(epochs=5, callbacks=[second, lambda history: "not True"], validation_data=(x, labels)))
    assert seen == [(1, 1), (2, 2)]
    assert history.epochs == 2
    assert not history.interrupted


def test_validation_is_evaluation_after_each_epoch(digits):
    x, labels = few(digits)
    model = net(p=0.5)
    found = []
    history = fit(model, x, labels, **options(validation_data=(x, labels), callbacks=[lambda _: found.append(evaluate(model, x, labels))]))
    assert list(zip(history.validation_loss, history.validation_accuracy, strict=True)) == found


def test_evaluate_and_predict_are_the_loop_by_hand_in_evaluation_mode(digits):
    x, labels = digits.train_images[:600], digits.train_labels[:600]
    model = net(p=0.5)
    fit(model, x, labels, **options(epochs=1))
    model[1].eval()  # a layer that its user has frozen stays frozen
    loss, accuracy = evaluate(model, x, labels)
    predictions = predict(model, x)
    assert [layer.training for layer in model] == [True, False, True, True, True, True, True]
    logits = model.eval()(x)
    assert loss == pytest.approx(float(cross_entropy(logits.astype(float), labels)), rel=1e-5)
    assert accuracy == np.mean(logits.argmax(axis=1) == labels)
    np.testing.assert_array_equal(predictions, logits.argmax(axis=1))
    assert predictions.dtype == np.int64
    assert predict(model, x[:0]).shape == (0,)


@pytest.mark.parametrize("judge", [lambda m, x: predict(m, x), lambda m, x: evaluate(m, x, np.zeros(2, int))])
def test_the_mode_is_restored_even_after_an_error(judge):
    model = net()
    with pytest.raises(ValueError, match="channels"):
        judge(model, np.ones((2, 3, 8, 8)))
    assert all(layer.training for layer in (model, *model))


def test_confusion_counts_true_classes_in_rows():
    found = confusion_matrix([0, 0, 1, 2, 2, 2], np.array([0, 1, 1, 2, 0, 0]))
    assert found.tolist() == [[1, 1, 0], [0, 1, 0], [2, 0, 1]]
    assert found.dtype == np.int64
    assert confusion_matrix([0], [1], classes=4).shape == (4, 4)
    assert confusion_matrix([], []).shape == (0, 0)
    with pytest.raises(ValueError, match="predictions have shape"):
        confusion_matrix([0, 1], [0])
    with pytest.raises(ValueError, match="labels contain 3"):
        confusion_matrix([0, 3], [0, 1], classes=3)
    with pytest.raises(ValueError, match="labels contain -1"):
        confusion_matrix([0, -1], [0, 1])
    with pytest.raises(ValueError, match="predictions contain 3, and 3 classes"):
        confusion_matrix([0, 2], [0, 3], classes=3)


@pytest.mark.parametrize("dtype", [np.uint8, np.int8, np.int16])
def test_confusion_of_many_classes_fits_into_the_bytes_of_no_label(dtype):
    labels, predictions = np.array([29, 29, 3], dtype), np.array([28, 29, 29], dtype)
    found = confusion_matrix(labels, predictions)
    assert found.shape == (30, 30)
    assert {tuple(place): found[tuple(place)] for place in np.argwhere(found).tolist()} == {(3, 29): 1, (29, 28): 1, (29, 29): 1}


# The record ------------------------------------------------------------------------------------------------------------------------------


def test_the_history_prints_its_last_figures_and_a_short_table():
    history = History()
    assert repr(history) == "History(0 epochs, 0 steps)"
    for epoch in range(30):
        history.step_loss += [1.0, 0.5]
        history.loss.append(2 / (epoch + 1))
        history.accuracy.append(epoch / 30)
        history.lr.append(0.1)
        history.validation_loss.append(1.0)
        history.validation_accuracy.append(0.5)
    assert repr(history) == "History(30 epochs, 60 steps, loss 0.0667, accuracy 96.7%, validation accuracy 50.0%)"
    lines = str(history).splitlines()
    assert lines[0] == repr(history)
    assert lines[1].split() == ["epoch", "lr", "loss", "accuracy", "validation", "loss", "and", "accuracy"]
    assert lines[2].split() == ["1", "0.1", "2.0000", "0.0%", "1.0000", "50.0%"]
    assert lines[-1].split()[0] == "30"
    assert len(lines) <= 2 + 13


# Progress --------------------------------------------------------------------------------------------------------------------------------


def test_progress_without_tqdm_trains_in_silence(digits, monkeypatch, capsys):
    for name in [name for name in sys.modules if name.split(".")[0] == "tqdm"]:
        monkeypatch.delitem(sys.modules, name)
    plain = builtins.__import__

    def refusing(name, *rest):
        if name.split(".")[0] == "tqdm":
            raise ImportError(name)
        return plain(name, *rest)

    monkeypatch.setattr(builtins, "__import__", refusing)
    assert fit(net(), *few(digits), **options(epochs=1, progress=True)).epochs == 1
    captured = capsys.readouterr()
    assert captured.out == captured.err == ""


@pytest.mark.filterwarnings("ignore:IProgress")
def test_progress_shows_epoch_and_loss_on_the_error_stream(digits, capsys):
    pytest.importorskip("tqdm")
    fit(net(), *few(digits), **options(epochs=2, progress=True))
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "epoch 2/2" in captured.err
    assert "8/8" in captured.err


# Refusals; wrong arguments of fit stand in wrong_calls_of_nets.py ------------------------------------------------------------------------


def test_an_error_in_the_validation_says_where_it_happened(digits):
    x, labels = few(digits)
    with pytest.raises(ValueError, match="x has 384 features") as caught:
        fit(net(), x, labels, **options(validation_data=(np.zeros((2, 1, 16, 16)), [0, 1])))
    assert caught.value.__notes__[-1] == "This happened with validation_data, after an epoch that went through."


def test_a_model_without_scores_is_refused(digits):
    with pytest.raises(ValueError, match=r"\(N, K\)"):
        predict(Sequential(ReLU()), digits.test_images)


def test_a_training_with_adam_and_batch_norm_beats_chance_by_far_on_new_digits(digits):
    model = net()
    fit(model, digits.train_images, digits.train_labels, **options(epochs=2, batch_size=64, optimizer=Adam(0.01)))
    loss, accuracy = evaluate(model, digits.test_images, digits.test_labels)
    assert accuracy > 0.85
    assert math.isfinite(loss)
