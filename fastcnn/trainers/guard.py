"""One use of a model's metrics and weights at a time."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class Guard:
    """Keeps what trains and evaluates a model apart.

    Two threads cannot do so at once: the second one gets an error. A call inside of another, such as `evaluate` in a
    callback of `fit`, gets the metrics for its time; the outer call finds them as they were.
    """

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.depth = 0

    @contextmanager
    def hold(self, compiled: Any, what: str) -> Iterator[None]:
        """Have the metrics of a compiled model for a while.

        Raises:
            RuntimeError: another thread has them.
        """
        if not self.lock.acquire(blocking=False):
            raise RuntimeError(
                f"{what} while another thread trains or evaluates the same model: its metrics count one data set at a "
                "time. Wait for the other thread, or use a copy of the model; predict may run beside it"
            )
        try:
            variables = [v for metric in compiled.all_metrics for v in metric.variables] if self.depth else []
            kept = [variable.value.copy() for variable in variables]
            self.depth += 1
            try:
                yield
            finally:
                self.depth -= 1
                for variable, value in zip(variables, kept, strict=True):
                    variable.value[...] = value
        finally:
            self.lock.release()

    def __reduce__(self) -> tuple[Any, ...]:
        """A copy of a model has a guard of its own."""
        return Guard, ()
