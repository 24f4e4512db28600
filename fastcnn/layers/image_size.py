"""Values and sizes of images brought to what a model wants: `Rescaling`, `Resizing`, `CenterCrop`."""

from __future__ import annotations

from typing import Any

import numpy as np

from fastcnn import ops
from fastcnn.graph import Shape
from fastcnn.layers.arguments import channels_last, positive_integer
from fastcnn.layers.input_spec import InputSpec
from fastcnn.layers.layer import Layer
from fastcnn.layers.registry import register


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

    def __init__(self, scale: Any, offset: Any = 0.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.scale = scale
        self.offset = offset

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
        self.data_format = channels_last(data_format)
        self.input_spec = InputSpec(min_ndim=3)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return (*input_shape[:-3], self.height, self.width, input_shape[-1])

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "height": self.height,
            "width": self.width,
            "data_format": self.data_format,
        }


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
    """Images of another size, without smoothing.

    Args:
        height: the new height.
        width: the new width.
        interpolation: "bilinear" or "nearest". Default "bilinear".
        crop_to_aspect_ratio: whether images are first cut to the new proportions. Default False.
        data_format: None or "channels_last".

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
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(height, width, data_format, **kwargs)
        self.interpolation = interpolation
        if interpolation not in ("bilinear", "nearest"):
            raise ValueError(f"interpolation must be 'bilinear' or 'nearest', received interpolation={interpolation!r}")
        self.crop_to_aspect_ratio = bool(crop_to_aspect_ratio)

    def call(self, inputs: Any) -> Any:
        if self.crop_to_aspect_ratio:
            inputs = middle_of_proportions(inputs, self.height, self.width)
        return ops.image.resize(inputs, (self.height, self.width), self.interpolation)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "interpolation": self.interpolation,
            "crop_to_aspect_ratio": self.crop_to_aspect_ratio,
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
        if inputs.shape[-3] >= self.height and inputs.shape[-2] >= self.width:
            return middle(inputs, self.height, self.width)
        part = middle_of_proportions(inputs, self.height, self.width)
        return ops.image.resize(part, (self.height, self.width))
