"""Group normalisation."""

from __future__ import annotations

from typing import Any

from fastcnn.graph import Shape
from fastcnn.layers.input_spec import InputSpec
from fastcnn.layers.registry import register
from fastcnn.layers.scale_and_shift import ScaleAndShift, lengths_of
from fastcnn.ops.row_normalization import group_normalization
from fastcnn.utils.arguments import as_integer


@register
class GroupNormalization(ScaleAndShift):
    """Normalises groups of channels of each sample: `gamma * (inputs - mean) / sqrt(variance + epsilon) + beta`, with
    mean and variance over a group's channels and all other axes but the first.

    Args:
        groups: number of groups, which divides that of the channels; -1: as many as channels (instance
            normalisation). Default 32.
        axis: the axis of the channels. Default -1; the last axis is the fastest.
        epsilon: added to the variance. Default 1e-3.
        center: whether `beta` is added. Default True.
        scale: whether `gamma` multiplies. Default True.
        beta_initializer, gamma_initializer: names or objects. Default "zeros", "ones".
        beta_regularizer, gamma_regularizer: penalties for the weights. Default None.
        beta_constraint, gamma_constraint: what gives allowed values after each update. Default None.

    Input shape: any of at least two dimensions, converted to float32.

    Output shape: the same, float32.

    Weights: `gamma`, `beta`, each of shape `(channels,)`.

    Cost: one pass over the inputs from memory, and one from the L2 cache where a sample fits there.

    Raises:
        ValueError: an argument does not fit.

    Example:

    >>> from fastcnn import layers
    >>> layers.GroupNormalization(groups=2, epsilon=0.0)([[1, 3, 5, 4]])
    array([[-1.,  1.,  1., -1.]], dtype=float32)
    """

    supports_masking = True

    def __init__(
        self,
        groups: int = 32,
        axis: int = -1,
        epsilon: float = 1e-3,
        center: bool = True,
        scale: bool = True,
        beta_initializer: Any = "zeros",
        gamma_initializer: Any = "ones",
        beta_regularizer: Any = None,
        gamma_regularizer: Any = None,
        beta_constraint: Any = None,
        gamma_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        number, channel = as_integer(groups), as_integer(axis)
        if number is None or (number <= 0 and number != -1):
            raise ValueError(
                "Received an invalid value for argument `groups`, expected a positive integer (or `-1` for instance "
                f"normalization). Received: groups={groups!r}"
            )
        if channel is None:
            raise ValueError(f"axis must be an integer, received axis={axis!r}")
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
        self.groups = number
        self.axis = channel

    def build(self, input_shape: Shape) -> None:
        (channels,) = lengths_of(input_shape, [self.axis], self)
        if self.groups == -1:
            self.groups = channels
        if channels < self.groups or channels % self.groups:
            raise ValueError(
                f"Number of groups ({self.groups}) must divide the number of channels ({channels}), layer {self.name!r}"
            )
        self.input_spec = InputSpec(ndim=len(input_shape), axes={self.axis: channels})
        self.add_scale_and_shift((channels,))

    def call(self, inputs: Any) -> Any:
        return group_normalization(inputs, self.gamma, self.beta, self.groups, self.axis, self.epsilon)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "groups": self.groups,
            "axis": self.axis,
            **self.scale_config(),
            **self.penalty_config(),
        }
