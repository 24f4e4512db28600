"""What surrounds a step: the time of one prediction and one call, the cost of `fit` beside the bare steps, and memory.

    python bench/latency.py [SECONDS]

Each part for so many seconds (default 5): `predict` and `model(x)` on one image; `fit` without and with a progress bar
beside the bare steps of the five models, alternately; growth of the resident memory over calls.
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

    def bare() -> None:
        for start in range(0, rows, program.batch_size):
            step.run(start)

    def timed(action: Callable[[], Any]) -> float:
        before = time.perf_counter()
        action()
        return time.perf_counter() - before

    found: list[list[float]] = [[], [], []]
    end = time.perf_counter() + seconds
    while time.perf_counter() < end or not found[2]:
        step.bind([x, targets], rng.permutation(rows))
        found[0].append(timed(bare))
        step.unbind()
        for number, verbose in ((1, 0), (2, 1)):
            with unseen():
                found[number].append(
                    timed(lambda v=verbose: model.fit(x, targets, batch_size=program.batch_size, verbose=v))
                )
    best = [min(values) for values in found]
    shares = [f"{100 * (value / best[0] - 1):5.1f} %" for value in best[1:]]
    print(
        f"{name:14} step {1e6 * best[0] / STEPS:8.1f} us, fit silent +{shares[0]}, with a bar +{shares[1]}", flush=True
    )


def resident() -> float:
    """Megabytes of memory that the process has."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def show_memory(seconds: float) -> None:
    """Growth over many calls."""
    model = small()
    model.compile("adam", fastcnn.losses.SparseCategoricalCrossentropy(from_logits=True))
    x, y = np.zeros((4, 28, 28, 1), np.float32), np.zeros(4, np.int32)
    calls = {
        "predict": lambda: model.predict(x, verbose=0),
        "model(x)": lambda: model(x),
        "train_on_batch": lambda: model.train_on_batch(x, y),
    }
    for name, call in calls.items():
        for _ in range(1000):
            call()
        before, count, end = resident(), 0, time.perf_counter() + seconds
        while time.perf_counter() < end:
            call()
            count += 1
        print(f"{name:14} {count:9,} calls: {before:.1f} -> {resident():.1f} MB", flush=True)


if __name__ == "__main__":
    length = float(sys.argv[1]) if len(sys.argv) > 1 else 5.0
    show_calls(length)
    for model_name, model_program in PROGRAMS.items():
        show_fit(model_name, model_program, length)
    show_memory(length)
