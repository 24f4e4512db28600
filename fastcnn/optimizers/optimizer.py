"""The base of all optimizers: the learning rate, the count of updates, and the slots of each weight.

An optimizer states `update_step` with `fastcnn.ops`: on arrays it updates at once, on symbolic gradients it records
the in-place update that becomes part of a training step.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from fastcnn import ops
from fastcnn.graph import Tensor, Variable
from fastcnn.plan.memory import aligned_views


class Scalar(Variable):
    """A variable of one element, which takes and gives plain numbers."""

    def __init__(self, value: float, dtype: str, name: str) -> None:
        super().__init__(np.array([value], dtype), name, trainable=False)

    def assign(self, value: Any) -> None:
        """Set the number."""
        super().assign(np.asarray(value).reshape(self.shape))

    def numpy(self) -> np.ndarray:
        """The number, as an array of shape ()."""
        return self.value[0].copy()

    @property
    def operand(self) -> Any:
        """The number."""
        return self.value[0].item()

    def __lt__(self, other: Any) -> bool:
        return bool(self.operand < float(other))

    def __gt__(self, other: Any) -> bool:
        return bool(self.operand > float(other))

    def __float__(self) -> float:
        return float(self.value[0])

    def __int__(self) -> int:
        return int(self.value[0])

    def __repr__(self) -> str:
        return f"<Scalar {self.name} {self.value[0]}>"


class Optimizer:
    """Base class of optimizers.

    Args:
        learning_rate: A number above 0.
        name: A name for messages.

    Raises:
        ValueError: `learning_rate` is not a number above 0.

    Assigning a number to `learning_rate` takes effect from the next step on.
    """

    slot_names: tuple[str, ...] = ()
    """Names of the arrays kept for each weight."""

    def __init__(self, learning_rate: float, name: str) -> None:
        self.name = name
        self.iterations = Scalar(0, "int64", "iterations")
        self._learning_rate = Scalar(checked_rate(learning_rate), "float32", "learning_rate")
        self._slots: dict[Variable, tuple[Variable, ...]] = {}

    @property
    def learning_rate(self) -> Any:
        """The learning rate, a variable of one number."""
        return self._learning_rate

    @learning_rate.setter
    def learning_rate(self, value: Any) -> None:
        self._learning_rate.assign(checked_rate(value))

    @property
    def built(self) -> bool:
        """Whether slots exist for any weights."""
        return bool(self._slots)

    @property
    def variables(self) -> list[Variable]:
        """The count of updates, the learning rate and all slots."""
        return [self.iterations, self._learning_rate, *(slot for slots in self._slots.values() for slot in slots)]

    def build(self, variables: Sequence[Variable]) -> None:
        """Make the slots of those variables that have none yet, each kind in one block of memory.

        Args:
            variables: The weights to be trained.
        """
        new = [variable for variable in variables if variable not in self._slots]
        if not new:
            return
        kinds = []
        for slot_name in self.slot_names:
            arrays = aligned_views([variable.shape for variable in new], "float32")
            kinds.append(
                [
                    Variable(array, f"{variable.name}/{slot_name}", trainable=False)
                    for variable, array in zip(new, arrays, strict=True)
                ]
            )
        for index, variable in enumerate(new):
            self._slots[variable] = tuple(kind[index] for kind in kinds)

    def slots(self, variable: Variable) -> tuple[Variable, ...]:
        """The arrays kept for a weight, in the order of `slot_names`."""
        return self._slots[variable]

    def update_step(self, gradient: Any, variable: Variable) -> Any:
        """Update one weight; subclasses state this with the in-place ops of `fastcnn.ops` and return their result."""
        raise NotImplementedError(f"{type(self).__name__} defines no update_step(gradient, variable)")

    def apply(self, gradients: Sequence[Any], variables: Sequence[Variable]) -> list[Tensor]:
        """Update weights by their gradients, and count one update.

        Args:
            gradients: One for each variable: arrays (the update happens at once) or symbolic tensors (it is
                recorded). A variable whose gradient is None stays as it is.
            variables: The weights.

        Returns:
            The symbolic results, which a graph must name as outputs so that the updates happen; empty for arrays.

        Raises:
            ValueError: The numbers of gradients and variables differ, or no variable has a gradient.
        """
        if len(gradients) != len(variables):
            raise ValueError(f"received {len(gradients)} gradients for {len(variables)} variables; pass one for each")
        pairs = [pair for pair in zip(gradients, variables, strict=True) if pair[0] is not None]
        if not pairs:
            raise ValueError("no variable has a gradient: the loss does not depend on any trainable weight")
        self.build([variable for _, variable in pairs])
        symbolic = isinstance(pairs[0][0], Tensor)
        results: list[Any] = []
        for gradient, variable in pairs:
            result = self.update_step(gradient, variable)
            results += result if isinstance(result, tuple) else (result,)
        results.append(ops.increment(self.iterations.tensor if symbolic else self.iterations))
        return results if symbolic else []

    def apply_gradients(self, grads_and_vars: Iterable[tuple[Any, Variable]]) -> None:
        """`apply` for pairs of gradient and variable."""
        gradients, variables = zip(*grads_and_vars, strict=True)
        self.apply(gradients, variables)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal optimizer (without its state)."""
        return {"name": self.name, "learning_rate": float(self._learning_rate)}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Optimizer:
        """Make an optimizer from what `get_config` returned."""
        return cls(**config)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} learning_rate={float(self._learning_rate):g}>"


def checked_rate(learning_rate: Any) -> float:
    """The learning rate as a number, if it is one above or equal to 0."""
    try:
        rate = float(learning_rate)
    except (TypeError, ValueError):
        rate = -1.0
    if not 0.0 <= rate < float("inf"):
        raise ValueError(f"learning_rate must be a number that is not negative, received {learning_rate!r}")
    return rate


def checked_share(name: str, value: float) -> float:
    """A decay rate as a number, if it is one from 0 up to but not including 1."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0.0 <= value < 1.0:
        raise ValueError(f"{name} must be a number from 0 up to, not including, 1, received {value!r}")
    return float(value)
