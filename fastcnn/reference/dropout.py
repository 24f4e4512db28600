"""Dropout, with random numbers that are a function of seed, step and element.

They come from Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011), a generator
without a state: any element's number can be computed alone, so threads share nothing, and the backward pass computes
the same mask again instead of storing it.
"""

from __future__ import annotations

import numpy as np

MULTIPLIERS = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
KEY_STEPS = 0x9E3779B9, 0xBB67AE85
ROUNDS = 10
LOW = np.uint64(0xFFFFFFFF)
HALF = np.uint64(32)


def philox(counter: np.ndarray, key: tuple[int, int]) -> np.ndarray:
    """Four random 32-bit words for each counter of four 32-bit words: uint64 arrays (4, n)."""
    c0, c1, c2, c3 = counter
    for round_number in range(ROUNDS):
        k0, k1 = (np.uint64((k + round_number * step) & 0xFFFFFFFF) for k, step in zip(key, KEY_STEPS, strict=True))
        product0, product1 = MULTIPLIERS[0] * c0, MULTIPLIERS[1] * c2
        c0, c1, c2, c3 = (product1 >> HALF) ^ c1 ^ k0, product1 & LOW, (product0 >> HALF) ^ c3 ^ k1, product0 & LOW
    return np.stack([c0, c1, c2, c3])


def random_words(size: int, seed: int, step: int, salt: int) -> np.ndarray:
    """`size` random 32-bit words: those of elements 0, 1, 2, ... at this step; four elements share a counter."""
    block = np.arange((size + 3) // 4, dtype=np.uint64)
    counter = np.zeros((4, len(block)), np.uint64)
    counter[0], counter[1], counter[2], counter[3] = block & LOW, block >> HALF, step & 0xFFFFFFFF, salt
    return philox(counter, (seed & 0xFFFFFFFF, (seed >> 32) & 0xFFFFFFFF)).T.reshape(-1)[:size]


def dropout(x: np.ndarray, state: np.ndarray, *, rate: float, salt: int) -> np.ndarray:
    """Each element is kept with probability 1 - rate and then divided by it, or else becomes 0.

    `state` is int64 (seed, step); `salt`, below 2**32, tells dropout layers of one model apart."""
    words = random_words(x.size, int(state[0]), int(state[1]), salt)
    kept = words.reshape(x.shape) >= np.uint64(int(rate * 2**32))
    return np.where(kept, x * x.dtype.type(1 / (1 - rate)), 0).astype(x.dtype)
