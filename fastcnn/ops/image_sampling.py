"""Values of arrays and images at coordinates, composed of other ops: `map_coordinates`, and the warps of `image_warp`
for their gradients."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np

from fastcnn.graph import Tensor
from fastcnn.ops.arrange import getitem
from fastcnn.ops.dispatch import floats
from fastcnn.ops.image_layout import one_of
from fastcnn.ops.logic import equal, greater_equal, less, logical_and, where
from fastcnn.ops.math import abs as magnitude
from fastcnn.ops.math import add, clip, divide, floor, minimum, mod, multiply, sign, subtract
from fastcnn.ops.shape import broadcast_to, reshape
from fastcnn.ops.take import take

EXACT = 1 << 24
"""Up to here float32 holds all whole numbers."""


def map_coordinates(
    inputs: Any, coordinates: Any, order: int, fill_mode: str = "constant", fill_value: float = 0.0
) -> Any:
    """The values of an array at given coordinates.

    Args:
        inputs: float32 of any shape with r axes, of at most 2**24 elements.
        coordinates: float32 (r, ...): a coordinate along each axis for each value of the result.
        order: 0: the nearest element, 1: linear between neighbours.
        fill_mode: What lies outside: "constant", "nearest", "wrap", "mirror" (d c b | a b c d | c b a) or "reflect"
            (c b a | a b c d | d c b). Default "constant".
        fill_value: The constant. Default 0.

    Returns:
        float32 of shape `coordinates.shape[1:]`.

    Raises:
        ValueError: An argument does not fit.

    Example:

    >>> from fastcnn import ops
    >>> ops.image.map_coordinates([0, 10, 20], [[0.5, 2, 9]], order=1)
    array([ 5., 20.,  0.], dtype=float32)
    """
    x: Any = floats(inputs)
    at: Any = floats(coordinates)
    rank = len(x.shape)
    if len(at.shape) < 2:
        raise ValueError(
            f"Invalid coordinates rank: expected at least rank 2. Received input with shape: {tuple(at.shape)}"
        )
    if at.shape[0] != rank:
        raise ValueError(
            "First dim of `coordinates` must be the same as the rank of `inputs`. Received inputs with shape: "
            f"{tuple(x.shape)} and coordinate leading dim of {at.shape[0]}"
        )
    one_of("fill_mode", fill_mode, ("constant", "nearest", "wrap", "mirror", "reflect"))
    if order not in (0, 1):
        raise ValueError(f"Invalid value for argument `order`. Expected one of [0, 1]. Received: order={order!r}")
    corners = [corners_of(getitem(at, axis), order == 0) for axis in range(rank)]
    flat = reshape(x, (-1,))
    result: Any = 0.0
    for corner in itertools.product(*corners):
        index: Any = 0.0
        known: Any = None
        weight: Any = None
        for (position, part), length in zip(corner, x.shape, strict=True):
            place, fits = brought_inside(position, length, fill_mode)
            index = add(multiply(index, float(length)), place)
            if fits is not None:
                known = fits if known is None else logical_and(known, fits)
            if part is not None:
                weight = part if weight is None else multiply(weight, part)
        value = take(flat, index, axis=0)
        if known is not None:
            value = where(known, value, float(fill_value))
        result = add(result, value if weight is None else multiply(value, weight))
    return broadcast_to(result, at.shape[1:])


def brought_inside(position: Any, length: int, mode: str) -> tuple[Any, Any]:
    """Whole positions in an axis that stand for those outside; and which need no filling, None for all."""
    last = float(length - 1)
    if mode == "constant":
        return clip(position, 0.0, last), logical_and(greater_equal(position, 0.0), less(position, float(length)))
    if mode == "nearest":
        return clip(position, 0.0, last), None
    if mode == "wrap":
        return mod(position, float(length)), None
    if mode == "mirror":
        turn = mod(position, 2 * last) if last else multiply(position, 0.0)
        return minimum(turn, subtract(2 * last, turn)), None
    turn = mod(position, 2.0 * length)
    return minimum(turn, subtract(2.0 * length - 1, turn)), None


def corners_of(along: Any, nearest: bool) -> list[tuple[Any, Any]]:
    """The whole positions around coordinates, each with its share; None for all of it."""
    if nearest:
        return [(multiply(sign(along), floor(add(magnitude(along), 0.5))), None)]
    low = floor(along)
    share = subtract(along, low)
    return [(low, subtract(1.0, share)), (add(low, 1.0), share)]


def warped(x: Tensor, down: Any, across: Any, *, interpolation: str, fill_mode: str, fill_value: float) -> Tensor:
    """What the op `warp_at` gives.

    Raises:
        ValueError: the batch has more pixels than float32 can count.
    """
    n, height, width, channels = x.static_shape
    if n * height * width > EXACT:
        raise ValueError(
            f"images of shape {x.shape}, seen through a map, cannot be differentiated: a batch may have {EXACT} "
            "pixels; make batch_size smaller"
        )
    pixels = reshape(x, (n * height * width, channels))
    first = np.arange(n, dtype="float32").reshape(n, 1, 1) * (height * width)
    rows, columns = (corners_of(numbered(at), interpolation == "nearest") for at in (down, across))
    result: Any = 0.0
    for (row, upper), (column, left) in itertools.product(rows, columns):
        i, no_fill = brought_inside(row, height, fill_mode)
        j, none_either = brought_inside(column, width, fill_mode)
        value = take(pixels, add(add(multiply(i, float(width)), j), first), axis=0)
        if no_fill is not None:
            value = where(reshape(logical_and(no_fill, none_either), (*i.shape, 1)), value, float(fill_value))
        if upper is not None:
            value = multiply(value, reshape(multiply(upper, left), (*i.shape, 1)))
        result = add(result, value)
    return result


def numbered(at: Any) -> Any:
    """Coordinates that can be rounded to whole numbers; NaN is far outside."""
    return clip(where(equal(at, at), at, -1e6), -1e6, 1e6)


def seen_through(x: Tensor, transforms: Any, perspective: bool, **options: Any) -> Tensor:
    """What the ops `perspective_warp` and `affine_transform` give."""
    _, height, width, _ = x.static_shape
    rows, columns = np.arange(height, dtype="float32").reshape(-1, 1), np.arange(width, dtype="float32")
    numbers = reshape(transforms, (-1, 8, 1, 1))
    t = [getitem(numbers, (Ellipsis, k, slice(None), slice(None))) for k in range(8)]

    def linear(first: int, last: Any) -> Any:
        return add(add(multiply(t[first], columns), multiply(t[first + 1], rows)), last)

    down, across = linear(3, t[5]), linear(0, t[2])
    if perspective:
        depth = linear(6, 1.0)
        down, across = divide(down, depth), divide(across, depth)
    return warped(x, down, across, **options)
