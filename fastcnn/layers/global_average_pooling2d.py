"""The mean of each channel of an image."""

from __future__ import annotations

from typing import Any

from fastcnn import ops
from fastcnn.layers.pooling2d import GlobalPooling2D
from fastcnn.layers.registry import register


@register
class GlobalAveragePooling2D(GlobalPooling2D):
    """The mean of each channel over the whole image.

    Args:
        data_format: None or "channels_last"; "channels_first" for inputs and outputs with their channels behind the
            batch.
        keepdims: whether height and width stay as dimensions of size 1. Default False.

    Input shape: `(batch, height, width, channels)`, converted to float32.

    Output shape: `(batch, channels)`, or `(batch, 1, 1, channels)` with `keepdims`, float32.

    Cost: one addition for each element.

    Example:

    >>> import numpy as np
    >>> from fastcnn import layers
    >>> layers.GlobalAveragePooling2D()(np.ones((2, 4, 5, 3))).shape
    (2, 3)
    """

    def call(self, inputs: Any) -> Any:
        return ops.mean(inputs, axis=self.image_axes, keepdims=self.keepdims)
