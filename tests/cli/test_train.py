"""`fastcnn train` and, with its model, `fastcnn predict`."""

import re
import sys

import numpy as np
import pytest

import fastcnn
from fastcnn.cli import main
from fastcnn.datasets import mnist_small


@pytest.fixture
def one_thread():
    before = fastcnn.get_num_threads()
    yield
    fastcnn.set_num_threads(before)


def test_train_then_predict(run_command, tmp_path):
    pytest.importorskip("PIL")
    code, output, errors = run_command("train", "--epochs", 1, "--sample", "digits")
    assert (code, errors) == (0, "")
    assert "Training on 10,000 images" in output
    assert re.search(r"\n313/313 - .* - accuracy: 0\.\d{4}", output)
    assert "Predict with: fastcnn predict mnist.fastcnn digits/digit-*.png\n" in output
    accuracy = float(re.search(r"Test accuracy: (0\.\d{4}) after \d+\.\d s of training\n$", output).group(1))
    assert accuracy > 0.9
    images = sorted(path.relative_to(tmp_path) for path in (tmp_path / "digits").iterdir())
    assert [image.name for image in images] == [f"digit-{digit}.png" for digit in range(10)]
    code, output, errors = run_command("predict", "mnist.fastcnn", *images)
    assert (code, errors) == (0, "")
    answers = [re.fullmatch(r"digits/digit-(\d)\.png: (\d) \(\d+\.\d\d%\)", line) for line in output.splitlines()]
    assert len(answers) == 10
    assert sum(answer.group(1) == answer.group(2) for answer in answers) >= 8


@pytest.fixture
def few_images(monkeypatch):
    splits = mnist_small.load_data()
    monkeypatch.setattr(mnist_small, "load_data", lambda: [[part[:200] for part in split] for split in splits])


@pytest.mark.usefixtures("few_images", "one_thread")
def test_options(tmp_path, capsys):
    files = [tmp_path / f"{name}.fastcnn" for name in ("a", "b", "c")]
    for path, seed in zip(files, (5, 5, 6), strict=True):
        assert main(["train", "--epochs", "2", "--seed", str(seed), "--threads", "1", "--output", str(path)]) == 0
        output = capsys.readouterr().out
        assert "threads: 1" in output
        assert "Epoch 2/2" in output
        assert f"Saved: {path}\nPredict with: fastcnn predict {path} IMAGE...\n" in output
    same, again, other = (fastcnn.models.load_model(path).get_weights() for path in files)
    assert all(map(np.array_equal, same, again))
    assert not all(map(np.array_equal, same, other))
    assert fastcnn.get_num_threads() == 1


@pytest.mark.usefixtures("few_images")
def test_an_older_model_is_replaced(tmp_path, capsys):
    path = tmp_path / "old.fastcnn"
    path.write_text("old")
    assert main(["train", "--epochs", "1", "--output", str(path)]) == 0
    assert fastcnn.models.load_model(path).count_params() == 225_034
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("model.keras", "--output must end in .fastcnn, received"),
        ("folder.fastcnn", "--output must be a file, "),
        ("nowhere/model.fastcnn", "--output: there is no folder"),
    ],
)
def test_unusable_output(name, message, refused, tmp_path):
    (tmp_path / "folder.fastcnn").mkdir()
    assert message in refused("train", "--output", tmp_path / name)


def test_sample_without_pillow(refused, monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "PIL", None)
    assert 'needs Pillow: pip install "fastcnn[images]"' in refused("train", "--sample", tmp_path / "digits")


def test_sample_where_a_file_is(refused, tmp_path):
    pytest.importorskip("PIL")
    (tmp_path / "digits").write_text("")
    assert "--sample: " in refused("train", "--sample", tmp_path / "digits")
