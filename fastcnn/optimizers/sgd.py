"""Gradient descent, with or without momentum."""

from __future__ import annotations

from typing import Any

from fastcnn import ops
from fastcnn.graph import Variable
from fastcnn.optimizers.optimizer import Optimizer, checked_share


class SGD(Optimizer):
    """Gradient descent.

    Without momentum `w -= learning_rate * g`. With momentum `velocity = momentum * velocity - learning_rate * g`, then
    `w += velocity`, or with Nesterov's momentum `w += momentum * velocity - learning_rate * g`.

    Args:
        learning_rate: A number above 0. Default 0.01.
        momentum: From 0 up to 1. Default 0.
        nesterov: Whether momentum is Nesterov's. Default False.
        name: A name for messages.

    Raises:
        ValueError: A number is out of its range.

    Example:

    >>> import numpy as np
    >>> from fastcnn import optimizers
    >>> from fastcnn.graph import Variable
    >>> weight = Variable(np.ones(1, "float32"))
    >>> optimizers.SGD(learning_rate=0.5).apply([np.ones(1, "float32")], [weight])
    []
    >>> weight.numpy()
    array([0.5], dtype=float32)
    """

    def __init__(
        self, learning_rate: float = 0.01, momentum: float = 0.0, nesterov: bool = False, name: str = "SGD"
    ) -> None:
        super().__init__(learning_rate, name)
        self.momentum = checked_share("momentum", momentum)
        self.nesterov = bool(nesterov)
        self.slot_names = ("momentum",) if self.momentum else ()

    def update_step(self, gradient: Any, variable: Variable) -> Any:
        """Update one weight."""
        if not self.momentum:
            return ops.sgd_update(variable, gradient, self._learning_rate)
        (velocity,) = self.slots(variable)
        return ops.momentum_update(
            variable, gradient, velocity, self._learning_rate, momentum=self.momentum, nesterov=self.nesterov
        )

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal optimizer."""
        return {**super().get_config(), "momentum": self.momentum, "nesterov": self.nesterov}
