"""Lowering of matmul, and of the products that go straight into an optimizer's update."""

from typing import Any

from fastcnn._core.call import Call
from fastcnn._core.gemm import Matmul, PackPanels, SumPieces, matmul_pieces, packed_size
from fastcnn._core.gemm_update import MatmulAdamUpdate, MatmulMomentumUpdate, MatmulSgdUpdate
from fastcnn.plan.lowering.registry import Arrays, Workspace, lowers


def matmul_workspace(node: Any) -> Workspace:
    """A matrix per piece where the product is cut along K; else room for the packed b, where that pays."""
    a, b = node.inputs[:2]
    m, k = reversed(a.shape) if node.attrs.get("transpose_a") else a.shape
    n = b.shape[0] if node.attrs.get("transpose_b") else b.shape[1]
    pieces = matmul_pieces(m, n, k)
    if pieces > 1:
        return [((pieces, m, n), "float32")]
    packed = packed_size(m, n, k, node.attrs.get("transpose_b", False))
    return [((packed,), "float32")] if packed else []


@lowers("matmul", workspace=matmul_workspace)
def matmul(node: Any, inputs: Arrays, outputs: Arrays, workspace: Arrays) -> list[Call]:
    a, b, *optional = inputs
    (c,) = outputs
    transposes = {name: node.attrs.get(name, False) for name in ("transpose_a", "transpose_b")}
    bias = optional[0] if optional else None
    relu = node.attrs.get("activation") == "relu"
    if not workspace:
        return [Matmul(a, b, c, bias=bias, relu=relu, **transposes)]
    if workspace[0].ndim == 1:
        packed = workspace[0]
        return [PackPanels(b, packed, c.shape[0]), Matmul(a, b, c, bias=bias, relu=relu, packed=packed, **transposes)]
    pieces = workspace[0]
    return [Matmul(a, b, pieces, **transposes), SumPieces(pieces, c, bias=bias, relu=relu)]


@lowers("matmul_sgd_update")
def matmul_sgd_update(node: Any, inputs: Arrays, outputs: Arrays, workspace: Arrays) -> list[Call]:
    return [MatmulSgdUpdate(*inputs)]


@lowers("matmul_momentum_update")
def matmul_momentum_update(node: Any, inputs: Arrays, outputs: Arrays, workspace: Arrays) -> list[Call]:
    return [MatmulMomentumUpdate(*inputs, **node.attrs)]


@lowers("matmul_adam_update")
def matmul_adam_update(node: Any, inputs: Arrays, outputs: Arrays, workspace: Arrays) -> list[Call]:
    return [MatmulAdamUpdate(*inputs, **node.attrs)]
