"""Where nodes come from: names of layers, or `loss`, `optimizer` and the like, for whoever shows a graph to users."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

Origin = tuple[str, ...]


class Current(threading.local):
    """The origin of the nodes that this thread makes now."""

    origin: Origin = ()


CURRENT = Current()


@contextmanager
def made_by(*names: str) -> Iterator[None]:
    """Within this context nodes come from what has these names."""
    outer, CURRENT.origin = CURRENT.origin, names
    try:
        yield
    finally:
        CURRENT.origin = outer


def merged(*origins: Origin) -> Origin:
    """The names of several origins, each once, in their order."""
    return tuple(dict.fromkeys(name for origin in origins for name in origin))
