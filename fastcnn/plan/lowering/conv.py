"""Lowering of conv2d and its gradients."""

import math
from types import SimpleNamespace
from typing import Any

from fastcnn._core.bias import SumPartials
from fastcnn._core.call import Call
from fastcnn._core.channel_norm import MergeStatistics
from fastcnn._core.conv import forward_calls, input_gradient_calls, packed_size
from fastcnn._core.conv_columns import ColumnsInputGradient, columns_serve
from fastcnn._core.conv_gradient import ConvWeightGradient, is_narrow, weight_gradient_pieces
from fastcnn._core.conv_planes import PlanesWeightGradient, planes_gradient_pieces, planes_serve
from fastcnn._core.conv_sparse_gradient import (
    SparseInputGradient,
    SparseWeightGradient,
    TurnFilters,
    sparse_gradient_pieces,
    sparse_gradient_serves,
)
from fastcnn._core.gemm import StackedMatmul
from fastcnn._core.winograd import (
    Winograd,
    WinogradMapGradient,
    WinogradWeights,
    filter_name,
    is_one_tile,
    is_transformed,
    size_of,
    tile_size,
    weights_shape,
)
from fastcnn._core.winograd_gradient import (
    WinogradGradientSum,
    WinogradWeightGradient,
    partial_sums_shape,
    winograd_serves,
)
from fastcnn.plan.lowering import conv_depthwise, conv_strided
from fastcnn.plan.lowering.conv_choice import direct
from fastcnn.plan.lowering.conv_depthwise import is_depthwise
from fastcnn.plan.lowering.conv_geometry import geometry, steps, top_left, ungrouped
from fastcnn.plan.lowering.gemm import matmul, matmul_workspace
from fastcnn.plan.lowering.registry import Arrays, Workspace, described, lowers
from fastcnn.plan.zeros import is_nearly_empty

SKIPS_ZEROS = "sparse: skips the zeros that a global maximum left in dy"
MANY_IMAGES = 16
"""For the weight gradient of a 1x1 kernel: as many tasks, enough for several threads."""


def is_product(node: Any) -> bool:
    """Whether a weight gradient is x^T dy over the pixels of all images: a kernel of 1x1 that sees each pixel once."""
    attrs = node.attrs
    return (
        tuple(attrs["kernel_size"]) == (1, 1)
        and tuple(attrs["strides"]) == (1, 1)
        and not any(map(any, attrs["padding"]))
        and attrs["groups"] == 1
    )


def product(node: Any) -> Any:
    """This product as the lowering of matmul reads a node."""
    pixels = [SimpleNamespace(shape=(math.prod(tensor.shape[:3]), tensor.shape[3])) for tensor in node.inputs]
    return SimpleNamespace(inputs=pixels, attrs={"transpose_a": True})


def goes_by_image(node: Any) -> bool:
    """Whether this product is made as one of each image, which are then added: there are many, and reading their maps
    takes more of the memory than writing so many gradients and adding them up."""
    x, dy = (tensor.shape for tensor in node.inputs)
    pixels, channels, outputs = math.prod(x[1:3]), x[3], dy[3]
    return x[0] >= MANY_IMAGES and 4 * channels * outputs <= pixels * (channels + outputs)


def prepared_weights(node: Any) -> Workspace:
    """The weights transformed for Winograd's algorithm, or packed for the direct kernel where they are large."""
    w = node.inputs[1].shape
    r, s, c, k = w
    if size := tile_size(c, k, node.outputs[0].shape[1:3], kernel_size=(r, s), **steps(node)):
        return [(weights_shape(size, c, k), "float32")]
    if conv_strided.makes_output(node):
        return conv_strided.output_weights(node)
    size = packed_size(w, groups=node.attrs["groups"])
    return [((size,), "float32")] if size else []


def convolution_calls(
    node: Any, inputs: Arrays, y: Any, workspace: Arrays, relu: bool = False, statistics: bool = False
) -> list[Call]:
    """The calls of a convolution; the last one takes the statistics of what it writes if asked to."""
    x, w, *rest = inputs
    if is_depthwise(node, x.shape[3]):
        return conv_depthwise.forward(node, inputs, y, relu, statistics)
    bias = rest[0] if rest else None
    weights = workspace[0] if workspace else None
    if conv_strided.makes_output(node):
        return conv_strided.output_calls(node, inputs, y, weights, relu, statistics)
    if is_transformed(weights):
        last = Winograd(x, weights, y, bias, padding=top_left(node), relu=relu, statistics=statistics)
        return described(filter_name(weights), [WinogradWeights(w, weights), last])
    calls = forward_calls(x, w, y, bias, weights, relu=relu, statistics=statistics, **geometry(node))
    return direct(node, w.shape[:2], calls)


@lowers("conv2d", workspace=prepared_weights)
def conv2d(node: Any, inputs: Arrays, outputs: Arrays, workspace: Arrays) -> list[Call]:
    return convolution_calls(node, inputs, outputs[0], workspace, relu=node.attrs["activation"] == "relu")


@lowers("conv2d_statistics", workspace=prepared_weights)
def conv2d_statistics(node: Any, inputs: Arrays, outputs: Arrays, workspace: Arrays) -> list[Call]:
    y, mean, variance = outputs
    calls = convolution_calls(node, inputs, y, workspace, statistics=True)
    last: Any = calls[-1]
    return [*calls, MergeStatistics(last.pieces, last.weights, mean, variance)]


def winograd_makes_gradient(node: Any) -> bool:
    """Whether the gradient of the weights is made by Winograd's algorithm."""
    shapes = (tensor.shape for tensor in node.inputs)
    return winograd_serves(*shapes, kernel_size=node.attrs["kernel_size"], **steps(node))


def planes_make_gradient(node: Any) -> bool:
    """Whether the gradient of the weights is made on planes of channels. The kernel for narrow groups is faster."""
    groups, taps, strides = (node.attrs[name] for name in ("groups", "kernel_size", "strides"))
    channels, outputs = (tensor.shape[3] // groups for tensor in node.inputs)
    if groups > 1 and is_narrow(channels, outputs):
        return False
    return planes_serve(taps=taps, strides=strides, channels=channels, outputs=outputs)


def planes_geometry(node: Any) -> dict[str, Any]:
    """The options of the gradient on planes."""
    attrs = node.attrs
    return {
        "kernel_size": attrs["kernel_size"],
        "padding": top_left(node),
        "dilation": attrs["dilation"],
        "groups": attrs["groups"],
    }


def weight_gradient_is_sparse(node: Any) -> bool:
    """Whether the gradient of the weights skips the zeros of dy."""
    x, dy = node.inputs
    return is_nearly_empty(dy) and sparse_gradient_serves(x.shape[3], node.attrs["kernel_size"], node.attrs["groups"])


def input_gradient_is_sparse(node: Any) -> bool:
    """Whether the gradient of the images skips the zeros of dy."""
    w, dy = node.inputs
    return is_nearly_empty(dy) and sparse_gradient_serves(w.shape[2], w.shape[:2], node.attrs["groups"])


def weight_gradient_workspace(node: Any) -> Workspace:
    """Partial sums of Winograd's algorithm where it serves; else gradients of pieces of the images, if several."""
    x, dy = (tensor.shape for tensor in node.inputs)
    if is_depthwise(node, x[3]):
        return conv_depthwise.weight_gradient_workspace(node)
    if weight_gradient_is_sparse(node):
        pieces = sparse_gradient_pieces(x[0], dy[3])
        return [((pieces, *node.outputs[0].shape), "float32")] if pieces > 1 else []
    if is_product(node):
        if goes_by_image(node):
            return [((x[0], *node.outputs[0].shape), "float32")]
        return matmul_workspace(product(node))
    if winograd_makes_gradient(node):
        return [(partial_sums_shape(x, dy), "float32")]
    if conv_strided.makes_weight_gradient(node):
        return conv_strided.weight_gradient_sums(node)
    if planes_make_gradient(node):
        pieces = planes_gradient_pieces(x, dy, **planes_geometry(node))
    else:
        pieces = weight_gradient_pieces(x, dy, kernel_size=node.attrs["kernel_size"], **geometry(node))
    return [((pieces, *node.outputs[0].shape), "float32")] if pieces > 1 else []


@lowers("conv2d_weight_gradient", workspace=weight_gradient_workspace)
def conv2d_weight_gradient(node: Any, inputs: Arrays, outputs: Arrays, workspace: Arrays) -> list[Call]:
    x, dy = inputs
    (dw,) = outputs
    calls: list[Call]
    if is_depthwise(node, x.shape[3]):
        return conv_depthwise.weight_gradient(node, inputs, outputs, workspace)
    if weight_gradient_is_sparse(node):
        partials = workspace[0] if workspace else dw
        sparse = SparseWeightGradient(x, dy, partials, kernel_size=node.attrs["kernel_size"], **ungrouped(node))
        return described(SKIPS_ZEROS, [sparse, SumPartials(partials, dw)] if workspace else [sparse])
    if is_product(node) and goes_by_image(node):
        (partials,) = workspace
        stacks = [array.reshape(len(x), -1, array.shape[-1]) for array in (x, dy, partials)]
        calls = [StackedMatmul(*stacks, transpose_a=True), SumPartials(partials, dw)]
        return described("1x1: a product of matrices for each image", calls)
    if is_product(node):
        rows = [array.reshape(-1, array.shape[3]) for array in (x, dy, dw)]
        return described("1x1: a product of matrices", matmul(product(node), rows[:2], rows[2:], workspace))
    partials = workspace[0] if workspace else dw
    if winograd_makes_gradient(node):
        return [WinogradWeightGradient(x, dy, partials, padding=top_left(node)), WinogradGradientSum(partials, dw)]
    if conv_strided.makes_weight_gradient(node):
        return conv_strided.weight_gradient_calls(node, inputs, dw, partials)
    if planes_make_gradient(node):
        calls = [PlanesWeightGradient(x, dy, partials, **planes_geometry(node))]
    else:
        calls = [ConvWeightGradient(x, dy, partials, kernel_size=node.attrs["kernel_size"], **geometry(node))]
    calls += [SumPartials(partials, dw)] if workspace else []
    return direct(node, node.attrs["kernel_size"], calls)


def columns_make_gradient(node: Any) -> bool:
    """Whether the gradient of the images is made of the products of all taps of a pixel."""
    r, s, c, _ = node.inputs[0].shape
    return columns_serve(kernel_size=(r, s), channels=c, **steps(node))


def transposed_weights(node: Any) -> Workspace:
    """The weights with input and output channels exchanged, transformed or not; depthwise they stay as they are."""
    r, s, c, k = node.inputs[0].shape
    if is_depthwise(node, node.outputs[0].shape[3]):
        return []
    if input_gradient_is_sparse(node):
        return [((k, r, s, c), "float32")]
    if conv_strided.makes_input_gradient(node):
        return conv_strided.input_gradient_weights(node)
    dy_size = node.inputs[1].shape[1:3]
    if size := tile_size(k, c, node.attrs["input_size"], kernel_size=(r, s), dy_size=dy_size, **steps(node)):
        return [(weights_shape(size, k, c), "float32")]
    if columns_make_gradient(node):
        return [((k, r, s, c), "float32")]
    return [((packed_size(node.inputs[0].shape, transposed=True, groups=node.attrs["groups"]),), "float32")]


@lowers("conv2d_input_gradient", workspace=transposed_weights)
def conv2d_input_gradient(node: Any, inputs: Arrays, outputs: Arrays, workspace: Arrays) -> list[Call]:
    w, dy = inputs
    (dx,) = outputs
    if is_depthwise(node, dx.shape[3]):
        return conv_depthwise.input_gradient(node, inputs, outputs)
    (weights,) = workspace
    if input_gradient_is_sparse(node):
        calls = [TurnFilters(w, weights), SparseInputGradient(weights, dy, dx, **ungrouped(node))]
        return described(SKIPS_ZEROS, calls)
    if conv_strided.makes_input_gradient(node):
        return conv_strided.input_gradient_calls(node, inputs, dx, weights)
    if is_transformed(weights):
        top, left = top_left(node)
        if is_one_tile(size_of(weights), dy.shape[1:3]):
            calls = [
                WinogradWeights(w, weights, transposed=True),
                WinogradMapGradient(dy, weights, dx, padding=(top, left)),
            ]
        else:
            calls = [
                WinogradWeights(w, weights, transposed=True, flipped=True),
                Winograd(dy, weights, dx, padding=(2 - top, 2 - left)),
            ]
        return described(filter_name(weights), calls)
    if columns_make_gradient(node):
        calls = [TurnFilters(w, weights), ColumnsInputGradient(weights, dy, dx, **ungrouped(node))]
        return described("few channels, with steps: products of all taps, added up", calls)
    return direct(node, w.shape[:2], input_gradient_calls(w, dy, dx, weights, **geometry(node)))
