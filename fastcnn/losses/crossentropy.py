"""Cross-entropies: of class numbers, of one-hot labels and of independent yes-no labels.

From probabilities or, with `from_logits`, from the numbers before the softmax (the sigmoid). When a training step is
assembled, a softmax followed by a cross-entropy from probabilities becomes the stable form of both.
"""

from __future__ import annotations

from typing import Any

from fastcnn import ops
from fastcnn.losses.loss import LossFunctionWrapper, operand, same_rank


def sparse_categorical_crossentropy(y_true: Any, y_pred: Any, from_logits: bool = False) -> Any:
    """Cross-entropy of class numbers: `-log(y_pred[i, y_true[i]])`.

    Args:
        y_true: Class numbers from 0 to classes - 1, shape `(batch,)` or `(batch, 1)`.
        y_pred: Probabilities, shape `(batch, classes)`.
        from_logits: Whether `y_pred` is the input of the softmax, not its output.

    Returns:
        Shape `(batch,)`.

    Example:

    >>> from fastcnn import losses
    >>> losses.sparse_categorical_crossentropy([1, 2], [[0.05, 0.95, 0.0], [0.1, 0.8, 0.1]]).round(4)
    array([0.0513, 2.3026], dtype=float32)
    """
    return ops.sparse_categorical_crossentropy(y_true, y_pred, from_logits=from_logits)


def categorical_crossentropy(y_true: Any, y_pred: Any, from_logits: bool = False, label_smoothing: float = 0.0) -> Any:
    """Cross-entropy of one-hot labels: `-sum(y_true * log(y_pred), axis=-1)`.

    Args:
        y_true: One-hot labels or probabilities, shape `(batch, classes)`.
        y_pred: Probabilities, shape `(batch, classes)`.
        from_logits: Whether `y_pred` is the input of the softmax, not its output.
        label_smoothing: From 0 to 1; this share of each label is spread evenly over all classes.

    Returns:
        Shape `(batch,)`.

    Example:

    >>> from fastcnn import losses
    >>> losses.categorical_crossentropy([[0, 1, 0], [0, 0, 1]], [[0.05, 0.95, 0.0], [0.1, 0.8, 0.1]]).round(4)
    array([0.0513, 2.3026], dtype=float32)
    """
    y_true, y_pred = operand(y_true), operand(y_pred)
    if label_smoothing:
        classes = y_pred.shape[-1]
        y_true = ops.add(ops.multiply(y_true, 1.0 - label_smoothing), label_smoothing / classes)
    return ops.categorical_crossentropy(y_true, y_pred, from_logits=from_logits)


def binary_crossentropy(y_true: Any, y_pred: Any, from_logits: bool = False, label_smoothing: float = 0.0) -> Any:
    """Mean cross-entropy of independent yes-no labels over the last dimension.

    Args:
        y_true: Labels from 0 to 1, shape `(batch, ..., n)`.
        y_pred: Probabilities, of the same shape.
        from_logits: Whether `y_pred` is the input of the sigmoid, not its output.
        label_smoothing: From 0 to 1; moves the labels towards 0.5 by this share.

    Returns:
        Shape `(batch, ...)`.

    Example:

    >>> from fastcnn import losses
    >>> losses.binary_crossentropy([[0, 1], [0, 0]], [[0.6, 0.4], [0.4, 0.6]]).round(3)
    array([0.916, 0.714], dtype=float32)
    """
    y_true, y_pred = same_rank(operand(y_true), operand(y_pred))
    if label_smoothing:
        y_true = ops.add(ops.multiply(y_true, 1.0 - label_smoothing), 0.5 * label_smoothing)
    return ops.mean(ops.binary_crossentropy(y_true, y_pred, from_logits=from_logits), axis=-1)


class SparseCategoricalCrossentropy(LossFunctionWrapper):
    """Cross-entropy between class numbers and predicted probabilities.

    Args:
        from_logits: Whether predictions are the input of the softmax, not its output.
        reduction: As in `Loss`, by default the mean over the samples.
        name: A name for messages.

    Example:

    >>> from fastcnn import losses
    >>> loss = losses.SparseCategoricalCrossentropy()
    >>> round(float(loss([1, 2], [[0.05, 0.95, 0.0], [0.1, 0.8, 0.1]])), 3)
    1.177
    """

    labels = "sparse"

    def __init__(
        self,
        from_logits: bool = False,
        reduction: str | None = "sum_over_batch_size",
        name: str = "sparse_categorical_crossentropy",
    ) -> None:
        super().__init__(sparse_categorical_crossentropy, reduction, name, from_logits=bool(from_logits))


class CategoricalCrossentropy(LossFunctionWrapper):
    """Cross-entropy between one-hot labels and predicted probabilities.

    Args:
        from_logits: Whether predictions are the input of the softmax, not its output.
        label_smoothing: From 0 to 1; this share of each label is spread evenly over all classes.
        reduction: As in `Loss`, by default the mean over the samples.
        name: A name for messages.

    Raises:
        ValueError: `label_smoothing` is outside 0 to 1.

    Example:

    >>> from fastcnn import losses
    >>> loss = losses.CategoricalCrossentropy()
    >>> round(float(loss([[0, 1, 0], [0, 0, 1]], [[0.05, 0.95, 0.0], [0.1, 0.8, 0.1]])), 3)
    1.177
    """

    labels = "one_hot"

    def __init__(
        self,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        reduction: str | None = "sum_over_batch_size",
        name: str = "categorical_crossentropy",
    ) -> None:
        super().__init__(
            categorical_crossentropy,
            reduction,
            name,
            from_logits=bool(from_logits),
            label_smoothing=checked_smoothing(label_smoothing),
        )


class BinaryCrossentropy(LossFunctionWrapper):
    """Cross-entropy between yes-no labels and predicted probabilities.

    Args:
        from_logits: Whether predictions are the input of the sigmoid, not its output.
        label_smoothing: From 0 to 1; moves the labels towards 0.5 by this share.
        reduction: As in `Loss`, by default the mean over the samples.
        name: A name for messages.

    Raises:
        ValueError: `label_smoothing` is outside 0 to 1.

    Example:

    >>> from fastcnn import losses
    >>> round(float(losses.BinaryCrossentropy()([[0, 1], [0, 0]], [[0.6, 0.4], [0.4, 0.6]])), 3)
    0.815
    """

    labels = "binary"

    def __init__(
        self,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        reduction: str | None = "sum_over_batch_size",
        name: str = "binary_crossentropy",
    ) -> None:
        super().__init__(
            binary_crossentropy,
            reduction,
            name,
            from_logits=bool(from_logits),
            label_smoothing=checked_smoothing(label_smoothing),
        )


def checked_smoothing(label_smoothing: float) -> float:
    """The share by which labels are smoothed, if it is one."""
    if not 0.0 <= label_smoothing <= 1.0:
        raise ValueError(f"label_smoothing must be a number from 0 to 1, not {label_smoothing!r}")
    return float(label_smoothing)
