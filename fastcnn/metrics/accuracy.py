"""Accuracies: how often predictions equal labels."""

from __future__ import annotations

from typing import Any

from fastcnn import ops
from fastcnn.losses.loss import operand, same_rank, with_last_dimension, without_last_dimension
from fastcnn.metrics.reduction import MeanMetricWrapper
from fastcnn.utils.arguments import checked_number, positive_integer


def accuracy(y_true: Any, y_pred: Any) -> Any:
    """1 where labels and predictions are equal, else 0.

    Args:
        y_true: Labels.
        y_pred: Predicted labels, of the same shape.

    Returns:
        The shape of the arguments.

    Example:

    >>> from fastcnn import metrics
    >>> metrics.accuracy([1, 2, 3], [1, 2, 4])
    array([1., 1., 0.], dtype=float32)
    """
    return ops.equal(*same_rank(operand(y_true), operand(y_pred)))


def binary_accuracy(y_true: Any, y_pred: Any, threshold: float = 0.5) -> Any:
    """1 where a prediction is on the side of the threshold where its yes-no label is, else 0.

    Args:
        y_true: Labels 0 or 1, any shape.
        y_pred: Probabilities, of the same shape.
        threshold: Probabilities above it mean 1.

    Returns:
        The shape of the arguments.

    Example:

    >>> from fastcnn import metrics
    >>> metrics.binary_accuracy([[1], [0]], [[0.7], [0.6]])
    array([[1.],
           [0.]], dtype=float32)
    """
    y_true, y_pred = same_rank(operand(y_true), operand(y_pred))
    return ops.equal(y_true, ops.greater(y_pred, threshold))


def share_of_hits(y_true: Any, y_pred: Any, threshold: float) -> Any:
    """The mean of `binary_accuracy` over the last dimension, in one op."""
    y_true, y_pred = same_rank(operand(y_true), operand(y_pred))
    if y_pred.ndim == 1:
        y_true, y_pred = with_last_dimension(y_true), with_last_dimension(y_pred)
    return like_rows(ops.binary_accuracy(as_matrix(y_true), as_matrix(y_pred), threshold=threshold), y_pred)


def categorical_accuracy(y_true: Any, y_pred: Any) -> Any:
    """1 where the largest prediction is that of the class of the one-hot label, else 0.

    Args:
        y_true: One-hot labels, shape `(batch, classes)`.
        y_pred: Probabilities or logits, of the same shape.

    Returns:
        Shape `(batch,)`.

    Example:

    >>> from fastcnn import metrics
    >>> metrics.categorical_accuracy([[0, 0, 1], [0, 1, 0]], [[0.1, 0.9, 0.8], [0.05, 0.95, 0]])
    array([0., 1.], dtype=float32)
    """
    y_true, y_pred = operand(y_true), operand(y_pred)
    return like_rows(ops.accuracy(as_matrix(y_true), as_matrix(y_pred), sparse=False), y_pred)


def sparse_categorical_accuracy(y_true: Any, y_pred: Any) -> Any:
    """1 where the largest prediction is that of the labelled class, else 0.

    Args:
        y_true: Class numbers, shape `(batch,)` or `(batch, 1)`.
        y_pred: Probabilities or logits, shape `(batch, classes)`.

    Returns:
        Shape `(batch,)`.

    Example:

    >>> from fastcnn import metrics
    >>> metrics.sparse_categorical_accuracy([2, 1], [[0.1, 0.6, 0.3], [0.05, 0.95, 0]])
    array([0., 1.], dtype=float32)
    """
    y_true, y_pred = operand(y_true), operand(y_pred)
    if y_true.ndim == y_pred.ndim and y_true.shape[-1] == 1:
        y_true = without_last_dimension(y_true)
    labels = y_true if y_true.ndim == 1 else ops.reshape(y_true, (-1,))
    return like_rows(ops.accuracy(labels, as_matrix(y_pred), sparse=True), y_pred)


def top_k_categorical_accuracy(y_true: Any, y_pred: Any, k: int = 5) -> Any:
    """1 where the class of the one-hot label is among those of the k largest predictions, else 0.

    Args:
        y_true: One-hot labels, shape `(batch, ..., classes)`.
        y_pred: Probabilities or logits, of the same shape.
        k: How many predictions count.

    Returns:
        Shape `(batch, ...)`.

    Example:

    >>> from fastcnn import metrics
    >>> metrics.top_k_categorical_accuracy([[0, 0, 1], [0, 1, 0]], [[0.1, 0.9, 0.8], [0.05, 0, 0.95]], k=2)
    array([1., 0.], dtype=float32)
    """
    return sparse_top_k_categorical_accuracy(ops.argmax(operand(y_true), axis=-1), y_pred, k)


def sparse_top_k_categorical_accuracy(y_true: Any, y_pred: Any, k: int = 5, from_sorted_ids: bool = False) -> Any:
    """1 where the labelled class is among those of the k largest predictions, else 0.

    Args:
        y_true: Class numbers, shape `(batch, ...)`.
        y_pred: Probabilities or logits, shape `(batch, ..., classes)`.
        k: How many predictions count.
        from_sorted_ids: Whether `y_pred` holds class numbers, best first, in place of probabilities.

    Returns:
        Shape `(batch, ...)`.

    Example:

    >>> from fastcnn import metrics
    >>> metrics.sparse_top_k_categorical_accuracy([2, 1], [[0.1, 0.9, 0.8], [0.05, 0, 0.95]], k=2)
    array([1., 0.], dtype=float32)
    """
    y_true, y_pred = operand(y_true), operand(y_pred)
    labels = y_true if y_true.ndim == 1 else ops.reshape(y_true, (-1,))
    rows = as_matrix(y_pred)
    if from_sorted_ids:
        first = ops.take(rows, list(range(min(k, rows.shape[1]))), axis=1)
        matches = ops.any(ops.equal(with_last_dimension(labels), first), axis=1)
    else:
        matches = ops.in_top_k(labels, rows, k)
    return matches if y_true.ndim == 1 else ops.reshape(matches, y_true.shape)


def as_matrix(x: Any) -> Any:
    """Shape (..., n) as rows of n."""
    return x if x.ndim == 2 else ops.reshape(x, (-1, x.shape[-1]))


def like_rows(values: Any, x: Any) -> Any:
    """One value for each row of x, shape (..., n), in the shape (...)."""
    return values if x.ndim == 2 else ops.reshape(values, x.shape[:-1])


class Accuracy(MeanMetricWrapper):
    """How often predicted labels equal the labels.

    Args:
        name: The name shown.
        dtype: As in `Metric`.

    Example:

    >>> from fastcnn import metrics
    >>> metrics.Accuracy()([[1], [2], [3], [4]], [[0], [2], [3], [4]])
    0.75
    """

    def __init__(
        self,
        name: str = "accuracy",
        dtype: str | None = None,
    ) -> None:
        super().__init__(accuracy, name, dtype)


class BinaryAccuracy(MeanMetricWrapper):
    """How often predicted probabilities are on the right side of a threshold.

    Args:
        name: The name shown.
        dtype: As in `Metric`.
        threshold: Probabilities above it mean 1.

    Example:

    >>> from fastcnn import metrics
    >>> metrics.BinaryAccuracy()([[1], [1], [0], [0]], [[0.98], [1], [0], [0.6]])
    0.75
    """

    labels = "binary"

    def __init__(
        self,
        name: str = "binary_accuracy",
        dtype: str | None = None,
        threshold: float = 0.5,
    ) -> None:
        super().__init__(share_of_hits, name, dtype, threshold=checked_number(threshold, "threshold"))


class CategoricalAccuracy(MeanMetricWrapper):
    """How often the largest prediction is that of the class of a one-hot label.

    Args:
        name: The name shown.
        dtype: As in `Metric`.

    Example:

    >>> from fastcnn import metrics
    >>> metrics.CategoricalAccuracy()([[0, 0, 1], [0, 1, 0]], [[0.1, 0.9, 0.8], [0.05, 0.95, 0]])
    0.5
    """

    labels = "one_hot"

    def __init__(
        self,
        name: str = "categorical_accuracy",
        dtype: str | None = None,
    ) -> None:
        super().__init__(categorical_accuracy, name, dtype)


class SparseCategoricalAccuracy(MeanMetricWrapper):
    """How often the largest prediction is that of the labelled class.

    Args:
        name: The name shown.
        dtype: As in `Metric`.

    Example:

    >>> from fastcnn import metrics
    >>> metrics.SparseCategoricalAccuracy()([[2], [1]], [[0.1, 0.6, 0.3], [0.05, 0.95, 0]])
    0.5
    """

    labels = "sparse"

    def __init__(
        self,
        name: str = "sparse_categorical_accuracy",
        dtype: str | None = None,
    ) -> None:
        super().__init__(sparse_categorical_accuracy, name, dtype)


class TopKCategoricalAccuracy(MeanMetricWrapper):
    """How often the class of a one-hot label is among those of the k largest predictions.

    Args:
        k: How many predictions count.
        name: The name shown.
        dtype: As in `Metric`.

    Example:

    >>> from fastcnn import metrics
    >>> metrics.TopKCategoricalAccuracy(k=1)([[0, 0, 1], [0, 1, 0]], [[0.1, 0.9, 0.8], [0.05, 0.95, 0]])
    0.5
    """

    labels = "one_hot"

    def __init__(
        self,
        k: int = 5,
        name: str = "top_k_categorical_accuracy",
        dtype: str | None = None,
    ) -> None:
        super().__init__(top_k_categorical_accuracy, name, dtype, k=positive_integer(k, "k"))


class SparseTopKCategoricalAccuracy(MeanMetricWrapper):
    """How often the labelled class is among those of the k largest predictions.

    Args:
        k: How many predictions count.
        name: The name shown.
        dtype: As in `Metric`.
        from_sorted_ids: Whether predictions are class numbers, best first.

    Example:

    >>> from fastcnn import metrics
    >>> metrics.SparseTopKCategoricalAccuracy(k=1)([2, 1], [[0.1, 0.9, 0.8], [0.05, 0.95, 0]])
    0.5
    """

    labels = "sparse"

    def __init__(
        self,
        k: int = 5,
        name: str = "sparse_top_k_categorical_accuracy",
        dtype: str | None = None,
        from_sorted_ids: bool = False,
    ) -> None:
        super().__init__(
            sparse_top_k_categorical_accuracy, name, dtype, k=positive_integer(k, "k"), from_sorted_ids=from_sorted_ids
        )
