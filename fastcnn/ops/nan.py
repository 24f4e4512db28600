"""NaN put out of the way: replaced, or left out of sums, means, extremes and quantiles."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from fastcnn.ops.dispatch import apply, floats
from fastcnn.ops.logic import equal, isnan, where
from fastcnn.ops.math import divide, maximum, minimum, sqrt, square, subtract
from fastcnn.ops.order import argmax, argmin, cumsum
from fastcnn.ops.reduction import max, min, sum
from fastcnn.ops.statistics import cumprod, prod, quantile_of

Axis = int | Sequence[int] | None
LARGEST = float(np.finfo("float32").max)


def known(x: Any) -> Any:
    """1 where `x` is a number, else 0."""
    return equal(x, x)


def or_else(x: Any, value: float) -> Any:
    """`x` with another value for NaN."""
    return where(known(x), x, value) if value else apply("masked", known(x), x)


def nan_to_num(x: Any, nan: float = 0.0, posinf: float | None = None, neginf: float | None = None) -> Any:
    """`x` with finite numbers for NaN and infinities.

    Args:
        x: float32 of any shape.
        nan: What NaN becomes. Default 0.
        posinf: What infinity becomes. Default None: the largest float32.
        neginf: What minus infinity becomes. Default None: the smallest float32.

    >>> from fastcnn import ops
    >>> ops.nan_to_num([1, float("nan"), float("inf")], posinf=9)
    array([1., 0., 9.], dtype=float32)
    """
    x = or_else(floats(x), nan)
    x = where(equal(x, float("inf")), LARGEST if posinf is None else posinf, x)
    return where(equal(x, float("-inf")), -LARGEST if neginf is None else neginf, x)


def fmax(x1: Any, x2: Any) -> Any:
    """The larger of both, and the other one where one is NaN.

    >>> from fastcnn import ops
    >>> ops.fmax([1, float("nan")], 0)
    array([1., 0.], dtype=float32)
    """
    x1, x2 = floats(x1), floats(x2)
    return maximum(where(isnan(x1), x2, x1), where(isnan(x2), x1, x2))


def fmin(x1: Any, x2: Any) -> Any:
    """The smaller of both, and the other one where one is NaN.

    >>> from fastcnn import ops
    >>> ops.fmin([1, float("nan")], 0)
    array([0., 0.], dtype=float32)
    """
    x1, x2 = floats(x1), floats(x2)
    return minimum(where(isnan(x1), x2, x1), where(isnan(x2), x1, x2))


def nansum(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """`sum` over what is not NaN.

    >>> from fastcnn import ops
    >>> ops.nansum([1, float("nan"), 2])
    array(3., dtype=float32)
    """
    return sum(or_else(floats(x), 0.0), axis, keepdims)


def nanmean(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """`mean` over what is not NaN; NaN where there is nothing else.

    >>> from fastcnn import ops
    >>> ops.nanmean([1, float("nan"), 2])
    array(1.5, dtype=float32)
    """
    x = floats(x)
    return divide(nansum(x, axis, keepdims), sum(known(x), axis, keepdims))


def nanvar(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """`var` over what is not NaN.

    >>> from fastcnn import ops
    >>> ops.nanvar([1, float("nan"), 3])
    array(1., dtype=float32)
    """
    x = floats(x)
    numbers = known(x)
    distances = apply("masked", numbers, subtract(or_else(x, 0.0), nanmean(x, axis, keepdims=True)))
    return divide(sum(square(distances), axis, keepdims), sum(numbers, axis, keepdims))


def nanstd(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """`std` over what is not NaN.

    >>> from fastcnn import ops
    >>> ops.nanstd([1, float("nan"), 5])
    array(2., dtype=float32)
    """
    return sqrt(nanvar(x, axis, keepdims))


def nanmax(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """`max` over what is not NaN; NaN where there is nothing else.

    >>> from fastcnn import ops
    >>> ops.nanmax([1, float("nan"), 2])
    array(2., dtype=float32)
    """
    x = floats(x)
    return where(max(known(x), axis, keepdims), max(or_else(x, float("-inf")), axis, keepdims), float("nan"))


def nanmin(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """`min` over what is not NaN; NaN where there is nothing else.

    >>> from fastcnn import ops
    >>> ops.nanmin([1, float("nan"), 2])
    array(1., dtype=float32)
    """
    x = floats(x)
    return where(max(known(x), axis, keepdims), min(or_else(x, float("inf")), axis, keepdims), float("nan"))


def nanargmax(x: Any, axis: int | None = None, keepdims: bool = False) -> Any:
    """`argmax` over what is not NaN.

    >>> from fastcnn import ops
    >>> int(ops.nanargmax([1, float("nan"), 2]))
    2
    """
    return argmax(or_else(floats(x), float("-inf")), axis, keepdims)


def nanargmin(x: Any, axis: int | None = None, keepdims: bool = False) -> Any:
    """`argmin` over what is not NaN.

    >>> from fastcnn import ops
    >>> int(ops.nanargmin([1, float("nan"), 2]))
    0
    """
    return argmin(or_else(floats(x), float("inf")), axis, keepdims)


def nanprod(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """`prod` over what is not NaN.

    >>> from fastcnn import ops
    >>> ops.nanprod([3, float("nan"), 2])
    array(6., dtype=float32)
    """
    return prod(or_else(floats(x), 1.0), axis, keepdims)


def nancumsum(x: Any, axis: int | None = None, dtype: str | None = None) -> Any:
    """`cumsum` with NaN as 0.

    >>> from fastcnn import ops
    >>> ops.nancumsum([1, float("nan"), 2])
    array([1., 1., 3.], dtype=float32)
    """
    return cumsum(or_else(floats(x), 0.0), axis, dtype)


def nancumprod(x: Any, axis: int | None = None, dtype: str | None = None) -> Any:
    """`cumprod` with NaN as 1.

    >>> from fastcnn import ops
    >>> ops.nancumprod([3, float("nan"), 2])
    array([3., 3., 6.], dtype=float32)
    """
    return cumprod(or_else(floats(x), 1.0), axis, dtype)


def nanquantile(x: Any, q: Any, axis: Axis = None, method: str = "linear", keepdims: bool = False) -> Any:
    """`quantile` of what is not NaN.

    >>> from fastcnn import ops
    >>> ops.nanquantile([1, float("nan"), 3], 0.5)
    array(2., dtype=float32)
    """
    return quantile_of(x, q, axis, method, keepdims, leave_out_nan=True)


def nanpercentile(x: Any, q: Any, axis: Axis = None, method: str = "linear", keepdims: bool = False) -> Any:
    """`percentile` of what is not NaN.

    >>> from fastcnn import ops
    >>> ops.nanpercentile([1, float("nan"), 3], 50)
    array(2., dtype=float32)
    """
    return nanquantile(x, np.asarray(q) / 100, axis, method, keepdims)


def nanmedian(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """`median` of what is not NaN.

    >>> from fastcnn import ops
    >>> ops.nanmedian([1, float("nan"), 3])
    array(2., dtype=float32)
    """
    return nanquantile(x, 0.5, axis, "linear", keepdims)
