"""RMSprop: the gradient divided by the root of the running mean of its square."""

from __future__ import annotations

from typing import Any

from fastcnn.graph import Variable
from fastcnn.optimizers.arguments import checked_positive, checked_share
from fastcnn.optimizers.optimizer import Optimizer
from fastcnn.utils.arguments import checked_number


class RMSprop(Optimizer):
    """RMSprop, after Hinton, http://www.cs.toronto.edu/~tijmen/csc321/slides/lecture_slides_lec6.pdf.

    With `velocity` the running mean of the square of the gradient, `w -= learning_rate * g / sqrt(velocity + epsilon)`.

    Args:
        learning_rate: A float, a schedule or a function, as in `Optimizer`. Default 0.001.
        rho: Decay of the mean of the squares. Default 0.9.
        momentum: Share of the last step in the next one. Default 0.
        epsilon: A small number against division by 0. Default 1e-7.
        centered: Whether to divide by the root of the variance of the gradient instead. Default False.
        weight_decay, clipnorm, clipvalue, global_clipnorm, use_ema, ema_momentum, ema_overwrite_frequency,
            loss_scale_factor, gradient_accumulation_steps, name: As in `Optimizer`.

    Raises:
        ValueError: An argument of the wrong kind or range.

    Example:

    >>> import numpy as np
    >>> from fastcnn import optimizers
    >>> from fastcnn.graph import Variable
    >>> weight = Variable(np.ones(1, "float32"))
    >>> optimizers.RMSprop(learning_rate=0.5).apply([np.ones(1, "float32")], [weight])
    []
    >>> weight.numpy().round(3)
    array([-0.581], dtype=float32)
    """

    updates_by_rule = True

    def __init__(
        self,
        learning_rate: Any = 0.001,
        rho: float = 0.9,
        momentum: float = 0.0,
        epsilon: float = 1e-7,
        centered: bool = False,
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
        self.momentum = checked_number(momentum, "momentum")
        self.epsilon = checked_positive("epsilon", epsilon)
        self.centered = centered

    def slot_groups(self) -> list[dict[str, float]]:
        """Names and first values of the slots."""
        momentum = [{"momentum": 0.0}] if self.momentum > 0 else []
        return [{"velocity": 0.0}, *momentum, *([{"average_gradient": 0.0}] if self.centered else [])]

    def update_step(self, gradient: Any, variable: Variable, learning_rate: Any) -> None:
        """Update one weight."""
        options = {"rho": self.rho, "epsilon": self.epsilon}
        rule = "rmsprop_centered" if self.centered else "rmsprop"
        if self.momentum > 0:
            rule, options["momentum"] = f"{rule}_momentum", self.momentum
        self.update_by_rule(rule, gradient, variable, self.slots(variable), **options)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal optimizer."""
        return {
            **super().get_config(),
            "rho": self.rho,
            "momentum": self.momentum,
            "epsilon": self.epsilon,
            "centered": self.centered,
        }
