"""The largest value of each channel of a sequence, an image or a volume."""

from __future__ import annotations

from typing import Any

from fastcnn import ops
from fastcnn.layers.base_global_pooling import BaseGlobalPooling
from fastcnn.layers.registry import register


class GlobalMaxPooling(BaseGlobalPooling):
    """The largest value of each channel; a subclass says over how many dimensions."""

    def call(self, inputs: Any) -> Any:
        return ops.max(inputs, axis=self.space, keepdims=self.keepdims)


@register
class GlobalMaxPooling1D(GlobalMaxPooling):
    """The largest value of each channel over the whole sequence.

    Args:
        data_format: None or "channels_last"; "channels_first" for inputs and outputs with their channels behind the
            batch.
        keepdims: whether the steps stay as a dimension of size 1. Default False.

    Input shape: `(batch, steps, channels)`, converted to float32.

    Output shape: `(batch, channels)`, or `(batch, 1, channels)` with `keepdims`, float32.

    Cost: one comparison for each element.

    Example:

    >>> import numpy as np
    >>> from fastcnn import layers
    >>> layers.GlobalMaxPooling1D()(np.ones((2, 5, 3))).shape
    (2, 3)
    """

    rank = 1


@register
class GlobalMaxPooling2D(GlobalMaxPooling):
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

    rank = 2


@register
class GlobalMaxPooling3D(GlobalMaxPooling):
    """The largest value of each channel over the whole volume.

    Args:
        data_format: None or "channels_last"; "channels_first" for inputs and outputs with their channels behind the
            batch.
        keepdims: whether depth, height and width stay as dimensions of size 1. Default False.

    Input shape: `(batch, depth, height, width, channels)`, converted to float32.

    Output shape: `(batch, channels)`, or `(batch, 1, 1, 1, channels)` with `keepdims`, float32.

    Cost: one comparison for each element.

    Example:

    >>> import numpy as np
    >>> from fastcnn import layers
    >>> layers.GlobalMaxPooling3D()(np.ones((2, 4, 5, 6, 3))).shape
    (2, 3)
    """

    rank = 3
