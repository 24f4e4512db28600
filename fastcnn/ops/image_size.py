"""Images in other sizes: resized, cut, padded, in patches."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from fastcnn.ops.arrange import concatenate, getitem, pad
from fastcnn.ops.checks import numbers_of, pair
from fastcnn.ops.data_format import channels_to_back, channels_to_front, is_channels_first
from fastcnn.ops.dispatch import floats
from fastcnn.ops.image_layout import one_of, rank_of_images
from fastcnn.ops.linear import matmul
from fastcnn.ops.math import add, multiply
from fastcnn.ops.shape import reshape, transpose
from fastcnn.ops.take import take

INTERPOLATIONS = ("bilinear", "nearest", "lanczos3", "lanczos5", "bicubic")
METHODS = {
    "linear": "bilinear",
    "bilinear": "bilinear",
    "trilinear": "bilinear",
    "cubic": "bicubic",
    "bicubic": "bicubic",
    "tricubic": "bicubic",
    "lanczos3": "lanczos3",
    "lanczos5": "lanczos5",
}
FEW_TAPS = 4


def axes_of(images: Any, data_format: str | None) -> tuple[int, int]:
    """The numbers of the axes of rows and columns."""
    rank = len(images.shape)
    if rank not in (3, 4):
        raise ValueError(f"images must have 3 axes (one image) or 4 (a batch), received shape {tuple(images.shape)}")
    return (rank - 2, rank - 1) if is_channels_first(data_format) else (rank - 3, rank - 2)


def resize(
    images: Any,
    size: int | Sequence[int],
    interpolation: str = "bilinear",
    antialias: bool = False,
    crop_to_aspect_ratio: bool = False,
    pad_to_aspect_ratio: bool = False,
    fill_mode: str = "constant",
    fill_value: float = 0.0,
    data_format: str | None = None,
) -> Any:
    """Images of another size.

    Args:
        images: float32 (N, H, W, C), or (H, W, C).
        size: The new height and width.
        interpolation: "nearest", "bilinear", "bicubic", "lanczos3" or "lanczos5". Default "bilinear".
        antialias: Whether images are smoothed before they are made smaller. Default False.
        crop_to_aspect_ratio: Whether images are first cut to the new proportions. Default False.
        pad_to_aspect_ratio: Whether images are first padded to the new proportions. Default False.
        fill_mode: How they are padded: "constant".
        fill_value: With what. Default 0.
        data_format: None or "channels_last"; "channels_first" for images (N, C, H, W).

    Returns:
        float32 (N, height, width, C).

    Raises:
        ValueError: An argument does not fit.

    Example:

    >>> from fastcnn import ops
    >>> ops.image.resize([[[[0.0], [4.0]]]], (1, 4))[0, 0, :, 0]
    array([0., 1., 3., 4.], dtype=float32)
    """
    images = floats(images)
    one_of("interpolation", interpolation, INTERPOLATIONS)
    one_of("fill_mode", fill_mode, ("constant",))
    if pad_to_aspect_ratio and crop_to_aspect_ratio:
        raise ValueError("Only one of `pad_to_aspect_ratio` & `crop_to_aspect_ratio` can be `True`.")
    height, width = pair("size", size)
    rank_of_images(images)
    axes = axes_of(images, data_format)
    rows, columns = (images.shape[axis] for axis in axes)
    if crop_to_aspect_ratio:
        part = max(min(rows, columns * height // width), 1), max(min(columns, rows * width // height), 1)
        top, left = (rows - part[0]) // 2, (columns - part[1]) // 2
        images = crop_images(images, top, left, target_height=part[0], target_width=part[1], data_format=data_format)
    elif pad_to_aspect_ratio:
        top = (max(rows, columns * height // width) - rows) // 2
        left = 0 if top else (max(columns, rows * width // height) - columns) // 2
        widths = [(0, 0)] * len(images.shape)
        widths[axes[0]], widths[axes[1]] = (top, top), (left, left)
        images = pad(images, widths, constant_values=float(fill_value))
    for axis, length in zip(axes, (height, width), strict=True):
        images = resampled(images, axis, length, interpolation, antialias)
    return images


def resampled(x: Any, axis: int, length: int, interpolation: str, antialias: bool = False) -> Any:
    """One axis in another length."""
    old = x.shape[axis]
    if length == old:
        return x
    if old == 0:
        raise ValueError(f"images of shape {tuple(x.shape)} have no pixels that could be resized")
    if interpolation == "nearest":
        places = np.minimum(np.floor((np.arange(length) + 0.5) * (old / length)), old - 1)
        return take(x, places.astype("int32"), axis=axis)
    return weighted(x, axis, sampling(old, length, length / old, 0.0, interpolation, antialias))


def sampling(old: int, new: int, scale: float, translation: float, interpolation: str, antialias: bool) -> np.ndarray:
    """How much each old element counts in each new one: (new, old), after `jax.image.scale_and_translate`."""
    at = (np.arange(new) + 0.5) / scale - translation / scale - 0.5
    stretch = max(1 / scale, 1.0) if antialias else 1.0
    weights = window(np.abs(at[:, None] - np.arange(old)) / stretch, interpolation)
    sums = weights.sum(axis=1, keepdims=True)
    seen = (np.abs(sums) > 1000 * np.finfo("float32").eps) & ((at >= -0.5) & (at <= old - 0.5))[:, None]
    return np.where(seen, weights / np.where(sums == 0, 1, sums), 0)


def window(distance: np.ndarray, interpolation: str) -> np.ndarray:
    """The weight of an element at a distance: a triangle, Keys's cubic or a Lanczos window."""
    d = distance
    if interpolation == "bilinear":
        return np.maximum(1 - d, 0)
    if interpolation == "bicubic":
        near, far = ((1.5 * d - 2.5) * d) * d + 1, ((-0.5 * d + 2.5) * d - 4) * d + 2
        return np.where(d >= 2, 0, np.where(d >= 1, far, near))
    radius = int(interpolation[-1])
    return np.where(d >= radius, 0, np.sinc(d) * np.sinc(d / radius))


def weighted(x: Any, axis: int, weights: np.ndarray) -> Any:
    """Sums along an axis: element i of the result is the sum of weights[i] times x. A few weights are taken one by
    one, many as a product of matrices."""
    new, old = weights.shape
    used = [np.flatnonzero(row) for row in weights]
    taps = max((len(row) for row in used), default=0)
    if taps > FEW_TAPS:
        rank = len(x.shape)
        order = [*(other for other in range(rank) if other != axis), axis]
        back = [order.index(number) for number in range(rank)]
        moved = transpose(x, order)
        rows = reshape(moved, (-1, old)) if axis else moved
        product = matmul(rows, np.ascontiguousarray(weights.T, "float32"))
        return transpose(reshape(product, (-1, *moved.shape[1:-1], new)) if axis else product, back)
    result: Any = None
    for tap in range(taps):
        places = np.array([row[min(tap, len(row) - 1)] if len(row) else 0 for row in used], "int32")
        shares = np.array([weights[i, row[tap]] if tap < len(row) else 0 for i, row in enumerate(used)], "float32")
        part = multiply(take(x, places, axis=axis), shares.reshape([new] + [1] * (len(x.shape) - 1 - axis)))
        result = part if result is None else add(result, part)
    return multiply(take(x, np.zeros(new, "int32"), axis=axis), 0.0) if result is None else result


def scale_and_translate(
    images: Any,
    output_shape: Sequence[int],
    scale: Sequence[float],
    translation: Sequence[float],
    spatial_dims: Sequence[int],
    method: str,
    antialias: bool = True,
) -> Any:
    """Images enlarged and shifted along some axes.

    Args:
        images: float32 of any shape.
        output_shape: The shape of the result.
        scale: By how much each of the axes is enlarged; numbers.
        translation: By how much it is shifted then; numbers.
        spatial_dims: The axes, but not the batch.
        method: "linear", "bilinear", "trilinear", "cubic", "bicubic", "tricubic", "lanczos3" or "lanczos5".
        antialias: Whether images are smoothed before they are made smaller. Default True.

    Returns:
        float32 of shape `output_shape`.

    Raises:
        ValueError: An argument does not fit.

    Example:

    >>> import numpy as np
    >>> from fastcnn import ops
    >>> x = np.array([[0.0, 4.0]])
    >>> ops.image.scale_and_translate(x, (1, 4), [2.0], [0.0], [1], "linear")
    array([[0., 1., 3., 4.]], dtype=float32)
    """
    images = floats(images)
    one_of("method", method, tuple(METHODS))
    for axis, factor, shift in zip(spatial_dims, scale, translation, strict=True):
        axis %= len(images.shape)
        weights = sampling(
            images.shape[axis], output_shape[axis], float(factor), float(shift), METHODS[method], antialias
        )
        images = weighted(images, axis, weights)
    if tuple(images.shape[1:]) != tuple(output_shape[1:]):
        raise ValueError(f"output_shape={tuple(output_shape)} does not fit: the result has shape {tuple(images.shape)}")
    return images


def crop_images(
    images: Any,
    top_cropping: int | None = None,
    left_cropping: int | None = None,
    bottom_cropping: int | None = None,
    right_cropping: int | None = None,
    target_height: int | None = None,
    target_width: int | None = None,
    data_format: str | None = None,
) -> Any:
    """A part of images.

    Args:
        images: float32 (..., H, W, C).
        top_cropping, left_cropping, bottom_cropping, right_cropping: Rows and columns to cut off.
        target_height, target_width: Size of the part; takes the place of one number of each direction.
        data_format: None or "channels_last"; "channels_first" for images (..., C, H, W).

    Raises:
        ValueError: Numbers are missing, or leave the image.

    Example:

    >>> import numpy as np
    >>> from fastcnn import ops
    >>> ops.image.crop_images(np.zeros((1, 8, 8, 3)), 1, 2, target_height=4, target_width=5).shape
    (1, 4, 5, 3)
    """
    images = floats(images)
    rows, columns = axes_of(images, data_format)
    top, height = span(images.shape[rows], top_cropping, bottom_cropping, target_height, "height", -1)
    left, width = span(images.shape[columns], left_cropping, right_cropping, target_width, "width", -1)
    part = [slice(None)] * len(images.shape)
    part[rows], part[columns] = slice(top, top + height), slice(left, left + width)
    return getitem(images, tuple(part))


def pad_images(
    images: Any,
    top_padding: int | None = None,
    left_padding: int | None = None,
    bottom_padding: int | None = None,
    right_padding: int | None = None,
    target_height: int | None = None,
    target_width: int | None = None,
    data_format: str | None = None,
) -> Any:
    """Images with zeros around them; the arguments are those of `crop_images`.

    Example:

    >>> import numpy as np
    >>> from fastcnn import ops
    >>> ops.image.pad_images(np.zeros((1, 4, 4, 3)), 1, 2, target_height=8, target_width=9).shape
    (1, 8, 9, 3)
    """
    images = floats(images)
    down, across = axes_of(images, data_format)
    rows, columns = images.shape[down], images.shape[across]
    top, height = span(rows, top_padding, bottom_padding, target_height, "height", 1)
    left, width = span(columns, left_padding, right_padding, target_width, "width", 1)
    widths = [(0, 0)] * len(images.shape)
    widths[down], widths[across] = (top, height - rows - top), (left, width - columns - left)
    return pad(images, widths)


def names(name: str, sign: int) -> str:
    """The three numbers of a direction in words."""
    sides, what = ("top", "bottom") if name == "height" else ("left", "right"), "padding" if sign > 0 else "cropping"
    return f"{sides[0]}_{what}, {sides[1]}_{what}, target_{name}"


def span(
    length: int, before: int | None, after: int | None, target: int | None, name: str, sign: int
) -> tuple[int, int]:
    """(before, new length) of an axis, from two of three numbers."""
    given = sum(number is not None for number in (before, after, target))
    if given != 2:
        raise ValueError(f"exactly two of {names(name, sign)} must be given, received {before}, {after}, {target}")
    if target is None:
        target = length + sign * ((before or 0) + (after or 0))
    elif before is None:
        before = sign * (target - length) - (after or 0)
    rest = sign * (target - length) - (before or 0)
    if (before or 0) < 0 or rest < 0 or target < 0:
        raise ValueError(
            f"{names(name, sign)} must not be negative, received {before}, {rest}, {target} for a length of {length}"
        )
    return before or 0, target


def extract_patches(
    images: Any,
    size: int | Sequence[int],
    strides: int | Sequence[int] | None = None,
    dilation_rate: int | Sequence[int] = 1,
    padding: str = "valid",
    data_format: str | None = None,
) -> Any:
    """Patches of images as pixels of many channels.

    Args:
        images: float32 (N, H, W, C), or (H, W, C). With three sizes, volumes (N, D, H, W, C) or (D, H, W, C).
        size: Height and width of a patch; one number for a square.
        strides: Distance of patches. Default None: their size.
        dilation_rate: Distance of what is seen in a patch. Default 1.
        padding: "valid" or "same".
        data_format: None or "channels_last"; "channels_first" for images (N, C, H, W).

    Returns:
        float32 (N, rows, columns, height * width * C).

    Raises:
        ValueError: An argument does not fit.

    Example:

    >>> import numpy as np
    >>> from fastcnn import ops
    >>> ops.image.extract_patches(np.zeros((2, 20, 20, 3)), (5, 5)).shape
    (2, 4, 4, 75)
    """
    sizes = tuple(size) if isinstance(size, (tuple, list)) else (size, size)
    return patches(images, sizes, strides, dilation_rate, padding, data_format)


def extract_patches_3d(
    volumes: Any,
    size: int | Sequence[int],
    strides: int | Sequence[int] | None = None,
    dilation_rate: int | Sequence[int] = 1,
    padding: str = "valid",
    data_format: str | None = None,
) -> Any:
    """Patches of volumes (N, D, H, W, C) or (D, H, W, C); the arguments are those of `extract_patches`.

    Example:

    >>> import numpy as np
    >>> from fastcnn import ops
    >>> ops.image.extract_patches_3d(np.zeros((2, 8, 8, 8, 1)), 4).shape
    (2, 2, 2, 2, 64)
    """
    sizes = tuple(size) if isinstance(size, (tuple, list)) else (size,) * 3
    return patches(volumes, sizes, strides, dilation_rate, padding, data_format)


def patches(
    images: Any, sizes: tuple[int, ...], strides: Any, dilation_rate: Any, padding: str, data_format: str | None
) -> Any:
    """Patches along the two or three axes between batch and channels."""
    images = floats(images)
    rank = len(sizes)
    if rank not in (2, 3) or len(images.shape) not in (rank + 1, rank + 2):
        raise ValueError(
            f"Invalid `size` argument. Expected an int or a tuple of length 2 or 3 that fits images. Received: "
            f"size={sizes}, images.shape={tuple(images.shape)}"
        )
    sizes = numbers_of("size", sizes, rank)
    steps = sizes if strides is None else numbers_of("strides", strides, rank)
    dilation = numbers_of("dilation_rate", dilation_rate, rank)
    one_of("padding", padding, ("valid", "same"))
    single = len(images.shape) == rank + 1
    x = channels_to_back(reshape(images, (1, *images.shape)) if single else images, data_format)
    reach = [(size - 1) * step + 1 for size, step in zip(sizes, dilation, strict=True)]
    if padding == "same":
        widths = []
        for length, step, span_of_patch in zip(x.shape[1:-1], steps, reach, strict=True):
            missing = max((-(-length // step) - 1) * step + span_of_patch - length, 0)
            widths.append((missing // 2, missing - missing // 2))
        x = pad(x, [(0, 0), *widths, (0, 0)])
    counts = [
        (length - span_of_patch) // step + 1
        for length, span_of_patch, step in zip(x.shape[1:-1], reach, steps, strict=True)
    ]
    if min(counts) < 1:
        raise ValueError(f"patches of size={sizes} do not fit into images of shape {tuple(images.shape)}")
    parts = []
    for offset in np.ndindex(*sizes):
        box: list[Any] = [slice(None)]
        for number, by, step, count in zip(offset, dilation, steps, counts, strict=True):
            first = number * by
            box.append(slice(first, first + (count - 1) * step + 1, step))
        parts.append(getitem(x, (*box, slice(None))))
    result = channels_to_front(concatenate(parts, axis=rank + 1), data_format)
    return reshape(result, tuple(result.shape[1:])) if single else result
