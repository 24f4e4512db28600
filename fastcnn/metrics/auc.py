"""Area under the curve of two rates over all thresholds."""

from __future__ import annotations

from typing import Any

import numpy as np

from fastcnn import ops
from fastcnn.losses.loss import operand
from fastcnn.metrics.metric import Metric, quotient
from fastcnn.metrics.thresholds import EPSILON, count_at_thresholds
from fastcnn.utils.arguments import checked_integer, checked_numbers

CURVES = {"ROC": "ROC", "roc": "ROC", "PR": "PR", "pr": "PR", "PRGAIN": "PRGAIN", "prgain": "PRGAIN"}
SUMMATIONS = ("interpolation", "minoring", "majoring")
OUTCOMES = ("true_positives", "false_positives", "true_negatives", "false_negatives")


class AUC(Metric):
    """Area under the ROC curve (true over false positives) or the PR curve (precision over recall).

    Args:
        num_thresholds: How many thresholds from 0 to 1 the curve is made of.
        curve: `"ROC"`, `"PR"` or `"PRGAIN"`.
        summation_method: `"interpolation"` (trapezoids), `"minoring"` or `"majoring"` (lower or upper rectangles).
        name: The name shown.
        dtype: As in `Metric`.
        thresholds: Thresholds in place of evenly spaced ones.
        multi_label: Whether each column has a curve of its own, whose areas are averaged.
        num_labels: The number of columns, if it is known before the first batch.
        label_weights: Weight of each column.
        from_logits: Whether predictions are the input of the sigmoid, not its output.

    Raises:
        ValueError: An argument is none of these.

    Example:

    >>> from fastcnn import metrics
    >>> metrics.AUC(num_thresholds=3)([0, 0, 1, 1], [0, 0.5, 0.3, 0.9])
    0.75
    """

    def __init__(
        self,
        num_thresholds: int = 200,
        curve: str = "ROC",
        summation_method: str = "interpolation",
        name: str | None = None,
        dtype: str | None = None,
        thresholds: Any = None,
        multi_label: bool = False,
        num_labels: int | None = None,
        label_weights: Any = None,
        from_logits: bool = False,
    ) -> None:
        super().__init__(dtype, name)
        if not isinstance(curve, str) or curve not in CURVES:
            raise ValueError(f'Invalid AUC curve value: {curve!r}. Expected values are ["PR", "ROC", "PRGAIN"]')
        if str(summation_method).lower() not in SUMMATIONS:
            raise ValueError(
                f"Invalid AUC summation_method value: {summation_method!r}. Expected values are {SUMMATIONS}"
            )
        if thresholds is None:
            checked_integer(num_thresholds, "num_thresholds", least=2)
        if num_labels and not multi_label:
            raise ValueError("num_labels is needed only when multi_label is True")
        given = None if thresholds is None else np.ravel(checked_numbers(thresholds, "thresholds")).tolist()
        self.given_thresholds = None if given is None else sorted(given)
        inner = np.linspace(0, 1, num_thresholds)[1:-1] if thresholds is None else self.given_thresholds
        self.thresholds = [0.0 - EPSILON, *map(float, inner), 1.0 + EPSILON]  # type: ignore[arg-type]
        self.num_thresholds = len(self.thresholds)
        self.curve, self.summation_method = CURVES[curve], summation_method.lower()
        self.multi_label, self.num_labels = multi_label, num_labels
        try:
            self.label_weights = None if label_weights is None else np.asarray(label_weights, "float32")
        except (TypeError, ValueError):
            raise ValueError(f"label_weights must be numbers, received label_weights={label_weights!r}") from None
        self.from_logits = from_logits
        if not multi_label or num_labels:
            self.make_variables(num_labels)

    def make_variables(self, labels: int | None) -> None:
        """The four counts, for each threshold and, where there are several curves, each label."""
        shape = (self.num_thresholds, labels) if labels else (self.num_thresholds,)
        for outcome in OUTCOMES:
            setattr(self, outcome, self.add_variable(shape, "zeros", "float64", name=outcome))

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Take a batch into account."""
        y_pred = operand(y_pred)
        if not self.variables:
            if y_pred.ndim != 2:
                raise ValueError(f"y_pred must have rank 2 when multi_label=True, received shape {tuple(y_pred.shape)}")
            self.make_variables(y_pred.shape[1])
        count_at_thresholds(
            dict(zip(("tp", "fp", "tn", "fn"), self.variables, strict=True)),
            y_true,
            ops.sigmoid(y_pred) if self.from_logits else y_pred,
            self.thresholds,
            sample_weight,
            by_label=self.multi_label,
            label_weights=None if self.multi_label else self.label_weights,
        )

    def result(self) -> float:
        """The area; the mean of the areas of several labels."""
        if not self.variables:
            return 0.0
        tp, fp, tn, fn = (variable.value for variable in self.variables)
        if self.curve == "PR" and self.summation_method == "interpolation":
            areas = interpolated_precision(tp, fp, fn)
        else:
            x, y = self.curve_points(tp, fp, tn, fn)
            if self.summation_method == "interpolation":
                heights = (y[:-1] + y[1:]) / 2
            else:
                heights = (np.minimum if self.summation_method == "minoring" else np.maximum)(y[:-1], y[1:])
            areas = ((x[:-1] - x[1:]) * heights).sum(axis=0)
        return float(np.average(areas, weights=self.label_weights if self.multi_label else None))

    def curve_points(self, tp: Any, fp: Any, tn: Any, fn: Any) -> tuple[np.ndarray, np.ndarray]:
        """The curve's x and y at each threshold."""
        recall = quotient(tp, tp + fn)
        if self.curve == "ROC":
            return quotient(fp, fp + tn), recall
        if self.curve == "PR":
            return recall, quotient(tp, tp + fp)
        scale = quotient(tp + fn, tn + fp)
        recall_gain = np.where(tp == 0, 0, 1 - scale * quotient(fn, tp))
        return np.maximum(recall_gain, 0), np.where(tp == 0, 1, 1 - scale * quotient(fp, tp))

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal metric."""
        own: dict[str, Any] = {
            "num_thresholds": self.num_thresholds,
            "curve": self.curve,
            "summation_method": self.summation_method,
            "multi_label": self.multi_label,
            "num_labels": self.num_labels,
            "label_weights": None if self.label_weights is None else self.label_weights.tolist(),
            "from_logits": self.from_logits,
        }
        if self.given_thresholds is not None:
            own["thresholds"] = self.given_thresholds
        return {**super().get_config(), **own}


def interpolated_precision(tp: np.ndarray, fp: np.ndarray, fn: np.ndarray) -> np.ndarray:
    """Area under the PR curve, true positives taken to grow in proportion to positives between thresholds.

    Source: Davis and Goadrich, "The relationship between precision-recall and ROC curves", ICML 2006.
    """
    gained, positives = tp[:-1] - tp[1:], tp + fp
    slope = quotient(gained, np.maximum(positives[:-1] - positives[1:], 0))
    intercept = tp[1:] - slope * positives[1:]
    both = (positives[:-1] > 0) & (positives[1:] > 0)
    ratio = np.where(both, quotient(positives[:-1], np.maximum(positives[1:], 0)), 1)
    return quotient(slope * (gained + intercept * np.log(ratio)), np.maximum(tp[1:] + fn[1:], 0)).sum(axis=0)
