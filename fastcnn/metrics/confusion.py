"""Counts of true and false positives and negatives, and precision and recall, which are made of them."""

from __future__ import annotations

from typing import Any, ClassVar

from fastcnn.metrics.metric import Metric, as_number, quotient
from fastcnn.metrics.thresholds import NEG_INF, checked_thresholds, count_at_thresholds
from fastcnn.utils.arguments import checked_integer, positive_integer


class ConfusionCount(Metric):
    """Base of the metrics that count one of four outcomes at thresholds."""

    outcome: ClassVar[str]

    def __init__(self, thresholds: Any = None, name: str | None = None, dtype: str | None = None) -> None:
        super().__init__(dtype, name)
        self.init_thresholds = thresholds
        self.thresholds = checked_thresholds(thresholds)
        self.accumulator = self.add_variable((len(self.thresholds),), "zeros", "float64", name="accumulator")

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Take a batch into account."""
        count_at_thresholds({self.outcome: self.accumulator}, y_true, y_pred, self.thresholds, sample_weight)

    def result(self) -> Any:
        """The count, or one for each threshold."""
        return as_number(self.accumulator.value[0] if len(self.thresholds) == 1 else self.accumulator.value.copy())

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal metric."""
        return {**super().get_config(), "thresholds": self.init_thresholds}


class TruePositives(ConfusionCount):
    """The number of labels 1 whose prediction is above the threshold.

    Args:
        thresholds: A number from 0 to 1 or a list of them; None: 0.5.
        name: The name shown.
        dtype: As in `Metric`.

    Raises:
        ValueError: A threshold is outside 0 to 1.

    Example:

    >>> from fastcnn import metrics
    >>> metrics.TruePositives()([0, 1, 1, 1], [1, 0, 1, 1])
    2.0
    """

    outcome = "tp"


class FalsePositives(ConfusionCount):
    """The number of labels 0 whose prediction is above the threshold.

    Args:
        thresholds: A number from 0 to 1 or a list of them; None: 0.5.
        name: The name shown.
        dtype: As in `Metric`.

    Raises:
        ValueError: A threshold is outside 0 to 1.

    Example:

    >>> from fastcnn import metrics
    >>> metrics.FalsePositives()([0, 1, 1, 1], [1, 0, 1, 1])
    1.0
    """

    outcome = "fp"


class TrueNegatives(ConfusionCount):
    """The number of labels 0 whose prediction is not above the threshold.

    Args:
        thresholds: A number from 0 to 1 or a list of them; None: 0.5.
        name: The name shown.
        dtype: As in `Metric`.

    Raises:
        ValueError: A threshold is outside 0 to 1.

    Example:

    >>> from fastcnn import metrics
    >>> metrics.TrueNegatives()([0, 1, 1, 1], [1, 0, 1, 1])
    0.0
    """

    outcome = "tn"


class FalseNegatives(ConfusionCount):
    """The number of labels 1 whose prediction is not above the threshold.

    Args:
        thresholds: A number from 0 to 1 or a list of them; None: 0.5.
        name: The name shown.
        dtype: As in `Metric`.

    Raises:
        ValueError: A threshold is outside 0 to 1.

    Example:

    >>> from fastcnn import metrics
    >>> metrics.FalseNegatives()([0, 1, 1, 1], [1, 0, 1, 1])
    1.0
    """

    outcome = "fn"


class Precision(Metric):
    """The share of the positive predictions that are right.

    Args:
        thresholds: A number from 0 to 1 or a list of them; None: 0.5, or none at all with `top_k`.
        top_k: How many predictions of a row may be positive; None: any number.
        class_id: The only class that counts; None: all.
        name: The name shown.
        dtype: As in `Metric`.

    Raises:
        ValueError: A threshold is outside 0 to 1.

    Example:

    >>> from fastcnn import metrics
    >>> round(metrics.Precision()([0, 1, 1, 1], [1, 0, 1, 1]), 4)
    0.6667
    """

    def __init__(
        self,
        thresholds: Any = None,
        top_k: int | None = None,
        class_id: int | None = None,
        name: str | None = None,
        dtype: str | None = None,
    ) -> None:
        super().__init__(dtype, name)
        self.init_thresholds = thresholds
        self.top_k = None if top_k is None else positive_integer(top_k, "top_k")
        self.class_id = None if class_id is None else checked_integer(class_id, "class_id")
        self.thresholds = checked_thresholds(thresholds, 0.5 if top_k is None else NEG_INF)
        shape = (len(self.thresholds),)
        self.true_positives = self.add_variable(shape, "zeros", "float64", name="true_positives")
        self.false_positives = self.add_variable(shape, "zeros", "float64", name="false_positives")

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Take a batch into account."""
        states = {"tp": self.true_positives, "fp": self.false_positives}
        count_at_thresholds(states, y_true, y_pred, self.thresholds, sample_weight, self.top_k, self.class_id)

    def result(self) -> Any:
        """The share, or one for each threshold; 0 where there is nothing to share."""
        right = self.true_positives.value
        share = quotient(right, right + self.false_positives.value)
        return as_number(share[0] if len(self.thresholds) == 1 else share)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal metric."""
        own = {"thresholds": self.init_thresholds, "top_k": self.top_k, "class_id": self.class_id}
        return {**super().get_config(), **own}


class Recall(Metric):
    """The share of the labels 1 that are predicted.

    Args:
        thresholds: A number from 0 to 1 or a list of them; None: 0.5, or none at all with `top_k`.
        top_k: How many predictions of a row may be positive; None: any number.
        class_id: The only class that counts; None: all.
        name: The name shown.
        dtype: As in `Metric`.

    Raises:
        ValueError: A threshold is outside 0 to 1.

    Example:

    >>> from fastcnn import metrics
    >>> round(metrics.Recall()([0, 1, 1, 1], [1, 0, 1, 1]), 4)
    0.6667
    """

    def __init__(
        self,
        thresholds: Any = None,
        top_k: int | None = None,
        class_id: int | None = None,
        name: str | None = None,
        dtype: str | None = None,
    ) -> None:
        super().__init__(dtype, name)
        self.init_thresholds = thresholds
        self.top_k = None if top_k is None else positive_integer(top_k, "top_k")
        self.class_id = None if class_id is None else checked_integer(class_id, "class_id")
        self.thresholds = checked_thresholds(thresholds, 0.5 if top_k is None else NEG_INF)
        shape = (len(self.thresholds),)
        self.true_positives = self.add_variable(shape, "zeros", "float64", name="true_positives")
        self.false_negatives = self.add_variable(shape, "zeros", "float64", name="false_negatives")

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Take a batch into account."""
        states = {"tp": self.true_positives, "fn": self.false_negatives}
        count_at_thresholds(states, y_true, y_pred, self.thresholds, sample_weight, self.top_k, self.class_id)

    def result(self) -> Any:
        """The share, or one for each threshold; 0 where there is nothing to share."""
        right = self.true_positives.value
        share = quotient(right, right + self.false_negatives.value)
        return as_number(share[0] if len(self.thresholds) == 1 else share)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal metric."""
        own = {"thresholds": self.init_thresholds, "top_k": self.top_k, "class_id": self.class_id}
        return {**super().get_config(), **own}
