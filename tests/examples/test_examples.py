"""Every program in `examples/` runs to its end and prints what a reader expects; so does the README's.

The data sets are stood in for by files of the same format, size and names, made of the embedded images, so that the
tests need neither network nor cache.
"""

import gzip
import os
import re
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import fastcnn
from fastcnn.datasets import mnist_small

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
PACKAGE_PARENT = Path(fastcnn.__file__).parents[1]


def write_mnist(folder, splits):
    arrays = {f"{kind}_{name}": array for name, pair in splits.items() for kind, array in zip("xy", pair, strict=True)}
    np.savez(folder / "mnist.npz", **arrays)


def write_fashion_mnist(folder, splits):
    (folder / "fashion-mnist").mkdir()
    for prefix, (images, labels) in zip(("train", "t10k"), splits.values(), strict=True):
        for kind, array in (("images-idx3", images), ("labels-idx1", labels)):
            header = struct.pack(f">{1 + array.ndim}I", 0x800 + array.ndim, *array.shape)
            path = folder / "fashion-mnist" / f"{prefix}-{kind}-ubyte.gz"
            path.write_bytes(gzip.compress(header + array.tobytes(), compresslevel=0))


def write_cifar10(folder):
    """Black images of class 0, in files with holes that take no space."""
    (folder / "cifar-10-batches-bin").mkdir()
    for name in [f"data_batch_{number}.bin" for number in range(1, 6)] + ["test_batch.bin"]:
        with open(folder / "cifar-10-batches-bin" / name, "wb") as file:
            file.truncate(10_000 * 3073)


@pytest.fixture(scope="module")
def cache_folder(tmp_path_factory):
    home = tmp_path_factory.mktemp("cache")
    datasets = home / "datasets"
    datasets.mkdir()
    counts = {"train": 60_000, "test": 10_000}
    splits = {
        name: tuple(np.resize(array, (count, *array.shape[1:])) for array in split)
        for (name, count), split in zip(counts.items(), mnist_small.load_data(), strict=True)
    }
    write_mnist(datasets, splits)
    write_fashion_mnist(datasets, splits)
    write_cifar10(datasets)
    return home


@pytest.fixture
def run_example(tmp_path):
    """A function that runs an example in an empty folder, with the package under test, and returns what it prints."""

    def run(name, *arguments, **variables):
        paths = [str(PACKAGE_PARENT), os.environ.get("PYTHONPATH", "")]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths)), **variables}
        command = [sys.executable, str(EXAMPLES / name), *map(str, arguments)]
        done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, done.stderr
        assert done.stderr == ""
        return done.stdout

    return run


def rows(summary):
    """Output shape and parameters of each layer in a printed summary."""
    return re.findall(r"│ (\(None.*?\)) *│ *([\d,]+) │", summary)


EXPECTED = {
    "fashion_mnist.py": [
        ("(None, 26, 26, 32)", "320"),
        ("(None, 13, 13, 32)", "0"),
        ("(None, 5408)", "0"),
        ("(None, 128)", "692,352"),
        ("(None, 10)", "1,290"),
    ],
    "cifar10.py": [
        ("(None, 30, 30, 32)", "896"),
        ("(None, 15, 15, 32)", "0"),
        ("(None, 13, 13, 64)", "18,496"),
        ("(None, 6, 6, 64)", "0"),
        ("(None, 2304)", "0"),
        ("(None, 128)", "295,040"),
        ("(None, 10)", "1,290"),
        ("(None, 62, 62, 32)", "896"),
        ("(None, 31, 31, 32)", "0"),
        ("(None, 29, 29, 64)", "18,496"),
        ("(None, 14, 14, 64)", "0"),
        ("(None, 12544)", "0"),
        ("(None, 128)", "1,605,760"),
        ("(None, 10)", "1,290"),
    ],
    "mnist_deep.py": [
        ("(None, 26, 26, 32)", "320"),
        ("(None, 13, 13, 32)", "0"),
        ("(None, 11, 11, 64)", "18,496"),
        ("(None, 5, 5, 64)", "0"),
        ("(None, 3, 3, 64)", "36,928"),
        ("(None, 576)", "0"),
        ("(None, 64)", "36,928"),
        ("(None, 10)", "650"),
    ],
    "mnist_dropout.py": [
        ("(None, 26, 26, 32)", "320"),
        ("(None, 13, 13, 32)", "0"),
        ("(None, 5408)", "0"),
        ("(None, 128)", "692,352"),
        ("(None, 128)", "0"),
        ("(None, 10)", "1,290"),
    ],
}


@pytest.mark.parametrize("name", EXPECTED)
def test_training_program(name, run_example, cache_folder):
    output = run_example(name, "--epochs", 1, "--images", 320, FASTCNN_HOME=str(cache_folder))
    assert rows(output) == EXPECTED[name]
    assert re.search(r"\n\d+/\d+ - \d+s - .*accuracy: \d\.\d{4} - loss: \d", output)
    assert 0 <= float(re.search(r"[Tt]est accuracy: ([\d.]+)", output).group(1)) <= 1


def test_mnist_deep_has_as_many_parameters_as_the_tutorial(run_example, cache_folder):
    output = run_example("mnist_deep.py", "--epochs", 1, "--images", 100, FASTCNN_HOME=str(cache_folder))
    assert "Total params: 93,322" in output


def test_feature_maps(run_example, tmp_path):
    image_module = pytest.importorskip("PIL.Image")
    output = run_example("feature_maps.py")
    assert rows(output) == [("(None, 62, 62, 32)", "896")]
    assert "feature maps: (1, 62, 62, 32)" in output
    image_module.new("RGB", (100, 80), (250, 120, 10)).save(tmp_path / "photo.png")
    run_example("feature_maps.py", "photo.png", "--output", "other.png")
    pictures = [np.asarray(image_module.open(tmp_path / name)) for name in ("feature_maps.png", "other.png")]
    assert [picture.shape for picture in pictures] == [(4 * 64 - 2, 8 * 64 - 2)] * 2
    assert pictures[0].std() > 10


def test_image_folder(run_example, tmp_path):
    pytest.importorskip("PIL.Image")
    output = run_example("image_folder.py", "--epochs", 1, "--images", 200)
    assert "Found 200 files belonging to 10 classes." in output
    assert "classes: 0, 1, 2, 3, 4, 5, 6, 7, 8, 9" in output
    assert "val_accuracy: " in output
    assert re.search(r"digits/\d/\d+\.png: \d \(\d+%\)", output)
    output = run_example("image_folder.py", "digits", "--epochs", 1, "--size", 16)
    assert "Using 160 files for training." in output


def test_every_example_is_tested():
    assert {path.name for path in EXAMPLES.glob("*.py")} == {*EXPECTED, "feature_maps.py", "image_folder.py"}


def test_readme_sample(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    samples = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    assert samples
    fastcnn.utils.set_random_seed(1)
    for sample in samples:
        names = {}
        exec(sample, names)
        assert names["accuracy"] > 0.94
    assert "Epoch 3/3" in capsys.readouterr().out
    assert (tmp_path / "digits.fastcnn").is_file()


def test_readme_links():
    for target in re.findall(r"\]\(([^)]+)\)", (ROOT / "README.md").read_text()):
        assert target.startswith("https://") or (ROOT / target).is_file(), target
