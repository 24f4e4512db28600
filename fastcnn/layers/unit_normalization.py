"""Unit normalisation."""

from __future__ import annotations

from typing import Any

from fastcnn import ops
from fastcnn.graph import Shape
from fastcnn.layers.layer import Layer
from fastcnn.layers.registry import register
from fastcnn.layers.scale_and_shift import axis_argument, check_axes


@register
class UnitNormalization(Layer):
    """Divides each sample by its Euclidean norm over an axis.

    Args:
        axis: the axis, or a list of several. Default -1.

    Input shape: any with these axes, converted to float32.

    Output shape: the same, float32.

    Raises:
        TypeError: the axis is no integer.

    Example:

    >>> from fastcnn import layers
    >>> layers.UnitNormalization()([[3, 4], [0, 2]])
    array([[0.6, 0.8],
           [0. , 1. ]], dtype=float32)
    """

    supports_masking = True

    def __init__(self, axis: int | list[int] = -1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.axis = axis_argument(axis)

    def call(self, inputs: Any) -> Any:
        return ops.normalize(inputs, axis=self.axis, order=2, epsilon=1e-12)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        check_axes(input_shape, self.axis)
        return tuple(input_shape)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "axis": self.axis}
