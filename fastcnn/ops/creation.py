"""Tensors out of nothing: zeros, ones, numbers in a row, unit matrices, grids; with the names of `keras.ops`."""

from __future__ import annotations

import builtins
from collections.abc import Sequence
from typing import Any

import numpy as np

from fastcnn.graph import Tensor
from fastcnn.ops.batch_size import BatchSize, lengths_of
from fastcnn.ops.checks import one_axis, whole
from fastcnn.ops.describe import typed
from fastcnn.ops.dispatch import apply, floats
from fastcnn.ops.math import add, divide, log, multiply, power, subtract
from fastcnn.ops.shape import broadcast_to, column_of_zeros, expand_dims, reshape

Lengths = int | Sequence[int]


def full(shape: Lengths, fill_value: Any, dtype: str | None = None) -> Any:
    """A tensor with the same value everywhere.

    Args:
        shape: Its shape. The first length may be the unknown batch that `ops.shape` gives.
        fill_value: A number, or what can be broadcast to the shape.
        dtype: The element type. Default None: float32.

    Source: as `keras.ops.full`.

    >>> from fastcnn import ops
    >>> ops.full((2,), 7)
    array([7., 7.], dtype=float32)
    """
    lengths = lengths_of(shape)
    value = floats(fill_value)
    if lengths and isinstance(lengths[0], BatchSize):
        value = add(column_of_zeros(lengths[0], len(lengths)), value)
        return typed(broadcast_to(value, (-1, *lengths[1:])), dtype)
    if isinstance(value, Tensor):
        return typed(broadcast_to(value, lengths), dtype)
    return np.full(lengths, value, dtype or "float32")


def zeros(shape: Lengths, dtype: str | None = None) -> Any:
    """A tensor of zeros; arguments as in `full`.

    >>> from fastcnn import ops
    >>> ops.zeros((2,))
    array([0., 0.], dtype=float32)
    """
    return full(shape, 0, dtype)


def ones(shape: Lengths, dtype: str | None = None) -> Any:
    """A tensor of ones; arguments as in `full`.

    >>> from fastcnn import ops
    >>> ops.ones((2,))
    array([1., 1.], dtype=float32)
    """
    return full(shape, 1, dtype)


def empty(shape: Lengths, dtype: str | None = None) -> Any:
    """A tensor whose values do not matter: zeros.

    >>> from fastcnn import ops
    >>> ops.empty((2,)).shape
    (2,)
    """
    return zeros(shape, dtype)


def zeros_like(x: Any, dtype: str | None = None) -> Any:
    """Zeros of the shape of `x`.

    >>> from fastcnn import ops
    >>> ops.zeros_like([3, 4])
    array([0., 0.], dtype=float32)
    """
    return typed(apply("masked", floats(0), floats(x)), dtype)


def ones_like(x: Any, dtype: str | None = None) -> Any:
    """Ones of the shape of `x`.

    >>> from fastcnn import ops
    >>> ops.ones_like([3, 4])
    array([1., 1.], dtype=float32)
    """
    return full_like(x, 1, dtype)


def empty_like(x: Any, dtype: str | None = None) -> Any:
    """A tensor of the shape of `x` whose values do not matter: zeros.

    >>> from fastcnn import ops
    >>> ops.empty_like([3, 4]).shape
    (2,)
    """
    return zeros_like(x, dtype)


def full_like(x: Any, fill_value: Any, dtype: str | None = None) -> Any:
    """A tensor of the shape of `x` with the same value everywhere.

    >>> from fastcnn import ops
    >>> ops.full_like([3, 4], 2)
    array([2., 2.], dtype=float32)
    """
    return typed(add(zeros_like(x), fill_value), dtype)


def arange(start: Any, stop: Any = None, step: Any = None, dtype: str | None = None) -> np.ndarray:
    """Numbers from `start` (or 0, if it is the only one) up to but without `stop`, by steps.

    Args:
        start: A number.
        stop: A number. Default None.
        step: A number. Default None: 1.
        dtype: The element type. Default None: int32 if all are whole, else float32.

    Source: as `keras.ops.arange`.

    >>> from fastcnn import ops
    >>> ops.arange(1, 7, 2)
    array([1, 3, 5], dtype=int32)
    """
    first, last = (0, start) if stop is None else (start, stop)
    for name, value in (("start", start), ("stop", last), ("step", 1 if step is None else step)):
        if np.ndim(value) or np.asarray(value).dtype.kind not in "biuf":
            raise ValueError(f"{name} must be a number, received {name}={value!r}")
    if step == 0:
        raise ValueError("step must not be 0, received step=0")
    numbers: np.ndarray = np.arange(first, last, 1 if step is None else step)
    return numbers.astype(dtype or ("int32" if numbers.dtype.kind in "iu" else "float32"))


def linspace(
    start: Any,
    stop: Any,
    num: int = 50,
    endpoint: bool = True,
    retstep: bool = False,
    dtype: str | None = None,
    axis: int = 0,
) -> Any:
    """Numbers evenly from `start` to `stop`.

    Args:
        start: A number, or a tensor.
        stop: A number, or a tensor of the same shape.
        num: How many. Default 50.
        endpoint: Whether `stop` is one of them. Default True.
        retstep: Whether to return their distance, too. Default False.
        dtype: The element type. Default None: float32.
        axis: Where their axis stands. Default 0.

    Source: as `keras.ops.linspace`.

    >>> from fastcnn import ops
    >>> ops.linspace(0, 1, 3)
    array([0. , 0.5, 1. ], dtype=float32)
    """
    start, stop = floats(start), floats(stop)
    rank = builtins.max(len(start.shape), len(stop.shape)) + 1
    at = one_axis("axis", axis, rank)
    share = np.linspace(0, 1, whole("num", num, least=0), endpoint).reshape([-1 if i == at else 1 for i in range(rank)])
    first, last = (expand_dims(end, at) if len(end.shape) == rank - 1 else end for end in (start, stop))
    numbers = typed(add(multiply(first, 1 - share), multiply(last, share)), dtype)
    steps = num - 1 if endpoint else num
    return (numbers, divide(subtract(stop, start), steps)) if retstep else numbers


def logspace(
    start: Any,
    stop: Any,
    num: int = 50,
    endpoint: bool = True,
    base: float = 10,
    dtype: str | None = None,
    axis: int = 0,
) -> Any:
    """Powers of `base` whose exponents go evenly from `start` to `stop`; see `linspace`.

    >>> from fastcnn import ops
    >>> ops.logspace(0, 2, 3).round(3)
    array([  1.,  10., 100.], dtype=float32)
    """
    return typed(power(floats(base), linspace(start, stop, num, endpoint, axis=axis)), dtype)


def geomspace(
    start: Any, stop: Any, num: int = 50, endpoint: bool = True, dtype: str | None = None, axis: int = 0
) -> Any:
    """Positive numbers from `start` to `stop`, each the same multiple of the one before; see `linspace`.

    >>> from fastcnn import ops
    >>> ops.geomspace(1, 4, 3).round(3)
    array([1., 2., 4.], dtype=float32)
    """
    scale = float(np.log(10))
    return logspace(divide(log(start), scale), divide(log(stop), scale), num, endpoint, 10, dtype, axis)


def eye(N: int, M: int | None = None, k: int = 0, dtype: str | None = None) -> np.ndarray:
    """Ones on a diagonal, zeros elsewhere.

    Args:
        N: Rows.
        M: Columns. Default None: as many.
        k: The diagonal, from the main one upwards. Default 0.
        dtype: The element type. Default None: float32.

    >>> from fastcnn import ops
    >>> ops.eye(2)
    array([[1., 0.],
           [0., 1.]], dtype=float32)
    """
    for name, size in (("N", N), ("M", N if M is None else M)):
        if not hasattr(size, "__index__"):
            raise TypeError(f"{name} must be an integer, received {name}={size!r}")
        whole(name, size, least=0)
    return np.eye(N, M, k, dtype or "float32")


def identity(n: int, dtype: str | None = None) -> np.ndarray:
    """The unit matrix.

    >>> from fastcnn import ops
    >>> ops.identity(2)
    array([[1., 0.],
           [0., 1.]], dtype=float32)
    """
    return eye(n, dtype=dtype)


def tri(N: int, M: int | None = None, k: int = 0, dtype: str | None = None) -> np.ndarray:
    """Ones on and below a diagonal, zeros elsewhere; arguments as in `eye`.

    >>> from fastcnn import ops
    >>> ops.tri(2)
    array([[1., 0.],
           [1., 1.]], dtype=float32)
    """
    return np.tri(N, M, k, dtype or "float32")


def meshgrid(*x: Any, indexing: str = "xy") -> list[Any]:
    """The coordinates of all points of a grid.

    Args:
        x: The coordinates along each axis.
        indexing: "xy": the first coordinate runs along the second axis; "ij": along the first. Default "xy".

    Returns:
        A tensor for each coordinate.

    Raises:
        ValueError: another indexing.

    Source: as `keras.ops.meshgrid`.

    >>> from fastcnn import ops
    >>> ops.meshgrid([1, 2], [3])
    [array([[1., 2.]], dtype=float32), array([[3., 3.]], dtype=float32)]
    """
    if indexing not in ("xy", "ij"):
        raise ValueError(f"indexing must be 'xy' or 'ij', received indexing={indexing!r}")
    lines = [reshape(line, (-1,)) for line in x]
    places = list(range(len(lines)))
    if indexing == "xy" and len(lines) > 1:
        places[:2] = 1, 0
    lengths = [line.shape[0] for line in lines]
    shape = [lengths[places.index(axis)] for axis in range(len(lines))]
    return [
        broadcast_to(reshape(line, [-1 if axis == place else 1 for axis in range(len(lines))]), shape)
        for line, place in zip(lines, places, strict=True)
    ]


def vander(x: Any, N: int | None = None, increasing: bool = False) -> Any:
    """Powers of numbers: a row for each.

    Args:
        x: float32 of shape (n,).
        N: How many powers, from 0 up. Default None: n.
        increasing: Whether the power 0 comes first, not last. Default False.

    >>> from fastcnn import ops
    >>> ops.vander([2, 3], 3)
    array([[4., 2., 1.],
           [9., 3., 1.]], dtype=float32)
    """
    x = floats(x)
    if len(x.shape) != 1:
        raise ValueError(f"vander: x must have 1 axis, received shape {tuple(x.shape)}")
    if N is not None and not hasattr(N, "__index__"):
        raise TypeError(f"N must be an integer, received N={N!r}")
    powers = np.arange(x.shape[0] if N is None else whole("N", N, least=0))
    return power(reshape(x, (-1, 1)), powers if increasing else powers[::-1])
