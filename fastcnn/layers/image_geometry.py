"""Images moved at random in training: flipped, turned, enlarged, shifted, sheared, cut. Active by default when called
directly, as in Keras; in a model only while it is trained.

All but the cut are affine maps from output to input coordinates, taken in one pass of the core.
"""

from __future__ import annotations

import math
from typing import Any

from fastcnn import ops
from fastcnn.graph import Shape
from fastcnn.layers.image_layer import ImageLayer, Range, factor_range, mode_name
from fastcnn.layers.image_size import middle_of_proportions, sized
from fastcnn.layers.registry import register
from fastcnn.utils.arguments import checked_number, positive_integer
from fastcnn.utils.lookup import lookup

FILL_MODES = {mode: mode for mode in ("reflect", "wrap", "constant", "nearest")}
INTERPOLATIONS = {kind: kind for kind in ("nearest", "bilinear")}
MODES = {mode: mode for mode in ("horizontal", "vertical", "horizontal_and_vertical")}


class Warp(ImageLayer):
    """Base: a subclass gives the six numbers of each image's map."""

    def __init__(
        self,
        fill_mode: str,
        interpolation: str,
        fill_value: float,
        seed: int | None,
        data_format: str | None,
        **kwargs: Any,
    ) -> None:
        super().__init__(seed, data_format, **kwargs)
        self.fill_mode = mode_name("fill_mode", fill_mode, FILL_MODES)
        self.interpolation = mode_name("interpolation", interpolation, INTERPOLATIONS)
        self.fill_value = checked_number(fill_value, "fill_value")

    def transform(self, inputs: Any) -> Any:
        numbers = self.map_of(inputs, inputs.shape[1], inputs.shape[2])
        zero = ops.multiply(next(number for number in numbers if not isinstance(number, float)), 0.0)
        columns = [ops.add(zero, number) if isinstance(number, float) else number for number in numbers]
        return ops.image.affine_transform(
            inputs, ops.concatenate([*columns, zero, zero], axis=1), self.interpolation, self.fill_mode, self.fill_value
        )

    def map_of(self, inputs: Any, height: int, width: int) -> list[Any]:
        """a0, a1, a2, b0, b1, b2: numbers, or tensors (batch, 1)."""
        raise NotImplementedError

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "fill_mode": self.fill_mode,
            "fill_value": self.fill_value,
            "interpolation": self.interpolation,
        }


@register
class RandomFlip(Warp):
    """Mirrors each image, or not, in training.

    Args:
        mode: "horizontal", "vertical" or "horizontal_and_vertical". Default the latter.
        seed: an integer for a sequence of its own. Default None: from the global generator.
        data_format: None or "channels_last"; "channels_first" for images (batch, channels, height, width).

    Raises:
        ValueError: the mode is another.

    Example:

    >>> import numpy as np
    >>> from fastcnn import layers
    >>> x = np.arange(3.0).reshape(1, 1, 3, 1)
    >>> sorted({tuple(layers.RandomFlip(seed=seed)(x).ravel().tolist()) for seed in range(9)})
    [(0.0, 1.0, 2.0), (2.0, 1.0, 0.0)]
    """

    def __init__(
        self,
        mode: str = "horizontal_and_vertical",
        seed: int | None = None,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__("nearest", "nearest", 0.0, seed, data_format, **kwargs)
        self.mode = lookup("mode", mode, MODES)

    def map_of(self, inputs: Any, height: int, width: int) -> list[Any]:
        # Where the number is above a half, 1 and the map stays; else -1, and positions count from the other end.
        signs = [
            ops.subtract(ops.multiply(ops.greater(number, 0.5), 2.0), 1.0)
            for number in self.uniform(inputs, (0.0, 1.0), (0.0, 1.0))
        ]
        across = signs[0] if self.mode != "vertical" else 1.0
        down = signs[1] if self.mode != "horizontal" else 1.0
        return [across, 0.0, other_end(across, width), 0.0, down, other_end(down, height)]

    def get_config(self) -> dict[str, Any]:
        config = {**super().get_config(), "mode": self.mode}
        for key in ("fill_mode", "fill_value", "interpolation"):
            del config[key]
        return config


def other_end(sign: Any, length: int) -> Any:
    """Where the count starts: 0 for a sign of 1, the last position for -1."""
    return 0.0 if isinstance(sign, float) else ops.multiply(ops.subtract(1.0, sign), (length - 1) / 2)


@register
class RandomRotation(Warp):
    """Turns each image around its centre in training.

    Args:
        factor: part of a full turn: a number f for -f to f, or a pair of ends. Positive turns counterclockwise.
        fill_mode: what lies outside: "reflect", "wrap", "constant" or "nearest". Default "reflect".
        interpolation: "bilinear" or "nearest". Default "bilinear".
        seed: an integer for a sequence of its own. Default None: from the global generator.
        fill_value: the constant. Default 0.
        data_format: None or "channels_last"; "channels_first" for images (batch, channels, height, width).

    Raises:
        ValueError: an argument does not fit.

    Example:

    >>> import numpy as np
    >>> from fastcnn import layers
    >>> half_turn = layers.RandomRotation((0.5, 0.5))
    >>> half_turn(np.arange(4.0).reshape(1, 2, 2, 1))[0, :, :, 0].round(3)
    array([[3., 2.],
           [1., 0.]], dtype=float32)
    """

    def __init__(
        self,
        factor: Any,
        fill_mode: str = "reflect",
        interpolation: str = "bilinear",
        seed: int | None = None,
        fill_value: float = 0.0,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(fill_mode, interpolation, fill_value, seed, data_format, **kwargs)
        self.factor = factor_range(factor, "factor", -1.0, 1.0)

    def map_of(self, inputs: Any, height: int, width: int) -> list[Any]:
        low, high = self.factor
        (angle,) = self.uniform(inputs, (2 * math.pi * low, 2 * math.pi * high))
        cosine, sine = ops.cos(angle), ops.sin(angle)
        x, y = (width - 1) / 2, (height - 1) / 2
        across = ops.add(ops.subtract(x, ops.multiply(cosine, x)), ops.multiply(sine, y))
        down = ops.subtract(ops.subtract(y, ops.multiply(sine, x)), ops.multiply(cosine, y))
        return [cosine, ops.negative(sine), across, sine, cosine, down]

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "factor": self.factor}


@register
class RandomTranslation(Warp):
    """Shifts each image in training.

    Args:
        height_factor: part of the height: a number f for -f to f, or a pair of ends; positive shifts down.
        width_factor: part of the width; positive shifts to the right.
        fill_mode: what lies outside: "reflect", "wrap", "constant" or "nearest". Default "reflect".
        interpolation: "bilinear" or "nearest". Default "bilinear".
        seed: an integer for a sequence of its own. Default None: from the global generator.
        fill_value: the constant. Default 0.
        data_format: None or "channels_last"; "channels_first" for images (batch, channels, height, width).

    Raises:
        ValueError: an argument does not fit.

    Example:

    >>> import numpy as np
    >>> from fastcnn import layers
    >>> shift = layers.RandomTranslation(0.0, (0.5, 0.5), fill_mode="constant")
    >>> shift(np.array([[[[1.0], [2.0]]]]))[0, 0, :, 0]
    array([0., 1.], dtype=float32)
    """

    def __init__(
        self,
        height_factor: Any,
        width_factor: Any,
        fill_mode: str = "reflect",
        interpolation: str = "bilinear",
        seed: int | None = None,
        fill_value: float = 0.0,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(fill_mode, interpolation, fill_value, seed, data_format, **kwargs)
        self.height_range = factor_range(height_factor, "height_factor", -1.0, 1.0)
        self.width_range = factor_range(width_factor, "width_factor", -1.0, 1.0)
        self.height_factor = height_factor
        self.width_factor = width_factor

    def map_of(self, inputs: Any, height: int, width: int) -> list[Any]:
        down, across = self.uniform(inputs, self.height_range, self.width_range)
        return [1.0, 0.0, ops.multiply(across, float(-width)), 0.0, 1.0, ops.multiply(down, float(-height))]

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "height_factor": self.height_factor, "width_factor": self.width_factor}


@register
class RandomZoom(Warp):
    """Enlarges or reduces each image around its centre in training.

    Args:
        height_factor: a number f for -f to f, or a pair of ends; -0.3 enlarges: the image shows 0.7 of the height.
        width_factor: the same for the width. Default None: as the height, with the proportions kept.
        fill_mode: what lies outside: "reflect", "wrap", "constant" or "nearest". Default "reflect".
        interpolation: "bilinear" or "nearest". Default "bilinear".
        seed: an integer for a sequence of its own. Default None: from the global generator.
        fill_value: the constant. Default 0.
        data_format: None or "channels_last"; "channels_first" for images (batch, channels, height, width).

    Raises:
        ValueError: an argument does not fit.

    Example:

    >>> import numpy as np
    >>> from fastcnn import layers
    >>> layers.RandomZoom((-0.5, -0.5))(np.arange(5.0).reshape(1, 1, 5, 1))[0, 0, :, 0]
    array([1. , 1.5, 2. , 2.5, 3. ], dtype=float32)
    """

    def __init__(
        self,
        height_factor: Any,
        width_factor: Any = None,
        fill_mode: str = "reflect",
        interpolation: str = "bilinear",
        seed: int | None = None,
        fill_value: float = 0.0,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(fill_mode, interpolation, fill_value, seed, data_format, **kwargs)
        self.height_range = factor_range(height_factor, "height_factor", -1.0, 1.0)
        self.width_range = None if width_factor is None else factor_range(width_factor, "width_factor", -1.0, 1.0)
        self.height_factor = height_factor
        self.width_factor = width_factor

    def map_of(self, inputs: Any, height: int, width: int) -> list[Any]:
        down, across = self.uniform(inputs, self.height_range, self.width_range or self.height_range)
        down = ops.add(down, 1.0)
        across = down if self.width_range is None else ops.add(across, 1.0)
        left = ops.multiply(ops.subtract(1.0, across), (width - 1) / 2)
        top = ops.multiply(ops.subtract(1.0, down), (height - 1) / 2)
        return [across, 0.0, left, 0.0, down, top]

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "height_factor": self.height_factor, "width_factor": self.width_factor}


@register
class RandomShear(Warp):
    """Shifts the rows, or the columns, of each image by more the further they are, in training.

    Args:
        x_factor: pixels to the side for each row: a number f for 0 to f, or a pair of ends, from 0 to 1. Default 0.
        y_factor: pixels down for each column. Default 0.
        interpolation: "bilinear" or "nearest". Default "bilinear".
        fill_mode: what lies outside: "reflect", "wrap", "constant" or "nearest". Default "reflect".
        fill_value: the constant. Default 0.
        data_format: None or "channels_last"; "channels_first" for images (batch, channels, height, width).
        seed: an integer for a sequence of its own. Default None: from the global generator.

    The direction is random: half of the images are sheared the other way.

    Raises:
        ValueError: an argument does not fit.

    Example:

    >>> import numpy as np
    >>> from fastcnn import layers
    >>> layers.RandomShear(0.2)(np.ones((1, 4, 4, 1))).shape
    (1, 4, 4, 1)
    """

    def __init__(
        self,
        x_factor: Any = 0.0,
        y_factor: Any = 0.0,
        interpolation: str = "bilinear",
        fill_mode: str = "reflect",
        fill_value: float = 0.0,
        data_format: str | None = None,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(fill_mode, interpolation, fill_value, seed, data_format, **kwargs)
        self.x_range = self.ends(x_factor, "x_factor")
        self.y_range = self.ends(y_factor, "y_factor")
        self.x_factor = x_factor
        self.y_factor = y_factor

    def ends(self, value: Any, name: str) -> Range:
        """The range of a factor; that of a single number is both ways, as Keras has it."""
        low, high = factor_range(value, name, 0.0, 1.0)
        return (low, high) if isinstance(value, (list, tuple)) else (-high, high)

    def map_of(self, inputs: Any, height: int, width: int) -> list[Any]:
        across, down, direction = self.uniform(inputs, self.x_range, self.y_range, (0.0, 1.0))
        sign = ops.subtract(1.0, ops.multiply(ops.greater(direction, 0.5), 2.0))
        return [1.0, ops.multiply(across, sign), 0.0, ops.multiply(down, sign), 1.0, 0.0]

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "x_factor": self.x_factor, "y_factor": self.y_factor}


@register
class RandomCrop(ImageLayer):
    """A part of the images: at a random place in training, in the middle otherwise.

    Args:
        height: height of the part.
        width: width of the part.
        seed: an integer for a sequence of its own. Default None: from the global generator.
        data_format: None or "channels_last"; "channels_first" for images (batch, channels, height, width).

    Each image has a place of its own. Images that are not larger are cut to the proportions and resized.

    Output shape: `(batch, height, width, channels)`.

    Raises:
        ValueError: a size is no positive integer.

    Example:

    >>> import numpy as np
    >>> from fastcnn import layers
    >>> layers.RandomCrop(24, 24)(np.zeros((2, 32, 32, 3))).shape
    (2, 24, 24, 3)
    """

    def __init__(
        self, height: int, width: int, seed: int | None = None, data_format: str | None = None, **kwargs: Any
    ) -> None:
        super().__init__(seed, data_format, **kwargs)
        self.height = positive_integer(height, "height")
        self.width = positive_integer(width, "width")

    def still(self, images: Any) -> Any:
        part = middle_of_proportions(images, self.height, self.width)
        return ops.image.resize(part, (self.height, self.width))

    def transform(self, inputs: Any) -> Any:
        rows, columns = inputs.shape[1] - self.height, inputs.shape[2] - self.width
        if rows <= 0 or columns <= 0:
            return self.still(inputs)
        down, across = (ops.floor(n) for n in self.uniform(inputs, (0.0, rows + 1.0), (0.0, columns + 1.0)))
        zero = ops.multiply(down, 0.0)
        one = ops.add(zero, 1.0)
        maps = ops.concatenate([one, zero, across, zero, one, down, zero, zero], axis=1)
        moved = ops.image.affine_transform(inputs, maps, "nearest", "nearest")
        return ops.image.crop_images(moved, 0, 0, target_height=self.height, target_width=self.width)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return sized(input_shape, self.height, self.width, self.data_format)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "height": self.height, "width": self.width}
