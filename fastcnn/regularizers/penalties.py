"""Penalties that are added to the loss of training, as functions of a weight or of a layer's output."""

from __future__ import annotations

from typing import Any

import numpy as np

from fastcnn import ops
from fastcnn.utils.arguments import checked_number


class Regularizer:
    """Base class: an object that gives a penalty for an array.

    Subclasses define `__call__(self, x)` with `fastcnn.ops`, and `get_config` if they are to be saved.

    Example:

    >>> from fastcnn import ops, regularizers
    >>> class Quartic(regularizers.Regularizer):
    ...     def __call__(self, x):
    ...         return ops.sum(ops.square(ops.square(x)))
    >>> float(Quartic()([1.0, 2.0]))
    17.0
    """

    def __call__(self, x: Any) -> Any:
        """The penalty, one number."""
        return 0.0

    def get_config(self) -> dict[str, Any]:
        """The arguments of the constructor."""
        raise NotImplementedError(f"{self!r} does not implement get_config()")

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Regularizer:
        """A new object from what `get_config` returned."""
        return cls(**config)


class L1L2(Regularizer):
    """`l1 * sum(abs(x)) + l2 * sum(square(x))`.

    Args:
        l1: Factor of the absolute values. Default 0.
        l2: Factor of the squares. Default 0.

    Raises:
        ValueError: A factor is negative or no number.

    Example:

    >>> from fastcnn import regularizers
    >>> round(float(regularizers.L1L2(l1=0.5, l2=0.25)([1.0, -2.0])), 6)
    2.75
    """

    def __init__(self, l1: float = 0.0, l2: float = 0.0) -> None:
        self.l1 = float(checked_number(0.0 if l1 is None else l1, "l1", least=0))
        self.l2 = float(checked_number(0.0 if l2 is None else l2, "l2", least=0))

    def __call__(self, x: Any) -> Any:
        penalties = [self.l1 * ops.sum(ops.abs(x))] if self.l1 else []
        penalties += [self.l2 * ops.sum(ops.square(x))] if self.l2 else []
        return sum(penalties[1:], penalties[0]) if penalties else np.float32(0)

    def get_config(self) -> dict[str, Any]:
        return {"l1": self.l1, "l2": self.l2}


class L1(Regularizer):
    """`l1 * sum(abs(x))`.

    Args:
        l1: Factor. Default 0.01.

    Example:

    >>> from fastcnn import regularizers
    >>> float(regularizers.L1(0.5)([1.0, -2.0]))
    1.5
    """

    def __init__(self, l1: float = 0.01) -> None:
        self.l1 = float(checked_number(0.01 if l1 is None else l1, "l1", least=0))

    def __call__(self, x: Any) -> Any:
        return self.l1 * ops.sum(ops.abs(x))

    def get_config(self) -> dict[str, Any]:
        return {"l1": self.l1}


class L2(Regularizer):
    """`l2 * sum(square(x))`.

    Args:
        l2: Factor. Default 0.01.

    Example:

    >>> from fastcnn import regularizers
    >>> float(regularizers.L2(0.5)([1.0, -2.0]))
    2.5
    """

    def __init__(self, l2: float = 0.01) -> None:
        self.l2 = float(checked_number(0.01 if l2 is None else l2, "l2", least=0))

    def __call__(self, x: Any) -> Any:
        return self.l2 * ops.sum(ops.square(x))

    def get_config(self) -> dict[str, Any]:
        return {"l2": self.l2}


class OrthogonalRegularizer(Regularizer):
    """`factor` times the mean of the absolute dot products between the normalised rows, or columns, of a matrix.

    Args:
        factor: Factor. Default 0.01.
        mode: "rows" or "columns". Default "rows".

    Raises:
        ValueError: An argument does not fit; in the call: `x` is no matrix.

    Example:

    >>> from fastcnn import regularizers
    >>> round(float(regularizers.OrthogonalRegularizer(1.0)([[1.0, 0.0], [1.0, 1.0]])), 4)
    0.7071
    """

    def __init__(self, factor: float = 0.01, mode: str = "rows") -> None:
        self.factor = float(checked_number(factor, "factor", least=0))
        if mode not in ("rows", "columns"):
            raise ValueError(
                f"Invalid value for argument `mode`. Expected 'rows' or 'columns'. Received: mode={mode!r}"
            )
        self.mode = mode

    def __call__(self, x: Any) -> Any:
        x = x if hasattr(x, "shape") else np.asarray(x, "float32")
        if len(x.shape) != 2:
            raise ValueError(
                f"Inputs to OrthogonalRegularizer must have rank 2. Received: inputs.shape={tuple(x.shape)}"
            )
        x = ops.transpose(x) if self.mode == "columns" else x
        unit = ops.normalize(x, axis=1, epsilon=1e-6)
        size = x.shape[0]
        products = ops.matmul(unit, ops.transpose(unit)) * (1.0 - np.eye(size, dtype="float32"))
        pairs = size * (size - 1.0) / 2.0
        return ops.sum(ops.abs(products)) * (self.factor * 0.5 / pairs)

    def get_config(self) -> dict[str, Any]:
        return {"factor": self.factor, "mode": self.mode}
