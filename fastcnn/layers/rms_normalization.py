"""RMS normalisation."""

from __future__ import annotations

from typing import Any

from fastcnn import ops
from fastcnn.graph import Shape
from fastcnn.layers.layer import Layer
from fastcnn.layers.registry import register
from fastcnn.layers.scale_and_shift import axis_argument, check_axes, lengths_of
from fastcnn.utils.arguments import checked_number


@register
class RMSNormalization(Layer):
    """Divides each sample by its root mean square over an axis: `inputs / sqrt(mean(inputs ** 2) + epsilon) * scale`.

    Args:
        axis: the axis, or a list of several. Default -1; the last ones are the fastest.
        epsilon: added to the mean square. Default 1e-6.

    Input shape: any with these axes, converted to float32.

    Output shape: the same, float32.

    Weights: `scale`, with the lengths of the axes.

    Cost: one pass over the inputs; in training one more over inputs and gradients.

    Raises:
        ValueError, TypeError: an argument does not fit.

    Example:

    >>> from fastcnn import layers
    >>> layers.RMSNormalization(epsilon=0.0)([[1, -1], [4, 4]])
    array([[ 1., -1.],
           [ 1.,  1.]], dtype=float32)
    """

    def __init__(self, axis: int | list[int] = -1, epsilon: float = 1e-6, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.axis = axis_argument(axis)
        self.epsilon = float(checked_number(epsilon, "epsilon"))

    def build(self, input_shape: Shape) -> None:
        self.axis = sorted(self.axis) if isinstance(self.axis, list) else [self.axis]
        self.scale = self.add_weight(lengths_of(input_shape, self.axis, self), "ones", name="scale")

    def call(self, inputs: Any) -> Any:
        return ops.rms_normalization(inputs, self.scale, self.axis, self.epsilon)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        check_axes(input_shape, self.axis)
        return tuple(input_shape)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "axis": self.axis, "epsilon": self.epsilon}
