"""Normalisation: of channels by statistics of the batch or of groups, and of rows.

Channels are the last axis. gamma and beta scale and shift the normalised values, one of each per channel.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from fastcnn.reference.conv import conv2d


def leading(x: np.ndarray) -> tuple[int, ...]:
    """All axes but the last."""
    return tuple(range(x.ndim - 1))


def batch_statistics(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and variance of each channel."""
    return x.mean(axis=leading(x)), x.var(axis=leading(x))


def conv2d_statistics(
    x: np.ndarray, w: np.ndarray, bias: np.ndarray | None = None, **attributes: Any
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A convolution without activation, and the statistics of its channels."""
    y = conv2d(x, w, bias, activation=None, **attributes)
    return (y, *batch_statistics(y))


def normalized(x: np.ndarray, mean: np.ndarray, variance: np.ndarray, epsilon: float) -> np.ndarray:
    """(x - mean) / sqrt(variance + epsilon)."""
    return (x - mean) / np.sqrt(variance + x.dtype.type(epsilon))


def batch_normalization(
    x: np.ndarray,
    mean: np.ndarray,
    variance: np.ndarray,
    gamma: np.ndarray,
    beta: np.ndarray,
    *,
    epsilon: float,
    activation: str | None,
    of_batch: bool = False,
) -> np.ndarray:
    """The normalised x times gamma plus beta; then ReLU where `activation` is "relu"."""
    y = normalized(x, mean, variance, epsilon) * gamma + beta
    return np.maximum(y, 0) if activation == "relu" else y


def before_activation(
    dy: np.ndarray,
    x: np.ndarray,
    mean: np.ndarray,
    variance: np.ndarray,
    gamma: np.ndarray,
    beta: np.ndarray,
    epsilon: float,
    activation: str | None,
) -> np.ndarray:
    """dy where the ReLU let it through."""
    dy = dy.astype(np.result_type(dy, x))
    if activation != "relu":
        return dy
    y = batch_normalization(x, mean, variance, gamma, beta, epsilon=epsilon, activation=None)
    return np.where(y > 0, dy, 0).astype(dy.dtype)


def batch_normalization_sums(
    dy: np.ndarray,
    x: np.ndarray,
    mean: np.ndarray,
    variance: np.ndarray,
    gamma: np.ndarray,
    beta: np.ndarray,
    *,
    epsilon: float,
    activation: str | None,
) -> tuple[np.ndarray, np.ndarray]:
    """Gradients of gamma and beta."""
    dz = before_activation(dy, x, mean, variance, gamma, beta, epsilon, activation)
    return (dz * normalized(x, mean, variance, epsilon)).sum(axis=leading(x)), dz.sum(axis=leading(x))


def batch_normalization_input_gradient(
    dy: np.ndarray,
    x: np.ndarray,
    mean: np.ndarray,
    variance: np.ndarray,
    gamma: np.ndarray,
    beta: np.ndarray,
    dgamma: np.ndarray | None = None,
    dbeta: np.ndarray | None = None,
    *,
    epsilon: float,
    activation: str | None,
) -> np.ndarray:
    """Gradient of x; with dgamma and dbeta where mean and variance are those of x."""
    dz = before_activation(dy, x, mean, variance, gamma, beta, epsilon, activation)
    if dgamma is not None and dbeta is not None and x.size:
        rows = x.size // x.shape[-1]
        dz = dz - dbeta / rows - normalized(x, mean, variance, epsilon) * (dgamma / rows)
    return dz * gamma / np.sqrt(variance + x.dtype.type(epsilon))


def fold_batch_normalization(
    w: np.ndarray,
    bias: np.ndarray,
    mean: np.ndarray,
    variance: np.ndarray,
    gamma: np.ndarray,
    beta: np.ndarray,
    *,
    epsilon: float,
) -> tuple[np.ndarray, np.ndarray]:
    """Weights and bias of a product whose outputs need no normalisation any more."""
    scale = gamma / np.sqrt(variance + w.dtype.type(epsilon))
    return w * scale, (bias - mean) * scale + beta


def moving_average(average: np.ndarray, value: np.ndarray, *, momentum: float) -> np.ndarray:
    """average * momentum + value * (1 - momentum)."""
    kind = average.dtype.type
    return average * kind(momentum) + value * (1 - kind(momentum))


def row_normalization(
    x: np.ndarray, gamma: np.ndarray, beta: np.ndarray, *, epsilon: float, centered: bool
) -> np.ndarray:
    """Each row of x, less its mean if `centered`, over the root of its mean square + epsilon, times gamma plus beta."""
    if centered:
        x = x - x.mean(axis=-1, keepdims=True)
    square = (x * x).mean(axis=-1, keepdims=True)
    return x / np.sqrt(square + x.dtype.type(epsilon)) * gamma + beta


def row_normalization_gradient(
    dy: np.ndarray, x: np.ndarray, gamma: np.ndarray, *, epsilon: float, centered: bool
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Gradients of x, gamma and beta."""
    if centered:
        x = x - x.mean(axis=-1, keepdims=True)
    root = np.sqrt((x * x).mean(axis=-1, keepdims=True) + x.dtype.type(epsilon))
    normal, g = x / root, dy * gamma
    dx = g - normal * (g * normal).mean(axis=-1, keepdims=True)
    if centered:
        dx = dx - g.mean(axis=-1, keepdims=True)
    return dx / root, (dy * normal).sum(axis=leading(x)), dy.sum(axis=leading(x))


def in_groups(x: np.ndarray, groups: int) -> np.ndarray:
    """x (N, ..., C) as (N, rows, groups, C / groups)."""
    rows = int(np.prod(x.shape[1:-1]))
    return x.reshape(x.shape[0], rows, groups, x.shape[-1] // groups)


def group_statistics(x: np.ndarray, groups: int, epsilon: float) -> tuple[np.ndarray, np.ndarray]:
    """The normalised x, in groups, and the roots of the variances."""
    grouped = in_groups(x, groups)
    distance = grouped - grouped.mean(axis=(1, 3), keepdims=True)
    root = np.sqrt((distance * distance).mean(axis=(1, 3), keepdims=True) + x.dtype.type(epsilon))
    return distance / root, root


def group_normalization(
    x: np.ndarray, gamma: np.ndarray, beta: np.ndarray, *, groups: int, epsilon: float
) -> np.ndarray:
    """Each sample's groups of channels normalised by their own statistics, times gamma plus beta."""
    normal, _ = group_statistics(x, groups, epsilon)
    return normal.reshape(x.shape) * gamma + beta


def group_normalization_gradient(
    dy: np.ndarray, x: np.ndarray, gamma: np.ndarray, beta: np.ndarray, *, groups: int, epsilon: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Gradients of x, gamma and beta."""
    normal, root = group_statistics(x, groups, epsilon)
    g = in_groups(dy * gamma, groups)
    mean, product = g.mean(axis=(1, 3), keepdims=True), (g * normal).mean(axis=(1, 3), keepdims=True)
    dx = ((g - mean - normal * product) / root).reshape(x.shape)
    return dx, (dy * normal.reshape(x.shape)).sum(axis=leading(x)), dy.sum(axis=leading(x))
