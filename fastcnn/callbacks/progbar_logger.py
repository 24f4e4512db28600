"""The progress bar of `fit`, `evaluate` and `predict`."""

from __future__ import annotations

import sys
import time
from typing import Any

from fastcnn.callbacks.callback import Callback, Logs
from fastcnn.utils.progbar import Progbar, write

INTERVAL = 0.05
"""Seconds between two drawings."""


class ProgbarLogger(Callback):
    """Shows epoch, step, time per step, loss and metrics. `fit`, `evaluate` and `predict` add one by themselves unless
    `verbose` is 0."""

    def __init__(self) -> None:
        super().__init__()
        self.bar: Progbar | None = None
        self.due = 0.0
        self.in_fit = False
        self.steps_done = 0

    def start(self) -> None:
        """Begin a bar from 0."""
        self.bar = Progbar(self.params.get("steps"), verbose=self.params.get("verbose", 1), stateless_metrics=())
        self.due = 0.0
        self.steps_done = 0

    def is_due(self, batch: int) -> bool:
        """Whether the bar wants to be drawn after this batch; called for every batch, so it does next to nothing."""
        now = time.perf_counter()
        if now < self.due and self.steps_done:
            return False
        self.due = now + INTERVAL
        return True

    def draw(self, batch: int, logs: Any) -> None:
        """Draw the bar with the values given; the last drawing, with the final values, is that of `finish`."""
        self.steps_done = batch + 1
        if self.bar is not None:
            self.bar.update(self.steps_done, list((logs or {}).items()), finalize=False)

    def finish(self, logs: Logs | None) -> None:
        """Draw the bar for the last time."""
        if self.bar is not None:
            steps = self.bar.target = self.params.get("steps") or self.steps_done
            self.bar.update(steps, list((logs or {}).items()), finalize=True)
            self.bar = None

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Leave the bar to training: the validation within has none of its own."""
        self.in_fit = True

    def on_train_end(self, logs: Logs | None = None) -> None:
        """Training is over."""
        self.in_fit = False

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        """Name the epoch and begin a bar."""
        if self.params.get("verbose") and self.params.get("epochs", 1) > 1:
            write(sys.stdout, f"Epoch {epoch + 1}/{self.params['epochs']}\n")
        self.start()

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Draw the results of the epoch."""
        self.finish(logs)

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Draw the bar."""
        self.draw(batch, logs)

    def on_test_begin(self, logs: Logs | None = None) -> None:
        """Begin a bar, unless this is the validation in `fit`."""
        if not self.in_fit:
            self.start()

    def on_test_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Draw the bar."""
        if not self.in_fit:
            self.draw(batch, logs)

    def on_test_end(self, logs: Logs | None = None) -> None:
        """Draw the results."""
        if not self.in_fit:
            self.finish(logs)

    def on_predict_begin(self, logs: Logs | None = None) -> None:
        """Begin a bar."""
        self.start()

    def on_predict_batch_end(self, batch: int, logs: Any = None) -> None:
        """Draw the bar; predictions are not shown."""
        self.draw(batch, None)

    def on_predict_end(self, logs: Logs | None = None) -> None:
        """Draw the full bar."""
        self.finish(None)
