"""Losses with Keras's names: classes, functions of each sample's loss, and `get` for strings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastcnn.losses.crossentropy import (
    BinaryCrossentropy,
    CategoricalCrossentropy,
    SparseCategoricalCrossentropy,
    binary_crossentropy,
    categorical_crossentropy,
    sparse_categorical_crossentropy,
)
from fastcnn.losses.loss import Loss, LossFunctionWrapper
from fastcnn.losses.regression import MeanAbsoluteError, MeanSquaredError, mean_absolute_error, mean_squared_error
from fastcnn.utils.lookup import lookup

CLASSES: dict[Callable[..., Any], Any] = {
    binary_crossentropy: BinaryCrossentropy,
    categorical_crossentropy: CategoricalCrossentropy,
    mean_absolute_error: MeanAbsoluteError,
    mean_squared_error: MeanSquaredError,
    sparse_categorical_crossentropy: SparseCategoricalCrossentropy,
}
ALIASES = {
    "bce": BinaryCrossentropy,
    "BCE": BinaryCrossentropy,
    "mae": MeanAbsoluteError,
    "MAE": MeanAbsoluteError,
    "mse": MeanSquaredError,
    "MSE": MeanSquaredError,
}
NAMES: dict[str, Callable[[], Loss]] = {
    **{function.__name__: made for function, made in CLASSES.items()},
    **{made.__name__: made for made in CLASSES.values()},
    **ALIASES,
}


def get(identifier: Any) -> Loss | None:
    """The loss meant by a name, a loss object, a loss class, or a function of `(y_true, y_pred)`.

    Args:
        identifier: For example `"mse"`, `"sparse_categorical_crossentropy"`, `losses.MeanSquaredError()`, a function
            written with `fastcnn.ops`, or None.

    Returns:
        A `Loss`, or None for None.

    Raises:
        ValueError: No loss has that name.
        TypeError: `identifier` is none of these.

    Example:

    >>> from fastcnn import losses
    >>> losses.get("mse")
    <MeanSquaredError mean_squared_error>
    """
    if identifier is None or isinstance(identifier, Loss):
        return identifier
    if isinstance(identifier, str):
        return lookup("loss", identifier, NAMES)()
    if isinstance(identifier, type) and issubclass(identifier, Loss):
        return identifier()
    if callable(identifier):
        return CLASSES[identifier]() if identifier in CLASSES else LossFunctionWrapper(identifier)
    raise TypeError(
        f"loss must be a name, a Loss or a function of (y_true, y_pred), not {identifier!r}; models have one output"
    )


__all__ = [
    "BinaryCrossentropy",
    "CategoricalCrossentropy",
    "Loss",
    "LossFunctionWrapper",
    "MeanAbsoluteError",
    "MeanSquaredError",
    "SparseCategoricalCrossentropy",
    "binary_crossentropy",
    "categorical_crossentropy",
    "get",
    "mean_absolute_error",
    "mean_squared_error",
    "sparse_categorical_crossentropy",
]
