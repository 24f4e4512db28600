"""Matrix products and biases."""

from __future__ import annotations

import numpy as np


def matmul(
    a: np.ndarray,
    b: np.ndarray,
    bias: np.ndarray | None = None,
    *,
    transpose_a: bool,
    transpose_b: bool,
    activation: str | None,
) -> np.ndarray:
    """a (M, K), or (K, M) with `transpose_a`, times b (K, N), or (N, K) with `transpose_b`; plus bias (N,);
    then ReLU where `activation` is "relu"."""
    y = (a.T if transpose_a else a) @ (b.T if transpose_b else b)
    if bias is not None:
        y = y + bias
    return np.maximum(y, 0) if activation == "relu" else y


def add_bias(x: np.ndarray, b: np.ndarray) -> np.ndarray:
    """x (..., C) plus b (C,)."""
    return x + b


def bias_gradient(dy: np.ndarray) -> np.ndarray:
    """The sum of dy (..., C) over all but the last axis: (C,)."""
    return dy.sum(axis=tuple(range(dy.ndim - 1)))


def stacked_matmul(a: np.ndarray, b: np.ndarray, *, transpose_a: bool, transpose_b: bool) -> np.ndarray:
    """The product of each matrix of a stack a (S, M, K) with its like of a stack b (S, K, N), either transposed."""
    return (a.swapaxes(1, 2) if transpose_a else a) @ (b.swapaxes(1, 2) if transpose_b else b)
