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

import numpy as np

from fastcnn import ops
from fastcnn.graph import Tensor
from fastcnn.layers.weight_holder import WeightHolder


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


class LossHolder(WeightHolder):
    """The part of `Layer` that has to do with losses."""

    activity_regularizer: Any

    def __init__(self, trainable: bool) -> None:
        super().__init__(trainable)
        self._added_losses: list[Any] = []

    def add_loss(self, loss: Any) -> None:
        """Add a number to the loss of training; for use in `call`.

        Args:
            loss: a number or tensor, whose sum is added, or a list of them.

        Raises:
            ValueError: it is none of these.
        """
        for one in loss if isinstance(loss, (list, tuple)) else [loss]:
            if not isinstance(one, (Tensor, np.ndarray, np.number, int, float)):
                raise ValueError(f"add_loss() takes a number or a tensor, or a list of them, received {loss!r}")
            self.keep_loss(AddedLoss(one, ops.sum))

    def add_penalty(self, output: Any) -> None:
        """Add the penalty of an output, per sample."""

        def per_sample(output: Any) -> Any:
            return self.activity_regularizer(output) * (1 / max(output.shape[0], 1))

        self.keep_loss(AddedLoss(output, per_sample))

    def keep_loss(self, added: AddedLoss) -> None:
        """Hand an addition to the step that is being made, or keep its value for `losses`."""
        collected = COLLECTED.get()
        if collected is not None:
            collected.append(added)
        elif not isinstance(added.tensor, Tensor):
            self._added_losses.append(added.function(added.tensor))

    @property
    def losses(self) -> list[Any]:
        """What the last call on arrays added to the loss, and the penalties of the trained weights."""
        penalties = [variable.regularizer(variable) for variable in self.trainable_weights if variable.regularizer]
        return [*self.added_losses(), *penalties]

    def added_losses(self) -> list[Any]:
        """What the last call on arrays added to the loss, in this layer and those inside."""
        return [*self._added_losses, *(loss for _, layer in self.sublayers() for loss in layer.added_losses())]
