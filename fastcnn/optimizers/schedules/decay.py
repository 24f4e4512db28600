"""Schedules that fall from an initial learning rate: exponentially, by inverse time, as a polynomial, in stairs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from fastcnn.optimizers.schedules.learning_rate_schedule import LearningRateSchedule, checked_steps
from fastcnn.utils.arguments import checked_number


class ExponentialDecay(LearningRateSchedule):
    """`initial_learning_rate * decay_rate ** (step / decay_steps)`.

    Args:
        initial_learning_rate: The learning rate of the first step.
        decay_steps: The steps in which it falls by `decay_rate`; above 0.
        decay_rate: A number.
        staircase: Whether the exponent is rounded down to whole numbers. Default False.
        name: A name.

    Raises:
        ValueError: `decay_steps` is not above 0.

    Example:

    >>> from fastcnn.optimizers import schedules
    >>> schedules.ExponentialDecay(0.5, decay_steps=10, decay_rate=0.5)(20)
    0.125
    """

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: float,
        decay_rate: float,
        staircase: bool = False,
        name: str = "ExponentialDecay",
    ) -> None:
        self.initial_learning_rate = checked_number(initial_learning_rate, "initial_learning_rate")
        self.decay_steps = checked_steps("decay_steps", decay_steps)
        self.decay_rate = checked_number(decay_rate, "decay_rate")
        self.staircase = staircase
        self.name = name

    def __call__(self, step: Any) -> float:
        passed = float(step) / self.decay_steps
        return self.initial_learning_rate * self.decay_rate ** (math.floor(passed) if self.staircase else passed)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal schedule."""
        return {
            "initial_learning_rate": self.initial_learning_rate,
            "decay_steps": self.decay_steps,
            "decay_rate": self.decay_rate,
            "staircase": self.staircase,
            "name": self.name,
        }


class InverseTimeDecay(LearningRateSchedule):
    """`initial_learning_rate / (1 + decay_rate * step / decay_steps)`.

    Args:
        initial_learning_rate: The learning rate of the first step.
        decay_steps: A number of steps; above 0.
        decay_rate: A number.
        staircase: Whether `step / decay_steps` is rounded down to whole numbers. Default False.
        name: A name.

    Raises:
        ValueError: `decay_steps` is not above 0.

    Example:

    >>> from fastcnn.optimizers import schedules
    >>> schedules.InverseTimeDecay(0.5, decay_steps=10, decay_rate=1.0)(30)
    0.125
    """

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: float,
        decay_rate: float,
        staircase: bool = False,
        name: str = "InverseTimeDecay",
    ) -> None:
        self.initial_learning_rate = checked_number(initial_learning_rate, "initial_learning_rate")
        self.decay_steps = checked_steps("decay_steps", decay_steps)
        self.decay_rate = checked_number(decay_rate, "decay_rate")
        self.staircase = staircase
        self.name = name

    def __call__(self, step: Any) -> float:
        passed = float(step) / self.decay_steps
        return self.initial_learning_rate / (1 + self.decay_rate * (math.floor(passed) if self.staircase else passed))

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal schedule."""
        return {
            "initial_learning_rate": self.initial_learning_rate,
            "decay_steps": self.decay_steps,
            "decay_rate": self.decay_rate,
            "staircase": self.staircase,
            "name": self.name,
        }


class PolynomialDecay(LearningRateSchedule):
    """`(initial_learning_rate - end_learning_rate) * (1 - step / decay_steps) ** power + end_learning_rate`.

    Args:
        initial_learning_rate: The learning rate of the first step.
        decay_steps: The step from which on it is `end_learning_rate`; above 0.
        end_learning_rate: The learning rate in the end. Default 0.0001.
        power: Power of the polynomial. Default 1.
        cycle: Whether to begin anew, with the next multiple of `decay_steps` as the end. Default False.
        name: A name.

    Raises:
        ValueError: `decay_steps` is not above 0.

    Example:

    >>> from fastcnn.optimizers import schedules
    >>> schedules.PolynomialDecay(0.5, decay_steps=10, end_learning_rate=0.0)(5)
    0.25
    """

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: float,
        end_learning_rate: float = 0.0001,
        power: float = 1.0,
        cycle: bool = False,
        name: str = "PolynomialDecay",
    ) -> None:
        self.initial_learning_rate = checked_number(initial_learning_rate, "initial_learning_rate")
        self.decay_steps = checked_steps("decay_steps", decay_steps)
        self.end_learning_rate = checked_number(end_learning_rate, "end_learning_rate")
        self.power = checked_number(power, "power")
        self.cycle = cycle
        self.name = name

    def __call__(self, step: Any) -> float:
        step, end = float(step), float(self.decay_steps)
        if self.cycle:
            end *= max(math.ceil(step / end), 1)
        left = 1 - min(step, end) / end
        return (self.initial_learning_rate - self.end_learning_rate) * left**self.power + self.end_learning_rate

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal schedule."""
        return {
            "initial_learning_rate": self.initial_learning_rate,
            "decay_steps": self.decay_steps,
            "end_learning_rate": self.end_learning_rate,
            "power": self.power,
            "cycle": self.cycle,
            "name": self.name,
        }


class PiecewiseConstantDecay(LearningRateSchedule):
    """One value up to and with each boundary, and one behind the last.

    Args:
        boundaries: Numbers of steps, rising.
        values: Learning rates, one more than boundaries.
        name: A name.

    Raises:
        ValueError: The lengths do not fit.

    Example:

    >>> from fastcnn.optimizers import schedules
    >>> schedule = schedules.PiecewiseConstantDecay([100, 200], [0.5, 0.25, 0.125])
    >>> schedule(100), schedule(101), schedule(1000)
    (0.5, 0.25, 0.125)
    """

    def __init__(self, boundaries: Sequence[float], values: Sequence[float], name: str = "PiecewiseConstant") -> None:
        for argument, numbers in (("boundaries", boundaries), ("values", values)):
            if not isinstance(numbers, (list, tuple, np.ndarray)):
                raise ValueError(f"{argument} must be a list of numbers, received {argument}={numbers!r}")
            for number in numbers:
                checked_number(number, argument)
        if len(boundaries) != len(values) - 1:
            raise ValueError(
                "The length of boundaries should be 1 less than the length of values. Received: "
                f"boundaries={boundaries} of length {len(boundaries)}, and values={values} of length {len(values)}."
            )
        self.boundaries = boundaries
        self.values = values
        self.name = name

    def __call__(self, step: Any) -> float:
        step = float(step)
        passed = sum(step > boundary for boundary in self.boundaries)
        return float(self.values[passed])

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal schedule."""
        return {"boundaries": self.boundaries, "values": self.values, "name": self.name}
