"""Lowering of sum, mean and max over any axes: one Reduce per run of reduced axes and per level of partial results."""

import math
from typing import Any

import numpy as np

from fastcnn._core.call import Call
from fastcnn._core.reduction import MaxGradient, Reduce, Step, reduction_steps
from fastcnn.plan.lowering.registry import Arrays, Workspace, lowers


def steps_of(node: Any, shape: tuple[int, ...]) -> list[Step]:
    """The reductions that the node takes on an input of this shape."""
    return reduction_steps(shape, {axis % len(shape) for axis in node.attrs["axis"]})


def partial_results(node: Any) -> Workspace:
    """The result of every reduction but the last."""
    steps = steps_of(node, node.inputs[0].shape)
    return [((step.outer * step.pieces * step.inner,), "float32") for step in steps[:-1]]


def reductions(
    node: Any, x: np.ndarray, y: np.ndarray, workspace: Arrays, divisor: float = 1, op: str = "sum"
) -> list[Call]:
    """The calls of a reduction; the last one divides."""
    steps = steps_of(node, x.shape)
    results = [*workspace, y]
    calls = []
    for step, source, result in zip(steps, [x, *results], results, strict=False):
        calls.append(
            Reduce(source, result, op=op, outer=step.outer, reduce=step.reduce, inner=step.inner, chunk=step.chunk,
                   divisor=divisor if result is y else 1)
        )  # fmt: skip
    return calls


@lowers("sum", workspace=partial_results)
def lower_sum(node: Any, inputs: Arrays, outputs: Arrays, workspace: Arrays) -> list[Call]:
    return reductions(node, inputs[0], outputs[0], workspace)


@lowers("mean", workspace=partial_results)
def lower_mean(node: Any, inputs: Arrays, outputs: Arrays, workspace: Arrays) -> list[Call]:
    x = inputs[0]
    count = 1
    for axis in node.attrs["axis"]:
        count *= x.shape[axis]
    return reductions(node, x, outputs[0], workspace, count)


@lowers("max", workspace=partial_results)
def lower_max(node: Any, inputs: Arrays, outputs: Arrays, workspace: Arrays) -> list[Call]:
    return reductions(node, inputs[0], outputs[0], workspace, op="max")


@lowers("max_gradient")
def lower_max_gradient(node: Any, inputs: Arrays, outputs: Arrays, workspace: Arrays) -> list[Call]:
    x, y, dy = inputs
    first, last = node.attrs["axis"][0], node.attrs["axis"][-1]
    outer, reduce, inner = (
        math.prod(sizes) for sizes in (x.shape[:first], x.shape[first : last + 1], x.shape[last + 1 :])
    )
    return [MaxGradient(x, y, dy, outputs[0], outer=outer, reduce=reduce, inner=inner)]
