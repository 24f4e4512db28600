"""Adadelta: steps as long as the steps before them."""

from __future__ import annotations

from typing import Any

from fastcnn.graph import Variable
from fastcnn.optimizers.arguments import checked_positive, checked_share
from fastcnn.optimizers.optimizer import Optimizer


class Adadelta(Optimizer):
    """Adadelta, after Zeiler, "ADADELTA: An Adaptive Learning Rate Method", https://arxiv.org/abs/1212.5701.

    With the running means of the squares of gradients and of steps,
    `step = sqrt(steps + epsilon) / sqrt(gradients + epsilon) * g; w -= learning_rate * step`.

    Args:
        learning_rate: A float, a schedule or a function, as in `Optimizer`. Default 0.001.
        rho: Decay of both means. Default 0.95.
        epsilon: A small number against division by 0. Default 1e-7.
        weight_decay, clipnorm, clipvalue, global_clipnorm, use_ema, ema_momentum, ema_overwrite_frequency,
            loss_scale_factor, gradient_accumulation_steps, name: As in `Optimizer`.

    Raises:
        ValueError: An argument of the wrong kind or range.

    Example:

    >>> import numpy as np
    >>> from fastcnn import optimizers
    >>> from fastcnn.graph import Variable
    >>> weight = Variable(np.ones(1, "float32"))
    >>> optimizers.Adadelta(learning_rate=0.5).apply([np.ones(1, "float32")], [weight])
    []
    >>> weight.numpy().round(3)
    array([0.999], dtype=float32)
    """

    updates_by_rule = True

    def __init__(
        self,
        learning_rate: Any = 0.001,
        rho: float = 0.95,
        epsilon: float = 1e-7,
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
        self.rho = checked_share("rho", rho)
        self.epsilon = checked_positive("epsilon", epsilon)

    def slot_groups(self) -> list[dict[str, float]]:
        """Names and first values of the slots."""
        return [{"accumulated_grad": 0.0, "accumulated_delta_var": 0.0}]

    def update_step(self, gradient: Any, variable: Variable, learning_rate: Any) -> None:
        """Update one weight."""
        options = {"rho": self.rho, "epsilon": self.epsilon}
        self.update_by_rule("adadelta", gradient, variable, self.slots(variable), **options)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal optimizer."""
        return {**super().get_config(), "rho": self.rho, "epsilon": self.epsilon}
