"""Where random numbers come from: a state of a seed and a count, which a draw reads and moves on."""

from __future__ import annotations

import operator
import zlib
from typing import Any

import numpy as np

from fastcnn.graph import Tensor, Variable
from fastcnn.graph.origin import CURRENT
from fastcnn.graph.recording import is_recording, next_draw
from fastcnn.utils.random import next_seed, seedings


class SeedGenerator:
    """A source of random numbers that differ from draw to draw.

    Args:
        seed: an integer. Default None: another one each time, or, after `fastcnn.utils.set_random_seed`, one of a
            repeatable row.
        name: a name. Default "seed_generator".

    Raises:
        ValueError: `seed` is no integer.

    A layer keeps one as an attribute, and hands it to functions of `fastcnn.random` as their `seed`. In a compiled step
    the count moves on once for each step, and each draw of the step has numbers of its own.

    Example:

    >>> import numpy as np
    >>> from fastcnn import random
    >>> source = random.SeedGenerator(42)
    >>> np.array_equal(random.normal((3,), seed=source), random.normal((3,), seed=source))
    False
    """

    def __init__(self, seed: int | None = None, name: str | None = None) -> None:
        self.name = "seed_generator" if name is None else name
        self._initial_seed = None if seed is None else as_seed(seed)
        start = next_seed() if self._initial_seed is None else self._initial_seed
        self.state = Variable(np.array([start % 2**63, 0], np.int64), "seed_generator_state", trainable=False)

    def next(self, ordered: bool = True) -> np.ndarray:
        """The present state, after which the count moves on: what a draw takes."""
        state = self.state.numpy()
        self.state.value[1] += 1
        return state

    def get_config(self) -> dict[str, Any]:
        """The arguments of the constructor."""
        return {"seed": self._initial_seed, "name": self.name}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> SeedGenerator:
        """A new generator from what `get_config` returned."""
        return cls(**config)


def as_seed(seed: Any) -> int:
    """A seed as an int.

    Raises:
        ValueError: it is none.
    """
    try:
        return operator.index(seed)
    except TypeError:
        raise ValueError(
            f"seed must be an integer, a fastcnn.random.SeedGenerator or None, received seed={seed!r}"
        ) from None


class Global:
    """The generator of draws without a seed, made anew after `set_random_seed`."""

    generator: SeedGenerator | None = None
    seedings = 0


def global_generator() -> SeedGenerator:
    """The generator of draws without a seed."""
    if Global.generator is None or Global.seedings != seedings():
        Global.generator, Global.seedings = SeedGenerator(), seedings()
    return Global.generator


def source(seed: Any, *operands: Any) -> tuple[Any, int]:
    """The state and the salt of one draw, with the numbers or tensors that it needs besides.

    What is computed at once moves a generator on; what is recorded leaves that to the step, and gets a salt that tells
    it from the other draws of the step.
    """
    if seed is not None and not isinstance(seed, SeedGenerator):
        return np.array([as_seed(seed) % 2**63, 0], np.int64), 0
    generator = global_generator() if seed is None else seed
    if is_recording() or any(isinstance(operand, Tensor) for operand in operands):
        place = zlib.crc32("/".join(CURRENT.origin).encode())
        return generator.state, (place + next_draw()) % 2**32
    return generator.next(), 0
