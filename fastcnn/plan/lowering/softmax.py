"""Lowering of softmax and its gradient."""

from typing import Any

from fastcnn._core.call import Call
from fastcnn._core.softmax import Softmax, SoftmaxGradient
from fastcnn.plan.lowering.registry import Arrays, lowers


@lowers("softmax")
def softmax(node: Any, inputs: Arrays, outputs: Arrays, workspace: Arrays) -> list[Call]:
    return [Softmax(inputs[0], outputs[0])]


@lowers("softmax_gradient")
def softmax_gradient(node: Any, inputs: Arrays, outputs: Arrays, workspace: Arrays) -> list[Call]:
    dy, y = inputs
    return [SoftmaxGradient(dy, y, outputs[0])]
