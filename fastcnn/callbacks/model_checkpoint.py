"""Save the weights while training goes on."""

from __future__ import annotations

import os

from fastcnn.callbacks.callback import Callback, Logs
from fastcnn.callbacks.monitor import Monitor


class ModelCheckpoint(Callback):
    """Saves the model's weights at the end of every epoch.

    Args:
        filepath: The file; may have fields in braces, filled from the logs and with `epoch` (from 1), such as
            `"weights-{epoch:02d}-{val_loss:.2f}.weights.npz"`.
        monitor: Name of the metric in the logs by which epochs are compared. Default `"val_loss"`.
        verbose: 1 prints a line whenever weights are saved.
        save_best_only: Whether to save only where the metric became better.
        save_weights_only: Accepted for Keras's sake; weights are what is saved either way.
        mode: `"min"`, `"max"`, or `"auto"`: by the metric's name.
        save_freq: `"epoch"`; saving after a number of batches is not there.
        initial_value_threshold: The best value so far, of an earlier training.

    Raises:
        ValueError: `mode` is none of these, or `save_freq` is not `"epoch"`; at the end of an epoch, if the logs lack a
            field of `filepath`.

    Example:

    >>> from fastcnn import callbacks
    >>> best = callbacks.ModelCheckpoint("best.weights.npz", monitor="val_accuracy", save_best_only=True)
    """

    def __init__(
        self,
        filepath: str | os.PathLike[str],
        monitor: str = "val_loss",
        verbose: int = 0,
        save_best_only: bool = False,
        save_weights_only: bool = True,
        mode: str = "auto",
        save_freq: str = "epoch",
        initial_value_threshold: float | None = None,
    ) -> None:
        super().__init__()
        if save_freq != "epoch":
            raise ValueError(f"save_freq must be 'epoch', received {save_freq!r}; save in on_train_batch_end instead")
        self.filepath = os.fspath(filepath)
        self.monitor = Monitor(monitor, mode)
        self.verbose = verbose
        self.save_best_only = save_best_only
        self.best = self.monitor.worst if initial_value_threshold is None else initial_value_threshold

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Save the weights, if they are to be saved."""
        if self.save_best_only:
            value = self.monitor.value(logs)
            if value is None or not self.monitor.is_better(value, self.best):
                return
            self.best = value
        path = self.path(epoch, logs or {})
        self.model.save_weights(path)
        if self.verbose:
            print(f"Epoch {epoch + 1}: saved weights to {path}")

    def path(self, epoch: int, logs: Logs) -> str:
        """The file name of an epoch."""
        try:
            return self.filepath.format(epoch=epoch + 1, **logs)
        except KeyError as error:
            known = ", ".join(["epoch", *logs])
            raise ValueError(f"filepath {self.filepath!r} has the field {error}; the logs have: {known}") from None
