"""Accuracies, a value (N,) for each row, and the running sum that averages them over batches."""

from __future__ import annotations

import numpy as np


def accuracy(target: np.ndarray, output: np.ndarray, *, sparse: bool) -> np.ndarray:
    """1 where the largest of output (N, C) is at the target's class, else 0.

    The target is class numbers (N,) where `sparse`, else rows (N, C), whose class is the largest; first of equals."""
    classes = target if sparse else target.argmax(axis=1)
    return (output.argmax(axis=1) == classes).astype(output.dtype)


def binary_accuracy(target: np.ndarray, output: np.ndarray, *, threshold: float) -> np.ndarray:
    """The share of each row of output (N, C) that, as 1 above the threshold and 0 else, equals the target."""
    return ((output > threshold) == target).mean(axis=-1, dtype=output.dtype)


def accumulate(state: np.ndarray, values: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
    """State, float64 (sum, count), with the values (N,) taken in, each as often as its weight says."""
    if weights is None:
        return state + np.array([values.sum(dtype=np.float64), len(values)])
    weights = weights.astype(np.float64)
    return state + np.array([(values * weights).sum(), weights.sum()])
