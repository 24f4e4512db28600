"""Several optimizers at once, each for some of the weights."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, MutableMapping, Sequence
from typing import Any

from fastcnn import ops
from fastcnn.graph import Tensor, Variable
from fastcnn.graph.recording import recording
from fastcnn.optimizers.loss_scale_optimizer import LossScaleOptimizer
from fastcnn.optimizers.optimizer import Optimizer


class OptimizerMap(MutableMapping[str, Optimizer]):
    """Which optimizer updates a weight, by the weight's path, such as "dense/kernel".

    Args:
        default_optimizer: For weights that no key names.
        optimizer_map: A dictionary of paths, or regular expressions that match whole paths, and optimizers. Default
            None: empty; add to it by `[key] = optimizer`.

    Raises:
        TypeError: It is no optimizer, or no dictionary.

    Example:

    >>> from fastcnn import optimizers
    >>> by_path = optimizers.OptimizerMap(optimizers.SGD(0.1))
    >>> by_path["head/.*"] = optimizers.Adam(0.01)
    >>> by_path["head/kernel"], by_path["conv2d/kernel"]
    (<Adam learning_rate=0.01>, <SGD learning_rate=0.1>)
    """

    def __init__(self, default_optimizer: Optimizer, optimizer_map: dict[str, Optimizer] | None = None) -> None:
        if not isinstance(default_optimizer, Optimizer):
            raise TypeError(f"default_optimizer must be a Keras Optimizer instance. Received: {default_optimizer}")
        if optimizer_map is not None and not isinstance(optimizer_map, dict):
            raise TypeError(f"optimizer_map must be a dictionary. Received: {optimizer_map}")
        self.default_optimizer = default_optimizer
        self._optimizer_map: dict[str, Optimizer] = optimizer_map or {}

    def __getitem__(self, key: str) -> Optimizer:
        if key in self._optimizer_map:
            return self._optimizer_map[key]
        matching = [pattern for pattern in self._optimizer_map if re.fullmatch(pattern, key)]
        if len(matching) > 1:
            raise ValueError(f"Multiple optimizers assigned to variable {key}.")
        return self._optimizer_map[matching[0]] if matching else self.default_optimizer

    def __setitem__(self, key: str, optimizer: Optimizer) -> None:
        if key in self._optimizer_map:
            raise ValueError(
                f"'{key}' already exists in the OptimizerMap with value {self._optimizer_map[key]}. Please make sure "
                "to not use duplicated keys."
            )
        if not isinstance(key, str):
            raise ValueError(f"key must be a string. Received: {key}")
        if not isinstance(optimizer, Optimizer):
            raise ValueError(f"optimizer must be a Keras Optimizer instance. Received: {optimizer}")
        if isinstance(optimizer, (LossScaleOptimizer, MultiOptimizer)):
            raise ValueError(f"optimizer cannot be {type(optimizer).__name__}.")
        self._optimizer_map[key] = optimizer

    def __delitem__(self, key: str) -> None:
        del self._optimizer_map[key]

    def __len__(self) -> int:
        return len(self._optimizer_map)

    def __iter__(self) -> Iterator[str]:
        return iter(self._optimizer_map)

    def __call__(self, variable: Variable) -> Optimizer:
        """The optimizer of a weight."""
        return self[variable.path]

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal map."""
        from fastcnn.optimizers import serialize

        return {
            "default_optimizer": serialize(self.default_optimizer),
            "optimizer_map": {key: serialize(optimizer) for key, optimizer in self._optimizer_map.items()},
        }

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> OptimizerMap:
        """Make a map from what `get_config` returned."""
        from fastcnn.optimizers import deserialize

        optimizers = {key: deserialize(one, custom_objects) for key, one in config["optimizer_map"].items()}
        return cls(deserialize(config["default_optimizer"], custom_objects), optimizers)


class MultiOptimizer(Optimizer):
    """Hands each weight to one of several optimizers.

    Args:
        optimizer_map: An `OptimizerMap`, or a function of a weight that returns its optimizer.
        loss_scale_factor: The loss is multiplied by it, and the gradients are divided by it; in the place of what the
            single optimizers say. Default None.
        name: A name for messages. Default: made of the class's.

    `optimizers` has the single ones, with learning rates and counts of their own; there is no learning rate for all.

    Raises:
        ValueError: The optimizer of a weight is none, or one of several kinds itself.

    Example:

    >>> import fastcnn
    >>> from fastcnn import layers, optimizers
    >>> model = fastcnn.Sequential([fastcnn.Input((4,)), layers.Dense(3, name="body"), layers.Dense(2, name="head")])
    >>> by_path = optimizers.OptimizerMap(optimizers.Adam(1e-4), {"head/.*": optimizers.SGD(0.1)})
    >>> model.compile(optimizers.MultiOptimizer(by_path), "mse")
    """

    def __init__(
        self,
        optimizer_map: OptimizerMap | Callable[[Variable], Optimizer],
        loss_scale_factor: float | None = None,
        name: str | None = None,
    ) -> None:
        self._optimizer_map = optimizer_map
        self.optimizers: list[Optimizer] = []
        super().__init__(0.0, loss_scale_factor=loss_scale_factor, name=name)
        self._of: dict[Variable, Optimizer] = {}
        if isinstance(optimizer_map, OptimizerMap):
            for optimizer in (*optimizer_map._optimizer_map.values(), optimizer_map.default_optimizer):
                self.take(optimizer)

    def take(self, optimizer: Optimizer) -> None:
        """Have an optimizer among those of the weights."""
        if not any(optimizer is one for one in self.optimizers):
            optimizer.loss_scale_factor = self.loss_scale_factor
            self.optimizers.append(optimizer)

    def optimizer_of(self, variable: Variable) -> Optimizer:
        """The optimizer of a weight.

        Raises:
            ValueError: It is none, or none for single weights.
        """
        if variable not in self._of:
            optimizer = self._optimizer_map(variable)
            if not isinstance(optimizer, Optimizer):
                raise ValueError(f"Optimizer for variable {variable} is not an Optimizer instance.")
            if isinstance(optimizer, (LossScaleOptimizer, MultiOptimizer)):
                raise ValueError(f"{type(optimizer).__name__} cannot be used inside an MultiOptimizer.")
            self.take(optimizer)
            self._of[variable] = optimizer
        return self._of[variable]

    def forget_weights(self) -> None:
        """Be as before `build`."""
        super().forget_weights()
        self._of = {}
        for optimizer in self.optimizers:
            optimizer.forget_weights()

    def build(self, variables: Sequence[Variable]) -> None:
        """Make the slots of all optimizers."""
        for variable in variables:
            self.optimizer_of(variable)
        for optimizer in self.optimizers:
            own = [variable for variable in variables if self._of[variable] is optimizer]
            if own:
                optimizer.build(own)
        super().build(variables)

    @property
    def variables(self) -> list[Variable]:
        """The count of steps and a learning rate without effect, then those of the single optimizers."""
        return [self._iterations, self._rate, *(v for optimizer in self.optimizers for v in optimizer.variables)]

    @property
    def learning_rate(self) -> Any:
        """None: each of the optimizers has its own.

        Raises:
            AttributeError: always.
        """
        raise AttributeError(
            "Learning rate cannot be accessed on a MultiOptimizer. Access the learning rate on the individual "
            "sub-optimizers instead."
        )

    @learning_rate.setter
    def learning_rate(self, value: Any) -> None:
        raise AttributeError(
            "Learning rate cannot be set on a MultiOptimizer. Set the learning rate on the individual sub-optimizers "
            "instead."
        )

    def apply(self, gradients: Sequence[Any], trainable_variables: Sequence[Variable] | None = None) -> list[Tensor]:
        """Update weights by their gradients; see `Optimizer.apply`."""
        variables = list(self._trainable_variables if trainable_variables is None else trainable_variables)
        if len(gradients) != len(variables):
            raise ValueError(
                f"Gradients must match trainable variables one-to-one. Received {len(gradients)} gradients and "
                f"{len(variables)} variables."
            )
        if not self.built or any(variable not in self._index for variable in variables):
            self.build(variables)
        results: list[Tensor] = []
        for optimizer in self.optimizers:
            pairs = [
                pair for pair in zip(gradients, variables, strict=True)
                if pair[0] is not None and self._of[pair[1]] is optimizer
            ]  # fmt: skip
            if pairs:
                results += optimizer.apply([gradient for gradient, _ in pairs], [variable for _, variable in pairs])
        if not any(isinstance(gradient, Tensor) for gradient in gradients):
            self._iterations.assign(int(self._iterations) + 1)
            return []
        with recording():
            return [*results, ops.increment(self._iterations)]

    def prepare_step(self) -> None:
        """Set the learning rates and counts of the step that comes."""
        for optimizer in self.optimizers:
            optimizer.prepare_step()

    def finalize_variable_values(self, var_list: Sequence[Variable]) -> None:
        """Put moving averages in the place of weights, where an optimizer keeps some."""
        for optimizer in self.optimizers:
            optimizer.finalize_variable_values([variable for variable in var_list if self._of[variable] is optimizer])

    def exclude_from_weight_decay(
        self, var_list: Sequence[Variable] | None = None, var_names: Sequence[str] | None = None
    ) -> None:
        """Let some weights keep their size, with every optimizer; see `Optimizer`."""
        for optimizer in self.optimizers:
            optimizer.exclude_from_weight_decay(var_list, var_names)

    def is_excluded(self, variable: Variable) -> bool:
        """Whether a weight keeps its size."""
        return self.optimizer_of(variable).is_excluded(variable)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal optimizer.

        Raises:
            ValueError: The optimizers are given by a function: a configuration holds no code.
        """
        if not isinstance(self._optimizer_map, OptimizerMap):
            raise ValueError("a MultiOptimizer with a function has no configuration; use an OptimizerMap")
        return {
            "optimizer_map": {
                "module": "keras.optimizers",
                "class_name": "OptimizerMap",
                "config": self._optimizer_map.get_config(),
                "registered_name": None,
            },
            "loss_scale_factor": self.loss_scale_factor,
            "name": self.name,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Optimizer:
        """Make an optimizer from what `get_config` returned."""
        optimizers = OptimizerMap.from_config(config["optimizer_map"]["config"], custom_objects)
        return cls(**{**config, "optimizer_map": optimizers})

    def __repr__(self) -> str:
        return f"<MultiOptimizer of {self.optimizers}>"
