"""Lowering of conv2d and its input gradient where Winograd's algorithm multiplies bfloat16."""

from typing import Any

from fastcnn._core.call import Call
from fastcnn._core.channel_norm import MergeStatistics
from fastcnn._core.winograd import Winograd, WinogradWeights, filter_name, tile_size, weights_shape
from fastcnn.plan.lowering.bfloat16 import IN_BFLOAT16, multiplies_bfloat16
from fastcnn.plan.lowering.conv_geometry import steps, top_left
from fastcnn.plan.lowering.registry import Arrays, Workspace, described


def output_size(node: Any) -> int:
    """The m of Winograd's F(m x m, 3x3) for a convolution, 0 where it does not serve."""
    r, s, c, k = node.inputs[1].shape
    return tile_size(c, k, node.outputs[0].shape[1:3], kernel_size=(r, s), bfloat16=True, **steps(node))


def input_size(node: Any) -> int:
    """The same for an input gradient."""
    r, s, c, k = node.inputs[0].shape
    return tile_size(k, c, node.attrs["input_size"], kernel_size=(r, s), bfloat16=True, **steps(node))


def output_weights(node: Any) -> Workspace:
    """The weights transformed and rounded."""
    return [(weights_shape(output_size(node), *node.inputs[1].shape[2:], bfloat16=True), "float32")]


def input_weights(node: Any) -> Workspace:
    """The same with input and output channels exchanged."""
    _, _, c, k = node.inputs[0].shape
    return [(weights_shape(input_size(node), k, c, bfloat16=True), "float32")]


def convolution(node: Any, inputs: Arrays, y: Any, weights: Any, **options: bool) -> list[Call]:
    """The calls of a convolution."""
    x, w, *rest = inputs
    bias = rest[0] if rest else None
    last = Winograd(x, weights, y, bias, padding=top_left(node), bfloat16=True, **options)
    return described(f"{filter_name(weights)}, {IN_BFLOAT16}", [WinogradWeights(w, weights, bfloat16=True), last])


@multiplies_bfloat16("conv2d", output_weights, lambda node: output_size(node) > 0)
def conv2d(node: Any, inputs: Arrays, outputs: Arrays, workspace: Arrays) -> list[Call]:
    return convolution(node, inputs, outputs[0], workspace[0], relu=node.attrs["activation"] == "relu")


@multiplies_bfloat16("conv2d_statistics", output_weights, lambda node: output_size(node) > 0)
def conv2d_statistics(node: Any, inputs: Arrays, outputs: Arrays, workspace: Arrays) -> list[Call]:
    y, mean, variance = outputs
    calls = convolution(node, inputs, y, workspace[0], statistics=True)
    last: Any = calls[-1]
    return [*calls, MergeStatistics(last.pieces, last.weights, mean, variance)]


@multiplies_bfloat16("conv2d_input_gradient", input_weights, lambda node: input_size(node) > 0)
def conv2d_input_gradient(node: Any, inputs: Arrays, outputs: Arrays, workspace: Arrays) -> list[Call]:
    w, dy = inputs
    (weights,) = workspace
    top, left = top_left(node)
    calls = [
        WinogradWeights(w, weights, transposed=True, flipped=True, bfloat16=True),
        Winograd(dy, weights, outputs[0], padding=(2 - top, 2 - left), bfloat16=True),
    ]
    return described(f"{filter_name(weights)}, {IN_BFLOAT16}", calls)
