"""The base of layers of images: what they take (a batch, one image, a dictionary with labels) and ranges of factors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from fastcnn import ops
from fastcnn.graph import Shape, Tensor
from fastcnn.layers.arguments import data_format_name, map_shapes
from fastcnn.layers.image_calls import Calls
from fastcnn.layers.random_layer import RandomLayer
from fastcnn.ops.data_format import channels_to_back, channels_to_front
from fastcnn.ops.dispatch import floats
from fastcnn.utils.arguments import checked_number
from fastcnn.utils.lookup import lookup

Range = tuple[float, float]
INFINITY = float("inf")


class UnknownModeError(ValueError, NotImplementedError):
    """There is no such kind of filling or interpolation: a ValueError, and, as in Keras, a NotImplementedError."""


def mode_name(name: str, value: Any, known: Mapping[str, str]) -> str:
    """A kind of filling or interpolation.

    Raises:
        UnknownModeError: there is none of that name.
    """
    try:
        return lookup(name, value, known)
    except ValueError as error:
        raise UnknownModeError(str(error)) from None


def factor_range(value: Any, name: str, least: float, most: float) -> Range:
    """A factor f, for the range from -f to f (not below `least`), or a pair of ends, as a pair in order.

    Raises:
        ValueError: it is neither, or lies outside of `least` to `most`.
    """
    ends = list(value) if isinstance(value, (tuple, list)) else [value]
    numbers = all(isinstance(end, (int, float)) and not isinstance(end, bool) and end == end for end in ends)
    if not numbers or len(ends) not in (1, 2) or ends[0] > most or ends[-1] < least:
        raise ValueError(
            f"The `{name}` argument should be a number (or a list of two numbers) in the range [{least}, {most}]. "
            f"Received: {name}={value!r}"
        )
    return (min(ends), max(ends)) if len(ends) == 2 else (max(-abs(ends[0]), least), abs(ends[0]))


def checked_range(value: Any) -> list[float]:
    """The least and the largest value of images.

    Raises:
        ValueError: it is no pair.
    """
    if not isinstance(value, (tuple, list)) or len(value) != 2:
        raise ValueError(f"The `value_range` argument should be a list of two numbers. Received: value_range={value!r}")
    return sorted(checked_number(end, "value_range") for end in value)


def for_each_image(numbers: Any) -> Any:
    """Numbers (batch, 1) so that they meet images."""
    return ops.reshape(numbers, (-1, 1, 1, 1))


def scaled(images: Any, scale: Any, shift: Any, low: float = -INFINITY, high: float = INFINITY) -> Any:
    """Images times `scale`, plus `shift`, from `low` to `high`; of scale and shift, at least one is a tensor (batch, 1)
    or (batch, channels), the other may be a number."""
    zeros = np.zeros(images.shape[-1], "float32")
    zero = ops.add(ops.multiply(shift if isinstance(scale, float) else scale, 0.0), zeros)
    return ops.image.scale_shift_clip(images, ops.add(zero, scale), ops.add(zero, shift), low, high)


class ImageLayer(RandomLayer):
    """Takes images (batch, height, width, channels), or one without the batch, or a dictionary of "images" and
    "labels". A subclass defines `transform`, or `transform_batch` if labels change with their images."""

    is_traceable = True
    """Whether a call on arrays does the same as one on symbolic tensors."""

    def __init__(
        self, seed: int | None = None, data_format: str | None = None, *, draws: bool = True, **kwargs: Any
    ) -> None:
        if kwargs.pop("bounding_box_format", None) is not None:
            raise ValueError(f"{type(self).__name__} does not move bounding boxes; leave bounding_box_format out")
        super().__init__(seed, draws=draws, **kwargs)
        self.data_format = data_format_name(data_format)
        self.draws = draws
        self.calls = Calls()

    def call(self, data: Any, training: bool = True) -> Any:
        batch = dict(data) if isinstance(data, dict) else {"images": data}
        if unknown := set(batch) - {"images", "labels"} or {"images"} - set(batch):
            raise ValueError(
                f"{type(self).__name__} takes images, or a dictionary of 'images' and 'labels'; bounding boxes and "
                f"masks are not moved with them. Received the keys {sorted(batch)}, of which {sorted(unknown)} "
                "does not fit"
            )
        rank = len(batch["images"].shape)
        if rank not in (3, 4):
            raise ValueError(
                "Expected image tensor to have rank 3 (single image) or 4 (batch of images). Received: "
                f"data.shape={tuple(batch['images'].shape)}"
            )
        if not training and type(self).still is ImageLayer.still:
            return data
        if rank == 3:
            batch = {key: ops.reshape(value, (1, *value.shape)) for key, value in batch.items()}
        batch["images"] = channels_to_back(floats(batch["images"]), self.data_format)
        batch = self.changed(batch) if training else {**batch, "images": self.still(batch["images"])}
        batch["images"] = channels_to_front(batch["images"], self.data_format)
        if rank == 3:
            batch = {key: ops.reshape(value, tuple(value.shape[1:])) for key, value in batch.items()}
        return batch if isinstance(data, dict) else batch["images"]

    def changed(self, batch: dict[str, Any]) -> dict[str, Any]:
        """The batch in training. On arrays the state is advanced; a training graph does that itself."""
        if isinstance(batch["images"], Tensor):
            return self.transform_batch(batch)
        batch = {key: floats(value) for key, value in batch.items()}
        traced = self.calls.run(self, batch) if self.is_traceable else None
        if traced is not None:
            return traced
        batch = self.transform_batch(batch)
        if self.draws:
            self.state.value[1] += 1
        return batch

    def still(self, images: Any) -> Any:
        """The images (batch, height, width, channels) outside of training: as they are."""
        return images

    def transform_batch(self, batch: dict[str, Any]) -> dict[str, Any]:
        """Images (batch, height, width, channels) and perhaps their labels, changed."""
        return {**batch, "images": self.transform(batch["images"])}

    def uniform_of_batch(self, *ranges: Range) -> list[Any]:
        """For each range one random number for the whole batch: tensors of shape (1, 1)."""
        return self.uniform(np.zeros((1, 1), "float32"), *ranges, salt=1)

    def compute_output_shape(self, input_shape: Shape) -> Any:
        return map_shapes(tuple, input_shape)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "data_format": self.data_format}
