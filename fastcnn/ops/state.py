"""Variables added to in place, and element types changed: the ops and the public functions."""

from __future__ import annotations

from typing import Any

import numpy as np

from fastcnn import reference
from fastcnn.graph import Node, Op, Tensor, register
from fastcnn.graph.op import Gradients, Spec
from fastcnn.ops.checks import expect, expect_shape
from fastcnn.ops.dispatch import apply, floats, integers
from fastcnn.ops.math import maximum, minimum

ELEMENT_TYPES = {"float32": "float32", "float64": "float32", "float16": "float32", "float": "float32"} | dict.fromkeys(
    ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "int"), "int32"
)
"""What tensors of each of Keras's element types are here."""


@register
class AssignAdd(Op):
    """state += value; the state may be float64."""

    name = "assign_add"
    reference = staticmethod(reference.assign_add)
    in_place = (0,)

    def infer(self, state: Tensor, value: Tensor) -> list[Spec]:
        if state.dtype not in ("float32", "float64"):
            raise ValueError(f"assign_add: the variable must be float32 or float64, it is {state.dtype}")
        expect(self.name, "value", value)
        expect_shape(self.name, "value", value, state.shape, "that of the variable")
        return [(state.shape, state.dtype)]


@register
class Cast(Op):
    """x as float32 or, towards zero, as int32. The gradient passes between floats only."""

    name = "cast"
    reference = staticmethod(reference.cast)

    def infer(self, x: Tensor, *, dtype: str) -> list[Spec]:
        if {x.dtype, dtype} != {"float32", "int32"}:
            raise ValueError(f"cast: x must be float32 or int32 and dtype the other one, received {x.dtype}, {dtype}")
        return [(x.shape, dtype)]

    def flops(self, node: Node) -> int:
        return 0

    def gradient(self, node: Node, dy: Tensor) -> Gradients:
        return [None]


def assign_add(state: Any, value: Any) -> Any:
    """Add a value to a variable, in place.

    Args:
        state: float32 or float64 of any shape; written to.
        value: float32 of that shape.

    Returns:
        `state`.

    Raises:
        ValueError: Shapes or element types that do not fit.

    Example:

    >>> import numpy as np
    >>> from fastcnn import ops
    >>> ops.assign_add(np.ones(2), [3, 4])
    array([4., 5.])
    """
    return apply("assign_add", state, floats(value))


def cast(x: Any, dtype: str) -> Any:
    """Convert to another element type.

    Args:
        x: An array, or a symbolic tensor. Tensors are float32 or int32; all floats count as float32, all integers as
            int32, and `"bool"` gives 1 and 0 as float32.
        dtype: The name of the type.

    Returns:
        An array of just that type, or a symbolic tensor.

    Raises:
        ValueError: Tensors have no such type.

    Source: as `keras.ops.cast`.

    Example:

    >>> from fastcnn import ops
    >>> ops.cast([1.5, -1.5], "int32")
    array([ 1, -1], dtype=int32)
    """
    try:
        name = dtype if isinstance(dtype, str) and isinstance(x, Tensor) else np.dtype(dtype).name
    except TypeError:
        raise ValueError(f"cast: dtype must be the name of a type of elements, received dtype={dtype!r}") from None
    if not isinstance(x, Tensor):
        return np.asarray(x).astype(name)
    if name == "bool":
        return apply("not_equal", floats(x), floats(0))
    if name not in ELEMENT_TYPES:
        raise ValueError(f"cast: dtype must be one of {sorted({*ELEMENT_TYPES, 'bool'})}, received {dtype!r}")
    return integers(x) if ELEMENT_TYPES[name] == "int32" else floats(x)


def saturate_cast(x: Any, dtype: str) -> Any:
    """Convert to another element type, with what it cannot hold cut to the ends of its range.

    >>> from fastcnn import ops
    >>> ops.saturate_cast([-5, 300], "uint8")
    array([  0, 255], dtype=uint8)
    """
    name = np.dtype(dtype).name
    if np.dtype(name).kind in "iu":
        low, high = np.iinfo(name).min, np.iinfo(name).max
        largest = np.nextafter(np.float32(high), np.float32(0)) if np.float32(high) > high else high
        x = minimum(maximum(x, low), largest)
    return cast(x, name)
