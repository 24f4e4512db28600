"""Values and sizes of images brought to what a model wants: `Rescaling`, `Resizing`, `CenterCrop`."""

from __future__ import annotations

from typing import Any

import numpy as np

from fastcnn import ops
from fastcnn.graph import Shape
from fastcnn.layers.arguments import data_format_name
from fastcnn.layers.input_spec import InputSpec
from fastcnn.layers.layer import Layer
from fastcnn.layers.registry import register
from fastcnn.ops.image_layout import on_batches, one_of
from fastcnn.ops.image_size import INTERPOLATIONS
from fastcnn.utils.arguments import checked_numbers, positive_integer


@register
class Rescaling(Layer):
    """`inputs * scale + offset`.

    Args:
        scale: a number, or one for each channel.
        offset: a number, or one for each channel. Default 0.

    Example:

    >>> from fastcnn import layers
    >>> layers.Rescaling(1 / 256)([[0.0, 64.0, 128.0]])
    array([[0.  , 0.25, 0.5 ]], dtype=float32)
    """

    supports_masking = True

    def __init__(self, scale: Any, offset: Any = 0.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.scale = checked_numbers(scale, "scale")
        self.offset = checked_numbers(offset, "offset")

    def call(self, inputs: Any) -> Any:
        outputs = ops.multiply(inputs, np.asarray(self.scale, "float32"))
        offset = np.asarray(self.offset, "float32")
        return ops.add(outputs, offset) if offset.any() else outputs

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return tuple(input_shape)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "scale": plain(self.scale), "offset": plain(self.offset)}


def plain(value: Any) -> Any:
    """A number or list that JSON can hold."""
    return value.tolist() if isinstance(value, (np.ndarray, np.generic)) else value


class Sized(Layer):
    """Base: gives images a height and a width."""

    def __init__(self, height: int, width: int, data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.height = positive_integer(height, "height")
        self.width = positive_integer(width, "width")
        self.data_format = data_format_name(data_format)
        self.input_spec = InputSpec(min_ndim=3)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return sized(input_shape, self.height, self.width, self.data_format)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "height": self.height,
            "width": self.width,
            "data_format": self.data_format,
        }


def sized(shape: Shape, height: int, width: int, data_format: str) -> Shape:
    """The shape of images with another height and width."""
    if data_format == "channels_first":
        return (*shape[:-2], height, width)
    return (*shape[:-3], height, width, shape[-1])


def middle(images: Any, height: int, width: int) -> Any:
    """The part of that size in the middle of images."""
    top, left = (images.shape[-3] - height) // 2, (images.shape[-2] - width) // 2
    return ops.image.crop_images(images, top, left, target_height=height, target_width=width)


def middle_of_proportions(images: Any, height: int, width: int) -> Any:
    """The largest part in the middle of images whose sides are as `height` to `width`, but one pixel at least."""
    rows, columns = images.shape[-3], images.shape[-2]
    return middle(
        images,
        max(min(rows, columns * height // width), 1),
        max(min(columns, rows * width // height), 1),
    )


@register
class Resizing(Sized):
    """Images of another size.

    Args:
        height: the new height.
        width: the new width.
        interpolation: "bilinear", "nearest", "bicubic", "lanczos3" or "lanczos5". Default "bilinear".
        crop_to_aspect_ratio: whether images are first cut to the new proportions. Default False.
        pad_to_aspect_ratio: whether images are first padded to the new proportions. Default False.
        fill_mode: how they are padded: "constant".
        fill_value: with what. Default 0.
        antialias: whether images are smoothed before they are made smaller. Default False.
        data_format: None or "channels_last"; "channels_first" for images (batch, channels, height, width).

    Output shape: `(batch, height, width, channels)`.

    Raises:
        ValueError: an argument does not fit.

    Example:

    >>> import numpy as np
    >>> from fastcnn import layers
    >>> layers.Resizing(24, 32)(np.zeros((2, 48, 48, 3))).shape
    (2, 24, 32, 3)
    """

    def __init__(
        self,
        height: int,
        width: int,
        interpolation: str = "bilinear",
        crop_to_aspect_ratio: bool = False,
        pad_to_aspect_ratio: bool = False,
        fill_mode: str = "constant",
        fill_value: float = 0.0,
        antialias: bool = False,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(height, width, data_format, **kwargs)
        self.interpolation = one_of("interpolation", interpolation, INTERPOLATIONS)
        self.crop_to_aspect_ratio = bool(crop_to_aspect_ratio)
        self.pad_to_aspect_ratio = bool(pad_to_aspect_ratio)
        self.fill_mode = one_of("fill_mode", fill_mode, ("constant",))
        self.fill_value = fill_value
        self.antialias = bool(antialias)

    def call(self, inputs: Any) -> Any:
        return ops.image.resize(
            inputs,
            (self.height, self.width),
            self.interpolation,
            self.antialias,
            self.crop_to_aspect_ratio,
            self.pad_to_aspect_ratio,
            self.fill_mode,
            self.fill_value,
            self.data_format,
        )

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "interpolation": self.interpolation,
            "crop_to_aspect_ratio": self.crop_to_aspect_ratio,
            "pad_to_aspect_ratio": self.pad_to_aspect_ratio,
            "fill_mode": self.fill_mode,
            "fill_value": self.fill_value,
            "antialias": self.antialias,
        }


@register
class CenterCrop(Sized):
    """The middle of images; where they are smaller, the largest middle of these proportions, enlarged.

    Args:
        height: height of the part.
        width: width of the part.
        data_format: None or "channels_last".

    Output shape: `(batch, height, width, channels)`.

    Raises:
        ValueError: a size is no positive integer.

    Example:

    >>> import numpy as np
    >>> from fastcnn import layers
    >>> layers.CenterCrop(1, 2)(np.arange(4.0).reshape(1, 1, 4, 1))[0, 0, :, 0]
    array([1., 2.], dtype=float32)
    """

    def call(self, inputs: Any) -> Any:
        return on_batches(self.cut, inputs, self.data_format)

    def cut(self, inputs: Any) -> Any:
        """The middle of images (batch, height, width, channels)."""
        if inputs.shape[-3] >= self.height and inputs.shape[-2] >= self.width:
            return middle(inputs, self.height, self.width)
        part = middle_of_proportions(inputs, self.height, self.width)
        return ops.image.resize(part, (self.height, self.width))
