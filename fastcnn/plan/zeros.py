"""Which tensors hold many exact zeros, by the ops that make them: products with them are cheaper done sparsely."""

import math
from typing import Any

MAKERS = {"relu", "relu_gradient"}
WITH_ACTIVATION = {"conv2d", "conv2d_max_pool", "matmul"}
DROPPED = 0.4
"""A dropout of this rate or more leaves enough zeros."""
FEW = 32
"""Of at least so many elements a global maximum leaves one."""


def has_zeros(tensor: Any) -> bool:
    """Whether about half of a tensor's elements or more are likely to be zero: it comes from ReLU, from the gradient of
    one, or from a dropout."""
    node = getattr(tensor, "node", None)
    while node is not None and (node.op.is_view or node.op.name == "dropout"):
        if not node.op.is_view and node.attrs["rate"] >= DROPPED:
            return True
        node = node.inputs[0].node
    if node is None:
        return False
    return node.op.name in MAKERS or (node.op.name in WITH_ACTIVATION and node.attrs["activation"] == "relu")


def is_nearly_empty(tensor: Any) -> bool:
    """Whether one element in `FEW` of a tensor, or fewer, is likely not to be zero: it comes from the gradient of a
    maximum over so many, of which ReLU may have stopped more."""
    node = getattr(tensor, "node", None)
    while node is not None and (node.op.is_view or node.op.name == "relu_gradient"):
        node = node.inputs[0].node
    if node is None or node.op.name != "max_gradient":
        return False
    return math.prod(node.inputs[0].shape[i] for i in node.attrs["axis"]) >= FEW
