"""What layers add to the loss of training: the penalty of an output, or any number by `Layer.add_loss`.

While a model is traced for a step, the additions are collected here with the tensors that they depend on; the step
takes their sum once its batch size is known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class AddedLoss:
    """A function of a tensor that gives a number to be added to the loss."""

    tensor: Any
    function: Callable[[Any], Any]


COLLECTED: ContextVar[list[AddedLoss] | None] = ContextVar("collected", default=None)


@contextmanager
def collecting_losses() -> Iterator[list[AddedLoss]]:
    """Within this context additions go to the list that it gives, instead of to their layers."""
    collected: list[AddedLoss] = []
    outer = COLLECTED.set(collected)
    try:
        yield collected
    finally:
        COLLECTED.reset(outer)
