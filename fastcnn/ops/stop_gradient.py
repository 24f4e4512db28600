"""A tensor that training looks on as a constant."""

from __future__ import annotations

from typing import Any

from fastcnn import reference
from fastcnn.graph import Node, Op, Tensor, register
from fastcnn.graph.op import Gradients, Spec
from fastcnn.ops.dispatch import apply, floats


@register
class StopGradient(Op):
    """x itself; nothing is propagated back."""

    name = "stop_gradient"
    reference = staticmethod(reference.stop_gradient)
    is_view = True

    def infer(self, x: Tensor) -> list[Spec]:
        return [(x.shape, x.dtype)]

    def flops(self, node: Node) -> int:
        return 0

    def gradient(self, node: Node, dy: Tensor) -> Gradients:
        return [None]


def stop_gradient(variable: Any) -> Any:
    """`variable` itself, through which no gradient passes.

    >>> from fastcnn import ops
    >>> ops.stop_gradient([1, 2])
    array([1., 2.], dtype=float32)
    """
    return apply("stop_gradient", floats(variable))
