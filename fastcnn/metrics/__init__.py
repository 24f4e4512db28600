"""Metrics with Keras's names: classes, functions of each sample's value, and `get` for strings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from fastcnn.layers.naming import snake_case
from fastcnn.losses import (
    binary_crossentropy,
    binary_focal_crossentropy,
    categorical_crossentropy,
    categorical_focal_crossentropy,
    categorical_hinge,
    hinge,
    huber,
    kl_divergence,
    log_cosh,
    mean_absolute_error,
    mean_absolute_percentage_error,
    mean_squared_error,
    mean_squared_logarithmic_error,
    poisson,
    sparse_categorical_crossentropy,
    squared_hinge,
)
from fastcnn.metrics.accuracy import (
    Accuracy,
    BinaryAccuracy,
    CategoricalAccuracy,
    SparseCategoricalAccuracy,
    SparseTopKCategoricalAccuracy,
    TopKCategoricalAccuracy,
    accuracy,
    binary_accuracy,
    categorical_accuracy,
    sparse_categorical_accuracy,
    sparse_top_k_categorical_accuracy,
    top_k_categorical_accuracy,
)
from fastcnn.metrics.auc import AUC
from fastcnn.metrics.confusion import FalseNegatives, FalsePositives, Precision, Recall, TrueNegatives, TruePositives
from fastcnn.metrics.correlation import (
    ConcordanceCorrelation,
    PearsonCorrelation,
    concordance_correlation,
    pearson_correlation,
)
from fastcnn.metrics.f_score import F1Score, FBetaScore
from fastcnn.metrics.iou import BinaryIoU, IoU, MeanIoU, OneHotIoU, OneHotMeanIoU
from fastcnn.metrics.margin import CategoricalHinge, Hinge, SquaredHinge
from fastcnn.metrics.metric import Metric
from fastcnn.metrics.probabilistic import (
    BinaryCrossentropy,
    CategoricalCrossentropy,
    KLDivergence,
    Poisson,
    SparseCategoricalCrossentropy,
)
from fastcnn.metrics.rates import (
    PrecisionAtRecall,
    RecallAtPrecision,
    SensitivityAtSpecificity,
    SpecificityAtSensitivity,
)
from fastcnn.metrics.reduction import Mean, MeanMetricWrapper, Sum
from fastcnn.metrics.regression import (
    CosineSimilarity,
    LogCoshError,
    MeanAbsoluteError,
    MeanAbsolutePercentageError,
    MeanSquaredError,
    MeanSquaredLogarithmicError,
    R2Score,
    RootMeanSquaredError,
)
from fastcnn.utils.custom_objects import known
from fastcnn.utils.family import Family
from fastcnn.utils.lookup import lookup

CLASSES: dict[Callable[..., Any], type[Metric]] = {
    accuracy: Accuracy,
    binary_accuracy: BinaryAccuracy,
    binary_crossentropy: BinaryCrossentropy,
    categorical_accuracy: CategoricalAccuracy,
    categorical_crossentropy: CategoricalCrossentropy,
    categorical_hinge: CategoricalHinge,
    concordance_correlation: ConcordanceCorrelation,
    hinge: Hinge,
    kl_divergence: KLDivergence,
    mean_absolute_error: MeanAbsoluteError,
    mean_absolute_percentage_error: MeanAbsolutePercentageError,
    mean_squared_error: MeanSquaredError,
    mean_squared_logarithmic_error: MeanSquaredLogarithmicError,
    pearson_correlation: PearsonCorrelation,
    poisson: Poisson,
    sparse_categorical_accuracy: SparseCategoricalAccuracy,
    sparse_categorical_crossentropy: SparseCategoricalCrossentropy,
    sparse_top_k_categorical_accuracy: SparseTopKCategoricalAccuracy,
    squared_hinge: SquaredHinge,
    top_k_categorical_accuracy: TopKCategoricalAccuracy,
}
"""Functions that stand for metrics of the library."""

OTHERS: tuple[type[Metric], ...] = (
    AUC, BinaryIoU, CosineSimilarity, F1Score, FBetaScore, FalseNegatives, FalsePositives, IoU, LogCoshError, Mean,
    MeanIoU, MeanMetricWrapper, Metric, OneHotIoU, OneHotMeanIoU, Precision, PrecisionAtRecall, R2Score, Recall,
    RecallAtPrecision, RootMeanSquaredError, SensitivityAtSpecificity, SpecificityAtSensitivity, Sum, TrueNegatives,
    TruePositives,
)  # fmt: skip
ALIASES: dict[str, type[Metric]] = {
    "bce": BinaryCrossentropy,
    "mae": MeanAbsoluteError,
    "mape": MeanAbsolutePercentageError,
    "mse": MeanSquaredError,
    "msle": MeanSquaredLogarithmicError,
}
BY_NAME = {made.__name__: made for made in (*CLASSES.values(), *OTHERS)}
NAMES: dict[str, type[Metric]] = {
    **{function.__name__: made for function, made in CLASSES.items()},
    **{snake_case(name): made for name, made in BY_NAME.items()},
    **BY_NAME,
    **ALIASES,
    **{alias.upper(): made for alias, made in ALIASES.items()},
    "acc": Accuracy,
}
FAMILY = Family("metric", "keras.metrics", BY_NAME)


def get(identifier: Any) -> Metric:
    """The metric meant by a name, a configuration, a metric object or class, or a function of `(y_true, y_pred)`.

    In `compile`, `"accuracy"` and `"acc"` mean the accuracy that fits the labels and the model's output; here they
    mean `Accuracy`.

    Args:
        identifier: For example `"mse"`, `metrics.CategoricalAccuracy()` or a function written with `fastcnn.ops`.

    Returns:
        A `Metric`. One made from a string is shown under that very string.

    Raises:
        ValueError: No metric has that name, or `identifier` is none of these.

    Example:

    >>> from fastcnn import metrics
    >>> metrics.get("mse")
    <MeanSquaredError mse>
    """
    if isinstance(identifier, Metric):
        return identifier
    if isinstance(identifier, str):
        made: Any = lookup("metric", identifier, known(NAMES))
        return made(name=identifier) if made in BY_NAME.values() else get(made)
    if isinstance(identifier, dict):
        return get(FAMILY.deserialize(identifier))
    if isinstance(identifier, type) and issubclass(identifier, Metric):
        return identifier()
    if callable(identifier):
        ready: Any = CLASSES.get(identifier)
        return ready() if ready else MeanMetricWrapper(identifier)
    raise ValueError(f"metrics must be names, Metric objects or functions of (y_true, y_pred), not {identifier!r}")


def serialize(metric: Any) -> Any:
    """The configuration from which `deserialize` makes an equal metric, without its state.

    Args:
        metric: A metric, or a function of this module.

    Returns:
        A dictionary that JSON can hold; for a function of the library its name.

    Raises:
        ValueError: It is, or wraps, a function without a name.

    Example:

    >>> from fastcnn import metrics
    >>> metrics.serialize(metrics.BinaryAccuracy(threshold=0.7))["config"]["threshold"]
    0.7
    """
    if callable(metric) and not isinstance(metric, Metric) and metric in CLASSES:
        return metric.__name__
    return FAMILY.serialize(metric)


def deserialize(config: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """A metric from what `serialize` returned; a function from its name.

    Args:
        config: The configuration or name.
        custom_objects: The user's own classes and functions, by name.

    Raises:
        ValueError: No such metric is known, or its arguments do not fit.
        TypeError: It is no configuration.

    Example:

    >>> from fastcnn import metrics
    >>> metrics.deserialize(metrics.serialize(metrics.BinaryAccuracy(threshold=0.7))).get_config()["threshold"]
    0.7
    """
    if isinstance(config, str):
        functions = {function.__name__: function for function in CLASSES}
        return lookup("metric", config, known({**NAMES, **functions}, custom_objects))
    return FAMILY.deserialize(config, custom_objects)


__all__ = [
    "AUC",
    "Accuracy",
    "BinaryAccuracy",
    "BinaryCrossentropy",
    "BinaryIoU",
    "CategoricalAccuracy",
    "CategoricalCrossentropy",
    "CategoricalHinge",
    "ConcordanceCorrelation",
    "CosineSimilarity",
    "F1Score",
    "FBetaScore",
    "FalseNegatives",
    "FalsePositives",
    "Hinge",
    "IoU",
    "KLDivergence",
    "LogCoshError",
    "Mean",
    "MeanAbsoluteError",
    "MeanAbsolutePercentageError",
    "MeanIoU",
    "MeanMetricWrapper",
    "MeanSquaredError",
    "MeanSquaredLogarithmicError",
    "Metric",
    "OneHotIoU",
    "OneHotMeanIoU",
    "PearsonCorrelation",
    "Poisson",
    "Precision",
    "PrecisionAtRecall",
    "R2Score",
    "Recall",
    "RecallAtPrecision",
    "RootMeanSquaredError",
    "SensitivityAtSpecificity",
    "SparseCategoricalAccuracy",
    "SparseCategoricalCrossentropy",
    "SparseTopKCategoricalAccuracy",
    "SpecificityAtSensitivity",
    "SquaredHinge",
    "Sum",
    "TopKCategoricalAccuracy",
    "TrueNegatives",
    "TruePositives",
    "accuracy",
    "binary_accuracy",
    "binary_crossentropy",
    "binary_focal_crossentropy",
    "categorical_accuracy",
    "categorical_crossentropy",
    "categorical_focal_crossentropy",
    "categorical_hinge",
    "concordance_correlation",
    "deserialize",
    "get",
    "hinge",
    "huber",
    "kl_divergence",
    "log_cosh",
    "mean_absolute_error",
    "mean_absolute_percentage_error",
    "mean_squared_error",
    "mean_squared_logarithmic_error",
    "pearson_correlation",
    "poisson",
    "serialize",
    "sparse_categorical_accuracy",
    "sparse_categorical_crossentropy",
    "sparse_top_k_categorical_accuracy",
    "squared_hinge",
    "top_k_categorical_accuracy",
]
