"""An activation function as a layer."""

from __future__ import annotations

from typing import Any

from fastcnn import activations
from fastcnn.graph import Shape
from fastcnn.layers.layer import Layer
from fastcnn.layers.registry import register


@register
class Activation(Layer):
    """Applies an activation function.

    Args:
        activation: a name, e.g. "relu", or a function written with `fastcnn.ops`.

    Input shape: any, converted to float32.

    Output shape: the same, float32.

    Raises:
        ValueError: no activation has this name; the nearest is suggested.

    Example:

    >>> from fastcnn import layers
    >>> layers.Activation("relu")([[-3.0, -1.0, 0.0, 2.0]])
    array([[0., 0., 0., 2.]], dtype=float32)
    """

    supports_masking = True

    def __init__(self, activation: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.activation = activations.get(activation)

    def call(self, inputs: Any) -> Any:
        return self.activation(inputs)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return tuple(input_shape)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "activation": activations.serialize(self.activation)}
