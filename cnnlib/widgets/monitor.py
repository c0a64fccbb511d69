"""The training monitor: loss, accuracy and first-layer filters while a net learns, and a button that stops it."""

import asyncio
import time

import numpy as np
from traitlets import Bool, Int, List, Unicode

from cnnlib.widgets.base import BookWidget
from cnnlib.widgets.static import GAP, INK, LINE, MARGIN, SOFT, element, picture, text

PAINTS_PER_SECOND = 12
POINTS = 240  # of a curve: more than the picture has room for would only cost time


class TrainingMonitor(BookWidget):
    """Watch a training and stop it.

    model: the net that is trained; its first layer with two-dimensional kernels is shown, at most `filters_shown` of them.
    `history = await monitor.watch(fit_steps(model, ...))` trains, paints about twelve times a second, and returns the History. The
    stop button ends the training after the step that runs; what was learned until then stays in the model. So does the kernel's own
    interrupt. The cell has to await, because the button's message is read only while the cell does not hold the kernel.

    loss: [step, mean loss since the point before]. accuracy: [epoch, training accuracy, validation accuracy or None].
    status: "ready", "running", "stopped" or "finished". All can be read from Python.
    """

    module = "monitor.js"
    shown = ("status", "step", "epoch")
    alive_alone = False  # the training happens in the kernel

    status = Unicode("ready").tag(sync=True)
    stop = Bool(False).tag(sync=True)
    step = Int(0).tag(sync=True)
    epoch = Int(0).tag(sync=True)
    loss = List().tag(sync=True)
    accuracy = List().tag(sync=True)
    filters = List().tag(sync=True)

    def __init__(self, model=None, *, filters_shown=32, **options):
        super().__init__(**options)
        self._layer = None if model is None else _first_kernels(model)
        self._filters_shown = filters_shown
        self.filters = self._kernels()

    async def watch(self, steps):
        """Run a training, painting on the way. steps: what `fit_steps` returns. Returns the last History; None if there was no step."""
        history = None
        self.stop, self.status = False, "running"
        try:
            painted = 0.0
            for history in steps:
                if self.stop:
                    break
                if time.monotonic() - painted >= 1 / PAINTS_PER_SECOND:
                    self.paint(history)
                    await asyncio.sleep(0)  # lets the stop button's message in
                    painted = time.monotonic()
        except (KeyboardInterrupt, asyncio.CancelledError):
            self.stop = True
        finally:
            getattr(steps, "close", lambda: None)()
            if history is not None:
                history.interrupted = history.interrupted or self.stop
                self.paint(history)
            self.status = "stopped" if self.stop else "finished"
        return history

    def paint(self, history):
        """Show a History and the filters as they are now."""
        validation = [*history.validation_accuracy, *[None] * (history.epochs - len(history.validation_accuracy))]
        with self.hold_sync():
            self.step, self.epoch = history.steps, history.epochs
            self.loss = _thinned(history.step_loss)
            self.accuracy = [[number + 1, *pair] for number, pair in enumerate(zip(history.accuracy, validation, strict=True))]
            self.filters = self._kernels()

    def _kernels(self):
        """The first input channel of every kernel, scaled so that the largest weight of all is 1."""
        if self._layer is None:
            return []
        weight = np.asarray(self._layer.parameters()["weight"][: self._filters_shown, 0], dtype=float)
        scale = np.abs(weight).max() or 1.0
        return np.round(weight / scale, 3).tolist()

    @property
    def description(self):
        if not self.step:
            return "Training monitor: nothing trained yet. Loss, accuracy and filters appear here while the net learns."
        sentence = f"Training monitor, {self.status}: {self.step} steps, {self.epoch} epochs, loss {self.loss[-1][1]:.3f}"
        if self.accuracy:
            sentence += f", training accuracy {self.accuracy[-1][1]:.1%}"
            if self.accuracy[-1][2] is not None:
                sentence += f", validation accuracy {self.accuracy[-1][2]:.1%}"
        return f"{sentence}."

    def static_svg(self):
        """Two empty frames and the filters as they are now: the curves belong to the live training."""
        width, height = 250, 130
        parts = []
        for place, title in enumerate(("Loss per step", "Accuracy per epoch")):
            left = MARGIN + place * (width + GAP)
            parts.append(text(left, 26, title, anchor="start", weight=600))
            parts.append(element("rect", x=left, y=36, width=width, height=height, fill="none", stroke=LINE))
            parts.append(text(left + width / 2, 36 + height / 2, "drawn while the net trains", size=12, fill=SOFT))
        parts.append(text(MARGIN, 196, self.description, size=13, fill=INK, anchor="start"))
        return picture(2 * MARGIN + 2 * width + GAP + 200, 214, parts, label=self.description)


def _first_kernels(model):
    """The first layer of a model whose weight is (F, C, kH, kW), or None."""
    return next((layer for layer in model if np.ndim(layer.parameters().get("weight")) == 4), None)


def _thinned(values):
    """A curve of at most POINTS points [step, mean of the values since the point before]."""
    stride = -(-len(values) // POINTS) if values else 1
    parts = [values[start : start + stride] for start in range(0, len(values), stride)]
    return [[min((number + 1) * stride, len(values)), round(sum(part) / len(part), 5)] for number, part in enumerate(parts)]
