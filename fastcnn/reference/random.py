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


TRIES = 16


def random_log_gamma(alpha: np.ndarray, state: np.ndarray, *, salt: int) -> np.ndarray:
    """Logarithms of gamma numbers of the shapes alpha: Marsaglia and Tsang's rejection for alpha + 1, times a uniform
    number to the power of 1 / alpha. Try t of element i takes the words of block i * TRIES + t."""
    from statistics import NormalDist  # takes long to import

    inverse = NormalDist().inv_cdf
    words = random_words(4 * TRIES * alpha.size, int(state[0]), int(state[1]), salt).reshape(alpha.size, TRIES, 4)
    uniform = ((words >> np.uint64(8)).astype("float64") * 2 + 1) / 2**25
    result = np.full(alpha.size, np.nan)
    for i, shape in enumerate(alpha.reshape(-1).astype("float64")):
        if not shape > 0:
            continue
        a = shape + 2 / 3
        result[i] = np.log(a)
        for normal, threshold, power in uniform[i, :, :3]:
            x = inverse(normal)
            root = 1 + x / np.sqrt(9 * a)
            if root > 0 and np.log(threshold) < x * x / 2 + a * (1 - root**3 + np.log(root**3)):
                result[i] = np.log(a) + np.log(root**3) + np.log(power) / shape
                break
    return result.reshape(alpha.shape).astype(alpha.dtype)


def random_permutation(x: np.ndarray, state: np.ndarray, *, salt: int) -> np.ndarray:
    """The numbers of the rows of x in the order of random numbers, largest first."""
    words = random_words(len(x), int(state[0]), int(state[1]), salt) >> np.uint64(8)
    return np.argsort(-words.astype("int64"), kind="stable").astype("int32")
