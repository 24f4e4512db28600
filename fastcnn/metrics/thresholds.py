"""Counts of true and false positives and negatives at many thresholds at once.

Predictions are sorted into the bins between the thresholds; sums of the bins from the end are the positives at each
threshold. So a batch costs one pass, however many thresholds there are.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from fastcnn import ops
from fastcnn.graph import Variable
from fastcnn.losses.loss import operand, same_rank
from fastcnn.ops.dispatch import apply, floats

NEG_INF = -1e10
EPSILON = 1e-7


def checked_thresholds(thresholds: Any, default: float = 0.5) -> list[float]:
    """Thresholds as a list.

    Raises:
        ValueError: one is outside 0 to 1.
    """
    if thresholds is None:
        return [default]
    given = list(thresholds) if isinstance(thresholds, (list, tuple, np.ndarray)) else [thresholds]
    if not all(isinstance(t, (int, float, np.number)) and 0 <= t <= 1 for t in given):
        raise ValueError(f"thresholds must be in [0, 1], received thresholds={thresholds!r}")
    return given


def are_even(thresholds: Sequence[float]) -> bool:
    """Whether thresholds divide 0 to 1 evenly, but for a tiny part."""
    count = len(thresholds)
    return count > 2 and bool(np.allclose(thresholds, np.arange(count) / (count - 1), atol=EPSILON))


def only_top_k(y_pred: Any, k: int) -> Any:
    """Predictions, all but the k largest of each row replaced by a number far below any threshold."""
    _, positions = ops.top_k(y_pred, k)
    best = ops.sum(ops.one_hot(positions, y_pred.shape[-1]), axis=-2)
    return ops.where(best, y_pred, NEG_INF)


def count_at_thresholds(
    states: dict[str, Variable],
    y_true: Any,
    y_pred: Any,
    thresholds: Sequence[float],
    sample_weight: Any = None,
    top_k: int | None = None,
    class_id: int | None = None,
    by_label: bool = False,
    label_weights: Any = None,
) -> None:
    """Add a batch to counts at thresholds.

    Args:
        states: the variables to add to, float64 of shape (T,), or (T, labels) where `by_label`; keys are of "tp", "fp",
            "tn", "fn".
        y_true: labels, of which all but 0 mean yes.
        y_pred: predictions of the same shape.
        thresholds: T numbers; a prediction above one is positive there.
        sample_weight: weight of each sample, or of each label.
        top_k: how many predictions of a row may be positive.
        class_id: the only column that counts.
        by_label: whether each column is counted by itself.
        label_weights: weight of each column.
    """
    y_pred, y_true = same_rank(operand(y_pred), operand(y_true))
    if tuple(y_true.shape) != tuple(y_pred.shape):
        raise ValueError(
            f"labels of shape {tuple(y_true.shape)} must have the shape of the predictions, {tuple(y_pred.shape)}: a "
            "yes or no for each of them, such as one-hot rows"
        )
    if top_k is not None:
        y_pred = only_top_k(y_pred, top_k)
    weights = weights_like(y_pred, sample_weight, label_weights)
    if class_id is not None:
        if y_pred.ndim == 1:
            raise ValueError(f"class_id needs y_pred of shape (num_samples, num_classes), received {y_pred.shape}")
        if not -y_pred.shape[-1] <= class_id < y_pred.shape[-1]:
            raise ValueError(f"class_id must be one of the {y_pred.shape[-1]} classes, received class_id={class_id!r}")
        y_true, y_pred = (ops.take(y, [class_id], axis=-1) for y in (y_true, y_pred))
        weights = None if weights is None else ops.take(weights, [class_id], axis=-1)
    labels = y_pred.shape[-1] if by_label else 1
    yes = ops.not_equal(y_true, 0)
    no = ops.logical_not(yes)
    if weights is not None:
        yes, no = ops.multiply(yes, weights), ops.multiply(no, weights)

    bounds = np.asarray(thresholds, "float32")
    bins = len(bounds) + 1
    place = bin_of(y_pred, bounds)
    if by_label:
        place = ops.cast(ops.add(place, np.arange(labels) * bins), "int32")
    positive_bins = 1 + np.argsort(np.argsort(bounds, kind="stable"), kind="stable")  # the first bin above each
    counts = {}
    for name, weight in (("p", yes), ("n", no)):
        summed = ops.bincount(ops.reshape(place, (-1,)), ops.reshape(weight, (-1,)), minlength=labels * bins)
        above = apply("cumsum", floats(ops.reshape(summed, (labels, bins))), axis=1, reverse=True)
        counts[f"{name}+"] = ops.take(above, positive_bins, axis=1)
        counts[f"{name}-"] = ops.subtract(ops.take(above, [0], axis=1), counts[f"{name}+"])
    for key, state in states.items():
        count = counts[{"tp": "p+", "fn": "p-", "fp": "n+", "tn": "n-"}[key]]
        state.assign_add(ops.transpose(count) if by_label else ops.reshape(count, state.shape))


def weights_like(y_pred: Any, sample_weight: Any, label_weights: Any) -> Any:
    """The product of the weights, in the shape of the predictions; None where there are none."""
    weights = None
    if sample_weight is not None:
        weights = operand(sample_weight)
        while 0 < weights.ndim < y_pred.ndim:
            weights = ops.reshape(weights, (*weights.shape, 1))
        weights = ops.broadcast_to(weights, y_pred.shape)
    if label_weights is not None:
        by_column = ops.broadcast_to(label_weights, y_pred.shape)
        weights = by_column if weights is None else ops.multiply(weights, by_column)
    return weights


def bin_of(y_pred: Any, bounds: np.ndarray) -> Any:
    """The number of thresholds that are below each prediction. Of evenly spaced ones it is computed, as in Keras, from
    predictions cut to 0 to 1."""
    if not are_even(bounds.tolist()):
        return ops.searchsorted(np.sort(bounds), y_pred)
    place = ops.ceil(ops.multiply(ops.clip(y_pred, 0, 1), len(bounds) - 1))
    return ops.cast(ops.maximum(place, 1) if bounds[0] < 0 else place, "int32")
