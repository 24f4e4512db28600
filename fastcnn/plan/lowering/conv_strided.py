"""Lowering of 3x3 convolutions with steps of 2, and of their gradients, to Winograd's algorithm where it serves."""

from typing import Any

from fastcnn._core.call import Call
from fastcnn._core.winograd_strided import (
    StridedWeights,
    StridedWinograd,
    StridedWinogradInputGradient,
    strided_weights_shape,
    strided_winograd_serves,
)
from fastcnn._core.winograd_strided_gradient import (
    StridedGradientSum,
    StridedWeightGradient,
    strided_gradient_serves,
    strided_sums_shape,
)
from fastcnn.plan.lowering.conv_geometry import steps, top_left
from fastcnn.plan.lowering.registry import Arrays, Workspace, described

KERNEL = "winograd F(4x4, 3x3) with steps of 2: 81 products for 144"


def makes_output(node: Any) -> bool:
    """Whether the output of a convolution is made so."""
    r, s, c, k = node.inputs[1].shape
    return strided_winograd_serves(c, k, node.outputs[0].shape[1:3], kernel_size=(r, s), **steps(node))


def output_weights(node: Any) -> Workspace:
    """The weights transformed."""
    return [(strided_weights_shape(*node.inputs[1].shape[2:]), "float32")]


def output_calls(node: Any, inputs: Arrays, y: Any, weights: Any, relu: bool, statistics: bool) -> list[Call]:
    """The calls of a convolution."""
    x, w, *rest = inputs
    bias = rest[0] if rest else None
    last = StridedWinograd(x, weights, y, bias, padding=top_left(node), relu=relu, statistics=statistics)
    return described(KERNEL, [StridedWeights(w, weights), last])


def makes_input_gradient(node: Any) -> bool:
    """Whether an input gradient is made so."""
    r, s, c, k = node.inputs[0].shape
    half = tuple(size / 2 for size in node.attrs["input_size"])
    return strided_winograd_serves(k, c, half, kernel_size=(r, s), **steps(node))


def input_gradient_weights(node: Any) -> Workspace:
    """The weights with channels exchanged, transformed."""
    _, _, c, k = node.inputs[0].shape
    return [(strided_weights_shape(k, c), "float32")]


def input_gradient_calls(node: Any, inputs: Arrays, dx: Any, weights: Any) -> list[Call]:
    """The calls of an input gradient."""
    w, dy = inputs
    calls = [
        StridedWeights(w, weights, turned=True),
        StridedWinogradInputGradient(dy, weights, dx, padding=top_left(node)),
    ]
    return described(KERNEL, calls)


def makes_weight_gradient(node: Any) -> bool:
    """Whether the gradient of the weights is made so."""
    x, dy = (tensor.shape for tensor in node.inputs)
    return strided_gradient_serves(x, dy, kernel_size=tuple(node.attrs["kernel_size"]), **steps(node))


def weight_gradient_sums(node: Any) -> Workspace:
    """Partial sums."""
    return [(strided_sums_shape(*(tensor.shape for tensor in node.inputs)), "float32")]


def weight_gradient_calls(node: Any, inputs: Arrays, dw: Any, partials: Any) -> list[Call]:
    """The calls of a gradient of the weights."""
    calls = [
        StridedWeightGradient(*inputs, partials, padding=top_left(node)),
        StridedGradientSum(partials, dw),
    ]
    return described(KERNEL, calls)
