"""Max pooling of sequences, images and volumes to outputs of a given size."""

from __future__ import annotations

from typing import Any

from fastcnn import ops
from fastcnn.layers.base_adaptive_pooling import BaseAdaptivePooling
from fastcnn.layers.registry import register


class AdaptiveMaxPooling(BaseAdaptivePooling):
    """The largest value of each window of each channel; a subclass says of how many dimensions."""

    def call(self, inputs: Any) -> Any:
        return ops.adaptive_max_pool(inputs, self.output_size, self.data_format)


@register
class AdaptiveMaxPooling1D(AdaptiveMaxPooling):
    """The largest value of each channel in windows spread evenly over sequences, as many as the output is to have.

    Args:
        output_size: number of output steps, an integer or a tuple of one.
        data_format: None or "channels_last"; "channels_first" for inputs and outputs with their channels behind the
            batch.

    Window i of n along an axis of size s reaches from `floor(i * s / n)` to `ceil((i + 1) * s / n)`, that one left out.

    Input shape: `(batch, steps, channels)`, converted to float32.

    Output shape: `(batch, *output_size, channels)`, float32.

    Cost: one operation for each element of each window, an axis at a time.

    Raises:
        ValueError: an argument does not fit.

    Example:

    >>> import numpy as np
    >>> from fastcnn import layers
    >>> layers.AdaptiveMaxPooling1D(7)(np.ones((4, 64, 3))).shape
    (4, 7, 3)
    """

    rank = 1


@register
class AdaptiveMaxPooling2D(AdaptiveMaxPooling):
    """The largest value of each channel in windows spread evenly over images, as many as the output is to have.

    Args:
        output_size: height and width of the output, an integer or a pair.
        data_format: None or "channels_last"; "channels_first" for inputs and outputs with their channels behind the
            batch.

    Window i of n along an axis of size s reaches from `floor(i * s / n)` to `ceil((i + 1) * s / n)`, that one left out.

    Input shape: `(batch, height, width, channels)`, converted to float32.

    Output shape: `(batch, *output_size, channels)`, float32.

    Cost: one operation for each element of each window, an axis at a time.

    Raises:
        ValueError: an argument does not fit.

    Example:

    >>> import numpy as np
    >>> from fastcnn import layers
    >>> layers.AdaptiveMaxPooling2D(7)(np.ones((4, 64, 50, 3))).shape
    (4, 7, 7, 3)
    """

    rank = 2


@register
class AdaptiveMaxPooling3D(AdaptiveMaxPooling):
    """The largest value of each channel in windows spread evenly over volumes, as many as the output is to have.

    Args:
        output_size: depth, height and width of the output, an integer or a tuple of three.
        data_format: None or "channels_last"; "channels_first" for inputs and outputs with their channels behind the
            batch.

    Window i of n along an axis of size s reaches from `floor(i * s / n)` to `ceil((i + 1) * s / n)`, that one left out.

    Input shape: `(batch, depth, height, width, channels)`, converted to float32.

    Output shape: `(batch, *output_size, channels)`, float32.

    Cost: one operation for each element of each window, an axis at a time.

    Raises:
        ValueError: an argument does not fit.

    Example:

    >>> import numpy as np
    >>> from fastcnn import layers
    >>> layers.AdaptiveMaxPooling3D(7)(np.ones((4, 16, 20, 9, 3))).shape
    (4, 7, 7, 7, 3)
    """

    rank = 3
