"""Save the model, or its weights, while training goes on."""

from __future__ import annotations

import os
import warnings
from pathlib import Path
from typing import Any

import numpy as np

from fastcnn.callbacks.callback import Callback, Logs
from fastcnn.callbacks.intervals import Intervals
from fastcnn.callbacks.monitor import Monitor
from fastcnn.utils.arguments import checked_number, checked_path

MODELS = (".fastcnn", ".keras")
WEIGHTS = (".weights.h5", ".npz")


class ModelCheckpoint(Callback):
    """Saves the model, or its weights, at the end of every epoch or after a number of batches.

    Args:
        filepath: The file; may have fields in braces, filled from the logs, with `epoch` (from 1) and within an epoch
            with `batch` (from 1), such as `"model-{epoch:02d}-{val_loss:.2f}.fastcnn"`. Ends in `.fastcnn` or `.keras`
            for whole models, in `.weights.h5` for weights; in a file that ends in `.npz` there are always weights.
            Folders are made if need be.
        monitor: Name of the metric in the logs by which models are compared. Default `"val_loss"`.
        verbose: 1 prints a line for each decision.
        save_best_only: Whether to save only where the metric became better.
        save_weights_only: Whether to save weights only. Default False: the whole model, with its optimizer.
        mode: `"min"`, `"max"`, or `"auto"`: by the metric.
        save_freq: `"epoch"`, or an integer: after so many batches, counted over the ends of epochs.
        initial_value_threshold: The best value so far, of an earlier training.

    Raises:
        ValueError: `mode` or `save_freq` is none of these, or `filepath` ends otherwise; at the end of an epoch, if it
            is not known whether the metric is better the larger it is.
        KeyError: While saving, the logs lack a field of `filepath`.

    Example:

    >>> from fastcnn import callbacks
    >>> best = callbacks.ModelCheckpoint("best.fastcnn", monitor="val_accuracy", save_best_only=True)
    """

    def __init__(
        self,
        filepath: str | os.PathLike[str],
        monitor: str = "val_loss",
        verbose: int = 0,
        save_best_only: bool = False,
        save_weights_only: bool = False,
        mode: str = "auto",
        save_freq: str | int = "epoch",
        initial_value_threshold: float | None = None,
    ) -> None:
        super().__init__()
        self.filepath = checked_path(filepath, "filepath")
        if save_weights_only and not self.filepath.endswith(WEIGHTS):
            raise ValueError(
                "When using `save_weights_only=True` in `ModelCheckpoint`, the filepath provided must end in "
                f"`.weights.h5` or `.npz`. Received: filepath={self.filepath}"
            )
        if not save_weights_only and not self.filepath.endswith((*MODELS, ".npz")):
            raise ValueError(
                "The filepath provided must end in `.fastcnn` or `.keras` (for weights pass save_weights_only=True). "
                f"Received: filepath={self.filepath}"
            )
        self.monitor = monitor
        self.watch = Monitor(monitor, mode)
        self.verbose = verbose
        self.save_best_only = save_best_only
        self.save_weights_only = save_weights_only or self.filepath.endswith(".npz")
        self.save_freq = save_freq
        self.intervals = Intervals(save_freq)
        threshold = initial_value_threshold
        self.best = None if threshold is None else checked_number(threshold, "initial_value_threshold")
        self.current_epoch = 0
        if self.intervals.every is None:
            self.idle = (ModelCheckpoint.on_train_batch_end,)

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        """Note the epoch."""
        self.current_epoch = epoch

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Save, where it is time."""
        if self.intervals.is_due(batch):
            self.save(self.current_epoch, logs or {}, batch)

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Save, where it is time."""
        if self.intervals.every is None:
            self.save(epoch, logs or {})

    def save(self, epoch: int, logs: Logs, batch: int | None = None) -> None:
        """Save the model, if it is to be saved."""
        path = self.path(epoch, logs, batch)
        if not self.is_wanted(epoch, logs, path):
            return
        if os.path.isdir(path):
            raise OSError(
                "Please specify a non-directory filepath for ModelCheckpoint. Filepath used is an existing directory: "
                f"{path}"
            )
        if os.path.dirname(path):
            Path(path).parent.mkdir(parents=True, exist_ok=True)
        if self.save_weights_only:
            self.model.save_weights(path)
        else:
            self.model.save(path)
        self.say(f"Epoch {epoch + 1}: finished saving model to {path}")

    def is_wanted(self, epoch: int, logs: Logs, path: str) -> bool:
        """Whether the model is to be saved: always, or if the metric became better."""
        value: Any = logs.get(self.monitor)
        if not self.save_best_only:
            self.say(f"Epoch {epoch + 1}: saving model to {path}")
            return True
        if value is None:
            warnings.warn(f"Can save best model only with {self.monitor} available.", stacklevel=2)
            return True
        if np.ndim(value) > 0:
            warnings.warn(
                f"Can save best model only when `monitor` is a scalar value. Received: {value}. Falling back to "
                "`save_best_only=False`.",
                stacklevel=2,
            )
            return True
        before = "None" if self.best is None else f"{self.best:.5f}"
        self.watch.settle(self.model)
        if not self.watch.is_better(value, self.best):
            self.say(f"Epoch {epoch + 1}: {self.monitor} did not improve from {before}")
            return False
        self.say(f"Epoch {epoch + 1}: {self.monitor} improved from {before} to {value:.5f}, saving model to {path}")
        self.best = value
        return True

    def path(self, epoch: int, logs: Logs, batch: int | None) -> str:
        """The file name for an epoch, or a batch in it."""
        fields: dict[str, Any] = {"epoch": epoch + 1} if batch is None else {"epoch": epoch + 1, "batch": batch + 1}
        fields.update(logs)
        try:
            return self.filepath.format(**fields)
        except KeyError as error:
            raise KeyError(
                f'Failed to format this callback filepath: "{self.filepath}". Reason: {error}; the logs have: '
                f"{', '.join(fields)}"
            ) from None

    def say(self, text: str) -> None:
        """Print a line, where that is wanted."""
        if self.verbose > 0:
            print(f"\n{text}")

    def backup_state(self) -> dict[str, Any]:
        """The best value, and the batches since the last time."""
        return {"best": self.best, "passed": self.intervals.passed, "last": self.intervals.last}

    def restore_state(self, state: dict[str, Any]) -> None:
        """Go on comparing and counting."""
        self.best = state["best"]
        self.intervals.passed, self.intervals.last = state["passed"], state["last"]
