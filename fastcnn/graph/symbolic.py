"""Tensors of a model that is put together call by call: each remembers the call that gives it.

A graph of such calls is what a functional model keeps and runs, in training and in prediction; the graph of nodes is
recorded from it anew for each use.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

from fastcnn.graph.open_sizes import opened
from fastcnn.graph.tensor import Shape, Tensor

serial_numbers = itertools.count()


class SymbolicCall:
    """A call of a layer, or of an op by its name, with symbolic tensors among its arguments. Compared by identity;
    serial numbers grow in the order of calls."""

    def __init__(self, target: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None) -> None:
        self.serial = next(serial_numbers)
        self.target = target
        self.args = args
        self.kwargs = kwargs or {}


class SymbolicTensor(Tensor):
    """Output number `index` of a call, of known shape and dtype. Keras's name for it is `KerasTensor`."""

    def __init__(self, shape: Shape, dtype: str = "float32", *, name: str = "", source: SymbolicCall, index: int = 0):
        super().__init__(shape, dtype, name=name)
        self.source = source
        self.index = index

    @property
    def key(self) -> tuple[SymbolicCall, int]:
        """What it is, whichever object stands for it."""
        return self.source, self.index


def symbols_of(call: SymbolicCall, one: Sequence[Tensor], other: Sequence[Tensor]) -> list[SymbolicTensor]:
    """The outputs of a call, of the shapes that those of two trials have in common."""
    return [
        SymbolicTensor(opened(first.shape, second.shape), first.dtype, source=call, index=index)
        for index, (first, second) in enumerate(zip(one, other, strict=True))
    ]
