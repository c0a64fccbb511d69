"""Train and judge a classifier: the loop over epochs and batches, predictions, and their confusion."""

from contextlib import contextmanager

import numpy as np

from cnnlib.arrays import as_array, check_labels, check_number, class_indices, count, make_rng
from cnnlib.bars import progress_bar
from cnnlib.geometry import check_flag, check_integer
from cnnlib.nn.base import check_model
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
    check_model(model)
    x, labels = _examples(x, labels)
    epochs, batch_size = check_integer(epochs, "epochs", 1), check_integer(batch_size, "batch_size", 1)
    callbacks = _functions(schedule, augment, callbacks)
    if not (hasattr(optimizer, "step") and hasattr(optimizer, "lr")):
        raise TypeError(f"optimizer={optimizer!r} is not an optimizer. Write optimizer=SGD(lr=0.1), for example.")
    if validation_data is not None:
        if not isinstance(validation_data, (tuple, list)) or len(validation_data) != 2:
            raise TypeError("validation_data is not a pair. Write validation_data=(x, labels).")
        validation_data = _examples(*validation_data, names=("validation_data[0]", "validation_data[1]"))
    rng, progress = make_rng(rng), check_flag(progress, "progress")

    def batches():
        order = rng.permutation(len(x))
        for start in range(0, len(x), batch_size):
            part = order[start : start + batch_size]
            yield (x[part] if augment is None else _augmented(augment, x[part], rng)), labels[part]

    steps = epochs * -(-len(x) // batch_size)
    return _run(model, len(x), batches, epochs, steps, optimizer, schedule, validation_data, callbacks, rng, progress)


def _functions(schedule, augment, callbacks):
    """Refuse what cannot be called; returns the callbacks as a tuple."""
    for name, function in (("schedule", schedule), ("augment", augment)):
        if not (function is None or callable(function)):
            raise TypeError(f"{name}={function!r} cannot be called. Pass a function, or None.")
    if isinstance(callbacks, str) or not np.iterable(callbacks):
        raise TypeError(f"callbacks={callbacks!r} is not a list of functions. Pass a list, such as [function].")
    callbacks = tuple(callbacks)
    for number, callback in enumerate(callbacks):
        if not callable(callback):
            raise TypeError(f"callbacks[{number}]={callback!r} cannot be called. Pass a function.")
    return callbacks


def _augmented(augment, batch, rng):
    changed = augment(batch, rng)
    if not isinstance(changed, np.ndarray) or changed.shape[:1] != batch.shape[:1]:
        found = f"an array of shape {changed.shape}" if isinstance(changed, np.ndarray) else repr(changed)
        raise ValueError(f"augment returned {found} for a batch of shape {batch.shape}. Make it return an array of as many images.")
    return changed


def _rate(schedule, epoch):
    rate = schedule(epoch)
    try:
        return check_number(rate, "lr", minimum=0)
    except (TypeError, ValueError) as error:
        raise type(error)(
            f"schedule returned {rate!r} for epoch {epoch}, and a learning rate is a finite number of at least 0. Make it return one."
        ) from None


def _run(model, size, batches, epochs, steps, optimizer, schedule, validation_data, callbacks, rng, progress):
    """The loop itself. What an epoch adds to the History is there when its last batch is yielded."""
    history = History()
    with _randomness(model, rng), modes_kept(model), progress_bar(show=progress, total=steps, desc="training", unit="step") as bar:
        for epoch in range(epochs):
            if schedule is not None:
                optimizer.lr = _rate(schedule, epoch)
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
                loss, accuracy = _validated(model, validation_data)
                history.validation_loss.append(loss)
                history.validation_accuracy.append(accuracy)
            stop = [callback(history) for callback in callbacks]
            yield history
            if any(answer is True or (isinstance(answer, np.bool_) and answer) for answer in stop):  # a comparison may give either
                return


def _validated(model, validation_data):
    try:
        return evaluate(model, *validation_data)
    except (TypeError, ValueError) as error:
        error.add_note("This happened with validation_data, after an epoch that went through.")
        raise


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
    x = _batch(x, "x")
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
    labels, predictions = class_indices(labels), class_indices(predictions, "predictions")
    needed = 1 + max((int(indices.max()) for indices in (labels, predictions) if indices.size), default=-1)
    classes = needed if classes is None else check_integer(classes, "classes", 1, fitting=(needed, None))
    labels = check_labels(labels, classes, labels.size)
    if predictions.shape != labels.shape:
        raise ValueError(
            f"predictions have shape {predictions.shape}, and labels have shape {labels.shape}: one prediction for each label. "
            f"Use predictions = predict(model, x) for the same images."
        )
    predictions = check_labels(predictions, classes, len(labels), "predictions")
    return np.bincount(labels * classes + predictions, minlength=classes * classes).reshape(classes, classes)


def _batch(x, name):
    x = as_array(x, name)
    if x.ndim < 2:
        raise ValueError(f"{name} has shape {x.shape}, and a batch of examples is wanted, (N, ...). Pass images (N, C, H, W).")
    return x


def _examples(x, labels, names=("x", "labels")):
    """Images, at least one, and as many labels."""
    x, labels = _batch(x, names[0]), class_indices(labels, names[1])
    if not len(x):
        raise ValueError(f"{names[0]} has shape {x.shape}, a batch of nothing. Pass at least one image.")
    if labels.shape != (len(x),):
        examples = count(len(x), "example")
        raise ValueError(f"{names[1]} have shape {labels.shape}, and {names[0]} has {examples}. Give {names[1]} the shape ({len(x)},).")
    return x, check_labels(labels, int(labels.max(initial=0)) + 1, len(x), names[1])


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
    """Put every layer of the model back into its own mode, whatever happens."""
    check_model(model)
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
