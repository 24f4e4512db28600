"""Fixtures for all tests."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import fastcnn
from fastcnn._core import kernels

PACKAGE_PARENT = Path(fastcnn.__file__).parents[1]


@pytest.fixture(autouse=True)
def seeded():
    """Every test begins with the same random numbers, whichever tests ran before."""
    fastcnn.utils.set_random_seed(1)


@pytest.fixture(params=kernels.isas())
def isa(request):
    """Every instruction set that this machine has: prepares calls with its kernels."""
    before = kernels.isa()
    kernels.select(request.param)
    yield request.param
    kernels.select(before)


@pytest.fixture
def run_python():
    """A function that runs code in a fresh interpreter, with the very package under test, and returns what it prints.

    Keyword arguments are environment variables; None takes one away. Fails with the error output where the code does,
    unless `fails=True`: then the error output is returned.
    """

    def run(code, fails=False, **variables):
        environment = {**os.environ, **variables}
        environment = {name: value for name, value in environment.items() if value is not None}
        done = subprocess.run(
            [sys.executable, "-c", code],
            cwd=PACKAGE_PARENT,  # an interpreter run with -c imports from the current folder first
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert (done.returncode != 0) == fails, done.stderr
        return done.stderr if fails else done.stdout

    return run
