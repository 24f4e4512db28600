"""Random numbers that are a function of seed, step and element; the words are those of dropout."""

from __future__ import annotations

import numpy as np

from fastcnn.reference.dropout import random_words


def random_numbers(x: np.ndarray, state: np.ndarray, *, count: int, normal: bool, salt: int) -> np.ndarray:
    """`count` numbers for each row of x: uniform from 0 to 1, or normal ones."""
    words = random_words(len(x) * count, int(state[0]), int(state[1]), salt)
    uniform = (words >> np.uint64(8)).astype("float64") / 2**24
    if normal:
        from statistics import NormalDist  # takes long to import

        inverse = NormalDist().inv_cdf
        uniform = np.array([inverse(number + 2**-25) for number in uniform])
    return uniform.reshape(len(x), count).astype(x.dtype)
