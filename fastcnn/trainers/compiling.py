"""What `compile` sets up: the optimizer, the losses and the metrics of a model, and what can be asked about them."""

from __future__ import annotations

import warnings
from typing import Any

from fastcnn.metrics import Metric
from fastcnn.optimizers import Optimizer
from fastcnn.trainers.compiled import Compiled
from fastcnn.trainers.preparation import Preparation
from fastcnn.utils.arguments import checked_integer


class Compiling(Preparation):
    """The part of `Trainer` that comes before training."""

    def compile(
        self,
        optimizer: Any = "rmsprop",
        loss: Any = None,
        loss_weights: Any = None,
        metrics: Any = None,
        weighted_metrics: Any = None,
        run_eagerly: bool = False,
        steps_per_execution: int = 1,
        jit_compile: Any = "auto",
        auto_scale_loss: bool = True,
    ) -> None:
        """Set the optimizer, the losses and the metrics of training.

        Args:
            optimizer: A name such as `"adam"` or `"sgd"`, or an optimizer. Default `"rmsprop"`.
            loss: A name such as `"sparse_categorical_crossentropy"`, a loss, or a function of `(y_true, y_pred)`
                written with `fastcnn.ops` that returns the loss of each sample. `"crossentropy"` is the one that fits
                labels and output. For several outputs a list, or a dictionary by their names; their sum is trained.
            loss_weights: A factor for each loss.
            metrics: A list of names, metrics or such functions. `"accuracy"` is the one that fits labels and output.
                For several outputs a list of lists, or a dictionary.
            weighted_metrics: As `metrics`, of those that take sample weights and class weights into account.
            run_eagerly, steps_per_execution, jit_compile, auto_scale_loss: Without effect: a step is always one call of
                the compiled core.

        Raises:
            ValueError: A name is not known, or the loss has no reduction.
            TypeError: An argument is of another kind, or the model defines a `train_step`.

        Example:

        >>> from fastcnn import Input, Sequential, layers
        >>> model = Sequential([Input((4,)), layers.Dense(3, activation="softmax")])
        >>> model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
        """
        for step in ("train_step", "test_step", "predict_step"):
            if hasattr(self, step):
                raise TypeError(
                    f"{type(self).__name__} defines {step}, which fastcnn does not call: steps are compiled whole. "
                    "Losses, metrics and layers of your own, and `add_loss`, can say what it computes"
                )
        options = {
            "run_eagerly": run_eagerly,
            "steps_per_execution": checked_integer(steps_per_execution, "steps_per_execution", least=1),
            "jit_compile": jit_compile,
        }
        self._compiled = Compiled(optimizer, loss, metrics, loss_weights, weighted_metrics, options)
        self.step_pool.clear()

    def get_compile_config(self) -> dict[str, Any]:
        """The arguments of `compile` as a dictionary that JSON can hold; empty before `compile`.

        Raises:
            ValueError: A loss, metric or function has no name by which it could be found again.
        """
        from fastcnn.saving.serialization import serialize_keras_object

        compiled = self._compiled
        if compiled is None:
            return {}
        metrics, weighted_metrics = compiled.given
        arguments = {
            "optimizer": compiled.optimizer,
            "loss": compiled.loss,
            "loss_weights": compiled.loss_weights,
            "metrics": metrics,
            "weighted_metrics": weighted_metrics,
        }
        config: dict[str, Any] = serialize_keras_object({**objects(arguments), **compiled.options})
        return config

    def compile_from_config(self, config: dict[str, Any]) -> None:
        """Compile the model with what `get_compile_config` returned.

        Args:
            config: The arguments of `compile`.

        Raises:
            ValueError: Something is not known by its name.
        """
        from fastcnn.saving.serialization import deserialize_keras_object

        if type(self).compile is not Compiling.compile:
            warnings.warn(
                "`compile()` was not called as part of model loading because the model's `compile()` method is "
                "custom. All subclassed Models that have `compile()` overridden should also override "
                "`get_compile_config()` and `compile_from_config(config)`. Alternatively, you can call `compile()` "
                "manually after loading.",
                stacklevel=2,
            )
            return
        self.compile(**deserialize_keras_object(config))
        if self.built:
            self.optimizer.build(self.trainable_variables)  # type: ignore[union-attr, attr-defined]

    @property
    def compiled(self) -> bool:
        """Whether `compile` has been called."""
        return self._compiled is not None

    @property
    def optimizer(self) -> Optimizer | None:
        """The optimizer; None before `compile`."""
        return self._compiled.optimizer if self._compiled else None

    @property
    def loss(self) -> Any:
        """The loss as it was given to `compile`; None before."""
        return self._compiled.loss if self._compiled else None

    @property
    def metrics(self) -> list[Metric]:
        """The mean of the loss and the metrics; those that depend on the labels exist from the first batch on."""
        return self._compiled.all_metrics if self._compiled else []

    @property
    def metrics_names(self) -> list[str]:
        """Names of what `evaluate` returns, in its order."""
        return self._compiled.metrics_names if self._compiled else []

    def reset_metrics(self) -> None:
        """Let all metrics forget the batches seen so far."""
        for metric in self.metrics:
            metric.reset_state()


def objects(arguments: Any) -> Any:
    """Arguments of `compile` with an object in the place of each class."""
    if isinstance(arguments, dict):
        return {key: objects(one) for key, one in arguments.items()}
    if isinstance(arguments, (list, tuple)):
        return [objects(one) for one in arguments]
    return arguments() if isinstance(arguments, type) else arguments
