"""Lowering of dropout."""

from typing import Any

from fastcnn._core.call import Call
from fastcnn._core.dropout import Dropout
from fastcnn.plan.lowering.registry import Arrays, lowers


@lowers("dropout")
def dropout(node: Any, inputs: Arrays, outputs: Arrays, workspace: Arrays) -> list[Call]:
    x, state = inputs
    return [Dropout(x, state, outputs[0], rate=node.attrs["rate"], salt=node.attrs["salt"])]
