"""A penalty for the values that pass."""

from __future__ import annotations

from typing import Any

from fastcnn import regularizers
from fastcnn.graph import Shape
from fastcnn.layers.layer import Layer
from fastcnn.layers.registry import register


@register
class ActivityRegularization(Layer):
    """Gives out what it gets, and adds a penalty for it to the loss of training.

    Args:
        l1: factor of the absolute values. Default 0.
        l2: factor of the squares. Default 0.

    Raises:
        ValueError: a factor is negative.

    Example:

    >>> from fastcnn import layers
    >>> layer = layers.ActivityRegularization(l1=0.5)
    >>> _ = layer([[1.0, -2.0]])
    >>> [float(loss) for loss in layer.losses]
    [1.5]
    """

    supports_masking = True

    def __init__(self, l1: float = 0.0, l2: float = 0.0, **kwargs: Any) -> None:
        super().__init__(activity_regularizer=regularizers.L1L2(l1, l2), **kwargs)
        self.l1 = l1
        self.l2 = l2

    def call(self, inputs: Any) -> Any:
        return inputs

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return tuple(input_shape)

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        del config["activity_regularizer"]
        return {**config, "l1": self.l1, "l2": self.l2}
