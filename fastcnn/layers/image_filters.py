"""Images sharpened and blurred at random in training."""

from __future__ import annotations

from typing import Any

import numpy as np

from fastcnn import ops
from fastcnn.layers.image_colour import Coloured
from fastcnn.layers.image_layer import factor_range, for_each_image
from fastcnn.layers.registry import register
from fastcnn.ops.image_filter import blurred, filtered, gaussian

SMOOTH = np.array([[1, 1, 1], [1, 5, 1], [1, 1, 1]], "float32") / 13
LEAST_SIGMA = 1e-6


@register
class RandomSharpness(Coloured):
    """Blurs or sharpens each image in training.

    Args:
        factor: 0 blurs, 0.5 changes nothing, 1 sharpens: a number f for 0 to f, or a pair of ends, from 0 to 1.
        value_range: least and largest value of images; results are cut to it. Default (0, 255).
        data_format: None or "channels_last"; "channels_first" for images (batch, channels, height, width).
        seed: an integer for a sequence of its own. Default None: from the global generator.

    Raises:
        ValueError: an argument does not fit.

    Example:

    >>> import numpy as np
    >>> from fastcnn import layers
    >>> image = np.zeros((1, 3, 3, 1))
    >>> image[0, 1, 1] = 13
    >>> layers.RandomSharpness((0.0, 0.0))(image)[0, :, :, 0].round(3)
    array([[1., 1., 1.],
           [1., 5., 1.],
           [1., 1., 1.]], dtype=float32)
    """

    def transform(self, inputs: Any) -> Any:
        (share,) = self.uniform(inputs, self.factor)
        own = for_each_image(ops.multiply(share, 2.0))
        mixed = ops.add(ops.multiply(inputs, own), ops.multiply(filtered(inputs, SMOOTH), ops.subtract(1.0, own)))
        return ops.clip(mixed, *self.value_range)


@register
class RandomGaussianBlur(Coloured):
    """Blurs some images by a Gaussian window in training.

    Args:
        factor: the probability: a number f for one drawn from 0 to f for each image, or a pair of ends. Default 1.
        kernel_size: length of the window, odd, or a pair of width and height. Default 3.
        sigma: deviation of the window in pixels: a number s for 0 to s, or a pair of ends, drawn for each batch for
            the width and for the height. Default 1.
        value_range: least and largest value of images; results are cut to it. Default (0, 255).
        data_format: None or "channels_last"; "channels_first" for images (batch, channels, height, width).
        seed: an integer for a sequence of its own. Default None: from the global generator.

    Raises:
        ValueError: an argument does not fit.

    Example:

    >>> import numpy as np
    >>> from fastcnn import layers
    >>> image = np.zeros((1, 1, 3, 1))
    >>> image[0, 0, 1] = 1
    >>> blur = layers.RandomGaussianBlur((1.0, 1.0), kernel_size=(3, 1), sigma=(1.0, 1.0))
    >>> blur(image)[0, 0, :, 0].round(3)
    array([0.274, 0.452, 0.274], dtype=float32)
    """

    def __init__(
        self,
        factor: Any = 1.0,
        kernel_size: Any = 3,
        sigma: Any = 1.0,
        value_range: Any = (0, 255),
        data_format: str | None = None,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(factor, value_range, data_format, seed, **kwargs)
        sizes = tuple(kernel_size) if isinstance(kernel_size, (tuple, list)) else (kernel_size, kernel_size)
        if len(sizes) != 2 or any(not isinstance(size, int) or size < 1 or size % 2 == 0 for size in sizes):
            raise ValueError(f"kernel_size must be an odd number. Received: kernel_size={kernel_size!r}")
        self.kernel_size = sizes
        self.sigma = factor_range(sigma, "sigma", 0.0, 1.0)

    def transform(self, inputs: Any) -> Any:
        probability, number = self.uniform(inputs, self.factor, (0.0, 1.0))
        across, down = (
            gaussian(size, ops.reshape(ops.add(sigma, LEAST_SIGMA), (1,)))
            for size, sigma in zip(self.kernel_size, self.uniform_of_batch(self.sigma, self.sigma), strict=True)
        )
        chosen = for_each_image(ops.less(number, probability))
        return ops.clip(ops.where(chosen, blurred(inputs, down, across), inputs), *self.value_range)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "kernel_size": self.kernel_size, "sigma": self.sigma}
