"""Colours of images changed at random in training."""

from __future__ import annotations

from typing import Any

import numpy as np

from fastcnn import ops
from fastcnn.layers.image_layer import ImageLayer, checked_range, factor_range, for_each_image, scaled
from fastcnn.layers.registry import register

EPSILON = 1e-7


class Coloured(ImageLayer):
    """Base: a factor, and the range of values of images."""

    least, most = 0.0, 1.0
    """What the factor may be."""

    def __init__(
        self, factor: Any, value_range: Any = (0, 255), data_format: str | None = None, seed: int | None = None,
        **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(seed, data_format, **kwargs)
        self.factor: Any = factor_range(factor, "factor", self.least, self.most)
        self.value_range = checked_range(value_range)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "factor": self.factor, "value_range": self.value_range}


@register
class RandomBrightness(Coloured):
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

    least = -1.0

    def __init__(self, factor: Any, value_range: Any = (0, 255), seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(factor, value_range, seed=seed, **kwargs)

    def transform(self, inputs: Any) -> Any:
        low, high = self.value_range
        (share,) = self.uniform(inputs, self.factor)
        return scaled(inputs, 1.0, ops.multiply(share, float(high - low)), low, high)


@register
class RandomContrast(Coloured):
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
        super().__init__(factor, value_range, seed=seed, **kwargs)

    def transform(self, inputs: Any) -> Any:
        (scale,) = self.uniform(inputs, (1 - self.factor[0], 1 + self.factor[1]))
        centre = ops.mean(inputs, axis=(1, 2))
        return scaled(inputs, scale, ops.multiply(centre, ops.subtract(1.0, scale)), *self.value_range)


@register
class RandomGrayscale(ImageLayer):
    """Takes the colour from some images in training.

    Args:
        factor: the probability, from 0 to 1. Default 0.5.
        data_format: None or "channels_last"; "channels_first" for images (batch, channels, height, width).
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


@register
class RandomHue(Coloured):
    """Turns the hue of each image in training.

    Args:
        factor: half of the part of a full turn: a number f for 0 to f, or a pair of ends, from 0 to 1. The direction
            is random.
        value_range: least and largest value of images. Default (0, 255).
        data_format: None or "channels_last"; "channels_first" for images (batch, channels, height, width).
        seed: an integer for a sequence of its own. Default None: from the global generator.

    Raises:
        ValueError: an argument does not fit.

    Example:

    >>> import numpy as np
    >>> from fastcnn import layers
    >>> layers.RandomHue((1.0, 1.0))(np.array([[[[255.0, 0.0, 0.0]]]])).ravel()
    array([  0., 255., 255.], dtype=float32)
    """

    def transform(self, inputs: Any) -> Any:
        low, high = self.value_range
        length = float(high - low)
        number, share = self.uniform(inputs, (0.0, 1.0), self.factor)
        turn = ops.multiply(ops.subtract(0.5, ops.greater(number, 0.5)), share)
        zero = ops.multiply(turn, 0.0)
        hsv = ops.image.rgb_to_hsv(scaled(inputs, ops.add(zero, 1 / length), ops.add(zero, -low / length)))
        turned = ops.add(hsv, ops.multiply(for_each_image(turn), np.array([1, 0, 0], "float32")))
        return scaled(ops.image.hsv_to_rgb(turned), length, ops.add(zero, float(low)), low, high)


@register
class RandomSaturation(Coloured):
    """Makes the colours of each image fainter or stronger in training.

    Args:
        factor: 0 takes all colour, 0.5 changes nothing, 1 gives the strongest colours: a number f for -f to f, or a
            pair of ends, from -1 to 1.
        value_range: least and largest saturation. Default (0, 255).
        data_format: None or "channels_last"; "channels_first" for images (batch, channels, height, width).
        seed: an integer for a sequence of its own. Default None: from the global generator.

    Raises:
        ValueError: an argument does not fit.

    Example:

    >>> import numpy as np
    >>> from fastcnn import layers
    >>> layers.RandomSaturation((0.0, 0.0))(np.array([[[[255.0, 0.0, 51.0]]]])).ravel()
    array([255., 255., 255.], dtype=float32)
    """

    least = -1.0

    def transform(self, inputs: Any) -> Any:
        (share,) = self.uniform(inputs, self.factor)
        strength = ops.divide(share, ops.subtract(1 + EPSILON, share))
        hsv = ops.image.rgb_to_hsv(inputs)
        only_saturation, others = np.array([0, 1, 0], "float32"), np.array([1, 0, 1], "float32")
        factors = ops.add(ops.multiply(strength, only_saturation), others)
        low, high = (np.where(others, -end, end).astype("float32") for end in (np.inf, -np.inf))
        low[1], high[1] = self.value_range
        cut = ops.clip(ops.multiply(hsv, ops.reshape(factors, (-1, 1, 1, 3))), low, high)
        return ops.image.hsv_to_rgb(cut)


@register
class RandomColorDegeneration(Coloured):
    """Mixes each image with its gray version in training.

    Args:
        factor: the part of gray: a number f for -f to f, or a pair of ends, from -1 to 1.
        value_range: least and largest value of images; results are cut to it. Default (0, 255).
        data_format: None or "channels_last"; "channels_first" for images (batch, channels, height, width).
        seed: an integer for a sequence of its own. Default None: from the global generator.

    Raises:
        ValueError: an argument does not fit.

    Example:

    >>> import numpy as np
    >>> from fastcnn import layers
    >>> layers.RandomColorDegeneration((1.0, 1.0))(np.array([[[[10.0, 0.0, 0.0]]]])).ravel()
    array([2.989, 2.989, 2.989], dtype=float32)
    """

    least = -1.0

    def transform(self, inputs: Any) -> Any:
        (share,) = self.uniform(inputs, self.factor)
        gray = ops.multiply(ops.image.rgb_to_grayscale(inputs), for_each_image(share))
        return ops.clip(
            ops.add(ops.multiply(inputs, for_each_image(ops.subtract(1.0, share))), gray), *self.value_range
        )


@register
class RandomColorJitter(ImageLayer):
    """Changes brightness, contrast, saturation and hue of each image, one after the other, in training.

    Args:
        value_range: least and largest value of images. Default (0, 255).
        brightness_factor: as for `RandomBrightness`. Default None: unchanged.
        contrast_factor: as for `RandomContrast`. Default None: unchanged.
        saturation_factor: as for `RandomSaturation`. Default None: unchanged.
        hue_factor: as for `RandomHue`. Default None: unchanged.
        seed: an integer for a sequence of its own. Default None: from the global generator.
        data_format: None or "channels_last"; "channels_first" for images (batch, channels, height, width).

    Raises:
        ValueError: an argument does not fit.

    Example:

    >>> import numpy as np
    >>> from fastcnn import layers
    >>> layers.RandomColorJitter(brightness_factor=(0.2, 0.2))(np.full((1, 1, 1, 3), 10.0)).ravel()
    array([61., 61., 61.], dtype=float32)
    """

    def __init__(
        self,
        value_range: Any = (0, 255),
        brightness_factor: Any = None,
        contrast_factor: Any = None,
        saturation_factor: Any = None,
        hue_factor: Any = None,
        seed: int | None = None,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(seed, data_format, draws=False, **kwargs)
        self.value_range = value_range
        self.brightness_factor = brightness_factor
        self.contrast_factor = contrast_factor
        self.saturation_factor = saturation_factor
        self.hue_factor = hue_factor
        kinds = (
            (RandomBrightness, brightness_factor),
            (RandomContrast, contrast_factor),
            (RandomSaturation, saturation_factor),
            (RandomHue, hue_factor),
        )
        self.steps = [
            kind(factor=factor, value_range=value_range, seed=seed_of_part(self.seed, number))
            for number, (kind, factor) in enumerate(kinds)
            if factor is not None
        ]

    def transform(self, inputs: Any) -> Any:
        for step in self.steps:
            inputs = step(inputs, training=True)
        return inputs

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "value_range": self.value_range,
            "brightness_factor": self.brightness_factor,
            "contrast_factor": self.contrast_factor,
            "saturation_factor": self.saturation_factor,
            "hue_factor": self.hue_factor,
        }


def seed_of_part(seed: int | None, number: int) -> int | None:
    """A seed for a layer inside of one with a seed, so that each draws numbers of its own."""
    return None if seed is None else (seed + 1_000_003 * (number + 1)) % 2**63
