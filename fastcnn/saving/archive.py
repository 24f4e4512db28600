"""Arrays in zip archives of `.npy` members (what NumPy calls npz), read with suspicion.

The header of a member is compared with the shape that the model expects, and the member's length with both, before
any memory is taken for the values.
"""

from __future__ import annotations

import errno
import math
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import numpy as np

from fastcnn.graph import Variable
from fastcnn.utils.reading import read_into

DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    NotImplementedError,  # an unknown compression
    RuntimeError,  # encrypted
    OverflowError,
    OSError,
    ValueError,
)
"""What reading a damaged archive may raise."""


class MissingFileError(FileNotFoundError, ValueError):
    """There is no such file: an OSError, as Python has it, and a ValueError, as Keras has it."""


FLOATS = (np.float16, np.float32, np.float64)


@contextmanager
def open_archive(path: Path) -> Iterator[zipfile.ZipFile]:
    """A zip archive for reading; errors of the file become ValueErrors that name it.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it is no zip archive, or cut short or damaged.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except DAMAGE as error:
        if isinstance(error, ValueError) and repr(str(path)) in str(error):
            raise
        if isinstance(error, OSError) and error.errno != errno.EINVAL:
            raise  # of the file system; an offset that is none gives EINVAL
        raise ValueError(
            f"{str(path)!r} is no archive of weights, or was cut short or damaged: {error or 'it ends too early'}"
        ) from None


def check_stored(archive: zipfile.ZipFile, path: Path) -> None:
    """Raise ValueError if a member is compressed, which may be far larger than the file."""
    for info in archive.infolist():
        if info.compress_type != zipfile.ZIP_STORED or info.file_size != info.compress_size:
            raise ValueError(f"{str(path)!r} is none of fastcnn's files: its member {info.filename!r} is compressed")


def write_array(archive: zipfile.ZipFile, name: str, array: np.ndarray) -> None:
    """Add an array as member `name`.npy."""
    with archive.open(f"{name}.npy", "w", force_zip64=True) as stream:
        np.lib.format.write_array(stream, array, allow_pickle=False)


def read_arrays(
    archive: zipfile.ZipFile, path: Path, variables: Mapping[str, Variable], beside: str | tuple[str, ...] = ()
) -> Iterator[tuple[str, np.ndarray]]:
    """Names and values of just the members that there are variables for, one after the other once all are checked.

    Args:
        archive: the open archive.
        path: its name, for errors.
        variables: the variables, of the expected shapes and types, by name, without the ending `.npy`.
        beside: how the names of members begin that are left alone.

    Raises:
        ValueError: members are missing or surplus, or one has another shape, dtype or length than it should have.
    """
    members = {info.filename[: -len(".npy")]: info for info in archive.infolist() if info.filename.endswith(".npy")}
    members = {name: info for name, info in members.items() if not name.startswith(beside)}
    check_names(path, members, variables)
    for name, variable in variables.items():
        with archive.open(members[name]) as stream:
            check_header(path, name, stream, members[name].file_size, variable)
    for name, variable in variables.items():
        with archive.open(members[name]) as stream:
            dtype, fortran = check_header(path, name, stream, members[name].file_size, variable)
            yield name, read_values(path, name, stream, variable.shape, dtype, fortran)


def read_any_array(archive: zipfile.ZipFile, path: Path, name: str) -> np.ndarray:
    """An array of numbers of any shape, no larger than its member in the file.

    Raises:
        ValueError: there is no such member, or it is damaged.
    """
    try:
        member = archive.getinfo(f"{name}.npy")
    except KeyError:
        raise ValueError(f"{str(path)!r} lacks {name}") from None
    with archive.open(member) as stream:
        shape, fortran, dtype = read_header(path, name, stream)
        if dtype.kind not in "biuf":
            raise ValueError(f"{str(path)!r}: {name} is of dtype {dtype}, not of numbers")
        check_length(path, name, stream, member.file_size, dtype, shape)
        return read_values(path, name, stream, shape, dtype, fortran)


def check_names(path: Path, found: Mapping[str, Any], expected: Mapping[str, Any]) -> None:
    """Raise ValueError unless a file has just the weights that a model has."""
    missing = [name for name in expected if name not in found]
    surplus = [name for name in found if name not in expected]
    if missing or surplus:
        differences = [f"it lacks {', '.join(missing[:3])}"] if missing else []
        differences += [f"it has besides {', '.join(surplus[:3])}"] if surplus else []
        raise ValueError(
            f"{str(path)!r} holds {len(found)} weights of another architecture than the model, which has "
            f"{len(expected)}: {' and '.join(differences)}"
        )


def check_array(path: Path, name: str, found: tuple[int, ...], dtype: np.dtype, variable: Variable) -> None:
    """Raise ValueError unless the array in a file is of the variable's shape and of a type that becomes its own."""
    if tuple(found) != variable.shape:
        raise ValueError(
            f"{str(path)!r} is of another architecture: {name} has the shape {tuple(found)} there, "
            f"{variable.shape} in the model"
        )
    if variable.value.dtype.kind == "i":
        if dtype.kind not in "iu":
            raise ValueError(f"{str(path)!r}: {name} is of dtype {dtype}, not of integers")
    elif dtype.type not in FLOATS:
        raise ValueError(f"{str(path)!r}: {name} is of dtype {dtype}, not of float16, float32 or float64")


def check_header(path: Path, name: str, stream: IO[bytes], length: int, variable: Variable) -> tuple[np.dtype, bool]:
    """Read the header of a `.npy` member and compare; returns dtype and order of the values that follow."""
    found, fortran, dtype = read_header(path, name, stream)
    check_array(path, name, found, dtype, variable)
    check_length(path, name, stream, length, dtype, found)
    return dtype, fortran


def read_header(path: Path, name: str, stream: IO[bytes]) -> tuple[tuple[int, ...], bool, np.dtype]:
    """The header of a `.npy` member: shape, whether columns come first, dtype."""
    try:
        version = np.lib.format.read_magic(stream)
        if version not in ((1, 0), (2, 0)):
            raise ValueError(f"unknown version {version} of the format")
        read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        header: tuple[tuple[int, ...], bool, np.dtype] = read(stream)
        return header
    except ValueError as error:
        raise ValueError(f"{str(path)!r}: {name} has no readable header: {error}") from None


def check_length(
    path: Path, name: str, stream: IO[bytes], length: int, dtype: np.dtype, shape: tuple[int, ...]
) -> None:
    """Raise ValueError unless a member is as long as its header says."""
    expected = stream.tell() + dtype.itemsize * math.prod(shape)
    if length != expected:
        raise ValueError(f"{str(path)!r}: {name} takes {length} bytes instead of {expected}; the file is damaged")


def read_values(
    path: Path, name: str, stream: IO[bytes], shape: tuple[int, ...], dtype: np.dtype, fortran: bool
) -> np.ndarray:
    """The values behind a checked header."""
    values = np.empty(shape[::-1] if fortran else shape, dtype)
    if read_into(values, stream) != values.nbytes or stream.read(1):  # at the end zipfile compares the checksum
        raise ValueError(f"{str(path)!r}: {name} ends too early; the file was cut short")
    return values.T if fortran else values
