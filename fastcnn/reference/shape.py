"""Other shapes of the same values."""

from __future__ import annotations

import numpy as np


def reshape(x: np.ndarray, *, shape: tuple[int, ...]) -> np.ndarray:
    """The same elements in the same order under another shape; a length of -1 is what is left over."""
    return x.reshape(shape)


def broadcast_to(x: np.ndarray, *, shape: tuple[int, ...]) -> np.ndarray:
    """x repeated along new axes and along axes of length 1; a length of -1 keeps that of x."""
    kept = (1,) * (len(shape) - x.ndim) + x.shape
    return np.broadcast_to(x, [have if want == -1 else want for want, have in zip(shape, kept, strict=True)])


def transpose(x: np.ndarray, *, axes: tuple[int, ...]) -> np.ndarray:
    """Axis i of the result is axis axes[i] of x."""
    return x.transpose(axes)


def stop_gradient(x: np.ndarray) -> np.ndarray:
    """x itself."""
    return x
