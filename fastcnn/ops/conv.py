"""2D convolution: the op `conv2d` and its gradients. The public functions stand in `convolution`.

Images are (N, H, W, C), kernels (R, S, C / groups, K), maps (N, OH, OW, K). In nodes the padding is always explicit.
"""

from __future__ import annotations

import math
from typing import Any

from fastcnn import reference
from fastcnn.graph import Node, Op, Tensor, emit, register
from fastcnn.graph.op import Gradients, Spec
from fastcnn.ops.checks import expect, expect_shape
from fastcnn.ops.products import multiplies
from fastcnn.ops.windows import Padding, Pair, output_size

IMAGES = "N, H, W, C"
KERNEL = "R, S, C / groups, K"
MAPS = "N, OH, OW, K"


def multiply_adds(dy: Tensor, kernel_shape: tuple[int, ...]) -> int:
    """FLOPs of a convolution, or of either of its gradients: 2 for each output and each weight that it sees."""
    return 2 * dy.size * math.prod(kernel_shape[:3])


@register
@multiplies(0, 1)
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
@multiplies(0, 1)
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
@multiplies(0, 1)
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

    def gradient(self, node: Node, dx: Tensor) -> Gradients:
        w, dy = node.inputs
        attrs = {name: value for name, value in node.attrs.items() if name != "input_size"}
        return [
            emit("conv2d_weight_gradient", dx, dy, kernel_size=w.shape[:2], **attrs),
            emit("conv2d", dx, w, activation=None, **attrs),
        ]
