"""Attention without weights of its own, or with few: `Attention` by products, `AdditiveAttention` by sums."""

from __future__ import annotations

from typing import Any

import numpy as np

from fastcnn import ops, random
from fastcnn.graph import Shape
from fastcnn.layers.layer import Layer
from fastcnn.layers.registry import register
from fastcnn.utils.arguments import checked_share

HIDDEN = 1e9
"""What is taken off scores that must not count."""


@register
class Attention(Layer):
    """The mean of values, weighted by the softmax of how well their keys fit a query.

    Args:
        use_scale: whether scores are multiplied by a weight. Default False.
        score_mode: "dot": the product of query and key; "concat": the sum of tanh of their sums. Default "dot".
        dropout: the part of the weights of values that is dropped in training. Default 0.
        seed: for dropout. Default None.

    Call arguments:
        inputs: `[query, value]` or `[query, value, key]`, of shapes `(batch, T, dim)`, `(batch, S, dim)`; without a key
            the value is it.
        mask: None, or masks `[query_mask, value_mask]`, of shapes `(batch, T)` and `(batch, S)`, either None.
        return_attention_scores: whether the weights of the values are returned, too. Default False.
        use_causal_mask: whether a query sees the values up to its own place only. Default False.

    Output shape: `(batch, T, dim of the value)`.

    Raises:
        ValueError: the inputs are no list of two or three, or `score_mode` is another.

    Source: Luong et al., "Effective Approaches to Attention-based Neural Machine Translation", EMNLP 2015.

    Example:

    >>> import numpy as np
    >>> from fastcnn import layers
    >>> layers.Attention()([np.zeros((2, 5, 4)), np.zeros((2, 7, 4))]).shape
    (2, 5, 4)
    """

    def __init__(
        self,
        use_scale: bool = False,
        score_mode: str = "dot",
        dropout: float = 0.0,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if score_mode not in ("dot", "concat"):
            raise ValueError(f"score_mode must be 'dot' or 'concat', received score_mode={score_mode!r}")
        self.use_scale = bool(use_scale)
        self.score_mode = score_mode
        self.dropout = checked_share(dropout, "dropout")
        self.seed = seed
        if self.dropout > 0:
            self.seed_generator = random.SeedGenerator(seed)

    def build(self, input_shape: Any) -> None:
        self.check(input_shape)
        self.scale = self.add_weight((), "ones", name="scale") if self.use_scale else None
        self.concat_score_weight = None
        if self.score_mode == "concat":
            self.concat_score_weight = self.add_weight((), "ones", name="concat_score_weight")

    def check(self, inputs: Any) -> None:
        """Inputs must be a list of two or three."""
        if not isinstance(inputs, (list, tuple)) or len(inputs) not in (2, 3) or not hasattr(inputs[0], "__len__"):
            length = f" of length {len(inputs)}" if isinstance(inputs, (list, tuple)) else ""
            raise ValueError(
                f"{type(self).__name__} layer must be called on a list of inputs, namely [query, value] or "
                f"[query, value, key]. Received: {inputs!r}{length}"
            )

    def scores(self, query: Any, key: Any) -> Any:
        """How well each key fits each query: (batch, T, S)."""
        if self.score_mode == "dot":
            products = ops.matmul(query, ops.swapaxes(key, -2, -1))
            return products if self.scale is None else ops.multiply(products, self.scale)
        sums = ops.add(ops.expand_dims(query, -2), ops.expand_dims(key, -3))
        sums = sums if self.scale is None else ops.multiply(sums, self.scale)
        return ops.multiply(ops.sum(ops.tanh(sums), axis=-1), self.concat_score_weight)

    def call(
        self,
        inputs: Any,
        mask: Any = None,
        training: bool = False,
        return_attention_scores: bool = False,
        use_causal_mask: bool = False,
    ) -> Any:
        if mask is not None and (not isinstance(mask, (list, tuple)) or len(mask) not in (2, 3)):
            raise ValueError(
                f"{type(self).__name__} layer mask must be a list, namely [query_mask, value_mask]. "
                f"Received: mask={mask!r}"
            )
        query, value, *keys = inputs
        scores = self.scores(query, keys[0] if keys else value)
        query_mask, value_mask = (None, None) if mask is None else mask[:2]
        if value_mask is not None:
            scores = ops.subtract(scores, ops.multiply(ops.logical_not(ops.expand_dims(value_mask, -2)), HIDDEN))
        if use_causal_mask:
            scores = ops.subtract(scores, HIDDEN * (1 - np.tri(query.shape[1], value.shape[1], dtype="float32")))
        weights = ops.softmax(scores)
        if training and self.dropout > 0:
            weights = random.dropout(weights, self.dropout, seed=self.seed_generator)
        outputs = ops.matmul(weights, value)
        if query_mask is not None:
            outputs = ops.where(ops.expand_dims(query_mask, -1), outputs, 0)
        return (outputs, weights) if return_attention_scores else outputs

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        """That of the query."""
        return None if previous_mask is None else previous_mask[0]

    def compute_output_shape(self, input_shape: Any) -> Shape:
        return (*input_shape[0][:-1], input_shape[1][-1])

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "use_scale": self.use_scale,
            "score_mode": self.score_mode,
            "dropout": self.dropout,
            "seed": self.seed,
        }


@register
class AdditiveAttention(Attention):
    """Attention whose scores are sums of `tanh(query + key)`, weighted by a weight for each channel.

    Args:
        use_scale: whether there are such weights. Default True.
        dropout: the part of the weights of values that is dropped in training. Default 0.
        seed: for dropout. Default None.

    Inputs, masks and output are those of `Attention`.

    Source: Bahdanau et al., "Neural Machine Translation by Jointly Learning to Align and Translate", ICLR 2015.

    Example:

    >>> import numpy as np
    >>> from fastcnn import layers
    >>> layers.AdditiveAttention()([np.zeros((2, 5, 4)), np.zeros((2, 7, 4))]).shape
    (2, 5, 4)
    """

    def __init__(self, use_scale: bool = True, dropout: float = 0.0, **kwargs: Any) -> None:
        super().__init__(use_scale=use_scale, dropout=dropout, **kwargs)

    def build(self, input_shape: Any) -> None:
        self.check(input_shape)
        self.scale = self.add_weight((input_shape[0][-1],), name="scale") if self.use_scale else None

    def scores(self, query: Any, key: Any) -> Any:
        sums = ops.tanh(ops.add(ops.expand_dims(query, -2), ops.expand_dims(key, -3)))
        return ops.sum(sums if self.scale is None else ops.multiply(sums, self.scale), axis=-1)

    def get_config(self) -> dict[str, Any]:
        return {name: value for name, value in super().get_config().items() if name != "score_mode"}
