"""Whether this thread is tracing a model: what it computes then from variables must be recorded, not computed."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class State(threading.local):
    """A flag of each thread."""

    active = False


_state = State()


def is_recording() -> bool:
    """Whether this thread is inside of `recording`."""
    return _state.active


@contextmanager
def recording() -> Iterator[None]:
    """Within this context ops of variables alone are recorded too, not computed: a model that is traced depends on its
    weights, not on the values that they have at the time."""
    before, _state.active = _state.active, True
    try:
        yield
    finally:
        _state.active = before
