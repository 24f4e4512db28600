"""Truth: comparisons and what is made of them. It is 1 and 0, as float32; any other number than 0 counts as true."""

from __future__ import annotations

from typing import Any

from fastcnn.ops.dispatch import apply, floats
from fastcnn.ops.math import abs, add


def equal(x1: Any, x2: Any) -> Any:
    """1 where both are equal, else 0, as float32.

    >>> from fastcnn import ops
    >>> ops.equal([1, 5], 5)
    array([0., 1.], dtype=float32)
    """
    return apply("equal", floats(x1), floats(x2))


def not_equal(x1: Any, x2: Any) -> Any:
    """1 where both differ, else 0, as float32.

    >>> from fastcnn import ops
    >>> ops.not_equal([1, 5], 5)
    array([1., 0.], dtype=float32)
    """
    return apply("not_equal", floats(x1), floats(x2))


def greater(x1: Any, x2: Any) -> Any:
    """1 where `x1` is larger than `x2`, else 0, as float32.

    >>> from fastcnn import ops
    >>> ops.greater([4, 5, 6], 5)
    array([0., 0., 1.], dtype=float32)
    """
    return apply("greater", floats(x1), floats(x2))


def greater_equal(x1: Any, x2: Any) -> Any:
    """1 where `x1` is at least `x2`, else 0, as float32.

    >>> from fastcnn import ops
    >>> ops.greater_equal([4, 5, 6], 5)
    array([0., 1., 1.], dtype=float32)
    """
    return apply("greater_equal", floats(x1), floats(x2))


def less(x1: Any, x2: Any) -> Any:
    """1 where `x1` is smaller than `x2`, else 0, as float32.

    >>> from fastcnn import ops
    >>> ops.less([4, 5, 6], 5)
    array([1., 0., 0.], dtype=float32)
    """
    return apply("greater", floats(x2), floats(x1))


def less_equal(x1: Any, x2: Any) -> Any:
    """1 where `x1` is at most `x2`, else 0, as float32.

    >>> from fastcnn import ops
    >>> ops.less_equal([4, 5, 6], 5)
    array([1., 1., 0.], dtype=float32)
    """
    return apply("greater_equal", floats(x2), floats(x1))


def logical_not(x: Any) -> Any:
    """1 where `x` is 0, else 0, as float32.

    >>> from fastcnn import ops
    >>> ops.logical_not([0, 1, 3])
    array([1., 0., 0.], dtype=float32)
    """
    return equal(x, 0)


def logical_and(x1: Any, x2: Any) -> Any:
    """1 where neither is 0, else 0, as float32.

    >>> from fastcnn import ops
    >>> ops.logical_and([0, 1, 3], [1, 0, 1])
    array([0., 0., 1.], dtype=float32)
    """
    return apply("masked", floats(x1), not_equal(x2, 0))


def logical_or(x1: Any, x2: Any) -> Any:
    """1 where one or both are not 0, else 0, as float32.

    >>> from fastcnn import ops
    >>> ops.logical_or([0, 1, 3], [0, 0, 1])
    array([0., 1., 1.], dtype=float32)
    """
    return apply("maximum", not_equal(x1, 0), not_equal(x2, 0))


def logical_xor(x1: Any, x2: Any) -> Any:
    """1 where just one is not 0, else 0, as float32.

    >>> from fastcnn import ops
    >>> ops.logical_xor([0, 1, 3], [0, 0, 1])
    array([0., 1., 0.], dtype=float32)
    """
    return not_equal(not_equal(x1, 0), not_equal(x2, 0))


def isnan(x: Any) -> Any:
    """1 where `x` is NaN, else 0, as float32.

    >>> from fastcnn import ops
    >>> ops.isnan([1, float("nan")])
    array([0., 1.], dtype=float32)
    """
    return apply("isnan", floats(x))


def isfinite(x: Any) -> Any:
    """1 where `x` is neither infinite nor NaN, else 0, as float32.

    >>> from fastcnn import ops
    >>> ops.isfinite([1, float("inf"), float("nan")])
    array([1., 0., 0.], dtype=float32)
    """
    return apply("isfinite", floats(x))


def isinf(x: Any) -> Any:
    """1 where `x` is infinite, else 0, as float32.

    >>> from fastcnn import ops
    >>> ops.isinf([1, float("-inf"), float("nan")])
    array([0., 1., 0.], dtype=float32)
    """
    return equal(abs(x), float("inf"))


def where(condition: Any, x1: Any, x2: Any) -> Any:
    """`x1` where the condition is not 0, else `x2`, with broadcasting. No gradient passes where a value is not taken.

    Args:
        condition: Any shape.
        x1: float32.
        x2: float32.

    Returns:
        float32 of the shape of all three together.

    Raises:
        ValueError: The shapes do not fit.

    Source: as `keras.ops.where` with three arguments.

    Example:

    >>> from fastcnn import ops
    >>> ops.where([1, 0], [1, 2], 9)
    array([1., 9.], dtype=float32)
    """
    condition = floats(condition)
    return add(apply("masked", condition, floats(x1)), apply("masked", logical_not(condition), floats(x2)))
