"""Max and average pooling: the ops, their gradients, and the public functions `max_pool` and `average_pool`.

The ops pool images. One dimension is an image of height one, which is a view. Of three, the last two are pooled image
by image, and then the first, in a view where all that lies behind it is a row of channels. The first of equal maxima
wins this way too, in the order of memory, and a mean of means is the mean: each has as many elements as the others.
"""

from __future__ import annotations

import math
from typing import Any

from fastcnn import reference
from fastcnn.graph import Node, Op, Tensor, emit, register
from fastcnn.graph.op import Gradients, Spec
from fastcnn.ops.checks import expect, expect_shape, numbers_of
from fastcnn.ops.conv import IMAGES
from fastcnn.ops.convolution import SPACE
from fastcnn.ops.data_format import channels_to_back, channels_to_front, is_channels_first
from fastcnn.ops.dispatch import apply, floats
from fastcnn.ops.windows import Numbers, Padding, Pair, output_size, paddings

POOLED = "N, OH, OW, C"


def pooled(op: str, x: Tensor, pool_size: Pair, strides: Pair, padding: Padding) -> tuple[Any, ...]:
    """Shape of the pooled images."""
    expect(op, "inputs", x, IMAGES)
    size = output_size(op, "pool_size", x.shape[1:3], pool_size, strides, padding)
    return x.shape[0], *size, x.shape[3]


def unpooled(
    op: str, dy: Tensor, input_size: Pair, pool_size: Pair, strides: Pair, padding: Padding
) -> tuple[Any, ...]:
    """Shape of the gradient of the images."""
    expect(op, "dy", dy, POOLED)
    size = output_size(op, "pool_size", input_size, pool_size, strides, padding)
    expect_shape(op, "dy", dy, (dy.shape[0], *size, dy.shape[3]), "as the pooling gives it")
    return dy.shape[0], *input_size, dy.shape[3]


@register
class MaxPool2D(Op):
    """The largest value of each window, and its position there, int32 and row-major."""

    name = "max_pool2d"
    reference = staticmethod(reference.max_pool2d)
    optional = (1,)

    def infer(self, x: Tensor, *, pool_size: Pair, strides: Pair, padding: Padding) -> list[Spec]:
        shape = pooled("max_pool", x, pool_size, strides, padding)
        return [(shape, "float32"), (shape, "int32")]

    def flops(self, node: Node) -> int:
        return node.outputs[0].size * math.prod(node.attrs["pool_size"])

    def gradient(self, node: Node, dy: Tensor, dargmax: None = None) -> Gradients:
        size = node.inputs[0].shape[1:3]
        return [emit("max_pool2d_gradient", dy, node.outputs[1], input_size=size, **node.attrs)]


@register
class MaxPool2DGradient(Op):
    """Gradient of the images: each dy at the position of its maximum."""

    name = "max_pool2d_gradient"
    reference = staticmethod(reference.max_pool2d_gradient)

    def infer(
        self, dy: Tensor, argmax: Tensor, *, input_size: Pair, pool_size: Pair, strides: Pair, padding: Padding
    ) -> list[Spec]:
        expect(self.name, "argmax", argmax, POOLED, "int32")
        expect_shape(self.name, "argmax", argmax, dy.shape, "that of dy")
        return [(unpooled(self.name, dy, input_size, pool_size, strides, padding), "float32")]

    def flops(self, node: Node) -> int:
        return node.inputs[0].size


@register
class AveragePool2D(Op):
    """The mean of each window, padding not counted."""

    name = "average_pool2d"
    reference = staticmethod(reference.average_pool2d)

    def infer(self, x: Tensor, *, pool_size: Pair, strides: Pair, padding: Padding) -> list[Spec]:
        return [(pooled("average_pool", x, pool_size, strides, padding), "float32")]

    def flops(self, node: Node) -> int:
        return node.outputs[0].size * math.prod(node.attrs["pool_size"])

    def gradient(self, node: Node, dy: Tensor) -> Gradients:
        return [emit("average_pool2d_gradient", dy, input_size=node.inputs[0].shape[1:3], **node.attrs)]


@register
class AveragePool2DGradient(Op):
    """Gradient of the images: each dy shared among the pixels of its window."""

    name = "average_pool2d_gradient"
    reference = staticmethod(reference.average_pool2d_gradient)

    def infer(self, dy: Tensor, *, input_size: Pair, pool_size: Pair, strides: Pair, padding: Padding) -> list[Spec]:
        return [(unpooled(self.name, dy, input_size, pool_size, strides, padding), "float32")]

    def flops(self, node: Node) -> int:
        return node.inputs[0].size * math.prod(node.attrs["pool_size"])


def spaces(op: str, inputs: Any, data_format: Any) -> Any:
    """The inputs of the public functions, with channels last."""
    x = floats(inputs)
    if len(x.shape) not in SPACE:
        shapes = [last_or_first(dimensions, data_format) for dimensions in SPACE.values()]
        raise ValueError(
            f"{op}: inputs must have shape ({shapes[0]}), ({shapes[1]}) or ({shapes[2]}), "
            f"received shape {tuple(x.shape)}"
        )
    return channels_to_back(x, data_format)


def last_or_first(dimensions: str, data_format: Any) -> str:
    """A shape in words, with its channels where the data format has them."""
    if not is_channels_first(data_format):
        return dimensions
    batch, *space, channels = dimensions.split(", ")
    return ", ".join((batch, channels, *space))


def pool(op: str, inputs: Any, pool_size: Any, strides: Any, padding: Any, data_format: Any) -> Any:
    """Max_pool or average_pool, as `op` says."""
    x = spaces(op, inputs, data_format)
    rank = len(x.shape) - 2
    size = numbers_of("pool_size", pool_size, rank)
    steps = size if strides is None else numbers_of("strides", strides, rank)
    borders = paddings(padding, x.shape[1:-1], size, steps, (1,) * rank)
    output_size(op, "pool_size", x.shape[1:-1], size, steps, borders)

    def images(x: Any, *axes: int | None) -> Any:
        """Images pooled by what the arguments say of these axes; None: an axis of length 1."""
        y = apply(
            f"{op}2d",
            x,
            pool_size=tuple(1 if axis is None else size[axis] for axis in axes),
            strides=tuple(1 if axis is None else steps[axis] for axis in axes),
            padding=tuple((0, 0) if axis is None else borders[axis] for axis in axes),
        )
        return y[0] if isinstance(y, (tuple, list)) else y

    if rank == 1:
        y = images(apply("reshape", x, shape=(-1, 1, *x.shape[1:])), None, 0)
        y = apply("reshape", y, shape=(-1, *y.shape[2:]))
    elif rank == 2:
        y = images(x, 0, 1)
    else:
        y = images(apply("reshape", x, shape=(-1, *x.shape[2:])), 1, 2)
        behind = y.shape[1:]
        y = images(apply("reshape", y, shape=(-1, x.shape[1], 1, math.prod(behind))), 0, None)
        y = apply("reshape", y, shape=(-1, y.shape[1], *behind))
    return channels_to_front(y, data_format)


def max_pool(
    inputs: Any,
    pool_size: int | Numbers,
    strides: int | Numbers | None = None,
    padding: str = "valid",
    data_format: str | None = None,
) -> Any:
    """The largest value of each window, channel by channel, in one, two or three dimensions.

    Args:
        inputs: float32 of shape (N, W, C), (N, H, W, C) or (N, D, H, W, C).
        pool_size: Size of the window, an int or one for each dimension.
        strides: Steps of the window, an int or one for each dimension; None: the pool size.
        padding: "valid" (none), or "same" (so that OH = ceil(H / stride)); padding is never the largest.
        data_format: None or "channels_last"; "channels_first" for inputs and outputs of shape (N, C, ...).

    Returns:
        float32 of shape (N, OW, C), (N, OH, OW, C) or (N, OD, OH, OW, C), where
        OH = (H + padding - pool) // stride + 1, and the others likewise. The gradient goes to the first of equal
        maxima, in the order of memory.

    Raises:
        ValueError: Inputs of another rank, a window larger than the padded inputs, sizes below 1, an unknown padding.

    Source: as `keras.ops.max_pool`.

    Example:

    >>> import numpy as np
    >>> from fastcnn import ops
    >>> ops.max_pool(np.arange(16.0).reshape(1, 4, 4, 1), 2)[0, :, :, 0]
    array([[ 5.,  7.],
           [13., 15.]], dtype=float32)
    """
    return pool("max_pool", inputs, pool_size, strides, padding, data_format)


def average_pool(
    inputs: Any,
    pool_size: int | Numbers,
    strides: int | Numbers | None = None,
    padding: str = "valid",
    data_format: str | None = None,
) -> Any:
    """The mean of each window, channel by channel, in one, two or three dimensions.

    Args:
        inputs: float32 of shape (N, W, C), (N, H, W, C) or (N, D, H, W, C).
        pool_size: Size of the window, an int or one for each dimension.
        strides: Steps of the window, an int or one for each dimension; None: the pool size.
        padding: "valid" (none), or "same" (so that OH = ceil(H / stride)); padding does not count in the mean.
        data_format: None or "channels_last"; "channels_first" for inputs and outputs of shape (N, C, ...).

    Returns:
        float32 of shape (N, OW, C), (N, OH, OW, C) or (N, OD, OH, OW, C), where
        OH = (H + padding - pool) // stride + 1, and the others likewise.

    Raises:
        ValueError: Inputs of another rank, a window larger than the padded inputs, sizes below 1, an unknown padding.

    Source: as `keras.ops.average_pool`.

    Example:

    >>> import numpy as np
    >>> from fastcnn import ops
    >>> ops.average_pool(np.arange(9.0).reshape(1, 3, 3, 1), 2, padding="same")[0, :, :, 0]
    array([[2. , 3.5],
           [6.5, 8. ]], dtype=float32)
    """
    return pool("average_pool", inputs, pool_size, strides, padding, data_format)
