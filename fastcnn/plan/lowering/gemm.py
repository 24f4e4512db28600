"""Lowering of matmul, of one pair of matrices and of stacks of them."""

from typing import Any

from fastcnn._core.call import Call
from fastcnn._core.gemm import Matmul, PackPanels, StackedMatmul, SumPieces, matmul_pieces, packed_size
from fastcnn._core.sparse_product import SparseMatmul, SparseMatmulTransposed, sparse_serves
from fastcnn.plan.lowering.registry import Arrays, Workspace, described, lowers
from fastcnn.plan.zeros import has_zeros

SKIPS_ZEROS = "sparse: skips the zeros that ReLU or dropout left in x1"
DENSE = "dense: skipping zeros would not pay or there are few"
PACKED = f"{DENSE}; x2 is packed first, for its rows lie far apart"
IN_PIECES = f"{DENSE}; cut along the sum, for there are few rows"


def is_sparse(node: Any) -> bool:
    """Whether a product is computed by skipping the zeros of its first operand."""
    a, b = node.inputs[:2]
    transpose_b = node.attrs.get("transpose_b", False)
    if node.attrs.get("transpose_a") or not has_zeros(a):
        return False
    if transpose_b and (len(node.inputs) == 3 or node.attrs.get("activation")):
        return False
    return sparse_serves(*a.shape[:1], b.shape[0 if transpose_b else 1], a.shape[1], transpose_b)


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
    if is_sparse(node):
        if transposes["transpose_b"]:
            return described(SKIPS_ZEROS, [SparseMatmulTransposed(a, b, c)])
        (pieces,) = workspace
        return described(SKIPS_ZEROS, [SparseMatmul(a, b, pieces), SumPieces(pieces, c, bias=bias, relu=relu)])
    if not workspace:
        return described(DENSE, [Matmul(a, b, c, bias=bias, relu=relu, **transposes)])
    if workspace[0].ndim == 1:
        packed = workspace[0]
        product = Matmul(a, b, c, bias=bias, relu=relu, packed=packed, **transposes)
        return described(PACKED, [PackPanels(b, packed, c.shape[0]), product])
    pieces = workspace[0]
    return described(IN_PIECES, [Matmul(a, b, pieces, **transposes), SumPieces(pieces, c, bias=bias, relu=relu)])


@lowers("stacked_matmul")
def stacked_matmul(node: Any, inputs: Arrays, outputs: Arrays, workspace: Arrays) -> list[Call]:
    return [StackedMatmul(*inputs, *outputs, **{name: node.attrs[name] for name in ("transpose_a", "transpose_b")})]
