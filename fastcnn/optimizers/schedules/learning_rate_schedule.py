"""The base of learning-rate schedules."""

from __future__ import annotations

from typing import Any

from fastcnn.utils.arguments import checked_number


class LearningRateSchedule:
    """A learning rate that depends on the number of steps done.

    Pass one to an optimizer as its `learning_rate`. One of your own defines `__call__`, and `get_config` if it is to be
    saved. It is called with an int before every step, outside of the compiled step: keep it to plain Python numbers.

    Example:

    >>> from fastcnn import optimizers
    >>> class Falling(optimizers.schedules.LearningRateSchedule):
    ...     def __init__(self, initial_learning_rate):
    ...         self.initial_learning_rate = initial_learning_rate
    ...
    ...     def __call__(self, step):
    ...         return self.initial_learning_rate / (step + 1)
    >>> optimizers.SGD(learning_rate=Falling(0.5)).learning_rate
    0.5
    """

    def __call__(self, step: Any) -> Any:
        raise NotImplementedError(
            f"Learning rate schedule '{type(self).__name__}' must override `__call__(self, step)`."
        )

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal schedule."""
        raise NotImplementedError(
            f"Learning rate schedule '{type(self).__name__}' must override `get_config()` in order to be serializable."
        )

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> LearningRateSchedule:
        """Make a schedule from what `get_config` returned."""
        return cls(**config)


def checked_steps(name: str, value: Any) -> Any:
    """A length of decay, above 0."""
    if checked_number(value, name) <= 0:
        raise ValueError(f"Argument `{name}` must be > 0. Received: {name}={value}")
    return value
