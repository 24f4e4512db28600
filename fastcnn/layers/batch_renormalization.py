"""What batch renormalisation adds to batch normalisation: corrections towards moving averages, which make training
with small batches see what prediction will see.

Source: Ioffe, "Batch Renormalization: Towards Reducing Minibatch Dependence in Batch-Normalized Models", NeurIPS 2017.
"""

from __future__ import annotations

import math
from typing import Any

from fastcnn import ops
from fastcnn.graph import Variable
from fastcnn.ops.batch_normalization import update_moving_average

LIMITS = ["rmax", "rmin", "dmax"]


def checked_clipping(clipping: Any) -> dict[str, float]:
    """The limits of the corrections.

    Raises:
        ValueError: there is another key, or a limit makes no sense.
    """
    limits = dict(clipping or {})
    if set(limits) - set(LIMITS):
        raise ValueError(
            f"Received invalid keys for `renorm_clipping` argument: {clipping}. Supported values: {LIMITS}."
        )
    rmax, rmin, dmax = map(limits.get, LIMITS)
    if rmax is not None and rmin is not None and rmax < rmin:
        raise ValueError(
            f"rmax should be greater than rmin in the `renorm_clipping` argument. Received: rmax={rmax}, rmin={rmin}."
        )
    if dmax is not None and dmax < 0:
        raise ValueError(f"dmax should be non-negative in the `renorm_clipping` argument. Received: dmax={dmax}.")
    return limits


def corrections(mean: Any, deviation: Any, layer: Any) -> tuple[Any, Any]:
    """Factor and shift that lead from the batch's statistics to the layer's averages; no gradient goes through."""
    limits = layer.renorm_clipping
    known = ops.maximum(layer.renorm_stddev, math.sqrt(layer.epsilon))
    factor = ops.divide(deviation, known)
    shift = ops.divide(ops.subtract(mean, layer.renorm_mean), known)
    if limits.get("rmin") is not None:
        factor = ops.maximum(factor, limits["rmin"])
    if limits.get("rmax") is not None:
        factor = ops.minimum(factor, limits["rmax"])
    if limits.get("dmax") is not None:
        shift = ops.clip(shift, -limits["dmax"], limits["dmax"])
    return ops.stop_gradient(factor), ops.stop_gradient(shift)


def update_averages(mean: Any, deviation: Any, layer: Any) -> None:
    """Move the averages that correct training, and those of prediction, towards the batch's statistics."""
    update_moving_average(layer.renorm_mean, mean, layer.renorm_momentum)
    update_moving_average(layer.renorm_stddev, deviation, layer.renorm_momentum)
    update_moving_average(layer.moving_mean, mean, layer.momentum)
    stddev: Variable = layer.moving_stddev
    moved = ops.add(ops.multiply(stddev, layer.momentum), ops.multiply(deviation, 1 - layer.momentum))
    ops.assign(stddev, moved)
    ops.assign(layer.moving_variance, ops.relu(ops.subtract(ops.square(moved), layer.epsilon)))
