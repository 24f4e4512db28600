"""The global source of randomness: every seed that a user does not give comes from here.

Initializers, dropout and shuffling ask `next_seed()` and go on with a generator of their own. Until `set_random_seed`
is called the seeds come from the operating system's entropy.
"""

from __future__ import annotations

import operator

import numpy as np

# Made when first asked for: numpy.random takes long to import.
_generator: np.random.Generator | None = None
_seedings = 0


def set_random_seed(seed: int) -> None:
    """Make a program repeatable: seeds fastcnn, Python's `random` and NumPy's global functions.

    Args:
        seed: Integer from 0 to 2**32 - 1.

    Raises:
        ValueError: `seed` is not such an integer.

    Example:

    >>> from fastcnn import utils
    >>> utils.set_random_seed(42)
    """
    global _generator, _seedings
    try:
        value = operator.index(seed)
    except TypeError:
        value = -1
    if not 0 <= value < 2**32:
        raise ValueError(f"seed must be an integer from 0 to 2**32 - 1, not {seed!r}")
    import random  # not imported before it is needed

    random.seed(value)
    np.random.seed(value)
    _generator = np.random.default_rng(value)
    _seedings += 1


def next_seed() -> int:
    """The next seed, an integer from 0 to 2**63 - 1, drawn from the global generator."""
    global _generator
    if _generator is None:
        _generator = np.random.default_rng()
    return int(_generator.integers(2**63, dtype=np.uint64))


def seedings() -> int:
    """How often `set_random_seed` was called."""
    return _seedings
