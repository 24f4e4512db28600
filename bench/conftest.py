"""Benches run on their own: `pytest bench`. After pytest-benchmark's table comes one of speeds."""

import sys
from pathlib import Path

import pytest

from fastcnn._core import call
from fastcnn.profiling.machine import peak_gflops

sys.path.insert(0, str(Path(__file__).parent))  # as for a script that is run from here
collect_ignore_glob = ["[!t]*.py"]

SPEEDS = pytest.StashKey()


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
