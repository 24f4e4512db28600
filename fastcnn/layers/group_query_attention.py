"""Attention of several heads that share their keys and values in groups."""

from __future__ import annotations

from typing import Any

from fastcnn import ops
from fastcnn.graph import Shape
from fastcnn.layers.layer import Layer
from fastcnn.layers.multi_head_attention import MultiHeadAttention
from fastcnn.layers.registry import register
from fastcnn.utils.arguments import positive_integer


@register
class GroupQueryAttention(MultiHeadAttention):
    """Dot-product attention of several heads, of which groups share one projection of keys and values.

    Args:
        head_dim: channels of each head.
        num_query_heads: how many heads.
        num_key_value_heads: how many groups; divides the number of heads. With 1 all heads share.
        dropout: the part of the weights of values that is dropped in training. Default 0.
        use_bias: whether projections have a bias. Default True.
        sliding_window: None, or how near a value must be to be seen. Default None.
        flash_attention: without effect.
        kernel_initializer, bias_initializer: of the projections. Default "glorot_uniform" and "zeros".
        kernel_regularizer, bias_regularizer, kernel_constraint, bias_constraint: of the projections. Default None.
        activity_regularizer: of the projections' outputs. Default None.
        use_gate: whether the heads' outputs are multiplied by the sigmoid of a projection of the query. Default False.
        seed: for dropout. Default None.

    Call arguments are those of `MultiHeadAttention`; query and value have the same number of channels.

    Output shape: that of the query.

    Raises:
        ValueError: an argument does not fit.

    Source: Ainslie et al., "GQA: Training Generalized Multi-Query Transformer Models from Multi-Head Checkpoints",
    EMNLP 2023; as `keras.layers.GroupQueryAttention`.

    Example:

    >>> import numpy as np
    >>> from fastcnn import layers
    >>> x = np.zeros((2, 5, 8))
    >>> layers.GroupQueryAttention(head_dim=4, num_query_heads=4, num_key_value_heads=2)(x, x).shape
    (2, 5, 8)
    """

    def __init__(
        self,
        head_dim: int,
        num_query_heads: int,
        num_key_value_heads: int,
        dropout: float = 0.0,
        use_bias: bool = True,
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
        self.head_dim = positive_integer(head_dim, "head_dim")
        self.num_query_heads = positive_integer(num_query_heads, "num_query_heads")
        self.num_key_value_heads = positive_integer(num_key_value_heads, "num_key_value_heads")
        if num_query_heads % num_key_value_heads != 0:
            raise ValueError(
                "`num_query_heads` must be divisible by `num_key_value_heads`. "
                f"Received: num_query_heads={num_query_heads}, num_key_value_heads={num_key_value_heads}"
            )
        super().__init__(
            num_query_heads,
            head_dim,
            dropout=dropout,
            use_bias=use_bias,
            sliding_window=sliding_window,
            kernel_initializer=kernel_initializer,
            bias_initializer=bias_initializer,
            kernel_regularizer=kernel_regularizer,
            bias_regularizer=bias_regularizer,
            activity_regularizer=activity_regularizer,
            kernel_constraint=kernel_constraint,
            bias_constraint=bias_constraint,
            use_gate=use_gate,
            seed=seed,
            **kwargs,
        )
        self.key_heads = self.num_key_value_heads

    def build(self, query_shape: Any, value_shape: Any = None, key_shape: Any = None) -> None:
        value_shape = query_shape if value_shape is None else value_shape
        if query_shape[-1] != value_shape[-1]:
            raise ValueError(
                f"The last dimension of `query_shape` and `value_shape` must be equal, but are {query_shape[-1]}, "
                f"{value_shape[-1]}. Received: query_shape={query_shape}, value_shape={value_shape}"
            )
        super().build(query_shape, value_shape, key_shape)

    def take_masks(self, *tensors: Any) -> None:
        """Nothing: here Keras leaves them."""

    def spread(self, heads: Any) -> Any:
        return ops.repeat(heads, self.num_heads // self.key_heads, axis=2)

    def compute_output_shape(self, query_shape: Shape, value_shape: Any = None, key_shape: Any = None) -> Shape:
        return tuple(query_shape)

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        own = ("num_heads", "key_dim", "value_dim", "output_shape", "attention_axes")
        return {
            **Layer.get_config(self),
            "head_dim": self.head_dim,
            "num_query_heads": self.num_query_heads,
            "num_key_value_heads": self.num_key_value_heads,
            **{name: value for name, value in config.items() if name not in own},
        }
