"""Pooling of x (N, L, C) to a number of windows, spread evenly over L, and the gradients."""

from __future__ import annotations

import numpy as np


def spread(length: int, windows: int) -> list[slice]:
    """Window i holds what lies between floor(i * length / windows) and ceil((i + 1) * length / windows)."""
    return [slice(i * length // windows, -(-(i + 1) * length // windows)) for i in range(windows)]


def adaptive_max_pool(x: np.ndarray, *, windows: int) -> tuple[np.ndarray, np.ndarray]:
    """The largest value of each window, and its position there: int32, the first of equals. NaN is the largest."""
    parts = [x[:, window] for window in spread(x.shape[1], windows)]
    largest = np.stack([part.max(axis=1) for part in parts], axis=1)
    return largest, np.stack([part.argmax(axis=1) for part in parts], axis=1).astype(np.int32)


def adaptive_max_pool_gradient(dy: np.ndarray, argmax: np.ndarray, *, length: int) -> np.ndarray:
    """Each dy goes to what was the largest of its window; windows may share places, then gradients add up."""
    dx = np.zeros((dy.shape[0], length, dy.shape[2]), dy.dtype)
    for i, window in enumerate(spread(length, dy.shape[1])):
        for place in range(window.start, window.stop):
            dx[:, place] += np.where(argmax[:, i] == place - window.start, dy[:, i], 0)
    return dx


def adaptive_average_pool(x: np.ndarray, *, windows: int) -> np.ndarray:
    """The mean of each window."""
    return np.stack([x[:, window].mean(axis=1, dtype=x.dtype) for window in spread(x.shape[1], windows)], axis=1)


def adaptive_average_pool_gradient(dy: np.ndarray, *, length: int) -> np.ndarray:
    """Each dy is shared equally among the places of its window."""
    dx = np.zeros((dy.shape[0], length, dy.shape[2]), dy.dtype)
    for i, window in enumerate(spread(length, dy.shape[1])):
        dx[:, window] += dy[:, i : i + 1] / (window.stop - window.start)
    return dx
