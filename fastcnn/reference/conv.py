"""Convolution and its two gradients: images x (N, H, W, C), kernel w (R, S, C / groups, K), maps y (N, OH, OW, K).

With groups, the channels of x and of y are cut into so many equal runs, and each run of y sees its run of x only.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from fastcnn.reference.windows import Padding, Pair, crop, output_size, pad, taps


def channel_groups(channels: int, filters: int, groups: int) -> Iterator[tuple[slice, slice]]:
    """The channels of x and of y that belong to each group."""
    per_x, per_y = channels // groups, filters // groups
    for group in range(groups):
        yield slice(group * per_x, (group + 1) * per_x), slice(group * per_y, (group + 1) * per_y)


def conv2d(
    x: np.ndarray,
    w: np.ndarray,
    bias: np.ndarray | None = None,
    *,
    strides: Pair,
    padding: Padding,
    dilation: Pair,
    groups: int,
    activation: str | None,
) -> np.ndarray:
    """y[n, p, q, k] = sum over r, s, c of x[n, p * stride + r * dilation, q * stride + s * dilation, c] w[r, s, c, k],
    plus bias[k]; then ReLU where `activation` is "relu"."""
    size = output_size(x.shape[1:3], w.shape[:2], strides, padding, dilation)
    y = np.zeros((len(x), *size, w.shape[3]), np.result_type(x, w))
    for i, j, pixels in taps(pad(x, padding), w.shape[:2], size, strides, dilation):
        for of_x, of_y in channel_groups(x.shape[3], w.shape[3], groups):
            y[..., of_y] += pixels[..., of_x] @ w[i, j, :, of_y]
    if bias is not None:
        y = y + bias
    return np.maximum(y, 0) if activation == "relu" else y


def conv2d_weight_gradient(
    x: np.ndarray,
    dy: np.ndarray,
    *,
    kernel_size: Pair,
    strides: Pair,
    padding: Padding,
    dilation: Pair,
    groups: int,
) -> np.ndarray:
    """dw[r, s] = the pixels that tap (r, s) sees, transposed, times dy: summed over images and positions."""
    channels, filters = x.shape[3], dy.shape[3]
    dw = np.zeros((*kernel_size, channels // groups, filters), np.result_type(x, dy))
    for i, j, pixels in taps(pad(x, padding), kernel_size, dy.shape[1:3], strides, dilation):
        for of_x, of_y in channel_groups(channels, filters, groups):
            dw[i, j, :, of_y] = np.tensordot(pixels[..., of_x], dy[..., of_y], axes=((0, 1, 2), (0, 1, 2)))
    return dw


def conv2d_input_gradient(
    w: np.ndarray,
    dy: np.ndarray,
    *,
    input_size: Pair,
    strides: Pair,
    padding: Padding,
    dilation: Pair,
    groups: int,
) -> np.ndarray:
    """Each dy is sent back, through the weight of each tap, to the pixel that the tap saw."""
    channels, filters = w.shape[2] * groups, w.shape[3]
    dx = pad(np.zeros((len(dy), *input_size, channels), np.result_type(w, dy)), padding)
    for i, j, pixels in taps(dx, w.shape[:2], dy.shape[1:3], strides, dilation):
        for of_x, of_y in channel_groups(channels, filters, groups):
            pixels[..., of_x] += dy[..., of_y] @ w[i, j, :, of_y].T
    return crop(dx, padding)
