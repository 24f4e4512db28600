"""The maximum of each channel of an image."""

from __future__ import annotations

from typing import Any

from fastcnn import ops
from fastcnn.layers.pooling2d import GlobalPooling2D
from fastcnn.layers.registry import register


@register
class GlobalMaxPooling2D(GlobalPooling2D):
    """The largest value of each channel over the whole image.

    Args:
        data_format: None or "channels_last".
        keepdims: whether height and width stay as dimensions of size 1. Default False.

    Input shape: `(batch, height, width, channels)`, converted to float32.

    Output shape: `(batch, channels)`, or `(batch, 1, 1, channels)` with `keepdims`, float32.

    Cost: one comparison for each element.

    Example:

    >>> import numpy as np
    >>> from fastcnn import layers
    >>> layers.GlobalMaxPooling2D(keepdims=True)(np.ones((2, 4, 5, 3))).shape
    (2, 1, 1, 3)
    """

    def call(self, inputs: Any) -> Any:
        largest = ops.max_pool(inputs, inputs.shape[1:3])
        return largest if self.keepdims else ops.reshape(largest, (-1, inputs.shape[-1]))
