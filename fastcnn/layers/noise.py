"""Noise in training: `GaussianNoise`, `GaussianDropout`, `AlphaDropout`."""

from __future__ import annotations

import math
from typing import Any

from fastcnn import ops
from fastcnn.layers.random_layer import RandomLayer
from fastcnn.layers.registry import register
from fastcnn.utils.arguments import checked_share


@register
class GaussianNoise(RandomLayer):
    """Adds normally distributed numbers with mean 0 in training.

    Args:
        stddev: their standard deviation, from 0 to 1.
        seed: an integer for a sequence of its own. Default None: from the global generator.

    Raises:
        ValueError: `stddev` is outside of that.

    Example:

    >>> import numpy as np
    >>> from fastcnn import layers
    >>> y = layers.GaussianNoise(0.5, seed=1)(np.zeros((1, 10000)), training=True)
    >>> round(float(y.std()), 1)
    0.5
    """

    supports_masking = True

    def __init__(self, stddev: float, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(seed, **kwargs)
        self.stddev = checked_share(stddev, "stddev")

    def transform(self, inputs: Any) -> Any:
        return ops.add(inputs, ops.multiply(self.normal(inputs), self.stddev))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "stddev": self.stddev}


@register
class GaussianDropout(RandomLayer):
    """Multiplies by normally distributed numbers with mean 1 in training.

    Args:
        rate: their variance is `rate / (1 - rate)`, as that of dropout.
        seed: an integer for a sequence of its own. Default None: from the global generator.

    Source: Srivastava et al., "Dropout", JMLR 15 (2014).

    Example:

    >>> import numpy as np
    >>> from fastcnn import layers
    >>> y = layers.GaussianDropout(0.5, seed=1)(np.ones((1, 10000)), training=True)
    >>> round(float(y.mean()), 1), round(float(y.std()), 1)
    (1.0, 1.0)
    """

    supports_masking = True

    def __init__(self, rate: float, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(seed, **kwargs)
        self.rate = checked_share(rate, "rate")

    def transform(self, inputs: Any) -> Any:
        if self.rate == 0:
            return inputs
        deviation = math.sqrt(self.rate / max(1 - self.rate, 1e-7))
        return ops.multiply(inputs, ops.add(ops.multiply(self.normal(inputs), deviation), 1.0))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "rate": self.rate}


@register
class AlphaDropout(RandomLayer):
    """Dropout that keeps mean and variance of what `selu` gives: values go to selu's lower limit, not to 0.

    Args:
        rate: the part of the values that is dropped.
        noise_shape: None only.
        seed: an integer for a sequence of its own. Default None: from the global generator.

    Source: Klambauer et al., "Self-Normalizing Neural Networks", NeurIPS 2017.

    Example:

    >>> import numpy as np
    >>> from fastcnn import layers
    >>> x = np.random.default_rng(0).normal(size=(1, 10000))
    >>> y = layers.AlphaDropout(0.5, seed=1)(x, training=True)
    >>> round(float(y.mean()), 1) + 0.0, round(float(y.std()), 1)
    (0.0, 1.0)
    """

    supports_masking = True

    LIMIT = -1.6732632423543772 * 1.0507009873554805

    def __init__(self, rate: float, noise_shape: None = None, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(seed, **kwargs)
        self.rate = checked_share(rate, "rate")
        if noise_shape is not None:
            raise ValueError(f"AlphaDropout takes noise_shape=None only, received noise_shape={noise_shape!r}")

    def transform(self, inputs: Any) -> Any:
        if self.rate == 0 or self.rate == 1:
            return inputs
        scale = 1 / math.sqrt((1 - self.rate) * (1 + self.rate * self.LIMIT**2))
        # Dropout divides what it keeps by 1 - rate, which is taken back here.
        shifted = ops.dropout(ops.subtract(inputs, self.LIMIT), self.state, self.rate)
        kept = ops.add(ops.multiply(shifted, 1 - self.rate), self.LIMIT)
        return ops.add(ops.multiply(kept, scale), -scale * self.LIMIT * self.rate)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "rate": self.rate, "noise_shape": None}
