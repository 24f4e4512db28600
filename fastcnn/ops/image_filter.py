"""Images seen through small windows: blurred, their edges, their likeness."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from fastcnn.ops.arrange import stack, tile
from fastcnn.ops.checks import numbers_of
from fastcnn.ops.convolution import depthwise_conv
from fastcnn.ops.data_format import channels_to_back
from fastcnn.ops.dispatch import floats
from fastcnn.ops.image_layout import on_batches, rank_of_images
from fastcnn.ops.math import add, divide, exp, multiply, square, subtract
from fastcnn.ops.reduction import mean
from fastcnn.ops.reduction import sum as total
from fastcnn.ops.shape import reshape


def gaussian(size: int, sigma: Any) -> Any:
    """The weights of a window of a length: (size,), of sum 1; sigma may be a tensor of one number."""
    places = np.arange(size, dtype="float32") - np.float32((size - 1) / 2)
    weights = exp(multiply(square(divide(places, sigma)), -0.5))
    return divide(weights, total(weights))


def filtered(x: Any, window: Any, padding: str = "same") -> Any:
    """Images (N, H, W, C), each channel through a window (height, width)."""
    height, width = window.shape
    channels = x.shape[-1]
    return depthwise_conv(x, tile(reshape(window, (height, width, 1, 1)), (1, 1, channels, 1)), padding=padding)


def blurred(x: Any, down: Any, across: Any) -> Any:
    """Images (N, H, W, C) through weights along their columns and then along their rows."""
    return filtered(filtered(x, reshape(down, (-1, 1))), reshape(across, (1, -1)))


def gaussian_blur(
    images: Any,
    kernel_size: Sequence[int] = (3, 3),
    sigma: Any = (1.0, 1.0),
    data_format: str | None = None,
) -> Any:
    """Images blurred by a Gaussian window, with zeros around them.

    Args:
        images: float32 (N, H, W, C), or (H, W, C).
        kernel_size: Width and height of the window, odd. Default (3, 3).
        sigma: Deviations in pixels along the width and the height. Default (1, 1).
        data_format: None or "channels_last"; "channels_first" for images (N, C, H, W).

    Returns:
        float32 of the shape of `images`.

    Raises:
        ValueError: Shapes do not fit.

    Example:

    >>> import numpy as np
    >>> from fastcnn import ops
    >>> image = np.zeros((1, 3, 3, 1))
    >>> image[0, 1, 1] = 1
    >>> ops.image.gaussian_blur(image)[0, :, :, 0].round(3)
    array([[0.075, 0.124, 0.075],
           [0.124, 0.204, 0.124],
           [0.075, 0.124, 0.075]], dtype=float32)
    """
    kernel_size = numbers_of("kernel_size", kernel_size, 2)
    width, height = (gaussian(size, deviation) for size, deviation in zip(kernel_size, sigma, strict=True))
    return on_batches(lambda x: blurred(x, height, width), images, data_format)


def sobel_edges(images: Any, data_format: str | None = None) -> Any:
    """How images change from row to row and from column to column, with zeros around them.

    Args:
        images: float32 (N, H, W, C).
        data_format: None or "channels_last"; "channels_first" for images (N, C, H, W).

    Returns:
        float32 of the shape of `images` with 2 behind: the change down and the change across.

    Example:

    >>> import numpy as np
    >>> from fastcnn import ops
    >>> ops.image.sobel_edges(np.arange(9.0).reshape(1, 3, 3, 1))[0, 1, 1, 0]
    array([24.,  8.], dtype=float32)
    """
    across = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]], "float32")
    down = np.ascontiguousarray(across.T)
    return stack(
        [
            on_batches(lambda x: filtered(x, down), images, data_format),
            on_batches(lambda x: filtered(x, across), images, data_format),
        ],
        axis=-1,
    )


def ssim(
    image1: Any,
    image2: Any,
    max_val: float = 1.0,
    filter_size: int = 11,
    filter_sigma: float = 1.5,
    k1: float = 0.01,
    k2: float = 0.03,
    data_format: str | None = None,
) -> Any:
    """The structural similarity of images, from -1 to 1.

    Args:
        image1: float32 (N, H, W, C), or (H, W, C).
        image2: The same.
        max_val: The range of values. Default 1.
        filter_size: Length of the window; at most the images'. Default 11.
        filter_sigma: Deviation of the window in pixels. Default 1.5.
        k1, k2: Constants that keep divisors from 0, as parts of the range. Default 0.01 and 0.03.
        data_format: None or "channels_last"; "channels_first" for images (N, C, H, W).

    Returns:
        float32 (N,), or a number.

    Source: Z. Wang and others, "Image quality assessment", 2004.

    Example:

    >>> import numpy as np
    >>> from fastcnn import ops
    >>> x = np.random.default_rng(0).random((2, 16, 16, 1))
    >>> ops.image.ssim(x, x)
    array([1., 1.], dtype=float32)
    """
    x, y = floats(image1), floats(image2)
    if tuple(x.shape) != tuple(y.shape):
        raise ValueError(
            f"`image1` and `image2` must have the same shape. Received: image1.shape={tuple(x.shape)}, "
            f"image2.shape={tuple(y.shape)}"
        )
    single = rank_of_images(x) == 3
    if single:
        x, y = reshape(x, (1, *x.shape)), reshape(y, (1, *y.shape))
    x, y = channels_to_back(x, data_format), channels_to_back(y, data_format)
    weights = gaussian(filter_size, filter_sigma)

    def around(values: Any) -> Any:
        return filtered(filtered(values, reshape(weights, (-1, 1)), "valid"), reshape(weights, (1, -1)), "valid")

    c1, c2 = (k1 * max_val) ** 2, (k2 * max_val) ** 2
    mean_x, mean_y = around(x), around(y)
    both, squares = multiply(mean_x, mean_y), add(square(mean_x), square(mean_y))
    covariance = subtract(around(multiply(x, y)), both)
    variances = subtract(around(add(square(x), square(y))), squares)
    likeness = divide(
        multiply(add(multiply(both, 2.0), c1), add(multiply(covariance, 2.0), c2)),
        multiply(add(squares, c1), add(variances, c2)),
    )
    result = mean(likeness, axis=(1, 2, 3))
    return reshape(result, ()) if single else result
