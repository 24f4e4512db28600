"""Reader of CIFAR-10's binary records: a label byte, then 1,024 red, 1,024 green and 1,024 blue pixels.

The records lie in a folder as CIFAR's own archive unpacks it, or in that archive (`.tar.gz`), which is read from front
to back without unpacking anything to disk.
"""

import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fastcnn.datasets.files import broken

Split = tuple[NDArray[np.uint8], NDArray[np.uint8]]
FOLDER = "cifar-10-batches-bin"
SIZE, CHANNELS = 32, 3
RECORD = 1 + CHANNELS * SIZE * SIZE
PER_FILE = 10_000
TRAIN_FILES = tuple(f"data_batch_{number}.bin" for number in range(1, 6))
TEST_FILES = ("test_batch.bin",)


def decode(data: bytes, path: Path) -> Split:
    """Images (n, 32, 32, 3) and labels (n, 1) of one file's records."""
    if len(data) != PER_FILE * RECORD:
        raise broken(path, f"it has {len(data)} bytes, not {PER_FILE} records of {RECORD} bytes")
    records = np.frombuffer(data, np.uint8).reshape(-1, RECORD)
    labels = records[:, :1].copy()
    if labels.max() > 9:
        raise broken(path, f"it has a label {labels.max()}; labels are 0 to 9")
    pixels = records[:, 1:].reshape(-1, CHANNELS, SIZE, SIZE)
    return np.ascontiguousarray(pixels.transpose(0, 2, 3, 1)), labels


def folder_files(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Names and contents of the six files in a folder."""
    for name in TRAIN_FILES + TEST_FILES:
        path = folder / name
        if not path.is_file():
            raise broken(folder, f"it lacks {name}")
        size = path.stat().st_size
        if size != PER_FILE * RECORD:
            raise broken(path, f"it has {size} bytes, not {PER_FILE} records of {RECORD} bytes")
        yield name, path.read_bytes()


def archive_files(path: Path) -> Iterator[tuple[str, bytes]]:
    """Names and contents of the six files in CIFAR's archive."""
    import tarfile  # rarely needed, and slow to import

    wanted = {f"{FOLDER}/{name}": name for name in TRAIN_FILES + TEST_FILES}
    try:
        with tarfile.open(path, "r|gz") as archive:
            for member in archive:
                # Also members of no interest must be unpacked to get past them.
                if member.size > PER_FILE * RECORD:
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


def read_cifar10(path: Path) -> tuple[Split, Split]:
    """Training and test set.

    Args:
        path: The folder `cifar-10-batches-bin`, or the archive `cifar-10-binary.tar.gz`.

    Returns:
        `((x_train, y_train), (x_test, y_test))`: uint8 arrays of shapes (50000, 32, 32, 3), (50000, 1),
        (10000, 32, 32, 3) and (10000, 1).

    Raises:
        ValueError: A file has another size, is damaged, is missing, or has a label other than 0 to 9.
        OSError: A file cannot be read.
    """
    contents = folder_files(path) if path.is_dir() else archive_files(path)
    parts = {name: decode(data, path / name if path.is_dir() else path) for name, data in contents}
    if len(parts) != len(TRAIN_FILES + TEST_FILES):
        raise broken(path, "it holds something else where its data files should be")
    x_train, y_train = (np.concatenate([parts[name][side] for name in TRAIN_FILES]) for side in (0, 1))
    return (x_train, y_train), parts[TEST_FILES[0]]
