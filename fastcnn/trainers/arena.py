"""The values of all trainable weights in one block of memory, each on a cache line of its own."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from fastcnn.graph import Variable
from fastcnn.plan.memory import aligned_views


class WeightArena:
    """Where the weights of one model lie. Plans hold addresses, so weights move only when their set changes."""

    def __init__(self) -> None:
        self.places: list[tuple[Variable, np.ndarray]] = []

    def hold(self, variables: Sequence[Variable]) -> None:
        """Move the weights here, unless they lie here already, with their present values."""
        held = [variable for variable, array in self.places if variable.value is array]
        if held == list(variables):
            return
        arrays = aligned_views([variable.shape for variable in variables])
        for variable, array in zip(variables, arrays, strict=True):
            variable.move_to(array)
        self.places = list(zip(variables, arrays, strict=True))
