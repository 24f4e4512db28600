"""Schedule-free AdamW: averages in the place of a schedule."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fastcnn import ops
from fastcnn.graph import Variable
from fastcnn.optimizers.arguments import checked_positive, checked_share
from fastcnn.optimizers.optimizer import Optimizer


class ScheduleFreeAdamW(Optimizer):
    """AdamW without a schedule of the learning rate, after Defazio et al., https://arxiv.org/abs/2405.15682.

    Adam's steps go to a point of their own, z. Training's weights lie between z and the average x of all z so far:
    `w = (1 - beta_1) * z + beta_1 * x`.

    Args:
        learning_rate: A float, a schedule or a function, as in `Optimizer`. Default 0.0025.
        beta_1: How near the weights are to the average, from 0 to 1. Default 0.9.
        beta_2: How much of the squared gradients' average stays in each update. Default 0.999.
        epsilon: Added to the root of that average. Default 1e-8.
        warmup_steps: So many first updates have smaller rates, rising evenly. Default 0.
        weight_decay: Share of each weight, times the learning rate, that it loses in every update. Default None.
        clipnorm, clipvalue, global_clipnorm, use_ema, ema_momentum, ema_overwrite_frequency, loss_scale_factor,
            gradient_accumulation_steps, name: As in `Optimizer`.

    Raises:
        ValueError: An argument of the wrong kind or range.

    Example:

    >>> import numpy as np
    >>> from fastcnn import optimizers
    >>> from fastcnn.graph import Variable
    >>> weight = Variable(np.ones(1, "float32"))
    >>> optimizers.ScheduleFreeAdamW(learning_rate=0.5).apply([np.ones(1, "float32")], [weight])
    []
    >>> weight.numpy().round(3)
    array([0.5], dtype=float32)
    """

    def __init__(
        self,
        learning_rate: Any = 0.0025,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
        warmup_steps: int = 0,
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
        self.beta_1 = checked_share("beta_1", beta_1)
        self.beta_2 = checked_share("beta_2", beta_2)
        self.epsilon = checked_positive("epsilon", epsilon)
        self.warmup_steps = warmup_steps

    def slot_groups(self) -> list[dict[str, float]]:
        """Names and first values of the slots."""
        return [{"momentum": 0.0, "velocity": 0.0}]

    def build(self, variables: Sequence[Variable]) -> None:
        """Make the slots; the points start at the weights."""
        new = [variable for variable in variables if variable not in self._index]
        super().build(variables)
        for variable in new:
            self.slots(variable)[0].assign(variable.value)

    def update_step(self, gradient: Any, variable: Variable, learning_rate: Any) -> None:
        """Update one weight."""
        point, velocity = self.slots(variable)
        step = self.local_step()
        rate = learning_rate
        if self.warmup_steps > 0:
            rate = ops.multiply(rate, ops.minimum(ops.divide(step, float(self.warmup_steps)), 1.0))
        squares = ops.add(velocity, ops.multiply(ops.subtract(ops.square(gradient), velocity), 1 - self.beta_2))
        unbiased = ops.divide(squares, ops.subtract(1.0, ops.power(self.beta_2, step)))
        moved = ops.subtract(point, ops.divide(ops.multiply(gradient, rate), ops.add(ops.sqrt(unbiased), self.epsilon)))
        average = ops.divide(ops.subtract(variable, ops.multiply(point, 1 - self.beta_1)), self.beta_1)
        part = ops.divide(1.0, step)
        average = ops.add(ops.multiply(average, ops.subtract(1.0, part)), ops.multiply(moved, part))
        weight = ops.add(ops.multiply(moved, 1 - self.beta_1), ops.multiply(average, self.beta_1))
        self.assign(velocity, squares)
        self.assign(point, moved)
        self.assign(variable, weight)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal optimizer."""
        return {
            **super().get_config(),
            "beta_1": self.beta_1,
            "beta_2": self.beta_2,
            "epsilon": self.epsilon,
            "warmup_steps": self.warmup_steps,
        }
