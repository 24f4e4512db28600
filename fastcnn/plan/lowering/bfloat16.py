"""Nodes with the attribute `bfloat16`, whose products round their operands.

Where the processor multiplies bfloat16 and a kernel serves, `multiplies_bfloat16` has registered how. Elsewhere the
operands are rounded into copies, which the float32 kernels multiply: those products are exact, so they are the same.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fastcnn._core import bfloat16 as core
from fastcnn._core.bfloat16 import RoundToBfloat16
from fastcnn._core.call import Call
from fastcnn.graph import OPS

Calls = Callable[[Any, Any, Any, Any], list[Call]]
Temporaries = Callable[[Any], Any]


@dataclass(frozen=True)
class Native:
    """The lowering of an op to kernels that multiply bfloat16, and the nodes for which there are such."""

    serves: Callable[[Any], bool]
    calls: Calls
    workspace: Temporaries


NATIVE: dict[str, Native] = {}

IN_BFLOAT16 = "bfloat16 products by the layer's policy"
ROUNDED = "operands rounded to bfloat16 before"


def multiplies_bfloat16(
    op_name: str, workspace: Temporaries, serves: Callable[[Any], bool] = lambda node: True
) -> Callable[[Calls], Calls]:
    """Register the decorated function as what lowers an op with the attribute, for nodes that it serves."""

    def register(function: Calls) -> Calls:
        NATIVE[op_name] = Native(serves, function, workspace)
        return function

    return register


def native(op_name: str, node: Any) -> Native | None:
    """The registered lowering to kernels that multiply bfloat16, where it serves."""
    found = NATIVE.get(op_name) if core.multiplies_bfloat16() else None
    return found if found is not None and found.serves(node) else None


def with_rounding(op_name: str, calls: Calls, workspace: Temporaries) -> tuple[Calls, Temporaries]:
    """A lowering, as calls and temporary arrays, that follows the attribute."""

    def temporaries(node: Any) -> Any:
        if not node.attrs.get("bfloat16"):
            return workspace(node)
        if found := native(op_name, node):
            return found.workspace(node)
        copies = [(node.inputs[index].shape, "float32") for index in OPS[op_name].products]
        return [*copies, *workspace(node)]

    def prepared(node: Any, inputs: Any, outputs: Any, arrays: Any) -> list[Call]:
        if not node.attrs.get("bfloat16"):
            return calls(node, inputs, outputs, arrays)
        if found := native(op_name, node):
            return found.calls(node, inputs, outputs, arrays)
        operands, products = list(inputs), OPS[op_name].products
        rounds: list[Call] = []
        for index, copy in zip(products, arrays, strict=False):
            rounds.append(RoundToBfloat16(inputs[index], copy))
            operands[index] = copy
        made = calls(node, operands, outputs, arrays[len(products) :])
        for call in made:
            call.kernel = f"{call.kernel}; {ROUNDED}"
        return [*rounds, *made]

    return prepared, temporaries
