"""Windows along the first axis behind the batch, laid side by side in the channels: with them a convolution over one
dimension more is one of many more channels, and all that is known of 2D convolutions serves 3D ones."""

from __future__ import annotations

from typing import Any

from fastcnn import reference
from fastcnn.graph import Node, Op, Tensor, emit, register
from fastcnn.graph.op import Gradients, Spec
from fastcnn.ops.checks import expect
from fastcnn.ops.windows import Pair


def windows(length: Any, taps: int, stride: int, dilation: int, padding: Pair) -> int:
    """How many windows fit into a padded axis."""
    return (length + sum(padding) - dilation * (taps - 1) - 1) // stride + 1


@register
class Unfold(Op):
    """(N, D, ..., C) -> (N, OD, ..., T * C): of each window its T taps, in each group of channels tap after tap."""

    name = "unfold"
    reference = staticmethod(reference.unfold)

    def infer(self, x: Tensor, *, taps: int, stride: int, dilation: int, padding: Pair, groups: int) -> list[Spec]:
        expect(self.name, "x", x)
        count = windows(x.shape[1], taps, stride, dilation, padding)
        if count < 1:
            raise ValueError(
                f"conv: a kernel of depth {taps}, with a dilation of {dilation}, does not fit into inputs of depth "
                f"{x.shape[1]}; use padding='same', a smaller kernel, or deeper inputs"
            )
        channels: Any = x.shape[-1]
        return [((x.shape[0], count, *x.shape[2:-1], taps * channels), "float32")]

    def flops(self, node: Node) -> int:
        return 0

    def gradient(self, node: Node, dy: Tensor) -> Gradients:
        return [emit("fold", dy, length=node.inputs[0].shape[1], **node.attrs)]


@register
class Fold(Op):
    """The gradient of `unfold`: (N, OD, ..., T * C) -> (N, D, ..., C) with D = `length`."""

    name = "fold"
    reference = staticmethod(reference.fold)

    def infer(
        self, dy: Tensor, *, length: int, taps: int, stride: int, dilation: int, padding: Pair, groups: int
    ) -> list[Spec]:
        expect(self.name, "dy", dy)
        count = windows(length, taps, stride, dilation, padding)
        channels: Any = dy.shape[-1]
        if dy.shape[1] != count or channels % (taps * groups):
            raise ValueError(
                f"fold: dy of shape {dy.shape} does not hold {count} windows of {taps} taps of {groups} groups of "
                "channels, which is what unfold makes of such a length"
            )
        return [((dy.shape[0], length, *dy.shape[2:-1], channels // taps), "float32")]

    def flops(self, node: Node) -> int:
        return node.inputs[0].size

    def gradient(self, node: Node, dx: Tensor) -> Gradients:
        attrs = {name: value for name, value in node.attrs.items() if name != "length"}
        return [emit("unfold", dx, **attrs)]
