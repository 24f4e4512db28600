"""How much faster a training step is on two threads than on one, and how much the machine could give at best.

    python bench/scaling.py [SECONDS] [PROGRAM ...]

For each program (default: the three that convolve most) short turns of steps on one and on two threads alternate for
so many seconds (default 8); the speedup is the median over pairs of neighbouring turns. Then turns on one thread come
alone and beside a second process that runs the same steps on one thread of its own: two processes that share nothing
but the machine. Twice the time alone over that beside the other is what two threads could reach if they cost nothing.
"""

import multiprocessing
import sys
import time
from typing import Any

import numpy as np

import fastcnn
from fastcnn.benchmarks.programs import PROGRAMS, Program, compiled

TURN = 0.03
"""Seconds of a turn."""


class Steps:
    """Training steps of a program on random data, as `fit` runs them."""

    def __init__(self, program: Program) -> None:
        rng = np.random.default_rng(0)
        rows = 40 * program.batch_size
        x = rng.random((rows, *program.input_shape), np.float32)
        y = rng.integers(0, 10, rows).astype(np.int32)
        targets = np.eye(10, dtype=np.float32)[y] if program.one_hot else y
        self.model = compiled(fastcnn, program)
        self.model.fit(x, targets, batch_size=program.batch_size, verbose=0)
        self.step = self.model.step_pool.free[-1]
        self.step.bind([x, targets], rng.permutation(rows))
        self.starts = range(0, rows, program.batch_size)
        self.next = 0

    def turn(self, threads: int) -> float:
        """Seconds of a step on so many threads."""
        fastcnn.set_num_threads(threads)
        count, before = 0, time.perf_counter()
        while (now := time.perf_counter()) < before + TURN:
            self.step.run(self.starts[self.next])
            self.next = (self.next + 1) % len(self.starts)
            count += 1
        return (now - before) / count


def other(program: Program, working: Any, ready: Any) -> None:
    """The second process: steps on one thread while it is told to work."""
    steps = Steps(program)
    ready.set()
    while True:
        working.wait()
        steps.turn(1)


def quotients(pairs: list[tuple[float, float]]) -> np.ndarray:
    """The first of each pair by the second."""
    table = np.array(pairs)
    return table[:, 0] / table[:, 1]


def show(name: str, program: Program, seconds: float) -> None:
    """Speedup and ceiling of a program."""
    steps = Steps(program)
    pairs: list[tuple[float, float]] = []
    end = time.perf_counter() + seconds / 2
    while time.perf_counter() < end:
        pairs.append((steps.turn(1), steps.turn(2)))
    one, two = np.median(pairs, axis=0)
    low, speedup, high = np.quantile(quotients(pairs), [0.1, 0.5, 0.9])
    context = multiprocessing.get_context("spawn")
    working, ready = context.Event(), context.Event()
    process = context.Process(target=other, args=(program, working, ready), daemon=True)
    process.start()
    ready.wait()
    pairs = []
    end = time.perf_counter() + seconds / 2
    while time.perf_counter() < end:
        alone = steps.turn(1)
        working.set()
        steps.turn(1)  # until the other has begun
        pairs.append((alone, steps.turn(1)))
        working.clear()
        time.sleep(2 * TURN)  # until it has ended
    process.terminate()
    process.join()
    ceiling = 2 * float(np.median(quotients(pairs)))
    print(
        f"{name:14} one thread {1e6 * one:8.1f} us, two {1e6 * two:8.1f} us: {speedup:.2f} times as fast "
        f"({low:.2f} to {high:.2f}); two processes {ceiling:.2f}",
        flush=True,
    )


if __name__ == "__main__":
    length = float(sys.argv[1]) if len(sys.argv) > 1 else 8.0
    for program_name in sys.argv[2:] or ("cifar", "cifar64", "mnist-deep"):
        show(program_name, PROGRAMS[program_name], length)
