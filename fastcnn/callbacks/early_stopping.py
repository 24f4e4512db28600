"""Stop training when a metric no longer becomes better."""

from __future__ import annotations

from typing import Any

from fastcnn.callbacks.callback import Callback, Logs
from fastcnn.callbacks.monitor import Monitor
from fastcnn.utils.arguments import checked_number

KEPT = ("best", "best_epoch", "best_weights", "wait", "stopped_epoch")


class EarlyStopping(Callback):
    """Stops training when a metric no longer becomes better.

    Args:
        monitor: Name of the metric in the logs. Default `"val_loss"`.
        min_delta: The least change that counts as better.
        patience: Epochs without improvement after which training stops.
        verbose: 1 prints a line when training is stopped.
        mode: `"min"`, `"max"`, or `"auto"`: by the metric's name.
        baseline: A value that the metric must become better than; None for no such value.
        restore_best_weights: Whether the model gets the weights of its best epoch at the end.
        start_from_epoch: Epochs to wait before watching.

    Raises:
        ValueError: `mode` is none of these.

    Example:

    >>> from fastcnn import callbacks
    >>> stop = callbacks.EarlyStopping(monitor="val_accuracy", patience=3, restore_best_weights=True)
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        min_delta: float = 0.0,
        patience: int = 0,
        verbose: int = 0,
        mode: str = "auto",
        baseline: float | None = None,
        restore_best_weights: bool = False,
        start_from_epoch: int = 0,
    ) -> None:
        super().__init__()
        self.monitor = monitor
        self.watch = Monitor(monitor, mode, min_delta)
        self.patience = checked_number(patience, "patience", least=0)
        self.verbose = verbose
        self.baseline = None if baseline is None else checked_number(baseline, "baseline")
        self.restore_best_weights = restore_best_weights
        self.start_from_epoch = checked_number(start_from_epoch, "start_from_epoch")
        self.reset()

    def reset(self) -> None:
        """Forget earlier trainings."""
        self.best: float | None = None
        self.best_epoch = 0
        self.best_weights: list[Any] | None = None
        self.wait = 0
        self.stopped_epoch = 0

    def backup_state(self) -> dict[str, Any]:
        """The best epoch, its weights, and the epochs since."""
        return {name: getattr(self, name) for name in KEPT}

    def restore_state(self, state: dict[str, Any]) -> None:
        """Go on watching."""
        vars(self).update(state)

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Begin anew."""
        self.reset()

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Compare the epoch with the best one."""
        value = self.watch.value(logs, self.model)
        if value is None or epoch < self.start_from_epoch:
            return
        self.wait += 1
        better = self.watch.is_better(value, self.best)
        if better or (self.restore_best_weights and self.best_weights is None):
            self.best_epoch = epoch
            if self.restore_best_weights:
                self.best_weights = self.model.get_weights()
        if better:
            self.best = value
            if self.baseline is None or self.watch.is_better(value, self.baseline):
                self.wait = 0
        elif self.wait >= self.patience and epoch > 0:
            self.stopped_epoch = epoch
            self.model.stop_training = True

    def on_train_end(self, logs: Logs | None = None) -> None:
        """Say that training was stopped, and bring the best weights back."""
        if self.stopped_epoch and self.verbose:
            print(f"Epoch {self.stopped_epoch + 1}: early stopping")
        if self.best_weights is not None:
            if self.verbose:
                print(f"Restoring model weights from the end of the best epoch: {self.best_epoch + 1}.")
            self.model.set_weights(self.best_weights)
