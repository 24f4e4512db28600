"""Lowering of add_bias and bias_gradient."""

from typing import Any

from fastcnn._core.bias import AddBias, BiasGradient, SumPartials, bias_gradient_partials
from fastcnn._core.call import Call
from fastcnn.plan.lowering.registry import Arrays, Workspace, lowers


@lowers("add_bias")
def add_bias(node: Any, inputs: Arrays, outputs: Arrays, workspace: Arrays) -> list[Call]:
    x, bias = inputs
    return [AddBias(x, bias, outputs[0])]


def partial_sums(node: Any) -> Workspace:
    """One row of sums per run of rows of dy; none where one run is enough."""
    shape = node.inputs[0].shape
    partials = bias_gradient_partials(shape)
    return [((partials, shape[-1]), "float32")] if partials > 1 else []


@lowers("bias_gradient", workspace=partial_sums)
def bias_gradient(node: Any, inputs: Arrays, outputs: Arrays, workspace: Arrays) -> list[Call]:
    (dy,) = inputs
    (gradient,) = outputs
    if not workspace:
        return [BiasGradient(dy, gradient)]
    return [BiasGradient(dy, workspace[0]), SumPartials(workspace[0], gradient)]
