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


def max_gradient(x: np.ndarray, y: np.ndarray, dy: np.ndarray, *, axis: tuple[int, ...]) -> np.ndarray:
    """dy where x is the largest over the axes, shared evenly among equal ones, 0 elsewhere; y is the largest."""
    shape = [1 if i in axis else length for i, length in enumerate(x.shape)]
    largest = (x == y.reshape(shape)).astype(x.dtype)
    with np.errstate(divide="ignore", invalid="ignore"):
        return largest * (dy.reshape(shape) / largest.sum(axis=axis, keepdims=True))
