"""Boxes of arrays: cut out, placed among zeros, joined."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def region(start: Sequence[int], step: Sequence[int], size: Sequence[int]) -> tuple[np.ndarray, ...]:
    """Indices of a box, for NumPy."""
    return np.ix_(*(first + by * np.arange(count) for first, by, count in zip(start, step, size, strict=True)))


def slice(x: np.ndarray, *, start: Sequence[int], step: Sequence[int], size: Sequence[int]) -> np.ndarray:
    """Every step-th element from start on, `size` of them along each axis; -1 stands for all."""
    sizes = [length if count == -1 else count for length, count in zip(x.shape, size, strict=True)]
    return x[region(start, step, sizes)]


def place(x: np.ndarray, *, shape: Sequence[int], start: Sequence[int], step: Sequence[int]) -> np.ndarray:
    """x as the box that starts at `start` of an array of zeros; a length of -1 is that of x."""
    lengths = [have if want == -1 else want for want, have in zip(shape, x.shape, strict=True)]
    y = np.zeros(lengths, x.dtype)
    y[region(start, step, x.shape)] = x
    return y


def concatenate(*xs: np.ndarray, axis: int) -> np.ndarray:
    """Arrays one behind the other along an axis."""
    return np.concatenate(xs, axis=axis)
