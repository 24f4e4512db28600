"""How each op becomes calls of the compiled core: one module per family of kernels, all registered on import."""

from fastcnn.plan.lowering import bias, conv, gemm, optimizer  # registers them
from fastcnn.plan.lowering.registry import LOWERINGS, Lowering, lowers

__all__ = ["LOWERINGS", "Lowering", "bias", "conv", "gemm", "lowers", "optimizer"]
