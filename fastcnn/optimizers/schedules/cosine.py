"""Schedules that fall along a cosine, once or again and again."""

from __future__ import annotations

import math
from typing import Any

from fastcnn.optimizers.schedules.learning_rate_schedule import LearningRateSchedule, checked_steps
from fastcnn.utils.arguments import checked_number


class CosineDecay(LearningRateSchedule):
    """Half a cosine down to `alpha` times where it begins, after a straight warm-up if there is a target.

    Args:
        initial_learning_rate: The learning rate of the first step.
        decay_steps: The steps of the cosine; above 0.
        alpha: The share of the learning rate that is left in the end. Default 0.
        name: A name.
        warmup_target: None, or the learning rate to which it rises in a straight line before it falls.
        warmup_steps: The steps of that rise. Default 0.

    Raises:
        ValueError: `decay_steps` is not above 0.

    Source: Loshchilov and Hutter, "SGDR: Stochastic Gradient Descent with Warm Restarts",
    https://arxiv.org/abs/1608.03983.

    Example:

    >>> from fastcnn.optimizers import schedules
    >>> schedule = schedules.CosineDecay(0.0, decay_steps=100, warmup_target=0.5, warmup_steps=10)
    >>> schedule(5), schedule(10), round(schedule(60), 6), schedule(110)
    (0.25, 0.5, 0.25, 0.0)
    """

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: float,
        alpha: float = 0.0,
        name: str = "CosineDecay",
        warmup_target: float | None = None,
        warmup_steps: float = 0,
    ) -> None:
        self.initial_learning_rate = checked_number(initial_learning_rate, "initial_learning_rate")
        self.decay_steps = checked_steps("decay_steps", decay_steps)
        self.alpha = checked_number(alpha, "alpha")
        self.name = name
        self.warmup_steps = checked_number(warmup_steps, "warmup_steps")
        self.warmup_target = warmup_target

    def __call__(self, step: Any) -> float:
        step, top = float(step), self.initial_learning_rate
        if self.warmup_target is not None:
            if step < self.warmup_steps:
                return top + (self.warmup_target - top) * step / self.warmup_steps
            step, top = step - self.warmup_steps, self.warmup_target
        cosine = 0.5 * (1 + math.cos(math.pi * min(step, self.decay_steps) / self.decay_steps))
        return top * ((1 - self.alpha) * cosine + self.alpha)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal schedule."""
        return {
            "initial_learning_rate": self.initial_learning_rate,
            "decay_steps": self.decay_steps,
            "alpha": self.alpha,
            "name": self.name,
            "warmup_target": self.warmup_target,
            "warmup_steps": self.warmup_steps,
        }


class CosineDecayRestarts(LearningRateSchedule):
    """Half a cosine, then a longer one, and so on.

    Args:
        initial_learning_rate: The learning rate of the first step.
        first_decay_steps: The steps of the first cosine; above 0.
        t_mul: How many times as long each following one is. Default 2.
        m_mul: How many times as high each following one begins. Default 1.
        alpha: The share of the learning rate that is left at the ends. Default 0.
        name: A name.

    Raises:
        ValueError: `first_decay_steps` is not above 0.

    Source: as `CosineDecay`.

    Example:

    >>> from fastcnn.optimizers import schedules
    >>> schedule = schedules.CosineDecayRestarts(0.5, first_decay_steps=10)
    >>> schedule(0), round(schedule(5), 6), schedule(10), round(schedule(20), 6)
    (0.5, 0.25, 0.5, 0.25)
    """

    def __init__(
        self,
        initial_learning_rate: float,
        first_decay_steps: float,
        t_mul: float = 2.0,
        m_mul: float = 1.0,
        alpha: float = 0.0,
        name: str = "SGDRDecay",
    ) -> None:
        self.initial_learning_rate = checked_number(initial_learning_rate, "initial_learning_rate")
        self.first_decay_steps = checked_steps("first_decay_steps", first_decay_steps)
        self._t_mul = checked_number(t_mul, "t_mul")
        self._m_mul = checked_number(m_mul, "m_mul")
        self.alpha = checked_number(alpha, "alpha")
        self.name = name

    def __call__(self, step: Any) -> float:
        passed = float(step) / self.first_decay_steps
        if self._t_mul == 1.0:
            restarts = math.floor(passed)
            passed -= restarts
        else:
            restarts = math.floor(math.log(1 - passed * (1 - self._t_mul)) / math.log(self._t_mul))
            length = self._t_mul**restarts
            passed = (passed - (1 - length) / (1 - self._t_mul)) / length
        cosine = 0.5 * self._m_mul**restarts * (1 + math.cos(math.pi * passed))
        return self.initial_learning_rate * ((1 - self.alpha) * cosine + self.alpha)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal schedule."""
        return {
            "initial_learning_rate": self.initial_learning_rate,
            "first_decay_steps": self.first_decay_steps,
            "t_mul": self._t_mul,
            "m_mul": self._m_mul,
            "alpha": self.alpha,
            "name": self.name,
        }
