"""What numbers are like together: products, quantiles, averages, differences, counts; with the names of `keras.ops`."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from fastcnn.graph import Tensor
from fastcnn.ops.arrange import concatenate, getitem, moveaxis, stack
from fastcnn.ops.checks import one_axis, whole
from fastcnn.ops.describe import typed
from fastcnn.ops.dispatch import apply, floats, integers
from fastcnn.ops.linear import matmul
from fastcnn.ops.logic import greater_equal, isnan, less_equal, logical_and, not_equal, where
from fastcnn.ops.math import add, ceil, clip, divide, floor, log, multiply, round, sqrt, square, subtract
from fastcnn.ops.order import bincount, searchsorted, sort
from fastcnn.ops.reduction import axes, max, mean, min, sum
from fastcnn.ops.shape import reshape, transpose
from fastcnn.ops.take import take_along_axis

Axis = int | Sequence[int] | None
METHODS = ("linear", "lower", "higher", "midpoint", "nearest")


def part(x: Any, axis: int, first: int | None, last: int | None, step: int | None = None) -> Any:
    """x[..., first:last:step, ...] along an axis."""
    return getitem(x, (*[slice(None)] * axis, slice(first, last, step)))


def rows_along(x: Any, axis: Axis) -> tuple[Any, tuple[int, ...], tuple[int, ...]]:
    """x as rows (..., n) of what is on the axes, the axes, and the shape with 1 for them (-1: unknown batch)."""
    along = axes(axis, len(x.shape))
    kept = [number for number in range(len(x.shape)) if number not in along]
    lengths = [x.shape[number] for number in kept]
    moved = transpose(x, [*kept, *along])
    count = math.prod(x.shape[number] for number in along)
    rows = reshape(moved, (*(-1 if length is None else length for length in lengths), count))
    ones = tuple(1 if i in along else -1 if n is None else n for i, n in enumerate(x.shape))
    return rows, along, ones


def prod(x: Any, axis: Axis = None, keepdims: bool = False, dtype: str | None = None) -> Any:
    """The product over axes.

    Args:
        x: float32 of any shape.
        axis: An axis or a tuple of them; None: all.
        keepdims: Whether they stay, with length 1.
        dtype: The element type of the result. Default None: float32.

    Returns:
        Of the shape of `x` without the axes. Halves are multiplied until one number is left, so the gradient is right
        where factors are 0, too.

    Source: as `keras.ops.prod`.

    >>> from fastcnn import ops
    >>> ops.prod([[1, 2], [3, 4]], axis=1)
    array([ 2., 12.], dtype=float32)
    """
    x = floats(x)
    rows, _, ones = rows_along(x, axis)
    last = len(rows.shape) - 1
    while rows.shape[last] > 1:
        half, odd_one = divmod(rows.shape[last], 2)
        product = multiply(part(rows, last, 0, half), part(rows, last, half, 2 * half))
        rows = concatenate([product, part(rows, last, 2 * half, None)], last) if odd_one else product
    if rows.shape[last] == 0:
        rows = add(sum(rows, axis=last, keepdims=True), 1)
    return typed(reshape(rows, ones if keepdims else rest(rows)), dtype)


def rest(rows: Any) -> tuple[int, ...]:
    """The shape of rows (..., n) without the last axis."""
    return tuple(-1 if length is None else length for length in rows.shape[:-1])


def cumprod(x: Any, axis: int | None = None, dtype: str | None = None) -> Any:
    """Running products along an axis.

    Args:
        x: float32 of any shape.
        axis: The axis; None: over all elements, in one row.
        dtype: The element type of the result. Default None: float32.

    Source: as `keras.ops.cumprod`.

    >>> from fastcnn import ops
    >>> ops.cumprod([1, 2, 3, 4])
    array([ 1.,  2.,  6., 24.], dtype=float32)
    """
    x = floats(x)
    if axis is None:
        x, axis = reshape(x, (-1,)), 0
    axis = one_axis("axis", axis, len(x.shape))
    step = 1
    while step < x.shape[axis]:  # each number times the product of as many before it: log2(n) passes
        x = concatenate([part(x, axis, 0, step), multiply(part(x, axis, step, None), part(x, axis, 0, -step))], axis)
        step *= 2
    return typed(x, dtype)


def quantile(x: Any, q: Any, axis: Axis = None, method: str = "linear", keepdims: bool = False) -> Any:
    """Numbers below which given shares of the elements are.

    Args:
        x: float32 of any shape.
        q: A share from 0 to 1, or a list of them, whose axis comes first in the result.
        axis: An axis or a tuple of them; None: all. They are sorted, which is meant for short ones.
        method: Between two elements: "linear", "lower", "higher", "midpoint" or "nearest". Default "linear".
        keepdims: Whether the axes stay, with length 1.

    Returns:
        float32 of the shape of `x` without the axes, behind that of `q`; NaN where an element is NaN.

    Raises:
        ValueError: an unknown method.

    Source: as `keras.ops.quantile`.

    >>> from fastcnn import ops
    >>> ops.quantile([1, 2, 3, 4], [0.5, 1])
    array([2.5, 4. ], dtype=float32)
    """
    return quantile_of(x, q, axis, method, keepdims, leave_out_nan=False)


def quantile_of(x: Any, q: Any, axis: Axis, method: str, keepdims: bool, leave_out_nan: bool) -> Any:
    """Quantiles of all elements, or of those that are not NaN."""
    if method not in METHODS:
        raise ValueError(f"method must be one of {METHODS}, received {method!r}")
    rows, _, ones = rows_along(floats(x), axis)
    count: Any = sum(apply("equal", rows, rows), axis=-1, keepdims=True)
    ordered = sort(where(isnan(rows), float("inf"), rows))
    shares = np.asarray(q, "float32")
    if not ((shares >= 0) & (shares <= 1)).all():
        raise ValueError(f"q must be a share from 0 to 1, or a list of them, received q={q!r}")
    results = []
    for share in shares.ravel():
        at = multiply(subtract(count, 1), float(share))
        below = picked(ordered, floor(at))
        if method == "lower":
            result = below
        elif method == "nearest":
            result = picked(ordered, round(at))
        else:
            above = picked(ordered, ceil(at))
            weight = 0.5 if method == "midpoint" else subtract(at, floor(at))
            result = above if method == "higher" else add(below, multiply(subtract(above, below), weight))
        bad = apply("equal", count, floats(0)) if leave_out_nan else less_equal(count, ordered.shape[-1] - 1)
        results.append(reshape(where(bad, float("nan"), result), ones if keepdims else rest(rows)))
    return stack(results) if shares.ndim else results[0]


def picked(rows: Any, position: Any) -> Any:
    """Of each row the element at a position of its own, between 0 and the end."""
    return take_along_axis(rows, integers(clip(position, 0, rows.shape[-1] - 1)), -1)


def percentile(x: Any, q: Any, axis: Axis = None, method: str = "linear", keepdims: bool = False) -> Any:
    """`quantile` with shares in per cent.

    >>> from fastcnn import ops
    >>> ops.percentile([1, 2, 3, 4], 50)
    array(2.5, dtype=float32)
    """
    return quantile(x, np.asarray(q) / 100, axis, method, keepdims)


def median(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """The element in the middle, or the mean of the two that are, over axes as in `quantile`.

    >>> from fastcnn import ops
    >>> ops.median([5, 1, 2])
    array(2., dtype=float32)
    """
    return quantile(x, 0.5, axis, "linear", keepdims)


def average(x: Any, axis: Axis = None, weights: Any = None) -> Any:
    """The mean over axes, weighted.

    Args:
        x: float32 of any shape.
        axis: An axis or a tuple of them; None: all.
        weights: None, or float32 of the shape of `x`, or one for each place along the only axis.

    Source: as `keras.ops.average`.

    >>> from fastcnn import ops
    >>> ops.average([1, 5], weights=[3, 1])
    array(2., dtype=float32)
    """
    x = floats(x)
    if weights is None:
        return mean(x, axis)
    weights = floats(weights)
    if len(weights.shape) == 1 and len(x.shape) > 1:
        (only,) = axes(axis, len(x.shape))
        if weights.shape[0] != x.shape[only]:
            raise ValueError(
                f"weights must have a number for each place along the axis, received weights of shape "
                f"{tuple(weights.shape)} for x of shape {tuple(x.shape)} and {axis=}"
            )
        weights = reshape(weights, [-1 if number == only else 1 for number in range(len(x.shape))])
        total = sum(weights)
    else:
        total = sum(weights, axis)
    return divide(sum(multiply(x, weights), axis), total)


def ptp(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """The largest less the smallest, over axes.

    >>> from fastcnn import ops
    >>> ops.ptp([5, 1, 2])
    array(4., dtype=float32)
    """
    x = floats(x)
    return subtract(max(x, axis, keepdims), min(x, axis, keepdims))


def count_nonzero(x: Any, axis: Axis = None) -> Any:
    """How many elements are not 0, over axes, as int32.

    >>> from fastcnn import ops
    >>> int(ops.count_nonzero([5, 0, 2]))
    2
    """
    return integers(sum(not_equal(x, 0), axis))


def diff(a: Any, n: int = 1, axis: int = -1) -> Any:
    """Each element less the one before it, along an axis, `n` times over.

    >>> from fastcnn import ops
    >>> ops.diff([1, 4, 9, 16], n=2)
    array([2., 2.], dtype=float32)
    """
    x = floats(a)
    axis = one_axis("axis", axis, len(x.shape))
    for _ in range(whole("n", n, least=0)):
        x = subtract(part(x, axis, 1, None), part(x, axis, 0, -1))
    return x


def trapezoid(y: Any, x: Any = None, dx: float = 1.0, axis: int = -1) -> Any:
    """The area below points, by the trapezoidal rule.

    Args:
        y: Heights, float32.
        x: Where they stand: along the axis, or of the shape of `y`. Default None: `dx` apart.
        dx: The distance of points. Default 1.
        axis: The axis. Default -1.

    >>> from fastcnn import ops
    >>> ops.trapezoid([1, 2, 3])
    array(4., dtype=float32)
    """
    heights = moveaxis(floats(y), axis, -1)
    last = len(heights.shape) - 1
    steps = dx
    if x is not None:
        x = floats(x)
        steps = diff(x if len(x.shape) == 1 else moveaxis(x, axis, -1))
    middles = multiply(add(part(heights, last, 1, None), part(heights, last, 0, -1)), 0.5)
    return sum(multiply(middles, steps), axis=-1)


def corrcoef(x: Any) -> Any:
    """The correlations of the rows of a matrix with each other.

    >>> from fastcnn import ops
    >>> ops.corrcoef([[1, 2, 3], [3, 2, 1]]).round(4)
    array([[ 1., -1.],
           [-1.,  1.]], dtype=float32)
    """
    x = floats(x)
    x = reshape(x, (1, -1)) if len(x.shape) == 1 else x
    centred = subtract(x, mean(x, axis=1, keepdims=True))
    size = sqrt(sum(multiply(centred, centred), axis=1, keepdims=True))
    unit = divide(centred, size)
    return clip(matmul(unit, transpose(unit)), -1, 1)


def histogram(x: Any, bins: int = 10, range: tuple[float, float] | None = None) -> tuple[Any, Any]:
    """How many elements are in each of `bins` parts of a range, and the edges of the parts. No gradient passes.

    Args:
        x: float32 of any shape.
        bins: How many. Default 10.
        range: From where to where; elements outside do not count. Default None: from the smallest to the largest.

    Returns:
        float32 of shape (bins,) and (bins + 1,).

    Raises:
        ValueError: no range for a symbolic tensor.

    Source: as `keras.ops.histogram`.

    >>> from fastcnn import ops
    >>> ops.histogram([1, 2, 2, 5], bins=2)
    (array([3., 1.], dtype=float32), array([1., 3., 5.], dtype=float32))
    """
    x = floats(x)
    if len(x.shape) > 1:
        raise ValueError(f"histogram: x must have one axis, received shape {tuple(x.shape)}")
    if isinstance(bins, bool) or not isinstance(bins, (int, np.integer)):
        raise TypeError(f"bins must be an integer, received bins={bins!r}")
    if range is not None and (not isinstance(range, (tuple, list)) or len(range) != 2 or range[1] < range[0]):
        raise ValueError(f"range must be a pair of a lower and a higher number, received range={range!r}")
    x = reshape(x, (-1,))
    if range is None:
        if isinstance(x, Tensor):
            raise ValueError("histogram: a symbolic tensor needs range=(lowest, highest), received None")
        range = (float(min(x)), float(max(x))) if np.size(x) else (0.0, 1.0)
    low, high = (float(end) for end in range)
    if low == high:
        low, high = low - 0.5, high + 0.5
    edges = np.linspace(low, high, whole("bins", bins) + 1, dtype="float32")
    inside = logical_and(greater_equal(x, low), less_equal(x, high))
    return bincount(searchsorted(edges[1:-1], x, side="right"), weights=inside, minlength=bins), edges


def psnr(x1: Any, x2: Any, max_val: float) -> Any:
    """The peak signal-to-noise ratio of two sets of images, in decibels: one number.

    Args:
        x1: float32 of any shape.
        x2: float32 of that shape.
        max_val: The largest value that images can have.

    Raises:
        ValueError: the shapes differ.

    >>> from fastcnn import ops
    >>> float(ops.psnr([0, 1], [0.1, 0.9], 1.0).round(3))
    20.0
    """
    x1, x2 = floats(x1), floats(x2)
    if tuple(x1.shape) != tuple(x2.shape):
        raise ValueError(f"psnr: shapes {tuple(x1.shape)} and {tuple(x2.shape)} must be equal")
    error = mean(square(subtract(x1, x2)))
    return multiply(log(divide(error, max_val**2)), -10 / math.log(10))
