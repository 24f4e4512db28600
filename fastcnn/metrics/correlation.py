"""Correlations of targets and predictions, watched as metrics."""

from __future__ import annotations

from typing import Any

from fastcnn import ops
from fastcnn.losses.loss import operand, same_rank
from fastcnn.losses.regression import EPSILON
from fastcnn.metrics.reduction import MeanMetricWrapper


def pearson_correlation(y_true: Any, y_pred: Any, axis: int = -1) -> Any:
    """Pearson's correlation of targets and predictions along an axis.

    Args:
        y_true: Targets.
        y_pred: Predictions of the same shape.
        axis: The axis along which they are compared.

    Returns:
        The shape without this axis.

    Example:

    >>> from fastcnn import metrics
    >>> metrics.pearson_correlation([[1.0, 2.0, 3.0]], [[2.0, 4.0, 6.0]]).round(3)
    array([1.], dtype=float32)
    """
    scaled = []
    for y in same_rank(operand(y_true), operand(y_pred)):
        centred = ops.subtract(y, ops.mean(y, axis=axis, keepdims=True))
        scaled.append(ops.divide(centred, ops.std(centred, axis=axis, keepdims=True)))
    return ops.mean(ops.multiply(*scaled), axis=axis)


def concordance_correlation(y_true: Any, y_pred: Any, axis: int = -1) -> Any:
    """Lin's concordance correlation along an axis: correlation that also asks for equal means and variances.

    Arguments and result as in `pearson_correlation`.

    Example:

    >>> from fastcnn import metrics
    >>> metrics.concordance_correlation([[1.0, 2.0, 3.0]], [[1.0, 2.0, 3.0]]).round(3)
    array([1.], dtype=float32)
    """
    y_true, y_pred = same_rank(operand(y_true), operand(y_pred))
    mean_true, mean_pred = (ops.mean(y, axis=axis, keepdims=True) for y in (y_true, y_pred))
    variances = ops.add(*(ops.var(y, axis=axis, keepdims=True) for y in (y_true, y_pred)))
    together = ops.multiply(ops.subtract(y_true, mean_pred), ops.subtract(y_pred, mean_pred))
    norm = ops.add(variances, ops.square(ops.subtract(mean_true, mean_pred)))
    return ops.mean(ops.divide(ops.multiply(together, 2), ops.add(norm, EPSILON)), axis=axis)


class PearsonCorrelation(MeanMetricWrapper):
    """Mean of Pearson's correlation of targets and predictions.

    Args:
        name: The name shown.
        dtype: As in `Metric`.
        axis: The axis along which they are compared.

    Example:

    >>> from fastcnn import metrics
    >>> round(metrics.PearsonCorrelation()([[1.0, 2.0, 3.0]], [[2.0, 4.0, 6.0]]), 3)
    1.0
    """

    def __init__(
        self,
        name: str = "pearson_correlation",
        dtype: str | None = None,
        axis: int = -1,
    ) -> None:
        super().__init__(pearson_correlation, name, dtype, axis=axis)


class ConcordanceCorrelation(MeanMetricWrapper):
    """Mean of Lin's concordance correlation of targets and predictions.

    Args:
        name: The name shown.
        dtype: As in `Metric`.
        axis: The axis along which they are compared.

    Example:

    >>> from fastcnn import metrics
    >>> round(metrics.ConcordanceCorrelation()([[1.0, 2.0, 3.0]], [[1.0, 2.0, 3.0]]), 3)
    1.0
    """

    def __init__(
        self,
        name: str = "concordance_correlation",
        dtype: str | None = None,
        axis: int = -1,
    ) -> None:
        super().__init__(concordance_correlation, name, dtype, axis=axis)
