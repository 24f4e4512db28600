"""AdamW: Adam with weight decay."""

from __future__ import annotations

from typing import Any

from fastcnn.optimizers.adam import Adam


class AdamW(Adam):
    """Adam with decoupled weight decay, after Loshchilov and Hutter, https://arxiv.org/abs/1711.05101.

    Every update begins with `w -= learning_rate * weight_decay * w`.

    Args:
        learning_rate: A float, a schedule or a function, as in `Optimizer`. Default 0.001.
        weight_decay: Share of each weight, times the learning rate, that it loses in every update. Default 0.004.
        beta_1, beta_2, epsilon, amsgrad: As in `Adam`.
        clipnorm, clipvalue, global_clipnorm, use_ema, ema_momentum, ema_overwrite_frequency, loss_scale_factor,
            gradient_accumulation_steps, name: As in `Optimizer`.

    Raises:
        ValueError: An argument of the wrong kind or range.

    Example:

    >>> import numpy as np
    >>> from fastcnn import optimizers
    >>> from fastcnn.graph import Variable
    >>> weight = Variable(np.ones(1, "float32"))
    >>> optimizers.AdamW(learning_rate=0.5, weight_decay=0.1).apply([np.ones(1, "float32")], [weight])
    []
    >>> weight.numpy().round(3)
    array([0.45], dtype=float32)
    """

    def __init__(
        self,
        learning_rate: Any = 0.001,
        weight_decay: float = 0.004,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        amsgrad: bool = False,
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
            beta_1,
            beta_2,
            epsilon,
            amsgrad,
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
        if self.weight_decay is None:
            raise ValueError("Argument `weight_decay` must be a float. Received: weight_decay=None")
