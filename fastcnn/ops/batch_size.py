"""What stands for the number of rows of a tensor whose batch is not known yet, where code asks for its shape."""

from __future__ import annotations

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
