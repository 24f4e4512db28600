"""An image file into its place in a batch: read, decoded, resized, as float32, in one go.

What Keras gets by `tf.image.decode_image` and `tf.image.resize`. Small steps: the workers of a data set do this for
every image of every epoch.
"""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastcnn._core.pixels import Axis, resample
from fastcnn._core.png_files import read_pngs
from fastcnn.utils import png
from fastcnn.utils.image import pillow
from fastcnn.utils.resampling import axis

FORMATS = ("PNG", "JPEG", "BMP", "GIF")
MODES = {1: "L", 3: "RGB", 4: "RGBA"}
"""Pillow's names of the modes by the number of channels."""


class Pixels(NamedTuple):
    """An image of bytes as `resample` takes it."""

    source: Any
    offset: int
    line: int
    step: int
    height: int
    width: int


class Layout(NamedTuple):
    """What images become.

    Args:
        size: height and width.
        channels: 1, 3 or 4.
        interpolation: one of `resampling.METHODS`.
        fit: "stretch", "crop" (cut around the centre to the proportions of `size`) or "pad" (zeros at the sides).
    """

    size: tuple[int, int]
    channels: int
    interpolation: str
    fit: str


def read_image(path: str, layout: Layout, y: NDArray[np.float32]) -> tuple[int, int] | None:
    """Read an image file into y, of shape (height, width, channels). Returns the size of a PNG file of a common kind.

    Raises:
        ValueError: the file is no image, is damaged, or has more pixels than Pillow's `Image.MAX_IMAGE_PIXELS`.
        OSError: the file cannot be opened.
    """
    with open(path, "rb", buffering=0) as file:
        data = file.read()
    pixels = None
    header = png.read_header(data)
    if header is not None and not (layout.channels == 4 and header.step < 4):
        check_size(path, header.width, header.height)
        # Colour to gray is a matter of taste, which is left to Pillow.
        if not (layout.channels == 1 and header.step > 2) and (rows := png.read_pixels(data, header)) is not None:
            pixels = Pixels(rows, 1, header.width * header.step + 1, header.step, header.height, header.width)
    place(pixels or decode(path, data, layout.channels), layout, y)
    return None if header is None or pixels is None else (header.height, header.width)


class Placement(NamedTuple):
    """How images of one size become what is wanted."""

    crop_top: int
    crop_left: int
    rows: Axis
    columns: Axis
    top: int
    left: int


@lru_cache(512)
def placement(layout: Layout, height: int, width: int) -> Placement:
    """Where images of a size are cut, how they are resized, and where they begin in the result.

    Raises:
        ValueError: nothing would be left of them.
    """
    rows, columns = layout.size
    crop_top = crop_left = top = left = 0
    if layout.fit == "crop":
        down, across = cut_size(height, width, rows, columns)
        crop_top, crop_left = (height - down) // 2, (width - across) // 2
        height, width = down, across
    elif layout.fit == "pad":
        # As in TensorFlow, in float32.
        ratio = max(np.float32(width) / np.float32(columns), np.float32(height) / np.float32(rows))
        exact = np.float32(height) / ratio, np.float32(width) / ratio
        top, left = max(int((rows - exact[0]) // 2), 0), max(int((columns - exact[1]) // 2), 0)
        rows, columns = math.floor(exact[0]), math.floor(exact[1])
        if min(rows, columns) < 1:
            raise ValueError(f"of an image of {height}x{width} pixels nothing is left at the size {layout.size}")
    method = layout.interpolation
    return Placement(crop_top, crop_left, axis(method, height, rows), axis(method, width, columns), top, left)


def place(pixels: Pixels, layout: Layout, y: NDArray[np.float32]) -> None:
    """Resize an image into y."""
    source, offset, line, step, height, width = pixels
    at = placement(layout, height, width)
    if (at.rows.out_length, at.columns.out_length) != layout.size:
        y[...] = 0
    offset += at.crop_top * line + at.crop_left * step
    resample(source, offset, line, step, at.rows, at.columns, y, at.top, at.left)


class Reader:
    """Reads batches of files. Most folders have images of one size: PNG files of the size that was last met are read
    without Python, so that threads do not wait for each other.

    Args:
        layout: what images become.
    """

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.size: tuple[int, int] | None = None

    def read(self, paths: Sequence[str], images: NDArray[np.float32]) -> None:
        """Read files into the rows of images.

        Raises:
            ValueError, OSError: as `read_image`.
        """
        others: Sequence[int] = range(len(paths))
        size = self.size  # once: other threads change it
        if size is not None and (address := uncompress_address()):
            at = placement(self.layout, *size)
            if (at.rows.out_length, at.columns.out_length) != self.layout.size:
                images[...] = 0
            names = [os.fsencode(path) for path in paths]
            others = read_pngs(names, address, *size, *at[:4], images, *at[4:])
            if len(others) == len(paths):
                self.size = None
        for row in others:
            self.size = read_image(paths[row], self.layout, images[row]) or self.size


@lru_cache(1)
def uncompress_address() -> int:
    """Where zlib's function is in the system's library; 0 if it is not found."""
    import ctypes.util

    try:
        function = ctypes.CDLL(ctypes.util.find_library("z") or "libz.so.1").uncompress
    except (OSError, AttributeError):
        return 0
    return ctypes.cast(function, ctypes.c_void_p).value or 0


def cut_size(height: int, width: int, rows: int, columns: int) -> tuple[int, int]:
    """Height and width of the largest part of an image with the proportions of rows and columns."""
    down = int(np.float32(width * rows) / np.float32(columns))
    across = int(np.float32(height * columns) / np.float32(rows))
    return max(min(height, down), 1), max(min(width, across), 1)


def check_size(path: str, width: int, height: int) -> None:
    """Refuse images that would fill the memory.

    Raises:
        ValueError: there are more pixels than Pillow's limit.
    """
    limit = pillow().MAX_IMAGE_PIXELS
    if limit is not None and width * height > limit:
        raise ValueError(
            f"{path} cannot be used: it says that it has {width}x{height} pixels, more than the limit of {limit}; if "
            "you trust it, raise PIL.Image.MAX_IMAGE_PIXELS"
        )


def decode(path: str, data: bytes, channels: int) -> Pixels:
    """The first image of a file, by Pillow.

    Raises:
        ValueError: as `read_image`.
    """
    import io

    pil = pillow()
    try:
        image = pil.open(io.BytesIO(data), formats=FORMATS)
        check_size(path, *image.size)
        image.load()
        image = converted(image, channels)
        width, height = image.size
        source, step = bytes_of(image)
    except (pil.DecompressionBombError, pil.DecompressionBombWarning) as error:
        raise ValueError(f"{path} cannot be used: {error}") from error
    except (OSError, SyntaxError, EOFError, ValueError, IndexError) as error:
        if str(error).startswith(path):
            raise
        what = "no image" if isinstance(error, pil.UnidentifiedImageError) else "damaged"
        raise ValueError(f"{path} is {what}: PNG, JPEG, BMP and GIF files are read ({error})") from error
    return Pixels(source, 0, width * step, step, height, width)


def converted(image: Any, channels: int) -> Any:
    """A Pillow image with one byte for each channel; also a gray one in the place of colours of equal parts."""
    if image.mode.startswith("I"):  # 16 bits: the higher ones
        gray = (np.asarray(image).astype("int64") >> 8).clip(0, 255).astype("uint8")
        image = pillow().fromarray(gray)
    if image.mode == MODES[channels] or (image.mode == "L" and channels == 3):
        return image
    return image.convert(MODES[channels])


def bytes_of(image: Any) -> tuple[Any, int]:
    """The bytes of an image of 8 bits a channel, where they lie if Pillow shows them, and how many a pixel has."""
    step = 1 if image.mode == "L" else 4
    try:
        return image.__arrow_c_array__()[1], step
    except (AttributeError, ValueError):  # Pillow before 11.2, or an image in several blocks
        return image.tobytes("raw", {"L": "L", "RGB": "RGBX", "RGBA": "RGBA"}[image.mode]), step
