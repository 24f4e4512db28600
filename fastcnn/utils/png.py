"""The pixels of common PNG files (8 bits, gray or in colour, not interlaced), for which zlib and a kernel suffice.

Pillow reads all of them, too; this is a third of its time for small images. Files of other kinds, and damaged ones, are
left to it.
"""

from __future__ import annotations

import struct
import zlib
from typing import NamedTuple

from fastcnn._core.pixels import unfilter_png

SIGNATURE = b"\x89PNG\r\n\x1a\n"
HEADER = struct.Struct(">IIBBBBB")  # width, height, bits, colour type, compression, filter, interlace
CHUNK = struct.Struct(">I4s")
BYTES = {0: 1, 2: 3, 4: 2, 6: 4}
"""Bytes of a pixel by the colour type: gray, RGB, gray with alpha, RGBA."""


class Header(NamedTuple):
    """What the first chunk says."""

    width: int
    height: int
    step: int
    """Bytes of a pixel."""


def read_header(data: bytes) -> Header | None:
    """The header of a file of a common kind; None for all others."""
    if len(data) < 33 or data[:8] != SIGNATURE or data[8:16] != b"\0\0\0\rIHDR":
        return None
    width, height, bits, colour, compression, filters, interlace = HEADER.unpack_from(data, 16)
    if not width or not height or bits != 8 or colour not in BYTES or compression or filters or interlace:
        return None
    return Header(width, height, BYTES[colour])


def read_pixels(data: bytes, header: Header) -> bytearray | None:
    """Rows of pixels, a byte before each; None where the file has more than its pixels to say, or is damaged."""
    parts = []
    position = 8
    try:
        while True:
            length, kind = CHUNK.unpack_from(data, position)
            body = data[position + 8 : position + 8 + length]
            position += 12 + length
            if kind == b"IDAT":
                parts.append(body)
            elif kind == b"IEND":
                break
            elif kind == b"tRNS":
                return None
        row = header.width * header.step
        wanted = header.height * (row + 1)
        stream = zlib.decompressobj()
        pixels = bytearray(stream.decompress(parts[0] if len(parts) == 1 else b"".join(parts), wanted + 1))
        if len(pixels) != wanted or not stream.eof:  # at its end the stream is checked
            return None
        unfilter_png(pixels, header.height, row, header.step)
    except (ValueError, zlib.error, struct.error):
        return None
    return pixels
