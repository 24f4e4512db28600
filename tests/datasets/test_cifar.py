"""CIFAR-10's binary records, in a folder and in the archive; with fewer records per file than the real ones have."""

import io
import re
import shutil
import tarfile

import numpy as np
import pytest

from fastcnn.datasets import cifar, cifar10, cifar100

COUNT = 20  # records per file
NAMES = list(cifar.CIFAR10.files)
SMALL = cifar.CIFAR10._replace(
    train=dict.fromkeys(cifar.CIFAR10.train, COUNT), test=dict.fromkeys(cifar.CIFAR10.test, COUNT)
)
RECORD = SMALL.record


@pytest.fixture(autouse=True)
def small_files(monkeypatch):
    monkeypatch.setattr(cifar10, "CIFAR10", SMALL)


@pytest.fixture(scope="module")
def records():
    generator = np.random.default_rng(0)
    result = {}
    for name in NAMES:
        result[name] = generator.integers(0, 256, (COUNT, RECORD), "uint8")
        result[name][:, 0] %= 10
    return result


@pytest.fixture(scope="module")
def folder(tmp_path_factory, records):
    folder = tmp_path_factory.mktemp("cifar") / SMALL.folder
    folder.mkdir()
    for name, array in records.items():
        (folder / name).write_bytes(array.tobytes())
    return folder


@pytest.fixture(scope="module")
def archive(tmp_path_factory, folder):
    path = tmp_path_factory.mktemp("archive") / "cifar-10-binary.tar.gz"
    with tarfile.open(path, "w:gz", compresslevel=0) as file:
        file.add(folder, SMALL.folder)
    return path


def check(result, records):
    (x_train, y_train), (x_test, y_test) = result
    assert (x_train.shape, y_train.shape) == ((5 * COUNT, 32, 32, 3), (5 * COUNT, 1))
    assert (x_test.shape, y_test.shape) == ((COUNT, 32, 32, 3), (COUNT, 1))
    assert {array.dtype for array in (x_train, y_train, x_test, y_test)} == {np.dtype("uint8")}
    assert x_train.flags.c_contiguous
    assert y_train[COUNT + 7, 0] == records["data_batch_2.bin"][7, 0]
    assert x_train[4 * COUNT + 5, 3, 4, 2] == records["data_batch_5.bin"][5, 1 + 2 * 1024 + 3 * 32 + 4]
    image = records["test_batch.bin"][9, 1:].reshape(3, 32, 32).transpose(1, 2, 0)
    assert np.array_equal(x_test[9], image)
    assert np.array_equal(y_test[:, 0], records["test_batch.bin"][:, 0])


def test_folder_and_archive(folder, archive, records):
    check(cifar.read_cifar(folder, SMALL), records)
    check(cifar.read_cifar(archive, SMALL), records)


@pytest.mark.parametrize("place", ["", "datasets"])
def test_found_in_cache(tmp_path, monkeypatch, folder, place):
    monkeypatch.setenv("FASTCNN_HOME", str(tmp_path))
    (tmp_path / place).mkdir(exist_ok=True)
    (tmp_path / place / SMALL.folder).symlink_to(folder)
    assert cifar10.load_data()[0][0].shape == (5 * COUNT, 32, 32, 3)


def test_archive_found_in_cache(tmp_path, monkeypatch, archive):
    monkeypatch.setenv("FASTCNN_HOME", str(tmp_path))
    (tmp_path / "datasets").mkdir()
    (tmp_path / "datasets" / archive.name).symlink_to(archive)
    assert cifar10.load_data()[1][1].shape == (COUNT, 1)


def test_broken_folder(tmp_path, folder):
    copy = tmp_path / SMALL.folder
    shutil.copytree(
        folder, copy, copy_function=lambda source, target: (copy / source.rsplit("/")[-1]).symlink_to(source)
    )
    for content, message in [
        (b"abc", "it has 3 bytes, not 20 records of 3073 bytes"),
        (b"\x0a" * COUNT * RECORD, "it has a label 10; labels are 0 to 9"),
    ]:
        (copy / "data_batch_3.bin").unlink()
        (copy / "data_batch_3.bin").write_bytes(content)
        with pytest.raises(ValueError, match=re.escape(message)) as caught:
            cifar.read_cifar(copy, SMALL)
        assert "data_batch_3.bin cannot be used" in str(caught.value)
    (copy / "data_batch_3.bin").unlink()
    with pytest.raises(ValueError, match=r"it lacks data_batch_3\.bin\. Delete it"):
        cifar.read_cifar(copy, SMALL)


def write_archive(path, members):
    with tarfile.open(path, "w:gz", compresslevel=1) as file:
        for info, size in members:
            info.size = size
            file.addfile(info, io.BytesIO(bytes(size)) if info.isreg() else None)
    return path


def test_broken_archive(tmp_path, archive):
    path = tmp_path / "a.tar.gz"
    data = archive.read_bytes()
    for content in (b"", b"nothing", data[:1000], data[:150_000]):
        path.write_bytes(content)
        with pytest.raises(ValueError, match=f"{re.escape(str(path))} cannot be used: "):
            cifar.read_cifar(path, SMALL)

    def info(name, kind=tarfile.REGTYPE):
        member = tarfile.TarInfo(name)
        member.type = kind
        member.linkname = "/etc/passwd"
        return member

    first = f"{SMALL.folder}/data_batch_1.bin"
    for members, message in [
        ([(info("a"), 3)], "it lacks ['cifar-10-batches-bin/data_batch_1.bin'"),
        ([(info("big"), COUNT * RECORD + 1)], "its member 'big' has 61461 bytes"),
        ([(info(first), 5)], "it has 5 bytes, not 20 records"),
        ([(info(first, tarfile.SYMTYPE), 0)], "it lacks"),
        ([(info(f"{SMALL.folder}/{name}", tarfile.SYMTYPE), 0) for name in NAMES], "something else where its data"),
    ]:
        with pytest.raises(ValueError, match=re.escape(message)):
            cifar.read_cifar(write_archive(path, members), SMALL)


def test_cifar100(tmp_path, monkeypatch):
    small = cifar.CIFAR100._replace(train={"train.bin": 30}, test={"test.bin": 10})
    monkeypatch.setattr(cifar100, "CIFAR100", small)
    monkeypatch.setenv("FASTCNN_HOME", str(tmp_path))
    records = np.random.default_rng(1).integers(0, 256, (40, 3074), "uint8")
    records[:, :2] %= np.array([20, 100], "uint8")
    folder = tmp_path / small.folder
    folder.mkdir()
    (folder / "train.bin").write_bytes(records[:30].tobytes())
    (folder / "test.bin").write_bytes(records[30:].tobytes())
    for mode, column in (("fine", 1), ("coarse", 0)):
        (x_train, y_train), (x_test, y_test) = cifar100.load_data(mode)
        assert (x_train.shape, y_train.shape, x_test.shape) == ((30, 32, 32, 3), (30, 1), (10, 32, 32, 3))
        assert np.array_equal(np.concatenate([y_train, y_test])[:, 0], records[:, column])
        assert np.array_equal(x_test[4], records[34, 2:].reshape(3, 32, 32).transpose(1, 2, 0))
    with pytest.raises(ValueError, match="unknown label_mode 'rough'"):
        cifar100.load_data("rough")
    records[0, 0] = 20
    (folder / "train.bin").write_bytes(records[:30].tobytes())
    with pytest.raises(ValueError, match="it has a label 20; labels are 0 to 19"):
        cifar100.load_data()
