"""Sums, means and maxima over some of the axes."""

from __future__ import annotations

import numpy as np


def sum(x: np.ndarray, *, axis: tuple[int, ...], keepdims: bool) -> np.ndarray:
    """The sum over the axes `axis`, which stay as axes of length 1 with `keepdims`."""
    return np.sum(x, axis=axis, keepdims=keepdims)


def mean(x: np.ndarray, *, axis: tuple[int, ...], keepdims: bool) -> np.ndarray:
    """The mean over the axes `axis`; NaN where there is nothing to take the mean of."""
    count = np.prod([x.shape[i] for i in axis], dtype=x.dtype)
    with np.errstate(invalid="ignore"):
        return np.sum(x, axis=axis, keepdims=keepdims) / count


def max(x: np.ndarray, *, axis: tuple[int, ...], keepdims: bool) -> np.ndarray:
    """The largest over the axes `axis`; NaN counts as the largest."""
    return np.max(x, axis=axis, keepdims=keepdims)
