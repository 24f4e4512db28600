"""Lowering of activation functions of one pass, and of their gradients."""

from typing import Any

from fastcnn._core.activation import Activation, ActivationGradient
from fastcnn._core.call import Call
from fastcnn.plan.lowering.registry import Arrays, lowers


@lowers("activation")
def activation(node: Any, inputs: Arrays, outputs: Arrays, workspace: Arrays) -> list[Call]:
    return [Activation(*inputs, *outputs, **node.attrs)]


@lowers("activation_gradient")
def activation_gradient(node: Any, inputs: Arrays, outputs: Arrays, workspace: Arrays) -> list[Call]:
    return [ActivationGradient(*inputs, *outputs, **node.attrs)]
