"""The base of layers that draw random numbers: a state with a seed, and draws that differ from call to call."""

from __future__ import annotations

from typing import Any

import numpy as np

from fastcnn import ops
from fastcnn.graph import Shape, Tensor
from fastcnn.layers.layer import Layer
from fastcnn.utils.arguments import as_integer
from fastcnn.utils.random import next_seed


class RandomLayer(Layer):
    """Takes `seed`; a subclass defines `transform`, which is called in training only. With `draws` False there is no
    state: nothing will be drawn.

    The random numbers of a sample are a function of the seed, the number of the call and the place of the sample in
    the batch; a training step counts the calls itself.
    """

    def __init__(self, seed: int | None = None, *, draws: bool = True, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if seed is not None and as_integer(seed) is None:
            raise ValueError(f"seed must be an integer or None, received seed={seed!r}")
        self.seed = None if seed is None else as_integer(seed)
        if draws:
            start = next_seed() if self.seed is None else self.seed
            self.state = self.add_state(np.array([start % 2**63, 0], dtype=np.int64), "seed_generator_state")

    def call(self, inputs: Any, training: bool = False) -> Any:
        if not training:
            return inputs
        outputs = self.transform(inputs)
        if not isinstance(inputs, Tensor):  # a training graph advances the state itself
            self.state.value[1] += 1
        return outputs

    def transform(self, inputs: Any) -> Any:
        """The output in training."""
        raise NotImplementedError

    def uniform(self, inputs: Any, *ranges: tuple[float, float], salt: int = 0) -> list[Any]:
        """For each range random numbers between its ends, one for each sample: tensors of shape (batch, 1)."""
        drawn = ops.random_uniform(inputs, self.state, len(ranges), salt)
        return [
            ops.add(ops.multiply(column, high - low), low)
            for column, (low, high) in zip(ops.split(drawn, len(ranges), axis=1), ranges, strict=True)
        ]

    def normal(self, inputs: Any, salt: int = 0) -> Any:
        """A normally distributed number for each element."""
        count = 1
        for length in inputs.shape[1:]:
            count *= length
        return ops.reshape(ops.random_normal(inputs, self.state, count, salt), (-1, *inputs.shape[1:]))

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return tuple(input_shape)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "seed": self.seed}
