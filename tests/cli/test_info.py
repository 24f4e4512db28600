"""`fastcnn info`: what it shows is so, and it says why."""

import math
import os

import numpy as np

import fastcnn
from fastcnn._core import cpus, kernels
from fastcnn.cli import info, main


def shown(output):
    return dict(line.split("  ", 1) for line in (line.strip() for line in output.splitlines()))


def test_info(capsys):
    assert main(["info"]) == 0
    lines = {name: value.strip() for name, value in shown(capsys.readouterr().out).items()}
    assert lines["fastcnn"] == fastcnn.__version__
    assert lines["NumPy"] == np.__version__
    assert lines["compiler"].split()[0] in ("GCC", "Clang")
    assert any(character.isdigit() for character in lines["compiler"])
    assert lines["threads"].startswith(f"{fastcnn.get_num_threads()} (")
    assert lines["instruction sets"].startswith(f"{', '.join(kernels.isas())} found; {kernels.isa()} used")


def test_environment_is_named(run_command):
    code, output, errors = run_command("info", OMP_NUM_THREADS="1", FASTCNN_ISA="generic")
    assert (code, errors) == (0, "")
    assert "1 (" in output
    assert "generic used (FASTCNN_ISA asks for it)" in output
    assert "1 (OMP_NUM_THREADS is 1)" in output


def test_reason_for_the_number_of_threads(monkeypatch):
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 8)
    monkeypatch.setattr(cpus, "affinity", lambda: 4)
    monkeypatch.setattr(cpus, "cgroup_quota", lambda: math.inf)
    assert info.thread_reason() == "this process may use 4 of 8 CPUs"
    monkeypatch.setattr(cpus, "cgroup_quota", lambda: 1.5)
    assert info.thread_reason() == "this process may use 4 of 8 CPUs; its container's quota is 1.5 CPUs"
    monkeypatch.setenv("OMP_NUM_THREADS", "3,2")
    assert info.thread_reason() == "OMP_NUM_THREADS is 3,2"
