"""Sums and means over axes: the ops and the public functions `sum` and `mean`."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from fastcnn import reference
from fastcnn.graph import Node, Op, Tensor, emit, register
from fastcnn.graph.op import Gradients, Spec
from fastcnn.ops.checks import expect, one_axis
from fastcnn.ops.dispatch import apply, floats
from fastcnn.ops.elementwise import scaled
from fastcnn.ops.shape import any_batch


class Reduction(Op):
    """Base of the reductions of x over the axes `axis`, sorted and counted from the front."""

    def infer(self, x: Tensor, *, axis: tuple[int, ...], keepdims: bool) -> list[Spec]:
        expect(self.name, "x", x)
        if any(not 0 <= i < x.ndim for i in axis) or len(set(axis)) < len(axis):
            raise ValueError(f"{self.name}: axis must name axes of x, shape {x.shape}, once each; received {axis}")
        lengths = [1 if i in axis else length for i, length in enumerate(x.shape) if keepdims or i not in axis]
        return [(tuple(lengths), "float32")]

    def flops(self, node: Node) -> int:
        return node.inputs[0].size


def spread(node: Node, dy: Tensor) -> Tensor:
    """dy repeated along the axes that a node has reduced."""
    (x,), axis = node.inputs, node.attrs["axis"]
    known_batch(node)
    kept = [1 if i in axis else length for i, length in enumerate(any_batch(x.shape))]
    wanted = [x.shape[i] if i in axis else -1 for i in range(x.ndim)]
    return emit("broadcast_to", emit("reshape", dy, shape=tuple(kept)), shape=tuple(wanted))


def known_batch(node: Node) -> None:
    """The gradient of a reduction over the batch depends on its size."""
    (x,) = node.inputs
    if any(x.shape[i] is None for i in node.attrs["axis"]):
        raise ValueError(
            f"{node.op.name} over an unknown batch, of x of shape {x.shape}, cannot be differentiated; "
            "bind the batch size first"
        )


@register
class Sum(Reduction):
    name = "sum"
    reference = staticmethod(reference.sum)

    def gradient(self, node: Node, dy: Tensor) -> Gradients:
        return [spread(node, dy)]


@register
class Mean(Reduction):
    name = "mean"
    reference = staticmethod(reference.mean)

    def gradient(self, node: Node, dy: Tensor) -> Gradients:
        known_batch(node)
        count = math.prod(node.inputs[0].shape[i] for i in node.attrs["axis"])
        return [spread(node, scaled(dy, 1 / max(count, 1)))]


def axes(axis: int | Sequence[int] | None, rank: int) -> tuple[int, ...]:
    """The argument `axis` as a sorted tuple; None is all axes."""
    if axis is None:
        return tuple(range(rank))
    given = axis if isinstance(axis, (tuple, list)) else (axis,)
    return tuple(sorted(one_axis("axis", i, rank) for i in given))


def sum(x: Any, axis: int | Sequence[int] | None = None, keepdims: bool = False) -> Any:
    """The sum over axes.

    Args:
        x: float32 of any shape.
        axis: An axis or a tuple of them; None: all.
        keepdims: Whether they stay, with length 1.

    Returns:
        float32 of the shape of `x` without the axes.

    Raises:
        ValueError: `x` has no such axis.

    Source: as `keras.ops.sum`.

    Example:

    >>> from fastcnn import ops
    >>> ops.sum([[1, 2], [3, 4]], axis=0)
    array([4., 6.], dtype=float32)
    """
    x = floats(x)
    return apply("sum", x, axis=axes(axis, len(x.shape)), keepdims=bool(keepdims))


def mean(x: Any, axis: int | Sequence[int] | None = None, keepdims: bool = False) -> Any:
    """The mean over axes; NaN where there is nothing to take the mean of.

    Args:
        x: float32 of any shape.
        axis: An axis or a tuple of them; None: all.
        keepdims: Whether they stay, with length 1.

    Returns:
        float32 of the shape of `x` without the axes.

    Raises:
        ValueError: `x` has no such axis.

    Source: as `keras.ops.mean`.

    Example:

    >>> from fastcnn import ops
    >>> ops.mean([[1, 2], [3, 4]], axis=1, keepdims=True)
    array([[1.5],
           [3.5]], dtype=float32)
    """
    x = floats(x)
    return apply("mean", x, axis=axes(axis, len(x.shape)), keepdims=bool(keepdims))
