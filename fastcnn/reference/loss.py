"""Cross-entropy of classes, from probabilities (N, C) and from logits (N, C): a loss (N,) for each row.

Targets are class numbers (N,), int32, where `sparse`; else weights of the classes (N, C), as a rule one-hot rows.
"""

from __future__ import annotations

import numpy as np

from fastcnn.reference.softmax import softmax

EPSILON = 1e-7
"""Probabilities are taken to lie in [EPSILON, 1 - EPSILON], so that no logarithm is infinite."""


def dense(target: np.ndarray, like: np.ndarray, sparse: bool) -> np.ndarray:
    """The target as rows (N, C) of the floats of `like`."""
    return np.eye(like.shape[1], dtype=like.dtype)[target] if sparse else target


@np.errstate(invalid="ignore", divide="ignore")
def scaled(probabilities: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The probabilities divided by the sums of their rows, and these sums (N, 1)."""
    total = probabilities.sum(axis=1, keepdims=True)
    return probabilities / total, total


def cross_entropy(target: np.ndarray, probabilities: np.ndarray, *, sparse: bool) -> np.ndarray:
    """-sum(target log(p)), of probabilities p that are, as in Keras, first divided by the sum of their row and then
    clipped to [EPSILON, 1 - EPSILON]."""
    p, _ = scaled(probabilities)
    return -(dense(target, p, sparse) * np.log(np.clip(p, EPSILON, 1 - EPSILON))).sum(axis=1)


def cross_entropy_gradient(
    target: np.ndarray, probabilities: np.ndarray, dloss: np.ndarray, *, sparse: bool
) -> np.ndarray:
    """-target / p where p is not clipped, led back through the division by the sum; times dloss (N,)."""
    p, total = scaled(probabilities)
    clipped = np.clip(p, EPSILON, 1 - EPSILON)
    dp = np.where(p == clipped, -dense(target, p, sparse) / clipped, 0) * dloss[:, None]
    return (dp - (dp * p).sum(axis=1, keepdims=True)) / total


@np.errstate(invalid="ignore")
def softmax_cross_entropy(target: np.ndarray, logits: np.ndarray, *, sparse: bool) -> tuple[np.ndarray, np.ndarray]:
    """-sum(target log(softmax(logits))), without going through the probabilities; and the probabilities (N, C)."""
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return -(dense(target, logits, sparse) * log_p).sum(axis=1), softmax(logits)


def softmax_cross_entropy_gradient(
    target: np.ndarray, probabilities: np.ndarray, dloss: np.ndarray, *, sparse: bool
) -> np.ndarray:
    """(p sum(target) - target) dloss, the gradient of the logits; the sum is 1 for targets that are probabilities."""
    weights = dense(target, probabilities, sparse)
    return (probabilities * weights.sum(axis=1, keepdims=True) - weights) * dloss[:, None]
