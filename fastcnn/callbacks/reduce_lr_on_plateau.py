"""A smaller learning rate when a metric no longer becomes better."""

from __future__ import annotations

from typing import Any

from fastcnn.callbacks.callback import Callback, Logs
from fastcnn.callbacks.monitor import Monitor
from fastcnn.utils.arguments import checked_number


class ReduceLROnPlateau(Callback):
    """Multiplies the learning rate by a factor when a metric no longer becomes better.

    Args:
        monitor: Name of the metric in the logs. Default `"val_loss"`.
        factor: What the learning rate is multiplied by, below 1. Default 0.1.
        patience: Epochs without improvement before that. Default 10.
        verbose: 1 prints a line when it happens.
        mode: `"min"`, `"max"`, or `"auto"`: by the metric's name.
        min_delta: The least change that counts as better. Default 0.0001.
        cooldown: Epochs to wait afterwards before watching again. Default 0.
        min_lr: The smallest learning rate. Default 0.

    Raises:
        ValueError: `factor` is 1 or more, or `mode` is none of these.

    Example:

    >>> from fastcnn import callbacks
    >>> slower = callbacks.ReduceLROnPlateau(factor=0.2, patience=5, min_lr=0.001)
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        factor: float = 0.1,
        patience: int = 10,
        verbose: int = 0,
        mode: str = "auto",
        min_delta: float = 1e-4,
        cooldown: int = 0,
        min_lr: float = 0.0,
    ) -> None:
        super().__init__()
        if checked_number(factor, "factor", least=0) >= 1.0:
            raise ValueError(f"ReduceLROnPlateau does not support a factor >= 1.0. Received factor={factor}")
        self.monitor = monitor
        self.watch = Monitor(monitor, mode, min_delta)
        self.factor = factor
        self.patience = checked_number(patience, "patience", least=0)
        self.verbose = verbose
        self.cooldown = checked_number(cooldown, "cooldown", least=0)
        self.min_lr = checked_number(min_lr, "min_lr")
        self.reset()

    def reset(self) -> None:
        """Forget earlier trainings."""
        self.best: float | None = None
        self.wait = 0
        self.cooldown_counter = 0

    def backup_state(self) -> dict[str, Any]:
        """The best value, and the epochs since."""
        return {"best": self.best, "wait": self.wait, "cooldown_counter": self.cooldown_counter}

    def restore_state(self, state: dict[str, Any]) -> None:
        """Go on watching."""
        vars(self).update(state)

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Begin anew."""
        self.reset()

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Add the learning rate to the logs, compare the epoch with the best one, and make the rate smaller if due."""
        optimizer = self.model.optimizer
        rate = float(optimizer.learning_rate)
        if logs is not None:
            logs["learning_rate"] = rate
        value = self.watch.value(logs, self.model)
        if value is None:
            return
        if self.cooldown_counter > 0:
            self.cooldown_counter -= 1
            self.wait = 0
        if self.watch.is_better(value, self.best):
            self.best = value
            self.wait = 0
        elif self.cooldown_counter == 0:
            self.wait += 1
            if self.wait >= self.patience and rate > self.min_lr:
                optimizer.learning_rate = max(rate * self.factor, self.min_lr)
                self.cooldown_counter = self.cooldown
                self.wait = 0
                if self.verbose:
                    rate = float(optimizer.learning_rate)
                    print(f"\nEpoch {epoch + 1}: ReduceLROnPlateau reducing learning rate to {rate}.")
