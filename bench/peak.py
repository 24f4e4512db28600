"""Convolutions and matrix products against the peak of pure multiply-adds: each instruction set, one and two threads.

    python bench/peak.py [--threads 1 2] [--isa avx512 avx2] [--only TEXT] [--seconds 0.8]

Prints a table: of the direct kernels and of the matrix products per cent of the peak, in brackets that of NumPy's
OpenBLAS; of Winograd's kernels how many times as fast as the direct ones they are. For each row and instruction set
the peak, the kernels that are compared and the peak again take short turns for so many seconds; the best turns count.
A process for each number of threads, as OpenBLAS takes its own at import. Needs what pytest-benchmark's benches need.
"""

import argparse
import json
import math
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import numpy as np
from shapes import SAME, SQUARES, VALID, Case, convolution, product
from test_kernels import prepared

import fastcnn
from fastcnn._core import kernels
from fastcnn.profiling.machine import peak_gflops

TURN = 0.06
"""Seconds of a turn: so long that our team, which OpenBLAS has kept from a processor, is back."""

MAPS = [(56, 64), (28, 128), (14, 256)]
OPENBLAS_THREADS = "OPENBLAS_NUM_THREADS"


def rows() -> Iterator[tuple[str, Case]]:
    """What is measured, by name."""
    for taps, padding in ((3, SAME), (1, VALID)):
        for size, channels in MAPS:
            for case in convolution(8, size, size, channels, channels, taps, 1, 1, padding):
                kind = case.op.removeprefix("conv2d").strip("_").replace("_", " ") or "forward"
                yield f"{taps}x{taps} {size}x{size}x{channels} {kind}", case
    for size in SQUARES:
        yield f"product {size}", product(("normal", (size, size)), ("normal", (size, size)))


def run_of(case: Case, winograd: bool) -> tuple[Callable[[], None], float]:
    """What runs a case, and its FLOPs."""
    fastcnn.config.set_winograd(winograd)
    node, program = prepared(case)
    return program.run, node.flops


def openblas_of(case: Case) -> Callable[[], None]:
    """What runs a product by NumPy."""
    a, b = (np.random.default_rng(0).standard_normal(shape, np.float32) for _, shape in case.inputs)
    c = np.empty((a.shape[0], b.shape[1]), np.float32)
    return lambda: np.matmul(a, b, out=c)


def least_of(run: Callable[[], None]) -> float:
    """The least seconds of a call in a turn of three calls or more."""
    durations: list[float] = []
    end = time.perf_counter() + TURN
    while (before := time.perf_counter()) < end or len(durations) < 3:
        run()
        durations.append(time.perf_counter() - before)
    return min(durations)


def measure(case: Case, threads: int, seconds: float) -> dict[str, float]:
    """GFLOP/s of the peak and of each kernel; those of Winograd counted as the direct work."""
    run, flops = run_of(case, winograd=False)
    runs = {"kernel": run}
    if case.op == "matmul":
        runs["openblas"] = openblas_of(case)
    elif case.attributes["padding"] == SAME:
        runs["winograd"] = run_of(case, winograd=True)[0]
    least = dict.fromkeys(runs, math.inf)
    peak, end = 0.0, time.perf_counter() + seconds
    while time.perf_counter() < end:
        peak = max(peak, peak_gflops(threads))
        for name, one in runs.items():
            least[name] = min(least[name], least_of(one))
    return {"peak": peak, **{name: flops / duration / 1e9 for name, duration in least.items()}}


def work(options: argparse.Namespace) -> None:
    """Measure on one number of threads; print a line of JSON for each row and instruction set."""
    (threads,) = options.threads
    fastcnn.set_num_threads(threads)
    for name, case in rows():
        for isa in options.isa if options.only in name else ():
            kernels.select(isa)
            print(json.dumps([name, isa, measure(case, threads, options.seconds)]), flush=True)


def cell(speeds: dict[str, float]) -> str:
    """What the table says of a row on one instruction set."""
    text = f"{100 * speeds['kernel'] / speeds['peak']:.0f}"
    if "openblas" in speeds:
        text += f" ({100 * speeds['openblas'] / speeds['peak']:.0f})"
    if "winograd" in speeds:
        text += f", {speeds['winograd'] / speeds['kernel']:.1f}x"
    return text


def show(options: argparse.Namespace) -> None:
    """Measure in a process for each number of threads, and print the table."""
    columns = [(isa, threads) for isa in options.isa for threads in options.threads]
    table: dict[str, dict[tuple[str, int], str]] = {name: {} for name, _ in rows() if options.only in name}
    peaks = dict.fromkeys(columns, 0.0)
    for threads in options.threads:
        arguments = ["--threads", threads, "--isa", *options.isa, "--only", options.only, "--seconds", options.seconds]
        command = [sys.executable, __file__, "--work", *map(str, arguments)]
        output = subprocess.check_output(command, env={**os.environ, OPENBLAS_THREADS: str(threads)}, text=True)
        for name, isa, speeds in map(json.loads, output.splitlines()):
            table[name][isa, threads] = cell(speeds)
            peaks[isa, threads] = max(peaks[isa, threads], speeds["peak"])
    print("|", *[f"| {isa}, {threads}" for isa, threads in columns], "|")
    print("|---" * (1 + len(columns)) + "|")
    print("| peak, GFLOP/s", *[f"| {peaks[column]:.0f}" for column in columns], "|")
    for name, cells in table.items():
        print(f"| {name}", *[f"| {cells[column]}" for column in columns], "|")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--isa", nargs="+", choices=kernels.isas(), default=[*kernels.isas()[:-1]] or kernels.isas())
    parser.add_argument("--only", default="", metavar="TEXT", help="rows whose names have this in them")
    parser.add_argument("--seconds", type=float, default=0.8, help="for each row and instruction set")
    parser.add_argument("--work", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    (work if chosen.work else show)(chosen)
