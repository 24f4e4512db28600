"""Softmax: the op, its gradient, and the public function."""

from __future__ import annotations

from typing import Any

from fastcnn import reference
from fastcnn.graph import Node, Op, Tensor, emit, register
from fastcnn.graph.op import Gradients, Spec
from fastcnn.ops.checks import expect, expect_shape, one_axis
from fastcnn.ops.dispatch import apply, floats
from fastcnn.ops.shape import transpose

FLOPS_PER_ELEMENT = 4
"""Subtract the maximum, exp, add, divide."""


def at_least_a_row(op: str, argument: str, x: Tensor) -> None:
    """Softmax needs a last axis with something on it."""
    expect(op, argument, x)
    if not x.shape or not x.shape[-1]:
        raise ValueError(f"{op}: {argument} must have a last axis of at least one element, received shape {x.shape}")


@register
class Softmax(Op):
    """exp(x) / sum(exp(x)), over the last axis."""

    name = "softmax"
    reference = staticmethod(reference.softmax)

    def infer(self, x: Tensor) -> list[Spec]:
        at_least_a_row(self.name, "x", x)
        return [(x.shape, "float32")]

    def flops(self, node: Node) -> int:
        return FLOPS_PER_ELEMENT * node.outputs[0].size

    def gradient(self, node: Node, dy: Tensor) -> Gradients:
        return [emit("softmax_gradient", dy, node.outputs[0])]


@register
class SoftmaxGradient(Op):
    """y (dy - sum(dy y)), for y = softmax(x)."""

    name = "softmax_gradient"
    reference = staticmethod(reference.softmax_gradient)

    def infer(self, dy: Tensor, y: Tensor) -> list[Spec]:
        at_least_a_row(self.name, "dy", dy)
        expect_shape(self.name, "y", y, dy.shape, "that of dy")
        return [(dy.shape, "float32")]

    def flops(self, node: Node) -> int:
        return FLOPS_PER_ELEMENT * node.outputs[0].size


def softmax(x: Any, axis: int = -1) -> Any:
    """exp(x) / sum(exp(x)): positive numbers with the sum 1.

    Args:
        x: float32 of at least one dimension.
        axis: The axis over which the sum is 1; any but the last costs two transposes.

    Returns:
        float32 of the shape of `x`.

    Raises:
        ValueError: `x` has no such axis.

    Source: as `keras.ops.softmax`.

    Example:

    >>> from fastcnn import ops
    >>> ops.softmax([[0, 0], [0, 100]])
    array([[0.5, 0.5],
           [0. , 1. ]], dtype=float32)
    """
    x = floats(x)
    rank = len(x.shape)
    last = one_axis("axis", axis, rank)
    if last == rank - 1:
        return apply("softmax", x)
    order = list(range(rank))
    order[last], order[-1] = order[-1], order[last]
    return transpose(apply("softmax", transpose(x, order)), order)
