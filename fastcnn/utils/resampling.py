"""How an axis of an image gets another length: the input pixels of every output pixel, and their weights.

The methods are those of `tf.image.resize` without smoothing, by which Keras reads folders of images: pixels are areas,
whose centres lie at halves. Tables are remembered: images of a folder often have one size.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from fastcnn._core.pixels import Axis

Table = tuple[NDArray[np.int64], NDArray[np.float64]]


def nearest(length: int, out_length: int) -> Table:
    """The pixel under each centre."""
    centres = np.floor((np.arange(out_length, dtype="float32") + np.float32(0.5)) * np.float32(length / out_length))
    return np.minimum(centres.astype("int64"), length - 1)[:, None], np.ones((out_length, 1))


def area(length: int, out_length: int) -> Table:
    """The mean of what an output pixel covers."""
    scale = length / out_length
    starts = np.arange(out_length)[:, None] * scale
    first = np.floor(starts).astype("int64")
    indices = first + np.arange(int(np.ceil(scale)) + 1)
    covered = np.minimum(indices + 1, starts + scale) - np.maximum(indices, starts)
    return np.minimum(indices, length - 1), np.where(indices < length, np.maximum(covered, 0), 0) / scale


def by_kernel(kernel: Callable[[NDArray], NDArray], support: float) -> Callable[[int, int], Table]:
    """A method that weights the pixels around a centre by a function of their distance."""

    def table(length: int, out_length: int) -> Table:
        # In float32 as TensorFlow: kernels that jump at their ends take a pixel in or leave it by the last bit.
        step = np.float32(1) / (np.float32(out_length) / np.float32(length))
        centres = ((np.arange(out_length, dtype="float32")[:, None] + np.float32(0.5)) * step).astype("float64")
        first = np.ceil(centres - support - 0.5).astype("int64")
        indices = first + np.arange(int(2 * support) + 1)
        weights = np.where((indices >= 0) & (indices < length), kernel(np.abs(indices + 0.5 - centres)), 0)
        total = weights.sum(axis=1, keepdims=True)
        return np.clip(indices, 0, length - 1), weights / np.where(total == 0, 1, total)

    return table


def triangle(x: NDArray) -> NDArray:
    """Linear between two pixels."""
    return np.maximum(1 - x, 0)


def cubic(b: float, c: float) -> Callable[[NDArray], NDArray]:
    """The cubic kernels of Mitchell and Netravali."""

    def kernel(x: NDArray) -> NDArray:
        near = (12 - 9 * b - 6 * c) * x**3 + (-18 + 12 * b + 6 * c) * x**2 + (6 - 2 * b)
        far = (-b - 6 * c) * x**3 + (6 * b + 30 * c) * x**2 + (-12 * b - 48 * c) * x + (8 * b + 24 * c)
        return np.where(x < 1, near, np.where(x < 2, far, 0)) / 6

    return kernel


def lanczos(radius: int) -> Callable[[NDArray], NDArray]:
    """sinc, windowed by a wider one."""
    return lambda x: np.where(x < radius, np.sinc(x) * np.sinc(x / radius), 0)


def gaussian(x: NDArray) -> NDArray:
    """The bell curve of standard deviation 1/2, cut at 3/2."""
    return np.where(x < 1.5, np.exp(-2 * x**2), 0)


METHODS: dict[str, Callable[[int, int], Table]] = {
    "bilinear": by_kernel(triangle, 1),
    "nearest": nearest,
    "bicubic": by_kernel(cubic(0, 0.5), 2),
    "area": area,
    "lanczos3": by_kernel(lanczos(3), 3),
    "lanczos5": by_kernel(lanczos(5), 5),
    "gaussian": by_kernel(gaussian, 1.5),
    "mitchellcubic": by_kernel(cubic(1 / 3, 1 / 3), 2),
}


@lru_cache(512)
def axis(method: str, length: int, out_length: int) -> Axis:
    """How an axis is resampled by one of `METHODS`, without the pixels that count for nothing."""
    indices, weights = METHODS[method](length, out_length)
    order = np.argsort(weights == 0, axis=1, kind="stable")[:, : max(int((weights != 0).sum(axis=1).max()), 1)]
    indices, weights = np.take_along_axis(indices, order, 1), np.take_along_axis(weights, order, 1)
    return Axis(length, np.ascontiguousarray(indices, "int32"), np.ascontiguousarray(weights, "float32"))
