"""Samples under another shape."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from fastcnn import ops
from fastcnn.graph import Shape
from fastcnn.graph.open_sizes import in_trials
from fastcnn.layers.arguments import flat_size
from fastcnn.layers.layer import Layer
from fastcnn.layers.registry import register
from fastcnn.utils.arguments import as_integer


@register
class Reshape(Layer):
    """Each sample under another shape. Nothing is copied.

    Args:
        target_shape: the new shape of a sample, without the batch; one dimension may be -1 and is worked out.

    Input shape: `(batch, ...)`, converted to float32.

    Output shape: `(batch, *target_shape)`, float32.

    Raises:
        ValueError: the target shape is none, or has another number of elements than the input.

    Example:

    >>> from fastcnn import layers
    >>> layers.Reshape((-1, 2, 2)).compute_output_shape((None, 12))
    (None, 3, 2, 2)
    """

    def __init__(self, target_shape: Sequence[int], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        sizes = [as_integer(size) for size in target_shape] if isinstance(target_shape, Sequence) else [None]
        dims = tuple(0 if size is None else size for size in sizes)
        if any(size < 1 and size != -1 for size in dims) or dims.count(-1) > 1:
            raise ValueError(
                "target_shape must be a tuple of positive integers, of which one may be -1, "
                f"received target_shape={target_shape!r}"
            )
        self.target_shape = dims

    def call(self, inputs: Any) -> Any:
        return ops.reshape(inputs, (-1, *self.sample_shape(inputs.shape)))

    def sample_shape(self, input_shape: Shape) -> tuple[int, ...]:
        """The new shape of a sample, with the dimension that was -1 worked out."""
        total = flat_size(input_shape)
        known = math.prod(size for size in self.target_shape if size != -1)
        if total % known or (total != known and -1 not in self.target_shape):
            raise ValueError(
                f"layer {self.name!r} cannot reshape samples of shape {tuple(input_shape[1:])}, which have {total} "
                f"elements, to target_shape={self.target_shape}"
            )
        return tuple(total // known if size == -1 else size for size in self.target_shape)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return in_trials(lambda shape: (shape[0], *self.sample_shape(shape)), tuple(input_shape))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "target_shape": self.target_shape}
