"""The loaders: the cache first, then the network; shapes, types and content of the real sets where they are at hand."""

import gzip
import hashlib
import os
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from fastcnn.datasets import cifar10, cifar100, fashion_mnist, mnist, mnist_small
from fastcnn.datasets.digits import read_digits
from fastcnn.datasets.files import Remote
from fastcnn.utils import cache
from fastcnn.utils import download as downloads

# A cache folder beside the checkout, for whoever has one.
NEIGHBOUR = Path(__file__).parents[3] / "shared" / "data"


def need(*names):
    """The cache folder that has these files; the test is skipped if there is none."""
    homes = cache.homes() if os.environ.get("FASTCNN_HOME") or os.environ.get("KERAS_HOME") else [NEIGHBOUR]
    for home in homes:
        if all((home / name).exists() for name in names):
            return home
    pytest.skip(f"{names[0]} is not in {homes[0]}; set FASTCNN_HOME to a folder that has it")


def check(split, count, shape, label_shape=()):
    x, y = split
    assert (x.shape, x.dtype) == ((count, *shape), np.uint8)
    assert (y.shape, y.dtype) == ((count, *label_shape), np.uint8)
    assert np.array_equal(np.unique(y), np.arange(10))
    assert (x.min(), x.max()) == (0, 255)
    assert x.flags.writeable
    assert y.flags.writeable


def test_mnist(monkeypatch):
    monkeypatch.setenv("FASTCNN_HOME", str(need("datasets/mnist.npz")))
    train, test = mnist.load_data()
    check(train, 60000, (28, 28))
    check(test, 10000, (28, 28))
    assert train[1][:5].tolist() == [5, 0, 4, 1, 9]
    assert test[1][:5].tolist() == [7, 2, 1, 0, 4]
    assert train[0].mean() == pytest.approx(33.318, abs=0.001)


def test_fashion_mnist(monkeypatch):
    monkeypatch.setenv("FASTCNN_HOME", str(need("datasets/fashion-mnist/t10k-labels-idx1-ubyte.gz")))
    train, test = fashion_mnist.load_data()
    check(train, 60000, (28, 28))
    check(test, 10000, (28, 28))
    assert train[1][:5].tolist() == [9, 0, 0, 3, 0]
    assert np.bincount(test[1]).tolist() == [1000] * 10


def test_cifar10(monkeypatch):
    monkeypatch.setenv("FASTCNN_HOME", str(need("cifar-10-batches-bin")))
    train, test = cifar10.load_data()
    check(train, 50000, (32, 32, 3), (1,))
    check(test, 10000, (32, 32, 3), (1,))


def test_mnist_small():
    train, test = mnist_small.load_data()
    check(train, 10000, (28, 28))
    check(test, 2000, (28, 28))
    assert np.bincount(train[1]).tolist() == [1000] * 10
    assert np.bincount(test[1]).tolist() == [200] * 10
    assert mnist_small.FILE.stat().st_size <= 2_000_000


def test_mnist_small_is_what_the_tool_makes(tmp_path):
    tool = Path(__file__).parents[2] / "tools" / "make_mnist_small.py"
    source = need("datasets/mnist.npz") / "datasets" / "mnist.npz"
    subprocess.run([sys.executable, tool, source, tmp_path / "small.npz"], check=True, capture_output=True)
    made = read_digits(tmp_path / "small.npz", train=10_000, test=2_000)
    for split, expected in zip(mnist_small.load_data(), made, strict=True):
        assert all(map(np.array_equal, split, expected))


@pytest.fixture
def empty_home(monkeypatch, tmp_path):
    monkeypatch.setenv("FASTCNN_HOME", str(tmp_path))
    return tmp_path


def full_mnist(path, labels=10):
    rng = np.random.default_rng(0)
    shapes = {"train": 60000, "test": 10000}
    np.savez_compressed(
        path,
        **{f"x_{split}": np.zeros((count, 28, 28), np.uint8) for split, count in shapes.items()},
        **{f"y_{split}": rng.integers(0, labels, count, np.uint8) for split, count in shapes.items()},
    )


def test_downloaded_once(empty_home, monkeypatch, tmp_path):
    source = tmp_path / "source.npz"
    full_mnist(source)
    data = source.read_bytes()
    calls = []

    def fake(url, partial, checksum, size, timeout, verbose):
        calls.append((url, checksum, size))
        partial.write_bytes(data)

    monkeypatch.setattr(downloads, "receive", fake)
    for _ in range(2):
        assert mnist.load_data()[0][0].shape == (60000, 28, 28)
    assert calls == [(mnist.REMOTE.url, mnist.REMOTE.sha256, mnist.REMOTE.size)]
    assert (empty_home / "datasets" / "mnist.npz").read_bytes() == data


def test_other_label(empty_home):
    (empty_home / "datasets").mkdir()
    full_mnist(empty_home / "datasets" / "mnist.npz", labels=11)
    with pytest.raises(ValueError, match="it has a label 10; labels are 0 to 9"):
        mnist.load_data()


def test_keras_cache_is_used(monkeypatch, tmp_path):
    for name in ("FASTCNN_HOME", "KERAS_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    folder = tmp_path / ".keras" / "datasets" / "fashion-mnist"
    folder.mkdir(parents=True)
    for prefix, count in (("train", 60000), ("t10k", 10000)):
        labels = np.arange(count, dtype=np.uint8) % 10
        header = struct.pack(">4I", 0x803, count, 28, 28)
        (folder / f"{prefix}-images-idx3-ubyte.gz").write_bytes(gzip.compress(header + bytes(count * 784), 1))
        (folder / f"{prefix}-labels-idx1-ubyte.gz").write_bytes(
            gzip.compress(struct.pack(">2I", 0x801, count) + labels.tobytes())
        )
    (_, y_train), (x_test, _) = fashion_mnist.load_data()
    assert y_train[:12].tolist() == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1]
    assert x_test.shape == (10000, 28, 28)


def test_public_files_are_stated_in_full():
    remotes = [mnist.REMOTE, cifar10.REMOTE, cifar100.REMOTE]
    remotes += [Remote(fashion_mnist.ADDRESS + name, *known) for name, known in fashion_mnist.FILES.items()]
    for remote in remotes:
        assert remote.url.startswith("https://")
        assert remote.size > 0
        assert len(remote.sha256) == len(hashlib.sha256().hexdigest())
        assert set(remote.sha256) <= set("0123456789abcdef")
