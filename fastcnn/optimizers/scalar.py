"""A variable of one number: the learning rate, or a count."""

from __future__ import annotations

from typing import Any

import numpy as np

from fastcnn.graph import Variable


class Scalar(Variable):
    """A variable of one element, which takes and gives plain numbers."""

    def __init__(self, value: float, dtype: str, name: str) -> None:
        super().__init__(np.array([value], dtype), name, trainable=False)

    def assign(self, value: Any) -> None:
        """Set the number."""
        super().assign(np.asarray(value).reshape(self.shape))

    def numpy(self) -> np.ndarray:
        """The number, as an array of shape ()."""
        return self.value[0].copy()

    @property
    def operand(self) -> Any:
        """The number."""
        return self.value[0].item()

    def __lt__(self, other: Any) -> bool:
        return bool(self.operand < float(other))

    def __gt__(self, other: Any) -> bool:
        return bool(self.operand > float(other))

    def __float__(self) -> float:
        return float(self.value[0])

    def __int__(self) -> int:
        return int(self.value[0])

    def __repr__(self) -> str:
        return f"<Scalar {self.name} {self.value[0]}>"
