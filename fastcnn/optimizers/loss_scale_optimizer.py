"""A loss scale that adapts itself: steps with gradients that are not finite are undone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from fastcnn import ops
from fastcnn.graph import Tensor, Variable
from fastcnn.optimizers.arguments import checked_positive
from fastcnn.optimizers.optimizer import Optimizer
from fastcnn.optimizers.scalar import Scalar
from fastcnn.utils.arguments import positive_integer

SHARED = {
    "weight_decay": None,
    "clipnorm": None,
    "global_clipnorm": None,
    "clipvalue": None,
    "use_ema": False,
    "ema_momentum": 0.99,
    "ema_overwrite_frequency": None,
    "loss_scale_factor": None,
    "gradient_accumulation_steps": None,
}
"""Arguments that belong to the inner optimizer."""


class LossScaleOptimizer(Optimizer):
    """Multiplies the loss by a scale, and divides the gradients by it, around another optimizer.

    Where a gradient is not finite, the step is undone and the scale halved; after so many steps in a row without that
    the scale is doubled. It keeps the gradients of narrow floats from becoming 0; all that is computed here has the
    range of float32, which needs no scale: the class is there for programs that use it. To undo a step, a copy of the
    weights and slots is made before each.

    Args:
        inner_optimizer: The optimizer, whose own `loss_scale_factor` is set to None.
        initial_scale: The scale at first. Default 2**15.
        dynamic_growth_steps: Steps before the scale is doubled. Default 2000.
        name: A name for messages. Default: made of the class's.

    Raises:
        ValueError: An argument is out of its range, or belongs to the inner optimizer.

    Example:

    >>> import numpy as np
    >>> from fastcnn import optimizers
    >>> from fastcnn.graph import Variable
    >>> weight = Variable(np.ones(2, "float32"))
    >>> optimizer = optimizers.LossScaleOptimizer(optimizers.SGD(0.5), initial_scale=4.0)
    >>> for gradient in ([4.0, 2.0], [np.inf, 0.0]):
    ...     _ = optimizer.apply([np.array(gradient, "float32")], [weight])
    >>> weight.numpy(), float(optimizer.dynamic_scale)
    (array([0.5 , 0.75], dtype=float32), 2.0)
    """

    def __init__(
        self,
        inner_optimizer: Optimizer,
        initial_scale: float = 2.0**15,
        dynamic_growth_steps: int = 2000,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        if not kwargs.pop("dynamic", True):
            raise ValueError(
                "LossScaleOptimizer no longer supports `dynamic=False`. Instead, simply set `loss_scale_factor` "
                "directly on the `inner_optimizer`."
            )
        for argument, default in SHARED.items():
            if kwargs.pop(argument, default) != default:
                raise ValueError(
                    f"LossScaleOptimizer does not support `{argument}`. Instead, set `{argument}` on the "
                    "`inner_optimizer`."
                )
        if kwargs:
            raise ValueError(f"LossScaleOptimizer does not support arguments: `{'`, `'.join(kwargs)}`.")
        if not isinstance(inner_optimizer, Optimizer):
            raise ValueError(f"inner_optimizer must be an Optimizer, received {inner_optimizer!r}")
        self.inner_optimizer = inner_optimizer
        super().__init__(0.0, name=name)
        self.initial_scale = checked_positive("initial_scale", initial_scale)
        self.dynamic_growth_steps = positive_integer(dynamic_growth_steps, "dynamic_growth_steps")
        self.step_counter = Scalar(0, "int64", "step_counter")
        self.dynamic_scale = Scalar(self.initial_scale, "float32", "dynamic_scale")
        self._finite = Variable(np.ones(1, "float32"), "finite", trainable=False)
        self._kept: list[tuple[Variable, np.ndarray]] = []
        inner_optimizer.loss_scale_factor = None

    def forget_weights(self) -> None:
        """Be as before `build`."""
        super().forget_weights()
        self.inner_optimizer.forget_weights()
        self._kept = []

    def build(self, variables: Sequence[Variable]) -> None:
        """Make the inner optimizer's slots."""
        self.inner_optimizer.build(variables)
        super().build(variables)

    @property
    def variables(self) -> list[Variable]:
        """The count of steps, the counter and the scale, then those of the inner optimizer."""
        own = [self.step_counter, self.dynamic_scale] if self.built else []
        return [self._iterations, self._rate, *own, *self.inner_optimizer.variables]

    @property
    def learning_rate(self) -> Any:
        """The inner optimizer's."""
        return self.inner_optimizer.learning_rate

    @learning_rate.setter
    def learning_rate(self, value: Any) -> None:
        self.inner_optimizer.learning_rate = value

    @property
    def iterations(self) -> Any:
        """How many updates there were."""
        return self.inner_optimizer.iterations

    def exclude_from_weight_decay(
        self, var_list: Sequence[Variable] | None = None, var_names: Sequence[str] | None = None
    ) -> None:
        """Let some weights keep their size; see `Optimizer`."""
        self.inner_optimizer.exclude_from_weight_decay(var_list, var_names)

    def is_excluded(self, variable: Variable) -> bool:
        """Whether a weight keeps its size."""
        return self.inner_optimizer.is_excluded(variable)

    def scale_loss(self, loss: Any) -> Any:
        """The loss times the scale."""
        return ops.multiply(loss, ops.reshape(self.dynamic_scale, ()) if isinstance(loss, Tensor) else self.scale)

    @property
    def scale(self) -> float:
        """The scale now."""
        return float(self.dynamic_scale)

    def apply(self, gradients: Sequence[Any], trainable_variables: Sequence[Variable] | None = None) -> list[Tensor]:
        """Update weights by their scaled gradients; see `Optimizer.apply`."""
        variables = list(self._trainable_variables if trainable_variables is None else trainable_variables)
        if not self.built:
            self.build(variables)
        given = [gradient for gradient in gradients if gradient is not None]
        if not isinstance(given[0], Tensor):
            finite = all(np.isfinite(gradient).all() for gradient in given)
            if finite:
                unscaled = [None if one is None else np.asarray(one, "float32") / self.scale for one in gradients]
                self.inner_optimizer.apply(unscaled, variables)
            self.adapt(finite)
            return []
        # A number times 0 is 0, unless it is not finite.
        zeros = [ops.sum(ops.multiply(gradient, 0.0)) for gradient in given]
        total = zeros[0]
        for zero in zeros[1:]:
            total = ops.add(total, zero)
        flag = ops.assign(self._finite, ops.reshape(ops.equal(total, 0.0), (1,)))
        factor = ops.divide(1.0, self.dynamic_scale)
        unscaled = [None if one is None else ops.multiply(one, factor) for one in gradients]
        return [flag, *self.inner_optimizer.apply(unscaled, variables)]

    def prepare_step(self) -> None:
        """Keep copies of all that a step changes, and set the inner learning rate."""
        self.inner_optimizer.prepare_step()
        changing = [*self._trainable_variables, *self.inner_optimizer.variables]
        if len(self._kept) != len(changing):
            self._kept = [(variable, variable.value.copy()) for variable in changing]
        for variable, copy in self._kept:
            copy[...] = variable.value

    def finish_step(self) -> None:
        """Undo the step where a gradient was not finite, and adapt the scale."""
        finite = bool(self._finite.value[0])
        if not finite:
            for variable, copy in self._kept:
                variable.value[...] = copy
        self.adapt(finite)

    def adapt(self, finite: bool) -> None:
        """Halve the scale after a step that was undone; double it after enough others."""
        if not finite:
            self.step_counter.assign(0)
            self.dynamic_scale.assign(self.scale * 0.5)
        elif int(self.step_counter) == self.dynamic_growth_steps - 1:
            self.step_counter.assign(0)
            self.dynamic_scale.assign(self.scale * 2.0)
        else:
            self.step_counter.assign(int(self.step_counter) + 1)

    def finalize_variable_values(self, var_list: Sequence[Variable]) -> None:
        """Put the inner optimizer's moving averages in the place of the weights, where it keeps some."""
        self.inner_optimizer.finalize_variable_values(var_list)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal optimizer."""
        from fastcnn.optimizers import serialize

        return {
            "name": self.name,
            "inner_optimizer": serialize(self.inner_optimizer),
            "initial_scale": self.initial_scale,
            "dynamic_growth_steps": self.dynamic_growth_steps,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Optimizer:
        """Make an optimizer from what `get_config` returned."""
        from fastcnn.optimizers import deserialize

        rest = dict(config)
        return cls(deserialize(rest.pop("inner_optimizer"), custom_objects), **rest)
