"""The lowering table: for each op name, how a node becomes prepared calls.

A lowering gets the node and its arrays (inputs, outputs, workspace: views into the arena, static shapes) and returns
the calls to run, in order. Where an op works in place its output arrays are its input arrays.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from fastcnn._core.call import Call
from fastcnn.plan.lowering.bfloat16 import with_rounding

Arrays = Sequence[np.ndarray]
Workspace = Sequence[tuple[tuple[int, ...], str]]


def no_workspace(node: Any) -> Workspace:
    """Workspace of an op that needs no temporary arrays."""
    return []


@dataclass(frozen=True)
class Lowering:
    """How nodes of one op become calls, and the temporary arrays (shape, dtype) that those need."""

    calls: Callable[[Any, Arrays, Arrays, Arrays], list[Call]]
    workspace: Callable[[Any], Workspace]


def described(kernel: str, calls: list[Call]) -> list[Call]:
    """The calls, with what a profile says of them: which kernel was chosen, and why (`"winograd F(4x4): 3x3, stride
    1, 64 channels"`)."""
    for call in calls:
        call.kernel = kernel
    return calls


LOWERINGS: dict[str, Lowering] = {}


def lowers(
    op_name: str, workspace: Callable[[Any], Workspace] = no_workspace
) -> Callable[
    [Callable[[Any, Arrays, Arrays, Arrays], list[Call]]], Callable[[Any, Arrays, Arrays, Arrays], list[Call]]
]:
    """Register the decorated function as the lowering of the op called `op_name`."""

    def register(function: Callable[[Any, Arrays, Arrays, Arrays], list[Call]]) -> Any:
        if op_name in LOWERINGS:
            raise ValueError(f"op {op_name!r} has a lowering already")
        LOWERINGS[op_name] = Lowering(*with_rounding(op_name, function, workspace))
        return function

    return register
