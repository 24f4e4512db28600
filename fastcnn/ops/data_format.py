"""Images with channels in front: the engine computes with channels last, so axes are exchanged on the way in and out.
A pass takes away what stands between two layers."""

from __future__ import annotations

from typing import Any

from fastcnn.ops.dispatch import apply


def is_channels_first(data_format: Any) -> bool:
    """Whether the axis of channels is the one behind the batch.

    Raises:
        ValueError: data_format is neither None nor "channels_last" nor "channels_first".
    """
    if data_format not in (None, "channels_last", "channels_first"):
        raise ValueError(f"data_format must be 'channels_last' or 'channels_first', received {data_format!r}")
    return data_format == "channels_first"


def channels_to_back(x: Any, data_format: Any) -> Any:
    """(N, C, ...) as (N, ..., C); what has its channels there already as it is."""
    if not is_channels_first(data_format):
        return x
    return apply("transpose", x, axes=(0, *range(2, len(x.shape)), 1))


def channels_to_front(x: Any, data_format: Any) -> Any:
    """The inverse: (N, ..., C) as (N, C, ...) where that is the format."""
    if not is_channels_first(data_format):
        return x
    return apply("transpose", x, axes=(0, len(x.shape) - 1, *range(1, len(x.shape) - 1)))
