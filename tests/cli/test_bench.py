"""`fastcnn bench`: what it prints and writes, and what it refuses before it runs."""

import json

import pytest

from fastcnn.cli import bench, main

RESULT = {
    "data": "mnist",
    "images": 320,
    "batch_size": 32,
    "rows": {
        "fastcnn": {
            "version": "fastcnn 1",
            "best": 5000.0,
            "median": 4000.0,
            "ratio_best": 2.5,
            "ratio_median": None,
            "accuracy": 0.5,
            "megabytes": 100.0,
        }
    },
    "failed": {"jax": "no memory"},
}


@pytest.fixture
def efforts(monkeypatch):
    """No training: every model gets the same figures. A list of what was asked for."""
    asked = []

    def compete(name, pythons, effort):
        asked.append((name, pythons, effort))
        return RESULT

    monkeypatch.setattr(bench, "compete", compete)
    monkeypatch.setattr(bench, "available", lambda pythons, only: dict.fromkeys(only, pythons["fastcnn"]))
    return asked


def test_table_and_json(efforts, tmp_path, capsys):
    path = tmp_path / "speed.json"
    options = ["--programs", "fashion", "--only", "fastcnn", "--fastcnn", "py", "--threads", "1", "--steps", "7"]
    assert main(["bench", *options, "--json", str(path)]) == 0
    assert efforts == [("fashion", {"fastcnn": "py"}, (3, 7, None, 1))]
    assert json.loads(path.read_text()) == {"fashion": RESULT}
    output = capsys.readouterr().out
    assert "fashion: mnist, 3 rounds of 320 images, batch 32, 1 threads" in output
    assert "5,000     4,000        2.50         -    0.5000   100 MB" in output
    assert "failed: no memory" in output
    assert output.endswith("fastcnn 1\n")


def test_no_steps_are_an_epoch(efforts):
    assert main(["bench", "--programs", "cifar", "--steps", "0"]) == 0
    assert efforts[0][2].steps is None


def test_refused(refused, tmp_path, monkeypatch):
    assert "must be a file in a folder that exists" in refused("bench", "--json", tmp_path / "no" / "speed.json")
    assert "--plot must end in .png or .svg, received" in refused("bench", "--plot", tmp_path / "speed.jpg")
    monkeypatch.setattr(bench, "find_spec", lambda name: None)
    assert 'pip install "fastcnn[plot]"' in refused("bench", "--plot", tmp_path / "speed.png")
    monkeypatch.setattr(bench, "available", lambda pythons, only: {})
    assert "no framework is left to run" in refused("bench")
