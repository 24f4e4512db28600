"""Dropout of whole channels."""

from __future__ import annotations

from typing import Any

from fastcnn.graph import Shape
from fastcnn.layers.arguments import data_format_name
from fastcnn.layers.dropout import Dropout
from fastcnn.layers.input_spec import InputSpec
from fastcnn.layers.registry import register


class SpatialDropout(Dropout):
    """Base: the mask has one value for each channel of a sample."""

    rank: int

    def __init__(self, rate: float, seed: int | None = None, data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(rate, seed=seed, **kwargs)
        self.data_format = data_format_name(data_format)
        self.input_spec = InputSpec(ndim=self.rank + 2)

    def axes_together(self, shape: Shape) -> list[int]:
        first = 2 if self.data_format == "channels_first" else 1
        return list(range(first, first + self.rank))

    def get_config(self) -> dict[str, Any]:
        config = {**super().get_config(), "data_format": self.data_format}
        del config["noise_shape"]
        return config


@register
class SpatialDropout1D(SpatialDropout):
    """Sets random channels of sequences to zero in training, and scales the others by `1 / (1 - rate)`.

    Args:
        rate: the part of the channels that becomes zero, from 0 to 1.
        seed: an integer for a sequence of its own. Default None: from the global generator.

    Input shape: `(batch, steps, channels)`.

    Source: Tompson et al., "Efficient Object Localization Using Convolutional Networks", CVPR 2015.

    Example:

    >>> import numpy as np
    >>> from fastcnn import layers
    >>> y = layers.SpatialDropout1D(0.5, seed=1)(np.ones((1, 4, 100)), training=True)
    >>> bool((y.min(axis=1) == y.max(axis=1)).all())
    True
    """

    rank = 1

    def __init__(self, rate: float, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(rate, seed, **kwargs)

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        del config["data_format"]
        return config


@register
class SpatialDropout2D(SpatialDropout):
    """Sets random channels of images to zero in training, and scales the others by `1 / (1 - rate)`.

    Args:
        rate: the part of the channels that becomes zero, from 0 to 1.
        data_format: "channels_last" or "channels_first". Default None: the former.
        seed: an integer for a sequence of its own. Default None: from the global generator.

    Input shape: `(batch, height, width, channels)`.

    Example:

    >>> import numpy as np
    >>> from fastcnn import layers
    >>> y = layers.SpatialDropout2D(0.5, seed=1)(np.ones((1, 4, 4, 100)), training=True)
    >>> bool((y.min(axis=(1, 2)) == y.max(axis=(1, 2))).all())
    True
    """

    rank = 2

    def __init__(self, rate: float, data_format: str | None = None, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(rate, seed, data_format, **kwargs)


@register
class SpatialDropout3D(SpatialDropout):
    """Sets random channels of volumes to zero in training, and scales the others by `1 / (1 - rate)`.

    Args:
        rate: the part of the channels that becomes zero, from 0 to 1.
        data_format: "channels_last" or "channels_first". Default None: the former.
        seed: an integer for a sequence of its own. Default None: from the global generator.

    Input shape: `(batch, depth, height, width, channels)`.

    Example:

    >>> import numpy as np
    >>> from fastcnn import layers
    >>> y = layers.SpatialDropout3D(0.5, seed=1)(np.ones((1, 2, 2, 2, 100)), training=True)
    >>> bool((y.min(axis=(1, 2, 3)) == y.max(axis=(1, 2, 3))).all())
    True
    """

    rank = 3

    def __init__(self, rate: float, data_format: str | None = None, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(rate, seed, data_format, **kwargs)
