"""Dropout: random zeros in training."""

from __future__ import annotations

from typing import Any

import numpy as np

from fastcnn import ops
from fastcnn.graph import Shape, Tensor
from fastcnn.layers.arguments import as_integer, checked_shape
from fastcnn.layers.layer import Layer
from fastcnn.layers.registry import register
from fastcnn.utils.random import next_seed


@register
class Dropout(Layer):
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

    def __init__(self, rate: float, noise_shape: Any = None, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not isinstance(rate, (int, float, np.number)) or not 0 <= rate <= 1:
            raise ValueError(f"rate must be a number from 0 to 1, received rate={rate!r}")
        if seed is not None and as_integer(seed) is None:
            raise ValueError(f"seed must be an integer or None, received seed={seed!r}")
        self.rate = float(rate)
        self.noise_shape = None if noise_shape is None else checked_shape(noise_shape, "noise_shape")
        self.seed = None if seed is None else as_integer(seed)
        if self.rate > 0:
            start = next_seed() if self.seed is None else self.seed
            counter = np.array([start % 2**63, 0], dtype=np.int64)
            self.state = self.add_state(counter, "seed_generator_state")

    def call(self, inputs: Any, training: bool = False) -> Any:
        if not training or self.rate == 0:
            return inputs
        if self.rate == 1:
            return ops.multiply(inputs, 0.0)
        together = self.axes_together(inputs.shape)
        if together:
            kept = ops.sum(inputs, axis=together, keepdims=True)
            ones = ops.maximum(ops.equal(kept, kept), 1.0)  # also where there is a NaN
            outputs = ops.multiply(inputs, ops.dropout(ones, self.state, self.rate))
        else:
            outputs = ops.dropout(inputs, self.state, self.rate)
        if not isinstance(inputs, Tensor):  # a training graph advances the state itself
            self.state.value[1] += 1
        return outputs

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

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return tuple(input_shape)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "rate": self.rate, "seed": self.seed, "noise_shape": self.noise_shape}
