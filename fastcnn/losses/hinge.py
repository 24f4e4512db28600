"""Hinge losses: the labels are -1 and 1, and a prediction beyond its label costs nothing."""

from __future__ import annotations

from typing import Any

from fastcnn import ops
from fastcnn.losses.loss import LossFunctionWrapper, operand


def hinge(y_true: Any, y_pred: Any) -> Any:
    """`mean(maximum(1 - y_true * y_pred, 0), axis=-1)`.

    Args:
        y_true: Labels -1 or 1; where all of them are 0 or 1, 0 means -1. Shape `(batch, ..., n)`.
        y_pred: Predictions of the same shape.

    Returns:
        Shape `(batch, ...)`.

    Example:

    >>> from fastcnn import losses
    >>> losses.hinge([[0.0, 1.0], [0.0, 0.0]], [[0.5, 0.5], [-2.0, 0.0]])
    array([1. , 0.5], dtype=float32)
    """
    return ops.mean(missing(y_true, y_pred), axis=-1)


def squared_hinge(y_true: Any, y_pred: Any) -> Any:
    """`mean(maximum(1 - y_true * y_pred, 0)**2, axis=-1)`. Arguments and result as in `hinge`.

    Example:

    >>> from fastcnn import losses
    >>> losses.squared_hinge([[0.0, 1.0]], [[1.0, 0.0]])
    array([2.5], dtype=float32)
    """
    return ops.mean(ops.square(missing(y_true, y_pred)), axis=-1)


def missing(y_true: Any, y_pred: Any) -> Any:
    """What each prediction is short of its label by."""
    return ops.maximum(ops.subtract(1, ops.multiply(as_signs(operand(y_true)), operand(y_pred))), 0)


def as_signs(y_true: Any) -> Any:
    """Labels -1 and 1; if there is nothing but 0 and 1, from these."""
    binary = ops.all(ops.logical_or(ops.equal(y_true, 0), ops.equal(y_true, 1)))
    return ops.where(binary, ops.subtract(ops.multiply(y_true, 2), 1), y_true)


def categorical_hinge(y_true: Any, y_pred: Any) -> Any:
    """`maximum(neg - pos + 1, 0)`: pos is the prediction for the right class, neg the largest for another.

    Args:
        y_true: One-hot labels, shape `(batch, ..., classes)`.
        y_pred: Predictions of the same shape.

    Returns:
        Shape `(batch, ...)`.

    Example:

    >>> from fastcnn import losses
    >>> losses.categorical_hinge([[0, 1, 0]], [[0.5, 0.25, 0.0]])
    array([1.25], dtype=float32)
    """
    y_true, y_pred = operand(y_true), operand(y_pred)
    right = ops.sum(ops.multiply(y_true, y_pred), axis=-1)
    other = ops.max(ops.multiply(ops.subtract(1, y_true), y_pred), axis=-1)
    return ops.maximum(ops.add(ops.subtract(other, right), 1), 0)


class Hinge(LossFunctionWrapper):
    """What predictions are short of their labels, -1 or 1, by.

    Args:
        reduction: As in `Loss`, by default the mean over the samples.
        name: A name for messages.
        dtype: As in `Loss`.

    Example:

    >>> from fastcnn import losses
    >>> float(losses.Hinge()([[0.0, 1.0], [0.0, 0.0]], [[0.5, 0.5], [-2.0, 0.0]]))
    0.75
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str = "hinge",
        dtype: str | None = None,
    ) -> None:
        super().__init__(hinge, reduction, name, dtype)


class SquaredHinge(LossFunctionWrapper):
    """The squares of what predictions are short of their labels, -1 or 1, by.

    Args:
        reduction: As in `Loss`, by default the mean over the samples.
        name: A name for messages.
        dtype: As in `Loss`.

    Example:

    >>> from fastcnn import losses
    >>> float(losses.SquaredHinge()([[0.0, 1.0]], [[1.0, 0.0]]))
    2.5
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str = "squared_hinge",
        dtype: str | None = None,
    ) -> None:
        super().__init__(squared_hinge, reduction, name, dtype)


class CategoricalHinge(LossFunctionWrapper):
    """What the prediction for the right class is short of 1 above all others by.

    Args:
        reduction: As in `Loss`, by default the mean over the samples.
        name: A name for messages.
        dtype: As in `Loss`.

    Example:

    >>> from fastcnn import losses
    >>> float(losses.CategoricalHinge()([[0, 1, 0]], [[0.5, 0.25, 0.0]]))
    1.25
    """

    labels = "one_hot"

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str = "categorical_hinge",
        dtype: str | None = None,
    ) -> None:
        super().__init__(categorical_hinge, reduction, name, dtype)
