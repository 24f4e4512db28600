"""The weights of a layer and of the layers inside: made, listed, counted, read and set."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from fastcnn import constraints, initializers, regularizers
from fastcnn.graph import Variable
from fastcnn.layers.arguments import checked_shape
from fastcnn.layers.memory import new_weight
from fastcnn.layers.naming import checked_name
from fastcnn.random import SeedGenerator

BOOKKEEPING = {
    "_arranged",
    "_known_output",
    "_known_output_shape",
    "_output_shape",
    "_structure",
    "history",
    "progress",
    "stop_training",
}
"""Attributes that have no influence on what a layer computes; layers in them do not belong to it."""


class WeightHolder:
    """The part of `Layer` that has to do with weights."""

    name: str
    built: bool

    def __init__(self, trainable: bool) -> None:
        self._trainable = trainable
        self._own_weights: list[Variable] = []
        self._own_fixed_weights: list[Variable] = []
        self._own_states: list[Variable] = []

    def add_weight(
        self,
        shape: Sequence[int] = (),
        initializer: Any = None,
        dtype: Any = None,
        *,
        trainable: bool = True,
        autocast: bool = True,
        regularizer: Any = None,
        constraint: Any = None,
        aggregation: str = "none",
        name: str | None = None,
    ) -> Variable:
        """Make a weight; used in `build`.

        Args:
            shape: its shape. Default `()`: a number.
            initializer: name or object. Default None: "glorot_uniform".
            dtype: None or "float32".
            trainable: whether training changes it. Default True.
            autocast: taken and ignored, as is `aggregation`: there is one dtype and one machine.
            regularizer: penalty for the loss of training; name, object or function. Default None.
            constraint: what gives the allowed value after each update; name, object or function. Default None.
            name: a name, e.g. "kernel". Default "variable".

        Returns:
            The variable, whose `value` is the array; ops take it as it is.

        Raises:
            ValueError: an argument does not fit.
            MemoryError: it would be larger than the machine's memory.
        """
        if isinstance(shape, str):
            raise ValueError(f"add_weight's first argument is the shape; pass name={shape!r} by keyword")
        name = "variable" if name is None else checked_name(name)
        dims = tuple(-1 if size is None else size for size in checked_shape(shape, "shape"))
        if -1 in dims:
            raise ValueError(f"the shape of a weight must be known, received shape={tuple(shape)}")
        if dtype not in (None, "float32", np.float32):
            raise ValueError(f"dtype must be 'float32', received dtype={dtype!r}")
        make = initializers.get(initializer) or initializers.GlorotUniform()
        value = new_weight(dims, make, f"{name} of layer {self.name!r}")
        variable = Variable(value, name, trainable and self._trainable)
        variable.path = f"{self.name}/{name}"
        variable.regularizer = regularizers.get(regularizer)
        variable.constraint = constraints.get(constraint)
        (self._own_weights if trainable else self._own_fixed_weights).append(variable)
        return variable

    def add_state(self, value: np.ndarray, name: str) -> Variable:
        """Keep an array that is no weight, such as the state of a random generator: it is not counted, and saved only
        with the whole model."""
        variable = Variable(value, name, trainable=False)
        self._own_states.append(variable)
        return variable

    def sublayers(self) -> Iterator[tuple[str, Any]]:
        """The layers stored in attributes, with the attribute's name, in the order in which they were stored."""
        for attribute, value in list(vars(self).items()):
            if attribute in BOOKKEEPING:
                continue
            if isinstance(value, WeightHolder):
                yield attribute, value
            elif isinstance(value, (list, tuple, dict)):
                for member in value.values() if isinstance(value, dict) else value:
                    if isinstance(member, WeightHolder):
                        yield attribute, member

    @property
    def weights(self) -> list[Variable]:
        """All weights: the layer's own, those that training changes first, then those of the layers inside."""
        inner = [weight for _, layer in self.sublayers() for weight in layer.weights]
        return unique([*self._own_weights, *self._own_fixed_weights, *inner])

    @property
    def variables(self) -> list[Variable]:
        """The weights and the states of random generators."""
        inner = [variable for _, layer in self.sublayers() for variable in layer.variables]
        return unique([*self.weights, *self.own_states, *inner])

    @property
    def own_states(self) -> list[Variable]:
        """The states of the layer itself: those that it has added, and those of generators stored in attributes."""
        generators = [value.state for value in vars(self).values() if isinstance(value, SeedGenerator)]
        return [*self._own_states, *generators]

    @property
    def trainable_weights(self) -> list[Variable]:
        """The weights that training changes."""
        return [variable for variable in self.weights if variable.trainable] if self.trainable else []

    @property
    def non_trainable_weights(self) -> list[Variable]:
        """The weights that training leaves as they are."""
        return [variable for variable in self.weights if not (self.trainable and variable.trainable)]

    @property
    def trainable_variables(self) -> list[Variable]:
        """The same as `trainable_weights`."""
        return self.trainable_weights

    @property
    def non_trainable_variables(self) -> list[Variable]:
        """All variables but the trainable weights."""
        return [variable for variable in self.variables if not (self.trainable and variable.trainable)]

    @property
    def trainable(self) -> bool:
        """Whether training changes the weights; setting it sets it for the layers inside, too."""
        return self._trainable

    @trainable.setter
    def trainable(self, value: bool) -> None:
        self._trainable = bool(value)
        for variable in self._own_weights:
            variable.trainable = self._trainable
        for _, layer in self.sublayers():
            layer.trainable = self._trainable

    def get_weights(self) -> list[np.ndarray]:
        """Copies of all weights, in the order of `weights`."""
        return [variable.numpy() for variable in self.weights]

    def set_weights(self, weights: Sequence[Any]) -> None:
        """Set all weights.

        Args:
            weights: arrays in the order and of the shapes of `get_weights()`.

        Raises:
            ValueError: their number or a shape does not fit; no weight is changed then.
        """
        variables = self.weights
        if not isinstance(weights, Iterable):
            raise ValueError(f"weights must be a list of arrays, received weights={weights!r}")
        arrays = [np.asarray(weight) for weight in weights]
        if len(arrays) != len(variables):
            hint = "" if self.built else "; it is not built yet and has no weights: call build(input_shape) first"
            raise ValueError(
                f"You called set_weights(weights) on layer {self.name!r} with a weight list of length {len(arrays)}, "
                f"but the layer was expecting {len(variables)} weights{hint}"
            )
        for variable, array in zip(variables, arrays, strict=True):
            if variable.shape != array.shape:
                raise ValueError(
                    f"Layer {self.name!r}: weight {variable.name!r} of shape {variable.shape} is not compatible with "
                    f"provided weight shape {array.shape}"
                )
            if array.dtype.kind not in "biuf":
                raise TypeError(
                    f"Layer {self.name!r}: weight {variable.name!r} needs numbers, received dtype {array.dtype}"
                )
        for variable, array in zip(variables, arrays, strict=True):
            variable.assign(array)

    def count_params(self) -> int:
        """The number of elements of all weights.

        Raises:
            ValueError: the layer is not built yet.
        """
        if not self.built:
            raise ValueError(
                f"You tried to call count_params on layer {self.name!r}, but the layer isn't built. "
                "You can build it by calling it, or by build(input_shape)"
            )
        return sum(math.prod(variable.shape) for variable in self.weights)


def all_layers(layer: Any) -> Iterator[Any]:
    """A layer and all layers inside."""
    yield layer
    for _, inner in layer.sublayers():
        yield from all_layers(inner)


def unique(variables: Sequence[Variable]) -> list[Variable]:
    """The variables without repetitions, in order."""
    return list(dict.fromkeys(variables))
