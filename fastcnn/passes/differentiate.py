"""Reverse-mode differentiation: the gradients of a scalar as further nodes of the same graph.

Nodes are emitted only where a wanted tensor is reached: the first layer gets no input gradient, and nothing is
differentiated below frozen layers.
"""

from collections.abc import Sequence

import numpy as np

from fastcnn.graph import Tensor, constant, emit
from fastcnn.graph.graph import needed_nodes
from fastcnn.graph.origin import made_by


def differentiate(loss: Tensor, wrt: Sequence[Tensor]) -> list[Tensor | None]:
    """Gradients of `loss` (one element) with respect to each tensor; None for those it does not depend on.

    Raises:
        ValueError: `loss` has more than one element, or an op on the way has no gradient.
    """
    if loss.size != 1:
        raise ValueError(f"loss must have one element to be differentiated, received {loss!r}; take its sum or mean")
    nodes = needed_nodes([loss])
    depends = set(wrt)
    for node in nodes:
        if not depends.isdisjoint(node.inputs):
            depends.update(node.outputs)
    gradients: dict[Tensor, Tensor] = {loss: constant(np.ones(loss.static_shape, "float32"))}
    for node in reversed(nodes):
        outer = [gradients.get(tensor) for tensor in node.outputs]
        if depends.isdisjoint(node.inputs) or all(gradient is None for gradient in outer):
            continue
        with made_by(*node.origin):
            for tensor, gradient in zip(node.inputs, node.op.gradient(node, *outer), strict=True):
                if gradient is not None and tensor in depends:
                    known = gradients.get(tensor)
                    gradients[tensor] = gradient if known is None else emit("add", known, gradient)
    return [gradients.get(tensor) for tensor in wrt]
