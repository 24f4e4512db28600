"""Fixtures for the command line."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import fastcnn
from fastcnn import layers
from fastcnn.cli import main

PACKAGE_PARENT = Path(fastcnn.__file__).parents[1]


@pytest.fixture
def run_command(tmp_path):
    """A function that runs `python -m fastcnn` with arguments, in an empty folder, with the package under test.

    Keyword arguments are environment variables. Returns exit code, output and error output.
    """

    def run(*arguments, **variables):
        paths = [str(PACKAGE_PARENT), os.environ.get("PYTHONPATH", "")]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths)), **variables}
        command = [sys.executable, "-m", "fastcnn", *map(str, arguments)]
        done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=300)
        return done.returncode, done.stdout, done.stderr

    return run


@pytest.fixture
def refused(capsys):
    """A function that calls `main` with arguments that it must refuse by one line, and returns the line."""

    def run(*arguments):
        assert main([str(argument) for argument in arguments]) == 2
        output, errors = capsys.readouterr()
        assert output == ""
        assert errors.count("\n") == 1
        return errors

    return run


@pytest.fixture
def saved(tmp_path):
    """A function that saves a model of the given layers and returns the file."""

    def save(*model_layers, name="model.fastcnn"):
        path = tmp_path / name
        fastcnn.Sequential(list(model_layers)).save(path)
        return path

    return save


@pytest.fixture
def brightness_model(saved):
    """A function that saves a model of `channels` whose outputs are (0, sum of all pixels - half of them)."""

    def save(channels=1, activation="softmax"):
        dense = layers.Dense(2, activation=activation)
        path = saved(layers.Input((4, 6, channels)), layers.Flatten(), dense)
        model = fastcnn.models.load_model(path)
        pixels = 24 * channels
        kernel = [[0.0, 1.0]] * pixels
        model.set_weights([kernel, [0.0, -pixels / 2]])
        model.save(path)
        return path

    return save
