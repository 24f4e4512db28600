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
        data_format: None or "channels_last"; "channels_first" for inputs and outputs with their channels behind the
            batch.
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
        height, width = (inputs.shape[axis] for axis in self.image_axes)
        largest = ops.max_pool(inputs, (height, width), data_format=self.data_format)
        return largest if self.keepdims else ops.reshape(largest, (-1, max(largest.shape[1:])))
