"""Attention: what queries find in values by their keys."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from fastcnn.ops.dispatch import floats
from fastcnn.ops.einsum import einsum
from fastcnn.ops.logic import where
from fastcnn.ops.math import abs, add, divide, multiply
from fastcnn.ops.softmax import softmax

HIDDEN = -1e9
"""What stands for minus infinity: where everything is masked, softmax spreads out evenly."""


def dot_product_attention(
    query: Any,
    key: Any,
    value: Any,
    bias: Any = None,
    mask: Any = None,
    scale: float | None = None,
    is_causal: bool = False,
    flash_attention: bool | None = None,
    attn_logits_soft_cap: float | None = None,
) -> Any:
    """The mean of the values, weighted by the softmax of the products of queries and keys, head by head.

    Args:
        query: float32 of shape (batch, T, heads, depth).
        key: float32 of shape (batch, S, heads, depth).
        value: float32 of shape (batch, S, heads, depth of values).
        bias: None, or what is added to the products, broadcast to (batch, heads, T, S).
        mask: None, or 0 where a query must not see a key, broadcast in the same way.
        scale: By which products are multiplied. Default None: 1 / sqrt(depth).
        is_causal: Whether query t sees the keys up to t only. Default False.
        flash_attention: Without effect.
        attn_logits_soft_cap: None, or c: products p become p / (1 + |p| / c).

    Returns:
        float32 of shape (batch, T, heads, depth of values).

    Raises:
        ValueError: operands of another rank.

    Source: Vaswani et al., "Attention Is All You Need", NeurIPS 2017; as `keras.ops.dot_product_attention`.

    Example:

    >>> import numpy as np
    >>> from fastcnn import ops
    >>> x = np.ones((1, 3, 2, 4))
    >>> ops.dot_product_attention(x, x, x).shape
    (1, 3, 2, 4)
    """
    query, key, value = floats(query), floats(key), floats(value)
    for name, operand in (("query", query), ("key", key), ("value", value)):
        if len(operand.shape) != 4:
            raise ValueError(f"{name} must have shape (batch, time, heads, depth), received shape {operand.shape}")
    scale = 1 / math.sqrt(query.shape[-1]) if scale is None else scale
    logits = einsum("bthd,bshd->bhts", multiply(query, scale), key)
    if attn_logits_soft_cap is not None:
        logits = divide(logits, add(1, divide(abs(logits), attn_logits_soft_cap)))
    if bias is not None:
        logits = add(logits, bias)
    if mask is not None:
        logits = where(mask, logits, HIDDEN)
    if is_causal:
        logits = where(np.tri(query.shape[1], key.shape[1]), logits, HIDDEN)
    return einsum("bhts,bshd->bthd", softmax(logits), value)
