"""Attention of several heads, each with projections of its own."""

from __future__ import annotations

import math
import string
from collections.abc import Sequence
from typing import Any

import numpy as np

from fastcnn import constraints, initializers, ops, regularizers
from fastcnn.graph import Shape, SymbolicTensor
from fastcnn.graph.masks import set_mask
from fastcnn.layers.attention import HIDDEN
from fastcnn.layers.call_recorder import shape_of
from fastcnn.layers.dropout import Dropout
from fastcnn.layers.einsum_dense import EinsumDense
from fastcnn.layers.layer import Layer
from fastcnn.layers.registry import register
from fastcnn.utils.arguments import checked_share, integers, positive_integer


@register
class MultiHeadAttention(Layer):
    """Dot-product attention of several heads over projections of queries, keys and values.

    Args:
        num_heads: how many heads.
        key_dim: channels of each head's queries and keys.
        value_dim: channels of each head's values. Default None: `key_dim`.
        dropout: the part of the weights of values that is dropped in training. Default 0.
        use_bias: whether projections have a bias. Default True.
        output_shape: lengths of the output's channels. Default None: those of the query.
        attention_axes: the axes that attention goes over. Default None: all but the batch and the channels.
        sliding_window: None, or how near a value must be to be seen. Default None.
        flash_attention: without effect.
        kernel_initializer, bias_initializer: of the projections. Default "glorot_uniform" and "zeros".
        kernel_regularizer, bias_regularizer, kernel_constraint, bias_constraint: of the projections. Default None.
        activity_regularizer: of the projections' outputs. Default None.
        use_gate: whether the heads' outputs are multiplied by the sigmoid of a projection of the query. Default False.
        seed: for dropout. Default None.

    Call arguments:
        query: `(batch, T, channels)`, or with more axes between.
        value: `(batch, S, channels)`.
        key: `(batch, S, channels)`. Default None: the value.
        query_mask, value_mask, key_mask: `(batch, T)`, `(batch, S)`; 0 for what does not count. Default None: the masks
            that the tensors have. As in Keras, these tensors have none afterwards; the output has the query's.
        attention_mask: `(batch, T, S)`. Default None.
        return_attention_scores: whether the weights `(batch, heads, T, S)` are returned, too. Default False.
        use_causal_mask: whether a query sees the values up to its own place only. Default False.

    Raises:
        ValueError: an argument does not fit.

    Source: Vaswani et al., "Attention Is All You Need", NeurIPS 2017; as `keras.layers.MultiHeadAttention`.

    Example:

    >>> import numpy as np
    >>> from fastcnn import layers
    >>> x = np.zeros((2, 5, 8))
    >>> layers.MultiHeadAttention(num_heads=2, key_dim=4)(x, x).shape
    (2, 5, 8)
    """

    supports_masking = True

    def __init__(
        self,
        num_heads: int,
        key_dim: int,
        value_dim: int | None = None,
        dropout: float = 0.0,
        use_bias: bool = True,
        output_shape: int | Sequence[int] | None = None,
        attention_axes: int | Sequence[int] | None = None,
        sliding_window: int | None = None,
        flash_attention: bool | None = None,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        use_gate: bool = False,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.num_heads = positive_integer(num_heads, "num_heads")
        self.key_heads = self.num_heads
        self.key_dim = positive_integer(key_dim, "key_dim")
        self.value_dim = self.key_dim if value_dim is None else positive_integer(value_dim, "value_dim")
        self.dropout = checked_share(dropout, "dropout")
        self.use_bias = bool(use_bias)
        self.output_channels = None if output_shape is None else integers(output_shape, "output_shape")
        self.attention_axes = None if attention_axes is None else integers(attention_axes, "attention_axes")
        self.sliding_window = None if sliding_window is None else positive_integer(sliding_window, "sliding_window")
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.bias_regularizer = regularizers.get(bias_regularizer)
        self.output_regularizer = regularizers.get(activity_regularizer)
        self.kernel_constraint = constraints.get(kernel_constraint)
        self.bias_constraint = constraints.get(bias_constraint)
        self.use_gate = bool(use_gate)
        self.seed = seed

    def __call__(self, query: Any, value: Any, key: Any = None, **kwargs: Any) -> Any:  # type: ignore[override]
        given = (query, value) if key is None else (query, value, key)
        if not any(isinstance(one, SymbolicTensor) for one in given):
            query, value, *keys = (self.as_input(one) for one in given)
            key = keys[0] if keys else None
            if not self.built:
                self.build(*(shape_of(one) for one in (query, value, *keys)))
        return super().__call__(query, value, **({} if key is None else {"key": key}), **kwargs)

    def build(self, query_shape: Any, value_shape: Any = None, key_shape: Any = None) -> None:
        value_shape = query_shape if value_shape is None else value_shape
        key_shape = value_shape if key_shape is None else key_shape
        if tuple(value_shape[1:-1]) != tuple(key_shape[1:-1]):
            raise ValueError(
                "All dimensions of `value` and `key`, except the last one, must be equal. "
                f"Received: value_shape={value_shape} and key_shape={key_shape}"
            )
        rank = len(query_shape)
        if self.attention_axes is None:
            self.attention_axes = tuple(range(1, rank - 1))
        if any(not -rank <= axis < rank for axis in self.attention_axes):
            raise ValueError(
                f"attention_axes must be axes of {query_shape}, received attention_axes={self.attention_axes}"
            )
        axes = tuple(axis if axis >= 0 else rank + axis for axis in self.attention_axes)
        self.score_equation, self.value_equation = attention_equations(rank + 1, axes)
        self._query_dense = self.heads("query", query_shape, self.key_dim)
        self._key_dense = self.heads("key", key_shape, self.key_dim)
        if self.use_gate:
            self._gate_dense = self.heads("gate", query_shape, self.value_dim, activation="sigmoid")
        self._value_dense = self.heads("value", value_shape, self.value_dim)
        self._dropout_layer = Dropout(self.dropout, seed=self.seed)
        channels = self.output_channels or (query_shape[-1],)
        self._output_dense = self.projection("attention_output", rank - 1, 2, channels)
        self._output_dense.build((*query_shape[:-1], self.num_heads, self.value_dim))

    def heads(self, name: str, shape: Any, channels: int, **more: Any) -> EinsumDense:
        """A projection of inputs of a shape to channels for each head."""
        number = self.num_heads if name in ("query", "gate") else self.key_heads
        layer = self.projection(name, len(shape) - 1, 1, (number, channels), **more)
        layer.build(shape)
        return layer

    def projection(self, name: str, free: int, bound: int, lengths: Sequence[int], **more: Any) -> EinsumDense:
        """A projection of the last axes, as many as are bound, to axes of these lengths."""
        letters = string.ascii_lowercase
        kept, summed = letters[:free], letters[free : free + bound]
        made = letters[free + bound : free + bound + len(lengths)]
        fresh = [
            make and type(make).from_config(make.get_config())
            for make in (self.kernel_initializer, self.bias_initializer)
        ]
        return EinsumDense(
            f"{kept}{summed},{summed}{made}->{kept}{made}",
            (*(None,) * (free - 1), *lengths),
            bias_axes=made if self.use_bias else None,
            kernel_initializer=fresh[0],
            bias_initializer=fresh[1],
            kernel_regularizer=self.kernel_regularizer,
            bias_regularizer=self.bias_regularizer,
            activity_regularizer=self.output_regularizer,
            kernel_constraint=self.kernel_constraint,
            bias_constraint=self.bias_constraint,
            dtype=self.dtype_policy,
            name=name,
            **more,
        )

    def call(
        self,
        query: Any,
        value: Any,
        key: Any = None,
        query_mask: Any = None,
        value_mask: Any = None,
        key_mask: Any = None,
        attention_mask: Any = None,
        return_attention_scores: bool = False,
        training: bool = False,
        use_causal_mask: bool = False,
    ) -> Any:
        self.take_masks(query, value, key)
        seen = [mask for mask in (attention_mask,) if mask is not None]
        seen += [ops.expand_dims(query_mask, -1)] if query_mask is not None else []
        seen += [ops.expand_dims(mask, -2) for mask in (value_mask, key_mask) if mask is not None]
        time, steps = query.shape[1], value.shape[1]
        if use_causal_mask:
            seen.append(np.tri(time, steps, dtype="float32")[None])
        if self.sliding_window is not None:
            distance = np.abs(np.arange(time)[:, None] - np.arange(steps))
            seen.append((distance < self.sliding_window)[None].astype("float32"))
        heads = self._query_dense(query)
        keys = self.spread(self._key_dense(value if key is None else key))
        values = self.spread(self._value_dense(value))
        scores = ops.einsum(self.score_equation, keys, ops.multiply(heads, 1 / math.sqrt(self.key_dim)))
        for mask in seen:
            spread = ops.expand_dims(mask, -2 * len(self.attention_axes or ()) - 1)
            scores = ops.where(spread, scores, -HIDDEN)
        weights = ops.softmax(scores) if len(self.attention_axes or ()) == 1 else self.softmax_over_axes(scores)
        outputs = ops.einsum(self.value_equation, self._dropout_layer(weights, training=training), values)
        if self.use_gate:
            outputs = ops.multiply(outputs, self._gate_dense(query))
        outputs = self._output_dense(outputs)
        return (outputs, weights) if return_attention_scores else outputs

    def take_masks(self, *tensors: Any) -> None:
        """Take the masks off tensors, whose projections have none."""
        for tensor in tensors:
            set_mask(tensor, None)

    def spread(self, heads: Any) -> Any:
        """Keys or values for each head of the query."""
        return heads

    def softmax_over_axes(self, scores: Any) -> Any:
        """Softmax over the last axes, one for each axis of attention, together."""
        shape = ops.shape(scores)
        count = len(self.attention_axes or ())
        rows = ops.reshape(scores, (*shape[:-count], math.prod(shape[-count:])))
        return ops.reshape(ops.softmax(rows), shape)

    def compute_output_shape(self, query_shape: Shape, value_shape: Any = None, key_shape: Any = None) -> Shape:
        return query_shape if self.output_channels is None else (*query_shape[:-1], *self.output_channels)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "num_heads": self.num_heads,
            "key_dim": self.key_dim,
            "value_dim": self.value_dim,
            "dropout": self.dropout,
            "use_bias": self.use_bias,
            "use_gate": self.use_gate,
            "output_shape": self.output_channels,
            "attention_axes": self.attention_axes,
            "sliding_window": self.sliding_window,
            "kernel_initializer": initializers.serialize(self.kernel_initializer),
            "bias_initializer": initializers.serialize(self.bias_initializer),
            "kernel_regularizer": regularizers.serialize(self.kernel_regularizer),
            "bias_regularizer": regularizers.serialize(self.bias_regularizer),
            "activity_regularizer": regularizers.serialize(self.output_regularizer),
            "kernel_constraint": constraints.serialize(self.kernel_constraint),
            "bias_constraint": constraints.serialize(self.bias_constraint),
            "seed": self.seed,
        }


def attention_equations(rank: int, axes: Sequence[int]) -> tuple[str, str]:
    """Equations of scores (of keys and queries) and of outputs (of scores and values), heads before channels."""
    of_query = string.ascii_lowercase[:rank]
    others = iter(string.ascii_lowercase[rank:])
    of_key = "".join(next(others) if axis in axes else letter for axis, letter in enumerate(of_query))
    batch = "".join(letter for axis, letter in enumerate(of_query[:-1]) if axis not in axes)
    of_scores = batch + "".join(of_query[axis] for axis in axes) + "".join(of_key[axis] for axis in axes)
    return f"{of_key},{of_query}->{of_scores}", f"{of_scores},{of_key}->{of_query}"
