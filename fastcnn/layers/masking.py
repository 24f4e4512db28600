"""Steps that do not count, known by a value."""

from __future__ import annotations

from typing import Any

from fastcnn import ops
from fastcnn.graph import Shape
from fastcnn.layers.layer import Layer
from fastcnn.layers.registry import register


@register
class Masking(Layer):
    """Gives its output a mask: steps of which all channels have one value do not count, and become 0.

    Args:
        mask_value: the value. Default 0.

    Input shape: `(batch, steps, channels)`, or any with channels at the end.

    Output shape: that of the input; its mask has no channels.

    Example:

    >>> import numpy as np
    >>> from fastcnn import Sequential, layers
    >>> mean = Sequential([layers.Masking(), layers.GlobalAveragePooling1D()])
    >>> mean(np.array([[[1.0], [3.0], [0.0]]]))
    array([[2.]], dtype=float32)
    """

    def __init__(self, mask_value: float = 0.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.mask_value = mask_value

    def call(self, inputs: Any) -> Any:
        counts = ops.any(ops.not_equal(inputs, self.mask_value), axis=-1, keepdims=True)
        return ops.where(counts, inputs, 0)

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        """Where a channel has another value."""
        return ops.any(ops.not_equal(inputs, self.mask_value), axis=-1)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return tuple(input_shape)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "mask_value": self.mask_value}
