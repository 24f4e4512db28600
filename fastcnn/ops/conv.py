"""Convolution: the op `conv2d`, its gradients, and the public function `conv`.

Images are (N, H, W, C), kernels (R, S, C / groups, K), maps (N, OH, OW, K). In nodes the padding is always explicit.
"""

from __future__ import annotations

import math
from typing import Any

from fastcnn import reference
from fastcnn.graph import Node, Op, Tensor, emit, register
from fastcnn.graph.op import Gradients, Spec
from fastcnn.ops.checks import channels_last, expect, expect_shape, pair
from fastcnn.ops.dispatch import apply, floats
from fastcnn.ops.windows import Padding, Pair, explicit_padding, output_size

IMAGES = "N, H, W, C"
KERNEL = "R, S, C / groups, K"
MAPS = "N, OH, OW, K"


def multiply_adds(dy: Tensor, kernel_shape: tuple[int, ...]) -> int:
    """FLOPs of a convolution, or of either of its gradients: 2 for each output and each weight that it sees."""
    return 2 * dy.size * math.prod(kernel_shape[:3])


@register
class Conv2D(Op):
    """Convolution, with an optional bias (K,) and ReLU."""

    name = "conv2d"
    reference = staticmethod(reference.conv2d)

    def infer(
        self,
        x: Tensor,
        w: Tensor,
        bias: Tensor | None = None,
        *,
        strides: Pair,
        padding: Padding,
        dilation: Pair,
        groups: int,
        activation: str | None,
    ) -> list[Spec]:
        expect("conv", "inputs", x, IMAGES)
        expect("conv", "kernel", w, KERNEL)
        check_channels(x.shape[3], w, groups)
        if bias is not None:
            expect_shape("conv", "bias", bias, (w.shape[3],), "one value for each filter of the kernel")
        size = output_size("conv", "kernel", x.shape[1:3], w.shape[:2], strides, padding, dilation)
        return [((x.shape[0], *size, w.shape[3]), "float32")]

    def flops(self, node: Node) -> int:
        return multiply_adds(node.outputs[0], node.inputs[1].static_shape)

    def gradient(self, node: Node, dy: Tensor) -> Gradients:
        x, w = node.inputs[:2]
        attrs = dict(node.attrs)
        if attrs.pop("activation") == "relu":
            dy = emit("relu_gradient", dy, node.outputs[0])
        gradients = [
            emit("conv2d_input_gradient", w, dy, input_size=x.shape[1:3], **attrs),
            emit("conv2d_weight_gradient", x, dy, kernel_size=w.shape[:2], **attrs),
        ]
        return [*gradients, emit("bias_gradient", dy)] if len(node.inputs) == 3 else gradients


def check_channels(channels: int | None, w: Tensor, groups: int) -> None:
    """The kernel must see a group's share of the channels, and have filters for each group."""
    _, _, seen, filters = w.static_shape
    if channels != seen * groups:
        raise ValueError(
            f"conv: inputs of {channels} channels do not fit a kernel of shape {w.shape} in {groups} groups, which "
            f"sees {seen * groups}: the third dimension of the kernel must be channels / groups"
        )
    if filters % groups:
        raise ValueError(
            f"conv: kernel of shape {w.shape} has {filters} filters, which {groups} groups do not divide; "
            "use a multiple of the groups"
        )


@register
class Conv2DWeightGradient(Op):
    """Gradient of the kernel, of a convolution without activation."""

    name = "conv2d_weight_gradient"
    reference = staticmethod(reference.conv2d_weight_gradient)

    def infer(
        self, x: Tensor, dy: Tensor, *, kernel_size: Pair, strides: Pair, padding: Padding, dilation: Pair, groups: int
    ) -> list[Spec]:
        expect(self.name, "x", x, IMAGES)
        expect(self.name, "dy", dy, MAPS)
        size = output_size(self.name, "kernel", x.shape[1:3], kernel_size, strides, padding, dilation)
        expect_shape(self.name, "dy", dy, (x.shape[0], *size, dy.shape[3]), "as the convolution gives it")
        channels: Any = x.shape[3]
        return [((*kernel_size, channels // groups, dy.shape[3]), "float32")]

    def flops(self, node: Node) -> int:
        return multiply_adds(node.inputs[1], node.outputs[0].static_shape)


@register
class Conv2DInputGradient(Op):
    """Gradient of the images, of a convolution without activation."""

    name = "conv2d_input_gradient"
    reference = staticmethod(reference.conv2d_input_gradient)

    def infer(
        self, w: Tensor, dy: Tensor, *, input_size: Pair, strides: Pair, padding: Padding, dilation: Pair, groups: int
    ) -> list[Spec]:
        expect(self.name, "w", w, KERNEL)
        expect(self.name, "dy", dy, MAPS)
        size = output_size(self.name, "kernel", input_size, w.shape[:2], strides, padding, dilation)
        expect_shape(self.name, "dy", dy, (dy.shape[0], *size, w.shape[3]), "as the convolution gives it")
        return [((dy.shape[0], *input_size, w.static_shape[2] * groups), "float32")]

    def flops(self, node: Node) -> int:
        return multiply_adds(node.inputs[1], node.inputs[0].static_shape)


def conv(
    inputs: Any,
    kernel: Any,
    strides: int | Pair = 1,
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: int | Pair = 1,
    bias: Any = None,
) -> Any:
    """2D convolution (cross-correlation, as everywhere in deep learning), with an optional bias.

    `y[n, p, q, k] = sum over r, s, c of inputs[n, p * stride + r * dilation, q * stride + s * dilation, c] *
    kernel[r, s, c, k]`. It takes `2 N OH OW K R S C / groups` floating-point operations.

    Args:
        inputs: Images, float32 of shape (N, H, W, C).
        kernel: Weights, float32 of shape (R, S, C / groups, K). Where its third dimension is a divisor of C, not C, the
            convolution is one in C divided by it groups.
        strides: Steps of the window, an int or a pair (height, width).
        padding: "valid" (none), or "same" (zeros evenly around, so that OH = ceil(H / stride)).
        data_format: None or "channels_last".
        dilation_rate: Distance of the pixels that neighbouring weights see, an int or a pair.
        bias: None, or float32 of shape (K,), to be added.

    Returns:
        float32 of shape (N, OH, OW, K), where OH = (H + padding - dilation * (R - 1) - 1) // stride + 1, and
        OW likewise. An array, or a symbolic tensor if an operand is one.

    Raises:
        ValueError: Shapes that do not fit, a kernel larger than the padded images, strides or dilations below 1,
            an unknown padding.

    Source: as `keras.ops.conv`, and TensorFlow's rule for "same".

    Example:

    >>> import numpy as np
    >>> from fastcnn import ops
    >>> image = np.arange(9.0).reshape(1, 3, 3, 1)
    >>> box = np.ones((2, 2, 1, 1))
    >>> ops.conv(image, box)[0, :, :, 0]
    array([[ 8., 12.],
           [20., 24.]], dtype=float32)
    >>> ops.conv(image, box, strides=2, padding="same", bias=[1])[0, :, :, 0]
    array([[ 9.,  8.],
           [14.,  9.]], dtype=float32)
    """
    channels_last(data_format)
    x, w, bias = floats(inputs), floats(kernel), None if bias is None else floats(bias)
    if len(x.shape) != 4 or len(w.shape) != 4:
        raise ValueError(
            f"conv: inputs must have shape ({IMAGES}) and kernel ({KERNEL}), "
            f"received shapes {tuple(x.shape)} and {tuple(w.shape)}"
        )
    channels: Any = x.shape[3]
    seen: Any = w.shape[2]
    if not seen or channels % seen:
        raise ValueError(
            f"conv: the third dimension of the kernel, shape {tuple(w.shape)}, must be or divide the number of "
            f"channels of inputs, shape {tuple(x.shape)}"
        )
    steps, dilation = pair("strides", strides), pair("dilation_rate", dilation_rate)
    return apply(
        "conv2d",
        x,
        w,
        bias,
        strides=steps,
        padding=explicit_padding(padding, x.shape[1:3], w.shape[:2], steps, dilation),
        dilation=dilation,
        groups=channels // seen,
        activation=None,
    )
