"""When callbacks that save act: at the end of epochs, or each time after a number of batches."""

from __future__ import annotations

from typing import Any


class Intervals:
    """Counts batches, over the ends of epochs.

    Args:
        save_freq: `"epoch"`, or a number of batches.

    Raises:
        ValueError: it is neither.
    """

    def __init__(self, save_freq: Any) -> None:
        if save_freq != "epoch" and (isinstance(save_freq, bool) or not isinstance(save_freq, int) or save_freq < 1):
            raise ValueError(
                f"Invalid value for argument `save_freq`. Received: save_freq={save_freq!r}. "
                "Expected either 'epoch' or a positive integer value."
            )
        self.every: int | None = None if save_freq == "epoch" else save_freq
        self.passed = 0
        self.last = -1

    def is_due(self, batch: int) -> bool:
        """Whether it is time after this batch (the first of an epoch is 0)."""
        if self.every is None:
            return False
        self.passed += batch + 1 if batch <= self.last else batch - self.last
        self.last = batch
        if self.passed < self.every:
            return False
        self.passed = 0
        return True
