"""Lowering of random numbers and of warped images."""

from typing import Any

from fastcnn._core.call import Call
from fastcnn._core.random import AffineTransform, RandomNumbers
from fastcnn.plan.lowering.registry import Arrays, lowers


@lowers("random_numbers")
def random_numbers(node: Any, inputs: Arrays, outputs: Arrays, workspace: Arrays) -> list[Call]:
    _, state = inputs
    return [RandomNumbers(state, outputs[0], normal=node.attrs["normal"], salt=node.attrs["salt"])]


@lowers("affine_transform")
def affine_transform(node: Any, inputs: Arrays, outputs: Arrays, workspace: Arrays) -> list[Call]:
    return [AffineTransform(*inputs, *outputs, **node.attrs)]
