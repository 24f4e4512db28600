"""Lowering of conv2d_max_pool and its gradients.

Kernels of 3x3 have gradients that touch only what the pool let through. For other sizes the gradient before the pool
is written out, and the dense gradients of the convolution take over.
"""

from typing import Any

from fastcnn._core.bias import BiasGradient, SumPartials, bias_gradient_partials
from fastcnn._core.call import Call
from fastcnn._core.conv import input_gradient_calls, packed_size
from fastcnn._core.conv_gradient import ConvWeightGradient, weight_gradient_pieces
from fastcnn._core.conv_pool import ConvMaxPool
from fastcnn._core.conv_pool_gradient import (
    PoolFirstLayerGradient,
    PoolListGradient,
    SumListGradient,
    Unpool,
    image_pieces,
    is_first_layer,
    list_gradient_partials,
)
from fastcnn._core.conv_pool_input_gradient import PackForInputGradient, PoolInputGradient, packed_shape
from fastcnn._core.winograd import Winograd, WinogradWeights, filter_name, tile_size, weights_shape
from fastcnn.plan.lowering.conv_choice import why_direct
from fastcnn.plan.lowering.conv_geometry import top_left
from fastcnn.plan.lowering.registry import Arrays, Workspace, described, lowers

Shape = tuple[int, ...]

LET_THROUGH = "multiplies only what pool and ReLU let through"
WRITTEN_OUT = "not 3x3: the gradient before the pool is written out for the direct kernel"


def plain(node: Any) -> dict[str, Any]:
    """The options of the convolution before the pool, as the dense drivers take them."""
    return {"strides": (1, 1), "padding": top_left(node), "dilation": (1, 1), "groups": 1}


def maps_shape(node: Any, x_size: Shape, kernel_size: Shape, dy: Shape) -> Shape:
    """Shape of the convolution's output before the pool."""
    height, width = (
        size + sum(border) - taps + 1
        for size, border, taps in zip(x_size, node.attrs["padding"], kernel_size, strict=True)
    )
    return dy[0], height, width, dy[3]


def winograd_size(node: Any, bfloat16: bool = False) -> int:
    """The m of Winograd's F(m x m, 3x3), 0 where it does not serve."""
    r, s, c, k = node.inputs[1].shape
    _, height, width, _ = node.outputs[0].shape
    return tile_size(c, k, (2 * height, 2 * width), kernel_size=(r, s), pool=True, bfloat16=bfloat16)


def transformed_weights(node: Any) -> Workspace:
    """The weights transformed for Winograd's algorithm, where it serves."""
    size = winograd_size(node)
    return [(weights_shape(size, *node.inputs[1].shape[2:]), "float32")] if size else []


@lowers("conv2d_max_pool", workspace=transformed_weights)
def conv2d_max_pool(node: Any, inputs: Arrays, outputs: Arrays, workspace: Arrays) -> list[Call]:
    x, w, *rest = inputs
    y, argmax = outputs
    bias = rest[0] if rest else None
    options = {"padding": top_left(node), "relu": node.attrs["activation"] == "relu"}
    if workspace:
        (weights,) = workspace
        calls = [WinogradWeights(w, weights), Winograd(x, weights, y, bias, argmax, **options)]
        return described(filter_name(weights), calls)
    last = ConvMaxPool(x, w, y, argmax, bias, **options)
    if last.is_first_layer:
        return described(f"winograd for a first layer of {x.shape[3]} channels, pool in registers", [last])
    return described(f"direct, pool in registers: {why_direct(w.shape[:2], (1, 1))}", [last])


def weight_gradient_workspace(node: Any) -> Workspace:
    """Partial gradients; before them, for kernels that are not 3x3, the gradient before the pool."""
    x, dy, _ = (tensor.shape for tensor in node.inputs)
    r, s = kernel_size = tuple(node.attrs["kernel_size"])
    channels, filters = x[3], dy[3]
    if kernel_size == (3, 3):
        if is_first_layer(channels):
            pieces = image_pieces(dy)
            partials: Shape = (pieces, 3, 3, channels, filters)
        else:
            partials = list_gradient_partials(x, dy)
        return [(partials, "float32"), ((partials[0], filters), "float32")]
    maps = maps_shape(node, x[1:3], kernel_size, dy)
    pieces = weight_gradient_pieces(x, maps, kernel_size=kernel_size, **plain(node))
    return [
        (maps, "float32"),
        ((pieces, r, s, channels, filters), "float32"),
        ((bias_gradient_partials(maps), filters), "float32"),
    ]


@lowers("conv2d_max_pool_weight_gradient", workspace=weight_gradient_workspace)
def conv2d_max_pool_weight_gradient(node: Any, inputs: Arrays, outputs: Arrays, workspace: Arrays) -> list[Call]:
    x, dy, argmax = inputs
    dw, db = outputs
    *maps, partials, bias_partials = workspace
    sums = [SumPartials(bias_partials, db)]
    if maps:
        gradient = ConvWeightGradient(x, *maps, partials, kernel_size=node.attrs["kernel_size"], **plain(node))
        return described(
            WRITTEN_OUT,
            [Unpool(dy, argmax, *maps), gradient, BiasGradient(*maps, bias_partials), SumPartials(partials, dw), *sums],
        )
    padding = top_left(node)
    if is_first_layer(x.shape[3]):
        first = PoolFirstLayerGradient(x, dy, argmax, partials, bias_partials, padding=padding)
        return described(f"first layer: {LET_THROUGH}", [first, SumPartials(partials, dw), *sums])
    gradient = PoolListGradient(x, dy, argmax, partials, bias_partials, padding=padding)
    return described(f"lists: {LET_THROUGH}", [gradient, SumListGradient(partials, dw), *sums])


def input_gradient_workspace(node: Any) -> Workspace:
    """The packed weights, and for kernels that are not 3x3 the gradient before the pool."""
    w, dy, _ = (tensor.shape for tensor in node.inputs)
    r, s = w[:2]
    if (r, s) == (3, 3):
        return [(packed_shape(w), "float32")]
    maps = maps_shape(node, tuple(node.attrs["input_size"]), (r, s), dy)
    return [((packed_size(w, transposed=True),), "float32"), (maps, "float32")]


@lowers("conv2d_max_pool_input_gradient", workspace=input_gradient_workspace)
def conv2d_max_pool_input_gradient(node: Any, inputs: Arrays, outputs: Arrays, workspace: Arrays) -> list[Call]:
    w, dy, argmax = inputs
    (dx,) = outputs
    packed = workspace[0]
    if w.shape[:2] == (3, 3):
        gradient = PoolInputGradient(packed, dy, argmax, dx, padding=top_left(node))
        return described(f"sorted windows: {LET_THROUGH}", [PackForInputGradient(w, packed), gradient])
    maps = workspace[1]
    calls = [Unpool(dy, argmax, maps), *input_gradient_calls(w, maps, dx, packed, **plain(node))]
    return described(WRITTEN_OUT, calls)
