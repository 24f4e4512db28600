"""Layer, RMS, group and unit normalisation: ops and public functions."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from fastcnn import reference
from fastcnn.graph import Node, Op, Tensor, Variable, emit, register
from fastcnn.graph.op import Gradients, Spec
from fastcnn.ops.batch_normalization import channel_vector, channels_to_the_end, expect_channels
from fastcnn.ops.checks import expect_shape, one_axis
from fastcnn.ops.dispatch import apply, floats
from fastcnn.ops.reduction import axes as reduced_axes
from fastcnn.ops.reduction import sum as sum_over
from fastcnn.ops.shape import any_batch

FLOPS_FORWARD, FLOPS_BACKWARD = 7, 14
"""Floating-point operations per element."""


@register
class RowNormalization(Op):
    """Rows of x (..., C), less their mean if `centered`, over the root of their mean square and epsilon, times gamma
    (C,) plus beta (C,)."""

    name = "row_normalization"
    overwrites = (0,)
    reference = staticmethod(reference.row_normalization)

    def infer(self, x: Tensor, gamma: Tensor, beta: Tensor, *, epsilon: float, centered: bool) -> list[Spec]:
        expect_channels(self.name, x, gamma=gamma, beta=beta)
        return [(x.shape, "float32")]

    def flops(self, node: Node) -> int:
        return FLOPS_FORWARD * node.inputs[0].size

    def gradient(self, node: Node, dy: Tensor) -> Gradients:
        return list(emit("row_normalization_gradient", dy, *node.inputs[:2], **node.attrs))


@register
class RowNormalizationGradient(Op):
    """Gradients of x, gamma and beta."""

    name = "row_normalization_gradient"
    overwrites = (0,)
    reference = staticmethod(reference.row_normalization_gradient)

    def infer(self, dy: Tensor, x: Tensor, gamma: Tensor, *, epsilon: float, centered: bool) -> list[Spec]:
        expect_channels(self.name, x, gamma=gamma)
        expect_shape(self.name, "dy", dy, x.shape, "that of x")
        return [(x.shape, "float32"), (gamma.shape, "float32"), (gamma.shape, "float32")]

    def flops(self, node: Node) -> int:
        return FLOPS_BACKWARD * node.inputs[0].size


@register
class GroupNormalization(Op):
    """Each sample of x (N, ..., C) normalised by the statistics of its groups of channels, times gamma plus beta."""

    name = "group_normalization"
    overwrites = (0,)
    reference = staticmethod(reference.group_normalization)

    def infer(self, x: Tensor, gamma: Tensor, beta: Tensor, *, groups: int, epsilon: float) -> list[Spec]:
        expect_channels(self.name, x, gamma=gamma, beta=beta)
        channels: Any = x.shape[-1]
        if x.ndim < 2 or groups < 1 or channels % groups:
            raise ValueError(
                f"{self.name}: groups must divide the channels of x (N, ..., C), received groups={groups}, "
                f"x of shape {x.shape}"
            )
        return [(x.shape, "float32")]

    def flops(self, node: Node) -> int:
        return FLOPS_FORWARD * node.inputs[0].size

    def gradient(self, node: Node, dy: Tensor) -> Gradients:
        return list(emit("group_normalization_gradient", dy, *node.inputs, **node.attrs))


@register
class GroupNormalizationGradient(Op):
    """Gradients of x, gamma and beta."""

    name = "group_normalization_gradient"
    overwrites = (0,)
    reference = staticmethod(reference.group_normalization_gradient)

    def infer(self, dy: Tensor, x: Tensor, gamma: Tensor, beta: Tensor, *, groups: int, epsilon: float) -> list[Spec]:
        expect_channels(self.name, x, gamma=gamma, beta=beta)
        expect_shape(self.name, "dy", dy, x.shape, "that of x")
        return [(x.shape, "float32"), (gamma.shape, "float32"), (gamma.shape, "float32")]

    def flops(self, node: Node) -> int:
        return FLOPS_BACKWARD * node.inputs[0].size


def row_normalization(x: Any, gamma: Any, beta: Any, axis: int | Sequence[int], epsilon: float, centered: bool) -> Any:
    """Layer or RMS normalisation over any axes: they are moved to the end, and back, where they are not there."""
    x = floats(x)
    rank = len(x.shape)
    chosen = reduced_axes(axis, rank)
    kept = tuple(i for i in range(rank) if i not in chosen)
    order = (*kept, *chosen)
    moved = x if order == tuple(range(rank)) else apply("transpose", x, axes=order)
    shape: Any = moved.shape
    columns = math.prod(shape[len(kept) :])
    rows = moved if len(chosen) == 1 else apply("reshape", moved, shape=(*any_batch(shape[: len(kept)]), columns))
    vectors = [flattened(channel_vector(value, columns, fill), x, columns) for value, fill in ((gamma, 1), (beta, 0))]
    y = apply("row_normalization", rows, *vectors, epsilon=float(epsilon), centered=centered)
    y = y if len(chosen) == 1 else apply("reshape", y, shape=any_batch(shape))
    return y if moved is x else apply("transpose", y, axes=tuple(order.index(i) for i in range(rank)))


def flattened(vector: Any, x: Any, columns: int) -> Any:
    """gamma or beta as a vector; beside a symbolic x the reshaping is recorded, not done once for all."""
    if tuple(vector.shape) == (columns,):
        return vector
    if isinstance(vector, Variable) and isinstance(x, Tensor):
        vector = vector.tensor
    return apply("reshape", vector, shape=(columns,))


def group_normalization(x: Any, gamma: Any, beta: Any, groups: int, axis: int, epsilon: float) -> Any:
    """Each sample's groups of channels normalised; another axis than the last is moved there and back."""
    x = floats(x)
    rank = len(x.shape)
    channel = one_axis("axis", axis, rank)
    order = channels_to_the_end(rank, channel)
    moved = x if channel == rank - 1 else apply("transpose", x, axes=order)
    channels: Any = moved.shape[-1]
    vectors = [channel_vector(value, channels, fill) for value, fill in ((gamma, 1), (beta, 0))]
    y = apply("group_normalization", moved, *vectors, groups=int(groups), epsilon=float(epsilon))
    return y if moved is x else apply("transpose", y, axes=tuple(order.index(i) for i in range(rank)))


def layer_normalization(
    x: Any, gamma: Any = None, beta: Any = None, axis: int | Sequence[int] = -1, epsilon: float | None = None
) -> Any:
    """`(x - mean) / sqrt(variance + epsilon) * gamma + beta`, with mean and variance over `axis`.

    Args:
        x: float32 of any shape.
        gamma, beta: None, or float32 of the lengths of the axes.
        axis: An axis or several. The last ones are the fastest: others are moved there and back.
        epsilon: Added to the variance. Default 1e-7.

    Returns:
        float32 of the shape of `x`.

    Raises:
        ValueError: Shapes that do not fit, or no such axis.

    Source: as `keras.ops.layer_normalization`.

    Example:

    >>> from fastcnn import ops
    >>> ops.layer_normalization([[1, 3], [5, 1]])
    array([[-1.,  1.],
           [ 1., -1.]], dtype=float32)
    """
    return row_normalization(x, gamma, beta, axis, 1e-7 if epsilon is None else epsilon, centered=True)


def rms_normalization(x: Any, scale: Any = None, axis: int | Sequence[int] = -1, epsilon: float | None = None) -> Any:
    """`x / sqrt(mean(x ** 2) + epsilon) * scale`, with the mean over `axis`.

    Args:
        x: float32 of any shape.
        scale: None, or float32 of the lengths of the axes.
        axis: An axis or several. The last ones are the fastest: others are moved there and back.
        epsilon: Added to the mean square. Default 1e-7.

    Returns:
        float32 of the shape of `x`.

    Raises:
        ValueError: Shapes that do not fit, or no such axis.

    Source: as `keras.ops.rms_normalization`.

    Example:

    >>> from fastcnn import ops
    >>> ops.rms_normalization([[1, -1], [4, 4]])
    array([[ 1., -1.],
           [ 1.,  1.]], dtype=float32)
    """
    return row_normalization(x, scale, None, axis, 1e-7 if epsilon is None else epsilon, centered=False)


def normalize(x: Any, axis: int | Sequence[int] | None = -1, order: int = 2, epsilon: float | None = None) -> Any:
    """`x` over its Euclidean norm along `axis`.

    Args:
        x: float32 of any shape.
        axis: An axis or several; None: all.
        order: 2 only.
        epsilon: Norms smaller than this count as this. Default 1e-7.

    Returns:
        float32 of the shape of `x`.

    Raises:
        ValueError: No such axis, or another order.

    Source: as `keras.ops.normalize`.

    Example:

    >>> from fastcnn import ops
    >>> ops.normalize([[3, 4], [0, 0]])
    array([[0.6, 0.8],
           [0. , 0. ]], dtype=float32)
    """
    if order != 2:
        raise ValueError(f"order must be 2, received order={order!r}")
    x = floats(x)
    smallest = floats((1e-7 if epsilon is None else float(epsilon)) ** 2)
    square = sum_over(apply("square", x), axis=axis, keepdims=True)
    return apply("divide", x, apply("sqrt", apply("maximum", square, smallest)))
