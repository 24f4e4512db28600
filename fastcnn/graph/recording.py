"""Whether this thread is tracing a model: what it computes then from variables must be recorded, not computed; and the
writes to variables that it records."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fastcnn.graph.tensor import Tensor


class State(threading.local):
    """The flag of each thread, and where it keeps the results of ops that write to their operands."""

    active = False
    effects: list[Tensor] | None = None
    draws = 0


_state = State()


def is_recording() -> bool:
    """Whether this thread is inside of `recording`."""
    return _state.active


def is_keeping_effects() -> bool:
    """Whether this thread is inside of a `recording` that keeps writes to variables."""
    return _state.effects is not None


def note_effect(result: Tensor) -> None:
    """Keep the result of an op that writes to its operand, which belongs to the step although nothing may read it."""
    if _state.effects is not None:
        _state.effects.append(result)


@contextmanager
def recording(effects: list[Tensor] | None = None) -> Iterator[None]:
    """Within this context ops of variables alone are recorded too, not computed: a model that is traced depends on its
    weights, not on the values that they have at the time. Writes to variables are recorded and added to `effects`."""
    before = _state.active, _state.effects
    if not _state.active:
        _state.draws = 0
    _state.active, _state.effects = True, effects
    try:
        yield
    finally:
        _state.active, _state.effects = before


def next_draw() -> int:
    """A number for a draw of random numbers that is recorded, its own within what is traced at once."""
    _state.draws += 1
    return _state.draws
