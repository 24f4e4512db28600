"""Images moved and coloured: seen through maps, between RGB and HSV, scaled and shifted."""

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


def warp_at(
    x: np.ndarray, down: np.ndarray, across: np.ndarray, *, interpolation: str, fill_mode: str, fill_value: float
) -> np.ndarray:
    """Output pixel (n, i, j) is input n at (down[n, i, j], across[n, i, j]), or a mean of the four around it."""
    n, height, width, _ = x.shape
    down, across = (np.nan_to_num(np.clip(at.astype("float64"), -1e6, 1e6), nan=-1e6) for at in (down, across))
    images = np.arange(n).reshape(n, 1, 1)

    def value(row: np.ndarray, column: np.ndarray) -> np.ndarray:
        i, no_row = inside(row.astype(int), height, fill_mode)
        j, no_column = inside(column.astype(int), width, fill_mode)
        return np.where((no_row | no_column)[..., None], fill_value, x[images, i, j])

    if interpolation == "nearest":
        rounded = (np.copysign(np.floor(np.abs(at) + 0.5), at) for at in (down, across))
        return value(*rounded).astype(x.dtype)
    top, left = np.floor(down), np.floor(across)
    low, right = (down - top)[..., None], (across - left)[..., None]
    upper = (1 - right) * value(top, left) + right * value(top, left + 1)
    lower = (1 - right) * value(top + 1, left) + right * value(top + 1, left + 1)
    return ((1 - low) * upper + low * lower).astype(x.dtype)


def perspective_warp(
    x: np.ndarray, transforms: np.ndarray, *, interpolation: str, fill_mode: str, fill_value: float
) -> np.ndarray:
    """Output (row, column) of image n is input (t3 column + t4 row + t5, t0 column + t1 row + t2), both divided by
    t6 column + t7 row + 1."""
    n, height, width, _ = x.shape
    rows, columns = np.meshgrid(np.arange(height), np.arange(width), indexing="ij")
    t = transforms.astype("float64").reshape(n, 8, 1, 1)
    with np.errstate(all="ignore"):
        depth = t[:, 6] * columns + t[:, 7] * rows + 1
        down = (t[:, 3] * columns + t[:, 4] * rows + t[:, 5]) / depth
        across = (t[:, 0] * columns + t[:, 1] * rows + t[:, 2]) / depth
    return warp_at(x, down, across, interpolation=interpolation, fill_mode=fill_mode, fill_value=fill_value)


def affine_transform(
    x: np.ndarray, transforms: np.ndarray, *, interpolation: str, fill_mode: str, fill_value: float
) -> np.ndarray:
    """The same without the division."""
    flat = transforms * np.array([1, 1, 1, 1, 1, 1, 0, 0], transforms.dtype)
    return perspective_warp(x, flat, interpolation=interpolation, fill_mode=fill_mode, fill_value=fill_value)


def homography(start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """The eight numbers of the perspective that takes four points (x, y) of `end` to those of `start`."""
    u, v = end[..., 0].astype("float64"), end[..., 1].astype("float64")
    zero, one = np.zeros_like(u), np.ones_like(u)
    rows = []
    for to, place in ((start[..., 0], [u, v, one, zero, zero, zero]), (start[..., 1], [zero, zero, zero, u, v, one])):
        rows.append(np.stack([*place, -to * u, -to * v], axis=-1))
    target = np.concatenate([start[..., 0], start[..., 1]], axis=-1)[..., None]
    return np.linalg.solve(np.concatenate(rows, axis=1), target)[..., 0].astype(start.dtype)


def rgb_to_hsv(x: np.ndarray) -> np.ndarray:
    """Hue, from 0 to 1, saturation and value of pixels (..., 3)."""
    x = np.where(np.abs(x) < np.finfo("float32").eps, 0, x)
    red, green, blue = np.moveaxis(x, -1, 0)
    value = x.max(axis=-1)
    spread = value - x.min(axis=-1)
    norm = 1 / (6 * np.where(spread > 0, spread, 1))
    hue = np.where(value == green, norm * (blue - red) + 2 / 6, norm * (red - green) + 4 / 6)
    hue = np.where(value == red, norm * (green - blue), hue)
    hue = np.where(spread > 0, hue, 0) + (hue < 0)
    saturation = np.where(value > 0, spread / np.where(value > 0, value, 1), 0)
    return np.stack([hue, saturation, value], axis=-1).astype(x.dtype)


def hsv_to_rgb(x: np.ndarray) -> np.ndarray:
    """Red, green and blue of pixels (..., 3) given by hue, saturation and value."""
    hue, saturation, value = np.moveaxis(x, -1, 0)
    turn = hue % 1 * 6
    shares = [
        np.clip(np.abs(turn - 3) - 1, 0, 1),
        np.clip(2 - np.abs(turn - 2), 0, 1),
        np.clip(2 - np.abs(turn - 4), 0, 1),
    ]
    return np.stack([value * (1 - saturation + saturation * share) for share in shares], axis=-1).astype(x.dtype)


def scale_shift_clip(x: np.ndarray, scale: np.ndarray, shift: np.ndarray, *, low: float, high: float) -> np.ndarray:
    """x (n, ..., channels) times scale (n, channels) plus shift (n, channels), from `low` to `high`."""
    shape = (len(x), *[1] * (x.ndim - 2), x.shape[-1])
    return np.clip(x * scale.reshape(shape) + shift.reshape(shape), low, high).astype(x.dtype)
