"""Layer normalisation."""

from __future__ import annotations

from typing import Any

from fastcnn import ops
from fastcnn.graph import Shape
from fastcnn.layers.registry import register
from fastcnn.layers.scale_and_shift import ScaleAndShift, axis_argument, lengths_of


@register
class LayerNormalization(ScaleAndShift):
    """Normalises each sample by mean and variance over an axis: `gamma * (inputs - mean) / sqrt(variance + epsilon) +
    beta`.

    Args:
        axis: the axis, or a list of several. Default -1; the last ones are the fastest.
        epsilon: added to the variance. Default 1e-3.
        center: whether `beta` is added. Default True.
        scale: whether `gamma` multiplies. Default True.
        beta_initializer, gamma_initializer: names or objects. Default "zeros", "ones".
        beta_regularizer, gamma_regularizer: penalties for the weights. Default None.
        beta_constraint, gamma_constraint: what gives allowed values after each update. Default None.
        rms_scaling: False only; Keras calls it deprecated. Use `RMSNormalization`.

    Input shape: any with these axes, converted to float32.

    Output shape: the same, float32.

    Weights: `gamma`, `beta`, each with the lengths of the axes.

    Cost: one pass over the inputs; in training one more over inputs and gradients.

    Raises:
        ValueError, TypeError: an argument does not fit.

    Example:

    >>> from fastcnn import layers
    >>> layers.LayerNormalization(epsilon=0.0)([[1, 3], [5, 1]])
    array([[-1.,  1.],
           [ 1., -1.]], dtype=float32)
    """

    supports_masking = True

    def __init__(
        self,
        axis: int | list[int] = -1,
        epsilon: float = 1e-3,
        center: bool = True,
        scale: bool = True,
        beta_initializer: Any = "zeros",
        gamma_initializer: Any = "ones",
        beta_regularizer: Any = None,
        gamma_regularizer: Any = None,
        beta_constraint: Any = None,
        gamma_constraint: Any = None,
        rms_scaling: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            epsilon,
            center,
            scale,
            beta_initializer,
            gamma_initializer,
            beta_regularizer,
            gamma_regularizer,
            beta_constraint,
            gamma_constraint,
            **kwargs,
        )
        if rms_scaling:
            raise ValueError("rms_scaling=True is not supported; use RMSNormalization")
        self.axis = axis_argument(axis)

    def build(self, input_shape: Shape) -> None:
        self.axis = sorted(self.axis) if isinstance(self.axis, list) else [self.axis]
        self.add_scale_and_shift(lengths_of(input_shape, self.axis, self))

    def call(self, inputs: Any) -> Any:
        return ops.layer_normalization(inputs, self.gamma, self.beta, self.axis, self.epsilon)

    def get_config(self) -> dict[str, Any]:
        scaling = self.scale_config()
        return {
            **super().get_config(),
            "axis": self.axis,
            **{name: scaling.pop(name) for name in ("epsilon", "center", "scale")},
            "rms_scaling": False,
            **scaling,
            **self.penalty_config(),
        }
