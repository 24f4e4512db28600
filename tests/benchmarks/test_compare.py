"""The comparison with other frameworks: turns, ratios, and workers that fail."""

import sys

import numpy as np
import pytest

from fastcnn.benchmarks import data, process
from fastcnn.benchmarks.compare import Effort, compete, turns, with_ratios
from fastcnn.benchmarks.contestants import CONTESTANTS, OURS
from fastcnn.benchmarks.programs import PROGRAMS

ONE_STEP = Effort(rounds=2, steps=1, images=70, threads=1)


@pytest.fixture
def small_data(monkeypatch):
    """No real data, and few images of each set."""
    monkeypatch.setattr(data, "DATA_SETS", {name: (shape, 100, 20, []) for name, (shape, *_) in data.DATA_SETS.items()})


def test_turns():
    assert turns(100, 32, None, 2) == [(0, 100), (0, 100)]
    assert turns(100, 10, 4, 3) == [(0, 40), (40, 80), (0, 40)]
    assert turns(30, 32, 4, 1) == [(0, 30)]


def test_ratios_are_to_the_best_other():
    rows = {
        "fastcnn": {"best": 60, "median": 50},
        "torch": {"best": 10, "median": 10},
        "jax": {"best": 20, "median": 5},
    }
    with_ratios(rows)
    assert (rows["fastcnn"]["ratio_best"], rows["fastcnn"]["ratio_median"]) == (3, 5)
    assert with_ratios({"fastcnn": {"best": 60, "median": 50}})["fastcnn"]["ratio_best"] is None


def test_synthetic_data_has_the_shapes_of_the_real():
    arrays = data.synthetic((32, 32, 3), 6, 4)
    assert (arrays.x_train.shape, arrays.y_test.shape) == ((6, 32, 32, 3), (4,))
    assert arrays.x_train.dtype == arrays.y_train.dtype == np.uint8


@pytest.mark.usefixtures("small_data")
@pytest.mark.parametrize("name", ["mnist-dropout", "cifar"])
def test_a_worker_trains(name):
    result = compete(name, {"fastcnn": sys.executable}, ONE_STEP)
    assert result["failed"] == {}
    row = result["rows"]["fastcnn"]
    assert len(row["seconds"]) == 2
    assert row["best"] >= row["median"] > 0
    assert 0 <= row["accuracy"] <= 1
    assert result["data"] == PROGRAMS[name].data + " (synthetic)"


@pytest.mark.usefixtures("small_data")
def test_a_worker_that_fails_is_told(tmp_path):
    broken = tmp_path / "python"
    broken.write_text("#!/bin/sh\necho out of order >&2\nexit 1\n")
    broken.chmod(0o755)
    result = compete("fashion", {"torch": str(broken)}, ONE_STEP)
    assert result["failed"] == {"torch": "out of order"}
    assert result["rows"] == {}


def test_frameworks_that_are_missing_are_left_out(monkeypatch, capsys):
    monkeypatch.setattr(process, "why_not", lambda name, python: None if name in OURS else "there is none")
    pythons = dict.fromkeys(("fastcnn", "torch", "tensorflow", "jax"), "python")
    assert process.available(pythons, list(CONTESTANTS)) == dict.fromkeys(OURS, "python")
    assert "left out: torch: python: there is none\n" in capsys.readouterr().out


def test_why_a_python_cannot_run_a_contestant(tmp_path):
    assert process.why_not("fastcnn", sys.executable) is None
    assert "No such file" in process.why_not("torch", str(tmp_path / "python"))
