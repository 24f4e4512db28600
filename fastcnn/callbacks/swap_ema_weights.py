"""Evaluate, and save, the moving averages of the weights."""

from __future__ import annotations

from typing import Any

from fastcnn.callbacks.callback import Callback, Logs


class SwapEMAWeights(Callback):
    """Puts the moving averages that an optimizer with `use_ema=True` keeps in the place of the weights while the model
    is evaluated, and brings the weights back afterwards.

    Args:
        swap_on_epoch: Whether the averages are there from the end of each epoch to the start of the next, too: for a
            `ModelCheckpoint` behind this callback in the list. Default False.

    Raises:
        ValueError: When it acts, if the optimizer keeps no averages.

    Example:

    >>> import numpy as np
    >>> from fastcnn import Input, Sequential, callbacks, layers, optimizers
    >>> model = Sequential([Input((2,)), layers.Dense(1)])
    >>> model.compile(optimizers.SGD(use_ema=True), loss="mse")
    >>> x, y = np.ones((8, 2)), np.ones(8)
    >>> history = model.fit(x, y, validation_data=(x, y), verbose=0, callbacks=[callbacks.SwapEMAWeights()])
    """

    def __init__(self, swap_on_epoch: bool = False) -> None:
        super().__init__()
        self.swap_on_epoch = swap_on_epoch

    @property
    def optimizer(self) -> Any:
        """The optimizer that keeps the averages."""
        outer = self.model.optimizer
        optimizer = getattr(outer, "inner_optimizer", outer)
        if not getattr(optimizer, "use_ema", False):
            raise ValueError(
                "SwapEMAWeights must be used when `use_ema=True` is set on the optimizer. Received: "
                f"use_ema={getattr(optimizer, 'use_ema', None)}"
            )
        return optimizer

    def put(self, averages: bool) -> None:
        """Let the model have the averages, or its weights."""
        if self.optimizer.averages_in_weights != averages:
            self.optimizer.swap_averages()

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        """Train the weights."""
        if self.swap_on_epoch:
            self.put(averages=False)

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Let other callbacks have the averages."""
        if self.swap_on_epoch:
            self.put(averages=True)

    def on_test_begin(self, logs: Logs | None = None) -> None:
        """Evaluate the averages."""
        self.put(averages=True)

    def on_test_end(self, logs: Logs | None = None) -> None:
        """Bring the weights back."""
        self.put(averages=False)

    def on_predict_begin(self, logs: Logs | None = None) -> None:
        """Predict with the averages."""
        self.put(averages=True)

    def on_predict_end(self, logs: Logs | None = None) -> None:
        """Bring the weights back."""
        self.put(averages=False)

    def backup_state(self) -> dict[str, Any]:
        """Which of the two the model has."""
        return {"averages_in_weights": self.optimizer.averages_in_weights}

    def restore_state(self, state: dict[str, Any]) -> None:
        """The weights and averages are as they were; note which are which."""
        self.optimizer.averages_in_weights = state["averages_in_weights"]
