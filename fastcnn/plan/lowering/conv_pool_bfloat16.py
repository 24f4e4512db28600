"""Lowering of conv2d_max_pool and its gradients where kernels of 3x3 multiply bfloat16."""

from typing import Any

from fastcnn._core.bfloat16 import RoundToBfloat16
from fastcnn._core.bias import SumPartials
from fastcnn._core.call import Call
from fastcnn._core.conv_pool import ConvMaxPool, multiplies_first_layer
from fastcnn._core.conv_pool_gradient import PoolListGradient, SumListGradient, fills_lists, list_gradient_partials
from fastcnn._core.conv_pool_gradient_bfloat16 import PoolPairGradient, pair_pieces
from fastcnn._core.conv_pool_input_gradient import PackTaps, PoolInputGradient, packed_taps_shape
from fastcnn._core.winograd import (
    Winograd,
    WinogradWeights,
    filter_name,
    is_transformed,
    weights_shape,
)
from fastcnn.plan.lowering.bfloat16 import IN_BFLOAT16, multiplies_bfloat16
from fastcnn.plan.lowering.conv_geometry import top_left
from fastcnn.plan.lowering.conv_pool import winograd_size
from fastcnn.plan.lowering.registry import Arrays, Workspace, described


def is_3x3_gradient(node: Any) -> bool:
    """Whether a weight gradient is that of a kernel of 3x3."""
    return tuple(node.attrs["kernel_size"]) == (3, 3)


def partial_gradients(node: Any) -> Workspace:
    """A gradient of weights and of the bias for each piece of the images."""
    x, dy = (tensor.shape for tensor in node.inputs[:2])
    if fills_lists(x, dy):
        partials = list_gradient_partials(x, dy, bfloat16=True)
        return [(partials, "float32"), ((partials[0], dy[3]), "float32")]
    pieces = pair_pieces(x, dy)
    return [((pieces, 3, 3, x[3], dy[3]), "float32"), ((pieces, dy[3]), "float32")]


@multiplies_bfloat16("conv2d_max_pool_weight_gradient", partial_gradients, is_3x3_gradient)
def conv2d_max_pool_weight_gradient(node: Any, inputs: Arrays, outputs: Arrays, workspace: Arrays) -> list[Call]:
    partials, bias_partials = workspace
    dw, db = outputs
    padding = top_left(node)
    if fills_lists(*(array.shape for array in inputs[:2])):
        entries = PoolListGradient(*inputs, partials, bias_partials, padding=padding, bfloat16=True)
        return described(IN_BFLOAT16, [entries, SumListGradient(partials, dw), SumPartials(bias_partials, db)])
    pairs = PoolPairGradient(*inputs, partials, bias_partials, padding=padding)
    return described(IN_BFLOAT16, [pairs, SumPartials(partials, dw), SumPartials(bias_partials, db)])


def is_3x3(node: Any) -> bool:
    """Whether an input gradient is that of a kernel of 3x3."""
    return tuple(node.inputs[0].shape[:2]) == (3, 3)


def packed_taps(node: Any) -> Workspace:
    """The weights, rounded and packed."""
    return [(packed_taps_shape(node.inputs[0].shape), "float32")]


@multiplies_bfloat16("conv2d_max_pool_input_gradient", packed_taps, is_3x3)
def conv2d_max_pool_input_gradient(node: Any, inputs: Arrays, outputs: Arrays, workspace: Arrays) -> list[Call]:
    w, dy, argmax = inputs
    (packed,) = workspace
    gradient = PoolInputGradient(packed, dy, argmax, outputs[0], padding=top_left(node), bfloat16=True)
    return described(IN_BFLOAT16, [PackTaps(w, packed), gradient])


def rounded_weights(node: Any) -> Workspace:
    """The weights, transformed where Winograd's algorithm serves, and rounded; nothing where the kernel does it."""
    shape = node.inputs[1].shape
    if multiplies_first_layer(shape[:2], shape[2]):
        return []
    size = winograd_size(node, bfloat16=True)
    return [(weights_shape(size, *shape[2:], bfloat16=True) if size else shape, "float32")]


@multiplies_bfloat16("conv2d_max_pool", rounded_weights)
def conv2d_max_pool(node: Any, inputs: Arrays, outputs: Arrays, workspace: Arrays) -> list[Call]:
    x, w, *rest = inputs
    y, argmax = outputs
    bias = rest[0] if rest else None
    options = {"padding": top_left(node), "relu": node.attrs["activation"] == "relu", "bfloat16": True}
    if not workspace:
        return described(IN_BFLOAT16, [ConvMaxPool(x, w, y, argmax, bias, **options)])
    (weights,) = workspace
    if not is_transformed(weights):
        pooled = ConvMaxPool(x, weights, y, argmax, bias, **options)
        return described("operands rounded to bfloat16", [RoundToBfloat16(w, weights), pooled])
    calls = [WinogradWeights(w, weights, bfloat16=True), Winograd(x, weights, y, bias, argmax, **options)]
    return described(f"{filter_name(weights)}, {IN_BFLOAT16}", calls)
