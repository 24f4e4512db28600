"""What callbacks that watch a metric share: which value, and whether it became better."""

from __future__ import annotations

import math
import warnings

from fastcnn.callbacks.callback import Logs
from fastcnn.utils.lookup import lookup

MODES = {"auto": "auto", "min": "min", "max": "max"}
GROWING = ("acc", "accuracy", "auc", "precision", "recall")
"""Ends of the names of metrics that are better the larger they are; all others are better the smaller."""


class Monitor:
    """One watched metric.

    Args:
        name: The name in the logs.
        mode: `"min"`, `"max"`, or `"auto"`: by the name.
        min_delta: The least change that counts as better.

    Raises:
        ValueError: `mode` is none of these.
    """

    def __init__(self, name: str, mode: str = "auto", min_delta: float = 0.0) -> None:
        self.name = name
        self.mode = lookup("mode", mode, MODES)
        if self.mode == "auto":
            self.mode = "max" if name.endswith(GROWING) else "min"
        self.min_delta = abs(min_delta)

    @property
    def worst(self) -> float:
        """A value that anything is better than."""
        return -math.inf if self.mode == "max" else math.inf

    def value(self, logs: Logs | None) -> float | None:
        """The metric's value; warns and returns None where the logs have none."""
        found = (logs or {}).get(self.name)
        if found is None:
            warnings.warn(
                f"the monitored metric {self.name!r} is not in the logs, which have: {', '.join(logs or {})}",
                stacklevel=3,
            )
        return found

    def is_better(self, value: float, best: float) -> bool:
        """Whether a value is better than the best, by `min_delta` at least."""
        if self.mode == "max":
            return value - self.min_delta > best
        return value + self.min_delta < best
