"""Optimizers with Keras's names, and `get` for strings."""

from __future__ import annotations

from typing import Any

from fastcnn.optimizers.adam import Adam
from fastcnn.optimizers.optimizer import Optimizer
from fastcnn.optimizers.sgd import SGD
from fastcnn.utils.lookup import lookup

NAMES: dict[str, Any] = {"SGD": SGD, "sgd": SGD, "Adam": Adam, "adam": Adam}


def get(identifier: Any) -> Optimizer:
    """The optimizer meant by a name, an optimizer object or an optimizer class.

    Args:
        identifier: For example `"adam"` or `optimizers.SGD(0.1)`.

    Raises:
        ValueError: No optimizer has that name.
        TypeError: `identifier` is none of these.

    Example:

    >>> from fastcnn import optimizers
    >>> optimizers.get("sgd")
    <SGD learning_rate=0.01>
    """
    if isinstance(identifier, Optimizer):
        return identifier
    if isinstance(identifier, type) and issubclass(identifier, Optimizer):
        made: Any = identifier
        return made()
    if isinstance(identifier, str):
        return lookup("optimizer", identifier, NAMES)()
    raise TypeError(f"optimizer must be a name or an Optimizer, not {identifier!r} of type {type(identifier).__name__}")


__all__ = ["SGD", "Adam", "Optimizer", "get"]
