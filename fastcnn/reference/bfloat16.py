"""Rounding to bfloat16, float32 with 8 bits of precision in the place of 24: what mixed precision does to operands."""

from __future__ import annotations

import numpy as np


def rounded_to_bfloat16(x: np.ndarray) -> np.ndarray:
    """Each element as the nearest bfloat16, of two as near the even one; the dtype stays."""
    single = x.astype(np.float32)
    bits = single.view(np.uint32)
    rounded = ((bits + 0x7FFF + (bits >> 16 & 1)) & 0xFFFF0000).astype(np.uint32).view(np.float32)
    return np.where(np.isnan(single), single, rounded).astype(x.dtype)
