"""Adafactor: steps relative to the size of the weights, by a factored mean of the squares of gradients."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fastcnn import ops
from fastcnn.graph import Variable
from fastcnn.optimizers.arguments import checked_positive
from fastcnn.optimizers.optimizer import Optimizer
from fastcnn.utils.arguments import checked_number


class Adafactor(Optimizer):
    """Adafactor, after Shazeer and Stern, "Adafactor: Adaptive Learning Rates with Sublinear Memory Cost",
    https://arxiv.org/abs/1804.04235.

    Of weights with two or more dimensions the mean of squares is kept as the product of its means over rows and over
    columns. With `u = g / sqrt(v)`, `w -= max(epsilon_2, rms(w)) * min(learning_rate, 1 / sqrt(t)) * u / max(1,
    rms(u) / clip_threshold)`.

    Args:
        learning_rate: A float, a schedule or a function, as in `Optimizer`. Default 0.001.
        beta_2_decay: The mean of squares forgets `t ** beta_2_decay` of itself in update number t. Default -0.8.
        epsilon_1: Is added to the squares of gradients. Default 1e-30.
        epsilon_2: The least size that weights are taken for. Default 0.001.
        clip_threshold: The largest root mean square of a step, before it is scaled. Default 1.
        relative_step: Without effect, as in Keras: the learning rate never exceeds `1 / sqrt(t)`.
        weight_decay, clipnorm, clipvalue, global_clipnorm, use_ema, ema_momentum, ema_overwrite_frequency,
            loss_scale_factor, gradient_accumulation_steps, name: As in `Optimizer`.

    Raises:
        ValueError: An argument of the wrong kind or range.

    Example:

    >>> import numpy as np
    >>> from fastcnn import optimizers
    >>> from fastcnn.graph import Variable
    >>> weight = Variable(np.ones(1, "float32"))
    >>> optimizers.Adafactor(learning_rate=0.5).apply([np.ones(1, "float32")], [weight])
    []
    >>> weight.numpy().round(3)
    array([0.5], dtype=float32)
    """

    def __init__(
        self,
        learning_rate: Any = 0.001,
        beta_2_decay: float = -0.8,
        epsilon_1: float = 1e-30,
        epsilon_2: float = 1e-3,
        clip_threshold: float = 1.0,
        relative_step: bool = True,
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
        self.beta_2_decay = checked_number(beta_2_decay, "beta_2_decay")
        self.epsilon_1 = checked_positive("epsilon_1", epsilon_1)
        self.epsilon_2 = checked_positive("epsilon_2", epsilon_2)
        self.clip_threshold = checked_positive("clip_threshold", clip_threshold)
        self.relative_step = relative_step

    def build(self, variables: Sequence[Variable]) -> None:
        """Make the means over rows and columns, and those of single weights."""
        if self.built:
            return
        super().build(variables)
        self.means: dict[Variable, tuple[Variable, Variable, Variable]] = {}
        for variable in variables:
            shape = variable.shape
            is_factored = len(shape) >= 2  # of others both means are numbers without use, for Keras's order in files
            rows = self.add_variable(shape[:-1] if is_factored else (), name=variable.name)
            columns = self.add_variable((*shape[:-2], shape[-1]) if is_factored else (), name=variable.name)
            self.means[variable] = (rows, columns, self.add_variable_from_reference(variable, "velocity"))

    def update_step(self, gradient: Any, variable: Variable, learning_rate: Any) -> None:
        """Update one weight."""
        rows, columns, velocity = self.means[variable]
        step = self.local_step()
        rate = ops.minimum(learning_rate, ops.divide(1.0, ops.sqrt(step)))
        size = ops.multiply(ops.maximum(root_mean_square(variable), self.epsilon_2), rate)
        kept = ops.subtract(1.0, ops.power(step, self.beta_2_decay))
        squares = ops.add(ops.square(gradient), self.epsilon_1)

        def mean(old: Variable, new: Any) -> Any:
            return ops.add(ops.multiply(old, kept), ops.multiply(new, ops.subtract(1.0, kept)))

        if gradient.ndim < 2:
            v = mean(velocity, squares)
        else:
            r, c = mean(rows, ops.mean(squares, axis=-1)), mean(columns, ops.mean(squares, axis=-2))
            self.assign(rows, r)
            self.assign(columns, c)
            share = ops.divide(r, ops.mean(r, axis=-1, keepdims=True))
            v = ops.multiply(ops.expand_dims(share, -1), ops.expand_dims(c, -2))
        self.assign(velocity, v)
        u = ops.divide(gradient, ops.sqrt(v))
        clipped = ops.divide(u, ops.maximum(ops.divide(root_mean_square(u), self.clip_threshold), 1.0))
        self.assign_sub(variable, ops.multiply(clipped, size))

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal optimizer."""
        return {
            **super().get_config(),
            "beta_2_decay": self.beta_2_decay,
            "epsilon_1": self.epsilon_1,
            "epsilon_2": self.epsilon_2,
            "clip_threshold": self.clip_threshold,
            "relative_step": self.relative_step,
        }


def root_mean_square(x: Any) -> Any:
    """The root of the mean of the squares, a number."""
    return ops.sqrt(ops.mean(ops.square(x)))
