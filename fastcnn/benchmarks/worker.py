"""A contestant in a process of its own: trains one model with one framework when told to.

Run as `python worker.py CONTESTANT PROGRAM DATA.npz IMAGES`. It reads commands from standard input, a line of JSON each
(`{"train": [start, stop]}`: one shuffled pass over these images; `"finish"`), and answers each with a line of JSON.
A contestant is a class with `train(start, stop)`, `classes(images)` -> predicted class numbers, and `version`.
"""

import importlib
import json
import os
import resource
import sys
import time
from typing import Any, TextIO

import numpy as np
from contestants import CONTESTANTS
from programs import PROGRAMS

TEST_BATCH = 1000


def scaled(images: np.ndarray) -> np.ndarray:
    """Pixels as float32 from 0 to 1."""
    return images.astype(np.float32) / np.float32(255)


def peak_megabytes() -> float:
    """The most memory that this process has had resident."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


def answer(message: object, stream: TextIO) -> None:
    """One line of JSON."""
    print(json.dumps(message), file=stream, flush=True)


def serve(contestant: Any, x_test: np.ndarray, y_test: np.ndarray, stream: TextIO) -> None:
    """Obey commands until the end."""
    for line in sys.stdin:
        command = json.loads(line)
        if command == "finish":
            predicted = np.concatenate(
                [contestant.classes(scaled(x_test[i : i + TEST_BATCH])) for i in range(0, len(x_test), TEST_BATCH)]
            )
            answer({"accuracy": float((predicted == y_test).mean()), "megabytes": peak_megabytes()}, stream)
            return
        start, stop = command["train"]
        before = time.perf_counter()
        contestant.train(start, stop)
        answer({"seconds": time.perf_counter() - before}, stream)


def main() -> None:
    """Make the contestant, warm it up, serve."""
    name, program_name, path, images = sys.argv[1:]
    stream = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # whatever a framework prints is not an answer
    program = PROGRAMS[program_name]
    arrays = np.load(path)
    x, y = scaled(arrays["x_train"][: int(images)]), arrays["y_train"][: int(images)].astype(np.int32)
    contestant = importlib.import_module(CONTESTANTS[name].module).Contestant(program, CONTESTANTS[name].variant, x, y)
    # Compile for both batch sizes that occur: the whole one and the remainder.
    contestant.train(0, min(len(x), 5 * program.batch_size + len(x) % program.batch_size))
    answer({"version": contestant.version}, stream)
    serve(contestant, arrays["x_test"], arrays["y_test"], stream)


if __name__ == "__main__":
    main()
