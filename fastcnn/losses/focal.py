"""Focal cross-entropies: labels that are predicted well already weigh less, by a power of what is missing.

Source: Lin et al., "Focal loss for dense object detection", ICCV 2017.
"""

from __future__ import annotations

from typing import Any

from fastcnn import ops
from fastcnn.losses.crossentropy import drawn_to_the_middle, smoothed
from fastcnn.losses.loss import LossFunctionWrapper, operand, same_rank
from fastcnn.ops.loss import EPSILON
from fastcnn.utils.arguments import checked_integer, checked_number, checked_share


def binary_focal_crossentropy(
    y_true: Any,
    y_pred: Any,
    apply_class_balancing: bool = False,
    alpha: float = 0.25,
    gamma: float = 2.0,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> Any:
    """Mean focal cross-entropy of independent yes-no labels over an axis.

    Args:
        y_true: Labels from 0 to 1, shape `(batch, ..., n)`.
        y_pred: Probabilities, of the same shape.
        apply_class_balancing: Whether yes weighs `alpha` and no `1 - alpha`.
        alpha: See above.
        gamma: The power of what is missing; 0 gives `binary_crossentropy`.
        from_logits: Whether `y_pred` is the input of the sigmoid, not its output.
        label_smoothing: From 0 to 1; moves the labels towards 0.5 by this share.
        axis: The axis over which the mean is taken.

    Returns:
        Shape `(batch, ...)`.

    Example:

    >>> from fastcnn import losses
    >>> losses.binary_focal_crossentropy([[0, 1], [0, 0]], [[0.6, 0.4], [0.4, 0.6]], gamma=2).round(3)
    array([0.33 , 0.206], dtype=float32)
    """
    y_true, y_pred = same_rank(operand(y_true), operand(y_pred))
    y_true = drawn_to_the_middle(y_true, label_smoothing)
    p = ops.sigmoid(y_pred) if from_logits else y_pred
    no, not_p = ops.subtract(1, y_true), ops.subtract(1, p)
    hit = ops.add(ops.multiply(y_true, p), ops.multiply(no, not_p))
    values = ops.multiply(ops.power(ops.subtract(1, hit), gamma), ops.binary_crossentropy(y_true, p))
    if apply_class_balancing:
        values = ops.multiply(values, ops.add(ops.multiply(y_true, alpha), ops.multiply(no, 1 - alpha)))
    return ops.mean(values, axis=axis)


def categorical_focal_crossentropy(
    y_true: Any,
    y_pred: Any,
    alpha: float = 0.25,
    gamma: float = 2.0,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> Any:
    """Focal cross-entropy of one-hot labels.

    Args:
        y_true: One-hot labels, shape `(batch, ..., classes)`.
        y_pred: Probabilities, of the same shape.
        alpha: A factor, or one for each class.
        gamma: The power of what is missing.
        from_logits: Whether `y_pred` is the input of the softmax, not its output.
        label_smoothing: From 0 to 1; this share of each label is spread evenly over all classes.
        axis: The axis of the classes.

    Returns:
        Shape `(batch, ...)`.

    Example:

    >>> from fastcnn import losses
    >>> losses.categorical_focal_crossentropy([[0, 1, 0], [0, 0, 1]], [[0.05, 0.9, 0.05], [0.1, 0.85, 0.05]]).round(3)
    array([0.   , 0.676], dtype=float32)
    """
    checked_integer(axis, "axis")
    y_true, y_pred = smoothed(operand(y_true), label_smoothing), operand(y_pred)
    p = ops.softmax(y_pred, axis=axis) if from_logits else y_pred
    p = ops.clip(ops.divide(p, ops.sum(p, axis=axis, keepdims=True)), EPSILON, 1 - EPSILON)
    weight = ops.multiply(ops.power(ops.subtract(1, p), gamma), alpha)
    return ops.negative(ops.sum(ops.multiply(weight, ops.multiply(y_true, ops.log(p))), axis=axis))


class BinaryFocalCrossentropy(LossFunctionWrapper):
    """Focal cross-entropy between yes-no labels and predicted probabilities.

    Args:
        apply_class_balancing: Whether yes weighs `alpha` and no `1 - alpha`.
        alpha: See above.
        gamma: The power of what is missing.
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
    >>> round(float(losses.BinaryFocalCrossentropy()([[0, 1], [0, 0]], [[0.6, 0.4], [0.4, 0.6]])), 3)
    0.268
    """

    labels = "binary"

    def __init__(
        self,
        apply_class_balancing: bool = False,
        alpha: float = 0.25,
        gamma: float = 2.0,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str = "binary_focal_crossentropy",
        dtype: str | None = None,
    ) -> None:
        super().__init__(
            binary_focal_crossentropy,
            reduction,
            name,
            dtype,
            apply_class_balancing=bool(apply_class_balancing),
            alpha=checked_number(alpha, "alpha"),
            gamma=checked_number(gamma, "gamma"),
            from_logits=bool(from_logits),
            label_smoothing=checked_share(label_smoothing, "label_smoothing"),
            axis=checked_integer(axis, "axis"),
        )


class CategoricalFocalCrossentropy(LossFunctionWrapper):
    """Focal cross-entropy between one-hot labels and predicted probabilities.

    Args:
        alpha: A factor, or one for each class.
        gamma: The power of what is missing.
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
    >>> loss = losses.CategoricalFocalCrossentropy()
    >>> round(float(loss([[0, 1, 0], [0, 0, 1]], [[0.05, 0.9, 0.05], [0.1, 0.85, 0.05]])), 3)
    0.338
    """

    labels = "one_hot"

    def __init__(
        self,
        alpha: float = 0.25,
        gamma: float = 2.0,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str = "categorical_focal_crossentropy",
        dtype: str | None = None,
    ) -> None:
        super().__init__(
            categorical_focal_crossentropy,
            reduction,
            name,
            dtype,
            alpha=alpha,
            gamma=checked_number(gamma, "gamma"),
            from_logits=bool(from_logits),
            label_smoothing=checked_share(label_smoothing, "label_smoothing"),
            axis=checked_integer(axis, "axis"),
        )
