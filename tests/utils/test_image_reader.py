"""Batches of PNG files read without Python: the same pixels as file by file, and whatever is unusual is left over."""

import struct
import zlib

import numpy as np
import pytest

from fastcnn._core.png_files import read_pngs
from fastcnn.utils import image_file
from fastcnn.utils.image_file import Layout, Reader, placement, read_image, uncompress_address

Image = pytest.importorskip("PIL.Image", reason="Pillow is not installed")
RNG = np.random.default_rng(4)
pytestmark = pytest.mark.skipif(not uncompress_address(), reason="the system has no zlib to be found")


def pixels(size, channels):
    coarse = RNG.integers(0, 256, (3, 4, channels), dtype=np.uint8)
    return np.kron(coarse, np.ones((5, 6, 1), "uint8"))[: size[0], : size[1]] + RNG.integers(
        0, 3, (*size, 1), dtype=np.uint8
    )


def read(paths, layout, size):
    at = placement(layout, *size)
    images = np.full((len(paths), *layout.size, layout.channels), np.nan, "float32")
    left = read_pngs([str(path).encode() for path in paths], uncompress_address(), *size, *at[:4], images, *at[4:])
    return left, images


def chunk(kind, body):
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA"])
@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize("fit", ["stretch", "crop", "pad"])
@pytest.mark.parametrize("size", [(15, 23), (12, 9)])
def test_as_file_by_file(tmp_path, mode, channels, fit, size):
    paths = [str(tmp_path / f"{number}.png") for number in range(5)]
    for number, path in enumerate(paths):
        image = Image.fromarray(pixels((15, 23) if number != 3 else (15, 22), 3)).convert(mode)
        image.save(path, optimize=number % 2 == 0)
    layout = Layout(size, channels, "bilinear", fit)
    expected = np.empty((5, *size, channels), "float32")
    for path, image in zip(paths, expected, strict=True):
        read_image(path, layout, image)
    left, _ = read(paths, layout, (15, 23))
    unusual = (channels == 1 and mode.startswith("RGB")) or (channels == 4 and mode != "RGBA")
    assert left == ([0, 1, 2, 3, 4] if unusual else [3])
    reader = Reader(layout)
    for _ in range(3):
        images = np.full(expected.shape, np.nan, "float32")
        reader.read(paths, images)
        np.testing.assert_array_equal(images, expected)


def test_parts_and_chunks(tmp_path):
    image = pixels((15, 23), 3)
    Image.fromarray(image).save(tmp_path / "whole.png")
    content = (tmp_path / "whole.png").read_bytes()
    start = content.index(b"IDAT") - 4
    length = struct.unpack_from(">I", content, start)[0]
    body = content[start + 8 : start + 8 + length]
    parts = b"".join(chunk(b"IDAT", body[at : at + 7]) for at in range(0, length, 7))
    text = chunk(b"tEXt", b"Comment\0nothing")
    end = content[start + 12 + length :]
    files = {
        "parts": content[:start] + text + parts + text + end,
        "transparent": content[:start] + chunk(b"tRNS", bytes(6)) + content[start:],
        "long": content[:start] + chunk(b"IDAT", zlib.compress(zlib.decompress(body) + b"\0")) + end,
        "short": content[:start] + chunk(b"IDAT", zlib.compress(zlib.decompress(body)[:-1])) + end,
        "filter": content[:start] + chunk(b"IDAT", zlib.compress(b"\5" + zlib.decompress(body)[1:])) + end,
        "no end": content[:-12],
        "no data": content[:start] + end,
        "length": content[:start] + b"\xff\xff\xff\xff" + content[start + 4 :],
        "empty": b"",
    }
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    layout = Layout((15, 23), 3, "bilinear", "stretch")
    left, images = read([*(tmp_path / name for name in files), tmp_path, tmp_path / "nowhere"], layout, (15, 23))
    assert left == [*range(1, 11)]
    assert np.array_equal(images[0], image)


def test_damage_never_leaves_the_memory(tmp_path):
    Image.fromarray(pixels((15, 23), 3)).save(tmp_path / "a.png")
    content = (tmp_path / "a.png").read_bytes()
    paths = []
    for number in range(300):
        damaged = bytearray(content[: RNG.integers(20, len(content) + 1)])
        for at in RNG.integers(8, len(damaged), 3):
            damaged[at] = RNG.integers(256)
        paths.append(tmp_path / f"{number}.png")
        paths[-1].write_bytes(damaged)
    left, _ = read(paths, Layout((9, 9), 3, "bilinear", "stretch"), (15, 23))
    assert len(left) > 200


def test_without_a_library(tmp_path, monkeypatch):
    monkeypatch.setattr(image_file, "uncompress_address", lambda: 0)
    Image.fromarray(pixels((15, 23), 3)).save(tmp_path / "a.png")
    reader, images = Reader(Layout((15, 23), 3, "bilinear", "stretch")), np.empty((1, 15, 23, 3), "float32")
    for _ in range(2):
        reader.read([str(tmp_path / "a.png")], images)
    assert np.array_equal(images[0], np.asarray(Image.open(tmp_path / "a.png")))


def test_bad_arguments():
    images = np.zeros((1, 9, 9, 3), "float32")
    at = placement(Layout((9, 9), 3, "bilinear", "stretch"), 15, 23)
    address = uncompress_address()
    with pytest.raises(ValueError, match="2 files do not fit y"):
        read_pngs([b"a", b"b"], address, 15, 23, *at[:4], images, *at[4:])
    with pytest.raises(ValueError, match=r"9x9 pixels at \(1, 0\) do not fit"):
        read_pngs([b"a"], address, 15, 23, *at[:4], images, 1, 0)
    with pytest.raises(ValueError, match="a part of 15x23 pixels does not fit 15x22"):
        read_pngs([b"a"], address, 15, 22, *at[:4], images, *at[4:])
