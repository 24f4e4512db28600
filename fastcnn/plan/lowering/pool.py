"""Lowering of max and average pooling, forward and backward."""

from typing import Any

from fastcnn._core.call import Call
from fastcnn._core.pool import AveragePool2D, AveragePool2DGradient, MaxPool2D, MaxPool2DGradient
from fastcnn.plan.lowering.registry import Arrays, lowers


def geometry(node: Any) -> dict[str, Any]:
    """The attributes that every pooling call takes."""
    return {name: node.attrs[name] for name in ("pool_size", "strides", "padding")}


@lowers("max_pool2d")
def max_pool2d(node: Any, inputs: Arrays, outputs: Arrays, workspace: Arrays) -> list[Call]:
    y, argmax = outputs
    return [MaxPool2D(inputs[0], y, argmax, **geometry(node))]


@lowers("max_pool2d_gradient")
def max_pool2d_gradient(node: Any, inputs: Arrays, outputs: Arrays, workspace: Arrays) -> list[Call]:
    dy, argmax = inputs
    return [MaxPool2DGradient(dy, argmax, outputs[0], **geometry(node))]


@lowers("average_pool2d")
def average_pool2d(node: Any, inputs: Arrays, outputs: Arrays, workspace: Arrays) -> list[Call]:
    return [AveragePool2D(inputs[0], outputs[0], **geometry(node))]


@lowers("average_pool2d_gradient")
def average_pool2d_gradient(node: Any, inputs: Arrays, outputs: Arrays, workspace: Arrays) -> list[Call]:
    return [AveragePool2DGradient(inputs[0], outputs[0], **geometry(node))]
