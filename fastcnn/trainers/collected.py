"""The outputs of prediction, batch behind batch, in no more memory than they need in the end."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


class Collected:
    """Arrays that take the rows of one batch after the other.

    Args:
        rows: how many rows there will be in all; None where that is not known yet.
    """

    def __init__(self, rows: int | None) -> None:
        self.known = rows is not None
        self.capacity = rows or 0
        self.rows = 0
        self.arrays: list[np.ndarray] = []

    def add(self, outputs: Sequence[np.ndarray]) -> list[np.ndarray]:
        """Take the outputs of a batch. Returns them as arrays that stay as they are."""
        if not self.arrays:
            self.arrays = [np.empty((self.capacity, *output.shape[1:]), "float32") for output in outputs]
        first, self.rows = self.rows, self.rows + len(outputs[0])
        if self.rows > self.capacity:
            self.reserve(self.rows + self.rows // 8)
        taken = []
        for array, output in zip(self.arrays, outputs, strict=True):
            array[first : self.rows] = output
            taken.append(array[first : self.rows] if self.known else output.copy())
        return taken

    def reserve(self, rows: int) -> None:
        """Have room for so many rows. Large arrays grow where they are, or move by their pages: no copy beside them."""
        self.capacity = rows
        for array in self.arrays:
            array.resize((rows, *array.shape[1:]), refcheck=False)  # nobody else has them yet

    def result(self) -> list[np.ndarray]:
        """The rows of all batches."""
        if self.rows < self.capacity:
            self.reserve(self.rows)
        return self.arrays
