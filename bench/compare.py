"""fastcnn beside PyTorch, Keras on TensorFlow and on JAX, and plain JAX: five models trained in one interleaved run.

    python bench/compare.py --torch VENV/bin/python --tensorflow VENV/bin/python --jax VENV/bin/python

Each framework runs in a worker process of the Python that has it (default: this one); those that cannot be imported are
left out, and the output says so. All workers of a model take turns, an epoch each per round, while the others sleep, so
that whatever slows the machine down meets all of them. Then each is tested on the test set. The output is a table per
model, and all figures as JSON with `--json FILE`. A whole run takes hours; `--images`, `--steps`, `--rounds`,
`--programs` and `--only` make it shorter.
"""

import argparse
import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import data
import numpy as np
from programs import PROGRAMS, Program
from worker import CONTESTANTS

OURS = "fastcnn"
# What a contestant's Python must be able to import, and the option that names this Python.
NEEDS = {
    "fastcnn": ("fastcnn", "fastcnn"),
    "torch": ("torch", "torch"),
    "torch-channels-last": ("torch", "torch"),
    "keras-tensorflow": ("keras, tensorflow", "tensorflow"),
    "keras-jax": ("keras, jax", "jax"),
    "jax": ("jax", "jax"),
}
REST_SECONDS = 0.3  # between turns, until the threads of the last one sleep


class WorkerError(Exception):
    """A worker ended before its answer."""


class Worker:
    """A contestant's process."""

    def __init__(self, contestant: str, python: str, program: str, path: Path, images: int, threads: int) -> None:
        self.errors = tempfile.TemporaryFile("w+")  # noqa: SIM115 (lives as long as the process)
        variables = {
            "OMP_NUM_THREADS": str(threads),
            "MKL_NUM_THREADS": str(threads),
            "TF_CPP_MIN_LOG_LEVEL": "3",
            "CUDA_VISIBLE_DEVICES": "",
            "JAX_PLATFORMS": "cpu",
        }
        self.process = subprocess.Popen(
            [python, str(Path(__file__).with_name("worker.py")), contestant, program, str(path), str(images)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.errors,
            text=True,
            env={**os.environ, **variables},
            preexec_fn=lambda: limit_cpus(threads),
        )
        self.seconds: list[float] = []
        self.version = self.answer()["version"]

    def answer(self) -> dict[str, Any]:
        """The next line of the worker."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            self.errors.seek(0)
            lines = self.errors.read().strip().splitlines() or ["no error message"]
            self.close()
            raise WorkerError(lines[-1])
        return json.loads(line)

    def ask(self, command: Any) -> dict[str, Any]:
        """Send a command and wait for its answer."""
        assert self.process.stdin is not None
        with contextlib.suppress(BrokenPipeError):  # answer() tells why
            print(json.dumps(command), file=self.process.stdin, flush=True)
        return self.answer()

    def close(self) -> None:
        """End the process."""
        self.process.kill()
        self.process.communicate()
        self.errors.close()


def limit_cpus(count: int) -> None:
    """Keep this process on its first `count` CPUs: frameworks with thread pools of their own obey that too."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:count])


def missing(python: str, modules: str, backend: str) -> str | None:
    """Why a Python cannot import modules, or None if it can. Keras imports its backend, so it must be the right one."""
    environment = {**os.environ, "KERAS_BACKEND": backend}
    try:
        done = subprocess.run([python, "-c", f"import {modules}"], capture_output=True, text=True, env=environment)
    except OSError as error:
        return str(error)
    return None if done.returncode == 0 else (done.stderr.strip().splitlines() or ["it fails"])[-1]


def available(pythons: dict[str, str], only: list[str]) -> dict[str, str]:
    """Contestant -> its Python, for those that can run; says which cannot."""
    found: dict[str, str] = {}
    reasons: dict[tuple[str, str, str], str | None] = {}
    for contestant in only:
        modules, option = NEEDS[contestant]
        key = (pythons[option], modules, option)
        if key not in reasons:
            reasons[key] = missing(*key)
        if reasons[key] is None:
            found[contestant] = pythons[option]
        else:
            print(f"left out: {contestant}: {pythons[option]}: {reasons[key]}")
    return found


def turns(images: int, batch_size: int, steps: int | None, rounds: int) -> list[tuple[int, int]]:
    """The images that each round trains on: all, or runs of `steps` batches, from the start again at the end."""
    if steps is None:
        return [(0, images)] * rounds
    size = min(steps * batch_size, images)
    starts = range(0, images - size + 1, size)
    return [(start := starts[index % len(starts)], start + size) for index in range(rounds)]


def compete(name: str, program: Program, pythons: dict[str, str], options: argparse.Namespace) -> dict[str, Any]:
    """Train one model by all contestants; their figures."""
    arrays = data.load(program.data)
    images = min(options.images or len(arrays.x_train), len(arrays.x_train))
    workers: dict[str, Worker] = {}
    failed: dict[str, str] = {}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "data.npz")
        np.savez(path, **{key: value for key, value in arrays._asdict().items() if key != "synthetic"})
        for contestant, python in pythons.items():
            try:
                workers[contestant] = Worker(contestant, python, name, path, images, options.threads)
            except WorkerError as error:
                failed[contestant] = str(error)
    for start, stop in turns(images, program.batch_size, options.steps, options.rounds):
        for contestant, worker in list(workers.items()):
            time.sleep(REST_SECONDS)
            try:
                worker.seconds.append(worker.ask({"train": [start, stop]})["seconds"])
            except WorkerError as error:
                failed[contestant] = str(error)
                del workers[contestant]
        size = stop - start
    rows = {}
    for contestant, worker in workers.items():
        try:
            final = worker.ask("finish")
        except WorkerError as error:
            failed[contestant] = str(error)
            continue
        worker.close()
        rows[contestant] = {
            "version": worker.version,
            "best": size / min(worker.seconds),
            "median": size / statistics.median(worker.seconds),
            "seconds": worker.seconds,
            **final,
        }
    return {
        "data": program.data + (" (synthetic)" if arrays.synthetic else ""),
        "images": size,
        "batch_size": program.batch_size,
        "rows": with_ratios(rows),
        "failed": failed,
    }


def with_ratios(rows: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Adds to each row its speed as a multiple of the best other framework's, by best and by median epochs."""
    others = {key: [row[key] for name, row in rows.items() if name != OURS] for key in ("best", "median")}
    for row in rows.values():
        for key, values in others.items():
            row[f"ratio_{key}"] = row[key] / max(values) if values else None
    return rows


def table(name: str, result: dict[str, Any], options: argparse.Namespace) -> str:
    """The figures of one model as text."""
    lines = [
        f"{name}: {result['data']}, {options.rounds} rounds of {result['images']} images, "
        f"batch {result['batch_size']}, {options.threads} threads",
        f"  {'':22}{'images/s':>10}{'':>10}{'ratio to best other':>22}{'test':>10}{'peak':>9}",
        f"  {'':22}{'best':>10}{'median':>10}{'best':>12}{'median':>10}{'accuracy':>10}{'memory':>9}",
    ]
    for contestant, row in sorted(result["rows"].items(), key=lambda item: -item[1]["best"]):
        ratios = ["-" if row[key] is None else f"{row[key]:.2f}" for key in ("ratio_best", "ratio_median")]
        lines.append(
            f"  {contestant:22}{row['best']:10,.0f}{row['median']:10,.0f}{ratios[0]:>12}{ratios[1]:>10}"
            f"{row['accuracy']:10.4f}{row['megabytes']:6,.0f} MB"
        )
    lines += [f"  {contestant:22}failed: {why}" for contestant, why in result["failed"].items()]
    return "\n".join(lines)


def options_from(arguments: list[str]) -> argparse.Namespace:
    """Options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for option in ("fastcnn", "torch", "tensorflow", "jax"):
        parser.add_argument(f"--{option}", metavar="PYTHON", default=sys.executable, help=f"the Python with {option}")
    parser.add_argument("--programs", nargs="+", choices=PROGRAMS, default=list(PROGRAMS))
    parser.add_argument("--only", nargs="+", choices=CONTESTANTS, default=list(CONTESTANTS))
    parser.add_argument("--rounds", type=int, default=3, help="epochs of each framework (default 3)")
    parser.add_argument("--images", type=int, help="train on so many images (default: all)")
    parser.add_argument("--steps", type=int, help="steps per turn (default: an epoch)")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write all figures there")
    return parser.parse_args(arguments)


def main(arguments: list[str]) -> None:
    """Compare, print, write."""
    options = options_from(arguments)
    pythons = available({key: getattr(options, key) for key in ("fastcnn", "torch", "tensorflow", "jax")}, options.only)
    results = {}
    for name in options.programs:
        results[name] = compete(name, PROGRAMS[name], pythons, options)
        print(table(name, results[name], options), flush=True)
        if options.json:
            options.json.write_text(json.dumps(results, indent=1))
    versions = {row["version"] for result in results.values() for row in result["rows"].values()}
    print("; ".join(sorted(versions)))


if __name__ == "__main__":
    main(sys.argv[1:])
