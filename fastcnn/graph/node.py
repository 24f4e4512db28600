"""Nodes: one application of an op to tensors."""

from __future__ import annotations

import itertools
import weakref
from collections.abc import Sequence
from typing import Any

from fastcnn.graph.op import OPS, Op
from fastcnn.graph.origin import CURRENT
from fastcnn.graph.tensor import Tensor

serial_numbers = itertools.count()


class Node:
    """An op applied to inputs. Serial numbers grow with creation: sorted by them, nodes are in topological order,
    and an in-place update, made after all readers of the old value, stays behind them.

    References go one way, from what was computed to what it was computed from: a tensor holds its node, a node its
    inputs. So graphs, and the weights that they lead to, are freed as soon as nobody has their outputs.
    """

    def __init__(self, op: Op, inputs: Sequence[Tensor], attributes: dict[str, Any]) -> None:
        self.serial = next(serial_numbers)
        self.op = op
        self.inputs = tuple(inputs)
        self.attrs = attributes
        self.origin = CURRENT.origin
        self.output_specs = op.infer(*self.inputs, **attributes)
        self._outputs: list[weakref.ref[Tensor]] = []

    @property
    def outputs(self) -> tuple[Tensor, ...]:
        """The output tensors: the same objects as long as somebody has them."""
        known = [output() for output in self._outputs] or [None] * len(self.output_specs)
        outputs = tuple(
            Tensor(shape, dtype, node=self) if tensor is None else tensor
            for tensor, (shape, dtype) in zip(known, self.output_specs, strict=True)
        )
        if None in known:
            self._outputs = [weakref.ref(tensor) for tensor in outputs]
        return outputs

    @property
    def flops(self) -> int:
        """Floating-point operations of this node."""
        return self.op.flops(self)

    @property
    def precision(self) -> dict[str, bool]:
        """The attribute that says how products round, for nodes that are made from this one."""
        return {"bfloat16": True} if self.attrs.get("bfloat16") else {}

    def __repr__(self) -> str:
        shapes = ", ".join(str(shape) for shape, _ in self.output_specs)
        return f"<Node {self.serial} {self.op.name} -> {shapes}>"


def emit(op_name: str, *inputs: Tensor, **attributes: Any) -> Any:
    """Record a node; returns its output tensor, or a tuple of them where it has several.

    Optional inputs that are None are left out, as the vocabulary of ops has them.
    """
    outputs = Node(OPS[op_name], [tensor for tensor in inputs if tensor is not None], attributes).outputs
    return outputs[0] if len(outputs) == 1 else outputs
