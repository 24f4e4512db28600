"""Dropout: the op and the public function. The backward pass is the same op, which computes the same mask again."""

from __future__ import annotations

from typing import Any

from fastcnn import reference
from fastcnn.graph import Node, Op, Tensor, Variable, emit, register
from fastcnn.graph.op import Gradients, Spec
from fastcnn.ops.checks import expect, expect_shape, whole
from fastcnn.ops.dispatch import apply, floats, numbers


@register
class Dropout(Op):
    """x with the share `rate` of its elements set to 0, and the others divided by 1 - rate."""

    name = "dropout"
    reference = staticmethod(reference.dropout)

    def infer(self, x: Tensor, state: Tensor, *, rate: float, salt: int) -> list[Spec]:
        expect(self.name, "x", x)
        expect(self.name, "state", state, "2", "int64")
        expect_shape(self.name, "state", state, (2,), "the seed and the number of the step")
        if not 0 <= rate < 1:
            raise ValueError(f"dropout: rate must be at least 0 and below 1, received {rate!r}")
        if not 0 <= salt < 2**32:
            raise ValueError(f"dropout: salt must be an integer from 0 to 2**32 - 1, received {salt!r}")
        return [(x.shape, "float32")]

    def gradient(self, node: Node, dy: Tensor) -> Gradients:
        return [emit("dropout", dy, node.inputs[1], **node.attrs), None]


def dropout(x: Any, state: Any, rate: float, salt: int = 0) -> Any:
    """Set a random share of the elements to 0, and divide the others by 1 - rate, so that the mean stays.

    Args:
        x: float32 of any shape.
        state: int64 of shape (2,): the seed, and the number of the step, which `increment` advances. The same state
            gives the same mask.
        rate: The share of elements to drop, at least 0 and below 1.
        salt: A number from 0 to 2**32 - 1 that gives each of several dropouts with one state a mask of its own.

    Returns:
        float32 of the shape of `x`.

    Raises:
        ValueError: `rate`, `salt` or the shape of `state` is out of range.

    Source: Srivastava et al., "Dropout", JMLR 15 (2014); random numbers by Philox4x32-10, Salmon et al., SC 2011.

    Example:

    >>> import numpy as np
    >>> from fastcnn import ops
    >>> y = ops.dropout(np.ones(10000), np.array([42, 0]), rate=0.25)
    >>> np.unique(y)
    array([0.       , 1.3333334], dtype=float32)
    >>> round(float(np.mean(y == 0)), 1)
    0.2
    """
    if not isinstance(state, (Tensor, Variable)):
        state = numbers(state, "int64")
    return apply("dropout", floats(x), state, rate=float(rate), salt=whole("salt", salt, least=0))
