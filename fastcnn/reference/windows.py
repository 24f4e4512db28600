"""Sliding windows: what convolution and pooling share.

A window of R x S taps slides over a padded image. Seen tap by tap, tap (i, j) of all windows at once is one strided
view of the image, of the size of the output. Every reference here is a loop over these views.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

Pair = tuple[int, int]
Padding = tuple[Pair, Pair]


def pad(x: np.ndarray, padding: Padding, value: float = 0) -> np.ndarray:
    """Images (N, H, W, C) with rows and columns of `value` added as `padding` ((top, bottom), (left, right)) says."""
    return np.pad(x, ((0, 0), *padding, (0, 0)), constant_values=value)


def crop(padded: np.ndarray, padding: Padding) -> np.ndarray:
    """The inverse of `pad`."""
    (top, bottom), (left, right) = padding
    _, height, width, _ = padded.shape
    return padded[:, top : height - bottom, left : width - right]


def output_size(image: Pair, window: Pair, strides: Pair, padding: Padding, dilation: Pair) -> Pair:
    """How many windows fit: (size + padding - dilation * (window - 1) - 1) // stride + 1, in both directions."""
    height, width = (
        (size + before + after - step * (taps - 1) - 1) // stride + 1
        for size, taps, stride, (before, after), step in zip(image, window, strides, padding, dilation, strict=True)
    )
    return height, width


def taps(
    padded: np.ndarray, window: Pair, output: Pair, strides: Pair, dilation: Pair = (1, 1)
) -> Iterator[tuple[int, int, np.ndarray]]:
    """Yields (i, j, view): the pixels (N, OH, OW, C) that tap (i, j) of each window sees, in row-major order."""
    for i in range(window[0]):
        for j in range(window[1]):
            top, left = i * dilation[0], j * dilation[1]
            rows = slice(top, top + (output[0] - 1) * strides[0] + 1, strides[0])
            columns = slice(left, left + (output[1] - 1) * strides[1] + 1, strides[1])
            yield i, j, padded[:, rows, columns]
