"""Losses of probabilities watched as metrics: the mean of a loss function over the samples."""

from __future__ import annotations

from typing import Any

from fastcnn import ops
from fastcnn.losses import (
    binary_crossentropy,
    categorical_crossentropy,
    kl_divergence,
    poisson,
    sparse_categorical_crossentropy,
)
from fastcnn.losses.loss import operand, same_rank
from fastcnn.metrics.reduction import MeanMetricWrapper


class BinaryCrossentropy(MeanMetricWrapper):
    """Mean cross-entropy of yes-no labels.

    Args:
        name: The name shown.
        dtype: As in `Metric`.
        from_logits: Whether predictions are the input of the sigmoid, not its output.
        label_smoothing: As in the loss.

    Example:

    >>> from fastcnn import metrics
    >>> round(metrics.BinaryCrossentropy()([[0, 1], [0, 0]], [[0.6, 0.4], [0.4, 0.6]]), 3)
    0.815
    """

    labels = "binary"

    def __init__(
        self,
        name: str = "binary_crossentropy",
        dtype: str | None = None,
        from_logits: bool = False,
        label_smoothing: float = 0,
    ) -> None:
        super().__init__(binary_crossentropy, name, dtype, from_logits=from_logits, label_smoothing=label_smoothing)


class CategoricalCrossentropy(MeanMetricWrapper):
    """Mean cross-entropy of one-hot labels.

    Args:
        name: The name shown.
        dtype: As in `Metric`.
        from_logits: Whether predictions are the input of the softmax, not its output.
        label_smoothing: As in the loss.
        axis: The axis of the classes.

    Example:

    >>> from fastcnn import metrics
    >>> round(metrics.CategoricalCrossentropy()([[0, 1, 0], [0, 0, 1]], [[0.05, 0.95, 0], [0.1, 0.8, 0.1]]), 3)
    1.177
    """

    labels = "one_hot"

    def __init__(
        self,
        name: str = "categorical_crossentropy",
        dtype: str | None = None,
        from_logits: bool = False,
        label_smoothing: float = 0,
        axis: int = -1,
    ) -> None:
        super().__init__(
            categorical_crossentropy, name, dtype, from_logits=from_logits, label_smoothing=label_smoothing, axis=axis
        )


class SparseCategoricalCrossentropy(MeanMetricWrapper):
    """Mean cross-entropy of class numbers.

    Args:
        name: The name shown.
        dtype: As in `Metric`.
        from_logits: Whether predictions are the input of the softmax, not its output.
        ignore_class: A class number whose losses are 0.
        axis: The axis of the classes.

    Example:

    >>> from fastcnn import metrics
    >>> round(metrics.SparseCategoricalCrossentropy()([1, 2], [[0.05, 0.95, 0], [0.1, 0.8, 0.1]]), 3)
    1.177
    """

    labels = "sparse"

    def __init__(
        self,
        name: str = "sparse_categorical_crossentropy",
        dtype: str | None = None,
        from_logits: bool = False,
        ignore_class: int | None = None,
        axis: int = -1,
    ) -> None:
        super().__init__(
            sparse_categorical_crossentropy, name, dtype, from_logits=from_logits, ignore_class=ignore_class, axis=axis
        )

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:  # type: ignore[override]
        """Take a batch into account; weights of labels that do not count are 0."""
        ignored = self.fn_kwargs["ignore_class"]
        if sample_weight is not None and ignored is not None:
            counts, weight = same_rank(ops.not_equal(operand(y_true), ignored), operand(sample_weight))
            while 0 < weight.ndim < counts.ndim:
                weight = ops.reshape(weight, (*weight.shape, 1))
            sample_weight = ops.multiply(counts, weight)
        super().update_state(y_true, y_pred, sample_weight)


class KLDivergence(MeanMetricWrapper):
    """Mean Kullback-Leibler divergence of the targets from the predictions.

    Args:
        name: The name shown.
        dtype: As in `Metric`.

    Example:

    >>> from fastcnn import metrics
    >>> round(metrics.KLDivergence()([[0.5, 0.5]], [[0.25, 0.75]]), 4)
    0.1438
    """

    def __init__(
        self,
        name: str = "kl_divergence",
        dtype: str | None = None,
    ) -> None:
        super().__init__(kl_divergence, name, dtype)


class Poisson(MeanMetricWrapper):
    """Mean Poisson loss between counts and predicted means.

    Args:
        name: The name shown.
        dtype: As in `Metric`.

    Example:

    >>> from fastcnn import metrics
    >>> round(metrics.Poisson()([[0.0, 2.0]], [[1.0, 1.0]]), 4)
    1.0
    """

    def __init__(
        self,
        name: str = "poisson",
        dtype: str | None = None,
    ) -> None:
        super().__init__(poisson, name, dtype)
