"""The record of training that `fit` returns."""

from __future__ import annotations

from fastcnn.callbacks.callback import Callback, Logs


class History(Callback):
    """Records the loss and the metrics of every epoch. `fit` adds one by itself and returns it.

    Attributes:
        history: For each name (`"accuracy"`, `"loss"`, `"val_accuracy"`, `"val_loss"`, ...) the list of its values.
        epoch: The numbers of the epochs.
    """

    def __init__(self) -> None:
        super().__init__()
        self.history: dict[str, list[float]] = {}
        self.epoch: list[int] = []

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Start a list of epochs."""
        self.epoch = []

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Record an epoch."""
        self.epoch.append(epoch)
        for name, value in (logs or {}).items():
            self.history.setdefault(name, []).append(value)
        self.model.history = self
