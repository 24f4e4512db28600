"""Lowering of conv2d_max_pool and its gradients.

Kernels of 3x3 have gradients that touch only what the pool let through. For other sizes the gradient before the pool
is written out, and the dense gradients of the convolution take over.
"""

from typing import Any

from fastcnn._core.bias import SumPartials
from fastcnn._core.call import Call
from fastcnn._core.conv import TransposeWeights, input_gradient_calls, packed_size
from fastcnn._core.conv_gradient import ConvWeightGradient, weight_gradient_pieces
from fastcnn._core.conv_pool import ConvMaxPool
from fastcnn._core.conv_pool_gradient import (
    PoolBiasGradient,
    PoolFirstLayerGradient,
    PoolInputGradient,
    PoolListGradient,
    SumTransposed,
    Unpool,
    image_pieces,
    is_first_layer,
    list_gradient_pieces,
)
from fastcnn.plan.lowering.registry import Arrays, Workspace, lowers

Shape = tuple[int, ...]


def top_left(node: Any) -> tuple[int, int]:
    """Padding above and on the left; what lies below and on the right follows from the output's size."""
    (top, _), (left, _) = node.attrs["padding"]
    return top, left


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


@lowers("conv2d_max_pool")
def conv2d_max_pool(node: Any, inputs: Arrays, outputs: Arrays, workspace: Arrays) -> list[Call]:
    x, w, *bias = inputs
    y, argmax = outputs
    return [ConvMaxPool(x, w, y, argmax, *bias, padding=top_left(node), relu=node.attrs["activation"] == "relu")]


def weight_gradient_workspace(node: Any) -> Workspace:
    """Partial gradients; before them, for kernels that have not three rows, the gradient before the pool."""
    x, dy, _ = (tensor.shape for tensor in node.inputs)
    r, s = kernel_size = tuple(node.attrs["kernel_size"])
    channels, filters = x[3], dy[3]
    if is_first_layer(kernel_size, channels):
        return [((image_pieces(dy), 3, 3, channels, filters), "float32")]
    if r == 3:
        pieces = list_gradient_pieces(x, dy, kernel_size=kernel_size, padding=top_left(node))
        return [((pieces, filters, r, s, channels), "float32")]
    maps = maps_shape(node, x[1:3], kernel_size, dy)
    pieces = weight_gradient_pieces(x, maps, kernel_size=kernel_size, **plain(node))
    return [(maps, "float32"), ((pieces, r, s, channels, filters), "float32")]


@lowers("conv2d_max_pool_weight_gradient", workspace=weight_gradient_workspace)
def conv2d_max_pool_weight_gradient(node: Any, inputs: Arrays, outputs: Arrays, workspace: Arrays) -> list[Call]:
    x, dy, argmax = inputs
    (dw,) = outputs
    partials = workspace[-1]
    kernel_size = tuple(node.attrs["kernel_size"])
    if is_first_layer(kernel_size, x.shape[3]):
        return [
            PoolFirstLayerGradient(x, dy, argmax, partials, padding=top_left(node)),
            SumPartials(partials, dw),
        ]
    if kernel_size[0] == 3:
        return [
            PoolListGradient(x, dy, argmax, partials, kernel_size=kernel_size, padding=top_left(node)),
            SumTransposed(partials, dw),
        ]
    return [
        Unpool(dy, argmax, workspace[0]),
        ConvWeightGradient(x, workspace[0], partials, kernel_size=kernel_size, **plain(node)),
        SumPartials(partials, dw),
    ]


def bias_gradient_workspace(node: Any) -> Workspace:
    """Partial sums, one per run of images."""
    dy = node.inputs[0].shape
    return [((image_pieces(dy), dy[3]), "float32")]


@lowers("conv2d_max_pool_bias_gradient", workspace=bias_gradient_workspace)
def conv2d_max_pool_bias_gradient(node: Any, inputs: Arrays, outputs: Arrays, workspace: Arrays) -> list[Call]:
    dy, argmax = inputs
    return [PoolBiasGradient(dy, argmax, workspace[0]), SumPartials(workspace[0], outputs[0])]


def input_gradient_workspace(node: Any) -> Workspace:
    """The transposed weights, and for kernels that are not 3x3 the gradient before the pool."""
    w, dy, _ = (tensor.shape for tensor in node.inputs)
    r, s, c, k = w
    if (r, s) == (3, 3):
        return [((k, r, s, c), "float32")]
    maps = maps_shape(node, tuple(node.attrs["input_size"]), (r, s), dy)
    return [((packed_size(w, transposed=True),), "float32"), (maps, "float32")]


@lowers("conv2d_max_pool_input_gradient", workspace=input_gradient_workspace)
def conv2d_max_pool_input_gradient(node: Any, inputs: Arrays, outputs: Arrays, workspace: Arrays) -> list[Call]:
    w, dy, argmax = inputs
    (dx,) = outputs
    transposed = workspace[0]
    if w.shape[:2] == (3, 3):
        return [
            TransposeWeights(w, transposed, outermost=True),
            PoolInputGradient(transposed, dy, argmax, dx, padding=top_left(node)),
        ]
    maps = workspace[1]
    return [Unpool(dy, argmax, maps), *input_gradient_calls(w, maps, dx, transposed, **plain(node))]
