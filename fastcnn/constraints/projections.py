"""Projections of a weight that are taken after each update of training."""

from __future__ import annotations

from typing import Any

from fastcnn import ops
from fastcnn.utils.arguments import checked_number, integers

EPSILON = 1e-7
"""Keeps a norm of zero from being divided by."""


class Constraint:
    """Base class: an object that gives an allowed value for a weight.

    Subclasses define `__call__(self, w)` with `fastcnn.ops`, and `get_config` if they have arguments.

    Example:

    >>> from fastcnn import constraints, ops
    >>> class AtMostOne(constraints.Constraint):
    ...     def __call__(self, w):
    ...         return ops.minimum(w, 1.0)
    >>> AtMostOne()([0.5, 2.0])
    array([0.5, 1. ], dtype=float32)
    """

    def __call__(self, w: Any) -> Any:
        """The allowed value next to `w`, of the same shape."""
        return w

    def get_config(self) -> dict[str, Any]:
        """The arguments of the constructor."""
        return {}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Constraint:
        """A new object from what `get_config` returned."""
        return cls(**config)


class NonNeg(Constraint):
    """No weight below zero.

    Example:

    >>> from fastcnn import constraints
    >>> constraints.NonNeg()([-1.0, 2.0])
    array([0., 2.], dtype=float32)
    """

    def __call__(self, w: Any) -> Any:
        return ops.maximum(w, 0.0)


class MaxNorm(Constraint):
    """Norms along an axis of `max_value` at most.

    Args:
        max_value: The largest norm. Default 2.
        axis: The axes along which norms are taken: 0 for the kernel of `Dense`, `[0, 1, 2]` for that of `Conv2D`.
            Default 0.

    Example:

    >>> from fastcnn import constraints
    >>> constraints.MaxNorm(1.0)([[3.0], [4.0]]).round(4)
    array([[0.6],
           [0.8]], dtype=float32)
    """

    def __init__(self, max_value: float = 2, axis: Any = 0) -> None:
        self.max_value = checked_number(max_value, "max_value", least=0)
        self.axis = checked_axes(axis)

    def __call__(self, w: Any) -> Any:
        norm = norms(w, self.axis)
        return ops.multiply(w, ops.minimum(norm, self.max_value) / (norm + EPSILON))

    def get_config(self) -> dict[str, Any]:
        return {"max_value": self.max_value, "axis": self.axis}


class UnitNorm(Constraint):
    """Norms along an axis of 1.

    Args:
        axis: The axes along which norms are taken, as in `MaxNorm`. Default 0.

    Example:

    >>> from fastcnn import constraints
    >>> constraints.UnitNorm()([[3.0], [4.0]]).round(4)
    array([[0.6],
           [0.8]], dtype=float32)
    """

    def __init__(self, axis: Any = 0) -> None:
        self.axis = checked_axes(axis)

    def __call__(self, w: Any) -> Any:
        return ops.divide(w, norms(w, self.axis) + EPSILON)

    def get_config(self) -> dict[str, Any]:
        return {"axis": self.axis}


class MinMaxNorm(Constraint):
    """Norms along an axis between two bounds.

    Args:
        min_value: The smallest norm. Default 0.
        max_value: The largest norm. Default 1.
        rate: The norm becomes `(1 - rate) * norm + rate * clip(norm, min_value, max_value)`. Default 1.
        axis: The axes along which norms are taken, as in `MaxNorm`. Default 0.

    Example:

    >>> from fastcnn import constraints
    >>> constraints.MinMaxNorm(0.0, 10.0, rate=0.5)([[30.0], [40.0]]).round(4)
    array([[18.],
           [24.]], dtype=float32)
    """

    def __init__(self, min_value: float = 0.0, max_value: float = 1.0, rate: float = 1.0, axis: Any = 0) -> None:
        self.min_value = checked_number(min_value, "min_value", least=0)
        self.max_value = checked_number(max_value, "max_value", least=0)
        if min_value > max_value:
            raise ValueError(f"min_value must be at most max_value, received {min_value=}, {max_value=}")
        self.rate = checked_number(rate, "rate")
        self.axis = checked_axes(axis)

    def __call__(self, w: Any) -> Any:
        norm = norms(w, self.axis)
        clipped = ops.minimum(ops.maximum(norm, self.min_value), self.max_value)
        desired = clipped if self.rate == 1 else self.rate * clipped + (1 - self.rate) * norm
        return ops.multiply(w, desired / (norm + EPSILON))

    def get_config(self) -> dict[str, Any]:
        return {"min_value": self.min_value, "max_value": self.max_value, "rate": self.rate, "axis": self.axis}


def checked_axes(axis: Any) -> Any:
    """An axis, or several, or None for all, as it is.

    Raises:
        ValueError: It is none of these.
    """
    if axis is not None:
        integers(axis, "axis")
    return axis


def norms(w: Any, axis: Any) -> Any:
    """Euclidean norms along the axes, which stay with size 1."""
    axes = tuple(axis) if isinstance(axis, (list, tuple)) else axis
    return ops.sqrt(ops.sum(ops.square(w), axis=axes, keepdims=True))
