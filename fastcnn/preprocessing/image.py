"""Images: files, arrays, and sizes without distortion."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fastcnn import ops
from fastcnn.utils.image import array_to_img, channels_first, img_to_array, load_img, save_img
from fastcnn.utils.image_file import cut_size

__all__ = ["array_to_img", "img_to_array", "load_img", "save_img", "smart_resize"]


def smart_resize(
    x: Any, size: Sequence[int], interpolation: str = "bilinear", data_format: str | None = "channels_last"
) -> Any:
    """The middle of images in another size, without distortion.

    Args:
        x: Array of shape (height, width, channels) or (n, height, width, channels); with channels first accordingly.
        size: Height and width to resize to. The largest part with these proportions is taken, around the centre.
        interpolation: As for `ops.image.resize`. Default `"bilinear"`.
        data_format: `"channels_last"` (default) or `"channels_first"`.

    Returns:
        float32 array with height and width replaced by `size`.

    Raises:
        ValueError: `size` is no pair, `x` is no image, or an argument is unknown.

    Example:

    >>> import numpy as np
    >>> from fastcnn.preprocessing.image import smart_resize
    >>> smart_resize(np.zeros((340, 500, 3)), (200, 200)).shape
    (200, 200, 3)
    """
    if len(size) != 2:
        raise ValueError(f"Expected `size` to be a tuple of 2 integers, but got: {size}.")
    first = channels_first(data_format)
    rank = len(x.shape)
    if rank not in (3, 4):
        raise ValueError(
            "Expected an image array with shape `(height, width, channels)`, or `(batch_size, height, width, "
            f"channels)`, but got input with incorrect rank, of shape {x.shape}."
        )
    if first:
        x = ops.moveaxis(x, -3, -1)
    height, width = x.shape[-3:-1]
    down, across = cut_size(height, width, *size)
    top, left = (height - down) // 2, (width - across) // 2
    images = ops.image.resize(x[..., top : top + down, left : left + across, :], size, interpolation)
    return ops.moveaxis(images, -1, -3) if first else images
