"""Gradients of ops that have a kernel for the way forward alone: those of the same function, composed of other ops."""

from __future__ import annotations

from collections.abc import Callable

from fastcnn.graph import Node, Tensor, emit
from fastcnn.graph.op import Gradients
from fastcnn.passes.differentiate import differentiate


def composed_gradient(compose: Callable[..., Tensor], node: Node, dy: Tensor) -> Gradients:
    """The gradients of a node's inputs, by those of `compose(*inputs, **attributes)`, which gives what the node gives.

    Inputs and dy stand behind `stop_gradient`, so that what they themselves depend on stays out of it.
    """
    inputs = [emit("stop_gradient", tensor) for tensor in node.inputs]
    weighted = emit("multiply", compose(*inputs, **node.attrs), emit("stop_gradient", dy))
    loss = emit("sum", weighted, axis=tuple(range(weighted.ndim)), keepdims=False)
    return differentiate(loss, inputs)
