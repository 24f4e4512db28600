"""The base of all initializers, and the checks of arguments which they share."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from fastcnn.utils.random import next_seed


class Initializer:
    """Base class: an initializer makes the first values of a weight.

    A subclass has `__call__(shape, dtype=None)` and, so that it can be saved, `get_config()` with its constructor's
    arguments.

    Example:

    >>> from fastcnn import initializers
    >>> class Halves(initializers.Initializer):
    ...     def __call__(self, shape, dtype=None):
    ...         return np.full(shape, 0.5, dtype or "float32")
    >>> Halves()((2, 2))
    array([[0.5, 0.5],
           [0.5, 0.5]], dtype=float32)
    """

    def __call__(self, shape: Sequence[int], dtype: DTypeLike | None = None) -> NDArray:
        """New values.

        Args:
            shape: Shape of the weight.
            dtype: dtype of the result; float32 if None.

        Returns:
            A new array of this shape.
        """
        raise NotImplementedError(f"{type(self).__name__} must define __call__(self, shape, dtype=None)")

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, as a dictionary that JSON can hold."""
        return {}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Initializer:
        """A new initializer from what `get_config` returned."""
        return cls(**config)

    def clone(self) -> Initializer:
        """A new initializer with the same arguments; one without a seed of its own draws a new one."""
        return self.from_config(self.get_config())


class RandomInitializer(Initializer):
    """Base of the initializers that draw random numbers.

    Every call of one object gives the same values, as in Keras: an object without a seed draws one from the global
    generator when it is made.

    Args:
        seed: Any integer, or None for a seed from the global generator (see `utils.set_random_seed`).
    """

    def __init__(self, seed: int | None = None):
        try:
            self._given_seed = None if seed is None else operator.index(seed)
        except TypeError:
            raise ValueError(f"seed must be an integer or None, not {seed!r} of type {type(seed).__name__}") from None
        self.seed = next_seed() if self._given_seed is None else self._given_seed

    def generator(self) -> np.random.Generator:
        """A generator at the start of this initializer's sequence."""
        return np.random.default_rng(self.seed % 2**64)

    def get_config(self) -> dict[str, Any]:
        return {"seed": self._given_seed}


def checked_shape(shape: Sequence[int]) -> tuple[int, ...]:
    """`shape` as a tuple of integers from 0; a single integer stands for one axis."""
    try:
        sizes = tuple(operator.index(size) for size in (shape if np.iterable(shape) else (shape,)))
    except TypeError:
        sizes = (-1,)
    if min(sizes, default=0) < 0:
        raise ValueError(f"shape must be a tuple of integers from 0, such as (3, 3, 1, 32), not {shape!r}")
    return sizes


def checked_dtype(dtype: DTypeLike | None) -> np.dtype:
    """`dtype` as a NumPy dtype of numbers; float32 if None."""
    try:
        found = np.dtype("float32" if dtype is None else dtype)
    except TypeError:
        found = np.dtype(object)
    if found.kind not in "fiub":
        raise ValueError(f'dtype must be the name of a NumPy number type such as "float32", not {dtype!r}')
    return found
