"""Dropout: random zeros in training."""

from __future__ import annotations

from typing import Any

import numpy as np

from fastcnn import ops
from fastcnn.graph import Shape, Tensor
from fastcnn.layers.arguments import as_integer
from fastcnn.layers.layer import Layer
from fastcnn.layers.registry import register
from fastcnn.utils.random import next_seed


@register
class Dropout(Layer):
    """Sets a random part of the values to zero in training, and scales the others by `1 / (1 - rate)`.

    Outside of training it does nothing.

    Args:
        rate: the part of the values that becomes zero, from 0 to 1.
        noise_shape: None only.
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

    def __init__(self, rate: float, noise_shape: None = None, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(noise_shape=noise_shape, **kwargs)
        if not isinstance(rate, (int, float, np.number)) or not 0 <= rate <= 1:
            raise ValueError(f"rate must be a number from 0 to 1, received rate={rate!r}")
        if seed is not None and as_integer(seed) is None:
            raise ValueError(f"seed must be an integer or None, received seed={seed!r}")
        self.rate = float(rate)
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
        outputs = ops.dropout(inputs, self.state, self.rate)
        if not isinstance(inputs, Tensor):  # a training graph advances the state itself
            self.state.value[1] += 1
        return outputs

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return tuple(input_shape)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "rate": self.rate, "seed": self.seed, "noise_shape": None}
