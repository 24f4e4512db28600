"""Lowering of random numbers."""

from typing import Any

from fastcnn._core.call import Call
from fastcnn._core.order import TopK
from fastcnn._core.random import RandomLogGamma, RandomNumbers
from fastcnn.plan.lowering.registry import Arrays, Workspace, lowers


@lowers("random_numbers")
def random_numbers(node: Any, inputs: Arrays, outputs: Arrays, workspace: Arrays) -> list[Call]:
    _, state = inputs
    return [RandomNumbers(state, outputs[0], normal=node.attrs["normal"], salt=node.attrs["salt"])]


@lowers("random_log_gamma")
def random_log_gamma(node: Any, inputs: Arrays, outputs: Arrays, workspace: Arrays) -> list[Call]:
    return [RandomLogGamma(*inputs, *outputs, salt=node.attrs["salt"])]


def keys(node: Any) -> Workspace:
    """The random numbers by which rows are ordered, and the same in order."""
    rows = node.inputs[0].shape[0]
    return [((1, rows), "float32")] * 2


@lowers("random_permutation", workspace=keys)
def random_permutation(node: Any, inputs: Arrays, outputs: Arrays, workspace: Arrays) -> list[Call]:
    _, state = inputs
    drawn, ordered = workspace
    return [RandomNumbers(state, drawn, normal=False, salt=node.attrs["salt"]), TopK(drawn, ordered, outputs[0][None])]
