"""NPZ files: the expected arrays are read; anything else is refused before it is allocated or unpickled."""

import io
import re
import zipfile

import numpy as np
import pytest

from fastcnn.datasets.npz import read_npz

SHAPES = {"x": (20, 5, 5), "y": (20,)}


class Trap:
    """Writes a file when it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return open, (str(self.path), "w")


def arrays():
    generator = np.random.default_rng(0)
    return {name: generator.integers(0, 256, shape, "uint8") for name, shape in SHAPES.items()}


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_good(tmp_path, save):
    path = tmp_path / "file.npz"
    expected = arrays()
    save(path, **expected, extra=np.zeros(3))
    result = read_npz(path, SHAPES)
    assert set(result) == set(SHAPES)
    for name in SHAPES:
        assert np.array_equal(result[name], expected[name])
        assert result[name].dtype == np.uint8
        assert result[name].flags.writeable
        assert result[name].flags.c_contiguous


def test_empty_array(tmp_path):
    np.savez(tmp_path / "file.npz", x=np.zeros((0, 3), "uint8"))
    assert read_npz(tmp_path / "file.npz", {"x": (0, 3)})["x"].shape == (0, 3)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"x": np.zeros((20, 5, 4), "uint8")}, "its array 'x' has the shape (20, 5, 4) and type uint8, not (20, 5, 5)"),
        ({"x": np.zeros((20, 5, 5), "float32")}, "and type float32, not (20, 5, 5) and uint8"),
        ({"x": np.zeros((5, 5, 20), "uint8").T}, "its array 'x' has the shape"),
        ({"y": None}, "it has no array 'y'; it has ['x.npy']"),
    ],
)
def test_other_arrays(tmp_path, change, message):
    path = tmp_path / "file.npz"
    np.savez(path, **{name: value for name, value in {**arrays(), **change}.items() if value is not None})
    with pytest.raises(ValueError, match=re.escape(message)):
        read_npz(path, SHAPES)


def test_never_unpickles(tmp_path):
    trap = tmp_path / "trap"
    content = arrays()
    content["y"] = np.array([Trap(trap)] * 20, dtype=object)
    np.savez(tmp_path / "file.npz", **content)
    with pytest.raises(ValueError, match="and type object"):
        read_npz(tmp_path / "file.npz", SHAPES)
    assert not trap.exists()


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_cut_and_damaged(tmp_path, save):
    good = io.BytesIO()
    save(good, **arrays())
    data = good.getvalue()
    path = tmp_path / "file.npz"
    for content in (b"", b"nothing", data[:-1], data[: len(data) // 2], data[:50]):
        path.write_bytes(content)
        with pytest.raises(ValueError, match=f"{re.escape(str(path))} cannot be used: .*Delete it"):
            read_npz(path, SHAPES)
    for position in (200, 300, 500):
        damaged = bytearray(data)
        damaged[position] ^= 16
        path.write_bytes(damaged)
        with pytest.raises(ValueError, match="cannot be used"):
            read_npz(path, SHAPES)


@pytest.mark.parametrize(
    ("member", "message"),
    [
        (b"", "is not a NumPy array"),
        (b"\x93NUMPY\x01\x00\xff\xff" + b" " * 70000, "is not a NumPy array"),
        (b"\x93NUMPY\x07\x00\x76\x00" + b" " * 200, "is not a NumPy array"),
        (b"\x93NUMPY\x01\x00\x10\x00__import__('os')", "is not a NumPy array"),
    ],
)
def test_bad_headers(tmp_path, member, message):
    path = tmp_path / "file.npz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x.npy", member)
    with pytest.raises(ValueError, match=message):
        read_npz(path, {"x": (20,)})


@pytest.mark.parametrize(("extra", "message"), [(b"", "is cut: 0 of 20 bytes"), (b"\0" * 21, "is longer than")])
def test_member_of_another_length(tmp_path, extra, message):
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": "|u1", "fortran_order": False, "shape": (20,)})
    path = tmp_path / "file.npz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x.npy", header.getvalue() + extra)
    with pytest.raises(ValueError, match=message):
        read_npz(path, {"x": (20,)})
