"""Losses of overlap, for segmentation: 1 minus the share that targets and predictions have in common."""

from __future__ import annotations

from typing import Any

from fastcnn import ops
from fastcnn.losses.loss import LossFunctionWrapper, operand
from fastcnn.losses.regression import EPSILON
from fastcnn.utils.arguments import checked_number, integers


def dice(y_true: Any, y_pred: Any, axis: Any = None) -> Any:
    """`1 - 2 * sum(y_true * y_pred) / (sum(y_true) + sum(y_pred))`.

    Args:
        y_true: Targets from 0 to 1, any shape.
        y_pred: Predictions of the same shape.
        axis: The axes to sum over; None: all, so that the batch has one loss.

    Returns:
        The shape without these axes.

    Source: Milletari et al., "V-Net", 3DV 2016.

    Example:

    >>> from fastcnn import losses
    >>> losses.dice([[1, 1], [0, 0]], [[1, 0], [1, 0]], axis=1).round(4)
    array([0.3333, 1.    ], dtype=float32)
    """
    y_true, y_pred = operand(y_true), operand(y_pred)
    both = ops.sum(ops.multiply(y_true, y_pred), axis=axis)
    total = ops.add(ops.add(ops.sum(y_true, axis=axis), ops.sum(y_pred, axis=axis)), EPSILON)
    return ops.subtract(1, ops.divide(ops.multiply(both, 2), total))


def tversky(y_true: Any, y_pred: Any, alpha: float = 0.5, beta: float = 0.5, axis: Any = None) -> Any:
    """1 minus the overlap, where what is only in the targets weighs `alpha` and what is only in the predictions `beta`.

    Args:
        y_true: Targets from 0 to 1, any shape.
        y_pred: Predictions of the same shape.
        alpha: See above.
        beta: See above.
        axis: The axes to sum over; None: all, so that the batch has one loss.

    Returns:
        The shape without these axes.

    Source: Salehi et al., "Tversky loss function for image segmentation", MLMI 2017; as Keras assigns the weights.

    Example:

    >>> from fastcnn import losses
    >>> losses.tversky([[1, 1], [0, 0]], [[1, 0], [1, 0]], alpha=1.0, beta=0.0, axis=1).round(4)
    array([0.5, 1. ], dtype=float32)
    """
    y_true, y_pred = operand(y_true), operand(y_pred)
    both = ops.sum(ops.multiply(y_true, y_pred), axis=axis)
    missed = ops.sum(ops.multiply(ops.subtract(1, y_pred), y_true), axis=axis)
    extra = ops.sum(ops.multiply(y_pred, ops.subtract(1, y_true)), axis=axis)
    total = ops.add(ops.add(both, ops.multiply(missed, alpha)), ops.add(ops.multiply(extra, beta), EPSILON))
    return ops.subtract(1, ops.divide(both, total))


class Dice(LossFunctionWrapper):
    """1 minus twice what targets and predictions have in common, divided by the sum of both.

    Args:
        reduction: As in `Loss`, by default the mean.
        name: A name for messages.
        axis: The axes to sum over; None: all, so that the batch has one loss.
        dtype: As in `Loss`.

    Example:

    >>> from fastcnn import losses
    >>> round(float(losses.Dice()([[1, 1], [0, 0]], [[1, 0], [1, 0]])), 3)
    0.5
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str = "dice",
        axis: Any = None,
        dtype: str | None = None,
    ) -> None:
        super().__init__(dice, reduction, name, dtype, axis=None if axis is None else integers(axis, "axis"))


class Tversky(LossFunctionWrapper):
    """1 minus the overlap, with weights for what is missed and for what is too much.

    Args:
        alpha: Weight of what is only in the targets.
        beta: Weight of what is only in the predictions.
        reduction: As in `Loss`, by default the mean.
        name: A name for messages.
        axis: The axes to sum over; None: all, so that the batch has one loss.
        dtype: As in `Loss`.

    Example:

    >>> from fastcnn import losses
    >>> round(float(losses.Tversky()([[1, 1], [0, 0]], [[1, 0], [1, 0]])), 3)
    0.5
    """

    def __init__(
        self,
        alpha: float = 0.5,
        beta: float = 0.5,
        reduction: str | None = "sum_over_batch_size",
        name: str = "tversky",
        axis: Any = None,
        dtype: str | None = None,
    ) -> None:
        alpha, beta = checked_number(alpha, "alpha"), checked_number(beta, "beta")
        axis = None if axis is None else integers(axis, "axis")
        super().__init__(tversky, reduction, name, dtype, alpha=alpha, beta=beta, axis=axis)
