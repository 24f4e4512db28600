"""Checks of the arguments of optimizers: errors say what was received."""

from __future__ import annotations

from typing import Any

import numpy as np

from fastcnn.utils.arguments import checked_number


def checked_rate(learning_rate: Any) -> float:
    """The learning rate as a number, if it is one above or equal to 0."""
    try:
        rate = float(learning_rate)
    except (TypeError, ValueError):
        rate = -1.0
    if not 0.0 <= rate < float("inf"):
        raise ValueError(
            "learning_rate must be a number that is not negative, a LearningRateSchedule, or a function without "
            f"arguments that returns one, received {learning_rate!r}"
        )
    return rate


def check_shared(optimizer: Any) -> None:
    """Check the arguments that all optimizers share."""
    steps = optimizer.gradient_accumulation_steps
    if steps and not (isinstance(steps, (int, np.integer)) and steps >= 2):
        raise ValueError(
            f"`gradient_accumulation_steps` must be an integer >= 2. Received: gradient_accumulation_steps={steps}"
        )
    if optimizer.use_ema:
        momentum, every = optimizer.ema_momentum, optimizer.ema_overwrite_frequency
        if not 0 <= checked_number(momentum, "ema_momentum") <= 1:
            raise ValueError(f"`ema_momentum` must be in the range [0, 1]. Received: ema_momentum={momentum}")
        if every and (not isinstance(every, int) or every < 1):
            raise ValueError(
                f"`ema_overwrite_frequency` must be an integer >= 1 or None. Received: ema_overwrite_frequency={every}"
            )
    for name in ("weight_decay", "loss_scale_factor"):
        if getattr(optimizer, name) is not None:
            checked_number(getattr(optimizer, name), name)
    clips = {name: getattr(optimizer, name) for name in ("clipnorm", "clipvalue", "global_clipnorm")}
    for name, value in clips.items():
        if value is not None:
            checked_number(value, name, least=0)
    if sum(value is not None for value in clips.values()) > 1:
        received = ", ".join(f"{name}={value}" for name, value in clips.items())
        raise ValueError(f"Only one of `clipnorm`, `clipvalue` and `global_clipnorm` can be set. Received: {received}")


def checked_momentum(momentum: Any) -> float:
    """The momentum of gradient descent, a float from 0 to 1."""
    if not isinstance(momentum, float) or momentum < 0 or momentum > 1:
        raise ValueError(f"`momentum` must be a float between [0, 1]. Received: momentum={momentum!r}")
    return momentum


def checked_positive(name: str, value: float) -> float:
    """A number that is not negative."""
    if checked_number(value, name) < 0.0:
        raise ValueError(f"`{name}` needs to be positive or zero. Received: {name}={value}.")
    return value


def checked_share(name: str, value: Any) -> Any:
    """A decay, a number from 0 up to but not including 1."""
    if isinstance(value, bool) or not isinstance(value, (int, float, np.floating)) or not 0.0 <= value < 1.0:
        raise ValueError(f"{name} must be a number from 0 up to, not including, 1, received {value!r}")
    return value
