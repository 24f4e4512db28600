"""Losses watched as metrics: the mean of a loss function over the samples."""

from __future__ import annotations

from fastcnn.losses import (
    binary_crossentropy,
    categorical_crossentropy,
    mean_absolute_error,
    mean_squared_error,
    sparse_categorical_crossentropy,
)
from fastcnn.metrics.metric import MeanMetricWrapper


class MeanSquaredError(MeanMetricWrapper):
    """Mean of the squared differences between targets and predictions.

    Args:
        name: The name shown.

    Example:

    >>> from fastcnn import metrics
    >>> metrics.MeanSquaredError()([[0, 1], [0, 0]], [[1, 1], [0, 0]])
    0.25
    """

    def __init__(self, name: str = "mean_squared_error") -> None:
        super().__init__(mean_squared_error, name)


class MeanAbsoluteError(MeanMetricWrapper):
    """Mean of the absolute differences between targets and predictions.

    Args:
        name: The name shown.

    Example:

    >>> from fastcnn import metrics
    >>> metrics.MeanAbsoluteError()([[0, 1], [0, 0]], [[1, 1], [0, 0]])
    0.25
    """

    def __init__(self, name: str = "mean_absolute_error") -> None:
        super().__init__(mean_absolute_error, name)


class BinaryCrossentropy(MeanMetricWrapper):
    """Mean cross-entropy of yes-no labels.

    Args:
        name: The name shown.
        from_logits: Whether predictions are the input of the sigmoid, not its output.

    Example:

    >>> from fastcnn import metrics
    >>> round(metrics.BinaryCrossentropy()([[0, 1], [0, 0]], [[0.6, 0.4], [0.4, 0.6]]), 3)
    0.815
    """

    labels = "binary"

    def __init__(self, name: str = "binary_crossentropy", from_logits: bool = False) -> None:
        super().__init__(binary_crossentropy, name, from_logits=from_logits)


class CategoricalCrossentropy(MeanMetricWrapper):
    """Mean cross-entropy of one-hot labels.

    Args:
        name: The name shown.
        from_logits: Whether predictions are the input of the softmax, not its output.

    Example:

    >>> from fastcnn import metrics
    >>> round(metrics.CategoricalCrossentropy()([[0, 1, 0], [0, 0, 1]], [[0.05, 0.95, 0], [0.1, 0.8, 0.1]]), 3)
    1.177
    """

    labels = "one_hot"

    def __init__(self, name: str = "categorical_crossentropy", from_logits: bool = False) -> None:
        super().__init__(categorical_crossentropy, name, from_logits=from_logits)


class SparseCategoricalCrossentropy(MeanMetricWrapper):
    """Mean cross-entropy of class numbers.

    Args:
        name: The name shown.
        from_logits: Whether predictions are the input of the softmax, not its output.

    Example:

    >>> from fastcnn import metrics
    >>> round(metrics.SparseCategoricalCrossentropy()([1, 2], [[0.05, 0.95, 0], [0.1, 0.8, 0.1]]), 3)
    1.177
    """

    labels = "sparse"

    def __init__(self, name: str = "sparse_categorical_crossentropy", from_logits: bool = False) -> None:
        super().__init__(sparse_categorical_crossentropy, name, from_logits=from_logits)
