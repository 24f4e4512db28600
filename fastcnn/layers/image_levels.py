"""Values of images mapped to others: fewer levels, inverted, spread over the whole range."""

from __future__ import annotations

from typing import Any

import numpy as np

from fastcnn import ops
from fastcnn.layers.image_colour import Coloured
from fastcnn.layers.image_layer import ImageLayer, Range, checked_range, factor_range, for_each_image, scaled
from fastcnn.layers.registry import register

BITS = 8


def to_bytes(value_range: list[float]) -> tuple[float, float]:
    """Scale and shift that take values of a range to 0 to 255."""
    low, high = value_range
    scale = 255.0 / (high - low)
    return scale, -low * scale


@register
class RandomPosterization(ImageLayer):
    """Keeps only the highest bits of each value, in training.

    Args:
        factor: how many of 8 bits: a number n for 1 to n - 1, drawn for each image, or a pair of ends of which the
            upper one is left out. Equal ends are the number itself.
        value_range: least and largest value of images. Default (0, 255).
        data_format: None or "channels_last"; "channels_first" for images (batch, channels, height, width).
        seed: an integer for a sequence of its own. Default None: from the global generator.

    Raises:
        ValueError: an argument does not fit.

    Example:

    >>> import numpy as np
    >>> from fastcnn import layers
    >>> layers.RandomPosterization((2, 2))(np.array([[[[63.0], [64.0], [200.0]]]])).ravel()
    array([  0.,  64., 192.], dtype=float32)
    """

    def __init__(
        self,
        factor: Any,
        value_range: Any = (0, 255),
        data_format: str | None = None,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(seed, data_format, **kwargs)
        self.factor = factor_range(factor, "factor", 1, BITS)
        self.value_range = checked_range(value_range)

    def transform(self, inputs: Any) -> Any:
        low, high = self.factor
        (bits,) = self.uniform(inputs, (float(low), float(high)))
        step = ops.take(2.0 ** (BITS - np.arange(BITS + 1)), ops.floor(bits), axis=0)
        scale, shift = to_bytes(self.value_range)
        levels = ops.floor(scaled(inputs, ops.divide(scale, step), ops.divide(shift, step)))
        return scaled(levels, ops.divide(step, scale), ops.add(ops.multiply(step, 0.0), self.value_range[0]))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "factor": self.factor, "value_range": self.value_range}


@register
class RandomInvert(Coloured):
    """Subtracts the values of some images from the largest one, in training.

    Args:
        factor: the probability: a number f for one drawn from 0 to f for each image, or a pair of ends. Default 1.
        value_range: least and largest value of images. Default (0, 255).
        seed: an integer for a sequence of its own. Default None: from the global generator.
        data_format: None or "channels_last"; "channels_first" for images (batch, channels, height, width).

    Raises:
        ValueError: an argument does not fit.

    Example:

    >>> import numpy as np
    >>> from fastcnn import layers
    >>> layers.RandomInvert((1.0, 1.0))(np.full((1, 1, 1, 1), 55.0)).item()
    200.0
    """

    def __init__(
        self,
        factor: Any = 1.0,
        value_range: Any = (0, 255),
        seed: int | None = None,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(factor, value_range, data_format, seed, **kwargs)

    def transform(self, inputs: Any) -> Any:
        probability, number = self.uniform(inputs, self.factor, (0.0, 1.0))
        inverted = ops.less(number, probability)
        scale = ops.subtract(1.0, ops.multiply(inverted, 2.0))
        return scaled(inputs, scale, ops.multiply(inverted, float(self.value_range[1])))


@register
class Solarization(ImageLayer):
    """Adds to the values of images, then subtracts those above a threshold from the largest one, in training.

    Args:
        addition_factor: part of the value range that is added: a number f for 0 to f, or a pair of ends, from 0 to 1.
            Default 0.
        threshold_factor: the threshold as a part of the value range, likewise. Default 0: all are subtracted.
        value_range: least and largest value of images. Default (0, 255).
        seed: an integer for a sequence of its own. Default None: from the global generator.

    As in Keras, the lower ends of both factors count as values from 0 to 255, the upper ones as parts.

    Raises:
        ValueError: an argument does not fit.

    Example:

    >>> import numpy as np
    >>> from fastcnn import layers
    >>> layers.Solarization()(np.array([[[[59.0], [62.0]]]]), training=True).ravel()
    array([196., 193.], dtype=float32)
    """

    def __init__(
        self,
        addition_factor: Any = 0.0,
        threshold_factor: Any = 0.0,
        value_range: Any = (0, 255),
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(seed, kwargs.pop("data_format", None), **kwargs)
        self.addition_factor = part_range(addition_factor, "addition_factor")
        self.threshold_factor = part_range(threshold_factor, "threshold_factor")
        self.value_range = checked_range(value_range)

    def transform(self, inputs: Any) -> Any:
        ranges = [(low, 255.0 * high) for low, high in (self.addition_factor, self.threshold_factor)]
        addition, threshold = self.uniform(inputs, *ranges)
        scale, shift = to_bytes(self.value_range)
        raised = scaled(inputs, scale, ops.add(addition, shift), 0.0, 255.0)
        kept = ops.less(raised, for_each_image(threshold))
        results = ops.where(kept, raised, ops.subtract(255.0, raised))
        if scale == 1.0 and shift == 0.0:
            return results
        zero = ops.multiply(addition, 0.0)
        return scaled(results, ops.add(zero, 1 / scale), ops.add(zero, self.value_range[0]))

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "value_range": self.value_range,
            "addition_factor": self.addition_factor,
            "threshold_factor": self.threshold_factor,
        }


def part_range(value: Any, name: str) -> Range:
    """A number f from 0 to 1, for 0 to f, or a pair of such ends.

    Raises:
        ValueError: it is neither.
    """
    ends = list(value) if isinstance(value, (tuple, list)) else [0, value]
    if len(ends) != 2 or not all(isinstance(end, (int, float)) and 0 <= end <= 1 for end in ends):
        raise ValueError(
            "The `addition_factor` and `threshold_factor` arguments should be a number (or a list of two numbers) in "
            f"the range [0, 1]. Received: {name}={value!r}"
        )
    return min(ends), max(ends)


@register
class AutoContrast(ImageLayer):
    """Spreads the values of each channel of an image over the whole range; also outside of training.

    Args:
        value_range: least and largest value of images. Default (0, 255).

    A channel with one value only is left as it is.

    Raises:
        ValueError: the range is no pair.

    Example:

    >>> import numpy as np
    >>> from fastcnn import layers
    >>> layers.AutoContrast()(np.array([[[[10.0], [30.0], [50.0]]]])).ravel()
    array([  0. , 127.5, 255. ], dtype=float32)
    """

    def __init__(self, value_range: Any = (0, 255), **kwargs: Any) -> None:
        super().__init__(None, kwargs.pop("data_format", None), draws=False, **kwargs)
        self.value_range = checked_range(value_range)

    def transform(self, inputs: Any) -> Any:
        low, high = self.value_range
        least, most = ops.min(inputs, axis=(1, 2)), ops.max(inputs, axis=(1, 2))
        flat = ops.equal(least, most)
        spread = ops.divide(float(high - low), ops.add(ops.subtract(most, least), flat))
        scale = ops.where(flat, 1.0, spread)
        shift = ops.where(flat, 0.0, ops.subtract(float(low), ops.multiply(least, spread)))
        return ops.where(
            ops.reshape(flat, (-1, 1, 1, inputs.shape[-1])), inputs, scaled(inputs, scale, shift, low, high)
        )

    def still(self, images: Any) -> Any:
        return self.transform(images)

    def get_config(self) -> dict[str, Any]:
        config = {**super().get_config(), "value_range": self.value_range}
        del config["seed"]
        return config


@register
class Equalization(ImageLayer):
    """Gives the values of each channel of a batch new levels of which each occurs about as often, in training.

    Args:
        value_range: least and largest value of images. Default (0, 255).
        bins: the number of levels that are counted. Default 256.
        data_format: None or "channels_last"; "channels_first" for images (batch, channels, height, width).

    As in Keras, the values of all images of a batch are counted together.

    Raises:
        ValueError: the range is no pair.

    Example:

    >>> import numpy as np
    >>> from fastcnn import layers
    >>> layers.Equalization()(np.array([[[[10.0], [11.0], [50.0]]]]), training=True).ravel()
    array([  0., 128., 255.], dtype=float32)
    """

    def __init__(
        self, value_range: Any = (0, 255), bins: int = 256, data_format: str | None = None, **kwargs: Any
    ) -> None:
        super().__init__(None, data_format, draws=False, **kwargs)
        self.value_range = checked_range(value_range)
        self.bins = bins

    def transform(self, inputs: Any) -> Any:
        return ops.stack([self.equalized(inputs[..., channel]) for channel in range(inputs.shape[-1])], axis=-1)

    def equalized(self, values: Any) -> Any:
        """One channel (batch, height, width)."""
        low, high = self.value_range
        flat = ops.reshape(values, (-1,))
        scale = (self.bins - 1) / (high - low)
        numbers = ops.cast(ops.clip(ops.multiply(ops.subtract(flat, float(low)), scale), 0.0, self.bins - 1.0), "int32")
        counts = ops.bincount(numbers, minlength=self.bins)
        below = ops.cumsum(counts)
        first = ops.min(ops.where(ops.greater(below, 0.0), below, np.inf))
        rest = ops.subtract(ops.max(below), first)
        levels = ops.multiply(ops.subtract(below, first), 255.0)
        levels = ops.round(ops.divide(levels, ops.add(rest, ops.equal(rest, 0.0))))
        levels = ops.multiply(ops.clip(levels, 0.0, 255.0), (high - low) / 255.0)
        several = ops.greater(ops.sum(ops.greater(counts, 0.0)), 1.0)
        result = ops.where(several, ops.take(ops.add(levels, float(low)), numbers, axis=0), flat)
        return ops.reshape(result, (-1, *values.shape[1:]))

    def get_config(self) -> dict[str, Any]:
        config = {**super().get_config(), "bins": self.bins, "value_range": self.value_range}
        del config["seed"]
        return config
