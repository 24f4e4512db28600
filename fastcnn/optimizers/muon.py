"""Muon: steps of matrices made orthogonal, AdamW for all other weights."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any

from fastcnn import ops
from fastcnn.graph import Variable
from fastcnn.optimizers.optimizer import Optimizer
from fastcnn.utils.arguments import checked_number


class Muon(Optimizer):
    """Muon, after Jordan, https://kellerjordan.github.io/posts/muon, with the scale of
    https://arxiv.org/abs/2502.16982.

    The momentum of a weight that is a matrix is brought near to the orthogonal matrix with the same singular vectors,
    by iterations of Newton and Schulz; other weights (of convolutions, biases, embeddings) are updated by AdamW.

    Args:
        learning_rate: A float, a schedule or a function, as in `Optimizer`. Default 0.001.
        adam_beta_1, adam_beta_2, epsilon: As `beta_1`, `beta_2` and `epsilon` of `AdamW`. Default 0.9, 0.999, 1e-7.
        adam_weight_decay: Weight decay of the weights that AdamW updates. Default 0.004.
        weight_decay: Weight decay of matrices. Default 0.004.
        exclude_layers: Regular expressions; weights in whose path (the layer's name, a slash, the weight's) one is
            found are updated by AdamW. Default: none.
        exclude_embeddings: Whether AdamW updates embeddings. Default True.
        muon_a, muon_b, muon_c: Coefficients of the iteration. Default 3.4445, -4.775, 2.0315.
        adam_lr_ratio: Factor of the learning rate for AdamW. Default 1.
        momentum: Share of the momentum that stays. Default 0.95.
        ns_steps: Number of iterations. Default 5.
        nesterov: Whether momentum is Nesterov's. Default True.
        rms_rate: Steps of an (n, m) matrix are scaled by `sqrt(max(n, m)) * rms_rate`; None: they are not. Default 0.2.
        clipnorm, clipvalue, global_clipnorm, use_ema, ema_momentum, ema_overwrite_frequency, loss_scale_factor,
            gradient_accumulation_steps, name: As in `Optimizer`.

    Raises:
        ValueError: An argument of the wrong kind or range.

    Example:

    >>> import numpy as np
    >>> from fastcnn import optimizers
    >>> from fastcnn.graph import Variable
    >>> weight = Variable(np.ones((2, 2), "float32"))
    >>> optimizers.Muon(0.5, weight_decay=None).apply([np.eye(2, dtype="float32")], [weight])
    []
    >>> weight.numpy().round(2)
    array([[0.84, 1.  ],
           [1.  , 0.84]], dtype=float32)
    """

    def __init__(
        self,
        learning_rate: Any = 0.001,
        adam_beta_1: float = 0.9,
        adam_beta_2: float = 0.999,
        adam_weight_decay: float | None = 0.004,
        epsilon: float = 1e-7,
        weight_decay: float | None = 0.004,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
        global_clipnorm: float | None = None,
        use_ema: bool = False,
        ema_momentum: float = 0.99,
        ema_overwrite_frequency: int | None = None,
        loss_scale_factor: float | None = None,
        gradient_accumulation_steps: int | None = None,
        name: str | None = None,
        exclude_layers: Sequence[str] | None = None,
        exclude_embeddings: bool = True,
        muon_a: float = 3.4445,
        muon_b: float = -4.7750,
        muon_c: float = 2.0315,
        adam_lr_ratio: float = 1,
        momentum: float = 0.95,
        ns_steps: int = 5,
        nesterov: bool = True,
        rms_rate: float | None = 0.2,
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
        self.adam_beta_1, self.adam_beta_2, self.epsilon = adam_beta_1, adam_beta_2, epsilon
        self.muon_a, self.muon_b, self.muon_c = muon_a, muon_b, muon_c
        self.adam_lr_ratio = adam_lr_ratio
        self.momentum = checked_number(momentum, "momentum")
        self.ns_steps = ns_steps
        self.nesterov = nesterov
        self.exclude_embeddings = exclude_embeddings
        self.exclude_layers = exclude_layers or []
        self.adam_weight_decay = adam_weight_decay
        self.rms_rate = rms_rate

    def uses_adamw(self, variable: Variable) -> bool:
        """Whether AdamW updates a weight."""
        if len(variable.shape) != 2 or (self.exclude_embeddings and "embedding" in variable.path.lower()):
            return True
        return any(re.search(pattern, variable.path) for pattern in self.exclude_layers)

    def build(self, variables: Sequence[Variable]) -> None:
        """Make the momenta, and for AdamW the means of squares."""
        if self.built:
            return
        super().build(variables)
        self.momenta: dict[Variable, Variable] = {}
        self.velocities: dict[Variable, Variable] = {}
        for variable in variables:
            self.momenta[variable] = self.add_variable_from_reference(variable, "momentum")
            if self.uses_adamw(variable):
                self.velocities[variable] = self.add_variable_from_reference(variable, "velocity")

    def decay_of(self, variable: Variable) -> float:
        """The weight decay of a weight."""
        decay = self.adam_weight_decay if self.uses_adamw(variable) else self.weight_decay
        return 0.0 if self.is_excluded(variable) or not decay else float(decay)

    def update_step(self, gradient: Any, variable: Variable, learning_rate: Any) -> None:
        """Update one weight."""
        if variable in self.velocities:
            self.adamw_step(gradient, variable, ops.multiply(learning_rate, float(self.adam_lr_ratio)))
            return
        m = self.momenta[variable]
        new = ops.add(m, ops.add(gradient, ops.multiply(m, self.momentum - 1)))
        self.assign(m, new)
        step = self.orthogonal(ops.add(gradient, ops.multiply(new, self.momentum)) if self.nesterov else new)
        scale = 1.0 if self.rms_rate is None else math.sqrt(max(variable.shape)) * self.rms_rate
        self.assign_sub(variable, ops.multiply(ops.multiply(step, learning_rate), scale))

    def adamw_step(self, gradient: Any, variable: Variable, learning_rate: Any) -> None:
        """Update one weight by AdamW."""
        m, v, step = self.momenta[variable], self.velocities[variable], self.local_step()
        first, second = (
            ops.subtract(1.0, ops.power(ops.multiply(ops.ones_like(step), beta), step))
            for beta in (self.adam_beta_1, self.adam_beta_2)
        )
        alpha = ops.divide(ops.multiply(learning_rate, ops.sqrt(second)), first)
        new_m = ops.add(m, ops.multiply(ops.subtract(gradient, m), 1 - self.adam_beta_1))
        new_v = ops.add(v, ops.multiply(ops.subtract(ops.square(gradient), v), 1 - self.adam_beta_2))
        self.assign(m, new_m)
        self.assign(v, new_v)
        self.assign_sub(variable, ops.divide(ops.multiply(new_m, alpha), ops.add(ops.sqrt(new_v), self.epsilon)))

    def orthogonal(self, x: Any) -> Any:
        """A matrix near to the orthogonal one with the singular vectors of x."""
        tall = x.shape[0] > x.shape[1]
        if tall:
            x = ops.transpose(x)
        x = ops.divide(x, ops.add(ops.sqrt(ops.sum(ops.square(x))), 1e-7))
        for _ in range(self.ns_steps):
            a = ops.matmul(x, ops.transpose(x))
            b = ops.add(ops.multiply(a, self.muon_b), ops.matmul(ops.multiply(a, self.muon_c), a))
            x = ops.add(ops.multiply(x, self.muon_a), ops.matmul(b, x))
        return ops.transpose(x) if tall else x

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal optimizer."""
        return {
            **super().get_config(),
            "adam_beta_1": self.adam_beta_1,
            "adam_beta_2": self.adam_beta_2,
            "epsilon": self.epsilon,
            "exclude_layers": self.exclude_layers,
            "muon_a": self.muon_a,
            "muon_b": self.muon_b,
            "muon_c": self.muon_c,
            "adam_lr_ratio": self.adam_lr_ratio,
            "momentum": self.momentum,
            "ns_steps": self.ns_steps,
            "nesterov": self.nesterov,
            "exclude_embeddings": self.exclude_embeddings,
            "adam_weight_decay": self.adam_weight_decay,
            "rms_rate": self.rms_rate,
        }
