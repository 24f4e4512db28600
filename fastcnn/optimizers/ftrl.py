"""Ftrl: follow the regularized leader."""

from __future__ import annotations

from typing import Any

from fastcnn.graph import Variable
from fastcnn.optimizers.arguments import checked_positive
from fastcnn.optimizers.optimizer import Optimizer
from fastcnn.utils.arguments import checked_number


class Ftrl(Optimizer):
    """Ftrl, after McMahan et al., "Ad Click Prediction: a View from the Trenches", for large and sparse models.

    `n` is the sum of the squares of all gradients, `z` a sum of gradients; small weights become exactly 0:
    `w = (clip(z, -l1, l1) - z) / (n**-learning_rate_power / learning_rate + 2 * l2)`.

    Args:
        learning_rate: A float, a schedule or a function, as in `Optimizer`. Default 0.001.
        learning_rate_power: How the rate falls with the sum of squares, at most 0. Default -0.5.
        initial_accumulator_value: What the sums of squares start from. Default 0.1.
        l1_regularization_strength: Penalty of the weights' magnitudes. Default 0.
        l2_regularization_strength: Penalty of their squares. Default 0.
        l2_shrinkage_regularization_strength: Penalty of their squares, added to the gradient. Default 0.
        beta: Added to the penalty of squares, by the learning rate. Default 0.
        weight_decay, clipnorm, clipvalue, global_clipnorm, use_ema, ema_momentum, ema_overwrite_frequency,
            loss_scale_factor, gradient_accumulation_steps, name: As in `Optimizer`.

    Raises:
        ValueError: An argument of the wrong kind or range.

    Example:

    >>> import numpy as np
    >>> from fastcnn import optimizers
    >>> from fastcnn.graph import Variable
    >>> weight = Variable(np.ones(1, "float32"))
    >>> optimizers.Ftrl(learning_rate=0.5).apply([np.ones(1, "float32")], [weight])
    []
    >>> weight.numpy().round(3)
    array([0.222], dtype=float32)
    """

    updates_by_rule = True

    def __init__(
        self,
        learning_rate: Any = 0.001,
        learning_rate_power: float = -0.5,
        initial_accumulator_value: float = 0.1,
        l1_regularization_strength: float = 0.0,
        l2_regularization_strength: float = 0.0,
        l2_shrinkage_regularization_strength: float = 0.0,
        beta: float = 0.0,
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
        checked_positive("initial_accumulator_value", initial_accumulator_value)
        checked_positive("l1_regularization_strength", l1_regularization_strength)
        checked_positive("l2_regularization_strength", l2_regularization_strength)
        checked_positive("l2_shrinkage_regularization_strength", l2_shrinkage_regularization_strength)
        if checked_number(learning_rate_power, "learning_rate_power") > 0.0:
            raise ValueError(
                "`learning_rate_power` needs to be negative or zero. Received: "
                f"learning_rate_power={learning_rate_power}."
            )
        self.learning_rate_power = learning_rate_power
        self.initial_accumulator_value = initial_accumulator_value
        self.l1_regularization_strength = l1_regularization_strength
        self.l2_regularization_strength = l2_regularization_strength
        self.l2_shrinkage_regularization_strength = l2_shrinkage_regularization_strength
        self.beta = checked_number(beta, "beta")

    def slot_groups(self) -> list[dict[str, float]]:
        """Names and first values of the slots."""
        return [{"accumulator": self.initial_accumulator_value, "linear": 0.0}]

    def update_step(self, gradient: Any, variable: Variable, learning_rate: Any) -> None:
        """Update one weight."""
        options = {
            "learning_rate_power": self.learning_rate_power,
            "l1": self.l1_regularization_strength,
            "l2": self.l2_regularization_strength,
            "l2_shrinkage": self.l2_shrinkage_regularization_strength,
            "beta": self.beta,
        }
        self.update_by_rule("ftrl", gradient, variable, self.slots(variable), **options)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal optimizer."""
        return {
            **super().get_config(),
            "learning_rate_power": self.learning_rate_power,
            "initial_accumulator_value": self.initial_accumulator_value,
            "l1_regularization_strength": self.l1_regularization_strength,
            "l2_regularization_strength": self.l2_regularization_strength,
            "l2_shrinkage_regularization_strength": self.l2_shrinkage_regularization_strength,
            "beta": self.beta,
        }
