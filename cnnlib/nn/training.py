"""Train and judge a classifier: the loop over epochs and batches, predictions, and their confusion."""

from contextlib import contextmanager

import numpy as np

from cnnlib.arrays import as_array, check_labels, make_rng
from cnnlib.bars import progress_bar
from cnnlib.geometry import check_flag, check_integer
from cnnlib.nn.history import History
from cnnlib.ops.losses import cross_entropy, cross_entropy_backward

BATCH = 256  # images at a time when nothing is learned: fast, and small enough for any memory


def fit(
    model,
    x,
    labels,
    *,
    epochs,
    batch_size,
    optimizer,
    schedule=None,
    augment=None,
    validation_data=None,
    callbacks=(),
    rng=0,
    progress=True,
):
    """Minimise the mean cross-entropy between model(x) and the labels, batch by batch, in an order drawn anew for each epoch.

    x: (N, ...). labels: N class indices. schedule: epoch -> lr, or None to leave optimizer.lr alone. augment: (batch, rng) -> batch.
    validation_data: (x, labels), judged after each epoch. callbacks: called with the History after each epoch; True ends the training.
    rng: draws the order, the augmentation and the dropout. progress: whether to show a bar; without the package tqdm there is none.

    Returns the History. An interrupt (the stop button, Ctrl-C) ends the training and returns the History so far. Afterwards the layers
    are in the mode that they were in. Source: Robbins and Monro 1951; LeCun et al. 1998, doi:10.1109/5.726791.
    """
    history = History()
    steps = fit_steps(
        model,
        x,
        labels,
        epochs=epochs,
        batch_size=batch_size,
        optimizer=optimizer,
        schedule=schedule,
        augment=augment,
        validation_data=validation_data,
        callbacks=callbacks,
        rng=rng,
        progress=progress,
    )
    try:
        for history in steps:  # noqa: B007 - the last one is what we want
            pass
    except KeyboardInterrupt:
        history.interrupted = True
    return history


def fit_steps(
    model,
    x,
    labels,
    *,
    epochs,
    batch_size,
    optimizer,
    schedule=None,
    augment=None,
    validation_data=None,
    callbacks=(),
    rng=0,
    progress=True,
):
    """`fit`, one batch at a time: an iterator that yields the History (always the same object, growing) after every batch."""
    x, labels = _examples(x, labels)
    epochs, batch_size = check_integer(epochs, "epochs", 1), check_integer(batch_size, "batch_size", 1)
    for name, value in (("schedule", schedule), ("augment", augment), *((f"callbacks[{i}]", c) for i, c in enumerate(callbacks))):
        if not (value is None or callable(value)) or (value is None and name.startswith("callbacks")):
            raise TypeError(f"{name}={value!r} cannot be called. Pass a function{'' if name.startswith('callbacks') else ', or None'}.")
    if not (hasattr(optimizer, "step") and hasattr(optimizer, "lr")):
        raise TypeError(f"optimizer={optimizer!r} is not an optimizer. Write optimizer=SGD(lr=0.1), for example.")
    if validation_data is not None:
        if not isinstance(validation_data, (tuple, list)) or len(validation_data) != 2:
            raise TypeError("validation_data is not a pair. Write validation_data=(x, labels).")
        validation_data = _examples(*validation_data)
    rng, progress = make_rng(rng), check_flag(progress, "progress")

    def batches():
        order = rng.permutation(len(x))
        for start in range(0, len(x), batch_size):
            part = order[start : start + batch_size]
            yield (x[part] if augment is None else augment(x[part], rng)), labels[part]

    steps = epochs * -(-len(x) // batch_size)
    return _run(model, len(x), batches, epochs, steps, optimizer, schedule, validation_data, callbacks, rng, progress)


def _run(model, size, batches, epochs, steps, optimizer, schedule, validation_data, callbacks, rng, progress):
    """The loop itself. What an epoch adds to the History is there when its last batch is yielded."""
    history = History()
    with _randomness(model, rng), modes_kept(model), progress_bar(show=progress, total=steps, desc="training", unit="step") as bar:
        for epoch in range(epochs):
            if schedule is not None:
                optimizer.lr = float(schedule(epoch))
            history.lr.append(optimizer.lr)
            total_loss, total_right, seen = 0.0, 0, 0
            for batch, targets in batches():
                loss, right = _step(model, batch, targets, optimizer)
                history.step_loss.append(loss)
                history.step_accuracy.append(right / len(targets))
                total_loss, total_right, seen = total_loss + loss * len(targets), total_right + right, seen + len(targets)
                bar.set_postfix_str(f"epoch {epoch + 1}/{epochs}, loss {loss:.4f}", refresh=False)
                bar.update()
                if seen < size:
                    yield history
            history.loss.append(total_loss / size)
            history.accuracy.append(total_right / size)
            if validation_data is not None:
                loss, accuracy = evaluate(model, *validation_data)
                history.validation_loss.append(loss)
                history.validation_accuracy.append(accuracy)
            stop = [callback(history) for callback in callbacks]
            yield history
            if any(answer is True for answer in stop):
                return


def _step(model, batch, targets, optimizer):
    """Learn from one batch; returns its loss and the number of right answers, both from before the step."""
    model.train()
    logits = model(batch)
    loss = float(cross_entropy(logits, targets))
    model.backward(cross_entropy_backward(logits, targets), **({"need_dx": False} if model.can_skip_dx else {}))
    optimizer.step(model)
    return loss, int((logits.argmax(axis=1) == targets).sum())


def predict(model, x):
    """The most likely class of each image, as int64 indices (N,): in evaluation mode, in batches, the model's mode restored."""
    x = as_array(x, "x")
    with modes_kept(model):
        return np.concatenate([logits.argmax(axis=1) for logits in _logits(model, x)])


def evaluate(model, x, labels):
    """The mean cross-entropy and the share of right answers: in evaluation mode, in batches, the model's mode restored."""
    x, labels = _examples(x, labels)
    loss, right, start = 0.0, 0, 0
    with modes_kept(model):
        for logits in _logits(model, x):
            targets = labels[start : start + len(logits)]
            loss += float(cross_entropy(logits, targets, reduction="sum"))
            right += int((logits.argmax(axis=1) == targets).sum())
            start += len(logits)
    return loss / len(x), right / len(x)


def confusion_matrix(labels, predictions, classes=None):
    """Count how often class k was taken for class l: entry [k, l], so rows are true classes and the diagonal is right.

    labels, predictions: N class indices. classes: the number of classes, or None for the largest index plus 1. Returns int64 (K, K).
    """
    if classes is None:
        classes = 1 + max((int(np.max(indices)) for indices in (labels, predictions) if np.size(indices)), default=-1)
    classes = check_integer(classes, "classes", 0)
    labels = check_labels(labels, classes, np.size(labels))
    predictions = np.asarray(predictions)
    if predictions.shape != labels.shape:
        raise ValueError(
            f"predictions have shape {predictions.shape}, and labels have shape {labels.shape}: one prediction for each label. "
            f"Use predictions = predict(model, x) for the same images."
        )
    predictions = check_labels(predictions, classes, len(labels))
    return np.bincount(labels * classes + predictions, minlength=classes * classes).reshape(classes, classes)


def _examples(x, labels):
    """Images and as many labels."""
    x = as_array(x, "x")
    if x.ndim < 2 or not len(x):
        raise ValueError(f"x has shape {x.shape}, and a batch of at least one example is wanted, (N, ...). Pass images (N, C, H, W).")
    found = np.asarray(labels)
    classes = int(found.max()) + 1 if found.size and found.dtype.kind in "iu" else 1
    return x, check_labels(labels, max(classes, 1), len(x))


def _logits(model, x):
    model.eval()
    for start in range(0, max(len(x), 1), BATCH):
        yield as_array(model(x[start : start + BATCH]), "the model's output", "(N, K)")


def _layers(layer):
    yield layer
    for _, child in layer.children():
        yield from _layers(child)


@contextmanager
def modes_kept(model):
    """Put every layer back into its own mode, whatever happens."""
    modes = [(layer, layer.training) for layer in _layers(model)]
    try:
        yield
    finally:
        for layer, training in modes:
            layer.training = training


@contextmanager
def _randomness(model, rng):
    """Let one Generator draw everything in the model, and give the layers their own back afterwards."""
    own = [(layer, layer.rng) for layer in _layers(model) if hasattr(layer, "rng")]
    for layer, _ in own:
        layer.rng = rng
    try:
        yield
    finally:
        for layer, before in own:
            layer.rng = before
