"""Benches run on their own: `pytest bench`. After pytest-benchmark's table comes one of speeds."""

import sys
import threading
import time
from pathlib import Path

import pytest

from fastcnn._core import call, kernels

sys.path.insert(0, str(Path(__file__).parent))  # as for a script that is run from here
collect_ignore_glob = ["[!t]*.py"]

SPEEDS = pytest.StashKey()


def peak_gflops(threads):
    """GFLOP/s of the pure FMA loop on all threads at once, each timed by itself: the best of some runs of 20 ms."""
    repeats = int(2e9 / kernels.fma_peak(1))
    best = 0.0
    for _ in range(20):
        speeds = []
        team = [threading.Thread(target=run_peak_loop, args=(repeats, speeds)) for _ in range(threads)]
        for thread in team:
            thread.start()
        for thread in team:
            thread.join()
        best = max(best, sum(speeds))
    return best


def run_peak_loop(repeats, speeds):
    """Appends the GFLOP/s that one thread reaches."""
    before = time.perf_counter()
    operations = kernels.fma_peak(repeats)
    speeds.append(operations / (time.perf_counter() - before) / 1e9)


@pytest.fixture(scope="session")
def peak():
    """The machine's peak in this run, in GFLOP/s."""
    return peak_gflops(call.get_num_threads())


@pytest.fixture
def speed(request, benchmark):
    """A function that notes a measured amount: for the JSON file, and for the table at the end."""

    def note(**amounts):
        benchmark.extra_info.update(amounts)
        request.config.stash.setdefault(SPEEDS, []).append((request.node.callspec.id, dict(amounts)))

    return note


def pytest_terminal_summary(terminalreporter, config):
    """The speeds, by case."""
    rows = config.stash.get(SPEEDS, [])
    if not rows:
        return
    terminalreporter.section("speed (best round)")
    for name, amounts in rows:
        figures = "".join(f"{value:10,.1f} {unit}" for unit, value in amounts.items())
        terminalreporter.write_line(f"{name:70}{figures}")
