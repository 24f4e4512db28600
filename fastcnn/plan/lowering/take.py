"""Lowering of picking along an axis by number."""

import math
from typing import Any

from fastcnn._core.call import Call
from fastcnn._core.take import Take, TakeGradient
from fastcnn.plan.lowering.registry import Arrays, lowers


def along(x: Any, axis: int) -> dict[str, Any]:
    """How x is seen: as outer blocks of `count` rows of `inner` elements."""
    return {"outer": math.prod(x.shape[:axis]), "count": x.shape[axis], "inner": math.prod(x.shape[axis + 1 :])}


@lowers("take")
def take(node: Any, inputs: Arrays, outputs: Arrays, workspace: Arrays) -> list[Call]:
    x, indices = inputs
    return [Take(x, indices, outputs[0], shared=True, **along(x, node.attrs["axis"]))]


@lowers("take_gradient")
def take_gradient(node: Any, inputs: Arrays, outputs: Arrays, workspace: Arrays) -> list[Call]:
    indices, dy = inputs
    (dx,) = outputs
    return [TakeGradient(indices, dy, dx, shared=True, **along(dx, node.attrs["axis"]))]


@lowers("take_along")
def take_along(node: Any, inputs: Arrays, outputs: Arrays, workspace: Arrays) -> list[Call]:
    x, indices = inputs
    return [Take(x, indices, outputs[0], shared=False, **along(x, x.ndim - 1))]


@lowers("take_along_gradient")
def take_along_gradient(node: Any, inputs: Arrays, outputs: Arrays, workspace: Arrays) -> list[Call]:
    indices, dy = inputs
    (dx,) = outputs
    return [TakeGradient(indices, dy, dx, shared=False, **along(dx, dx.ndim - 1))]
