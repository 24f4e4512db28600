"""The processes of the contestants: which Pythons can run them, and how they are asked to train."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from fastcnn.benchmarks.contestants import CONTESTANTS, OURS

HERE = Path(__file__).parent


class WorkerError(Exception):
    """A worker ended before its answer."""


class Worker:
    """A contestant's process.

    Raises:
        WorkerError: it ended, with the last line of its error output.
    """

    def __init__(self, contestant: str, python: str, program: str, data: Path, images: int, threads: int) -> None:
        self.errors = tempfile.TemporaryFile("w+")  # noqa: SIM115 (lives as long as the process)
        variables = {
            "OMP_NUM_THREADS": str(threads),
            "MKL_NUM_THREADS": str(threads),
            "TF_CPP_MIN_LOG_LEVEL": "3",
            "CUDA_VISIBLE_DEVICES": "",
            "JAX_PLATFORMS": "cpu",
        }
        self.process = subprocess.Popen(
            [python, str(HERE / "worker.py"), contestant, program, str(data), str(images)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.errors,
            text=True,
            env={**environment(contestant, python), **variables},
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


def environment(contestant: str, python: str) -> dict[str, str]:
    """The environment of a worker; in this Python it finds the very fastcnn that started it."""
    if contestant not in OURS or python != sys.executable:
        return dict(os.environ)
    paths = [str(HERE.parents[1]), os.environ.get("PYTHONPATH", "")]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))}


def limit_cpus(count: int) -> None:
    """Keep this process on its first `count` CPUs: frameworks with thread pools of their own obey that too."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:count])


def why_not(contestant: str, python: str) -> str | None:
    """Why a Python cannot run a contestant, or None if it can. Keras imports its backend: it must be the right one."""
    variables = {**environment(contestant, python), "KERAS_BACKEND": CONTESTANTS[contestant].option}
    command = [python, "-c", f"import {CONTESTANTS[contestant].needs}"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, env=variables, cwd=HERE)
    except OSError as error:
        return str(error)
    return None if done.returncode == 0 else (done.stderr.strip().splitlines() or ["it fails"])[-1]


def available(pythons: Mapping[str, str], contestants: Sequence[str]) -> dict[str, str]:
    """Contestant -> its Python, for those that can run; says which cannot. `pythons` are the Pythons by option."""
    found: dict[str, str] = {}
    reasons: dict[str, str | None] = {}  # by what is needed: several contestants need the same
    for contestant in contestants:
        needs, option = CONTESTANTS[contestant].needs, CONTESTANTS[contestant].option
        if needs not in reasons:
            reasons[needs] = why_not(contestant, pythons[option])
        if reasons[needs] is None:
            found[contestant] = pythons[option]
        else:
            print(f"left out: {contestant}: {pythons[option]}: {reasons[needs]}")
    return found
