"""Several callbacks as one, in order, at no cost for hooks that none of them overrides."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from fastcnn.callbacks.callback import Callback, overrides
from fastcnn.callbacks.history import History
from fastcnn.callbacks.progbar_logger import ProgbarLogger

BATCH_HOOKS = (
    "on_train_batch_begin",
    "on_train_batch_end",
    "on_test_batch_begin",
    "on_test_batch_end",
    "on_predict_batch_begin",
    "on_predict_batch_end",
)


class CallbackList(Callback):
    """A list of callbacks that is a callback.

    Args:
        callbacks: A callback, a list of them, or None.
        add_history: Whether to add a `History` if there is none.
        add_progbar: Whether to add a `ProgbarLogger` if there is none.
        model: The model.
        **params: What the callbacks get as `params`.

    Raises:
        TypeError: An element is no `Callback`.

    Hooks of batches take, in place of `logs`, a function that reads them, called only where a callback wants them.
    """

    def __init__(
        self,
        callbacks: Callback | Sequence[Callback] | None = None,
        add_history: bool = False,
        add_progbar: bool = False,
        model: Any = None,
        **params: Any,
    ) -> None:
        super().__init__()
        if not isinstance(callbacks, (Callback, Iterable)) and callbacks is not None:
            raise TypeError(f"callbacks must be a list of Callback objects, received {callbacks!r}")
        given = [callbacks] if isinstance(callbacks, Callback) else list(callbacks or ())
        for callback in given:
            if not isinstance(callback, Callback):
                raise TypeError(
                    f"callbacks must be Callback objects, received {callback!r} of type {type(callback).__name__}"
                )
        self.callbacks: list[Callback] = given
        self.history = self.find_or_add(History, add_history)
        self.progbar = self.find_or_add(ProgbarLogger, add_progbar)
        given.sort(key=lambda callback: callback.goes_last)
        self.set_params(params)
        if model is not None:
            self.set_model(model)
        self.hooks = {
            hook: [getattr(callback, hook) for callback in given if wants(callback, hook)] for hook in BATCH_HOOKS
        }

    def find_or_add(self, kind: type[Any], add: bool) -> Any:
        """The last callback of a kind; one is added where there is none and `add` is set."""
        found = [callback for callback in self.callbacks if isinstance(callback, kind)]
        if not found and add:
            found = [kind()]
            self.callbacks += found
        return found[-1] if found else None

    def set_params(self, params: dict[str, Any]) -> None:
        """Pass the parameters on."""
        self.params = params
        for callback in self.callbacks:
            callback.set_params(params)

    def set_model(self, model: Any) -> None:
        """Pass the model on."""
        self.model = model
        for callback in self.callbacks:
            callback.set_model(model)

    def on_train_begin(self, logs: Any = None) -> None:
        """Pass the event on."""
        self.each("on_train_begin", logs)

    def on_train_end(self, logs: Any = None) -> None:
        """Pass the event on."""
        self.each("on_train_end", logs)

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Pass the event on."""
        self.each("on_epoch_begin", epoch, logs)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Pass the event on."""
        self.each("on_epoch_end", epoch, logs)

    def on_test_begin(self, logs: Any = None) -> None:
        """Pass the event on."""
        self.each("on_test_begin", logs)

    def on_test_end(self, logs: Any = None) -> None:
        """Pass the event on."""
        self.each("on_test_end", logs)

    def on_predict_begin(self, logs: Any = None) -> None:
        """Pass the event on."""
        self.each("on_predict_begin", logs)

    def on_predict_end(self, logs: Any = None) -> None:
        """Pass the event on."""
        self.each("on_predict_end", logs)

    def each(self, hook: str, *args: Any) -> None:
        """Call a hook of all callbacks. They share the logs: what one adds, those behind it (the history) see."""
        *first, logs = args
        shared = dict(logs or {})
        for callback in self.callbacks:
            getattr(callback, hook)(*first, shared)

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Pass the event on to those that want it."""
        self.begin_batch("on_train_batch_begin", batch)

    def on_train_batch_end(self, batch: int, logs: Callable[[], Any] | Any = None) -> None:
        """Pass the event on to those that want it."""
        self.end_batch("on_train_batch_end", batch, logs)

    def on_test_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Pass the event on to those that want it."""
        self.begin_batch("on_test_batch_begin", batch)

    def on_test_batch_end(self, batch: int, logs: Callable[[], Any] | Any = None) -> None:
        """Pass the event on to those that want it."""
        self.end_batch("on_test_batch_end", batch, logs)

    def on_predict_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Pass the event on to those that want it."""
        self.begin_batch("on_predict_batch_begin", batch)

    def on_predict_batch_end(self, batch: int, logs: Callable[[], Any] | Any = None) -> None:
        """Pass the event on to those that want it."""
        self.end_batch("on_predict_batch_end", batch, logs)

    def begin_batch(self, hook: str, batch: int) -> None:
        """Call a hook before a batch."""
        for function in self.hooks[hook]:
            function(batch, logs={})

    def end_batch(self, hook: str, batch: int, logs: Callable[[], Any] | Any) -> None:
        """Call a hook after a batch, and let the progress bar draw if it is time."""
        if self.progbar is not None and self.progbar.is_due(batch):
            getattr(self.progbar, hook)(batch, logs=read(logs))
        if self.hooks[hook]:
            values = read(logs)
            for function in self.hooks[hook]:
                function(batch, logs=dict(values))


def wants(callback: Callback, hook: str) -> bool:
    """Whether a callback is to be called for each batch; the progress bar is asked by itself, only when it is due."""
    return overrides(callback, hook) and not isinstance(callback, ProgbarLogger)


def read(logs: Callable[[], Any] | Any) -> Any:
    """The logs, read now if they come as a function."""
    return (logs() if callable(logs) else logs) or {}
