"""Lowering of matmul where kernels multiply bfloat16."""

from typing import Any

from fastcnn._core.call import Call
from fastcnn._core.gemm import SumPieces
from fastcnn._core.gemm_bfloat16 import Bfloat16Matmul
from fastcnn._core.sparse_product import Bfloat16SparseTransposed
from fastcnn.plan.lowering.bfloat16 import IN_BFLOAT16, multiplies_bfloat16
from fastcnn.plan.lowering.gemm import is_sparse, matmul_workspace
from fastcnn.plan.lowering.registry import Arrays, Workspace, described

SKIPS_ZEROS = f"{IN_BFLOAT16} that skip pairs of zeros, which ReLU or dropout left in x1"


def pieces_workspace(node: Any) -> Workspace:
    """A matrix per piece where the product is cut along K."""
    return [spec for spec in matmul_workspace(node) if len(spec[0]) == 3]


@multiplies_bfloat16("matmul", pieces_workspace)
def matmul_bfloat16(node: Any, inputs: Arrays, outputs: Arrays, workspace: Arrays) -> list[Call]:
    a, b, *optional = inputs
    transposes = {name: node.attrs[name] for name in ("transpose_a", "transpose_b")}
    last = {"bias": optional[0] if optional else None, "relu": node.attrs["activation"] == "relu"}
    if transposes["transpose_b"] and is_sparse(node):
        return described(SKIPS_ZEROS, [Bfloat16SparseTransposed(a, b, outputs[0])])
    if not workspace:
        return described(IN_BFLOAT16, [Bfloat16Matmul(a, b, outputs[0], **transposes, **last)])
    (pieces,) = workspace
    return described(IN_BFLOAT16, [Bfloat16Matmul(a, b, pieces, **transposes), SumPieces(pieces, outputs[0], **last)])
