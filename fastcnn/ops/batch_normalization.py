"""Normalisation of channels, the last axis, by statistics of the batch: the ops and their public functions.

In training, mean and variance come from x itself, as the attribute `of_batch` says. The gradient of x takes that into
account, so that none goes through their nodes: one pass over x and dy makes the sums, and one dx.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from fastcnn import reference
from fastcnn.graph import Node, Op, Tensor, Variable, constant, emit, register
from fastcnn.graph.op import Gradients, Spec
from fastcnn.ops.checks import expect, expect_shape, one_axis
from fastcnn.ops.conv import Conv2D
from fastcnn.ops.dispatch import apply, floats
from fastcnn.ops.elementwise import scaled
from fastcnn.ops.products import multiplies
from fastcnn.ops.reduction import axes as reduced_axes
from fastcnn.ops.reduction import mean as mean_over
from fastcnn.ops.shape import any_batch
from fastcnn.ops.windows import Padding, Pair

FLOPS_PER_ELEMENT = {"statistics": 3, "normalize": 3, "sums": 4, "input_gradient": 5}


def expect_channels(op: str, x: Tensor, **vectors: Tensor) -> None:
    """Check that x has channels, and that there is one value of each vector for each of them."""
    expect(op, "x", x)
    if not x.shape:
        raise ValueError(f"{op}: x must have at least one axis, received a scalar")
    for name, vector in vectors.items():
        expect(op, name, vector)
        expect_shape(op, name, vector, x.shape[-1:], f"one value for each channel of x of shape {x.shape}")


def row_count(op: str, x: Tensor) -> int:
    """The number of values of each channel, which must be known."""
    if None in x.shape:
        raise ValueError(
            f"{op} over an unknown batch, of x of shape {x.shape}, cannot be differentiated; bind it first"
        )
    return max(math.prod(x.static_shape[:-1]), 1)


def statistics_gradient(op: str, x: Tensor, mean: Tensor, dmean: Tensor | None, dvariance: Tensor | None) -> Any:
    """What the gradients of mean and variance add to that of x; None where neither is used."""
    total = None if dmean is None else scaled(dmean, 1 / row_count(op, x))
    if dvariance is not None:
        slope = scaled(dvariance, 2 / row_count(op, x))
        through = emit("multiply", emit("subtract", x, mean), slope)
        total = through if total is None else emit("add", through, total)
    elif total is not None:
        total = emit("broadcast_to", total, shape=any_batch(x.shape))
    return total


@register
class BatchStatistics(Op):
    """Mean and variance of each channel of x (..., C): (C,), (C,)."""

    name = "batch_statistics"
    reference = staticmethod(reference.batch_statistics)

    def infer(self, x: Tensor) -> list[Spec]:
        expect_channels(self.name, x)
        return [(x.shape[-1:], "float32")] * 2

    def flops(self, node: Node) -> int:
        return FLOPS_PER_ELEMENT["statistics"] * node.inputs[0].size

    def gradient(self, node: Node, dmean: Tensor | None, dvariance: Tensor | None) -> Gradients:
        return [statistics_gradient(self.name, node.inputs[0], node.outputs[0], dmean, dvariance)]


@register
@multiplies(0, 1)
class Conv2DStatistics(Conv2D):
    """A convolution with an optional bias, and mean and variance of its channels, taken while they are in the cache."""

    name = "conv2d_statistics"
    reference = staticmethod(reference.conv2d_statistics)  # type: ignore[assignment]

    def infer(  # type: ignore[override]
        self,
        x: Tensor,
        w: Tensor,
        bias: Tensor | None = None,
        *,
        strides: Pair,
        padding: Padding,
        dilation: Pair,
        groups: int,
    ) -> list[Spec]:
        geometry: dict[str, Any] = {"strides": strides, "padding": padding, "dilation": dilation, "groups": groups}
        (maps,) = super().infer(x, w, bias, activation=None, **geometry)
        return [maps, (maps[0][-1:], "float32"), (maps[0][-1:], "float32")]

    def gradient(  # type: ignore[override]
        self, node: Node, dy: Tensor | None, dmean: Tensor | None, dvariance: Tensor | None
    ) -> Gradients:
        through = statistics_gradient(self.name, node.outputs[0], node.outputs[1], dmean, dvariance)
        total = dy if through is None else through if dy is None else emit("add", dy, through)
        return convolution_gradients(node, total)


def convolution_gradients(node: Node, dy: Any) -> Gradients:
    """Gradients of images, kernel and bias of a convolution without activation."""
    x, w = node.inputs[:2]
    gradients = [
        emit("conv2d_input_gradient", w, dy, input_size=x.shape[1:3], **node.attrs),
        emit("conv2d_weight_gradient", x, dy, kernel_size=w.shape[:2], **node.attrs),
    ]
    return [*gradients, emit("bias_gradient", dy)] if len(node.inputs) == 3 else gradients


@register
class BatchNormalization(Op):
    """(x - mean) / sqrt(variance + epsilon) * gamma + beta for x (..., C), with an optional ReLU."""

    name = "batch_normalization"
    overwrites = (0,)
    reference = staticmethod(reference.batch_normalization)

    def infer(
        self,
        x: Tensor,
        mean: Tensor,
        variance: Tensor,
        gamma: Tensor,
        beta: Tensor,
        *,
        epsilon: float,
        activation: str | None,
        of_batch: bool,
    ) -> list[Spec]:
        expect_channels(self.name, x, mean=mean, variance=variance, gamma=gamma, beta=beta)
        return [(x.shape, "float32")]

    def flops(self, node: Node) -> int:
        return FLOPS_PER_ELEMENT["normalize"] * node.inputs[0].size

    def gradient(self, node: Node, dy: Tensor) -> Gradients:
        attrs = {name: node.attrs[name] for name in ("epsilon", "activation")}
        dgamma, dbeta = emit("batch_normalization_sums", dy, *node.inputs, **attrs)
        if node.attrs["of_batch"]:
            dx = emit("batch_normalization_input_gradient", dy, *node.inputs, dgamma, dbeta, **attrs)
            return [dx, None, None, dgamma, dbeta]
        dx = emit("batch_normalization_input_gradient", dy, *node.inputs, **attrs)
        _, _, variance, gamma, _ = node.inputs
        wide = emit("add", variance, constant(attrs["epsilon"], "float32"))
        dmean = emit("negative", emit("multiply", dbeta, emit("divide", gamma, emit("sqrt", wide))))
        dvariance = scaled(emit("divide", emit("multiply", gamma, dgamma), wide), -0.5)
        return [dx, dmean, dvariance, dgamma, dbeta]


@register
class BatchNormalizationSums(Op):
    """Gradients of gamma and beta: one pass over dy and x."""

    name = "batch_normalization_sums"
    reference = staticmethod(reference.batch_normalization_sums)

    def infer(
        self,
        dy: Tensor,
        x: Tensor,
        mean: Tensor,
        variance: Tensor,
        gamma: Tensor,
        beta: Tensor,
        *,
        epsilon: float,
        activation: str | None,
    ) -> list[Spec]:
        expect_channels(self.name, x, mean=mean, variance=variance, gamma=gamma, beta=beta)
        expect_shape(self.name, "dy", dy, x.shape, "that of x")
        return [(mean.shape, "float32")] * 2

    def flops(self, node: Node) -> int:
        return FLOPS_PER_ELEMENT["sums"] * node.inputs[0].size


@register
class BatchNormalizationInputGradient(Op):
    """Gradient of x; with dgamma and dbeta where mean and variance are those of x."""

    name = "batch_normalization_input_gradient"
    overwrites = (0,)
    reference = staticmethod(reference.batch_normalization_input_gradient)

    def infer(
        self,
        dy: Tensor,
        x: Tensor,
        mean: Tensor,
        variance: Tensor,
        gamma: Tensor,
        beta: Tensor,
        dgamma: Tensor | None = None,
        dbeta: Tensor | None = None,
        *,
        epsilon: float,
        activation: str | None,
    ) -> list[Spec]:
        expect_channels(self.name, x, mean=mean, variance=variance, gamma=gamma, beta=beta)
        expect_shape(self.name, "dy", dy, x.shape, "that of x")
        return [(x.shape, "float32")]

    def flops(self, node: Node) -> int:
        return FLOPS_PER_ELEMENT["input_gradient"] * node.inputs[0].size


@register
class FoldBatchNormalization(Op):
    """Weights (..., K) and bias (K,) of a product such that no normalisation need follow."""

    name = "fold_batch_normalization"
    reference = staticmethod(reference.fold_batch_normalization)

    def infer(
        self,
        w: Tensor,
        bias: Tensor,
        mean: Tensor,
        variance: Tensor,
        gamma: Tensor,
        beta: Tensor,
        *,
        epsilon: float,
    ) -> list[Spec]:
        expect_channels(self.name, w, bias=bias, mean=mean, variance=variance, gamma=gamma, beta=beta)
        return [(w.shape, "float32"), (bias.shape, "float32")]


@register
class MovingAverage(Op):
    """average = average * momentum + value * (1 - momentum)."""

    name = "moving_average"
    reference = staticmethod(reference.moving_average)
    in_place = (0,)

    def infer(self, average: Tensor, value: Tensor, *, momentum: float) -> list[Spec]:
        expect(self.name, "average", average)
        expect(self.name, "value", value)
        expect_shape(self.name, "value", value, average.shape, "that of average")
        return [(average.shape, "float32")]

    def flops(self, node: Node) -> int:
        return 3 * node.inputs[0].size


def update_moving_average(average: Variable, value: Any, momentum: float) -> None:
    """Move an average towards a value: at once, or in every run of the graph that is being recorded."""
    apply("moving_average", average, value, momentum=float(momentum))


def moments(
    x: Any, axes: int | Sequence[int] | None, keepdims: bool = False, synchronized: bool = False
) -> tuple[Any, Any]:
    """Mean and variance over axes.

    Args:
        x: float32 of any shape.
        axes: An axis or several; None: all.
        keepdims: Whether they stay, with length 1.
        synchronized: Without effect: there is one machine.

    Returns:
        `(mean, variance)`, float32 of the shape of `x` without the axes. The variance is the mean of the squared
        distances from the mean; NaN where there is nothing to take the mean of.

    Raises:
        ValueError: `x` has no such axis.

    Source: as `keras.ops.moments`.

    Example:

    >>> from fastcnn import ops
    >>> ops.moments([[1, 2], [3, 4]], axes=[0])
    (array([2., 3.], dtype=float32), array([1., 1.], dtype=float32))
    """
    x = floats(x)
    rank = len(x.shape)
    chosen = reduced_axes(axes, rank)
    if rank > 1 and chosen == tuple(range(rank - 1)) and not keepdims:
        mean, variance = apply("batch_statistics", x)
        return mean, variance
    center = mean_over(x, axis=chosen, keepdims=True)
    variance = mean_over(apply("square", apply("subtract", x, center)), axis=chosen, keepdims=keepdims)
    return (center if keepdims else mean_over(x, axis=chosen)), variance


def channel_vector(value: Any, channels: int, default: float) -> Any:
    """One value per channel, as given or all alike."""
    return np.full(channels, default, "float32") if value is None else floats(value)


def channels_to_the_end(rank: int, axis: int) -> tuple[int, ...]:
    """The order of axes with one of them last."""
    return (*(i for i in range(rank) if i != axis), axis)


def batch_normalization(
    x: Any,
    mean: Any,
    variance: Any,
    axis: int,
    offset: Any = None,
    scale: Any = None,
    epsilon: float = 1e-3,
) -> Any:
    """`(x - mean) / sqrt(variance + epsilon) * scale + offset`, with one value of each for every channel.

    Args:
        x: float32 of any shape.
        mean, variance: float32 of shape (C,).
        axis: The axis of the C channels. The last is the fastest: others are moved there and back.
        offset, scale: None, or float32 of shape (C,).
        epsilon: Added to the variance.

    Returns:
        float32 of the shape of `x`.

    Raises:
        ValueError: Shapes that do not fit, or no such axis.

    Source: as `keras.ops.batch_normalization`.

    Example:

    >>> from fastcnn import ops
    >>> ops.batch_normalization([[1, 2], [3, 4]], [2, 3], [4, 1], axis=-1, epsilon=0)
    array([[-0.5, -1. ],
           [ 0.5,  1. ]], dtype=float32)
    """
    return normalize_channels(x, mean, variance, axis, offset, scale, epsilon, of_batch=False)


def normalize_channels(
    x: Any, mean: Any, variance: Any, axis: int, offset: Any, scale: Any, epsilon: float, of_batch: bool
) -> Any:
    """`batch_normalization`, by statistics that are those of x itself if `of_batch`."""
    x = floats(x)
    rank = len(x.shape)
    channel = one_axis("axis", axis, rank)
    order = channels_to_the_end(rank, channel)
    moved = x if channel == rank - 1 else apply("transpose", x, axes=order)
    channels: Any = moved.shape[-1]
    y = apply(
        "batch_normalization",
        moved,
        floats(mean),
        floats(variance),
        channel_vector(scale, channels, 1),
        channel_vector(offset, channels, 0),
        epsilon=float(epsilon),
        activation=None,
        of_batch=of_batch,
    )
    return y if channel == rank - 1 else apply("transpose", y, axes=tuple(order.index(i) for i in range(rank)))
