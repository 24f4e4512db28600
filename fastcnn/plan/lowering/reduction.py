"""Lowering of sum and mean over any axes: one Sum per run of reduced axes and per level of partial sums."""

from typing import Any

import numpy as np

from fastcnn._core.call import Call
from fastcnn._core.reduction import Step, Sum, reduction_steps
from fastcnn.plan.lowering.registry import Arrays, Workspace, lowers


def steps_of(node: Any, shape: tuple[int, ...]) -> list[Step]:
    """The sums that the node takes on an input of this shape."""
    return reduction_steps(shape, {axis % len(shape) for axis in node.attrs["axis"]})


def partial_sums(node: Any) -> Workspace:
    """The result of every sum but the last."""
    steps = steps_of(node, node.inputs[0].shape)
    return [((step.outer * step.pieces * step.inner,), "float32") for step in steps[:-1]]


def sums(node: Any, x: np.ndarray, y: np.ndarray, workspace: Arrays, divisor: float) -> list[Call]:
    """The calls of a sum; the last one divides."""
    steps = steps_of(node, x.shape)
    results = [*workspace, y]
    calls = []
    for step, source, result in zip(steps, [x, *results], results, strict=False):
        calls.append(
            Sum(source, result, outer=step.outer, reduce=step.reduce, inner=step.inner, chunk=step.chunk,
                divisor=divisor if result is y else 1)
        )  # fmt: skip
    return calls


@lowers("sum", workspace=partial_sums)
def lower_sum(node: Any, inputs: Arrays, outputs: Arrays, workspace: Arrays) -> list[Call]:
    return sums(node, inputs[0], outputs[0], workspace, 1)


@lowers("mean", workspace=partial_sums)
def lower_mean(node: Any, inputs: Arrays, outputs: Arrays, workspace: Arrays) -> list[Call]:
    x = inputs[0]
    count = 1
    for axis in node.attrs["axis"]:
        count *= x.shape[axis]
    return sums(node, x, outputs[0], workspace, count)
