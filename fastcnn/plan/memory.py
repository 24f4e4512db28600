"""Memory of a plan: aligned arrays, and as few bytes for the intermediate ones as their lifetimes allow."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

ALIGNMENT = 64
"""Bytes: a cache line, and the longest vector."""


def aligned_zeros(shape: int | tuple[int, ...], dtype: str = "float32") -> np.ndarray:
    """A zeroed array whose first byte lies on a cache line.

    Raises:
        MemoryError: it is larger than the machine's memory. (The system may promise such memory and kill the process
            when it is used.)
    """
    shape = (shape,) if isinstance(shape, int) else shape
    bytes_needed = math.prod(shape) * np.dtype(dtype).itemsize
    if bytes_needed > physical_memory():
        raise MemoryError(
            f"a step needs {bytes_needed / 2**30:,.1f} GiB, more than this machine's memory; use a smaller batch_size"
        )
    memory = np.zeros(bytes_needed + ALIGNMENT, "uint8")
    start = -memory.ctypes.data % ALIGNMENT
    return memory[start : start + bytes_needed].view(dtype).reshape(shape)


def physical_memory() -> float:
    """Bytes of memory of this machine; infinite where the system does not say."""
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        return math.inf


def aligned_views(shapes: Sequence[tuple[int, ...]], dtype: str = "float32") -> list[np.ndarray]:
    """Zeroed arrays that lie one after another in one block of memory, each starting on a cache line."""
    sizes = [padded(math.prod(shape) * np.dtype(dtype).itemsize) for shape in shapes]
    arena = Arena(sum(sizes))
    return [arena.array(sum(sizes[:index]), shape, dtype) for index, shape in enumerate(shapes)]


def padded(size: int) -> int:
    """A size in bytes rounded up to whole cache lines."""
    return -(-size // ALIGNMENT) * ALIGNMENT


@dataclass(frozen=True)
class Lifetime:
    """A block of memory that is in use from one step of the plan to another, both included."""

    size: int
    first: int
    last: int

    def meets(self, other: Lifetime) -> bool:
        """Whether both are in use at some step."""
        return self.first <= other.last and other.first <= self.last


def place(lifetimes: Sequence[Lifetime]) -> tuple[list[int], int]:
    """Offsets for blocks such that those in use at the same time do not overlap, and the bytes needed in all.

    Greedy: the largest block first, each into the smallest gap left by the blocks that it meets.
    """
    offsets = [0] * len(lifetimes)
    placed: list[int] = []
    for index in sorted(range(len(lifetimes)), key=lambda i: -lifetimes[i].size):
        block = lifetimes[index]
        taken = sorted(
            (offsets[other], offsets[other] + padded(lifetimes[other].size))
            for other in placed
            if block.meets(lifetimes[other])
        )
        offsets[index] = smallest_gap(taken, padded(block.size))
        placed.append(index)
    total = max((offset + padded(block.size) for offset, block in zip(offsets, lifetimes, strict=True)), default=0)
    return offsets, total


def smallest_gap(taken: Sequence[tuple[int, int]], size: int) -> int:
    """Start of the smallest gap between sorted ranges that holds `size` bytes; the end of all if there is none."""
    best_start, best_size, end = None, math.inf, 0
    for start, stop in taken:
        if size <= start - end < best_size:
            best_start, best_size = end, start - end
        end = max(end, stop)
    return end if best_start is None else best_start


class Arena:
    """One block of aligned memory, cut into arrays."""

    def __init__(self, size: int) -> None:
        self.memory = aligned_zeros(size, "uint8")

    def array(self, offset: int, shape: tuple[int, ...], dtype: str) -> np.ndarray:
        """The array that starts at an offset."""
        size = math.prod(shape) * np.dtype(dtype).itemsize
        return self.memory[offset : offset + size].view(dtype).reshape(shape)
