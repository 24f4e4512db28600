"""Windows along the first axis behind the batch, laid side by side in the channels, and their gradient."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np


def windows(length: int, taps: int, stride: int, dilation: int, padding: tuple[int, int]) -> int:
    """How many windows fit."""
    return (length + sum(padding) - dilation * (taps - 1) - 1) // stride + 1


def seen(count: int, taps: int, stride: int, dilation: int) -> Iterator[slice]:
    """What each tap of all `count` windows sees of the padded axis."""
    for tap in range(taps):
        yield slice(tap * dilation, tap * dilation + (count - 1) * stride + 1, stride)


def unfold(
    x: np.ndarray, *, taps: int, stride: int, dilation: int, padding: tuple[int, int], groups: int
) -> np.ndarray:
    """y[n, i, ..., group, tap, c] = x[n, i * stride + tap * dilation, ..., group, c] of the padded x."""
    count = windows(x.shape[1], taps, stride, dilation, padding)
    padded = np.pad(x, ((0, 0), padding, *((0, 0),) * (x.ndim - 2)))
    padded = padded.reshape(*padded.shape[:-1], groups, x.shape[-1] // groups)
    y = np.stack([padded[:, rows] for rows in seen(count, taps, stride, dilation)], axis=-2)
    return y.reshape(*y.shape[:-3], taps * x.shape[-1])


def fold(
    dy: np.ndarray, *, length: int, taps: int, stride: int, dilation: int, padding: tuple[int, int], groups: int
) -> np.ndarray:
    """Each element added to the place of an axis of `length` that `unfold` takes it from."""
    channels = dy.shape[-1] // taps
    dy = dy.reshape(*dy.shape[:-1], groups, taps, channels // groups)
    padded = np.zeros((len(dy), length + sum(padding), *dy.shape[2:-2], channels // groups), dy.dtype)
    for tap, rows in enumerate(seen(dy.shape[1], taps, stride, dilation)):
        padded[:, rows] += dy[..., tap, :]
    dx = padded[:, padding[0] : padding[0] + length]
    return dx.reshape(*dx.shape[:-2], channels)
