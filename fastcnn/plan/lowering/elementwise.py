"""Lowering of element-wise ops, of one array or of two with broadcasting, and of copies."""

from collections.abc import Callable
from typing import Any

from fastcnn._core.broadcast import BINARY_OPS, Binary, BroadcastTo, Transpose
from fastcnn._core.call import Call
from fastcnn._core.elementwise import GRADIENT_OPS, UNARY_OPS, Unary, UnaryGradient
from fastcnn.plan.lowering.registry import Arrays, lowers


def lowering_of(driver: type, op: str) -> Callable[[Any, Arrays, Arrays, Arrays], list[Call]]:
    """The lowering to one call of a driver that serves several ops."""

    def lowering(node: Any, inputs: Arrays, outputs: Arrays, workspace: Arrays) -> list[Call]:
        return [driver(*inputs, *outputs, op=op)]

    return lowering


for name in UNARY_OPS:
    lowers(name)(lowering_of(Unary, name))
for name in GRADIENT_OPS:
    lowers(f"{name}_gradient")(lowering_of(UnaryGradient, name))
for name in BINARY_OPS:
    lowers(name)(lowering_of(Binary, name))


@lowers("broadcast_to")
def broadcast_to(node: Any, inputs: Arrays, outputs: Arrays, workspace: Arrays) -> list[Call]:
    return [BroadcastTo(inputs[0], outputs[0])]


@lowers("assign")
def assign(node: Any, inputs: Arrays, outputs: Arrays, workspace: Arrays) -> list[Call]:
    return [BroadcastTo(inputs[1], outputs[0])]


@lowers("transpose")
def transpose(node: Any, inputs: Arrays, outputs: Arrays, workspace: Arrays) -> list[Call]:
    return [Transpose(inputs[0], outputs[0], axes=node.attrs["axes"])]
