"""Lowering of convolutions of which each channel has filters of its own: conv2d in as many groups as channels."""

from typing import Any

from fastcnn._core.bias import SumPartials
from fastcnn._core.call import Call
from fastcnn._core.conv_depthwise import (
    DepthwiseConv,
    DepthwiseInputGradient,
    DepthwiseWeightGradient,
    depthwise_pieces,
)
from fastcnn.plan.lowering.conv_geometry import ungrouped
from fastcnn.plan.lowering.registry import Arrays, Workspace, described

KERNEL = "depthwise: a group for each channel"


def is_depthwise(node: Any, channels: int) -> bool:
    """Whether a convolution of so many channels, or one of its gradients, is one."""
    return node.attrs["groups"] == channels > 1


def forward(node: Any, inputs: Arrays, y: Any, relu: bool, statistics: bool) -> list[Call]:
    """The calls of the convolution."""
    x, w, *bias = inputs
    return described(KERNEL, [DepthwiseConv(x, w, y, *bias, relu=relu, statistics=statistics, **ungrouped(node))])


def weight_gradient_workspace(node: Any) -> Workspace:
    """Partial gradients, one per piece of the images; none where there is one piece."""
    x, dy = (tensor.shape for tensor in node.inputs)
    pieces = depthwise_pieces(x, dy, kernel_size=node.attrs["kernel_size"], **ungrouped(node))
    return [((pieces, *node.outputs[0].shape), "float32")] if pieces > 1 else []


def weight_gradient(node: Any, inputs: Arrays, outputs: Arrays, workspace: Arrays) -> list[Call]:
    """The calls for conv2d_weight_gradient."""
    x, dy = inputs
    (dw,) = outputs
    partials = workspace[0] if workspace else dw
    call = DepthwiseWeightGradient(x, dy, partials, kernel_size=node.attrs["kernel_size"], **ungrouped(node))
    return described(KERNEL, [call, SumPartials(partials, dw)] if workspace else [call])


def input_gradient(node: Any, inputs: Arrays, outputs: Arrays) -> list[Call]:
    """The calls for conv2d_input_gradient."""
    w, dy = inputs
    return described(KERNEL, [DepthwiseInputGradient(w, dy, outputs[0], **ungrouped(node))])
