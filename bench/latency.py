"""What surrounds a step: the time of one prediction and one call, the cost of `fit` beside the bare steps, and memory.

    python bench/latency.py [SECONDS [CALLS]]

Each part for so many seconds (default 5): `predict` and `model(x)` on one image; `fit` without and with a progress bar,
with accuracy as a metric, beside the bare steps of each model, turn by turn: the median of what a turn takes longer
than the bare turns before and after it. Then the resident memory on the way to so many calls (default 100,000) of a
small model.
"""

import contextlib
import os
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

import fastcnn
from fastcnn import layers
from fastcnn.benchmarks.programs import PROGRAMS, Program, compiled

STEPS = 100


def small() -> Any:
    """A network of one convolution and one dense layer."""
    stack = [layers.Conv2D(8, 3, activation="relu"), layers.MaxPooling2D(2), layers.Flatten(), layers.Dense(10)]
    return fastcnn.Sequential([fastcnn.Input((28, 28, 1)), *stack])


def times(action: Callable[[], Any], seconds: float) -> str:
    """Best and median time of an action."""
    for _ in range(20):
        action()
    found, end = [], time.perf_counter() + seconds
    while time.perf_counter() < end:
        before = time.perf_counter()
        action()
        found.append(time.perf_counter() - before)
    return f"best {1e6 * min(found):7.1f} us, median {1e6 * float(np.median(found)):7.1f} us"


@contextlib.contextmanager
def unseen() -> Iterator[None]:
    """Standard output goes nowhere."""
    with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere):
        yield


def show_calls(seconds: float) -> None:
    """One image through two networks."""
    x = np.random.default_rng(0).random((1, 28, 28, 1), np.float32)
    for name, model in (("conv32, dense128", compiled(fastcnn, PROGRAMS["fashion"])), ("conv8", small())):
        print(f"{name:18} predict   {times(lambda m=model: m.predict(x, verbose=0), seconds / 4)}")
        print(f"{name:18} model(x)  {times(lambda m=model: m(x), seconds / 4)}", flush=True)


def show_fit(name: str, program: Program, seconds: float) -> None:
    """`fit` beside the bare steps that it repeats."""
    rng = np.random.default_rng(0)
    rows = STEPS * program.batch_size
    x = rng.random((rows, *program.input_shape), np.float32)
    y = rng.integers(0, 10, rows).astype(np.int32)
    targets = np.eye(10, dtype=np.float32)[y] if program.one_hot else y
    model = compiled(fastcnn, program)
    model.fit(x, targets, batch_size=program.batch_size, verbose=0)
    step = model.step_pool.free[-1]

    def bare() -> float:
        step.bind([x, targets], rng.permutation(rows))
        before = time.perf_counter()
        for start in range(0, rows, program.batch_size):
            step.run(start)
        spent = time.perf_counter() - before
        step.unbind()
        return spent

    def fit(verbose: int) -> float:
        with unseen():
            before = time.perf_counter()
            model.fit(x, targets, batch_size=program.batch_size, verbose=verbose)
            return time.perf_counter() - before

    shares: list[list[float]] = [[], []]
    times = [bare()]
    end = time.perf_counter() + seconds
    while time.perf_counter() < end or not shares[1]:
        for verbose in (0, 1):
            spent = fit(verbose)
            times.append(bare())
            shares[verbose].append(2 * spent / (times[-2] + times[-1]) - 1)
    texts = [f"{100 * float(np.median(values)):5.1f} %" for values in shares]
    print(
        f"{name:16} step {1e6 * float(np.median(times)) / STEPS:8.1f} us, fit silent +{texts[0]}, "
        f"with a bar +{texts[1]} ({len(shares[0])} turns each)",
        flush=True,
    )


def resident() -> float:
    """Megabytes of memory that the process has."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def show_memory(count: int) -> None:
    """Memory after 1 %, 10 % and all of so many calls."""
    model = fastcnn.Sequential([fastcnn.Input((4,)), layers.Dense(2)])
    model.compile("adam", "mse", metrics=["mae"])
    x, y = np.zeros((4, 4), np.float32), np.zeros((4, 2), np.float32)
    calls = {
        "predict": lambda: model.predict(x, verbose=0),
        "model(x)": lambda: model(x),
        "train_on_batch": lambda: model.train_on_batch(x, y),
    }
    for name, call in calls.items():
        done, found = 0, []
        for goal in (count // 100, count // 10, count):
            for _ in range(goal - done):
                call()
            done = goal
            found.append(f"{resident():.2f} MB after {goal:,}")
        print(f"{name:16} {', '.join(found)}", flush=True)


if __name__ == "__main__":
    length = float(sys.argv[1]) if len(sys.argv) > 1 else 5.0
    show_calls(length)
    for model_name, model_program in PROGRAMS.items():
        show_fit(model_name, model_program, length)
    show_memory(int(sys.argv[2]) if len(sys.argv) > 2 else 100_000)
