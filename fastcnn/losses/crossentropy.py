"""Cross-entropies: of class numbers, of one-hot labels and of independent yes-no labels.

From probabilities or, with `from_logits`, from the numbers before the softmax (the sigmoid). When a training step is
assembled, a softmax followed by a cross-entropy from probabilities becomes the stable form of both.
"""

from __future__ import annotations

from typing import Any

from fastcnn import ops
from fastcnn.losses.loss import LossFunctionWrapper, operand, same_rank
from fastcnn.utils.arguments import checked_integer, checked_number, checked_share


def sparse_categorical_crossentropy(
    y_true: Any, y_pred: Any, from_logits: bool = False, ignore_class: int | None = None, axis: int = -1
) -> Any:
    """Cross-entropy of class numbers: `-log(y_pred[i, y_true[i]])`.

    Args:
        y_true: Class numbers from 0 to classes - 1, shape `(batch, ...)` or `(batch, ..., 1)`.
        y_pred: Probabilities, shape `(batch, ..., classes)`.
        from_logits: Whether `y_pred` is the input of the softmax, not its output.
        ignore_class: A class number whose losses are 0; it need be no class.
        axis: The axis of the classes.

    Returns:
        Shape `(batch, ...)`.

    Example:

    >>> from fastcnn import losses
    >>> losses.sparse_categorical_crossentropy([1, 2], [[0.05, 0.95, 0.0], [0.1, 0.8, 0.1]]).round(4)
    array([0.0513, 2.3026], dtype=float32)
    """
    y_true, y_pred = operand(y_true), operand(y_pred)
    if ignore_class is None:
        return ops.sparse_categorical_crossentropy(y_true, y_pred, from_logits=from_logits, axis=axis)
    if y_true.ndim == y_pred.ndim and y_true.shape[axis] == 1:
        y_true = ops.squeeze(y_true, axis)
    counts = ops.not_equal(y_true, ignore_class)
    values = ops.sparse_categorical_crossentropy(
        ops.cast(ops.where(counts, y_true, 0), "int32"),
        ops.where(ops.expand_dims(counts, axis), y_pred, 0),
        from_logits=from_logits,
        axis=axis,
    )
    return ops.where(counts, values, 0)


def categorical_crossentropy(
    y_true: Any, y_pred: Any, from_logits: bool = False, label_smoothing: float = 0.0, axis: int = -1
) -> Any:
    """Cross-entropy of one-hot labels: `-sum(y_true * log(y_pred), axis=axis)`.

    Args:
        y_true: One-hot labels or probabilities, shape `(batch, ..., classes)`.
        y_pred: Probabilities, of the same shape.
        from_logits: Whether `y_pred` is the input of the softmax, not its output.
        label_smoothing: From 0 to 1; this share of each label is spread evenly over all classes.
        axis: The axis of the classes.

    Returns:
        Shape `(batch, ...)`.

    Example:

    >>> from fastcnn import losses
    >>> losses.categorical_crossentropy([[0, 1, 0], [0, 0, 1]], [[0.05, 0.95, 0.0], [0.1, 0.8, 0.1]]).round(4)
    array([0.0513, 2.3026], dtype=float32)
    """
    y_true = smoothed(operand(y_true), label_smoothing)
    checked_integer(axis, "axis")
    return ops.categorical_crossentropy(y_true, operand(y_pred), from_logits=from_logits, axis=axis)


def smoothed(y_true: Any, label_smoothing: float) -> Any:
    """One-hot labels of which a share is spread evenly over the classes, as many as the last axis is long."""
    if not label_smoothing:
        return y_true
    return ops.add(ops.multiply(y_true, 1.0 - label_smoothing), label_smoothing / y_true.shape[-1])


def binary_crossentropy(
    y_true: Any, y_pred: Any, from_logits: bool = False, label_smoothing: float = 0.0, axis: int = -1
) -> Any:
    """Mean cross-entropy of independent yes-no labels over an axis.

    Args:
        y_true: Labels from 0 to 1, shape `(batch, ..., n)`.
        y_pred: Probabilities, of the same shape.
        from_logits: Whether `y_pred` is the input of the sigmoid, not its output.
        label_smoothing: From 0 to 1; moves the labels towards 0.5 by this share.
        axis: The axis over which the mean is taken.

    Returns:
        Shape `(batch, ...)`.

    Example:

    >>> from fastcnn import losses
    >>> losses.binary_crossentropy([[0, 1], [0, 0]], [[0.6, 0.4], [0.4, 0.6]]).round(3)
    array([0.916, 0.714], dtype=float32)
    """
    y_true, y_pred = same_rank(operand(y_true), operand(y_pred))
    y_true = drawn_to_the_middle(y_true, label_smoothing)
    return ops.mean(ops.binary_crossentropy(y_true, y_pred, from_logits=from_logits), axis=axis)


def drawn_to_the_middle(y_true: Any, label_smoothing: float) -> Any:
    """Yes-no labels moved towards 0.5 by a share."""
    if not label_smoothing:
        return y_true
    return ops.add(ops.multiply(y_true, 1.0 - label_smoothing), 0.5 * label_smoothing)


def categorical_generalized_cross_entropy(y_true: Any, y_pred: Any, q: float) -> Any:
    """`(1 - p**q) / q`, of the probability p that the right class was given: between cross-entropy (q near 0) and mean
    absolute error (q near 1), so that wrong labels weigh less.

    Args:
        y_true: Class numbers, shape `(batch,)`.
        y_pred: Probabilities, shape `(batch, classes)`.
        q: Between 0 and 1.

    Returns:
        Shape `(batch,)`.

    Source: Zhang and Sabuncu, "Generalized cross entropy loss", NeurIPS 2018.

    Example:

    >>> from fastcnn import losses
    >>> losses.categorical_generalized_cross_entropy([1, 0], [[0.0, 1.0], [0.25, 0.75]], q=0.5)
    array([0., 1.], dtype=float32)
    """
    y_true, y_pred = operand(y_true), operand(y_pred)
    right = ops.sum(ops.multiply(y_pred, ops.one_hot(y_true, y_pred.shape[-1])), axis=-1)
    return ops.divide(ops.subtract(1, ops.power(right, q)), q)


class SparseCategoricalCrossentropy(LossFunctionWrapper):
    """Cross-entropy between class numbers and predicted probabilities.

    Args:
        from_logits: Whether predictions are the input of the softmax, not its output.
        ignore_class: A class number that does not count, in the loss and in its mean.
        reduction: As in `Loss`, by default the mean over the samples.
        axis: The axis of the classes.
        name: A name for messages.
        dtype: As in `Loss`.

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
        ignore_class: int | None = None,
        reduction: str | None = "sum_over_batch_size",
        axis: int = -1,
        name: str = "sparse_categorical_crossentropy",
        dtype: str | None = None,
    ) -> None:
        super().__init__(
            sparse_categorical_crossentropy,
            reduction,
            name,
            dtype,
            from_logits=bool(from_logits),
            ignore_class=None if ignore_class is None else checked_integer(ignore_class, "ignore_class"),
            axis=checked_integer(axis, "axis"),
        )

    def mask(self, y_true: Any, y_pred: Any, values: Any) -> Any:
        """0 where the label is the class that does not count."""
        ignored = self.fn_kwargs["ignore_class"]
        return None if ignored is None else ops.reshape(ops.not_equal(y_true, ignored), values.shape)


class CategoricalCrossentropy(LossFunctionWrapper):
    """Cross-entropy between one-hot labels and predicted probabilities.

    Args:
        from_logits: Whether predictions are the input of the softmax, not its output.
        label_smoothing: From 0 to 1; this share of each label is spread evenly over all classes.
        axis: The axis of the classes.
        reduction: As in `Loss`, by default the mean over the samples.
        name: A name for messages.
        dtype: As in `Loss`.

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
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str = "categorical_crossentropy",
        dtype: str | None = None,
    ) -> None:
        super().__init__(
            categorical_crossentropy,
            reduction,
            name,
            dtype,
            from_logits=bool(from_logits),
            label_smoothing=checked_share(label_smoothing, "label_smoothing"),
            axis=checked_integer(axis, "axis"),
        )


class BinaryCrossentropy(LossFunctionWrapper):
    """Cross-entropy between yes-no labels and predicted probabilities.

    Args:
        from_logits: Whether predictions are the input of the sigmoid, not its output.
        label_smoothing: From 0 to 1; moves the labels towards 0.5 by this share.
        axis: The axis over which the mean of a sample is taken.
        reduction: As in `Loss`, by default the mean over the samples.
        name: A name for messages.
        dtype: As in `Loss`.

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
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str = "binary_crossentropy",
        dtype: str | None = None,
    ) -> None:
        super().__init__(
            binary_crossentropy,
            reduction,
            name,
            dtype,
            from_logits=bool(from_logits),
            label_smoothing=checked_share(label_smoothing, "label_smoothing"),
            axis=checked_integer(axis, "axis"),
        )


class CategoricalGeneralizedCrossEntropy(LossFunctionWrapper):
    """`(1 - p**q) / q`, of the probability p that the right class was given: robust against wrong labels.

    Args:
        q: Between 0 (cross-entropy) and 1 (mean absolute error).
        reduction: As in `Loss`, by default the mean over the samples.
        name: A name for messages.
        dtype: As in `Loss`.

    Raises:
        ValueError: `q` is not between 0 and 1.

    Example:

    >>> from fastcnn import losses
    >>> float(losses.CategoricalGeneralizedCrossEntropy()([1, 0], [[0.0, 1.0], [0.25, 0.75]]))
    0.5
    """

    labels = "sparse"

    def __init__(
        self,
        q: float = 0.5,
        reduction: str | None = "sum_over_batch_size",
        name: str = "categorical_generalized_cross_entropy",
        dtype: str | None = None,
    ) -> None:
        if not 0 < checked_number(q, "q") < 1:
            raise ValueError(f"q must be in the interval (0, 1), received {q!r}")
        super().__init__(categorical_generalized_cross_entropy, reduction, name, dtype, q=q)
