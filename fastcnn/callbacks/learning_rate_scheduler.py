"""Set the learning rate at the start of every epoch."""

from __future__ import annotations

from collections.abc import Callable

from fastcnn.callbacks.callback import Callback, Logs


class LearningRateScheduler(Callback):
    """Sets the learning rate at the start of every epoch.

    Args:
        schedule: Called with `(epoch, learning_rate)`, the first epoch being 0; returns the new learning rate.
        verbose: 1 prints a line for every epoch.

    Example:

    >>> from fastcnn import callbacks
    >>> halve = callbacks.LearningRateScheduler(lambda epoch, rate: rate / 2 if epoch else rate)
    """

    def __init__(self, schedule: Callable[[int, float], float], verbose: int = 0) -> None:
        super().__init__()
        self.schedule = schedule
        self.verbose = verbose

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        """Set the learning rate."""
        optimizer = self.model.optimizer
        optimizer.learning_rate = self.schedule(epoch, float(optimizer.learning_rate))
        if self.verbose:
            rate = float(optimizer.learning_rate)
            print(f"\nEpoch {epoch + 1}: LearningRateScheduler setting learning rate to {rate}.")

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Add the learning rate to the logs, so that the history has it too."""
        if logs is not None:
            logs["learning_rate"] = float(self.model.optimizer.learning_rate)
