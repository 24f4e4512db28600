"""Lowering of slice, place and concatenate: boxes copied."""

from typing import Any

import numpy as np

from fastcnn._core.broadcast import BroadcastTo
from fastcnn._core.call import Call
from fastcnn._core.region import CopyRegion
from fastcnn.plan.lowering.registry import Arrays, lowers


@lowers("slice")
def lower_slice(node: Any, inputs: Arrays, outputs: Arrays, workspace: Arrays) -> list[Call]:
    (x,), (y,) = inputs, outputs
    return [CopyRegion(x, y, y.shape, x_start=node.attrs["start"], x_step=node.attrs["step"])]


@lowers("place")
def place(node: Any, inputs: Arrays, outputs: Arrays, workspace: Arrays) -> list[Call]:
    (x,), (y,) = inputs, outputs
    calls: list[Call] = [BroadcastTo(np.zeros(1, "float32"), y)] if x.size < y.size else []
    return [*calls, CopyRegion(x, y, x.shape, y_start=node.attrs["start"], y_step=node.attrs["step"])]


@lowers("concatenate")
def concatenate(node: Any, inputs: Arrays, outputs: Arrays, workspace: Arrays) -> list[Call]:
    (y,) = outputs
    axis = node.attrs["axis"]
    calls, first = [], 0
    for x in inputs:
        calls.append(CopyRegion(x, y, x.shape, y_start=[first if index == axis else 0 for index in range(x.ndim)]))
        first += x.shape[axis]
    return calls
