"""Max pooling of sequences, images and volumes."""

from __future__ import annotations

from typing import Any

from fastcnn import ops
from fastcnn.layers.base_pooling import BasePooling
from fastcnn.layers.registry import register


class MaxPooling(BasePooling):
    """The largest value of each window of each channel; a subclass says of how many dimensions."""

    def call(self, inputs: Any) -> Any:
        return ops.max_pool(inputs, self.pool_size, self.strides, self.padding, self.data_format)


@register
class MaxPooling1D(MaxPooling):
    """The largest value of each window of each channel of sequences.

    Args:
        pool_size: length of the window, an integer or a tuple of one. Default 2.
        strides: step of the window, an integer or a tuple of one. Default None: `pool_size`.
        padding: "valid": windows lie inside the sequence; or "same": they may reach over its border, where nothing
            is counted, and the output has `ceil(size / stride)` steps. Default "valid".
        data_format: None or "channels_last"; "channels_first" for inputs and outputs with their channels behind the
            batch.

    Input shape: `(batch, steps, channels)`, converted to float32.

    Output shape: `(batch, new_steps, channels)`, float32; with padding "valid" a size becomes
    `floor((size - pool_size) / strides) + 1`.

    Cost: one operation for each element of each window.

    Raises:
        ValueError: an argument does not fit, or the window is larger than the sequence.

    Example:

    >>> import numpy as np
    >>> from fastcnn import layers
    >>> layers.MaxPooling1D(pool_size=2)(np.array([[[1], [5], [2], [3]]]))[0, :, 0]
    array([5., 3.], dtype=float32)
    """

    rank = 1


@register
class MaxPooling2D(MaxPooling):
    """The largest value of each window of each channel of images.

    Args:
        pool_size: height and width of the window, an integer or a pair. Default 2.
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

    rank = 2


@register
class MaxPooling3D(MaxPooling):
    """The largest value of each window of each channel of volumes.

    Args:
        pool_size: depth, height and width of the window, an integer or a tuple of three. Default 2.
        strides: step of the window, an integer or a tuple of three. Default None: `pool_size`.
        padding: "valid": windows lie inside the volume; or "same": they may reach over its border, where nothing
            is counted, and the output has `ceil(size / stride)` places in each direction. Default "valid".
        data_format: None or "channels_last"; "channels_first" for inputs and outputs with their channels behind the
            batch.

    Input shape: `(batch, depth, height, width, channels)`, converted to float32.

    Output shape: `(batch, new_depth, new_height, new_width, channels)`, float32; with padding "valid" a size becomes
    `floor((size - pool_size) / strides) + 1`.

    Cost: one operation for each element of each window.

    Raises:
        ValueError: an argument does not fit, or the window is larger than the volume.

    Example:

    >>> import numpy as np
    >>> from fastcnn import layers
    >>> layers.MaxPooling3D()(np.arange(64.0).reshape(1, 4, 4, 4, 1))[0, :, :, :, 0]
    array([[[21., 23.],
            [29., 31.]],
    <BLANKLINE>
           [[53., 55.],
            [61., 63.]]], dtype=float32)
    """

    rank = 3
