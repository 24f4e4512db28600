"""A callback made of functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastcnn.callbacks.callback import Callback
from fastcnn.utils.lookup import lookup


class LambdaCallback(Callback):
    """A callback made of functions.

    Args:
        on_epoch_begin: Called with `(epoch, logs)`.
        on_epoch_end: Called with `(epoch, logs)`.
        on_train_begin: Called with `(logs)`.
        on_train_end: Called with `(logs)`.
        on_train_batch_begin: Called with `(batch, logs=...)`.
        on_train_batch_end: Called with `(batch, logs=...)`.
        **kwargs: Any other hook of `Callback`, by its name.

    Raises:
        ValueError: There is no such hook.

    Example:

    >>> from fastcnn import callbacks
    >>> show = callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: print(epoch, logs["loss"]))
    """

    def __init__(
        self,
        on_epoch_begin: Callable[..., Any] | None = None,
        on_epoch_end: Callable[..., Any] | None = None,
        on_train_begin: Callable[..., Any] | None = None,
        on_train_end: Callable[..., Any] | None = None,
        on_train_batch_begin: Callable[..., Any] | None = None,
        on_train_batch_end: Callable[..., Any] | None = None,
        **kwargs: Callable[..., Any] | None,
    ) -> None:
        super().__init__()
        known = {name: None for name in dir(Callback) if name.startswith("on_")}
        for name in kwargs:
            lookup("hook", name, known)
        hooks = {
            "on_epoch_begin": on_epoch_begin,
            "on_epoch_end": on_epoch_end,
            "on_train_begin": on_train_begin,
            "on_train_end": on_train_end,
            "on_train_batch_begin": on_train_batch_begin,
            "on_train_batch_end": on_train_batch_end,
            **kwargs,
        }
        for name, function in hooks.items():
            if function is not None and not callable(function):
                raise ValueError(f"{name} must be a function, received {name}={function!r}")
        vars(self).update({name: function for name, function in hooks.items() if function is not None})
