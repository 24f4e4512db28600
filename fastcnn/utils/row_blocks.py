"""Large arrays a few rows at a time."""

from collections.abc import Iterator

import numpy as np


def row_blocks(array: np.ndarray, elements: int) -> Iterator[np.ndarray]:
    """The rows of an array in order, so many at a time as have about so many elements, one at least: what is computed
    of a block needs little memory. Nothing of an array without elements."""
    rows = max(elements * len(array) // max(array.size, 1), 1)
    return (array[first : first + rows] for first in range(0, len(array) if array.size else 0, rows))
