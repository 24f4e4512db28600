"""Intersection over union: how much of what a class is, or is taken for, is both. For segmentation."""

from __future__ import annotations

from typing import Any

from fastcnn import ops
from fastcnn.losses.loss import operand
from fastcnn.metrics.metric import Metric, quotient
from fastcnn.utils.arguments import integers, positive_integer


class IoU(Metric):
    """Mean over some classes of true positives / (true positives + false positives + false negatives).

    Args:
        num_classes: How many classes there are.
        target_class_ids: The classes of which the mean is taken.
        name: The name shown.
        dtype: As in `Metric`.
        ignore_class: A class number that does not count.
        sparse_y_true: Whether labels are class numbers, not one-hot rows.
        sparse_y_pred: Whether predictions are class numbers, not probabilities.
        axis: The axis of the classes.

    Raises:
        ValueError: A class in `target_class_ids` is not below `num_classes`.

    Example:

    >>> from fastcnn import metrics
    >>> round(metrics.IoU(num_classes=2, target_class_ids=[0])([0, 0, 1, 1], [0, 1, 0, 1]), 4)
    0.3333
    """

    def __init__(
        self,
        num_classes: int,
        target_class_ids: Any,
        name: str | None = None,
        dtype: str | None = None,
        ignore_class: int | None = None,
        sparse_y_true: bool = True,
        sparse_y_pred: bool = True,
        axis: int = -1,
    ) -> None:
        super().__init__(dtype, name)
        self.num_classes = positive_integer(num_classes, "num_classes")
        self.target_class_ids = [*integers(list(target_class_ids or ()), "target_class_ids")]
        for wrong in self.target_class_ids:
            if not 0 <= wrong < num_classes:
                raise ValueError(f"target class id {wrong} is out of range, which is [0, {num_classes})")
        self.ignore_class, self.axis = ignore_class, axis
        self.sparse_y_true, self.sparse_y_pred = sparse_y_true, sparse_y_pred
        shape = (num_classes, num_classes)
        self.total_cm = self.add_variable(shape, "zeros", "float64", name="total_confusion_matrix")

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Take a batch into account."""
        y_true = class_numbers(y_true, self.sparse_y_true, self.axis)
        y_pred = class_numbers(y_pred, self.sparse_y_pred, self.axis)
        weight = None
        if sample_weight is not None:
            weight = operand(sample_weight)
            samples = max(weight.shape[0], 1)
            weight = ops.reshape(weight, (samples, -1))
            weight = ops.reshape(ops.broadcast_to(weight, (samples, y_true.shape[0] // samples)), (-1,))
        inside = [ops.multiply(ops.greater_equal(y, 0), ops.less(y, self.num_classes)) for y in (y_true, y_pred)]
        counts = ops.multiply(*inside)
        if self.ignore_class is not None:
            counts = ops.multiply(counts, ops.not_equal(y_true, self.ignore_class))
        cell = ops.where(counts, ops.add(ops.multiply(y_true, self.num_classes), y_pred), -1)
        cells = ops.bincount(ops.cast(cell, "int32"), weight, minlength=self.num_classes**2)
        self.total_cm.assign_add(ops.reshape(cells, self.total_cm.shape))

    def result(self) -> float:
        """The mean over the classes that occur."""
        matrix = self.total_cm.value
        both = matrix.diagonal()[self.target_class_ids]
        either = (matrix.sum(axis=0) + matrix.sum(axis=1) - matrix.diagonal())[self.target_class_ids]
        known = either > 1e-9
        return float(quotient(both, either)[known].sum() / max(known.sum(), 1))

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal metric."""
        names = ("num_classes", "target_class_ids", "ignore_class", "sparse_y_true", "sparse_y_pred", "axis")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}


def class_numbers(y: Any, sparse: bool, axis: int) -> Any:
    """Class numbers in one row, from class numbers or from rows of which the largest counts."""
    y = operand(y)
    return ops.reshape(y if sparse else ops.cast(ops.argmax(y, axis=axis), "float32"), (-1,))


def without(config: dict[str, Any], *names: str) -> dict[str, Any]:
    """A configuration without some arguments."""
    return {name: value for name, value in config.items() if name not in names}


class BinaryIoU(IoU):
    """Intersection over union of yes-no labels and predicted probabilities.

    Args:
        target_class_ids: The classes of which the mean is taken.
        threshold: Predictions of at least this mean 1.
        name: The name shown.
        dtype: As in `Metric`.

    Example:

    >>> from fastcnn import metrics
    >>> round(metrics.BinaryIoU(threshold=0.3)([0, 1, 0, 1], [0.1, 0.2, 0.4, 0.7]), 4)
    0.3333
    """

    def __init__(
        self,
        target_class_ids: Any = (0, 1),
        threshold: float = 0.5,
        name: str | None = None,
        dtype: str | None = None,
    ) -> None:
        super().__init__(2, target_class_ids, name, dtype)
        self.threshold = threshold

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Take a batch into account."""
        super().update_state(y_true, ops.greater_equal(operand(y_pred), self.threshold), sample_weight)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal metric."""
        config = super().get_config()
        names = ("name", "dtype", "target_class_ids")
        return {**{name: config[name] for name in names}, "threshold": self.threshold}


class MeanIoU(IoU):
    """Intersection over union, mean over all classes.

    Args:
        num_classes: How many classes there are.
        name: The name shown.
        dtype: As in `Metric`.
        ignore_class: A class number that does not count.
        sparse_y_true: Whether labels are class numbers, not one-hot rows.
        sparse_y_pred: Whether predictions are class numbers, not probabilities.
        axis: The axis of the classes.

    Example:

    >>> from fastcnn import metrics
    >>> round(metrics.MeanIoU(num_classes=2)([0, 0, 1, 1], [0, 1, 0, 1]), 4)
    0.3333
    """

    def __init__(
        self,
        num_classes: int,
        name: str | None = None,
        dtype: str | None = None,
        ignore_class: int | None = None,
        sparse_y_true: bool = True,
        sparse_y_pred: bool = True,
        axis: int = -1,
    ) -> None:
        super().__init__(
            num_classes,
            range(positive_integer(num_classes, "num_classes")),
            name,
            dtype,
            ignore_class,
            sparse_y_true,
            sparse_y_pred,
            axis,
        )

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal metric."""
        return without(super().get_config(), "target_class_ids")


class OneHotIoU(IoU):
    """Intersection over union of one-hot labels and probabilities, mean over some classes.

    Args:
        num_classes: How many classes there are.
        target_class_ids: The classes of which the mean is taken.
        name: The name shown.
        dtype: As in `Metric`.
        ignore_class: A class number that does not count.
        sparse_y_pred: Whether predictions are class numbers, not probabilities.
        axis: The axis of the classes.

    Example:

    >>> from fastcnn import metrics
    >>> round(metrics.OneHotIoU(2, [0])([[1, 0], [1, 0], [0, 1]], [[0.9, 0.1], [0.2, 0.8], [0.3, 0.7]]), 4)
    0.5
    """

    def __init__(
        self,
        num_classes: int,
        target_class_ids: Any,
        name: str | None = None,
        dtype: str | None = None,
        ignore_class: int | None = None,
        sparse_y_pred: bool = False,
        axis: int = -1,
    ) -> None:
        super().__init__(num_classes, target_class_ids, name, dtype, ignore_class, False, sparse_y_pred, axis)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal metric."""
        return without(super().get_config(), "sparse_y_true")


class OneHotMeanIoU(MeanIoU):
    """Intersection over union of one-hot labels and probabilities, mean over all classes.

    Args:
        num_classes: How many classes there are.
        name: The name shown.
        dtype: As in `Metric`.
        ignore_class: A class number that does not count.
        sparse_y_pred: Whether predictions are class numbers, not probabilities.
        axis: The axis of the classes.

    Example:

    >>> from fastcnn import metrics
    >>> round(metrics.OneHotMeanIoU(2)([[1, 0], [1, 0], [0, 1]], [[0.9, 0.1], [0.2, 0.8], [0.3, 0.7]]), 4)
    0.5
    """

    def __init__(
        self,
        num_classes: int,
        name: str | None = None,
        dtype: str | None = None,
        ignore_class: int | None = None,
        sparse_y_pred: bool = False,
        axis: int = -1,
    ) -> None:
        super().__init__(num_classes, name, dtype, ignore_class, False, sparse_y_pred, axis)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal metric."""
        return without(super().get_config(), "sparse_y_true")
