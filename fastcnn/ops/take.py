"""Picking along an axis by number: the ops `take` and `take_along`, their gradients, and the public functions."""

from __future__ import annotations

from typing import Any

from fastcnn import reference
from fastcnn.graph import Node, Op, Tensor, emit, register
from fastcnn.graph.op import Gradients, Spec
from fastcnn.ops.batch_size import BatchSize
from fastcnn.ops.checks import expect, expect_shape, one_axis
from fastcnn.ops.dispatch import apply, floats, integers
from fastcnn.ops.shape import broadcast_to, transpose


class Moves(Op):
    """Base of the ops that move elements."""

    def flops(self, node: Node) -> int:
        return 0


@register
class Take(Moves):
    """x along an axis at the indices, whose shape takes the place of the axis."""

    name = "take"
    reference = staticmethod(reference.take)

    def infer(self, x: Tensor, indices: Tensor, *, axis: int) -> list[Spec]:
        expect(self.name, "x", x)
        expect(self.name, "indices", indices, dtype="int32")
        shape = (*x.shape[:axis], *indices.shape, *x.shape[axis + 1 :])
        if None in shape[1:]:
            raise ValueError(
                f"take: x of shape {x.shape} and indices of shape {indices.shape} along axis {axis}: the unknown batch "
                "must stay the first axis"
            )
        return [(shape, "float32")]

    def gradient(self, node: Node, dy: Tensor) -> Gradients:
        x, indices = node.inputs
        axis = node.attrs["axis"]
        if x.shape[axis] is None:
            raise ValueError(f"take along an unknown batch, of x of shape {x.shape}, has no gradient; bind it first")
        return [emit("take_gradient", indices, dy, axis=axis, count=x.shape[axis]), None]


@register
class TakeGradient(Op):
    """Sums of dy where an element was picked from; the axis has length `count`."""

    name = "take_gradient"
    reference = staticmethod(reference.take_gradient)

    def infer(self, indices: Tensor, dy: Tensor, *, axis: int, count: int) -> list[Spec]:
        expect(self.name, "indices", indices, dtype="int32")
        expect(self.name, "dy", dy)
        return [((*dy.shape[:axis], count, *dy.shape[axis + indices.ndim :]), "float32")]

    def flops(self, node: Node) -> int:
        return node.inputs[1].size

    def gradient(self, node: Node, dy: Tensor) -> Gradients:
        return [None, emit("take", dy, node.inputs[0], axis=node.attrs["axis"])]


@register
class TakeAlong(Moves):
    """Of each row (..., n) the elements at its indices (..., m)."""

    name = "take_along"
    reference = staticmethod(reference.take_along)

    def infer(self, x: Tensor, indices: Tensor) -> list[Spec]:
        expect(self.name, "x", x)
        expect(self.name, "indices", indices, dtype="int32")
        if not x.shape:
            raise ValueError("take_along_axis: x must have at least one axis, received a scalar")
        shape = (*x.shape[:-1], *indices.shape[-1:])
        expect_shape(self.name, "indices", indices, shape, "that of x but for the axis")
        return [(shape, "float32")]

    def gradient(self, node: Node, dy: Tensor) -> Gradients:
        return [emit("take_along_gradient", node.inputs[1], dy, count=node.inputs[0].shape[-1]), None]


@register
class TakeAlongGradient(Op):
    """Of each row the sums of dy (..., m) where an element was picked from: (..., count)."""

    name = "take_along_gradient"
    reference = staticmethod(reference.take_along_gradient)

    def infer(self, indices: Tensor, dy: Tensor, *, count: int) -> list[Spec]:
        expect(self.name, "indices", indices, dtype="int32")
        expect(self.name, "dy", dy)
        expect_shape(self.name, "indices", indices, dy.shape, "that of dy")
        return [((*dy.shape[:-1], count), "float32")]

    def flops(self, node: Node) -> int:
        return node.inputs[1].size


def take(x: Any, indices: Any, axis: int | None = None) -> Any:
    """Pick elements, rows, ... along an axis by number.

    Args:
        x: float32 of any shape.
        indices: Whole numbers of any shape. Negative ones count from the end; one that is outside gives NaN.
        axis: The axis; None: among all elements in one row.

    Returns:
        float32 of shape `x.shape[:axis] + indices.shape + x.shape[axis + 1:]`.

    Raises:
        ValueError: `x` has no such axis.

    Source: as `keras.ops.take` on JAX.

    Example:

    >>> from fastcnn import ops
    >>> ops.take([[1, 2], [3, 4], [5, 6]], [2, 0], axis=0)
    array([[5., 6.],
           [1., 2.]], dtype=float32)
    """
    x = floats(x)
    if axis is None:
        x, axis = apply("reshape", x, shape=(-1,)), 0
    return apply("take", x, integers(indices), axis=one_axis("axis", axis, len(x.shape)))


def take_along_axis(x: Any, indices: Any, axis: int | None = None) -> Any:
    """Pick elements of each row by numbers of its own.

    Args:
        x: float32 of any shape.
        indices: Whole numbers of the shape of `x` but for the axis, where lengths may be 1. Negative ones count from
            the end; one that is outside gives NaN.
        axis: The axis. Default None: among all elements in a row.

    Returns:
        float32 of the shape of `indices`.

    Raises:
        ValueError: Shapes that do not fit, or no such axis.

    Source: as `keras.ops.take_along_axis`.

    Example:

    >>> from fastcnn import ops
    >>> ops.take_along_axis([[1, 2], [3, 4]], [[1], [0]], axis=-1)
    array([[2.],
           [3.]], dtype=float32)
    """
    x, numbers = floats(x), integers(indices)
    if axis is None:
        x, axis = apply("reshape", x, shape=(-1,)), 0
        numbers = apply("reshape", numbers, shape=(-1,))
    rank = len(x.shape)
    if len(numbers.shape) != len(x.shape):
        raise ValueError(
            f"take_along_axis: indices must have as many axes as x, {tuple(x.shape)}, received {tuple(numbers.shape)}"
        )
    at = one_axis("axis", axis, rank)
    if any(have == 1 != want for i, (have, want) in enumerate(zip(numbers.shape, x.shape, strict=True)) if i != at):
        wanted: list[Any] = [-1 if i in (0, at) else want for i, want in enumerate(x.shape)]
        if at and numbers.shape[0] == 1:
            wanted[0] = BatchSize(x) if x.shape[0] is None else x.shape[0]
        numbers = integers(broadcast_to(floats(numbers), wanted))
    if at == rank - 1:
        return apply("take_along", x, numbers)
    last = [*range(at), *range(at + 1, rank), at]
    picked = apply("take_along", transpose(x, last), integers(transpose(floats(numbers), last)))
    return transpose(picked, [*range(at), rank - 1, *range(at, rank - 1)])
