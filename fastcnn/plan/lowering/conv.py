"""Lowering of conv2d and its gradients."""

from typing import Any

from fastcnn._core.bias import SumPartials
from fastcnn._core.call import Call
from fastcnn._core.conv import Conv, input_gradient_calls
from fastcnn._core.conv_gradient import ConvWeightGradient, weight_gradient_pieces
from fastcnn.plan.lowering.registry import Arrays, Workspace, lowers


def top_left(node: Any) -> tuple[int, int]:
    """Padding above and on the left; what lies below and on the right follows from the output's size."""
    (top, _), (left, _) = node.attrs["padding"]
    return top, left


def geometry(node: Any) -> dict[str, Any]:
    """The options that all three drivers take alike."""
    attrs = node.attrs
    return {
        "strides": tuple(attrs["strides"]),
        "padding": top_left(node),
        "dilation": tuple(attrs["dilation"]),
        "groups": attrs["groups"],
    }


def is_depthwise(channels: int, outputs: int, groups: int) -> bool:
    """One filter per channel: vectors run along channels."""
    return groups == channels == outputs


@lowers("conv2d")
def conv2d(node: Any, inputs: Arrays, outputs: Arrays, workspace: Arrays) -> list[Call]:
    x, w, *bias = inputs
    (y,) = outputs
    return [
        Conv(
            x,
            w,
            y,
            *bias,
            taps=w.shape[:2],
            relu=node.attrs["activation"] == "relu",
            depthwise=is_depthwise(x.shape[3], w.shape[3], node.attrs["groups"]),
            **geometry(node),
        )
    ]


def weight_gradient_workspace(node: Any) -> Workspace:
    """Partial gradients, one per piece of the images; none where there is one piece."""
    x, dy = (tensor.shape for tensor in node.inputs)
    pieces = weight_gradient_pieces(x, dy, kernel_size=node.attrs["kernel_size"], **geometry(node))
    return [((pieces, *node.outputs[0].shape), "float32")] if pieces > 1 else []


@lowers("conv2d_weight_gradient", workspace=weight_gradient_workspace)
def conv2d_weight_gradient(node: Any, inputs: Arrays, outputs: Arrays, workspace: Arrays) -> list[Call]:
    x, dy = inputs
    (dw,) = outputs
    partials = workspace[0] if workspace else dw
    calls: list[Call] = [ConvWeightGradient(x, dy, partials, kernel_size=node.attrs["kernel_size"], **geometry(node))]
    return [*calls, SumPartials(partials, dw)] if workspace else calls


def transposed_weights(node: Any) -> Workspace:
    """The weights with input and output channels exchanged."""
    r, s, c, k = node.inputs[0].shape
    return [((r, s, k, c), "float32")]


@lowers("conv2d_input_gradient", workspace=transposed_weights)
def conv2d_input_gradient(node: Any, inputs: Arrays, outputs: Arrays, workspace: Arrays) -> list[Call]:
    w, dy = inputs
    (dx,) = outputs
    return input_gradient_calls(w, dy, dx, workspace[0], **geometry(node))
