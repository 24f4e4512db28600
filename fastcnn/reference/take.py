"""Picking along an axis by number. Negative numbers count from the end; one that is outside gives NaN."""

from __future__ import annotations

import numpy as np


def rows_of(indices: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """The indices counted from the front, and whether they are inside; 0 where they are not."""
    front = np.where(indices < 0, indices + count, indices)
    inside = (front >= 0) & (front < count)
    return np.where(inside, front, 0), inside


def take(x: np.ndarray, indices: np.ndarray, *, axis: int) -> np.ndarray:
    """x along an axis at the indices, whose shape takes the place of the axis."""
    rows, inside = rows_of(indices, x.shape[axis])
    shape = (*(1,) * axis, *indices.shape, *(1,) * (x.ndim - axis - 1))
    return np.where(inside.reshape(shape), np.take(x, rows, axis=axis, mode="clip"), np.nan).astype(x.dtype)


def take_gradient(indices: np.ndarray, dy: np.ndarray, *, axis: int, count: int) -> np.ndarray:
    """Sums of dy where an element was picked from; the axis has length `count`."""
    rows, inside = rows_of(indices.ravel(), count)
    outer, inner = dy.shape[:axis], dy.shape[axis + indices.ndim :]
    picked = np.moveaxis(dy.reshape(*outer, indices.size, *inner), axis, 0)
    dx = np.zeros((count, *outer, *inner), dy.dtype)
    np.add.at(dx, rows[inside], picked[inside])
    return np.moveaxis(dx, 0, axis)


def take_along(x: np.ndarray, indices: np.ndarray) -> np.ndarray:
    """Of each row (..., n) the elements at its indices (..., m)."""
    rows, inside = rows_of(indices, x.shape[-1])
    return np.where(inside, np.take_along_axis(x, rows, axis=-1), np.nan).astype(x.dtype)


def take_along_gradient(indices: np.ndarray, dy: np.ndarray, *, count: int) -> np.ndarray:
    """Of each row the sums of dy (..., m) where an element was picked from: (..., count)."""
    rows, inside = rows_of(indices, count)
    dx = np.zeros((*dy.shape[:-1], count), dy.dtype)
    outer = np.nonzero(inside)[:-1]
    np.add.at(dx, (*outer, rows[inside]), dy[inside])
    return dx
