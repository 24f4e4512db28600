"""Symbolic tensors: what flows between the nodes of a graph.

A tensor is an output of a node, or a leaf: an input, a variable, or a constant. Shapes are static;
only the first dimension, the batch, may be None until `passes.bind_batch` fills it in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from fastcnn.graph.operand import Operand

if TYPE_CHECKING:
    from fastcnn.graph.node import Node
    from fastcnn.graph.variable import Variable

Shape = tuple[int | None, ...]


class Tensor(Operand):
    """A value of known shape and dtype that a run of the graph will compute. Compared by identity.

    `mask`, of a value that layers made, tells which parts of it count; see `fastcnn.graph.masks`.
    """

    def __init__(
        self,
        shape: Shape,
        dtype: str = "float32",
        *,
        name: str = "",
        node: Node | None = None,
        variable: Variable | None = None,
        value: np.ndarray | None = None,
    ) -> None:
        self.shape = tuple(shape)
        self.dtype = dtype
        self.name = name
        self.node = node
        self.variable = variable
        self.value = value
        self.mask: Any = None

    @property
    def ndim(self) -> int:
        """Number of dimensions."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """Number of elements; the batch dimension must be bound."""
        size = 1
        for dimension in self.static_shape:
            size *= dimension
        return size

    @property
    def static_shape(self) -> tuple[int, ...]:
        """The shape, where every dimension is known."""
        if None in self.shape:
            raise ValueError(f"{self!r} has an unknown batch size; bind it before this use")
        return self.shape  # type: ignore[return-value]

    @property
    def kind(self) -> str:
        """Where the value comes from: "node", "variable", "constant" or "input"."""
        if self.node is not None:
            return "node"
        if self.variable is not None:
            return "variable"
        return "input" if self.value is None else "constant"

    def __array__(self, *args: Any, **kwargs: Any) -> np.ndarray:
        raise TypeError(f"{self!r} is symbolic and has no values yet; use fastcnn.ops on it, not NumPy functions")

    def __bool__(self) -> bool:
        raise TypeError(f"{self!r} is symbolic and neither true nor false yet; use fastcnn.ops.where in place of an if")

    def __repr__(self) -> str:
        name = f" {self.name}" if self.name else ""
        return f"<Tensor{name} shape={self.shape} dtype={self.dtype}>"


def constant(value: Any, dtype: str | None = None) -> Tensor:
    """A tensor whose value is known when the graph is made."""
    array = np.array(value, dtype=dtype, order="C")
    return Tensor(array.shape, array.dtype.name, value=array)
