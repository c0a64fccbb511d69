"""The record of a training."""

from dataclasses import dataclass, field

ROWS = 12  # epochs that the printed table shows; of more, it shows evenly spaced ones and the last


@dataclass
class History:
    """What happened during training. Two equal trainings have equal histories; no times are kept.

    step_loss, step_accuracy: of each batch, as the model stood before that step. loss, accuracy: their means over each finished epoch.
    validation_loss, validation_accuracy: after each epoch, in evaluation mode; empty without validation data. lr: of each epoch begun.
    interrupted: whether the training was stopped by hand.
    """

    step_loss: list = field(default_factory=list)
    step_accuracy: list = field(default_factory=list)
    loss: list = field(default_factory=list)
    accuracy: list = field(default_factory=list)
    validation_loss: list = field(default_factory=list)
    validation_accuracy: list = field(default_factory=list)
    lr: list = field(default_factory=list)
    interrupted: bool = False

    @property
    def steps(self):
        """Batches learned from."""
        return len(self.step_loss)

    @property
    def epochs(self):
        """Finished epochs."""
        return len(self.loss)

    def __repr__(self):
        words = [_counted(self.epochs, "epoch"), _counted(self.steps, "step")]
        if self.loss:
            words += [f"loss {self.loss[-1]:.4f}", f"accuracy {self.accuracy[-1]:.1%}"]
        if self.validation_accuracy:
            words.append(f"validation accuracy {self.validation_accuracy[-1]:.1%}")
        if self.interrupted:
            words.append("interrupted")
        return f"History({', '.join(words)})"

    def __str__(self):
        judged = bool(self.validation_loss)
        heading = f"{'epoch':>5}  {'lr':>9}  {'loss':>8}  {'accuracy':>8}" + (f"  {'validation loss and accuracy':>28}" if judged else "")
        lines = [repr(self), heading]
        for epoch in _shown(self.epochs):
            line = f"{epoch + 1:>5}  {self.lr[epoch]:>9.3g}  {self.loss[epoch]:>8.4f}  {self.accuracy[epoch]:>8.1%}"
            if judged:
                line += f"  {self.validation_loss[epoch]:>19.4f}  {self.validation_accuracy[epoch]:>7.1%}"
            lines.append(line)
        return "\n".join(lines)


def _counted(number, noun):
    return f"{number} {noun if number == 1 else noun + 's'}"


def _shown(epochs):
    """The epochs that a table of ROWS rows shows."""
    stride = -(-epochs // ROWS) if epochs else 1
    shown = list(range(0, epochs, stride))
    return shown if not shown or shown[-1] == epochs - 1 else [*shown, epochs - 1]
