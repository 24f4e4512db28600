"""Metrics with Keras's names: classes, functions of each sample's value, and `get` for strings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastcnn import losses as loss_functions
from fastcnn.metrics.accuracy import (
    Accuracy,
    BinaryAccuracy,
    CategoricalAccuracy,
    SparseCategoricalAccuracy,
    accuracy,
    binary_accuracy,
    categorical_accuracy,
    sparse_categorical_accuracy,
)
from fastcnn.metrics.losses import (
    BinaryCrossentropy,
    CategoricalCrossentropy,
    MeanAbsoluteError,
    MeanSquaredError,
    SparseCategoricalCrossentropy,
)
from fastcnn.metrics.metric import Mean, MeanMetricWrapper, Metric
from fastcnn.utils.lookup import lookup

CLASSES: dict[Callable[..., Any], type[Metric]] = {
    accuracy: Accuracy,
    binary_accuracy: BinaryAccuracy,
    categorical_accuracy: CategoricalAccuracy,
    sparse_categorical_accuracy: SparseCategoricalAccuracy,
    loss_functions.binary_crossentropy: BinaryCrossentropy,
    loss_functions.categorical_crossentropy: CategoricalCrossentropy,
    loss_functions.mean_absolute_error: MeanAbsoluteError,
    loss_functions.mean_squared_error: MeanSquaredError,
    loss_functions.sparse_categorical_crossentropy: SparseCategoricalCrossentropy,
}
ALIASES: dict[str, type[Metric]] = {
    "acc": Accuracy,
    "bce": BinaryCrossentropy,
    "BCE": BinaryCrossentropy,
    "mae": MeanAbsoluteError,
    "MAE": MeanAbsoluteError,
    "mse": MeanSquaredError,
    "MSE": MeanSquaredError,
}
NAMES: dict[str, type[Metric]] = {
    **{function.__name__: made for function, made in CLASSES.items()},
    **{made.__name__: made for made in CLASSES.values()},
    **ALIASES,
}


def get(identifier: Any) -> Metric:
    """The metric meant by a name, a metric object, a metric class, or a function of `(y_true, y_pred)`.

    In `compile`, `"accuracy"` and `"acc"` mean the accuracy that fits the labels and the model's output; here they
    mean `Accuracy`.

    Args:
        identifier: For example `"mse"`, `metrics.CategoricalAccuracy()` or a function written with `fastcnn.ops`.

    Returns:
        A `Metric`. One made from a string is shown under that very string.

    Raises:
        ValueError: No metric has that name.
        TypeError: `identifier` is none of these.

    Example:

    >>> from fastcnn import metrics
    >>> metrics.get("mse")
    <MeanSquaredError mse>
    """
    if isinstance(identifier, Metric):
        return identifier
    if isinstance(identifier, str):
        made: Any = lookup("metric", identifier, NAMES)
        return made(name=identifier)
    if isinstance(identifier, type) and issubclass(identifier, Metric):
        return identifier()
    if callable(identifier):
        known: Any = CLASSES.get(identifier)
        return known() if known else MeanMetricWrapper(identifier)
    raise TypeError(f"metrics must be names, Metric objects or functions of (y_true, y_pred), not {identifier!r}")


__all__ = [
    "Accuracy",
    "BinaryAccuracy",
    "BinaryCrossentropy",
    "CategoricalAccuracy",
    "CategoricalCrossentropy",
    "Mean",
    "MeanAbsoluteError",
    "MeanMetricWrapper",
    "MeanSquaredError",
    "Metric",
    "SparseCategoricalAccuracy",
    "SparseCategoricalCrossentropy",
    "accuracy",
    "binary_accuracy",
    "categorical_accuracy",
    "get",
    "sparse_categorical_accuracy",
]
