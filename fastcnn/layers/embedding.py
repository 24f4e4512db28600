"""Vectors in the places of numbers: words, categories."""

from __future__ import annotations

from typing import Any

import numpy as np

from fastcnn import constraints, initializers, ops, regularizers
from fastcnn.graph import Shape, Tensor
from fastcnn.layers.layer import Layer
from fastcnn.layers.registry import register
from fastcnn.utils.arguments import positive_integer


@register
class Embedding(Layer):
    """The row of a table for each number.

    Args:
        input_dim: how many numbers there are: they go from 0 to `input_dim - 1`.
        output_dim: length of a vector.
        embeddings_initializer: name or object. Default "uniform".
        embeddings_regularizer: name, object or function. Default None.
        embeddings_constraint: name, object or function. Default None.
        mask_zero: whether 0 only fills up: the output has a mask then, which later layers, the loss and metrics heed.
            Default False.
        weights: the table, as an array of shape `(input_dim, output_dim)`. Default None.

    Input shape: any, of integers.

    Output shape: `(*input_shape, output_dim)`, float32.

    Raises:
        ValueError: an argument does not fit; in the call: a number of an array is out of range.

    Example:

    >>> from fastcnn import layers
    >>> layers.Embedding(10, 4)([[1, 2, 3]]).shape
    (1, 3, 4)
    """

    def __init__(
        self,
        input_dim: int,
        output_dim: int,
        embeddings_initializer: Any = "uniform",
        embeddings_regularizer: Any = None,
        embeddings_constraint: Any = None,
        mask_zero: bool = False,
        weights: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.input_dim = positive_integer(input_dim, "input_dim")
        self.output_dim = positive_integer(output_dim, "output_dim")
        self.embeddings_initializer = initializers.get(embeddings_initializer)
        self.embeddings_regularizer = regularizers.get(embeddings_regularizer)
        self.embeddings_constraint = constraints.get(embeddings_constraint)
        self.mask_zero = self.supports_masking = bool(mask_zero)
        if weights is not None:
            self.build((None,))
            self.set_weights(weights if isinstance(weights, list) and len(weights) == 1 else [weights])

    def build(self, input_shape: Shape) -> None:
        self.embeddings = self.add_weight(
            (self.input_dim, self.output_dim),
            self.embeddings_initializer,
            regularizer=self.embeddings_regularizer,
            constraint=self.embeddings_constraint,
            name="embeddings",
        )

    def as_input(self, inputs: Any) -> Tensor | np.ndarray:
        """Numbers as float32, the dtype in which models get their data; those of arrays are checked."""
        inputs = super().as_input(inputs)
        if isinstance(inputs, np.ndarray) and inputs.size and not 0 <= inputs.min() <= inputs.max() < self.input_dim:
            raise ValueError(
                f"Embedding {self.name!r} takes numbers from 0 to {self.input_dim - 1}, received "
                f"{inputs.min():g} to {inputs.max():g}"
            )
        return inputs

    def call(self, inputs: Any) -> Any:
        return ops.take(self.embeddings, ops.cast(inputs, "int32"), axis=0)

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        """Where inputs are not 0, if `mask_zero`."""
        return ops.not_equal(inputs, 0) if self.mask_zero else None

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return (*input_shape, self.output_dim)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "input_dim": self.input_dim,
            "output_dim": self.output_dim,
            "embeddings_initializer": initializers.serialize(self.embeddings_initializer),
            "embeddings_regularizer": regularizers.serialize(self.embeddings_regularizer),
            "embeddings_constraint": constraints.serialize(self.embeddings_constraint),
            "mask_zero": self.mask_zero,
        }
