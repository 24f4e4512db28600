"""Set the learning rate at the start of every epoch."""

from __future__ import annotations

import inspect
from collections.abc import Callable

import numpy as np

from fastcnn.callbacks.callback import Callback, Logs


class LearningRateScheduler(Callback):
    """Sets the learning rate at the start of every epoch.

    Args:
        schedule: Called with `(epoch, learning_rate)`, or with `(epoch)` if it takes one argument; the first epoch is
            0. Returns the new learning rate.
        verbose: 1 prints a line for every epoch.

    Example:

    >>> from fastcnn import callbacks
    >>> halve = callbacks.LearningRateScheduler(lambda epoch, rate: rate / 2 if epoch else rate)
    """

    def __init__(self, schedule: Callable[..., float], verbose: int = 0) -> None:
        super().__init__()
        if not callable(schedule):
            raise ValueError(f"schedule must be a function of the epoch, received schedule={schedule!r}")
        self.schedule = schedule
        self.takes_rate = takes_two(schedule)
        self.verbose = verbose

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        """Set the learning rate."""
        optimizer = self.model.optimizer
        known = (epoch, float(optimizer.learning_rate)) if self.takes_rate else (epoch,)
        rate = self.schedule(*known)
        if not isinstance(rate, (float, np.floating)):
            raise ValueError(f"The output of the `schedule` function should be a float. Got: {rate!r}")
        optimizer.learning_rate = rate
        if self.verbose:
            rate = float(optimizer.learning_rate)
            print(f"\nEpoch {epoch + 1}: LearningRateScheduler setting learning rate to {rate}.")

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Add the learning rate to the logs, so that the history has it too."""
        if logs is not None:
            logs["learning_rate"] = float(self.model.optimizer.learning_rate)


def takes_two(function: Callable[..., float]) -> bool:
    """Whether a function can be called with two arguments; assumed of those whose signature is not known."""
    try:
        inspect.signature(function).bind(0, 0.0)
    except TypeError:
        return False
    except ValueError:
        return True
    return True
