"""Blocks of pixels: moved into channels and back, taken out as columns and added up again."""

from __future__ import annotations

from typing import Any

from fastcnn.ops.arrange import cut, pad, stack
from fastcnn.ops.checks import numbers_of, whole
from fastcnn.ops.dispatch import apply, floats
from fastcnn.ops.joining import rearrange
from fastcnn.ops.math import add
from fastcnn.ops.shape import reshape


def depth_to_space(x: Any, block_size: int, data_format: str = "channels_last") -> Any:
    """Channels as blocks of pixels: what sub-pixel convolutions end with.

    Args:
        x: float32 of shape (N, H, W, C); with "channels_first" (N, C, H, W).
        block_size: The side b of a block.
        data_format: "channels_last" or "channels_first". Default "channels_last".

    Returns:
        float32 of shape (N, H b, W b, C / b²), or with the channels first.

    Raises:
        ValueError: b² does not divide the channels.

    Source: as `keras.ops.depth_to_space`.

    >>> import numpy as np
    >>> from fastcnn import ops
    >>> ops.depth_to_space(np.zeros((2, 3, 3, 8)), 2).shape
    (2, 6, 6, 2)
    """
    whole("block_size", block_size, least=2)
    if data_format == "channels_first":
        return rearrange(x, "n (c s t) h w -> n c (h s) (w t)", s=block_size, t=block_size)
    return rearrange(x, "n h w (s t c) -> n (h s) (w t) c", s=block_size, t=block_size)


def space_to_depth(x: Any, block_size: int, data_format: str = "channels_last") -> Any:
    """Blocks of pixels as channels: the inverse of `depth_to_space`.

    >>> import numpy as np
    >>> from fastcnn import ops
    >>> ops.space_to_depth(np.zeros((2, 6, 6, 2)), 2).shape
    (2, 3, 3, 8)
    """
    whole("block_size", block_size, least=2)
    if data_format == "channels_first":
        return rearrange(x, "n c (h s) (w t) -> n (c s t) h w", s=block_size, t=block_size)
    return rearrange(x, "n (h s) (w t) c -> n h w (s t c)", s=block_size, t=block_size)


def windows(size: Any, kernel_size: Any, dilation: Any, padding: Any, stride: Any) -> tuple[Any, ...]:
    """Kernel, dilation, padding and stride of both directions, the padded size, and how many windows there are."""
    kernel, steps, border, strides = (
        numbers_of(name, value, 2, least)
        for name, value, least in (
            ("kernel_size", kernel_size, 1),
            ("dilation", dilation, 1),
            ("padding", padding, 0),
            ("stride", stride, 1),
        )
    )
    padded = [length + 2 * more for length, more in zip(size, border, strict=True)]
    counts = [
        (length - step * (taps - 1) - 1) // by + 1
        for length, taps, step, by in zip(padded, kernel, steps, strides, strict=True)
    ]
    if min(counts) < 1:
        raise ValueError(f"kernel_size {kernel_size} does not fit into images of size {tuple(size)} with {padding=}")
    return kernel, steps, border, strides, padded, counts


def unfold(x: Any, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1) -> Any:
    """The pixels that each window of a convolution sees, as columns.

    Args:
        x: float32 of shape (N, C, H, W).
        kernel_size: Of the windows, an int or a pair.
        dilation: Distance of the pixels, an int or a pair. Default 1.
        padding: Zeros on each side, an int or a pair. Default 0.
        stride: Steps of the windows, an int or a pair. Default 1.

    Returns:
        float32 of shape (N, C * kernel height * kernel width, windows).

    Raises:
        ValueError: no window fits.

    Source: as `keras.ops.unfold`.

    >>> import numpy as np
    >>> from fastcnn import ops
    >>> ops.unfold(np.zeros((2, 3, 8, 8)), 3).shape
    (2, 27, 36)
    """
    x = floats(x)
    if len(x.shape) != 4:
        raise ValueError(f"unfold: x must have 4 axes (N, C, H, W), received shape {tuple(x.shape)}")
    kernel, steps, border, strides, _, counts = windows(x.shape[2:], kernel_size, dilation, padding, stride)
    x = pad(x, ((0, 0), (0, 0), *((more, more) for more in border)))
    channels = x.shape[1]
    down, right = (
        [(tap * step, by, count) for tap in range(taps)]
        for taps, step, by, count in zip(kernel, steps, strides, counts, strict=True)
    )
    parts = [cut(x, [(0, 1, -1), (0, 1, channels), row, column]) for row in down for column in right]
    return reshape(stack(parts, axis=2), (-1, channels * kernel[0] * kernel[1], counts[0] * counts[1]))


def fold(x: Any, output_size: Any, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1) -> Any:
    """Columns added up where their windows are: what sends gradients back through `unfold`, with its arguments.

    Args:
        x: float32 of shape (N, C * kernel height * kernel width, windows).
        output_size: (H, W), an int or a pair.
        kernel_size: Of the windows, an int or a pair.
        dilation: Distance of the pixels, an int or a pair. Default 1.
        padding: Zeros on each side, an int or a pair. Default 0.
        stride: Steps of the windows, an int or a pair. Default 1.

    Returns:
        float32 of shape (N, C, H, W).

    >>> import numpy as np
    >>> from fastcnn import ops
    >>> ops.fold(np.zeros((2, 27, 36)), 8, 3).shape
    (2, 3, 8, 8)
    """
    x = floats(x)
    height, width = numbers_of("output_size", output_size, 2)
    kernel, steps, border, strides, padded, counts = windows((height, width), kernel_size, dilation, padding, stride)
    taps = kernel[0] * kernel[1]
    channels = x.shape[1] // taps
    x = reshape(x, (-1, channels, taps, *counts))
    total: Any = None
    for tap in range(taps):
        boxes = [(0, 1, -1), (0, 1, channels), (tap, 1, 1), *((0, 1, count) for count in counts)]
        values = reshape(cut(x, boxes), (-1, channels, *counts))
        start = (0, 0, tap // kernel[1] * steps[0], tap % kernel[1] * steps[1])
        placed = apply("place", values, shape=(-1, channels, *padded), start=start, step=(1, 1, *strides))
        total = placed if total is None else add(total, placed)
    return cut(total, [(0, 1, -1), (0, 1, channels), (border[0], 1, height), (border[1], 1, width)])
