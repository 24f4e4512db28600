"""Softmax over the last axis."""

from __future__ import annotations

import numpy as np


@np.errstate(invalid="ignore")
def softmax(x: np.ndarray) -> np.ndarray:
    """exp(x) / sum(exp(x)), after taking the largest x off all, so that nothing overflows."""
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def softmax_gradient(dy: np.ndarray, y: np.ndarray) -> np.ndarray:
    """y (dy - sum(dy y)), for y = softmax(x)."""
    return y * (dy - (dy * y).sum(axis=-1, keepdims=True))
