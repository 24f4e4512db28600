"""The base of all optimizers: the learning rate, the count of steps, slots, and what happens around every update.

An optimizer states `update_step`. Those of this package name a rule of `fastcnn.ops.update`, one op that scales, clips,
decays and updates in one pass over memory; those of users are written with `fastcnn.ops`, and get gradients that are
scaled and clipped already. On arrays an update happens at once; on symbolic gradients it is recorded and becomes part
of a training step.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from contextlib import nullcontext
from typing import Any

import numpy as np

from fastcnn import ops
from fastcnn.graph import Tensor, Variable
from fastcnn.graph.recording import recording
from fastcnn.layers.naming import auto_name, checked_name
from fastcnn.ops import update as update_ops
from fastcnn.optimizers.arguments import check_shared, checked_rate
from fastcnn.optimizers.scalar import Scalar
from fastcnn.optimizers.schedules import LearningRateSchedule
from fastcnn.optimizers.schedules import deserialize as deserialize_schedule
from fastcnn.optimizers.schedules import serialize as serialize_schedule
from fastcnn.optimizers.slot_holder import SlotHolder


class Optimizer(SlotHolder):
    """Base class of optimizers.

    Args:
        learning_rate: A float, a `schedules.LearningRateSchedule`, or a function without arguments that returns the
            rate of the next step.
        weight_decay: Share of each weight, times the learning rate, that it loses in every update. Default None.
        clipnorm: Largest norm of the gradient of each weight by itself. Default None.
        clipvalue: Largest magnitude of an element of a gradient. Default None.
        global_clipnorm: Largest norm of all gradients together. Default None. At most one of the three.
        use_ema: Whether to keep a moving average of every weight, which `fit` puts in its place at the end.
        ema_momentum: How much of that average stays in each update, from 0 to 1. Default 0.99.
        ema_overwrite_frequency: Put the averages in the place of the weights every so many updates. Default None.
        loss_scale_factor: The loss is multiplied by it, and the gradients are divided by it. Default None.
        gradient_accumulation_steps: Update only in the last of so many steps, by the mean of their gradients.
            Default None.
        name: A name for messages. Default: made of the class's.

    Raises:
        ValueError: An argument is out of its range, or is not known.

    Assigning a number to `learning_rate` takes effect from the next step on.

    An optimizer of your own makes its slots in `build` and updates one weight in `update_step`:

    >>> import numpy as np
    >>> from fastcnn import ops, optimizers
    >>> from fastcnn.graph import Variable
    >>> class Momentum(optimizers.Optimizer):
    ...     def build(self, variables):
    ...         super().build(variables)
    ...         self.speeds = self.add_optimizer_variables(variables, "speed")
    ...
    ...     def update_step(self, gradient, variable, learning_rate):
    ...         speed = self.speeds[self._get_variable_index(variable)]
    ...         self.assign(speed, ops.subtract(ops.multiply(speed, 0.9), ops.multiply(gradient, learning_rate)))
    ...         self.assign_add(variable, speed)
    >>> weight = Variable(np.ones(2, "float32"))
    >>> optimizer = Momentum(0.5)
    >>> optimizer.apply([np.ones(2, "float32")], [weight])
    []
    >>> weight.numpy()
    array([0.5, 0.5], dtype=float32)
    """

    updates_by_rule = False
    """Whether the `update_step` of just this class calls `update_by_rule`."""

    def __init__(
        self,
        learning_rate: Any,
        weight_decay: float | None = None,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
        global_clipnorm: float | None = None,
        use_ema: bool = False,
        ema_momentum: float = 0.99,
        ema_overwrite_frequency: int | None = None,
        loss_scale_factor: float | None = None,
        gradient_accumulation_steps: int | None = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        if kwargs:
            raise ValueError(f"Argument(s) not recognized: {kwargs}")
        self.name = auto_name(type(self).__name__) if name is None else checked_name(name)
        self.weight_decay = weight_decay
        self.clipnorm, self.clipvalue, self.global_clipnorm = clipnorm, clipvalue, global_clipnorm
        self.use_ema, self.ema_momentum = use_ema, ema_momentum
        self.ema_overwrite_frequency = ema_overwrite_frequency
        self.loss_scale_factor = loss_scale_factor
        self.gradient_accumulation_steps = gradient_accumulation_steps
        check_shared(self)
        self._excluded: set[Variable] = set()
        self._excluded_names: re.Pattern[str] | None = None
        self.forget_weights()
        self._iterations = Scalar(0, "int64", "iteration")
        self._rate = Scalar(0.0, "float32", "learning_rate")
        self._count = Scalar(0.0, "float32", "count")
        self._counts = False
        self._source: Callable[..., Any] | None = None
        self._shared: dict[str, Any] = {}
        self._scale_by: Any = None
        self._results: list[Any] = []
        self._due: Any = None
        if callable(learning_rate):
            self._source = learning_rate
        else:
            self._rate.assign(checked_rate(learning_rate))

    # The learning rate and the count of steps.

    @property
    def learning_rate(self) -> Any:
        """The learning rate: a variable of one number, or what the schedule or function says for the next step."""
        return self._rate if self._source is None else self.scheduled_rate()

    @learning_rate.setter
    def learning_rate(self, value: Any) -> None:
        if callable(value):
            self._source = value
        elif isinstance(self._source, LearningRateSchedule):
            raise TypeError(
                "This optimizer was created with a `LearningRateSchedule` object as its `learning_rate` constructor "
                "argument, hence its learning rate is not settable. If you need the learning rate to be settable, you "
                "should instantiate the optimizer with a float `learning_rate` argument."
            )
        else:
            self._source = None
            self._rate.assign(checked_rate(value))

    def scheduled_rate(self) -> float:
        """The rate for the next step, as the schedule or the function says."""
        assert self._source is not None
        scheduled = isinstance(self._source, LearningRateSchedule)
        rate = self._source(int(self._iterations)) if scheduled else self._source()
        try:
            return float(rate)
        except (TypeError, ValueError):
            raise ValueError(f"learning_rate must be a number, but {self._source!r} returned {rate!r}") from None

    def prepare_step(self) -> None:
        """Set learning rate and count of the step that comes: whoever runs a recorded step calls this before."""
        if self._source is not None:
            self._rate.assign(self.scheduled_rate())
        if self._counts:
            self._count.assign(int(self._iterations))

    def finish_step(self) -> None:
        """What is to be done behind each run of a recorded step, after `prepare_step` before it: nothing."""

    @property
    def iterations(self) -> Any:
        """How many updates there were, a variable of one number (an int, where steps are accumulated)."""
        steps = self.gradient_accumulation_steps
        return int(self._iterations) // steps if steps else self._iterations

    # Updates.

    def apply(self, gradients: Sequence[Any], trainable_variables: Sequence[Variable] | None = None) -> list[Tensor]:
        """Update weights by their gradients, and count a step.

        Args:
            gradients: One for each variable: arrays (the update happens at once) or symbolic tensors (it is
                recorded). A variable whose gradient is None stays as it is.
            trainable_variables: The weights. Default: those that the optimizer was built for.

        Returns:
            The symbolic results, which a graph must name as outputs so that the updates happen; empty for arrays.

        Raises:
            ValueError: The numbers of gradients and variables differ, or no variable has a gradient.
        """
        if trainable_variables is None:
            if not self.built:
                raise ValueError(
                    "When passing `grads` without `variables`, the optimizer must already be built on a list of "
                    "variables. Call `optimizer.build(trainable_variables)` first."
                )
            trainable_variables = self._trainable_variables
        variables = list(trainable_variables)
        if len(gradients) != len(variables):
            raise ValueError(f"received {len(gradients)} gradients for {len(variables)} variables; pass one for each")
        pairs = [pair for pair in zip(gradients, variables, strict=True) if pair[0] is not None]
        if not pairs:
            raise ValueError("No gradients provided for any variable: the loss does not depend on a trainable weight.")
        unknown = [variable for variable in variables if variable not in self._index]
        if self.built and unknown and type(self).build is not Optimizer.build:
            raise ValueError(
                f"Unknown variable: {unknown[0]}. This optimizer can only be called for the variables it was "
                "originally built with. When working with a new set of variables, you should recreate a new optimizer "
                "instance."
            )
        if not self.built or unknown:
            self.build(variables)
        symbolic = isinstance(pairs[0][0], Tensor)
        if not symbolic:
            self.prepare_step()
            pairs = [(np.asarray(gradient, "float32"), variable) for gradient, variable in pairs]
        self._results = []
        with recording() if symbolic else nullcontext():
            self.update_all(pairs)
            if self.use_ema:
                self.take_averages()
            self._results.append(ops.increment(self._iterations))
        results, self._results, self._due = self._results, [], None
        return results if symbolic else []

    def apply_gradients(self, grads_and_vars: Iterable[tuple[Any, Variable]]) -> Any:
        """`apply` for pairs of gradient and variable; returns the count of steps."""
        gradients, variables = zip(*grads_and_vars, strict=True)
        self.apply(gradients, variables)
        return self._iterations

    def update_all(self, pairs: Sequence[tuple[Any, Variable]]) -> None:
        """Update weights by their gradients, with all that the shared arguments ask for."""
        scale = 1.0 / self.loss_scale_factor if self.loss_scale_factor else 1.0
        steps = self.gradient_accumulation_steps or 1
        if steps > 1:
            pairs = [(self.accumulated(gradient, variable, steps), variable) for gradient, variable in pairs]
            scale /= steps
        scales = [None] * len(pairs)
        if self.global_clipnorm:
            together = update_ops.norm_scale([gradient for gradient, _ in pairs], "global", self.global_clipnorm, scale)
            scales = [together] * len(pairs)
        elif self.clipnorm:
            scales = [update_ops.norm_scale([gradient], "each", self.clipnorm, scale) for gradient, _ in pairs]
        by_rule = self.steps_by_rule()
        if steps > 1 and not by_rule:
            # 1 in the step that updates; in the others everything is assigned what it is.
            count = ops.add(self.step_count(), 1.0)
            self._due = ops.equal(ops.subtract(count, ops.multiply(ops.floor(ops.divide(count, steps)), steps)), 0.0)
        for (gradient, variable), scale_by in zip(pairs, scales, strict=True):
            self._shared = {"scale": scale, "steps": steps, "weight_decay": self.decay_of(variable)}
            if self.clipvalue:
                self._shared["clip"] = float(self.clipvalue)
            self._scale_by = scale_by
            self.update_step(gradient if by_rule else self.prepared(gradient, variable), variable, self._rate)

    def steps_by_rule(self) -> bool:
        """Whether `update_step` is one of this package."""
        owner = next(cls for cls in type(self).__mro__ if "update_step" in vars(cls))
        return bool(vars(owner).get("updates_by_rule", False))

    def update_by_rule(
        self, rule: str, gradient: Any, variable: Variable, slots: Sequence[Variable], state: Any = None, **options: Any
    ) -> None:
        """Update one weight by a rule of `fastcnn.ops.update`, with what the shared arguments ask for."""
        options = {name: float(value) for name, value in options.items()}
        options.update(self._shared)
        result = update_ops.update(
            rule, variable, gradient, slots, self._rate, self._iterations, state, self._scale_by, **options
        )
        self._results += result if isinstance(result, tuple) else (result,)

    def prepared(self, gradient: Any, variable: Variable) -> Any:
        """The gradient for an `update_step` of a user, scaled and clipped; the weight decays at once."""
        scale, clip = self._shared["scale"], self._shared.get("clip")
        if scale != 1.0:
            gradient = ops.multiply(gradient, scale)
        if self._scale_by is not None:
            gradient = ops.multiply(gradient, self._scale_by)
        if clip is not None:
            gradient = ops.maximum(ops.minimum(gradient, clip), -clip)
        if self._shared["weight_decay"]:
            lost = ops.multiply(ops.multiply(variable, self._shared["weight_decay"]), self._rate)
            self.assign(variable, ops.subtract(variable, lost))
        self._shared, self._scale_by = {"steps": 1}, None
        return gradient

    def accumulated(self, gradient: Any, variable: Variable, steps: int) -> Any:
        """The sum of the gradients since the last update."""
        total = update_ops.accumulate_gradient(
            self._sums[self._get_variable_index(variable)], gradient, self._iterations, steps
        )
        self._results.append(total)
        return total

    def take_averages(self) -> None:
        """Take the weights into their moving averages."""
        every, steps = self.ema_overwrite_frequency or 0, self.gradient_accumulation_steps or 1
        for variable, average in zip(self._trainable_variables, self._averages, strict=True):
            self._results += update_ops.weight_average(
                average, variable, self._iterations, float(self.ema_momentum), every, steps
            )

    def step_count(self) -> Any:
        """How many steps there were, as a float32 variable of one number, which `prepare_step` keeps up to date."""
        self._counts = True
        self._count.assign(int(self._iterations))
        return self._count

    def local_step(self) -> Any:
        """The number of the update that comes, from 1 on, as a tensor of one number."""
        steps = self.gradient_accumulation_steps
        count = self.step_count()
        return ops.add(ops.floor(ops.divide(count, float(steps))) if steps else count, 1.0)

    def update_step(self, gradient: Any, variable: Variable, learning_rate: Any) -> None:
        """Update one weight; subclasses state this with `fastcnn.ops` and `assign`, `assign_add`, `assign_sub`."""
        raise NotImplementedError(f"{type(self).__name__} defines no update_step(gradient, variable, learning_rate)")

    def assign(self, variable: Variable, value: Any) -> None:
        """Set a variable, within an update."""
        if self._due is not None:
            value = ops.where(self._due, value, variable)
        self._results.append(ops.assign(variable, value))

    def assign_add(self, variable: Variable, value: Any) -> None:
        """Add to a variable, within an update."""
        self.assign(variable, ops.add(variable, value))

    def assign_sub(self, variable: Variable, value: Any) -> None:
        """Subtract from a variable, within an update."""
        self.assign(variable, ops.subtract(variable, value))

    def scale_loss(self, loss: Any) -> Any:
        """The loss, times `loss_scale_factor` if there is one."""
        return loss if self.loss_scale_factor is None else ops.multiply(loss, float(self.loss_scale_factor))

    def finalize_variable_values(self, var_list: Sequence[Variable]) -> None:
        """Put the moving averages in the place of the weights, where `use_ema` is set."""
        if not self.use_ema or not self.built:
            return
        if self.averages_in_weights:
            self.averages_in_weights = False
            for variable, average in zip(self._trainable_variables, self._averages, strict=True):
                average.assign(variable.value)
            return
        for variable in var_list:
            index = self._index.get(variable)
            if index is not None:
                variable.assign(self._averages[index].value)

    def swap_averages(self) -> None:
        """Let the weights and their moving averages change places."""
        for variable, average in zip(self._trainable_variables, self._averages, strict=True):
            held = variable.value.copy()
            variable.assign(average.value)
            average.assign(held)
        self.averages_in_weights = not self.averages_in_weights

    # Weight decay.

    def exclude_from_weight_decay(
        self, var_list: Sequence[Variable] | None = None, var_names: Sequence[str] | None = None
    ) -> None:
        """Let some weights keep their size.

        Args:
            var_list: These weights.
            var_names: Weights in whose names any of these strings (regular expressions) is found, such as `["bias"]`.

        Raises:
            ValueError: The optimizer is built already.
        """
        if self.built:
            raise ValueError("`exclude_from_weight_decay()` can only be configured before the optimizer is built.")
        self._excluded = set(var_list or ())
        self._excluded_names = re.compile("|".join(sorted(set(var_names)))) if var_names else None

    def is_excluded(self, variable: Variable) -> bool:
        """Whether a weight keeps its size."""
        named = self._excluded_names is not None and self._excluded_names.search(variable.name) is not None
        return named or variable in self._excluded

    def decay_of(self, variable: Variable) -> float:
        """The weight decay of a weight."""
        return 0.0 if self.is_excluded(variable) or not self.weight_decay else float(self.weight_decay)

    # Saving.

    def save_own_variables(self, store: Any) -> None:
        """Put the values of all variables into a dictionary, under "0", "1", ..."""
        for index, variable in enumerate(self.variables):
            store[str(index)] = variable.numpy()

    def load_own_variables(self, store: Any) -> None:
        """Take the values of all variables from such a dictionary.

        Raises:
            ValueError: It holds another number of variables.
        """
        if len(store) != len(self.variables):
            raise ValueError(
                f"the optimizer {self.name!r} has {len(self.variables)} variables, the store has {len(store)}; build "
                "it for the same weights first"
            )
        for index, variable in enumerate(self.variables):
            variable.assign(store[str(index)])

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal optimizer (without its state)."""
        source: Any = self._source
        rate = float(self._rate) if source is None else serialize_schedule(source)
        return {
            "name": self.name,
            "learning_rate": rate,
            "weight_decay": self.weight_decay,
            "clipnorm": self.clipnorm,
            "global_clipnorm": self.global_clipnorm,
            "clipvalue": self.clipvalue,
            "use_ema": self.use_ema,
            "ema_momentum": self.ema_momentum,
            "ema_overwrite_frequency": self.ema_overwrite_frequency,
            "loss_scale_factor": self.loss_scale_factor,
            "gradient_accumulation_steps": self.gradient_accumulation_steps,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Optimizer:
        """Make an optimizer from what `get_config` returned."""
        config = dict(config)
        if isinstance(config.get("learning_rate"), dict):
            config["learning_rate"] = deserialize_schedule(config["learning_rate"], custom_objects)
        return cls(**config)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} learning_rate={float(self.learning_rate):g}>"
