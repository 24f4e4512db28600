"""Variables: arrays that outlive a run of the graph (weights, optimizer slots, counters)."""

from __future__ import annotations

import weakref
from typing import Any

import numpy as np

from fastcnn.graph.changes import note_change
from fastcnn.graph.operand import OPERATORS, Operand
from fastcnn.graph.recording import is_keeping_effects
from fastcnn.graph.tensor import Tensor


class Variable(Operand):
    """A named array that graphs read and update in place.

    Args:
        value: the initial value; a C-contiguous array of it is kept.
        name: a name for messages and weight files.
        trainable: whether training computes a gradient for it.

    `regularizer` gives a penalty for the loss of training, `constraint` an allowed value after each update; None: none.

    `value` is the array itself. `assign` copies into it, so every plan that holds its address sees the change.
    """

    def __init__(self, value: np.ndarray, name: str = "variable", trainable: bool = True) -> None:
        self.value = np.asarray(value, order="C")
        self.name = self.path = name
        self.trainable = trainable
        self.regularizer: Any = None
        self.constraint: Any = None

    def __setattr__(self, name: str, value: Any) -> None:
        changes = vars(self).get(name) is not value  # not in `variable.value += x`, which updates in place
        object.__setattr__(self, name, value)
        if changes:
            note_change()

    @property
    def tensor(self) -> Tensor:
        """What stands for the variable in graphs: the same object as long as a graph has it. The graph holds the
        variable; the variable must not hold it, too, or both would stay in memory until the next garbage collection."""
        known = vars(self).get("_tensor")
        tensor = known() if known is not None else None
        if tensor is None:
            tensor = Tensor(self.value.shape, self.value.dtype.name, name=self.name, variable=self)
            vars(self)["_tensor"] = weakref.ref(tensor)
        return tensor

    def __getstate__(self) -> dict[str, Any]:
        """What is copied and pickled: all but the tensor, which belongs to the graphs of this variable."""
        return {name: value for name, value in vars(self).items() if name != "_tensor"}

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the array."""
        return self.value.shape

    @property
    def dtype(self) -> str:
        """Name of the element type."""
        return self.value.dtype.name

    def numpy(self) -> np.ndarray:
        """A copy of the value."""
        return self.value.copy()

    def assign(self, value: Any) -> None:
        """Write a value of the same shape, or a number, into the variable; while a step is traced, let the step do so.

        Raises:
            ValueError: the shapes differ.
        """
        if is_keeping_effects():
            OPERATORS["assign"](self, self.filled(value))
        else:
            self.value[...] = self.filled(value)

    def assign_add(self, value: Any) -> None:
        """Add a value of the same shape, or a number, to the variable; while a step is traced, let the step do so.

        Raises:
            ValueError: the shapes differ.
        """
        if is_keeping_effects():
            OPERATORS["assign_add"](self, self.filled(value))
        else:
            self.value[...] += self.filled(value)

    def assign_sub(self, value: Any) -> None:
        """Subtract a value, as `assign_add` adds one."""
        self.assign_add(-value if isinstance(value, Tensor) else -np.asarray(value))

    def filled(self, value: Any) -> Any:
        """A value in the shape of the variable: a tensor as it is, a number repeated."""
        if isinstance(value, Tensor):
            return value
        array = np.asarray(value)
        if array.ndim and array.shape != self.value.shape:
            raise ValueError(f"cannot assign a value of shape {array.shape} to {self!r}: pass shape {self.shape}")
        return np.broadcast_to(array, self.value.shape)

    def __float__(self) -> float:
        return float(self.value)

    def move_to(self, memory: np.ndarray) -> None:
        """Continue in other memory of the same shape and dtype, with the present value copied there."""
        memory[...] = self.value
        self.value = memory

    def __array__(self, dtype: np.dtype | None = None, copy: bool | None = None) -> np.ndarray:
        return np.array(self.value, dtype=dtype, copy=copy if copy is not None else True)

    def __repr__(self) -> str:
        return f"<Variable {self.name} shape={self.shape} dtype={self.dtype}>"
