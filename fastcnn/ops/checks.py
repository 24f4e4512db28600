"""Checks of operands and arguments, shared by the op definitions: each raises a ValueError that names the argument,
what was received, and what would do."""

from __future__ import annotations

import operator
from typing import Any

from fastcnn.graph import Tensor


def expect(op: str, argument: str, tensor: Tensor, dimensions: str | None = None, dtype: str = "float32") -> None:
    """Check rank and element type of an operand; `dimensions` is the shape in words, such as "N, H, W, C"."""
    if dimensions is not None and tensor.ndim != len(dimensions.split(", ")):
        raise ValueError(
            f"{op}: {argument} must have shape ({dimensions}), that is {len(dimensions.split(', '))} dimensions, "
            f"received shape {tensor.shape}; reshape it"
        )
    if tensor.dtype != dtype:
        raise ValueError(f"{op}: {argument} must be {dtype}, received {tensor.dtype}; convert it")


def expect_shape(op: str, argument: str, tensor: Tensor, shape: tuple[int | None, ...], why: str) -> None:
    """Check the whole shape of an operand, which follows from other operands, as `why` says."""
    if tensor.shape != tuple(shape):
        raise ValueError(f"{op}: {argument} must have shape {tuple(shape)}, {why}, received shape {tensor.shape}")


def whole(argument: str, value: Any, least: int = 1) -> int:
    """The value as an int, at least `least`."""
    try:
        number = operator.index(value)
    except TypeError:
        number = least - 1
    if isinstance(value, bool) or not least <= number < 2**63:
        raise ValueError(f"{argument} must be an integer of at least {least}, received {value!r}")
    return number


def pair(argument: str, value: Any) -> tuple[int, int]:
    """A size of one int or of two, as two: (height, width), each at least 1."""
    height, width = numbers_of(argument, value, 2)
    return height, width


def numbers_of(argument: str, value: Any, rank: int, least: int = 1) -> tuple[int, ...]:
    """A number for each of `rank` dimensions: one int stands for all."""
    values = tuple(value) if isinstance(value, (tuple, list)) else (value,) * rank
    if len(values) != rank:
        wanted = "a pair of them (height, width)" if rank == 2 else f"a tuple of {rank} of them"
        raise ValueError(f"{argument} must be an integer or {wanted}, received {value!r}")
    return tuple(whole(argument, part, least) for part in values)


def one_axis(argument: str, axis: Any, rank: int) -> int:
    """An axis of a tensor of `rank` dimensions, counted from the front; negative ones count from the back."""
    try:
        number = operator.index(axis)
    except TypeError:
        number = rank
    if not -rank <= number < rank:
        raise ValueError(f"{argument} must be an integer from {-rank} to {rank - 1} here, received {axis!r}")
    return number % rank
