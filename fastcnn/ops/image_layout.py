"""What functions of images share: one image or a batch of them, channels last or first."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastcnn.ops.data_format import channels_to_back, channels_to_front
from fastcnn.ops.dispatch import apply, floats


def rank_of_images(images: Any) -> int:
    """3 for one image, 4 for a batch.

    Raises:
        ValueError: it is neither.
    """
    rank = len(images.shape)
    if rank not in (3, 4):
        raise ValueError(
            "Invalid images rank: expected rank 3 (single image) or rank 4 (batch of images). Received input with "
            f"shape: images.shape={tuple(images.shape)}"
        )
    return rank


def on_batches(function: Callable[[Any], Any], images: Any, data_format: str | None = None) -> Any:
    """`function` of images (N, H, W, C), for images of either format or one image without the batch."""
    images = floats(images)
    single = rank_of_images(images) == 3
    if single:
        images = apply("reshape", images, shape=(1, *images.shape))
    outputs = channels_to_front(function(channels_to_back(images, data_format)), data_format)
    return apply("reshape", outputs, shape=tuple(outputs.shape[1:])) if single else outputs


def one_of(name: str, value: Any, known: tuple[str, ...]) -> str:
    """The value, if it is known.

    Raises:
        ValueError: it is not.
    """
    if value not in known:
        raise ValueError(f"Invalid value for argument `{name}`. Expected of one {known}. Received: {name}={value!r}")
    return value
