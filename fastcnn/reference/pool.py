"""Max and average pooling of images x (N, H, W, C) to y (N, OH, OW, C), and their gradients."""

from __future__ import annotations

import numpy as np

from fastcnn.reference.windows import Padding, Pair, crop, output_size, pad, taps


def max_pool2d(x: np.ndarray, *, pool_size: Pair, strides: Pair, padding: Padding) -> tuple[np.ndarray, np.ndarray]:
    """The largest value of each window, and its position there: int32, row-major, the first of equals.

    Padding never wins. A NaN counts as the largest of all."""
    size = output_size(x.shape[1:3], pool_size, strides, padding, (1, 1))
    windows = np.stack([pixels for _, _, pixels in taps(pad(x, padding, -np.inf), pool_size, size, strides)])
    return windows.max(axis=0), windows.argmax(axis=0).astype(np.int32)


def max_pool2d_gradient(
    dy: np.ndarray, argmax: np.ndarray, *, input_size: Pair, pool_size: Pair, strides: Pair, padding: Padding
) -> np.ndarray:
    """Each dy goes to the pixel that was the largest of its window; windows may overlap, then gradients add up."""
    dx = pad(np.zeros((len(dy), *input_size, dy.shape[3]), dy.dtype), padding)
    for i, j, pixels in taps(dx, pool_size, dy.shape[1:3], strides):
        pixels += np.where(argmax == i * pool_size[1] + j, dy, 0)
    return crop(dx, padding)


def window_counts(input_size: Pair, pool_size: Pair, strides: Pair, padding: Padding) -> np.ndarray:
    """How many pixels of the image, not counting padding, each window covers: (1, OH, OW, 1)."""
    size = output_size(input_size, pool_size, strides, padding, (1, 1))
    image = pad(np.ones((1, *input_size, 1)), padding)
    return np.sum([pixels for _, _, pixels in taps(image, pool_size, size, strides)], axis=0)


def average_pool2d(x: np.ndarray, *, pool_size: Pair, strides: Pair, padding: Padding) -> np.ndarray:
    """The mean of each window; padding is not counted."""
    size = output_size(x.shape[1:3], pool_size, strides, padding, (1, 1))
    total = np.sum([pixels for _, _, pixels in taps(pad(x, padding), pool_size, size, strides)], axis=0)
    return (total / window_counts(x.shape[1:3], pool_size, strides, padding)).astype(x.dtype)


def average_pool2d_gradient(
    dy: np.ndarray, *, input_size: Pair, pool_size: Pair, strides: Pair, padding: Padding
) -> np.ndarray:
    """Each dy is shared equally among the pixels of its window."""
    share = (dy / window_counts(input_size, pool_size, strides, padding)).astype(dy.dtype)
    dx = pad(np.zeros((len(dy), *input_size, dy.shape[3]), dy.dtype), padding)
    for _, _, pixels in taps(dx, pool_size, dy.shape[1:3], strides):
        pixels += share
    return crop(dx, padding)
