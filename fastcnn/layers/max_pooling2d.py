"""Max pooling of images."""

from __future__ import annotations

from typing import Any

from fastcnn import ops
from fastcnn.layers.pooling2d import Pooling2D
from fastcnn.layers.registry import register


@register
class MaxPooling2D(Pooling2D):
    """The largest value of each window of each channel.

    Args:
        pool_size: height and width of the window, an integer or a pair. Default (2, 2).
        strides: step of the window, an integer or a pair. Default None: `pool_size`.
        padding: "valid": windows lie inside the image; or "same": they may reach over its border, where nothing
            is counted, and the output has `ceil(size / stride)` rows and columns. Default "valid".
        data_format: None or "channels_last"; "channels_first" for inputs and outputs with their channels behind the
            batch.

    Input shape: `(batch, height, width, channels)`, converted to float32.

    Output shape: `(batch, new_height, new_width, channels)`, float32; with padding "valid" a size becomes
    `floor((size - pool_size) / strides) + 1`.

    Cost: one operation for each element of each window.

    Raises:
        ValueError: an argument does not fit, or the window is larger than the image.

    Example:

    >>> import numpy as np
    >>> from fastcnn import layers
    >>> x = np.arange(1.0, 10.0).reshape(1, 3, 3, 1)
    >>> layers.MaxPooling2D(pool_size=2, strides=1)(x)[0, :, :, 0]
    array([[5., 6.],
           [8., 9.]], dtype=float32)
    """

    def call(self, inputs: Any) -> Any:
        return ops.max_pool(inputs, self.pool_size, self.strides, self.padding, self.data_format)
