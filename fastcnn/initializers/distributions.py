"""Initializers that draw from a distribution given by the user, and the random orthogonal matrix.

`draw_uniform`, `draw_normal` and `draw_truncated_normal` also serve the initializers whose spread follows the weight's
shape (variance_scaling.py). All draw float32 numbers, so that a seed gives the same values whatever dtype is asked for.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from fastcnn.initializers.initializer import RandomInitializer, checked_dtype, checked_shape
from fastcnn.utils.arguments import checked_number

# Where a truncated normal distribution is cut, in standard deviations.
TRUNCATION = 2.0


def draw_uniform(generator: np.random.Generator, shape: tuple[int, ...], low: float, high: float) -> NDArray:
    """float32 numbers, uniform from `low` to `high`."""
    values = generator.random(shape, np.float32)
    values *= np.float32(high - low)
    values += np.float32(low)
    # Rounding in the sum may reach just past the upper bound.
    return np.minimum(values, np.float32(high), out=values)


def draw_normal(generator: np.random.Generator, shape: tuple[int, ...], mean: float, stddev: float) -> NDArray:
    """float32 numbers from a normal distribution."""
    values = generator.standard_normal(shape, np.float32)
    values *= np.float32(stddev)
    values += np.float32(mean)
    return values


def draw_truncated_normal(
    generator: np.random.Generator, shape: tuple[int, ...], mean: float, stddev: float
) -> NDArray:
    """float32 numbers from a normal distribution, those further than two `stddev` from `mean` drawn again."""
    values = generator.standard_normal(math.prod(shape), np.float32)
    outside = np.flatnonzero(np.abs(values) > TRUNCATION)
    while outside.size:
        values[outside] = generator.standard_normal(outside.size, np.float32)
        outside = outside[np.abs(values[outside]) > TRUNCATION]
    values *= np.float32(stddev)
    values += np.float32(mean)
    return values.reshape(shape)


class RandomUniform(RandomInitializer):
    """Uniform random numbers.

    Args:
        minval: Lower bound. Default -0.05.
        maxval: Upper bound. Default 0.05.
        seed: Any integer, or None for a seed from the global generator. One object gives the same values each time.

    Raises:
        ValueError: A bound is no finite number, or `minval` is greater than `maxval`.

    Example:

    >>> from fastcnn import initializers
    >>> values = initializers.RandomUniform(-1, 1, seed=0)((3, 3, 1, 32))
    >>> values.shape, values.dtype, bool(abs(values).max() <= 1)
    ((3, 3, 1, 32), dtype('float32'), True)
    """

    def __init__(self, minval: float = -0.05, maxval: float = 0.05, seed: int | None = None):
        self.minval = float(checked_number(minval, "minval"))
        self.maxval = float(checked_number(maxval, "maxval"))
        if self.minval > self.maxval:
            raise ValueError(f"minval must not be greater than maxval; they are {minval!r} and {maxval!r}")
        super().__init__(seed)

    def __call__(self, shape: Sequence[int], dtype: DTypeLike | None = None) -> NDArray:
        values = draw_uniform(self.generator(), checked_shape(shape), self.minval, self.maxval)
        return values.astype(checked_dtype(dtype), copy=False)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "minval": self.minval, "maxval": self.maxval}


class RandomNormal(RandomInitializer):
    """Random numbers from a normal distribution.

    Args:
        mean: Mean. Default 0.
        stddev: Standard deviation, at least 0. Default 0.05.
        seed: Any integer, or None for a seed from the global generator. One object gives the same values each time.

    Raises:
        ValueError: `mean` or `stddev` is no finite number, or `stddev` is negative.

    Example:

    >>> from fastcnn import initializers
    >>> values = initializers.RandomNormal(stddev=1, seed=0)((100, 100))
    >>> round(float(values.std()), 1)
    1.0
    """

    def __init__(self, mean: float = 0.0, stddev: float = 0.05, seed: int | None = None):
        self.mean = float(checked_number(mean, "mean"))
        self.stddev = float(checked_number(stddev, "stddev"))
        if self.stddev < 0:
            raise ValueError(f"stddev must be at least 0, not {stddev!r}")
        super().__init__(seed)

    def __call__(self, shape: Sequence[int], dtype: DTypeLike | None = None) -> NDArray:
        values = draw_normal(self.generator(), checked_shape(shape), self.mean, self.stddev)
        return values.astype(checked_dtype(dtype), copy=False)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "mean": self.mean, "stddev": self.stddev}


class TruncatedNormal(RandomNormal):
    """Random numbers from a normal distribution, those further than two standard deviations from the mean drawn again.

    Args:
        mean: Mean. Default 0.
        stddev: Standard deviation before truncation, at least 0. Default 0.05.
        seed: Any integer, or None for a seed from the global generator. One object gives the same values each time.

    Raises:
        ValueError: `mean` or `stddev` is no finite number, or `stddev` is negative.

    Example:

    >>> from fastcnn import initializers
    >>> values = initializers.TruncatedNormal(stddev=1, seed=0)((100, 100))
    >>> bool(abs(values).max() <= 2)
    True
    """

    def __call__(self, shape: Sequence[int], dtype: DTypeLike | None = None) -> NDArray:
        values = draw_truncated_normal(self.generator(), checked_shape(shape), self.mean, self.stddev)
        return values.astype(checked_dtype(dtype), copy=False)


class Orthogonal(RandomInitializer):
    """A random matrix with orthonormal rows or columns, whichever are fewer.

    A weight with more than two axes is treated as a matrix of shape `(product of all axes but the last, last axis)`.

    Args:
        gain: Factor for the matrix. Default 1.
        seed: Any integer, or None for a seed from the global generator. One object gives the same values each time.

    Raises:
        ValueError: `gain` is no finite number, or, when called, the shape has fewer than two axes.

    Source: Saxe, McClelland, Ganguli: Exact solutions to the nonlinear dynamics of learning in deep linear neural
    networks, 2014.

    Example:

    >>> from fastcnn import initializers
    >>> q = initializers.Orthogonal(seed=0)((4, 2))
    >>> bool(np.allclose(q.T @ q, np.eye(2), atol=1e-6))
    True
    """

    def __init__(self, gain: float = 1.0, seed: int | None = None):
        self.gain = float(checked_number(gain, "gain"))
        super().__init__(seed)

    def __call__(self, shape: Sequence[int], dtype: DTypeLike | None = None) -> NDArray:
        sizes = checked_shape(shape)
        if len(sizes) < 2:
            raise ValueError(f"Orthogonal makes matrices: the shape must have at least 2 axes, not {sizes}")
        rows, columns = math.prod(sizes[:-1]), sizes[-1]
        tall = (max(rows, columns), min(rows, columns))
        q, r = np.linalg.qr(draw_normal(self.generator(), tall, 0.0, 1.0))
        # Without this the signs would follow LAPACK's convention, and q not be uniform over the orthogonal matrices.
        q *= np.where(np.diagonal(r) < 0, -1, 1)
        matrix = q if rows >= columns else q.T
        return (self.gain * matrix).reshape(sizes).astype(checked_dtype(dtype), copy=False)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "gain": self.gain}
