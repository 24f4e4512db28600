"""Adam: gradient descent by running means of the gradient and of its square."""

from __future__ import annotations

from typing import Any

from fastcnn.graph import Variable
from fastcnn.optimizers.arguments import checked_positive, checked_share
from fastcnn.optimizers.optimizer import Optimizer


class Adam(Optimizer):
    """Adam, after Kingma and Ba, "Adam: A Method for Stochastic Optimization", https://arxiv.org/abs/1412.6980.

    With `m` and `v` the running means of the gradient and of its square, and `t` the number of the update,
    `w -= learning_rate * sqrt(1 - beta_2**t) / (1 - beta_1**t) * m / (sqrt(v) + epsilon)`.

    Args:
        learning_rate: A float, a schedule or a function, as in `Optimizer`. Default 0.001.
        beta_1: Decay of the mean of gradients. Default 0.9.
        beta_2: Decay of the mean of their squares. Default 0.999.
        epsilon: A small number against division by 0. Default 1e-7.
        amsgrad: Whether to divide by the largest `v` so far, after Reddi et al., "On the Convergence of Adam and
            Beyond". Default False.
        weight_decay, clipnorm, clipvalue, global_clipnorm, use_ema, ema_momentum, ema_overwrite_frequency,
            loss_scale_factor, gradient_accumulation_steps, name: As in `Optimizer`.

    Raises:
        ValueError: An argument of the wrong kind or range.

    Example:

    >>> import numpy as np
    >>> from fastcnn import optimizers
    >>> from fastcnn.graph import Variable
    >>> weight = Variable(np.ones(1, "float32"))
    >>> optimizers.Adam(learning_rate=0.5).apply([np.ones(1, "float32")], [weight])
    []
    >>> weight.numpy().round(3)
    array([0.5], dtype=float32)
    """

    updates_by_rule = True

    def __init__(
        self,
        learning_rate: Any = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        amsgrad: bool = False,
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
        self.amsgrad = amsgrad

    def slot_groups(self) -> list[dict[str, float]]:
        """Names and first values of the slots."""
        group = {"momentum": 0.0, "velocity": 0.0}
        return [group, {"velocity_hat": 0.0}] if self.amsgrad else [group]

    def update_step(self, gradient: Any, variable: Variable, learning_rate: Any) -> None:
        """Update one weight."""
        options = {"beta_1": self.beta_1, "beta_2": self.beta_2, "epsilon": self.epsilon}
        self.update_by_rule("amsgrad" if self.amsgrad else "adam", gradient, variable, self.slots(variable), **options)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal optimizer."""
        return {
            **super().get_config(),
            "beta_1": self.beta_1,
            "beta_2": self.beta_2,
            "epsilon": self.epsilon,
            "amsgrad": self.amsgrad,
        }
