"""The base of all callbacks: hooks into `fit`, `evaluate` and `predict`."""

from __future__ import annotations

import weakref
from typing import Any

Logs = dict[str, float]


class Callback:
    """Base class of callbacks: override the hooks you need.

    `self.model` is the model, `self.params` a dictionary with `epochs`, `steps` and `verbose`. `logs` holds the loss
    and metrics so far. A hook for batches costs time only if it is overridden.

    Example:

    >>> from fastcnn import callbacks
    >>> class StopWhenGood(callbacks.Callback):
    ...     def on_epoch_end(self, epoch, logs=None):
    ...         if logs["loss"] < 0.1:
    ...             self.model.stop_training = True
    """

    params: dict[str, Any]
    goes_last = False
    """Whether its hooks are called behind those of the others."""
    idle: tuple[Any, ...] = ()
    """Methods of its class that would do nothing with its settings: these need not be called."""
    _model: Any = None

    def __init__(self) -> None:
        self.params = {}

    @property
    def model(self) -> Any:
        """The model, as long as it lives: a callback that outlives the training does not keep it in memory."""
        return None if self._model is None else self._model()

    @model.setter
    def model(self, model: Any) -> None:
        self._model = None if model is None else weakref.ref(model)

    def __getstate__(self) -> dict[str, Any]:
        """What is copied and pickled: all but the model, which has its own copy."""
        return {name: value for name, value in vars(self).items() if name != "_model"}

    def set_params(self, params: dict[str, Any]) -> None:
        """Called before anything else, with the parameters of the run."""
        self.params = params

    def set_model(self, model: Any) -> None:
        """Called before anything else, with the model."""
        self.model = model

    def backup_state(self) -> dict[str, Any]:
        """What `BackupAndRestore` saves of this callback: numbers, strings, arrays, lists and dictionaries of them."""
        return {}

    def restore_state(self, state: dict[str, Any]) -> None:
        """Take what `backup_state` returned, behind all `on_train_begin`, in a process that goes on with a training."""

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Called at the start of `fit`."""

    def on_train_end(self, logs: Logs | None = None) -> None:
        """Called at the end of `fit`, with the logs of the last epoch."""

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        """Called at the start of an epoch (the first is 0)."""

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Called at the end of an epoch; `logs` has the validation results too, under names with `val_` before."""

    def on_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Another name for `on_train_batch_begin`."""

    def on_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Another name for `on_train_batch_end`."""

    def on_train_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Called before a training step (the first of an epoch is 0)."""
        self.on_batch_begin(batch, logs=logs)

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Called after a training step, with the results of the epoch so far."""
        self.on_batch_end(batch, logs=logs)

    def on_test_begin(self, logs: Logs | None = None) -> None:
        """Called at the start of `evaluate` and of the validation in `fit`."""

    def on_test_end(self, logs: Logs | None = None) -> None:
        """Called at the end of `evaluate` and of the validation in `fit`, with the results."""

    def on_test_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Called before a batch of `evaluate` and of the validation in `fit`."""

    def on_test_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Called after a batch of `evaluate` and of the validation in `fit`, with the results so far."""

    def on_predict_begin(self, logs: Logs | None = None) -> None:
        """Called at the start of `predict`."""

    def on_predict_end(self, logs: Logs | None = None) -> None:
        """Called at the end of `predict`."""

    def on_predict_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Called before a batch of `predict`."""

    def on_predict_batch_end(self, batch: int, logs: Any = None) -> None:
        """Called after a batch of `predict`, with `{"outputs": predictions of the batch}`."""


def overrides(callback: Callback, hook: str) -> bool:
    """Whether a callback does something in a hook: in its class, as an attribute, or by the hook's other name."""
    method = getattr(type(callback), hook)
    if hook in vars(callback) or (method is not getattr(Callback, hook) and method not in callback.idle):
        return True
    return hook.startswith("on_train_batch") and overrides(callback, hook.replace("train_", ""))
