"""Reader of NPZ files (zip archives of NumPy arrays) that are expected to hold certain arrays.

Each member's header is checked against what is expected before anything is allocated, and nothing is ever unpickled.
"""

import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import IO

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from fastcnn.datasets.files import broken
from fastcnn.utils.reading import read_into

# An npy header of a plain array has about 120 bytes.
MAX_HEADER = 1000


def read_npz(path: Path, shapes: Mapping[str, tuple[int, ...]]) -> dict[str, NDArray[np.uint8]]:
    """The uint8 arrays in an NPZ file.

    Args:
        path: The file.
        shapes: Names of the arrays and the shapes that they must have.

    Returns:
        New arrays by name.

    Raises:
        ValueError: The file is no NPZ file or damaged, or an array is missing or has another shape or type.
        OSError: The file cannot be read.
    """
    try:
        with path.open("rb") as file, zipfile.ZipFile(file) as archive:
            return {name: read_member(archive, name, shape, path) for name, shape in shapes.items()}
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise broken(path, f"it is damaged, cut, or not an NPZ file ({error})") from error


def read_member(archive: zipfile.ZipFile, name: str, shape: tuple[int, ...], path: Path) -> NDArray[np.uint8]:
    """The array `name`, after its header was found to be as expected."""
    if f"{name}.npy" not in archive.namelist():
        raise broken(path, f"it has no array {name!r}; it has {sorted(archive.namelist())}")
    with archive.open(f"{name}.npy") as member:
        found = read_header(member, name, path)
        if found != (shape, False, np.dtype(np.uint8)):
            raise broken(
                path, f"its array {name!r} has the shape {found[0]} and type {found[2]}, not {shape} and uint8"
            )
        array = np.empty(shape, np.uint8)
        count = read_into(array, member)
        if count < array.size:
            raise broken(path, f"its array {name!r} is cut: {count} of {array.size} bytes")
        # The attempt to read on also has the archive's checksum verified.
        if member.read(1):
            raise broken(path, f"its array {name!r} is longer than its header says")
    return array


def read_header(member: IO[bytes], name: str, path: Path) -> tuple[tuple[int, ...], bool, np.dtype]:
    """Shape, whether in Fortran's order, and dtype of an npy file, of which only the header is read."""
    try:
        version = npy.read_magic(member)
        read = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}[version]
        return read(member, max_header_size=MAX_HEADER)
    except (ValueError, KeyError) as error:
        raise broken(path, f"its array {name!r} is not a NumPy array ({error})") from error
