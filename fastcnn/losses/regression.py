"""Losses between numbers: mean of the squared or absolute differences over the last dimension."""

from __future__ import annotations

from typing import Any

from fastcnn import ops
from fastcnn.losses.loss import LossFunctionWrapper, operand, same_rank


def mean_squared_error(y_true: Any, y_pred: Any) -> Any:
    """`mean((y_true - y_pred)**2, axis=-1)`.

    Args:
        y_true: Targets, shape `(batch, ..., n)`.
        y_pred: Predictions of the same shape.

    Returns:
        Shape `(batch, ...)`.

    Example:

    >>> from fastcnn import losses
    >>> losses.mean_squared_error([[0.0, 1.0]], [[2.0, 1.0]])
    array([2.], dtype=float32)
    """
    y_true, y_pred = same_rank(operand(y_true), operand(y_pred))
    return ops.mean(ops.square(ops.subtract(y_true, y_pred)), axis=-1)


def mean_absolute_error(y_true: Any, y_pred: Any) -> Any:
    """`mean(abs(y_true - y_pred), axis=-1)`.

    Args:
        y_true: Targets, shape `(batch, ..., n)`.
        y_pred: Predictions of the same shape.

    Returns:
        Shape `(batch, ...)`.

    Example:

    >>> from fastcnn import losses
    >>> losses.mean_absolute_error([[0.0, 1.0]], [[2.0, 1.0]])
    array([1.], dtype=float32)
    """
    y_true, y_pred = same_rank(operand(y_true), operand(y_pred))
    return ops.mean(ops.abs(ops.subtract(y_true, y_pred)), axis=-1)


class MeanSquaredError(LossFunctionWrapper):
    """Mean of the squared differences between targets and predictions.

    Args:
        reduction: As in `Loss`, by default the mean over the samples.
        name: A name for messages.

    Example:

    >>> from fastcnn import losses
    >>> float(losses.MeanSquaredError()([[0.0, 1.0]], [[2.0, 1.0]]))
    2.0
    """

    def __init__(self, reduction: str | None = "sum_over_batch_size", name: str = "mean_squared_error") -> None:
        super().__init__(mean_squared_error, reduction, name)


class MeanAbsoluteError(LossFunctionWrapper):
    """Mean of the absolute differences between targets and predictions.

    Args:
        reduction: As in `Loss`, by default the mean over the samples.
        name: A name for messages.

    Example:

    >>> from fastcnn import losses
    >>> float(losses.MeanAbsoluteError()([[0.0, 1.0]], [[2.0, 1.0]]))
    1.0
    """

    def __init__(self, reduction: str | None = "sum_over_batch_size", name: str = "mean_absolute_error") -> None:
        super().__init__(mean_absolute_error, reduction, name)
