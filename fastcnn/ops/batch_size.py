"""What stands for the number of rows of a tensor whose batch is not known yet, where code asks for its shape."""

from __future__ import annotations

import operator
from collections.abc import Iterable
from typing import Any


class BatchSize(int):
    """The batch of a tensor, times a number: -1 as a length, and so what is left over in `reshape`.

    Functions that make tensors of a shape (`zeros`, `random.normal`, ...) take the number of rows from the tensor.
    """

    tensor: Any
    times: int

    def __new__(cls, tensor: Any, times: int = 1) -> BatchSize:
        self = super().__new__(cls, -1)
        self.tensor, self.times = tensor, times
        return self

    def __mul__(self, factor: int) -> BatchSize:
        if not isinstance(factor, int) or isinstance(factor, BatchSize) or factor < 1:
            raise TypeError(f"an unknown batch size can be multiplied by positive integers, not by {factor!r}")
        return BatchSize(self.tensor, self.times * factor)

    __rmul__ = __mul__

    def __repr__(self) -> str:
        return f"<BatchSize times {self.times}>" if self.times > 1 else "<BatchSize>"


def lengths_of(shape: Any) -> tuple[Any, ...]:
    """A shape as a tuple of integers, of which the first may be the unknown batch.

    Raises:
        ValueError: It is no sequence of integers from 0.
    """
    lengths = tuple(shape) if isinstance(shape, Iterable) else (shape,)
    for number in lengths:
        if not isinstance(number, BatchSize) and (not hasattr(number, "__index__") or operator.index(number) < 0):
            raise ValueError(f"shape must be a tuple of integers from 0, received shape={shape!r}")
    return lengths
