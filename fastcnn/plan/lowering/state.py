"""Lowering of sums into variables, and of changes of the element type."""

from typing import Any

from fastcnn._core.broadcast import Binary
from fastcnn._core.call import Call
from fastcnn._core.cast import Cast
from fastcnn._core.metric import AddToDoubles
from fastcnn.plan.lowering.registry import Arrays, lowers


@lowers("assign_add")
def assign_add(node: Any, inputs: Arrays, outputs: Arrays, workspace: Arrays) -> list[Call]:
    state, value = inputs
    return [AddToDoubles(state, value) if state.dtype == "float64" else Binary(state, value, state, op="add")]


@lowers("cast")
def cast(node: Any, inputs: Arrays, outputs: Arrays, workspace: Arrays) -> list[Call]:
    return [Cast(inputs[0], outputs[0])]
