"""Lowering of max and average pooling, of moving windows and of those spread evenly, forward and backward."""

from typing import Any

import numpy as np

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


def as_rows(array: np.ndarray | None) -> np.ndarray | None:
    """[N, L, C] as images of width 1."""
    return None if array is None else array.reshape(*array.shape[:2], 1, array.shape[2])


@lowers("adaptive_max_pool")
def adaptive_max_pool(node: Any, inputs: Arrays, outputs: Arrays, workspace: Arrays) -> list[Call]:
    x, y, argmax = map(as_rows, (*inputs, *outputs))
    return [MaxPool2D(x, y, argmax, output_size=(node.attrs["windows"], 1))]


@lowers("adaptive_max_pool_gradient")
def adaptive_max_pool_gradient(node: Any, inputs: Arrays, outputs: Arrays, workspace: Arrays) -> list[Call]:
    dy, argmax, dx = map(as_rows, (*inputs, *outputs))
    return [MaxPool2DGradient(dy, argmax, dx, output_size=(inputs[0].shape[1], 1))]


@lowers("adaptive_average_pool")
def adaptive_average_pool(node: Any, inputs: Arrays, outputs: Arrays, workspace: Arrays) -> list[Call]:
    x, y = map(as_rows, (*inputs, *outputs))
    return [AveragePool2D(x, y, output_size=(node.attrs["windows"], 1))]


@lowers("adaptive_average_pool_gradient")
def adaptive_average_pool_gradient(node: Any, inputs: Arrays, outputs: Arrays, workspace: Arrays) -> list[Call]:
    dy, dx = map(as_rows, (*inputs, *outputs))
    return [AveragePool2DGradient(dy, dx, output_size=(inputs[0].shape[1], 1))]
