"""Dropout: random zeros in training."""

from __future__ import annotations

from typing import Any

from fastcnn import ops
from fastcnn.graph import Shape
from fastcnn.layers.arguments import checked_shape
from fastcnn.layers.random_layer import RandomLayer
from fastcnn.layers.registry import register
from fastcnn.utils.arguments import checked_share


@register
class Dropout(RandomLayer):
    """Sets a random part of the values to zero in training, and scales the others by `1 / (1 - rate)`.

    Outside of training it does nothing.

    Args:
        rate: the part of the values that becomes zero, from 0 to 1.
        noise_shape: the shape of the mask, batch first: None or the input's size for an axis along which values are
            dropped one by one, 1 for an axis along which all go together. Default None: all are dropped one by one.
        seed: an integer for a sequence of its own. Default None: from the global generator.

    Call arguments:
        inputs: array or symbolic tensor of any shape, converted to float32.
        training: whether values are dropped. Default False; `fit` passes True.

    Output shape: that of the input, float32.

    Cost: ten rounds of Philox4x32 for each four values.

    Raises:
        ValueError: the rate is outside 0 to 1, or the seed is no integer.

    Example:

    >>> import numpy as np
    >>> from fastcnn import layers
    >>> x = layers.Dropout(0.5, seed=1)(np.ones((1, 1000)), training=True)
    >>> sorted({float(value) for value in x.ravel()})
    [0.0, 2.0]
    """

    supports_masking = True

    def __init__(self, rate: float, noise_shape: Any = None, seed: int | None = None, **kwargs: Any) -> None:
        share = checked_share(rate, "rate")
        super().__init__(seed, draws=share > 0, **kwargs)
        self.rate = share
        self.noise_shape = None if noise_shape is None else checked_shape(noise_shape, "noise_shape")
        if 0 in (self.noise_shape or ()):
            raise ValueError(f"noise_shape must hold positive integers or None, received noise_shape={noise_shape!r}")

    def call(self, inputs: Any, training: bool = False) -> Any:
        if training and self.rate == 1:
            return ops.multiply(inputs, 0.0)
        return super().call(inputs, training and self.rate > 0)

    def transform(self, inputs: Any) -> Any:
        together = self.axes_together(inputs.shape)
        if not together:
            return ops.dropout(inputs, self.state, self.rate)
        kept = ops.sum(inputs, axis=together, keepdims=True)
        ones = ops.maximum(ops.equal(kept, kept), 1.0)  # also where there is a NaN
        return ops.multiply(inputs, ops.dropout(ones, self.state, self.rate))

    def axes_together(self, shape: Shape) -> list[int]:
        """The axes along which all values share their fate.

        Raises:
            ValueError: `noise_shape` does not fit the shape of the input.
        """
        if self.noise_shape is None:
            return []
        fits = len(self.noise_shape) == len(shape) and all(
            size in (None, 1, dimension) or dimension is None
            for size, dimension in zip(self.noise_shape, shape, strict=True)
        )
        if not fits:
            raise ValueError(
                f"noise_shape must have None, 1 or the input's size for each of the axes of the input {shape}, "
                f"received noise_shape={self.noise_shape}"
            )
        return [axis for axis, size in enumerate(self.noise_shape) if size == 1 and shape[axis] != 1]

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "rate": self.rate, "noise_shape": self.noise_shape}
