"""Convolution fused with ReLU and 2x2 max-pooling, as a pass makes it; the gradients use the positions of the maxima.

Only a quarter of the maps' entries has a gradient, and these ops touch no other; their FLOPs count just those.
"""

from __future__ import annotations

import math

from fastcnn import reference
from fastcnn.graph import Node, Op, Tensor, emit, register
from fastcnn.graph.op import Gradients, Spec
from fastcnn.graph.tensor import Shape
from fastcnn.ops.checks import expect, expect_shape
from fastcnn.ops.conv import IMAGES, KERNEL, check_channels
from fastcnn.ops.products import multiplies
from fastcnn.ops.windows import Padding, Pair, Sizes, output_size

POOLED = "N, PH, PW, K"
ONE = (1, 1)


def pooled_shape(
    op: str, batch: int | None, image: Sizes, window: Sizes, padding: Padding, filters: int | None
) -> Shape:
    """Shape of the pooled maps: half of the convolution's, rounded down."""
    height, width = output_size(op, "kernel", image, window, ONE, padding)
    if height < 2 or width < 2:
        raise ValueError(f"{op}: 2x2 pooling does not fit into maps of size {(height, width)}; use larger images")
    return batch, height // 2, width // 2, filters


@register
@multiplies(0, 1)
class Conv2DMaxPool(Op):
    """Max-pooled maps and the positions of the maxima, uint8: 0 to 3 in the window, 4 where ReLU let nothing through"""

    name = "conv2d_max_pool"
    reference = staticmethod(reference.conv2d_max_pool)

    def infer(
        self, x: Tensor, w: Tensor, bias: Tensor | None = None, *, padding: Padding, activation: str | None
    ) -> list[Spec]:
        expect(self.name, "x", x, IMAGES)
        expect(self.name, "w", w, KERNEL)
        check_channels(x.shape[3], w, groups=1)
        if bias is not None:
            expect_shape(self.name, "bias", bias, (w.shape[3],), "one value for each filter of the kernel")
        shape = pooled_shape(self.name, x.shape[0], x.shape[1:3], w.shape[:2], padding, w.shape[3])
        return [(shape, "float32"), (shape, "uint8")]

    def flops(self, node: Node) -> int:
        return 4 * seen_flops(node.outputs[0], node.inputs[1].static_shape)

    def gradient(self, node: Node, dy: Tensor, dargmax: None = None) -> Gradients:
        x, w = node.inputs[:2]
        argmax = node.outputs[1]
        shared = {"padding": node.attrs["padding"], **node.precision}
        dx = emit("conv2d_max_pool_input_gradient", w, dy, argmax, input_size=x.shape[1:3], **shared)
        dw, db = emit("conv2d_max_pool_weight_gradient", x, dy, argmax, kernel_size=w.shape[:2], **shared)
        return [dx, dw, db][: len(node.inputs)]


def seen_flops(dy: Tensor, kernel_shape: tuple[int, ...]) -> int:
    """A multiply-add for each pooled value and each weight that it sees."""
    return 2 * dy.size * math.prod(kernel_shape[:3])


def expect_pooled(op: str, dy: Tensor, argmax: Tensor) -> None:
    """Check the pooled gradient and its positions."""
    expect(op, "dy", dy, POOLED)
    expect(op, "argmax", argmax, POOLED, "uint8")
    expect_shape(op, "argmax", argmax, dy.shape, "that of dy")


@register
@multiplies(0, 1)
class Conv2DMaxPoolWeightGradient(Op):
    """Gradients (R, S, C, K) of the kernel and (K,) of the bias."""

    name = "conv2d_max_pool_weight_gradient"
    reference = staticmethod(reference.conv2d_max_pool_weight_gradient)

    def infer(self, x: Tensor, dy: Tensor, argmax: Tensor, *, kernel_size: Pair, padding: Padding) -> list[Spec]:
        expect(self.name, "x", x, IMAGES)
        expect_pooled(self.name, dy, argmax)
        shape = pooled_shape(self.name, x.shape[0], x.shape[1:3], kernel_size, padding, dy.shape[3])
        expect_shape(self.name, "dy", dy, shape, "as the pooled convolution gives it")
        return [((*kernel_size, x.shape[3], dy.shape[3]), "float32"), ((dy.shape[3],), "float32")]

    def flops(self, node: Node) -> int:
        return seen_flops(node.inputs[1], node.outputs[0].static_shape)


@register
@multiplies(0, 1)
class Conv2DMaxPoolInputGradient(Op):
    """Gradient (N, H, W, C) of the images."""

    name = "conv2d_max_pool_input_gradient"
    reference = staticmethod(reference.conv2d_max_pool_input_gradient)

    def infer(self, w: Tensor, dy: Tensor, argmax: Tensor, *, input_size: Pair, padding: Padding) -> list[Spec]:
        expect(self.name, "w", w, KERNEL)
        expect_pooled(self.name, dy, argmax)
        shape = pooled_shape(self.name, dy.shape[0], input_size, w.shape[:2], padding, w.shape[3])
        expect_shape(self.name, "dy", dy, shape, "as the pooled convolution gives it")
        return [((dy.shape[0], *input_size, w.shape[2]), "float32")]

    def flops(self, node: Node) -> int:
        return seen_flops(node.inputs[1], node.inputs[0].static_shape)
