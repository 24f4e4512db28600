"""What this machine can do at most: multiply-adds on registers, and bytes from each level of its memory.

Measured once for each number of threads and each instruction set, in about a tenth of a second.
"""

from __future__ import annotations

import functools
import math
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from fastcnn._core import call, kernels
from fastcnn._core.call import Call, Plan
from fastcnn._core.elementwise import Unary
from fastcnn._core.reduction import Reduce, reduction_steps
from fastcnn.plan.memory import aligned_zeros

CACHES = Path("/sys/devices/system/cpu/cpu0/cache")
USUAL = {"L2": 1 << 20, "L3": 16 << 20}
"""Bytes of the caches, where the system does not say."""

OWN_OF_EACH_CORE = "L2"
PEAK_SECONDS, PEAK_ROUNDS = 5e-3, 8
BANDWIDTH_SECONDS, BANDWIDTH_RUNS = 10e-3, 8
WORKING_SET = {"L2": 1 << 20, "L3": 8 << 20, "memory": 128 << 20}
"""Bytes at most that are read and written in each level: of an L3 cache whose size is that of several, one's share."""


@dataclass(frozen=True)
class Level:
    """A level of memory: the bytes that it holds, and the GB/s of a sum, which reads, and of ReLU, which copies."""

    name: str
    capacity: float
    read: float
    copy: float

    def limit(self, written: float) -> float:
        """GB/s of an op of whose bytes this share is written: between those of reading and of copying."""
        copied = min(2 * written, 1.0)
        return 1 / ((1 - copied) / self.read + copied / self.copy)


@dataclass(frozen=True)
class Machine:
    """The limits of a number of threads together, with kernels of an instruction set.

    `gflops` are those of independent multiply-adds; `levels` are the levels of memory, the fastest first.
    """

    threads: int
    gflops: float
    levels: tuple[Level, ...]
    instruction_set: str

    def level_of(self, size: int) -> Level:
        """The level that holds so many bytes."""
        return next(level for level in self.levels if size <= level.capacity)


def machine() -> Machine:
    """The limits of this machine for the threads and the instruction set in use."""
    return measured(call.get_num_threads(), kernels.isa())


@functools.cache
def measured(threads: int, isa: str) -> Machine:
    """Measure; `isa` is the instruction set in use."""
    levels = [Level("memory", math.inf, *bandwidths(WORKING_SET["memory"]))]
    for name in reversed(USUAL):
        capacity = cache_size(name) * (threads if name == OWN_OF_EACH_CORE else 1)
        read, copy = bandwidths(min(capacity // 2, WORKING_SET[name]))
        levels.append(Level(name, capacity, max(read, levels[-1].read), max(copy, levels[-1].copy)))
    return Machine(threads, peak_gflops(threads), tuple(reversed(levels)), isa)


def cache_size(level: str) -> int:
    """Bytes of a cache of this machine."""
    try:
        for cache in CACHES.glob("index*"):
            if f"L{(cache / 'level').read_text().strip()}" == level:
                kilobytes = (cache / "size").read_text().strip()
                return int(kilobytes.removesuffix("K")) << 10
    except (ValueError, OSError):
        pass
    return USUAL[level]


def bandwidths(size: int) -> tuple[float, float]:
    """GB/s of the sum of `size` bytes, and of ReLU from half of them to the other half: the best of several runs."""
    elements = size // 4
    memory = aligned_zeros(elements)
    memory[...] = 1  # until it is written, fresh memory is one and the same page of zeros
    half = elements // 2
    (step, *_) = reduction_steps((elements,), {0})
    partial = aligned_zeros(step.pieces)
    read = Reduce(memory, partial, op="sum", outer=step.outer, reduce=step.reduce, inner=step.inner, chunk=step.chunk)
    copy = Unary(memory[:half], memory[half : 2 * half], op="relu")
    return size / least_seconds(read) / 1e9, size / least_seconds(copy) / 1e9


def least_seconds(prepared: Call) -> float:
    """The least time that a call takes, of several runs, for in some another process may have the core."""
    plan = Plan([prepared])
    plan.run()
    best, runs, end = math.inf, 0, time.perf_counter() + BANDWIDTH_SECONDS
    while runs < BANDWIDTH_RUNS or time.perf_counter() < end:
        best, runs = min(best, *plan.seconds()), runs + 1
    return best


def peak_gflops(threads: int) -> float:
    """GFLOP/s of pure multiply-adds on all threads at once, each timed by itself: the best of some rounds."""
    before = time.perf_counter()
    kernels.fma_peak(100_000)
    repeats = 1 + int(100_000 * PEAK_SECONDS / (time.perf_counter() - before))
    best = 0.0
    for _ in range(PEAK_ROUNDS):
        speeds: list[float] = []
        team = [threading.Thread(target=run_peak_loop, args=(repeats, speeds)) for _ in range(threads)]
        for thread in team:
            thread.start()
        for thread in team:
            thread.join()
        best = max(best, sum(speeds))
    return best


def run_peak_loop(repeats: int, speeds: list[float]) -> None:
    """Append the GFLOP/s that this thread reaches."""
    before = time.perf_counter()
    operations = kernels.fma_peak(repeats)
    speeds.append(operations / (time.perf_counter() - before) / 1e9)
