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


def paddings(padding: Any, lengths: Sizes, window: Sizes, strides: Numbers, dilation: Numbers) -> Paddings:
    """What to add (before, after) in each dimension for padding "valid" or "same".

    "same" gives ceil(size / stride) outputs; where it adds an odd number, the larger half comes after. With one
    dimension padding may also be "causal": all of it comes before, so that no window sees what comes after it.
    """
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
    op: str, argument: str, lengths: Sizes, window: Sizes, strides: Numbers, padding: Paddings, dilation: Numbers = ()
) -> Numbers:
    """Number of windows in each dimension: (size + padding - dilation * (window - 1) - 1) // stride + 1; without a
    dilation it is 1.

    Raises:
        ValueError: no window fits; the message calls the window `argument`.
    """
    spread = dilation or (1,) * len(lengths)
    reach = tuple(step * (taps - 1) + 1 for taps, step in zip(window, spread, strict=True))
    padded = tuple(size + before + after for size, (before, after) in zip(lengths, padding, strict=True))
    if any(need > have for need, have in zip(reach, padded, strict=True)):
        dilated = f", {reach} with its dilation," if any(step != 1 for step in spread) else ""
        raise ValueError(
            f"{op}: {argument} of size {tuple(window)}{dilated} does not fit into inputs of size {tuple(lengths)}, "
            f"{padded} with padding; use padding='same', a smaller {argument}, or larger inputs"
        )
    return tuple((have - need) // stride + 1 for have, need, stride in zip(padded, reach, strides, strict=True))
