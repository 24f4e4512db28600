"""Models trained by several frameworks in one interleaved run, and the table of their speeds."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from fastcnn.benchmarks import data
from fastcnn.benchmarks.contestants import OURS
from fastcnn.benchmarks.process import Worker, WorkerError
from fastcnn.benchmarks.programs import PROGRAMS

REST_SECONDS = 0.3  # between turns, until the threads of the last one sleep


class Effort(NamedTuple):
    """How long a comparison takes: turns of each contestant, steps of a turn (None: an epoch), images (None: all)."""

    rounds: int
    steps: int | None
    images: int | None
    threads: int


def turns(images: int, batch_size: int, steps: int | None, rounds: int) -> list[tuple[int, int]]:
    """The images that each round trains on: all, or runs of `steps` batches, from the start again at the end."""
    if steps is None:
        return [(0, images)] * rounds
    size = min(steps * batch_size, images)
    starts = range(0, images - size + 1, size)
    return [(start := starts[index % len(starts)], start + size) for index in range(rounds)]


def compete(name: str, pythons: Mapping[str, str], effort: Effort) -> dict[str, Any]:
    """Train one model by all contestants (each with its Python), a turn each per round; their figures."""
    program = PROGRAMS[name]
    arrays = data.load(program.data, effort.images)
    images = min(effort.images or len(arrays.x_train), len(arrays.x_train))
    workers: dict[str, Worker] = {}
    failed: dict[str, str] = {}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "data.npz")
        np.savez(path, **{key: value for key, value in arrays._asdict().items() if key != "synthetic"})
        for contestant, python in pythons.items():
            try:
                workers[contestant] = Worker(contestant, python, name, path, images, effort.threads)
            except WorkerError as error:
                failed[contestant] = str(error)
    size = 0
    for start, stop in turns(images, program.batch_size, effort.steps, effort.rounds):
        size = stop - start
        for contestant, worker in list(workers.items()):
            time.sleep(REST_SECONDS)
            try:
                worker.seconds.append(worker.ask({"train": [start, stop]})["seconds"])
            except WorkerError as error:
                failed[contestant] = str(error)
                del workers[contestant]
    return {
        "data": program.data + (" (synthetic)" if arrays.synthetic else ""),
        "images": size,
        "batch_size": program.batch_size,
        "rows": with_ratios(finished(workers, size, failed)),
        "failed": failed,
    }


def finished(workers: Mapping[str, Worker], size: int, failed: dict[str, str]) -> dict[str, dict[str, Any]]:
    """The figures of every worker that has trained on `size` images a turn; ends the workers."""
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
    return rows


def with_ratios(rows: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Adds to each row its speed as a multiple of the best other framework's, by best and by median turns."""
    others = {key: [row[key] for name, row in rows.items() if name not in OURS] for key in ("best", "median")}
    for row in rows.values():
        for key, values in others.items():
            row[f"ratio_{key}"] = row[key] / max(values) if values else None
    return rows


def table(name: str, result: Mapping[str, Any], effort: Effort) -> str:
    """The figures of one model as text."""
    lines = [
        f"{name}: {result['data']}, {effort.rounds} rounds of {result['images']} images, "
        f"batch {result['batch_size']}, {effort.threads} threads",
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
