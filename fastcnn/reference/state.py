"""Variables written to, and element types changed."""

from __future__ import annotations

import numpy as np


def assign_add(state: np.ndarray, value: np.ndarray) -> np.ndarray:
    """The state with the value added."""
    return state + value.astype(state.dtype)


def cast(x: np.ndarray, *, dtype: str) -> np.ndarray:
    """x as another element type: int32 towards zero; as float32, float64 stays float64."""
    return x if x.dtype == np.float64 and dtype == "float32" else x.astype(dtype)
