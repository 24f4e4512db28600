"""Truth: comparisons and what is made of them. It is 1 and 0, as float32; any other number than 0 counts as true."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from fastcnn.ops.dispatch import apply, floats
from fastcnn.ops.math import abs, add, divide, multiply, subtract


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


def where(condition: Any, x1: Any = None, x2: Any = None) -> Any:
    """`x1` where the condition is not 0, else `x2`, with broadcasting. No gradient passes where a value is not taken.

    Args:
        condition: Any shape.
        x1: float32. Default None: the places where the condition is not 0 are returned, as by `nonzero`.
        x2: float32.

    Returns:
        float32 of the shape of all three together.

    Raises:
        ValueError: The shapes do not fit, or only one of `x1` and `x2` is given.

    Source: as `keras.ops.where`.

    Example:

    >>> from fastcnn import ops
    >>> ops.where([1, 0], [1, 2], 9)
    array([1., 9.], dtype=float32)
    """
    if x1 is None and x2 is None:
        return nonzero(condition)
    if x1 is None or x2 is None:
        raise ValueError("where: give both x1 and x2, or neither")
    condition = floats(condition)
    return add(apply("masked", condition, floats(x1)), apply("masked", logical_not(condition), floats(x2)))


def nonzero(x: Any) -> tuple[np.ndarray, ...]:
    """The places of the elements that are not 0: their indices along each axis. Of arrays only, for how many there are
    depends on their values.

    >>> from fastcnn import ops
    >>> ops.nonzero([3, 0, 5])
    (array([0, 2]),)
    """
    return np.nonzero(np.asarray(x))


def isposinf(x: Any) -> Any:
    """1 where `x` is plus infinity, else 0, as float32.

    >>> from fastcnn import ops
    >>> ops.isposinf([1, float("inf")])
    array([0., 1.], dtype=float32)
    """
    return equal(x, float("inf"))


def isneginf(x: Any) -> Any:
    """1 where `x` is minus infinity, else 0, as float32.

    >>> from fastcnn import ops
    >>> ops.isneginf([1, float("-inf")])
    array([0., 1.], dtype=float32)
    """
    return equal(x, float("-inf"))


def signbit(x: Any) -> Any:
    """1 where `x` is below 0, or a negative 0, else 0, as float32.

    >>> from fastcnn import ops
    >>> ops.signbit([1, -1])
    array([0., 1.], dtype=float32)
    """
    x = floats(x)
    return logical_or(less(x, 0), less(divide(1, x), 0))


def heaviside(x1: Any, x2: Any) -> Any:
    """0 where `x1` is below 0, 1 where it is above, else `x2`; with broadcasting.

    >>> from fastcnn import ops
    >>> ops.heaviside([-1, 0, 1], 0.5)
    array([0. , 0.5, 1. ], dtype=float32)
    """
    x1 = floats(x1)
    return where(equal(x1, 0), x2, where(isnan(x1), x1, greater(x1, 0)))


def isclose(x1: Any, x2: Any, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False) -> Any:
    """1 where `|x1 - x2|` is at most `atol + rtol * |x2|`, else 0, as float32; infinities are close to themselves, and
    NaN to NaN with `equal_nan`.

    >>> from fastcnn import ops
    >>> ops.isclose([1, 2], [1.000001, 3])
    array([1., 0.], dtype=float32)
    """
    x1, x2 = floats(x1), floats(x2)
    near = logical_and(less_equal(abs(subtract(x1, x2)), add(atol, multiply(rtol, abs(x2)))), isfinite(x2))
    near = logical_or(near, equal(x1, x2))
    return logical_or(near, logical_and(isnan(x1), isnan(x2))) if equal_nan else near


def isin(x1: Any, x2: Any, assume_unique: bool = False, invert: bool = False) -> Any:
    """1 where an element of `x1` is one of the few of `x2`, else 0, as float32; with `invert` the other way round.

    >>> from fastcnn import ops
    >>> ops.isin([1, 2, 3], [3, 1])
    array([1., 0., 1.], dtype=float32)
    """
    x1, x2 = floats(x1), floats(x2)
    column = apply("reshape", x1, shape=(*(-1 if n is None else n for n in x1.shape), 1))
    among = apply("max", equal(column, apply("reshape", x2, shape=(-1,))), axis=(len(x1.shape),), keepdims=False)
    return logical_not(among) if invert else among


def select(condlist: Sequence[Any], choicelist: Sequence[Any], default: Any = 0) -> Any:
    """Of the choices the first whose condition is not 0, else `default`; with broadcasting.

    Raises:
        ValueError: there are not as many conditions as choices.

    >>> from fastcnn import ops
    >>> ops.select([[1, 0, 0], [1, 1, 0]], [[1, 2, 3], [4, 5, 6]], 9)
    array([1., 5., 9.], dtype=float32)
    """
    if not all(isinstance(given, (list, tuple)) and given for given in (condlist, choicelist)):
        raise ValueError(f"condlist and choicelist must be lists, not empty, received {condlist!r} and {choicelist!r}")
    if len(condlist) != len(choicelist):
        raise ValueError(f"select: {len(condlist)} conditions do not fit {len(choicelist)} choices")
    result = floats(default)
    for condition, choice in zip(reversed(condlist), reversed(choicelist), strict=True):
        result = where(condition, choice, result)
    return result
