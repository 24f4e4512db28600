"""Adam: gradient descent by running means of the gradient and of its square."""

from __future__ import annotations

from typing import Any

from fastcnn import ops
from fastcnn.graph import Variable
from fastcnn.optimizers.optimizer import Optimizer, checked_share


class Adam(Optimizer):
    """Adam, after Kingma and Ba, "Adam: A Method for Stochastic Optimization", https://arxiv.org/abs/1412.6980.

    With `m` and `v` the running means of the gradient and of its square, and `t` the number of the update,
    `w -= learning_rate * sqrt(1 - beta_2**t) / (1 - beta_1**t) * m / (sqrt(v) + epsilon)`.

    Args:
        learning_rate: A number above 0. Default 0.001.
        beta_1: Decay of the mean of gradients, from 0 up to 1. Default 0.9.
        beta_2: Decay of the mean of their squares, from 0 up to 1. Default 0.999.
        epsilon: A small number against division by 0 (the paper's "epsilon hat"). Default 1e-7.
        name: A name for messages.

    Raises:
        ValueError: A number is out of its range.

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

    slot_names = ("momentum", "velocity")

    def __init__(
        self,
        learning_rate: float = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        name: str = "adam",
    ) -> None:
        super().__init__(learning_rate, name)
        self.beta_1 = checked_share("beta_1", beta_1)
        self.beta_2 = checked_share("beta_2", beta_2)
        if not epsilon >= 0.0:
            raise ValueError(f"epsilon must not be negative, received {epsilon!r}")
        self.epsilon = float(epsilon)

    def update_step(self, gradient: Any, variable: Variable) -> Any:
        """Update one weight."""
        momentum, velocity = self.slots(variable)
        return ops.adam_update(
            variable,
            gradient,
            momentum,
            velocity,
            self._learning_rate,
            self.iterations,
            beta_1=self.beta_1,
            beta_2=self.beta_2,
            epsilon=self.epsilon,
        )

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal optimizer."""
        return {
            **super().get_config(),
            "beta_1": self.beta_1,
            "beta_2": self.beta_2,
            "epsilon": self.epsilon,
        }
