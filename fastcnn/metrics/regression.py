"""Errors of predicted numbers, watched as metrics."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from fastcnn import losses, ops
from fastcnn.losses.loss import operand, same_rank
from fastcnn.metrics.metric import Metric, as_number
from fastcnn.metrics.reduction import Mean, MeanMetricWrapper
from fastcnn.utils.arguments import checked_integer


def cosine_similarity(y_true: Any, y_pred: Any, axis: int = -1) -> Any:
    """The cosine of the angle between targets and predictions along an axis: the loss without its minus."""
    return ops.negative(losses.cosine_similarity(y_true, y_pred, axis))


class MeanSquaredError(MeanMetricWrapper):
    """Mean of the squared differences between targets and predictions.

    Args:
        name: The name shown.
        dtype: As in `Metric`.

    Example:

    >>> from fastcnn import metrics
    >>> metrics.MeanSquaredError()([[0, 1], [0, 0]], [[1, 1], [0, 0]])
    0.25
    """

    def __init__(
        self,
        name: str = "mean_squared_error",
        dtype: str | None = None,
    ) -> None:
        super().__init__(losses.mean_squared_error, name, dtype)


class RootMeanSquaredError(Mean):
    """Square root of the mean of the squared differences between targets and predictions.

    Args:
        name: The name shown.
        dtype: As in `Metric`.

    Example:

    >>> from fastcnn import metrics
    >>> metrics.RootMeanSquaredError()([[0, 1], [0, 0]], [[1, 1], [0, 0]])
    0.5
    """

    labels = "values"

    def __init__(self, name: str = "root_mean_squared_error", dtype: str | None = None) -> None:
        super().__init__(name, dtype)

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:  # type: ignore[override]
        """Take a batch into account."""
        y_true, y_pred = same_rank(operand(y_true), operand(y_pred))
        super().update_state(ops.square(ops.subtract(y_pred, y_true)), sample_weight)

    def result(self) -> float:
        """The root of the mean."""
        return float(np.sqrt(super().result()))


class MeanAbsoluteError(MeanMetricWrapper):
    """Mean of the absolute differences between targets and predictions.

    Args:
        name: The name shown.
        dtype: As in `Metric`.

    Example:

    >>> from fastcnn import metrics
    >>> metrics.MeanAbsoluteError()([[0, 1], [0, 0]], [[1, 1], [0, 0]])
    0.25
    """

    def __init__(
        self,
        name: str = "mean_absolute_error",
        dtype: str | None = None,
    ) -> None:
        super().__init__(losses.mean_absolute_error, name, dtype)


class MeanAbsolutePercentageError(MeanMetricWrapper):
    """Mean of the absolute differences in percent of the targets.

    Args:
        name: The name shown.
        dtype: As in `Metric`.

    Example:

    >>> from fastcnn import metrics
    >>> metrics.MeanAbsolutePercentageError()([[2.0, 4.0]], [[1.0, 4.0]])
    25.0
    """

    def __init__(
        self,
        name: str = "mean_absolute_percentage_error",
        dtype: str | None = None,
    ) -> None:
        super().__init__(losses.mean_absolute_percentage_error, name, dtype)


class MeanSquaredLogarithmicError(MeanMetricWrapper):
    """Mean of the squared differences between the logarithms of targets and predictions, both plus 1.

    Args:
        name: The name shown.
        dtype: As in `Metric`.

    Example:

    >>> from fastcnn import metrics
    >>> round(metrics.MeanSquaredLogarithmicError()([[0.0, 1.0]], [[0.0, 3.0]]), 3)
    0.24
    """

    def __init__(
        self,
        name: str = "mean_squared_logarithmic_error",
        dtype: str | None = None,
    ) -> None:
        super().__init__(losses.mean_squared_logarithmic_error, name, dtype)


class LogCoshError(MeanMetricWrapper):
    """Mean of the logarithm of the hyperbolic cosine of the errors.

    Args:
        name: The name shown.
        dtype: As in `Metric`.

    Example:

    >>> from fastcnn import metrics
    >>> round(metrics.LogCoshError()([[0.0, 0.0]], [[1.0, 0.0]]), 4)
    0.2169
    """

    def __init__(
        self,
        name: str = "logcosh",
        dtype: str | None = None,
    ) -> None:
        super().__init__(losses.log_cosh, name, dtype)


class CosineSimilarity(MeanMetricWrapper):
    """Mean cosine of the angle between targets and predictions.

    Args:
        name: The name shown.
        dtype: As in `Metric`.
        axis: The axis of the vectors.

    Example:

    >>> from fastcnn import metrics
    >>> round(metrics.CosineSimilarity()([[0.0, 1.0], [1.0, 1.0]], [[1.0, 0.0], [1.0, 1.0]]), 3)
    0.5
    """

    def __init__(
        self,
        name: str = "cosine_similarity",
        dtype: str | None = None,
        axis: int = -1,
    ) -> None:
        super().__init__(cosine_similarity, name, dtype, axis=axis)


AGGREGATIONS = (None, "uniform_average", "variance_weighted_average")


class R2Score(Metric):
    """Coefficient of determination: the share of the targets' variance that the predictions explain.

    Args:
        class_aggregation: How the scores of several outputs become one: `"uniform_average"`,
            `"variance_weighted_average"`, or None for one score for each.
        num_regressors: Number of independent variables, for the adjusted score; 0 for the plain one.
        name: The name shown.
        dtype: As in `Metric`.

    Raises:
        ValueError: `class_aggregation` is none of these, or `num_regressors` is below 0; later, if targets and
            predictions do not have two dimensions.

    Example:

    >>> from fastcnn import metrics
    >>> round(metrics.R2Score()([[1.0], [4.0], [3.0]], [[2.0], [4.0], [4.0]]), 4)
    0.5714
    """

    labels = "values"

    def __init__(
        self,
        class_aggregation: str | None = "uniform_average",
        num_regressors: int = 0,
        name: str = "r2_score",
        dtype: str | None = None,
    ) -> None:
        super().__init__(dtype, name)
        if class_aggregation not in AGGREGATIONS:
            raise ValueError(f"class_aggregation must be one of {AGGREGATIONS}, received {class_aggregation!r}")
        checked_integer(num_regressors, "num_regressors", least=0)
        self.class_aggregation = class_aggregation
        self.num_regressors = num_regressors
        self.num_samples = self.add_variable((), "zeros", "float64", name="num_samples")
        self.sums: Any = None

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Take a batch into account."""
        y_true, y_pred = same_rank(operand(y_true), operand(y_pred))
        if y_true.ndim != 2 or y_pred.ndim != 2:
            raise ValueError(
                "R2Score expects y_true and y_pred of shape (batch_size, output_dim), received shapes "
                f"{tuple(y_true.shape)} and {tuple(y_pred.shape)}"
            )
        if self.sums is None:  # rows: targets, their squares, squared errors, weights
            self.sums = self.add_variable((4, y_true.shape[1]), "zeros", "float64", name="sums")
        weight = operand(1.0 if sample_weight is None else sample_weight)
        weight = ops.broadcast_to(ops.reshape(weight, (-1, 1)) if weight.ndim == 1 else weight, y_true.shape)
        parts = (y_true, ops.square(y_true), ops.square(ops.subtract(y_true, y_pred)), None)
        for row, part in enumerate(parts):
            summed = ops.sum(weight if part is None else ops.multiply(part, weight), axis=0, keepdims=True)
            place = np.eye(4, dtype="float32")[:, row : row + 1]
            self.sums.assign_add(ops.multiply(place, summed))
        self.num_samples.assign_add(float(np.prod(y_true.shape)))

    def result(self) -> Any:
        """The score, or one for each output without `class_aggregation`."""
        if self.sums is None:
            return 0.0
        total, squares, errors, count = self.sums.value
        with np.errstate(all="ignore"):
            variance = squares - total * total / count
            scores = 1 - errors / variance
            scores = np.where(np.isinf(scores), 0.0, scores)
            if self.class_aggregation == "uniform_average":
                scores = scores.mean()
            elif self.class_aggregation == "variance_weighted_average":
                scores = (variance * scores).sum() / variance.sum()
        spare = float(self.num_samples.value) - self.num_regressors - 1
        if self.num_regressors and spare <= 0:
            warnings.warn(
                f"R2Score: {self.num_regressors} regressors are too many for so few data; giving the plain score",
                stacklevel=2,
            )
        elif self.num_regressors:
            scores = 1 - (1 - scores) * (float(self.num_samples.value) - 1) / spare
        return as_number(scores)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal metric."""
        own = {"class_aggregation": self.class_aggregation, "num_regressors": self.num_regressors}
        return {**super().get_config(), **own}
