"""Convolution fused with ReLU and 2x2 max-pooling, and its gradients from the positions of the maxima.

The convolution has strides and dilation 1 and one group; the windows of 2x2 lie side by side (an odd last row or column
falls away). `argmax` says for each pooled value which of the window's four (row-major, the first maximum wins) it was,
or 4 where ReLU let nothing through: there the value is 0 and no gradient flows.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from fastcnn.reference.conv import conv2d, conv2d_input_gradient, conv2d_weight_gradient
from fastcnn.reference.windows import Padding, Pair, output_size

PLAIN: dict[str, Any] = {"strides": (1, 1), "dilation": (1, 1), "groups": 1}
BLOCKED = 4


def conv2d_max_pool(
    x: np.ndarray, w: np.ndarray, bias: np.ndarray | None = None, *, padding: Padding, activation: str | None
) -> tuple[np.ndarray, np.ndarray]:
    """Pooled maps (N, OH // 2, OW // 2, K) and the positions of the maxima, uint8."""
    maps = conv2d(x, w, bias, padding=padding, activation=None, **PLAIN)
    height, width = maps.shape[1] // 2, maps.shape[2] // 2
    windows = np.stack([maps[:, i : 2 * height : 2, j : 2 * width : 2] for i in (0, 1) for j in (0, 1)])
    y = windows.max(axis=0)
    argmax = windows.argmax(axis=0).astype(np.uint8)
    if activation == "relu":
        y = np.maximum(y, 0)
        argmax[y == 0] = BLOCKED
    return y, argmax


def unpool(dy: np.ndarray, argmax: np.ndarray, size: Pair) -> np.ndarray:
    """The gradient (N, OH, OW, K) before the pooling: each dy at the position of its maximum, 0 elsewhere."""
    maps = np.zeros((len(dy), *size, dy.shape[3]), dy.dtype)
    _, height, width, _ = dy.shape
    for position, (i, j) in enumerate([(0, 0), (0, 1), (1, 0), (1, 1)]):
        maps[:, i : 2 * height : 2, j : 2 * width : 2] = np.where(argmax == position, dy, 0)
    return maps


def conv2d_max_pool_weight_gradient(
    x: np.ndarray, dy: np.ndarray, argmax: np.ndarray, *, kernel_size: Pair, padding: Padding
) -> tuple[np.ndarray, np.ndarray]:
    """Gradient (R, S, C, K) of the kernel, and (K,) of the bias: the sum of all dy that ReLU let through."""
    maps = unpool(dy, argmax, output_size(x.shape[1:3], kernel_size, (1, 1), padding, (1, 1)))
    dw = conv2d_weight_gradient(x, maps, kernel_size=kernel_size, padding=padding, **PLAIN)
    return dw, maps.sum(axis=(0, 1, 2))


def conv2d_max_pool_input_gradient(
    w: np.ndarray, dy: np.ndarray, argmax: np.ndarray, *, input_size: Pair, padding: Padding
) -> np.ndarray:
    """Gradient (N, H, W, C) of the images."""
    size = output_size(input_size, w.shape[:2], (1, 1), padding, (1, 1))
    return conv2d_input_gradient(w, unpool(dy, argmax, size), input_size=input_size, padding=padding, **PLAIN)
