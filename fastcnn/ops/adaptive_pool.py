"""Pooling to an output of a given size: the ops, their gradients, and `adaptive_max_pool`, `adaptive_average_pool`.

The ops pool one axis: as many windows as the output is long are spread over it evenly, and neighbours share a place
where the length is not a multiple. Several dimensions are pooled one after another from the first on, as Keras does it,
so that equal maxima send their gradients where Keras's do; each is the first axis of a view.
"""

from __future__ import annotations

import math
from typing import Any

from fastcnn import reference
from fastcnn.graph import Node, Op, Tensor, emit, register
from fastcnn.graph.op import Gradients, Spec
from fastcnn.ops.checks import expect, expect_shape, numbers_of
from fastcnn.ops.data_format import channels_to_front
from fastcnn.ops.dispatch import apply
from fastcnn.ops.pool import spaces
from fastcnn.ops.windows import Numbers

ROWS = "N, L, C"


class AdaptivePool(Op):
    """Base of the pooling of the axis behind the batch."""

    def pooled(self, x: Tensor, windows: int) -> tuple[Any, ...]:
        """The shape of the output."""
        expect(self.name, "x", x, ROWS)
        if windows < 1 or x.shape[1] == 0:
            raise ValueError(f"{self.name}: {windows} windows cannot be spread over x of shape {x.shape}")
        return x.shape[0], windows, x.shape[2]

    def flops(self, node: Node) -> int:
        return node.inputs[0].size


@register
class AdaptiveMaxPool(AdaptivePool):
    """The largest value of each window, and its position there, int32."""

    name = "adaptive_max_pool"
    reference = staticmethod(reference.adaptive_max_pool)
    optional = (1,)

    def infer(self, x: Tensor, *, windows: int) -> list[Spec]:
        shape = self.pooled(x, windows)
        return [(shape, "float32"), (shape, "int32")]

    def gradient(self, node: Node, dy: Tensor, dargmax: None = None) -> Gradients:
        return [emit("adaptive_max_pool_gradient", dy, node.outputs[1], length=node.inputs[0].shape[1])]


@register
class AdaptiveMaxPoolGradient(Op):
    """Gradient of x: each dy at the place of its maximum."""

    name = "adaptive_max_pool_gradient"
    reference = staticmethod(reference.adaptive_max_pool_gradient)

    def infer(self, dy: Tensor, argmax: Tensor, *, length: int) -> list[Spec]:
        expect(self.name, "dy", dy, ROWS)
        expect(self.name, "argmax", argmax, ROWS, "int32")
        expect_shape(self.name, "argmax", argmax, dy.shape, "that of dy")
        return [((dy.shape[0], length, dy.shape[2]), "float32")]


@register
class AdaptiveAveragePool(AdaptivePool):
    """The mean of each window."""

    name = "adaptive_average_pool"
    reference = staticmethod(reference.adaptive_average_pool)

    def infer(self, x: Tensor, *, windows: int) -> list[Spec]:
        return [(self.pooled(x, windows), "float32")]

    def gradient(self, node: Node, dy: Tensor) -> Gradients:
        return [emit("adaptive_average_pool_gradient", dy, length=node.inputs[0].shape[1])]


@register
class AdaptiveAveragePoolGradient(Op):
    """Gradient of x: each dy shared among the places of its window."""

    name = "adaptive_average_pool_gradient"
    reference = staticmethod(reference.adaptive_average_pool_gradient)

    def infer(self, dy: Tensor, *, length: int) -> list[Spec]:
        expect(self.name, "dy", dy, ROWS)
        return [((dy.shape[0], length, dy.shape[2]), "float32")]


def adaptive_pool(op: str, inputs: Any, output_size: Any, data_format: Any) -> Any:
    """Pooling of all dimensions of the inputs by one of the ops, a dimension at a time."""
    y = spaces(op, inputs, data_format)
    for axis, windows in enumerate(numbers_of("output_size", output_size, len(y.shape) - 2), start=1):
        before, length, behind = y.shape[1:axis], y.shape[axis], y.shape[axis + 1 :]
        if windows != length:
            rows = apply(op, apply("reshape", y, shape=(-1, length, math.prod(behind))), windows=windows)
            rows = rows[0] if isinstance(rows, (tuple, list)) else rows
            y = apply("reshape", rows, shape=(-1, *before, windows, *behind))
    return channels_to_front(y, data_format)


def adaptive_max_pool(inputs: Any, output_size: int | Numbers, data_format: str | None = None) -> Any:
    """The largest value of each of `output_size` windows, channel by channel, in one, two or three dimensions.

    Window i of O along an axis of length L holds the places from floor(i * L / O) to ceil((i + 1) * L / O), that one
    left out.

    Args:
        inputs: float32 of shape (N, W, C), (N, H, W, C) or (N, D, H, W, C).
        output_size: Size of the output, an int or one for each dimension.
        data_format: None or "channels_last"; "channels_first" for inputs and outputs of shape (N, C, ...).

    Returns:
        float32 of shape (N, *output_size, C).

    Raises:
        ValueError: Inputs of another rank, or sizes below 1.

    Source: as `keras.ops.adaptive_max_pool`.

    Example:

    >>> from fastcnn import ops
    >>> ops.adaptive_max_pool([[[1], [5], [2], [4], [3]]], 2)[0, :, 0]
    array([5., 4.], dtype=float32)
    """
    return adaptive_pool("adaptive_max_pool", inputs, output_size, data_format)


def adaptive_average_pool(inputs: Any, output_size: int | Numbers, data_format: str | None = None) -> Any:
    """The mean of each of `output_size` windows, channel by channel; windows, arguments and errors as in
    `adaptive_max_pool`.

    Source: as `keras.ops.adaptive_average_pool`.

    Example:

    >>> from fastcnn import ops
    >>> ops.adaptive_average_pool([[[1], [5], [3], [4], [5]]], 2)[0, :, 0]
    array([3., 4.], dtype=float32)
    """
    return adaptive_pool("adaptive_average_pool", inputs, output_size, data_format)
