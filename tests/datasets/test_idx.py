"""IDX files: all types, plain and compressed; what is cut, too long, damaged or false in its header is refused."""

import gzip
import re
import struct

import numpy as np
import pytest

from fastcnn.datasets.idx import TYPES, read_idx


def idx(array, code, sizes=None):
    sizes = array.shape if sizes is None else sizes
    header = bytes([0, 0, code, len(sizes)]) + struct.pack(f">{len(sizes)}I", *sizes)
    return header + array.astype(TYPES[code]).tobytes()


@pytest.mark.parametrize("compress", [bytes, gzip.compress], ids=["plain", "gzip"])
@pytest.mark.parametrize("code", sorted(TYPES))
@pytest.mark.parametrize("shape", [(), (0,), (5,), (3, 4), (2, 3, 4), (2, 0, 3)])
def test_round_trip(tmp_path, compress, code, shape):
    array = np.random.default_rng(0).integers(0, 100, shape)
    path = tmp_path / "file"
    path.write_bytes(compress(idx(array, code)))
    result = read_idx(path, shape=shape)
    assert np.array_equal(result, array)
    assert result.dtype == np.dtype(TYPES[code]).newbyteorder("=")
    assert result.dtype.isnative
    assert result.flags.writeable


GOOD = idx(np.arange(12).reshape(3, 4), 0x08)


@pytest.mark.parametrize("compress", [bytes, gzip.compress], ids=["plain", "gzip"])
@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is not an IDX file (it begins with nothing)"),
        (b"\0\0", "is not an IDX file"),
        (b"PK\3\4" + GOOD, "is not an IDX file (it begins with 50 4b 03 04)"),
        (b"\0\0\x0a\1" + GOOD[4:], "is not an IDX file"),
        (GOOD[:7], "is cut within its header"),
        (GOOD[:-1], "cut|shorter than its header says"),
        (GOOD + b"\0", "longer than its header says (shape (3, 4))"),
        (idx(np.arange(3), 0x08, (2**32 - 1,) * 3), "shorter than its header says"),
        (idx(np.arange(3), 0x0E, (2**32 - 1,) * 200), "shorter than its header says"),
    ],
)
def test_broken(tmp_path, compress, content, message):
    path = tmp_path / "file"
    path.write_bytes(compress(content))
    pattern = message if "|" in message else re.escape(message)
    with pytest.raises(ValueError, match=f"{re.escape(str(path))} cannot be used: .*({pattern}).*Delete it"):
        read_idx(path)


@pytest.mark.parametrize("keep", [3, 10, 20, -8, -4, -1])
def test_gzip_cut_anywhere(tmp_path, keep):
    path = tmp_path / "file.gz"
    path.write_bytes(gzip.compress(GOOD)[:keep])
    with pytest.raises(ValueError, match="cannot be used"):
        read_idx(path)


def test_gzip_damaged(tmp_path):
    data = bytearray(gzip.compress(idx(np.random.default_rng(0).integers(0, 256, 5000), 0x08)))
    for position in (100, 2000, len(data) - 7):
        damaged = data.copy()
        damaged[position] ^= 16
        path = tmp_path / "file.gz"
        path.write_bytes(damaged)
        with pytest.raises(ValueError, match="cannot be used"):
            read_idx(path)


def test_small_file_that_unpacks_to_much_more(tmp_path):
    path = tmp_path / "file.gz"
    path.write_bytes(gzip.compress(GOOD + bytes(50_000_000)))
    with pytest.raises(ValueError, match="longer than its header says"):
        read_idx(path)


def test_expectations(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(GOOD)
    assert read_idx(path, dtype="uint8", shape=(3, 4)).shape == (3, 4)
    with pytest.raises(ValueError, match=re.escape("array of shape (3, 4), not (4, 3)")):
        read_idx(path, shape=(4, 3))
    with pytest.raises(ValueError, match="of type uint8, not int16"):
        read_idx(path, dtype="int16")
    with pytest.raises(FileNotFoundError):
        read_idx(tmp_path / "none")
