"""Sliding windows: sizes of what convolution and pooling give, and "valid" and "same" padding in numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

Pair = tuple[int, int]
Padding = tuple[Pair, Pair]
Numbers = tuple[int, ...]
Paddings = tuple[Pair, ...]
Sizes = Sequence[Any]
"""Height and width out of the shape of a tensor: of these only the batch may be unknown."""

VALID: Padding = ((0, 0), (0, 0))


def explicit_padding(padding: Any, image: Sizes, window: Sizes, strides: Pair, dilation: Pair = (1, 1)) -> Padding:
    """Rows and columns to add, ((top, bottom), (left, right)), for padding "valid" or "same".

    "same" gives ceil(size / stride) outputs; where it adds an odd number, the larger half goes to the bottom or right.
    """
    height, width = paddings(padding, image, window, strides, dilation)
    return height, width


def paddings(padding: Any, lengths: Sizes, window: Sizes, strides: Numbers, dilation: Numbers) -> Paddings:
    """The same for any number of dimensions. With one, padding may also be "causal": all of it comes before, so that
    no window sees what comes after it."""
    name = padding.lower() if isinstance(padding, str) else padding
    if name == "valid":
        return tuple((0, 0) for _ in lengths)
    if name == "same":
        return tuple(same(*sizes) for sizes in zip(lengths, window, strides, dilation, strict=True))
    if name == "causal" and len(lengths) == 1:
        return ((dilation[0] * (window[0] - 1), 0),)
    causal = ", or 'causal' in one dimension" if name == "causal" else ""
    raise ValueError(f"padding must be 'valid' or 'same'{causal}, received {padding!r}")


def same(size: int, taps: int, stride: int, step: int) -> Pair:
    """Padding (before, after) of "same" in one direction."""
    outputs = -(-size // stride)
    total = max((outputs - 1) * stride + (taps - 1) * step + 1 - size, 0)
    return total // 2, total - total // 2


def output_size(
    op: str, argument: str, image: Sizes, window: Sizes, strides: Pair, padding: Padding, dilation: Pair = (1, 1)
) -> Pair:
    """Number of windows in both directions: (size + padding - dilation * (window - 1) - 1) // stride + 1.

    Raises:
        ValueError: no window fits; the message calls the window `argument`.
    """
    reach = tuple(step * (taps - 1) + 1 for taps, step in zip(window, dilation, strict=True))
    padded = tuple(size + before + after for size, (before, after) in zip(image, padding, strict=True))
    if reach[0] > padded[0] or reach[1] > padded[1]:
        dilated = f", {reach} with its dilation," if tuple(dilation) != (1, 1) else ""
        raise ValueError(
            f"{op}: {argument} of size {tuple(window)}{dilated} does not fit into images of size {tuple(image)}, "
            f"{padded} with padding; use padding='same', a smaller {argument}, or larger images"
        )
    height, width = ((have - need) // stride + 1 for have, need, stride in zip(padded, reach, strides, strict=True))
    return height, width
