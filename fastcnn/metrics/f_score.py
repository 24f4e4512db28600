"""F scores: precision and recall in one number, for each class."""

from __future__ import annotations

from typing import Any

import numpy as np

from fastcnn import ops
from fastcnn.losses.loss import operand
from fastcnn.metrics.metric import Metric, as_number
from fastcnn.metrics.thresholds import EPSILON

AVERAGES = (None, "micro", "macro", "weighted")


class FBetaScore(Metric):
    """`(1 + beta**2) * precision * recall / (beta**2 * precision + recall)`, of rows of yes-no or one-hot labels.

    Args:
        average: What becomes of the scores of the classes: None leaves them, `"macro"` is their mean, `"weighted"`
            their mean weighted by the labels; `"micro"` counts all classes together.
        beta: How much recall weighs, above 0.
        threshold: Predictions above it are positive; None: the largest of each row.
        name: The name shown.
        dtype: As in `Metric`.

    Raises:
        ValueError: An argument is none of these; later, if labels and predictions do not have two dimensions.

    Example:

    >>> from fastcnn import metrics
    >>> metrics.FBetaScore(beta=2.0, threshold=0.5)([[1, 1], [1, 0]], [[0.2, 0.6], [0.6, 0.8]]).round(3)
    array([0.556, 0.833])
    """

    labels = "one_hot"

    def __init__(
        self,
        average: str | None = None,
        beta: float = 1.0,
        threshold: float | None = None,
        name: str = "fbeta_score",
        dtype: str | None = None,
    ) -> None:
        super().__init__(dtype, name)
        if average not in AVERAGES:
            raise ValueError(f"average must be one of {AVERAGES}, received {average!r}")
        if not isinstance(beta, float) or beta <= 0:
            raise ValueError(f"beta must be a float > 0, received {beta!r}")
        if threshold is not None and not (isinstance(threshold, float) and 0 < threshold <= 1):
            raise ValueError(f"threshold must be None or a float with 0 < threshold <= 1, received {threshold!r}")
        self.average, self.beta, self.threshold = average, beta, threshold

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Take a batch into account."""
        y_true, y_pred = operand(y_true), operand(y_pred)
        if y_true.ndim != 2 or y_pred.ndim != 2:
            raise ValueError(
                f"{type(self).__name__} expects y_true and y_pred of shape (batch_size, output_dim), received shapes "
                f"{tuple(y_true.shape)} and {tuple(y_pred.shape)}"
            )
        axis = None if self.average == "micro" else 0
        if not self.variables:
            for outcome in ("true_positives", "false_positives", "false_negatives"):
                shape = () if axis is None else (y_pred.shape[1],)
                setattr(self, outcome, self.add_variable(shape, "zeros", "float64", name=outcome))
        if self.threshold is None:
            largest = ops.greater_equal(y_pred, ops.max(y_pred, axis=-1, keepdims=True))
            positive = ops.logical_and(largest, ops.greater(ops.abs(y_pred), 1e-9))
        else:
            positive = ops.greater(y_pred, self.threshold)
        negative = ops.logical_not(positive)
        weight = None if sample_weight is None else ops.reshape(sample_weight, (-1, 1))
        outcomes = (
            ops.multiply(positive, y_true),
            ops.multiply(positive, ops.subtract(1, y_true)),
            ops.multiply(negative, y_true),
        )
        for state, outcome in zip(self.variables, outcomes, strict=True):
            state.assign_add(ops.sum(outcome if weight is None else ops.multiply(outcome, weight), axis=axis))

    def result(self) -> Any:
        """The score, or one for each class without `average`."""
        if not self.variables:
            return 0.0
        right, wrong, missed = (variable.value for variable in self.variables)
        precision, recall = right / (right + wrong + EPSILON), right / (right + missed + EPSILON)
        scores = (1 + self.beta**2) * precision * recall / (self.beta**2 * precision + recall + EPSILON)
        if self.average == "weighted":
            labels = right + missed
            return float((scores * labels).sum() / (labels.sum() + EPSILON))
        return as_number(scores if self.average is None else np.mean(scores))

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal metric."""
        return {**super().get_config(), "average": self.average, "beta": self.beta, "threshold": self.threshold}


class F1Score(FBetaScore):
    """`2 * precision * recall / (precision + recall)`, of rows of yes-no or one-hot labels.

    Args:
        average: As in `FBetaScore`.
        threshold: Predictions above it are positive; None: the largest of each row.
        name: The name shown.
        dtype: As in `Metric`.

    Raises:
        ValueError: As in `FBetaScore`.

    Example:

    >>> from fastcnn import metrics
    >>> metrics.F1Score(threshold=0.5)([[1, 1], [1, 0]], [[0.2, 0.6], [0.6, 0.8]]).round(3)
    array([0.667, 0.667])
    """

    def __init__(
        self,
        average: str | None = None,
        threshold: float | None = None,
        name: str = "f1_score",
        dtype: str | None = None,
    ) -> None:
        super().__init__(average, 1.0, threshold, name, dtype)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal metric."""
        config = super().get_config()
        del config["beta"]
        return config
