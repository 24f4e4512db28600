"""Ranks within rows, places among bounds, running sums, counts by number. NaN counts as the largest."""

from __future__ import annotations

import numpy as np


def argmax(x: np.ndarray) -> np.ndarray:
    """Position (...) of the first of the largest elements of each row (..., n), int32."""
    return x.argmax(axis=-1).astype("int32")


def top_k(x: np.ndarray, *, k: int) -> tuple[np.ndarray, np.ndarray]:
    """The k largest elements of each row, largest first, and their positions, int32; the first of equal ones first."""
    from_the_end = x[..., ::-1].argsort(axis=-1, kind="stable")[..., ::-1][..., :k]
    positions = x.shape[-1] - 1 - from_the_end
    return np.take_along_axis(x, positions, axis=-1), positions.astype("int32")


def searchsorted(bounds: np.ndarray, x: np.ndarray, *, side: str) -> np.ndarray:
    """How many of the sorted bounds are below x, or with side "right" not above it; 0 for NaN. int32."""
    inside = bounds <= x[..., None] if side == "right" else bounds < x[..., None]
    return inside.sum(axis=-1).astype("int32")


def cumsum(x: np.ndarray, *, axis: int, reverse: bool) -> np.ndarray:
    """Sums of the elements up to each one along an axis, or from each one on."""
    return np.flip(np.cumsum(np.flip(x, axis), axis=axis), axis) if reverse else np.cumsum(x, axis=axis)


def bincount(x: np.ndarray, weights: np.ndarray | None = None, *, bins: int) -> np.ndarray:
    """How often each number below `bins` occurs in x (N,), or the sum of the weights (N,) where it does."""
    dtype = np.float32 if weights is None else weights.dtype
    inside = (x >= 0) & (x < bins)
    counts = np.bincount(x[inside], None if weights is None else weights[inside], minlength=bins)
    return counts.astype(dtype)
