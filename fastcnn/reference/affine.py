"""Images seen through affine maps."""

from __future__ import annotations

import numpy as np


def inside(position: np.ndarray, length: int, mode: str) -> tuple[np.ndarray, np.ndarray]:
    """Positions in an axis that stand for those outside, and which of them are filled."""
    if mode == "nearest":
        return np.clip(position, 0, length - 1), np.zeros(position.shape, bool)
    if mode == "wrap":
        return position % length, np.zeros(position.shape, bool)
    if mode == "reflect":
        position = position % (2 * length)
        return np.where(position < length, position, 2 * length - 1 - position), np.zeros(position.shape, bool)
    outside = (position < 0) | (position >= length)
    return np.where(outside, 0, position), outside


def affine_transform(
    x: np.ndarray, transforms: np.ndarray, *, interpolation: str, fill_mode: str, fill_value: float
) -> np.ndarray:
    """Output (row, column) of image n is input (t3 column + t4 row + t5, t0 column + t1 row + t2)."""
    n, height, width, _ = x.shape
    rows, columns = np.meshgrid(np.arange(height), np.arange(width), indexing="ij")
    t = transforms.astype("float64").reshape(n, 8, 1, 1)
    across = t[:, 0] * columns + t[:, 1] * rows + t[:, 2]
    down = t[:, 3] * columns + t[:, 4] * rows + t[:, 5]
    images = np.arange(n).reshape(n, 1, 1)

    def value(row: np.ndarray, column: np.ndarray) -> np.ndarray:
        i, no_row = inside(row.astype(int), height, fill_mode)
        j, no_column = inside(column.astype(int), width, fill_mode)
        return np.where((no_row | no_column)[..., None], fill_value, x[images, i, j])

    if interpolation == "nearest":
        return value(np.rint(down), np.rint(across)).astype(x.dtype)
    top, left = np.floor(down), np.floor(across)
    low, right = (down - top)[..., None], (across - left)[..., None]
    upper = (1 - right) * value(top, left) + right * value(top, left + 1)
    lower = (1 - right) * value(top + 1, left) + right * value(top + 1, left + 1)
    return ((1 - low) * upper + low * lower).astype(x.dtype)
