"""Trade-offs over all thresholds: one rate where another reaches a value, as sensitivity at a specificity."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from fastcnn.metrics.metric import Metric, quotient
from fastcnn.metrics.thresholds import count_at_thresholds
from fastcnn.utils.arguments import checked_number, positive_integer


class RateAtRate(Metric):
    """Base of the metrics that give the best value of one rate among the thresholds where another is high enough."""

    argument: ClassVar[str]
    """The rate that is given, as the constructor names it."""
    wanted: ClassVar[str]
    """The rate that is the result."""

    def __init__(
        self, value: float, num_thresholds: int, class_id: int | None, name: str | None, dtype: str | None
    ) -> None:
        super().__init__(dtype, name)
        checked_number(value, self.argument, 0, 1)
        positive_integer(num_thresholds, "num_thresholds")
        self.value = value
        self.num_thresholds = num_thresholds
        self.class_id = class_id
        self.thresholds = [0.5] if num_thresholds == 1 else np.linspace(0, 1, num_thresholds).tolist()
        for outcome in ("true_positives", "false_positives", "true_negatives", "false_negatives"):
            setattr(self, outcome, self.add_variable((num_thresholds,), "zeros", "float64", name=outcome))

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Take a batch into account."""
        states = dict(zip(("tp", "fp", "tn", "fn"), self.variables, strict=True))
        count_at_thresholds(states, y_true, y_pred, self.thresholds, sample_weight, class_id=self.class_id)

    def result(self) -> float:
        """The best rate; 0 where the other one is nowhere high enough."""
        tp, fp, tn, fn = (variable.value for variable in self.variables)
        rates = {
            "sensitivity": quotient(tp, tp + fn),
            "specificity": quotient(tn, tn + fp),
            "precision": quotient(tp, tp + fp),
            "recall": quotient(tp, tp + fn),
        }
        return float(rates[self.wanted][rates[self.argument] >= self.value].max(initial=0))

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal metric."""
        own = {self.argument: self.value, "num_thresholds": self.num_thresholds, "class_id": self.class_id}
        return {**super().get_config(), **own}


class SensitivityAtSpecificity(RateAtRate):
    """The best sensitivity among the thresholds where the specificity is high enough.

    Args:
        specificity: What is high enough, from 0 to 1.
        num_thresholds: How many thresholds from 0 to 1 are tried.
        class_id: The only class that counts; None: all.
        name: The name shown.
        dtype: As in `Metric`.

    Raises:
        ValueError: `specificity` is outside 0 to 1, or `num_thresholds` below 1.

    Example:

    >>> from fastcnn import metrics
    >>> round(metrics.SensitivityAtSpecificity(0.5)([0, 0, 0, 1, 1], [0, 0.3, 0.8, 0.3, 0.8]), 4)
    0.5
    """

    argument = "specificity"
    wanted = "sensitivity"

    def __init__(
        self,
        specificity: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: str | None = None,
    ) -> None:
        super().__init__(specificity, num_thresholds, class_id, name, dtype)


class SpecificityAtSensitivity(RateAtRate):
    """The best specificity among the thresholds where the sensitivity is high enough.

    Args:
        sensitivity: What is high enough, from 0 to 1.
        num_thresholds: How many thresholds from 0 to 1 are tried.
        class_id: The only class that counts; None: all.
        name: The name shown.
        dtype: As in `Metric`.

    Raises:
        ValueError: `sensitivity` is outside 0 to 1, or `num_thresholds` below 1.

    Example:

    >>> from fastcnn import metrics
    >>> round(metrics.SpecificityAtSensitivity(0.5)([0, 0, 0, 1, 1], [0, 0.3, 0.8, 0.3, 0.8]), 4)
    0.6667
    """

    argument = "sensitivity"
    wanted = "specificity"

    def __init__(
        self,
        sensitivity: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: str | None = None,
    ) -> None:
        super().__init__(sensitivity, num_thresholds, class_id, name, dtype)


class PrecisionAtRecall(RateAtRate):
    """The best precision among the thresholds where the recall is high enough.

    Args:
        recall: What is high enough, from 0 to 1.
        num_thresholds: How many thresholds from 0 to 1 are tried.
        class_id: The only class that counts; None: all.
        name: The name shown.
        dtype: As in `Metric`.

    Raises:
        ValueError: `recall` is outside 0 to 1, or `num_thresholds` below 1.

    Example:

    >>> from fastcnn import metrics
    >>> round(metrics.PrecisionAtRecall(0.5)([0, 0, 0, 1, 1], [0, 0.3, 0.8, 0.3, 0.8]), 4)
    0.5
    """

    argument = "recall"
    wanted = "precision"

    def __init__(
        self,
        recall: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: str | None = None,
    ) -> None:
        super().__init__(recall, num_thresholds, class_id, name, dtype)


class RecallAtPrecision(RateAtRate):
    """The best recall among the thresholds where the precision is high enough.

    Args:
        precision: What is high enough, from 0 to 1.
        num_thresholds: How many thresholds from 0 to 1 are tried.
        class_id: The only class that counts; None: all.
        name: The name shown.
        dtype: As in `Metric`.

    Raises:
        ValueError: `precision` is outside 0 to 1, or `num_thresholds` below 1.

    Example:

    >>> from fastcnn import metrics
    >>> round(metrics.RecallAtPrecision(0.5)([0, 0, 0, 1, 1], [0, 0.3, 0.8, 0.3, 0.8]), 4)
    1.0
    """

    argument = "precision"
    wanted = "recall"

    def __init__(
        self,
        precision: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: str | None = None,
    ) -> None:
        super().__init__(precision, num_thresholds, class_id, name, dtype)
