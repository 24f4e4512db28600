"""Losses with Keras's names: classes, functions of each sample's loss, and `get` for strings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from fastcnn.losses.circle import Circle, circle
from fastcnn.losses.crossentropy import (
    BinaryCrossentropy,
    CategoricalCrossentropy,
    CategoricalGeneralizedCrossEntropy,
    SparseCategoricalCrossentropy,
    binary_crossentropy,
    categorical_crossentropy,
    categorical_generalized_cross_entropy,
    sparse_categorical_crossentropy,
)
from fastcnn.losses.divergence import KLDivergence, Poisson, kl_divergence, poisson
from fastcnn.losses.focal import (
    BinaryFocalCrossentropy,
    CategoricalFocalCrossentropy,
    binary_focal_crossentropy,
    categorical_focal_crossentropy,
)
from fastcnn.losses.hinge import CategoricalHinge, Hinge, SquaredHinge, categorical_hinge, hinge, squared_hinge
from fastcnn.losses.loss import Loss, LossFunctionWrapper
from fastcnn.losses.overlap import Dice, Tversky, dice, tversky
from fastcnn.losses.regression import (
    CosineSimilarity,
    Huber,
    LogCosh,
    MeanAbsoluteError,
    MeanAbsolutePercentageError,
    MeanSquaredError,
    MeanSquaredLogarithmicError,
    cosine_similarity,
    huber,
    log_cosh,
    mean_absolute_error,
    mean_absolute_percentage_error,
    mean_squared_error,
    mean_squared_logarithmic_error,
)
from fastcnn.utils.custom_objects import known
from fastcnn.utils.family import Family
from fastcnn.utils.lookup import lookup

CLASSES: dict[Callable[..., Any], Any] = {
    binary_crossentropy: BinaryCrossentropy,
    binary_focal_crossentropy: BinaryFocalCrossentropy,
    categorical_crossentropy: CategoricalCrossentropy,
    categorical_focal_crossentropy: CategoricalFocalCrossentropy,
    categorical_generalized_cross_entropy: CategoricalGeneralizedCrossEntropy,
    categorical_hinge: CategoricalHinge,
    circle: Circle,
    cosine_similarity: CosineSimilarity,
    dice: Dice,
    hinge: Hinge,
    huber: Huber,
    kl_divergence: KLDivergence,
    log_cosh: LogCosh,
    mean_absolute_error: MeanAbsoluteError,
    mean_absolute_percentage_error: MeanAbsolutePercentageError,
    mean_squared_error: MeanSquaredError,
    mean_squared_logarithmic_error: MeanSquaredLogarithmicError,
    poisson: Poisson,
    sparse_categorical_crossentropy: SparseCategoricalCrossentropy,
    squared_hinge: SquaredHinge,
    tversky: Tversky,
}
ALIASES = {
    "bce": BinaryCrossentropy,
    "kld": KLDivergence,
    "mae": MeanAbsoluteError,
    "mape": MeanAbsolutePercentageError,
    "mse": MeanSquaredError,
    "msle": MeanSquaredLogarithmicError,
}
NAMES: dict[str, Callable[[], Loss]] = {
    **{function.__name__: made for function, made in CLASSES.items()},
    **{made.__name__: made for made in CLASSES.values()},
    **ALIASES,
    **{alias.upper(): made for alias, made in ALIASES.items()},
}
FAMILY = Family(
    "loss", "keras.losses", {made.__name__: made for made in (*CLASSES.values(), Loss, LossFunctionWrapper)}
)


def get(identifier: Any) -> Loss | None:
    """The loss meant by a name, a configuration, a loss object, a loss class, or a function of `(y_true, y_pred)`.

    Args:
        identifier: For example `"mse"`, `"sparse_categorical_crossentropy"`, `losses.MeanSquaredError()`, a function
            written with `fastcnn.ops`, what `serialize` returned, or None.

    Returns:
        A `Loss`, or None for None.

    Raises:
        ValueError: No loss has that name, or `identifier` is none of these.

    Example:

    >>> from fastcnn import losses
    >>> losses.get("mse")
    <MeanSquaredError mean_squared_error>
    """
    if identifier is None or isinstance(identifier, Loss):
        return identifier
    if isinstance(identifier, str):
        return get(lookup("loss", identifier, known(NAMES)))
    if isinstance(identifier, dict):
        return get(deserialize(identifier))
    if isinstance(identifier, type) and issubclass(identifier, Loss):
        return identifier()
    if callable(identifier):
        if identifier in CLASSES:
            return CLASSES[identifier]()
        return LossFunctionWrapper(identifier, name=getattr(identifier, "__name__", None))
    raise ValueError(f"loss must be a name, a Loss or a function of (y_true, y_pred), not {identifier!r}")


def serialize(loss: Any) -> Any:
    """The configuration from which `deserialize` makes an equal loss.

    Args:
        loss: A loss object, or a function of this module.

    Returns:
        A dictionary that JSON can hold; for a function of the library its name.

    Raises:
        ValueError: It is, or wraps, a function without a name.

    Example:

    >>> from fastcnn import losses
    >>> losses.serialize(losses.Huber(delta=0.5))["config"]
    {'name': 'huber_loss', 'reduction': 'sum_over_batch_size', 'delta': 0.5}
    """
    if callable(loss) and not isinstance(loss, Loss) and loss in CLASSES:
        return loss.__name__
    return FAMILY.serialize(loss)


def deserialize(name: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """A loss from what `serialize` returned; a function from its name.

    Args:
        name: The configuration or name.
        custom_objects: The user's own classes and functions, by name.

    Raises:
        ValueError: No such loss is known, or its arguments do not fit.
        TypeError: It is no configuration.

    Example:

    >>> from fastcnn import losses
    >>> losses.deserialize(losses.serialize(losses.Huber(delta=0.5))).get_config()["delta"]
    0.5
    """
    if isinstance(name, str):
        functions = {function.__name__: function for function in CLASSES}
        return lookup("loss", name, known({**NAMES, **functions}, custom_objects))
    return FAMILY.deserialize(name, custom_objects)


__all__ = [
    "BinaryCrossentropy",
    "BinaryFocalCrossentropy",
    "CategoricalCrossentropy",
    "CategoricalFocalCrossentropy",
    "CategoricalGeneralizedCrossEntropy",
    "CategoricalHinge",
    "Circle",
    "CosineSimilarity",
    "Dice",
    "Hinge",
    "Huber",
    "KLDivergence",
    "LogCosh",
    "Loss",
    "LossFunctionWrapper",
    "MeanAbsoluteError",
    "MeanAbsolutePercentageError",
    "MeanSquaredError",
    "MeanSquaredLogarithmicError",
    "Poisson",
    "SparseCategoricalCrossentropy",
    "SquaredHinge",
    "Tversky",
    "binary_crossentropy",
    "binary_focal_crossentropy",
    "categorical_crossentropy",
    "categorical_focal_crossentropy",
    "categorical_generalized_cross_entropy",
    "categorical_hinge",
    "circle",
    "cosine_similarity",
    "deserialize",
    "dice",
    "get",
    "hinge",
    "huber",
    "kl_divergence",
    "log_cosh",
    "mean_absolute_error",
    "mean_absolute_percentage_error",
    "mean_squared_error",
    "mean_squared_logarithmic_error",
    "poisson",
    "serialize",
    "sparse_categorical_crossentropy",
    "squared_hinge",
    "tversky",
]
