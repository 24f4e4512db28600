"""Colours of images changed at random in training."""

from __future__ import annotations

from typing import Any

from fastcnn import ops
from fastcnn.layers.image_geometry import ImageLayer, factor_range
from fastcnn.layers.registry import register


def for_each_image(numbers: Any) -> Any:
    """Numbers (batch, 1) so that they meet images."""
    return ops.reshape(numbers, (-1, 1, 1, 1))


def checked_range(value: Any) -> list[float]:
    """The least and the largest value of images.

    Raises:
        ValueError: it is no pair.
    """
    if not isinstance(value, (tuple, list)) or len(value) != 2:
        raise ValueError(f"The `value_range` argument should be a list of two numbers. Received: value_range={value!r}")
    return sorted(value)


@register
class RandomBrightness(ImageLayer):
    """Makes each image darker or brighter in training.

    Args:
        factor: part of the value range that is added: a number f for -f to f, or a pair of ends, from -1 to 1.
        value_range: least and largest value of images; results are cut to it. Default (0, 255).
        seed: an integer for a sequence of its own. Default None: from the global generator.

    Raises:
        ValueError: an argument does not fit.

    Example:

    >>> import numpy as np
    >>> from fastcnn import layers
    >>> layers.RandomBrightness((0.2, 0.2))(np.full((1, 1, 1, 1), 10.0)).item()
    61.0
    """

    def __init__(self, factor: Any, value_range: Any = (0, 255), seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(seed, kwargs.pop("data_format", None), **kwargs)
        self.factor = factor_range(factor, "factor", -1.0, 1.0)
        self.value_range = checked_range(value_range)

    def transform(self, inputs: Any) -> Any:
        low, high = self.value_range
        (share,) = self.uniform(inputs, self.factor)
        return ops.clip(ops.add(inputs, for_each_image(ops.multiply(share, float(high - low)))), low, high)

    def get_config(self) -> dict[str, Any]:
        config = {**super().get_config(), "factor": self.factor, "value_range": self.value_range}
        del config["data_format"]
        return config


@register
class RandomContrast(ImageLayer):
    """Brings the values of each channel of an image nearer to their mean, or further from it, in training.

    Args:
        factor: a pair (f, g) from 0 to 1: distances are multiplied by 1 - f to 1 + g; or a number g for (0, g).
        value_range: least and largest value of images; results are cut to it. Default (0, 255).
        seed: an integer for a sequence of its own. Default None: from the global generator.

    Raises:
        ValueError: an argument does not fit.

    Example:

    >>> import numpy as np
    >>> from fastcnn import layers
    >>> layers.RandomContrast((0.0, 0.0))(np.array([[[[0.0], [100.0]]]]))[0, 0, :, 0]
    array([  0., 100.], dtype=float32)
    """

    def __init__(self, factor: Any, value_range: Any = (0, 255), seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(seed, kwargs.pop("data_format", None), **kwargs)
        low, high = factor_range(factor, "factor", 0.0, 1.0)
        self.factor = (low, high) if isinstance(factor, (list, tuple)) else (0.0, high)
        self.value_range = checked_range(value_range)

    def transform(self, inputs: Any) -> Any:
        (scale,) = self.uniform(inputs, (1 - self.factor[0], 1 + self.factor[1]))
        centre = ops.mean(inputs, axis=(1, 2), keepdims=True)
        outputs = ops.add(ops.multiply(ops.subtract(inputs, centre), for_each_image(scale)), centre)
        return ops.clip(outputs, *self.value_range)

    def get_config(self) -> dict[str, Any]:
        config = {**super().get_config(), "factor": self.factor, "value_range": self.value_range}
        del config["data_format"]
        return config


@register
class RandomGrayscale(ImageLayer):
    """Takes the colour from some images in training.

    Args:
        factor: the probability, from 0 to 1. Default 0.5.
        data_format: None or "channels_last".
        seed: an integer for a sequence of its own. Default None: from the global generator.

    Raises:
        ValueError: the factor is outside of 0 to 1.

    Example:

    >>> import numpy as np
    >>> from fastcnn import layers
    >>> layers.RandomGrayscale(1.0)(np.array([[[[10.0, 0.0, 0.0]]]])).ravel()
    array([2.989, 2.989, 2.989], dtype=float32)
    """

    def __init__(
        self, factor: float = 0.5, data_format: str | None = None, seed: int | None = None, **kwargs: Any
    ) -> None:
        super().__init__(seed, data_format, **kwargs)
        if not isinstance(factor, (int, float)) or not 0 <= factor <= 1:
            raise ValueError(f"`factor` should be between 0 and 1. Received: factor={factor!r}")
        self.factor = factor

    def transform(self, inputs: Any) -> Any:
        (number,) = self.uniform(inputs, (0.0, 1.0))
        gray = ops.image.rgb_to_grayscale(inputs)
        return ops.where(for_each_image(ops.less(number, float(self.factor))), gray, inputs)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "factor": self.factor}
