"""A variable takes a new value, in place: what constraints and moving averages do."""

from __future__ import annotations

from typing import Any

from fastcnn import reference
from fastcnn.graph import Node, Op, Tensor, register
from fastcnn.graph.op import Spec
from fastcnn.ops.checks import expect, expect_shape
from fastcnn.ops.dispatch import apply, floats


@register
class Assign(Op):
    """target = value."""

    name = "assign"
    reference = staticmethod(reference.assign)
    in_place = (0,)

    def infer(self, target: Tensor, value: Tensor) -> list[Spec]:
        expect(self.name, "target", target)
        expect(self.name, "value", value)
        expect_shape(self.name, "value", value, target.shape, "that of target")
        return [(target.shape, "float32")]

    def flops(self, node: Node) -> int:
        return 0


def assign(target: Any, value: Any) -> Any:
    """`target[...] = value`, in place.

    Args:
        target: A variable, a symbolic tensor, or a float32 array that is written to.
        value: float32 of that shape.

    Returns:
        `target`.

    Raises:
        ValueError: Shapes or element types that do not fit.

    Example:

    >>> import numpy as np
    >>> from fastcnn import ops
    >>> ops.assign(np.ones(2, "float32"), [1, 2])
    array([1., 2.], dtype=float32)
    """
    return apply("assign", target, floats(value))
