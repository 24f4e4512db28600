"""`fastcnn profile`: the table of training and of prediction, and what it refuses."""

import pytest

from fastcnn import Sequential, layers
from fastcnn.cli import main
from fastcnn.profiling.machine import Level, Machine


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """Limits that are not measured, and no more runs than needed."""
    limits = Machine(1, 100.0, (Level("memory", float("inf"), 20.0, 10.0),), "avx512")
    monkeypatch.setattr("fastcnn.profiling.measure.machine", lambda: limits)
    monkeypatch.setattr("fastcnn.profiling.measure.MOST_RUNS", 0)


def test_training(saved, capsys):
    path = saved(layers.Input((4,)), layers.Dense(3, activation="softmax", name="classes"))
    assert main(["profile", str(path), "--batch-size", "8"]) == 0
    output = capsys.readouterr().out
    assert ": training, batch 8, " in output
    assert "softmax_cross_entropy_gradient" in output
    assert "adam_update" in output


def test_prediction(saved, capsys):
    path = saved(layers.Input((4,)), layers.Dense(3, name="last"))
    assert main(["profile", str(path), "--predict"]) == 0
    output = capsys.readouterr().out
    assert ": prediction, batch 32, " in output
    assert "last" in output
    assert "adam" not in output


def test_open_sizes(saved, capsys, refused):
    path = saved(layers.Input((None, None, 1)), layers.Conv2D(2, 3, name="first"), layers.GlobalAveragePooling2D())
    assert main(["profile", str(path), "--batch-size", "2", "--input-shape", "8", "9", "1"]) == 0
    assert "2x6x7x2" in capsys.readouterr().out
    assert "--input-shape" in refused("profile", path)


def test_a_compiled_model_is_trained_as_it_was_compiled(tmp_path, capsys):
    model = Sequential([layers.Input((4,)), layers.Dense(3)])
    model.compile("sgd", "mae")
    model.save(tmp_path / "compiled.fastcnn")
    assert main(["profile", str(tmp_path / "compiled.fastcnn")]) == 0
    output = capsys.readouterr().out
    assert "sgd_update" in output
    assert "adam" not in output


def test_refused(refused, tmp_path, saved, monkeypatch):
    assert "no.fastcnn" in refused("profile", tmp_path / "no.fastcnn")

    def profile(*arguments, **options):
        raise ValueError("it has two inputs")

    monkeypatch.setattr("fastcnn.models.Model.profile", profile)
    path = saved(layers.Input((4,)), layers.Dense(3))
    assert "model.fastcnn' cannot be profiled: it has two inputs" in refused("profile", path)
