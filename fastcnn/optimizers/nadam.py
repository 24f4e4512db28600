"""Nadam: Adam with Nesterov's momentum."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fastcnn.graph import Variable
from fastcnn.ops.update import nadam_state
from fastcnn.optimizers.arguments import checked_positive, checked_share
from fastcnn.optimizers.optimizer import Optimizer
from fastcnn.optimizers.scalar import Scalar


class Nadam(Optimizer):
    """Nadam, after Dozat, "Incorporating Nesterov Momentum into Adam",
    http://cs229.stanford.edu/proj2015/054_report.pdf.

    The step is Adam's, by a mix of the mean of gradients and of the gradient itself, whose shares follow from a
    momentum that grows to `beta_1`.

    Args:
        learning_rate: A float, a schedule or a function, as in `Optimizer`. Default 0.001.
        beta_1: Decay of the mean of gradients. Default 0.9.
        beta_2: Decay of the mean of their squares. Default 0.999.
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
    >>> optimizers.Nadam(learning_rate=0.5).apply([np.ones(1, "float32")], [weight])
    []
    >>> weight.numpy().round(3)
    array([0.469], dtype=float32)
    """

    updates_by_rule = True

    def __init__(
        self,
        learning_rate: Any = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
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
        self.beta_1 = checked_share("beta_1", beta_1)
        self.beta_2 = checked_share("beta_2", beta_2)
        self.epsilon = checked_positive("epsilon", epsilon)
        self._product = Scalar(1.0, "float32", "variable")

    def slot_groups(self) -> list[dict[str, float]]:
        """Names and first values of the slots."""
        return [{"momentum": 0.0, "velocity": 0.0}]

    @property
    def variables(self) -> list[Variable]:
        """Those of every optimizer, and the product of all momenta."""
        return [*super().variables, self._product] if self.built else super().variables

    def update_all(self, pairs: Sequence[tuple[Any, Variable]]) -> None:
        """Update weights by their gradients, after the momentum."""
        steps = self.gradient_accumulation_steps or 1
        self._results.append(nadam_state(self._product, self._iterations, float(self.beta_1), steps))
        super().update_all(pairs)

    def update_step(self, gradient: Any, variable: Variable, learning_rate: Any) -> None:
        """Update one weight."""
        options = {"beta_1": self.beta_1, "beta_2": self.beta_2, "epsilon": self.epsilon}
        self.update_by_rule("nadam", gradient, variable, self.slots(variable), self._product, **options)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal optimizer."""
        return {**super().get_config(), "beta_1": self.beta_1, "beta_2": self.beta_2, "epsilon": self.epsilon}
