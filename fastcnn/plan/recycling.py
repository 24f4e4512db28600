"""Large arrays used again once nobody holds them: fresh memory costs more than a pass over it, as the system clears it
page by page.

An array counts as free where the pool's own reference is the only one; views hold the array that they look at. Where
the interpreter counts references in another way, or not at all, every array is a new one.
"""

from __future__ import annotations

import sys
import threading

import numpy as np

LEAST_BYTES = 1 << 20
MOST_BYTES = 1 << 28
"""The smallest array worth keeping, and how much is kept at most."""


class Pool:
    """Arrays that were given out; the oldest are dropped beyond MOST_BYTES."""

    def __init__(self) -> None:
        self.kept: list[np.ndarray] = []
        self.lock = threading.Lock()
        self.unheld = 0
        counts = hasattr(sys, "getrefcount") and getattr(sys, "_is_gil_enabled", lambda: True)()
        if counts:
            self.kept = [np.empty(1)]
            self.unheld = self.references(0)
            self.kept = []

    def references(self, index: int) -> int:
        """How many references there are to an array, the pool's and those of this call included."""
        return sys.getrefcount(self.kept[index])

    def empty(self, shape: tuple[int, ...], dtype: str = "float32") -> np.ndarray:
        """An array of any values: one that nobody holds, or a new one."""
        size = np.dtype(dtype).itemsize
        for length in shape:
            size *= length
        if size < LEAST_BYTES or not self.unheld:
            return np.empty(shape, dtype)
        with self.lock:
            for index in range(len(self.kept)):
                if self.kept[index].nbytes == size and self.references(index) == self.unheld:
                    self.kept.append(self.kept.pop(index))
                    return self.kept[-1].view(dtype).reshape(shape)
            new = np.empty(size // 4, "float32")
            self.kept.append(new)
            while sum(array.nbytes for array in self.kept) > MOST_BYTES:
                del self.kept[0]
        return new.view(dtype).reshape(shape)


POOL = Pool()
empty = POOL.empty
