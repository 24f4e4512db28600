"""Losses between distributions: Kullback-Leibler divergence, and the Poisson loss of counts."""

from __future__ import annotations

from typing import Any

from fastcnn import ops
from fastcnn.losses.loss import LossFunctionWrapper, operand
from fastcnn.losses.regression import EPSILON


def kl_divergence(y_true: Any, y_pred: Any) -> Any:
    """`sum(y_true * log(y_true / y_pred), axis=-1)`; both are first clipped to [1e-7, 1].

    Args:
        y_true: Probabilities, shape `(batch, ..., n)`.
        y_pred: Predicted ones, of the same shape.

    Returns:
        Shape `(batch, ...)`.

    Example:

    >>> from fastcnn import losses
    >>> losses.kl_divergence([[0.5, 0.5]], [[0.25, 0.75]]).round(4)
    array([0.1438], dtype=float32)
    """
    y_true, y_pred = (ops.clip(operand(y), EPSILON, 1) for y in (y_true, y_pred))
    return ops.sum(ops.multiply(y_true, ops.log(ops.divide(y_true, y_pred))), axis=-1)


def poisson(y_true: Any, y_pred: Any) -> Any:
    """`mean(y_pred - y_true * log(y_pred + 1e-7), axis=-1)`.

    Args:
        y_true: Counts, shape `(batch, ..., n)`.
        y_pred: Predicted means, of the same shape.

    Returns:
        Shape `(batch, ...)`.

    Example:

    >>> from fastcnn import losses
    >>> losses.poisson([[0.0, 2.0]], [[1.0, 1.0]]).round(4)
    array([1.], dtype=float32)
    """
    y_true, y_pred = operand(y_true), operand(y_pred)
    return ops.mean(ops.subtract(y_pred, ops.multiply(y_true, ops.log(ops.add(y_pred, EPSILON)))), axis=-1)


class KLDivergence(LossFunctionWrapper):
    """Kullback-Leibler divergence of the targets from the predictions.

    Args:
        reduction: As in `Loss`, by default the mean over the samples.
        name: A name for messages.
        dtype: As in `Loss`.

    Example:

    >>> from fastcnn import losses
    >>> round(float(losses.KLDivergence()([[0.5, 0.5]], [[0.25, 0.75]])), 4)
    0.1438
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str = "kl_divergence",
        dtype: str | None = None,
    ) -> None:
        super().__init__(kl_divergence, reduction, name, dtype)


class Poisson(LossFunctionWrapper):
    """Poisson loss between counts and predicted means.

    Args:
        reduction: As in `Loss`, by default the mean over the samples.
        name: A name for messages.
        dtype: As in `Loss`.

    Example:

    >>> from fastcnn import losses
    >>> round(float(losses.Poisson()([[0.0, 2.0]], [[1.0, 1.0]])), 4)
    1.0
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str = "poisson",
        dtype: str | None = None,
    ) -> None:
        super().__init__(poisson, reduction, name, dtype)
