"""How each op becomes calls of the compiled core: one module per family of kernels, all registered on import."""

from fastcnn.plan.lowering import (  # registers them
    bias,
    conv,
    conv_pool,
    dropout,
    elementwise,
    gemm,
    loss,
    metric,
    optimizer,
    order,
    pool,
    reduction,
    region,
    softmax,
    state,
    take,
)
from fastcnn.plan.lowering.registry import LOWERINGS, Lowering, described, lowers

__all__ = [
    "LOWERINGS",
    "Lowering",
    "bias",
    "conv",
    "conv_pool",
    "described",
    "dropout",
    "elementwise",
    "gemm",
    "loss",
    "lowers",
    "metric",
    "optimizer",
    "order",
    "pool",
    "reduction",
    "region",
    "softmax",
    "state",
    "take",
]
