"""What callbacks that watch a metric share: which value, and whether it became better."""

from __future__ import annotations

import warnings
from typing import Any

from fastcnn import metrics
from fastcnn.callbacks.callback import Logs
from fastcnn.utils.arguments import checked_number
from fastcnn.utils.lookup import lookup

MODES = {"auto": "auto", "min": "min", "max": "max"}
GROWING = (
    metrics.AUC, metrics.Accuracy, metrics.BinaryAccuracy, metrics.BinaryIoU, metrics.CategoricalAccuracy,
    metrics.ConcordanceCorrelation, metrics.CosineSimilarity, metrics.FBetaScore, metrics.IoU, metrics.MeanIoU,
    metrics.PearsonCorrelation, metrics.Precision, metrics.PrecisionAtRecall, metrics.R2Score, metrics.Recall,
    metrics.RecallAtPrecision, metrics.SensitivityAtSpecificity, metrics.SparseCategoricalAccuracy,
    metrics.SparseTopKCategoricalAccuracy, metrics.SpecificityAtSensitivity, metrics.TopKCategoricalAccuracy,
)  # fmt: skip
"""Metrics that are better the larger they are."""
FALLING = (
    metrics.BinaryCrossentropy, metrics.CategoricalCrossentropy, metrics.CategoricalHinge, metrics.Hinge,
    metrics.KLDivergence, metrics.LogCoshError, metrics.MeanAbsoluteError, metrics.MeanAbsolutePercentageError,
    metrics.MeanSquaredError, metrics.MeanSquaredLogarithmicError, metrics.Poisson, metrics.RootMeanSquaredError,
    metrics.SparseCategoricalCrossentropy, metrics.SquaredHinge,
)  # fmt: skip
"""Metrics that are better the smaller they are."""
GROWING_NAMES = ("acc", "accuracy", "auc", "precision", "recall")
"""Ends of names that mean a metric that is better the larger it is, whatever computes it."""


class Monitor:
    """One watched metric.

    Args:
        name: The name in the logs.
        mode: `"min"`, `"max"`, or `"auto"`: by the metric.
        min_delta: The least change that counts as better.

    Raises:
        ValueError: `mode` is none of these.
    """

    def __init__(self, name: str, mode: str = "auto", min_delta: float = 0.0) -> None:
        if not isinstance(name, str):
            raise ValueError(f"monitor must be the name of a metric, received monitor={name!r}")
        self.name = name
        self.mode = lookup("mode", mode, MODES)
        self.min_delta = abs(checked_number(min_delta, "min_delta"))

    def settle(self, model: Any) -> None:
        """Find out whether the metric is better the larger or the smaller it is.

        Raises:
            ValueError: that is not known.
        """
        if self.mode == "auto":
            self.mode = direction(self.name.removeprefix("val_"), model) or ""
        if not self.mode:
            self.mode = "auto"
            raise ValueError(
                f"monitor={self.name}: it is not known whether that metric should be maximized or minimized. Pass "
                "mode='max' in order to monitor based on the highest metric value, or pass mode='min' in order to use "
                "the lowest value."
            )

    def value(self, logs: Logs | None, model: Any) -> float | None:
        """The metric's value; warns and returns None where the logs have none."""
        self.settle(model)
        found = (logs or {}).get(self.name)
        if found is None:
            warnings.warn(
                f"the monitored metric {self.name!r} is not in the logs, which have: {', '.join(logs or {})}",
                stacklevel=3,
            )
        return found

    def is_better(self, value: float, best: float | None) -> bool:
        """Whether a value is better than the best, by `min_delta` at least; any number is better than None."""
        if best is None:
            return value == value
        if self.mode == "max":
            return value - self.min_delta > best
        return value + self.min_delta < best


def direction(name: str, model: Any) -> str | None:
    """ "max" or "min" for a metric of a model; None where it is not known."""
    if name == "loss" or name.endswith("_loss"):
        return "min"
    named = zip(getattr(model, "metrics_names", ()), getattr(model, "metrics", ()), strict=False)
    metric = next((one for other, one in named if other == name), None)
    stated = {"up": "max", "down": "min"}.get(getattr(metric, "_direction", ""))
    if stated or isinstance(metric, (*GROWING, *FALLING)):
        return stated or ("max" if isinstance(metric, GROWING) else "min")
    return "max" if name.endswith(GROWING_NAMES) else None
