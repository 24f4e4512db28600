"""Reader of IDX files, the format in which MNIST and Fashion-MNIST were published, plain or compressed by gzip.

An IDX file is: two zero bytes, a byte for the type, a byte for the number of axes, a big-endian 32-bit size per axis,
the values (big-endian, last axis fastest). Sizes are checked against the file's before anything is allocated.
"""

import gzip
import math
import zlib
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from fastcnn.datasets.files import broken
from fastcnn.utils.reading import read_into

TYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
# Deflate cannot pack better than this, so a greater size in a header is false.
MAX_DEFLATE_RATIO = 1032
GZIP_MAGIC = b"\x1f\x8b"


def read_idx(path: Path, dtype: str | None = None, shape: tuple[int, ...] | None = None) -> NDArray:
    """The array in an IDX file.

    Args:
        path: The file; whether it is compressed is seen from its first bytes.
        dtype: NumPy type that its values must have. Default None: any.
        shape: Shape that it must have. Default None: any.

    Returns:
        New array in the machine's byte order.

    Raises:
        ValueError: The file is no IDX file, is cut or too long, is damaged, or has another type or shape.
        OSError: The file cannot be read.
    """
    length = path.stat().st_size
    with path.open("rb") as file:
        compressed = file.read(2) == GZIP_MAGIC
        file.seek(0)
        if not compressed:
            array = read_stream(file, path, shape, length)
        else:
            try:
                with gzip.GzipFile(fileobj=file) as stream:
                    array = read_stream(stream, path, shape, length * MAX_DEFLATE_RATIO)
            except (EOFError, zlib.error, gzip.BadGzipFile) as error:
                raise broken(path, f"its compressed data is damaged or cut ({error})") from error
    if dtype is not None and array.dtype != dtype:
        raise broken(path, f"its values are of type {array.dtype}, not {dtype}")
    return array


def read_stream(file: BinaryIO | gzip.GzipFile, path: Path, shape: tuple[int, ...] | None, limit: int) -> NDArray:
    """The array in an open IDX file of at most `limit` bytes."""
    magic = file.read(4)
    if len(magic) < 4 or magic[:2] != b"\0\0" or magic[2] not in TYPES:
        raise broken(path, f"it is not an IDX file (it begins with {magic.hex(' ') or 'nothing'})")
    header = file.read(4 * magic[3])
    if len(header) < 4 * magic[3]:
        raise broken(path, "it is cut within its header")
    sizes = tuple(int(size) for size in np.frombuffer(header, ">u4"))
    if shape is not None and sizes != shape:
        raise broken(path, f"it holds an array of shape {sizes}, not {shape}")
    dtype = np.dtype(TYPES[magic[2]])
    count = math.prod(sizes) * dtype.itemsize
    if 4 + len(header) + count > limit:
        raise broken(path, f"it is shorter than its header says (shape {sizes})")
    array = np.empty(sizes, dtype)
    found = read_into(array, file)
    if found < count:
        raise broken(path, f"it is cut: {found} of {count} bytes of values")
    # The attempt to read on also has gzip verify its checksum.
    if file.read(1):
        raise broken(path, f"it is longer than its header says (shape {sizes})")
    return array.astype(dtype.newbyteorder("="), copy=False)
