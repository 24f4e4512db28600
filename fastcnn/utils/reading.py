"""Reading values from files to where they stay."""

from typing import Any

from numpy.typing import NDArray

PIECE = 1 << 20
"""Bytes that are read at once."""


def read_into(array: NDArray, file: Any) -> int:
    """Fill an array from a file that may be compressed, without a copy beside it; the bytes that there were."""
    memory = array.reshape(-1).view("uint8")
    filled = 0
    while got := file.readinto(memory[filled : filled + PIECE]):
        filled += got
    return filled
