"""Writing by number: values put into zeros or into a tensor, sums of rows with the same number, and classes as rows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from fastcnn.graph import Tensor
from fastcnn.ops.checks import whole
from fastcnn.ops.dispatch import apply, floats, integers
from fastcnn.ops.logic import equal, where
from fastcnn.ops.math import add, floor_divide, mod, multiply
from fastcnn.ops.reduction import max, min
from fastcnn.ops.reduction import sum as sum_over
from fastcnn.ops.shape import one_hot, reshape
from fastcnn.ops.statistics import prod


def as_places(indices: Any) -> Any:
    """Indices as a tensor or an array."""
    return indices if isinstance(indices, Tensor) else np.asarray(indices)


def flat_index(indices: Any, lengths: Sequence[int]) -> Any:
    """Indices (..., k) into k axes as int32 indices (...) into all of their elements."""
    strides = [math.prod(lengths[axis + 1 :]) for axis in range(len(lengths))]
    if not isinstance(indices, Tensor):
        indices = np.where(indices < 0, indices + np.array(lengths), indices)
    return integers(sum_over(multiply(indices, np.array(strides)), axis=-1))


def scatter(indices: Any, values: Any, shape: Sequence[int]) -> Any:
    """Values put into a tensor of zeros; those for the same place are added up.

    Args:
        indices: Whole numbers of shape (..., k): the place in the first k axes of each value.
        values: float32 of shape (..., *shape[k:]).
        shape: Of the result.

    Source: as `keras.ops.scatter`.

    >>> from fastcnn import ops
    >>> ops.scatter([[0], [2], [0]], [1, 2, 3], (4,))
    array([4., 0., 2., 0.], dtype=float32)
    """
    indices = as_places(indices)
    depth = indices.shape[-1]
    lengths, inner = tuple(shape[:depth]), tuple(shape[depth:])
    flat = apply("reshape", flat_index(indices, lengths), shape=(-1,))
    rows = reshape(floats(values), (-1, *inner))
    summed = apply("take_gradient", flat, rows, axis=0, count=math.prod(lengths))
    return reshape(summed, tuple(shape))


def scatter_update(inputs: Any, indices: Any, updates: Any, reduction: str | None = None) -> Any:
    """A tensor with other values at some places.

    Args:
        inputs: float32 of any shape.
        indices: Whole numbers of shape (n, k): places in the first k axes, each once where they are replaced.
        updates: float32 of shape (n, *inputs.shape[k:]).
        reduction: None: what was there is replaced; "add": the updates are added to it.

    Raises:
        ValueError: another reduction.

    Source: as `keras.ops.scatter_update`.

    >>> from fastcnn import ops
    >>> ops.scatter_update([1, 2, 3], [[1]], [9])
    array([1., 9., 3.], dtype=float32)
    """
    inputs, updates, indices = floats(inputs), floats(updates), as_places(indices)
    wanted = (*indices.shape[:-1], *inputs.shape[indices.shape[-1] :])
    if None not in (*updates.shape, *wanted) and math.prod(updates.shape) != math.prod(wanted):
        raise ValueError(f"updates must have the shape {wanted}, received updates of shape {tuple(updates.shape)}")
    put = scatter(indices, updates, inputs.shape)
    if reduction == "add":
        return add(inputs, put)
    if reduction is not None:
        raise ValueError(f"reduction must be None or 'add', received reduction={reduction!r}")
    depth: int = indices.shape[-1]
    shape = (*inputs.shape[:depth], *(1,) * (len(inputs.shape) - depth))
    touched = scatter(indices, np.ones(indices.shape[:-1], "float32"), inputs.shape[:depth])
    return where(reshape(touched, shape), put, inputs)


def slice_update(inputs: Any, start_indices: Sequence[int], updates: Any) -> Any:
    """A tensor with a box of it replaced.

    Args:
        inputs: float32 of any shape.
        start_indices: Where the box starts along each axis.
        updates: float32, the box.

    Source: as `keras.ops.slice_update`.

    >>> from fastcnn import ops
    >>> ops.slice_update([1, 2, 3], [1], [8, 9])
    array([1., 8., 9.], dtype=float32)
    """
    inputs, updates = floats(inputs), floats(updates)
    start = tuple(int(first) for first in start_indices)
    shape = tuple(-1 if n is None else n for n in inputs.shape)
    placed = apply("place", updates, shape=shape, start=start, step=(1,) * len(start))
    box = tuple(slice(first, None if n is None else first + n) for first, n in zip(start, updates.shape, strict=True))
    outside = np.ones([1 if n is None else n for n in inputs.shape], "float32")
    outside[box] = 0
    return add(apply("masked", outside, inputs), placed)


def segments(data: Any, segment_ids: Any, num_segments: int | None) -> tuple[Any, Any, int]:
    """The operands of a segment function, and how many segments there are."""
    ids = integers(segment_ids)
    if num_segments is None:
        if isinstance(ids, Tensor):
            raise ValueError("num_segments must be given where segment_ids is a symbolic tensor, received None")
        num_segments = int(np.max(ids, initial=-1)) + 1
    data = floats(data)
    if len(ids.shape) != 1 or (data.shape[:1] != ids.shape and None not in (*data.shape[:1], *ids.shape)):
        raise ValueError(
            f"segment_ids must be a row of one number for each row of data, received segment_ids of shape "
            f"{tuple(ids.shape)} and data of shape {tuple(data.shape)}"
        )
    return data, ids, whole("num_segments", num_segments, least=0)


def segment_sum(data: Any, segment_ids: Any, num_segments: int | None = None, sorted: bool = False) -> Any:
    """The sums of the rows with the same number.

    Args:
        data: float32 of shape (n, ...).
        segment_ids: Whole numbers of shape (n,).
        num_segments: How many numbers there are. Default None: one more than the largest, of arrays.
        sorted: Without effect.

    Source: as `keras.ops.segment_sum`.

    >>> from fastcnn import ops
    >>> ops.segment_sum([1, 2, 3], [0, 1, 0])
    array([4., 2.], dtype=float32)
    """
    data, ids, count = segments(data, segment_ids, num_segments)
    return apply("take_gradient", ids, data, axis=0, count=count)


def members(data: Any, segment_ids: Any, num_segments: int | None, other: float) -> Any:
    """A copy of the rows (segments, n, ...) for each segment, with another value for rows that are not in it."""
    data, ids, count = segments(data, segment_ids, num_segments)
    one = (1,) * (len(data.shape) - 1)
    inside = equal(reshape(floats(ids), (1, -1, *one)), np.arange(count).reshape(-1, 1, *one))
    return where(inside, reshape(data, (1, *data.shape)), other)


def segment_max(data: Any, segment_ids: Any, num_segments: int | None = None, sorted: bool = False) -> Any:
    """The largest of the rows with the same number, minus infinity of none; see `segment_sum`. Meant for few segments.

    >>> from fastcnn import ops
    >>> ops.segment_max([1, 2, 3], [0, 1, 0])
    array([3., 2.], dtype=float32)
    """
    return max(members(data, segment_ids, num_segments, float("-inf")), axis=1)


def segment_min(data: Any, segment_ids: Any, num_segments: int | None = None, sorted: bool = False) -> Any:
    """The smallest of the rows with the same number, infinity of none; see `segment_sum`. Meant for few segments.

    >>> from fastcnn import ops
    >>> ops.segment_min([1, 2, 3], [0, 1, 0])
    array([1., 2.], dtype=float32)
    """
    return min(members(data, segment_ids, num_segments, float("inf")), axis=1)


def segment_prod(data: Any, segment_ids: Any, num_segments: int | None = None, sorted: bool = False) -> Any:
    """The products of the rows with the same number, 1 of none; see `segment_sum`. Meant for few segments.

    >>> from fastcnn import ops
    >>> ops.segment_prod([1, 2, 3], [0, 1, 0])
    array([3., 2.], dtype=float32)
    """
    return prod(members(data, segment_ids, num_segments, 1.0), axis=1)


def unravel_index(indices: Any, shape: Sequence[int]) -> tuple[Any, ...]:
    """Numbers of elements as places along each axis, int32.

    >>> from fastcnn import ops
    >>> ops.unravel_index([5, 2], (2, 3))
    (array([1, 0], dtype=int32), array([2, 2], dtype=int32))
    """
    places = []
    rest = floats(indices)
    for length in reversed(shape):
        places.append(integers(mod(rest, length)))
        rest = floor_divide(rest, length)
    return tuple(reversed(places))


def multi_hot(
    inputs: Any,
    num_classes: int | None = None,
    axis: int = -1,
    dtype: str | None = None,
    sparse: bool = False,
    **kwargs: Any,
) -> Any:
    """Rows of class numbers as rows with a one at each of the classes.

    Args:
        inputs: Class numbers of shape (..., n).
        num_classes: Number of classes.
        axis: Where their axis stands in `one_hot`. Default -1.
        dtype: The element type. Default None: float32.
        sparse: False.

    Source: as `keras.ops.multi_hot`.

    >>> from fastcnn import ops
    >>> ops.multi_hot([[0, 2], [1, 1]], 3)
    array([[1., 0., 1.],
           [0., 1., 0.]], dtype=float32)
    """
    count = kwargs.pop("num_tokens", num_classes)
    inputs = floats(inputs)
    rows = one_hot(inputs, whole("num_classes", count), axis, dtype, sparse)
    return max(rows, axis=1 if len(inputs.shape) > 1 else 0)
