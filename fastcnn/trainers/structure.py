"""What prepared steps of a model depend on, gathered anew only where something may have changed since the last time."""

from __future__ import annotations

import operator
from collections.abc import Iterator, Sequence
from typing import Any

from fastcnn._core import winograd
from fastcnn.graph.changes import Changes
from fastcnn.layers.weight_holder import all_layers

Token = Sequence[Any]

INTERNAL = {"_own_weights", "_own_fixed_weights", "_own_states", "_symbolic_calls", "_added_losses"}
"""Lists of a layer that hold no layers, or change only with a variable or an attribute, which leaves a mark."""


class Structure:
    """The objects that a model consists of, at one moment.

    Args:
        model: the model.

    `token` has the objects that a step for data sets is built from: the memory of all variables, the layers, what says
    which variables are trained, what `compile` set up, and whether Winograd's algorithm is switched on. `call_token`
    has those that a plain call depends on: it ends, as the call itself would, when an attribute of a layer is set.
    """

    def __init__(self, model: Any) -> None:
        self.mark = Changes.latest  # before anything is read, so that no later change is missed
        layers = list(all_layers(model))
        variables = model.variables
        self.token: Token = [
            *(variable.value for variable in variables),
            *(variable.trainable for variable in variables),
            *layers[1:],  # not the model: what it holds must not hold it
            model.trainable,
            model._compiled,
            winograd.enabled,
        ]
        self.call_token: Token = [*self.token, *(layer._changed for layer in layers)]
        self.containers = [(held, list(members(held))) for layer in layers for held in watched(layer)]

    def is_current(self) -> bool:
        """Whether nothing can have changed."""
        if self.mark is not Changes.latest:
            return False
        for held, before in self.containers:
            if len(held) != len(before) or not all(map(operator.is_, members(held), before)):
                return False
        return True


def same_objects(one: Token, other: Token) -> bool:
    """Whether two tokens have just the same objects."""
    return one is other or (len(one) == len(other) and all(map(operator.is_, one, other)))


def members(held: Any) -> Any:
    """The members of a list, the values of a dictionary."""
    return held.values() if isinstance(held, dict) else held


def watched(layer: Any) -> Iterator[Any]:
    """Lists and dictionaries that are attributes of a layer and hold layers, or may come to hold some: these can change
    and leave no mark."""
    for name, held in vars(layer).items():
        is_open = isinstance(held, (list, dict)) and name not in INTERNAL
        if is_open and (not held or any(hasattr(member, "sublayers") for member in members(held))):
            yield held
