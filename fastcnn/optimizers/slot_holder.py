"""The variables of an optimizer: slots for the weights that it trains, and what it keeps besides."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from fastcnn import initializers
from fastcnn.graph import Variable
from fastcnn.optimizers.scalar import Scalar
from fastcnn.plan.memory import aligned_views


class SlotHolder:
    """The part of `Optimizer` that has to do with its variables."""

    use_ema: bool
    gradient_accumulation_steps: int | None
    _iterations: Scalar
    _rate: Scalar
    _source: Callable[..., Any] | None

    @property
    def variables(self) -> list[Variable]:
        """The count of steps, the learning rate unless it is scheduled, and all slots, in Keras's order."""
        rate = [self._rate] if self._source is None else []
        slots = [slot for group in self._groups for slot in group]
        return [self._iterations, *rate, *self._averages, *self._sums, *slots, *self._own]

    def forget_weights(self) -> None:
        """Be as before `build`: for no weights, without slots."""
        self.built = False
        self._trainable_variables: list[Variable] = []
        self._index: dict[Variable, int] = {}
        self._slots: dict[Variable, tuple[Variable, ...]] = {}
        self._groups: list[list[Variable]] = []
        self._own: list[Variable] = []
        self._averages: list[Variable] = []
        self._sums: list[Variable] = []
        self.averages_in_weights = False

    def slot_groups(self) -> list[dict[str, float]]:
        """Names and first values of the slots of this package's optimizers, those of a group side by side."""
        return []

    def build(self, variables: Sequence[Variable]) -> None:
        """Make the slots of those variables that have none yet, each kind in one block of memory.

        Args:
            variables: The weights to be trained.
        """
        new = [variable for variable in variables if variable not in self._index]
        for variable in new:
            self._index[variable] = len(self._trainable_variables)
            self._trainable_variables.append(variable)
        if self.use_ema:
            self._averages += self.new_slots(new, {"average": 0.0})
        if self.gradient_accumulation_steps:
            self._sums += self.new_slots(new, {"gradient_accumulator": 0.0})
        groups = self.slot_groups()
        self._groups = self._groups or [[] for _ in groups]
        for held, group in zip(self._groups, groups, strict=True):
            slots = self.new_slots(new, group)
            held += slots
            for index, variable in enumerate(new):
                mine = tuple(slots[index * len(group) : (index + 1) * len(group)])
                self._slots[variable] = self._slots.get(variable, ()) + mine
        self.built = True

    def new_slots(self, variables: Sequence[Variable], group: dict[str, float]) -> list[Variable]:
        """The slots of a group for each of the variables."""
        blocks = [aligned_views([variable.shape for variable in variables], "float32") for _ in group]
        slots = []
        for index, variable in enumerate(variables):
            for (name, value), block in zip(group.items(), blocks, strict=True):
                block[index][...] = value
                slots.append(Variable(block[index], f"{slot_prefix(variable)}_{name}", trainable=False))
        return slots

    def slots(self, variable: Variable) -> tuple[Variable, ...]:
        """The slots kept for a weight, in the order of `slot_groups`."""
        return self._slots[variable]

    def add_variable(
        self, shape: Sequence[int], initializer: Any = "zeros", dtype: str | None = None, name: str | None = None
    ) -> Variable:
        """Make a variable of the optimizer.

        Args:
            shape: Its shape.
            initializer: A name or an initializer. Default zeros.
            dtype: Element type. Default float32.
            name: A name.
        """
        value = np.asarray(initializers.get(initializer)(tuple(shape)), dtype or "float32")
        variable = Variable(value, name or "variable", trainable=False)
        self._own.append(variable)
        return variable

    def add_variable_from_reference(
        self, reference_variable: Variable, name: str | None = None, initializer: Any = "zeros"
    ) -> Variable:
        """Make a slot for a weight: a variable of its shape."""
        name = f"{slot_prefix(reference_variable)}_{name or 'var'}"
        return self.add_variable(reference_variable.shape, initializer, name=name)

    def add_optimizer_variables(
        self, trainable_variables: Sequence[Variable], name: Any, initializer: Any = "zeros"
    ) -> Any:
        """Make slots for weights.

        Args:
            trainable_variables: The weights.
            name: The name of a kind of slot, or a list of such names.
            initializer: A name or an initializer, or a list of one for each kind.

        Returns:
            A list with the slot of each weight; with a list of names a tuple of such lists.
        """
        names = [name] if isinstance(name, str) else list(name)
        given = list(initializer) if isinstance(initializer, (list, tuple)) else [initializer] * len(names)
        if len(names) != len(given):
            raise ValueError(
                "The number of provided names must match the number of provided initializers. Received "
                f"name='{name}', initializer='{initializer}'"
            )
        kinds: tuple[list[Variable], ...] = tuple([] for _ in names)
        for variable in trainable_variables:
            for kind, kind_name, kind_initializer in zip(kinds, names, given, strict=True):
                kind.append(self.add_variable_from_reference(variable, kind_name, kind_initializer))
        return kinds[0] if isinstance(name, str) else kinds

    def _get_variable_index(self, variable: Variable) -> int:
        """The place of a weight among those that the optimizer was built for."""
        return self._index[variable]


def slot_prefix(variable: Variable) -> str:
    """How the names of a weight's slots begin."""
    return variable.name.replace("/", "_").replace(":", "_")
