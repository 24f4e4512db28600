"""Reader of CIFAR's binary records: label bytes, then 1,024 red, 1,024 green and 1,024 blue pixels.

The records lie in a folder as CIFAR's own archive unpacks it, or in that archive (`.tar.gz`), which is read from front
to back without unpacking anything to disk.
"""

import itertools
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastcnn.datasets.files import broken

Split = tuple[NDArray[np.uint8], NDArray[np.uint8]]
SIZE, CHANNELS = 32, 3
PIXELS = CHANNELS * SIZE * SIZE


class Format(NamedTuple):
    """What the files of one of the two sets are."""

    folder: str
    train: Mapping[str, int]
    """Names of the training files, and how many records each has."""
    test: Mapping[str, int]
    classes: tuple[int, ...]
    """Number of classes of each label byte."""

    @property
    def record(self) -> int:
        """Bytes of a record."""
        return len(self.classes) + PIXELS

    @property
    def files(self) -> dict[str, int]:
        """All files."""
        return {**self.train, **self.test}


CIFAR10 = Format(
    "cifar-10-batches-bin",
    {f"data_batch_{number}.bin": 10_000 for number in range(1, 6)},
    {"test_batch.bin": 10_000},
    (10,),
)
CIFAR100 = Format("cifar-100-binary", {"train.bin": 50_000}, {"test.bin": 10_000}, (20, 100))


def decode(data: bytes, path: Path, name: str, form: Format, images: NDArray, labels: NDArray) -> None:
    """Write images (n, 32, 32, 3) and labels (n, label bytes) of one file's records to arrays."""
    check_length(len(data), path, name, form)
    records = np.frombuffer(data, np.uint8).reshape(-1, form.record)
    labels[...] = records[:, : len(form.classes)]
    for column, classes in enumerate(form.classes):
        largest = labels[:, column].max(initial=0)
        if largest >= classes:
            raise broken(path, f"it has a label {largest}; labels are 0 to {classes - 1}")
    pixels = records[:, len(form.classes) :].reshape(-1, CHANNELS, SIZE, SIZE)
    images[...] = pixels.transpose(0, 2, 3, 1)


def check_length(size: int, path: Path, name: str, form: Format) -> None:
    """Refuse a file of another length than it must have."""
    if size != form.files[name] * form.record:
        raise broken(path, f"it has {size} bytes, not {form.files[name]} records of {form.record} bytes")


def folder_files(folder: Path, form: Format) -> Iterator[tuple[str, bytes]]:
    """Names and contents of the files in a folder."""
    for name in form.files:
        path = folder / name
        if not path.is_file():
            raise broken(folder, f"it lacks {name}")
        check_length(path.stat().st_size, path, name, form)
        yield name, path.read_bytes()


def archive_files(path: Path, form: Format) -> Iterator[tuple[str, bytes]]:
    """Names and contents of the files in CIFAR's archive."""
    import tarfile  # rarely needed, and slow to import

    wanted = {f"{form.folder}/{name}": name for name in form.files}
    largest = max(form.files.values()) * form.record
    try:
        with tarfile.open(path, "r|gz") as archive:
            for member in archive:
                # Also members of no interest must be unpacked to get past them.
                if member.size > largest:
                    raise broken(path, f"its member {member.name!r} has {member.size} bytes")
                name = wanted.pop(member.name, None)
                file = archive.extractfile(member) if name and member.isreg() else None
                if name and file:
                    yield name, file.read()
                if not wanted:
                    return
    except (tarfile.TarError, EOFError, zlib.error) as error:
        raise broken(path, f"it is damaged, cut, or not a compressed tar archive ({error})") from error
    raise broken(path, f"it lacks {sorted(wanted)}")


def read_cifar(path: Path, form: Format) -> tuple[Split, Split]:
    """Training and test set.

    Args:
        path: The folder as the archive unpacks it, or the archive.
        form: What the files are, `CIFAR10` or `CIFAR100`.

    Returns:
        `((x_train, y_train), (x_test, y_test))`: uint8 arrays of shapes (50000, 32, 32, 3), (50000, label bytes),
        (10000, 32, 32, 3) and (10000, label bytes).

    Raises:
        ValueError: A file has another size, is damaged, is missing, or has a label that there is not.
        OSError: A file cannot be read.
    """
    train, test = empty_split(form.train, form), empty_split(form.test, form)
    places = {**parts_of(train, form.train), **parts_of(test, form.test)}
    for name, data in folder_files(path, form) if path.is_dir() else archive_files(path, form):
        decode(data, path / name if path.is_dir() else path, name, form, *places.pop(name))
        del data  # before the next file is read
    if places:
        raise broken(path, "it holds something else where its data files should be")
    return train, test


def empty_split(files: Mapping[str, int], form: Format) -> Split:
    """Arrays for the records of some files."""
    count = sum(files.values())
    return np.empty((count, SIZE, SIZE, CHANNELS), np.uint8), np.empty((count, len(form.classes)), np.uint8)


def parts_of(split: Split, files: Mapping[str, int]) -> dict[str, Split]:
    """The part of a split that comes from each of its files."""
    ends = itertools.accumulate(files.values())
    return {
        name: (split[0][end - count : end], split[1][end - count : end])
        for (name, count), end in zip(files.items(), ends, strict=True)
    }
