"""Losses between numbers: means of differences, squared, absolute or otherwise measured, over the last dimension."""

from __future__ import annotations

import math
from typing import Any

from fastcnn import ops
from fastcnn.losses.loss import LossFunctionWrapper, operand, same_rank
from fastcnn.utils.arguments import checked_integer, checked_number

EPSILON = 1e-7
"""What logarithms and quotients are kept away from 0 by, as in Keras."""


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
    """`mean(abs(y_true - y_pred), axis=-1)`. Arguments and result as in `mean_squared_error`.

    Example:

    >>> from fastcnn import losses
    >>> losses.mean_absolute_error([[0.0, 1.0]], [[2.0, 1.0]])
    array([1.], dtype=float32)
    """
    y_true, y_pred = same_rank(operand(y_true), operand(y_pred))
    return ops.mean(ops.abs(ops.subtract(y_true, y_pred)), axis=-1)


def mean_absolute_percentage_error(y_true: Any, y_pred: Any) -> Any:
    """`100 * mean(abs((y_true - y_pred) / y_true), axis=-1)`; targets count as at least 1e-7.

    Arguments and result as in `mean_squared_error`.

    Example:

    >>> from fastcnn import losses
    >>> losses.mean_absolute_percentage_error([[2.0, 4.0]], [[1.0, 4.0]])
    array([25.], dtype=float32)
    """
    y_true, y_pred = same_rank(operand(y_true), operand(y_pred))
    share = ops.divide(ops.subtract(y_true, y_pred), ops.maximum(ops.abs(y_true), EPSILON))
    return ops.multiply(ops.mean(ops.abs(share), axis=-1), 100)


def mean_squared_logarithmic_error(y_true: Any, y_pred: Any) -> Any:
    """`mean((log(y_true + 1) - log(y_pred + 1))**2, axis=-1)`; both count as at least 1e-7.

    Arguments and result as in `mean_squared_error`.

    Example:

    >>> from fastcnn import losses
    >>> losses.mean_squared_logarithmic_error([[0.0, 1.0]], [[0.0, 3.0]]).round(3)
    array([0.24], dtype=float32)
    """
    y_true, y_pred = same_rank(operand(y_true), operand(y_pred))
    logs = [ops.log(ops.add(ops.maximum(y, EPSILON), 1)) for y in (y_pred, y_true)]
    return ops.mean(ops.square(ops.subtract(*logs)), axis=-1)


def huber(y_true: Any, y_pred: Any, delta: float = 1.0) -> Any:
    """Half the squared error where it is at most `delta`, beyond it the straight line that continues it; the mean over
    the last dimension. Arguments and result as in `mean_squared_error`.

    Example:

    >>> from fastcnn import losses
    >>> losses.huber([[0.0, 0.0]], [[1.0, 3.0]])
    array([1.5], dtype=float32)
    """
    y_true, y_pred = same_rank(operand(y_true), operand(y_pred))
    error = ops.abs(ops.subtract(y_pred, y_true))
    near = ops.multiply(ops.square(error), 0.5)
    far = ops.subtract(ops.multiply(error, delta), 0.5 * delta**2)
    return ops.mean(ops.where(ops.less_equal(error, delta), near, far), axis=-1)


def log_cosh(y_true: Any, y_pred: Any) -> Any:
    """`mean(log(cosh(y_pred - y_true)), axis=-1)`, without overflow. Arguments and result as in `mean_squared_error`.

    Example:

    >>> from fastcnn import losses
    >>> losses.log_cosh([[0.0, 0.0]], [[1.0, 0.0]]).round(4)
    array([0.2169], dtype=float32)
    """
    y_true, y_pred = same_rank(operand(y_true), operand(y_pred))
    error = ops.subtract(y_pred, y_true)
    values = ops.subtract(ops.add(error, ops.softplus(ops.multiply(error, -2))), math.log(2))
    return ops.mean(values, axis=-1)


def cosine_similarity(y_true: Any, y_pred: Any, axis: int = -1) -> Any:
    """Minus the cosine of the angle between targets and predictions: -1 where they point the same way.

    Args:
        y_true: Targets, shape `(batch, ..., n)`.
        y_pred: Predictions of the same shape.
        axis: The axis of the vectors.

    Returns:
        Shape `(batch, ...)`; 0 for a vector of length 0.

    Example:

    >>> from fastcnn import losses
    >>> losses.cosine_similarity([[0.0, 1.0], [1.0, 0.0]], [[0.0, 3.0], [0.0, 2.0]])
    array([-1., -0.], dtype=float32)
    """
    y_true, y_pred = same_rank(operand(y_true), operand(y_pred))
    return ops.negative(ops.sum(ops.multiply(of_length_1(y_true, axis), of_length_1(y_pred, axis)), axis=axis))


def of_length_1(x: Any, axis: int) -> Any:
    """Vectors along an axis divided by their lengths; one of length 0 stays."""
    length = ops.sqrt(ops.sum(ops.square(x), axis=axis, keepdims=True))
    return ops.divide(x, ops.add(length, ops.equal(length, 0)))


class MeanSquaredError(LossFunctionWrapper):
    """Mean of the squared differences between targets and predictions.

    Args:
        reduction: As in `Loss`, by default the mean over the samples.
        name: A name for messages.
        dtype: As in `Loss`.

    Example:

    >>> from fastcnn import losses
    >>> float(losses.MeanSquaredError()([[0.0, 1.0]], [[2.0, 1.0]]))
    2.0
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str = "mean_squared_error",
        dtype: str | None = None,
    ) -> None:
        super().__init__(mean_squared_error, reduction, name, dtype)


class MeanAbsoluteError(LossFunctionWrapper):
    """Mean of the absolute differences between targets and predictions.

    Args:
        reduction: As in `Loss`, by default the mean over the samples.
        name: A name for messages.
        dtype: As in `Loss`.

    Example:

    >>> from fastcnn import losses
    >>> float(losses.MeanAbsoluteError()([[0.0, 1.0]], [[2.0, 1.0]]))
    1.0
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str = "mean_absolute_error",
        dtype: str | None = None,
    ) -> None:
        super().__init__(mean_absolute_error, reduction, name, dtype)


class MeanAbsolutePercentageError(LossFunctionWrapper):
    """Mean of the absolute differences in percent of the targets.

    Args:
        reduction: As in `Loss`, by default the mean over the samples.
        name: A name for messages.
        dtype: As in `Loss`.

    Example:

    >>> from fastcnn import losses
    >>> float(losses.MeanAbsolutePercentageError()([[2.0, 4.0]], [[1.0, 4.0]]))
    25.0
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str = "mean_absolute_percentage_error",
        dtype: str | None = None,
    ) -> None:
        super().__init__(mean_absolute_percentage_error, reduction, name, dtype)


class MeanSquaredLogarithmicError(LossFunctionWrapper):
    """Mean of the squared differences between the logarithms of targets and predictions, both plus 1.

    Args:
        reduction: As in `Loss`, by default the mean over the samples.
        name: A name for messages.
        dtype: As in `Loss`.

    Example:

    >>> from fastcnn import losses
    >>> round(float(losses.MeanSquaredLogarithmicError()([[0.0, 1.0]], [[0.0, 3.0]])), 3)
    0.24
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str = "mean_squared_logarithmic_error",
        dtype: str | None = None,
    ) -> None:
        super().__init__(mean_squared_logarithmic_error, reduction, name, dtype)


class Huber(LossFunctionWrapper):
    """Squared errors that become straight lines beyond `delta`: outliers pull less.

    Args:
        delta: Where squares turn into lines.
        reduction: As in `Loss`, by default the mean over the samples.
        name: A name for messages.
        dtype: As in `Loss`.

    Example:

    >>> from fastcnn import losses
    >>> float(losses.Huber()([[0.0, 0.0]], [[1.0, 3.0]]))
    1.5
    """

    def __init__(
        self,
        delta: float = 1.0,
        reduction: str | None = "sum_over_batch_size",
        name: str = "huber_loss",
        dtype: str | None = None,
    ) -> None:
        super().__init__(huber, reduction, name, dtype, delta=checked_number(delta, "delta", least=0))


class LogCosh(LossFunctionWrapper):
    """Mean of the logarithm of the hyperbolic cosine of the errors: like half their squares, then like their sizes.

    Args:
        reduction: As in `Loss`, by default the mean over the samples.
        name: A name for messages.
        dtype: As in `Loss`.

    Example:

    >>> from fastcnn import losses
    >>> round(float(losses.LogCosh()([[0.0, 0.0]], [[1.0, 0.0]])), 4)
    0.2169
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str = "log_cosh",
        dtype: str | None = None,
    ) -> None:
        super().__init__(log_cosh, reduction, name, dtype)


class CosineSimilarity(LossFunctionWrapper):
    """Minus the cosine of the angle between targets and predictions.

    Args:
        axis: The axis of the vectors.
        reduction: As in `Loss`, by default the mean over the samples.
        name: A name for messages.
        dtype: As in `Loss`.

    Example:

    >>> from fastcnn import losses
    >>> round(float(losses.CosineSimilarity()([[0.0, 1.0], [1.0, 1.0]], [[1.0, 0.0], [1.0, 1.0]])), 3)
    -0.5
    """

    def __init__(
        self,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str = "cosine_similarity",
        dtype: str | None = None,
    ) -> None:
        super().__init__(cosine_similarity, reduction, name, dtype, axis=checked_integer(axis, "axis"))
