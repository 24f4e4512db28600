"""Images distorted at random in training: in perspective, and as on a rubber sheet."""

from __future__ import annotations

from typing import Any

import numpy as np

from fastcnn import ops
from fastcnn.layers.image_geometry import FILL_MODES, INTERPOLATIONS
from fastcnn.layers.image_layer import ImageLayer, checked_range, factor_range, for_each_image, mode_name
from fastcnn.layers.registry import register
from fastcnn.ops.dispatch import apply
from fastcnn.ops.image_filter import gaussian
from fastcnn.ops.image_warp import displaced

IDENTITY = np.array([1, 0, 0, 0, 1, 0, 0, 0], "float32")
LEAST_SIGMA = 1e-6


@register
class RandomPerspective(ImageLayer):
    """Shows some images in perspective, in training: their corners are moved.

    Args:
        factor: the probability: a number f for one drawn from 0 to f for each image, or a pair of ends. Default 1.
        scale: how far corners move: each coordinate is multiplied by a number from 1 - scale / 2 to 1 + scale / 2.
            Default 1.
        interpolation: "bilinear" or "nearest". Default "bilinear".
        fill_value: what lies outside. Default 0.
        seed: an integer for a sequence of its own. Default None: from the global generator.
        data_format: None or "channels_last"; "channels_first" for images (batch, channels, height, width).

    Raises:
        ValueError: an argument does not fit.

    Example:

    >>> import numpy as np
    >>> from fastcnn import layers
    >>> layers.RandomPerspective(seed=1)(np.ones((2, 8, 8, 3))).shape
    (2, 8, 8, 3)
    """

    def __init__(
        self,
        factor: Any = 1.0,
        scale: float = 1.0,
        interpolation: str = "bilinear",
        fill_value: float = 0.0,
        seed: int | None = None,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(seed, data_format, **kwargs)
        self.factor = factor_range(factor, "factor", 0.0, 1.0)
        if not isinstance(scale, (int, float)) or not 0 <= scale <= 1:
            raise ValueError(f"The `scale` argument should be a number in the range [0,1]. Received: scale={scale!r}")
        self.scale = scale
        self.interpolation = mode_name("interpolation", interpolation, INTERPOLATIONS)
        self.fill_value = fill_value

    def transform(self, inputs: Any) -> Any:
        height, width = inputs.shape[1:3]
        reach = (-0.5 * self.scale, 0.5 * self.scale)
        probability, number, *shifts = self.uniform(inputs, self.factor, (0.0, 1.0), *[reach] * 8)
        corners = np.array([0, 0, width - 1, 0, 0, height - 1, width - 1, height - 1], "float32")
        moved = ops.multiply(ops.add(ops.concatenate(shifts, axis=1), 1.0), corners)
        start = ops.add(ops.multiply(moved, 0.0), corners)
        maps = apply("homography", ops.reshape(start, (-1, 4, 2)), ops.reshape(moved, (-1, 4, 2)))
        maps = ops.where(ops.less(number, probability), maps, IDENTITY)
        options = {"interpolation": self.interpolation, "fill_mode": "constant", "fill_value": float(self.fill_value)}
        return apply("perspective_warp", inputs, maps, **options)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "factor": self.factor,
            "scale": self.scale,
            "interpolation": self.interpolation,
            "fill_value": self.fill_value,
        }


@register
class RandomElasticTransform(ImageLayer):
    """Distorts some images as on a rubber sheet, in training.

    Args:
        factor: the probability: a number f for one drawn from 0 to f for each image, or a pair of ends. Default 1.
        scale: how strongly: a number s for 0 to s, or a pair of ends, drawn for each batch. Default 1.
        interpolation: "bilinear" or "nearest". Default "bilinear".
        fill_mode: what lies outside: "reflect", "wrap", "constant" or "nearest". Default "reflect".
        fill_value: the constant. Default 0.
        value_range: least and largest value of images; results are cut to it. Default (0, 255).
        seed: an integer for a sequence of its own. Default None: from the global generator.
        data_format: None or "channels_last"; "channels_first" for images (batch, channels, height, width).

    Raises:
        ValueError: an argument does not fit.

    Example:

    >>> import numpy as np
    >>> from fastcnn import layers
    >>> layers.RandomElasticTransform(seed=1)(np.ones((2, 8, 8, 3))).shape
    (2, 8, 8, 3)
    """

    def __init__(
        self,
        factor: Any = 1.0,
        scale: Any = 1.0,
        interpolation: str = "bilinear",
        fill_mode: str = "reflect",
        fill_value: float = 0.0,
        value_range: Any = (0, 255),
        seed: int | None = None,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(seed, data_format, **kwargs)
        self.factor = factor_range(factor, "factor", 0.0, 1.0)
        self.scale = factor_range(scale, "scale", 0.0, 1.0)
        self.interpolation = mode_name("interpolation", interpolation, INTERPOLATIONS)
        self.fill_mode = mode_name("fill_mode", fill_mode, FILL_MODES)
        self.fill_value = fill_value
        self.value_range = checked_range(value_range)

    def transform(self, inputs: Any) -> Any:
        height, width = inputs.shape[1:3]
        if self.scale[1] == 0 or self.factor[1] == 0:
            return inputs
        probability, number = self.uniform(inputs, self.factor, (0.0, 1.0))
        (strength,) = self.uniform_of_batch(self.scale)
        strength = ops.reshape(strength, (1,))
        largest = 0.05 * min(height, width)
        sigma = ops.multiply(strength, largest)
        smooth = gaussian(int(6 * largest * self.scale[1]) | 1, ops.add(sigma, LEAST_SIGMA))
        reach = ops.multiply(ops.multiply(strength, 0.1 * max(height, width)), sigma)
        chosen = for_each_image(ops.multiply(ops.less(number, probability), reach))
        options = {
            "interpolation": self.interpolation,
            "fill_mode": self.fill_mode,
            "fill_value": float(self.fill_value),
        }
        return ops.clip(displaced(inputs, self.state, (smooth, smooth), chosen, options), *self.value_range)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "factor": self.factor,
            "scale": self.scale,
            "interpolation": self.interpolation,
            "fill_mode": self.fill_mode,
            "fill_value": self.fill_value,
            "value_range": self.value_range,
        }
