"""The memory of new weights: refused where it cannot be had, and bounded while a file of unknown origin is read."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import numpy as np

from fastcnn.plan.memory import physical_memory

BYTES = 4


class Budget:
    """How many bytes of weights may still be made."""

    def __init__(self, remaining: int) -> None:
        self.remaining = remaining


BUDGET: ContextVar[Budget | None] = ContextVar("budget", default=None)


@contextmanager
def weight_budget(limit: int) -> Iterator[None]:
    """Weights made inside are zeros, for values that will be read from a file, and of `limit` bytes at most."""
    outer = BUDGET.set(Budget(limit))
    try:
        yield
    finally:
        BUDGET.reset(outer)


def new_weight(shape: tuple[int, ...], initializer: Callable[..., Any], what: str) -> np.ndarray:
    """The array of a new weight.

    Args:
        shape: its shape.
        initializer: called with the shape and the dtype.
        what: the weight in words, for errors.

    Raises:
        MemoryError: it is larger than the machine's memory.
        ValueError: the budget is exceeded, or the initializer gave an array of another shape.
    """
    size = BYTES * math.prod(shape)
    budget = BUDGET.get()
    if budget is not None:
        budget.remaining -= size
        if budget.remaining < 0:
            raise ValueError(f"{what} of shape {shape} is larger than all weights that the file holds")
        return np.zeros(shape, np.float32)
    if size > physical_memory():
        raise MemoryError(
            f"{what} of shape {shape} needs {size / 2**30:,.1f} GiB, more than this machine's memory; "
            "use fewer units or filters, or pool before the layer"
        )
    value = np.asarray(initializer(shape, dtype="float32"), dtype=np.float32, order="C")
    if value.shape != shape:
        raise ValueError(f"the initializer of {what} returned an array of shape {value.shape} instead of {shape}")
    return value
