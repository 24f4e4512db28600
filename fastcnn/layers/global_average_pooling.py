"""The mean of each channel of a sequence, an image or a volume."""

from __future__ import annotations

from typing import Any

from fastcnn import ops
from fastcnn.layers.base_global_pooling import BaseGlobalPooling
from fastcnn.layers.registry import register


class GlobalAveragePooling(BaseGlobalPooling):
    """The mean of each channel; a subclass says over how many dimensions."""

    def call(self, inputs: Any) -> Any:
        return ops.mean(inputs, axis=self.space, keepdims=self.keepdims)


@register
class GlobalAveragePooling1D(GlobalAveragePooling):
    """The mean of each channel over the whole sequence.

    Args:
        data_format: None or "channels_last"; "channels_first" for inputs and outputs with their channels behind the
            batch.
        keepdims: whether the steps stay as a dimension of size 1. Default False.

    Where the input has a mask, or `mask` of shape `(batch, steps)` is given, the mean is over the steps where it is not
    0.

    Input shape: `(batch, steps, channels)`, converted to float32.

    Output shape: `(batch, channels)`, or `(batch, 1, channels)` with `keepdims`, float32.

    Cost: one addition for each element.

    Example:

    >>> import numpy as np
    >>> from fastcnn import layers
    >>> layers.GlobalAveragePooling1D()(np.ones((2, 5, 3))).shape
    (2, 3)
    """

    rank = 1

    def call(self, inputs: Any, mask: Any = None) -> Any:
        if mask is None:
            return super().call(inputs)
        (steps,) = self.space
        kept = ops.expand_dims(ops.not_equal(mask, 0), 3 - steps)
        total = ops.sum(ops.where(kept, inputs, 0), axis=steps, keepdims=self.keepdims)
        return ops.divide(total, ops.sum(kept, axis=steps, keepdims=self.keepdims))

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> None:
        """None: there are no steps any more."""


@register
class GlobalAveragePooling2D(GlobalAveragePooling):
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

    rank = 2


@register
class GlobalAveragePooling3D(GlobalAveragePooling):
    """The mean of each channel over the whole volume.

    Args:
        data_format: None or "channels_last"; "channels_first" for inputs and outputs with their channels behind the
            batch.
        keepdims: whether depth, height and width stay as dimensions of size 1. Default False.

    Input shape: `(batch, depth, height, width, channels)`, converted to float32.

    Output shape: `(batch, channels)`, or `(batch, 1, 1, 1, channels)` with `keepdims`, float32.

    Cost: one addition for each element.

    Example:

    >>> import numpy as np
    >>> from fastcnn import layers
    >>> layers.GlobalAveragePooling3D(keepdims=True)(np.ones((2, 4, 5, 6, 3))).shape
    (2, 1, 1, 1, 3)
    """

    rank = 3
