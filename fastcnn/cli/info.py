"""Show the version, how this build was made, and what of this machine it uses."""

import argparse
import math
import os
import platform

import numpy as np

import fastcnn
from fastcnn._core import cpus
from fastcnn._core.kernels import compiler, isa, isas


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`fastcnn info` takes no arguments."""


def thread_reason() -> str:
    """Why the engine starts with as many threads as it does, by the rule of `cpus.default_threads`."""
    asked = os.environ.get("OMP_NUM_THREADS")
    if cpus.omp_num_threads(asked) is not None:
        return f"OMP_NUM_THREADS is {asked}"
    available = cpus.affinity()
    allowed = f"this process may use {available} of {os.cpu_count() or available} CPUs"
    quota = cpus.cgroup_quota()
    return allowed if quota == math.inf else f"{allowed}; its container's quota is {quota:g} CPUs"


def isa_reason() -> str:
    """Why the engine uses the instruction set that it uses."""
    return "FASTCNN_ISA asks for it" if os.environ.get("FASTCNN_ISA") else "the best found"


def lines() -> list[tuple[str, str]]:
    """What `fastcnn info` shows: name and value of each line."""
    python = f"{platform.python_implementation()} {platform.python_version()}, {platform.system()} {platform.machine()}"
    return [
        ("fastcnn", fastcnn.__version__),
        ("Python", python),
        ("NumPy", np.__version__),
        ("compiler", compiler()),
        ("threads", f"{fastcnn.get_num_threads()} ({thread_reason()})"),
        ("instruction sets", f"{', '.join(isas())} found; {isa()} used ({isa_reason()})"),
    ]


def run(arguments: argparse.Namespace) -> int:
    """Print the lines, their values below each other."""
    found = lines()
    width = max(len(name) for name, _ in found)
    for name, value in found:
        print(f"{name:{width}}  {value}")
    return 0
