"""Nodes: one application of an op to tensors."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

from fastcnn.graph.op import OPS, Op
from fastcnn.graph.origin import CURRENT
from fastcnn.graph.tensor import Tensor

serial_numbers = itertools.count()


class Node:
    """An op applied to inputs. Serial numbers grow with creation: sorted by them, nodes are in topological order,
    and an in-place update, made after all readers of the old value, stays behind them."""

    def __init__(self, op: Op, inputs: Sequence[Tensor], attributes: dict[str, Any]) -> None:
        self.serial = next(serial_numbers)
        self.op = op
        self.inputs = tuple(inputs)
        self.attrs = attributes
        self.origin = CURRENT.origin
        self.outputs = tuple(Tensor(shape, dtype, node=self) for shape, dtype in op.infer(*self.inputs, **attributes))

    @property
    def flops(self) -> int:
        """Floating-point operations of this node."""
        return self.op.flops(self)

    @property
    def precision(self) -> dict[str, bool]:
        """The attribute that says how products round, for nodes that are made from this one."""
        return {"bfloat16": True} if self.attrs.get("bfloat16") else {}

    def __repr__(self) -> str:
        shapes = ", ".join(str(tensor.shape) for tensor in self.outputs)
        return f"<Node {self.serial} {self.op.name} -> {shapes}>"


def emit(op_name: str, *inputs: Tensor, **attributes: Any) -> Any:
    """Record a node; returns its output tensor, or a tuple of them where it has several.

    Optional inputs that are None are left out, as the vocabulary of ops has them.
    """
    node = Node(OPS[op_name], [tensor for tensor in inputs if tensor is not None], attributes)
    return node.outputs[0] if len(node.outputs) == 1 else node.outputs
