"""Gradient descent, with or without momentum."""

from __future__ import annotations

from typing import Any

from fastcnn.graph import Variable
from fastcnn.optimizers.arguments import checked_momentum
from fastcnn.optimizers.optimizer import Optimizer


class SGD(Optimizer):
    """Gradient descent.

    Without momentum `w -= learning_rate * g`. With momentum `velocity = momentum * velocity - learning_rate * g`, then
    `w += velocity`, or with Nesterov's momentum `w += momentum * velocity - learning_rate * g`.

    Args:
        learning_rate: A float, a schedule or a function, as in `Optimizer`. Default 0.01.
        momentum: From 0 to 1. Default 0.
        nesterov: Whether momentum is Nesterov's. Default False.
        weight_decay, clipnorm, clipvalue, global_clipnorm, use_ema, ema_momentum, ema_overwrite_frequency,
            loss_scale_factor, gradient_accumulation_steps, name: As in `Optimizer`.

    Raises:
        ValueError: An argument of the wrong kind or range.

    Example:

    >>> import numpy as np
    >>> from fastcnn import optimizers
    >>> from fastcnn.graph import Variable
    >>> weight = Variable(np.ones(1, "float32"))
    >>> optimizers.SGD(learning_rate=0.5).apply([np.ones(1, "float32")], [weight])
    []
    >>> weight.numpy().round(3)
    array([0.5], dtype=float32)
    """

    updates_by_rule = True

    def __init__(
        self,
        learning_rate: Any = 0.01,
        momentum: float = 0.0,
        nesterov: bool = False,
        weight_decay: float | None = None,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
        global_clipnorm: float | None = None,
        use_ema: bool = False,
        ema_momentum: float = 0.99,
        ema_overwrite_frequency: int | None = None,
        loss_scale_factor: float | None = None,
        gradient_accumulation_steps: int | None = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            learning_rate,
            weight_decay,
            clipnorm,
            clipvalue,
            global_clipnorm,
            use_ema,
            ema_momentum,
            ema_overwrite_frequency,
            loss_scale_factor,
            gradient_accumulation_steps,
            name,
            **kwargs,
        )
        self.momentum = checked_momentum(momentum)
        self.nesterov = nesterov

    def slot_groups(self) -> list[dict[str, float]]:
        """Names and first values of the slots."""
        return [{"momentum": 0.0}] if self.momentum else []

    def update_step(self, gradient: Any, variable: Variable, learning_rate: Any) -> None:
        """Update one weight."""
        if not self.momentum:
            self.update_by_rule("sgd", gradient, variable, ())
        else:
            rule = "nesterov" if self.nesterov else "momentum"
            self.update_by_rule(rule, gradient, variable, self.slots(variable), momentum=self.momentum)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal optimizer."""
        return {**super().get_config(), "momentum": self.momentum, "nesterov": self.nesterov}
