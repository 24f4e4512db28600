"""Functions of images: `fastcnn.ops.image`, with the names of `keras.ops.image`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from fastcnn.ops.arrange import getitem, pad
from fastcnn.ops.checks import pair
from fastcnn.ops.dispatch import floats
from fastcnn.ops.math import add, multiply
from fastcnn.ops.random import affine_transform
from fastcnn.ops.reduction import sum as total
from fastcnn.ops.take import take

__all__ = ["affine_transform", "crop_images", "pad_images", "resize", "rgb_to_grayscale"]

GRAY = (0.2989, 0.587, 0.114)


def resize(images: Any, size: int | Sequence[int], interpolation: str = "bilinear") -> Any:
    """Images of another size, without smoothing before they are made smaller.

    Args:
        images: float32 (..., H, W, C).
        size: The new height and width.
        interpolation: "nearest" or "bilinear". Default "bilinear".

    Returns:
        float32 (..., height, width, C).

    Raises:
        ValueError: A size is no positive integer, or the interpolation is another.

    Example:

    >>> from fastcnn import ops
    >>> ops.image.resize([[[[0.0], [4.0]]]], (1, 4))[0, 0, :, 0]
    array([0., 1., 3., 4.], dtype=float32)
    """
    images = floats(images)
    if interpolation not in ("nearest", "bilinear"):
        raise ValueError(f"interpolation must be 'nearest' or 'bilinear', received interpolation={interpolation!r}")
    rank = len(images.shape)
    for axis, length in zip((rank - 3, rank - 2), pair("size", size), strict=True):
        images = resampled(images, axis, length, interpolation)
    return images


def resampled(x: Any, axis: int, length: int, interpolation: str) -> Any:
    """One axis in another length."""
    old = x.shape[axis]
    if length == old:
        return x
    centres = (np.arange(length) + 0.5) * (old / length)
    if interpolation == "nearest":
        return take(x, np.minimum(np.floor(centres), old - 1).astype("int32"), axis=axis)
    at = np.clip(centres - 0.5, 0, old - 1)
    low = np.floor(at).astype("int32")
    share = (at - low).astype("float32").reshape([length] + [1] * (len(x.shape) - 1 - axis))
    first, second = take(x, low, axis=axis), take(x, np.minimum(low + 1, old - 1), axis=axis)
    return add(multiply(first, 1 - share), multiply(second, share))


def crop_images(
    images: Any,
    top_cropping: int | None = None,
    left_cropping: int | None = None,
    bottom_cropping: int | None = None,
    right_cropping: int | None = None,
    target_height: int | None = None,
    target_width: int | None = None,
) -> Any:
    """A part of images.

    Args:
        images: float32 (..., H, W, C).
        top_cropping, left_cropping, bottom_cropping, right_cropping: Rows and columns to cut off.
        target_height, target_width: Size of the part; takes the place of one number of each direction.

    Raises:
        ValueError: Numbers are missing, or leave the image.

    Example:

    >>> import numpy as np
    >>> from fastcnn import ops
    >>> ops.image.crop_images(np.zeros((1, 8, 8, 3)), 1, 2, target_height=4, target_width=5).shape
    (1, 4, 5, 3)
    """
    images = floats(images)
    top, height = span(images.shape[-3], top_cropping, bottom_cropping, target_height, "height", -1)
    left, width = span(images.shape[-2], left_cropping, right_cropping, target_width, "width", -1)
    return getitem(images, (..., slice(top, top + height), slice(left, left + width), slice(None)))


def pad_images(
    images: Any,
    top_padding: int | None = None,
    left_padding: int | None = None,
    bottom_padding: int | None = None,
    right_padding: int | None = None,
    target_height: int | None = None,
    target_width: int | None = None,
) -> Any:
    """Images with zeros around them; the arguments are those of `crop_images`.

    Example:

    >>> import numpy as np
    >>> from fastcnn import ops
    >>> ops.image.pad_images(np.zeros((1, 4, 4, 3)), 1, 2, target_height=8, target_width=9).shape
    (1, 8, 9, 3)
    """
    images = floats(images)
    rows, columns = images.shape[-3], images.shape[-2]
    top, height = span(rows, top_padding, bottom_padding, target_height, "height", 1)
    left, width = span(columns, left_padding, right_padding, target_width, "width", 1)
    widths = [(0, 0)] * (len(images.shape) - 3)
    return pad(images, [*widths, (top, height - rows - top), (left, width - columns - left), (0, 0)])


def span(
    length: int, before: int | None, after: int | None, target: int | None, name: str, sign: int
) -> tuple[int, int]:
    """(before, new length) of an axis, from two of three numbers."""
    given = sum(number is not None for number in (before, after, target))
    if given != 2:
        raise ValueError(f"exactly two of the three numbers of the {name} must be given, received {given} of them")
    if target is None:
        target = length + sign * ((before or 0) + (after or 0))
    elif before is None:
        before = sign * (target - length) - (after or 0)
    rest = sign * (target - length) - (before or 0)
    if (before or 0) < 0 or rest < 0 or target < 0:
        raise ValueError(f"the numbers of the {name} do not fit an axis of length {length}")
    return before or 0, target


def rgb_to_grayscale(images: Any) -> Any:
    """The brightness of images, with one channel.

    Args:
        images: float32 (..., 3).

    Returns:
        float32 (..., 1): 0.2989 red + 0.587 green + 0.114 blue.

    Example:

    >>> from fastcnn import ops
    >>> ops.image.rgb_to_grayscale([[[[10.0, 0.0, 0.0]]]])
    array([[[[2.989]]]], dtype=float32)
    """
    return total(multiply(images, np.array(GRAY, "float32")), axis=-1, keepdims=True)
