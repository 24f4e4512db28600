"""Samples of any shape as vectors."""

from __future__ import annotations

from typing import Any

from fastcnn import ops
from fastcnn.graph import Shape
from fastcnn.graph.open_sizes import in_trials
from fastcnn.layers.arguments import data_format_name, flat_size
from fastcnn.layers.input_spec import InputSpec
from fastcnn.layers.layer import Layer
from fastcnn.layers.registry import register


@register
class Flatten(Layer):
    """Each sample as a vector. Nothing is copied, except where channels are in front.

    Args:
        data_format: None or "channels_last"; "channels_first" where the channels lie behind the batch: they become the
            last axis first.

    Input shape: `(batch, ...)`, converted to float32.

    Output shape: `(batch, n)`, n being the product of the other dimensions, 1 if there are none.

    Example:

    >>> from fastcnn import layers
    >>> layers.Flatten().compute_output_shape((None, 10, 64))
    (None, 640)
    """

    def __init__(self, data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.data_format = data_format_name(data_format)
        self.input_spec = InputSpec(min_ndim=1)

    def call(self, inputs: Any) -> Any:
        rank = len(inputs.shape)
        if self.data_format == "channels_first" and rank > 2:
            inputs = ops.transpose(inputs, (0, *range(2, rank), 1))
        return ops.reshape(inputs, (-1, flat_size(inputs.shape)))

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return in_trials(lambda shape: (shape[0], flat_size(shape)), tuple(input_shape))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "data_format": self.data_format}
