"""Angles and hyperbolas: `tan`, `arcsin`, `sinh`, `hypot`, ... with the names of `keras.ops`, made of few ops."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from fastcnn.ops.dispatch import apply, floats
from fastcnn.ops.logic import equal, greater_equal, less, where
from fastcnn.ops.math import (
    abs,
    add,
    cos,
    divide,
    divide_no_nan,
    exp,
    expm1,
    log1p,
    multiply,
    negative,
    sign,
    sin,
    sqrt,
    square,
    subtract,
)


def odd(function: Callable[[Any], Any], x: Any) -> Any:
    """A function with f(-x) = -f(x), computed from what is not negative. (With `abs` its slope at 0 would be lost.)"""
    x = floats(x)
    below = less(x, 0)
    y = function(where(below, negative(x), x))
    return where(below, negative(y), y)


def tan(x: Any) -> Any:
    """The tangent of `x` in radians; of the shape of `x`.

    >>> from fastcnn import ops
    >>> ops.tan([0.0, 1.0]).round(4)
    array([0.    , 1.5574], dtype=float32)
    """
    x = floats(x)
    return divide(sin(x), cos(x))


def arctan(x: Any) -> Any:
    """The angle, from -pi/2 to pi/2, whose tangent is `x`; of the shape of `x`.

    >>> from fastcnn import ops
    >>> ops.arctan([0.0, 1.0]).round(4)
    array([0.    , 0.7854], dtype=float32)
    """
    return apply("arctan", floats(x))


def arctan2(x1: Any, x2: Any) -> Any:
    """The angle, from -pi to pi, of the point with height `x1` over `x2`, with broadcasting; 0 for the origin.

    >>> from fastcnn import ops
    >>> ops.arctan2([1, 1, -1], [1, 0, -1]).round(4)
    array([ 0.7854,  1.5708, -2.3562], dtype=float32)
    """
    x1, x2 = floats(x1), floats(x2)
    flat = greater_equal(abs(x2), abs(x1))
    angle = arctan(divide_no_nan(where(flat, x1, x2), where(flat, x2, x1)))
    half_turn = where(less(x2, 0), where(less(x1, 0), -math.pi, math.pi), 0)
    return where(flat, add(angle, half_turn), subtract(multiply(sign(x1), math.pi / 2), angle))


def arcsin(x: Any) -> Any:
    """The angle, from -pi/2 to pi/2, whose sine is `x`; of the shape of `x`, NaN where there is none.

    >>> from fastcnn import ops
    >>> ops.arcsin([0.0, 1.0]).round(4)
    array([0.    , 1.5708], dtype=float32)
    """
    x = floats(x)
    return arctan(divide(x, sqrt(multiply(subtract(1, x), add(1, x)))))


def arccos(x: Any) -> Any:
    """The angle, from 0 to pi, whose cosine is `x`; of the shape of `x`, NaN where there is none.

    >>> from fastcnn import ops
    >>> ops.arccos([0.0, 1.0]).round(4)
    array([1.5708, 0.    ], dtype=float32)
    """
    return subtract(math.pi / 2, arcsin(x))


def sinh(x: Any) -> Any:
    """The hyperbolic sine, of the shape of `x`.

    >>> from fastcnn import ops
    >>> ops.sinh([0.0, 1.0]).round(4)
    array([0.    , 1.1752], dtype=float32)
    """
    x = floats(x)
    return multiply(subtract(expm1(x), expm1(negative(x))), 0.5)


def cosh(x: Any) -> Any:
    """The hyperbolic cosine, of the shape of `x`.

    >>> from fastcnn import ops
    >>> ops.cosh([0.0, 1.0]).round(4)
    array([1.    , 1.5431], dtype=float32)
    """
    x = floats(x)
    return multiply(add(exp(x), exp(negative(x))), 0.5)


def arcsinh(x: Any) -> Any:
    """What the hyperbolic sine of is `x`; of the shape of `x`.

    >>> from fastcnn import ops
    >>> ops.arcsinh([0.0, 1.0]).round(4)
    array([0.    , 0.8814], dtype=float32)
    """

    def positive(size: Any) -> Any:
        squared = square(size)
        return log1p(add(size, divide(squared, add(1, sqrt(add(1, squared))))))

    return odd(positive, x)


def arccosh(x: Any) -> Any:
    """The number, not negative, whose hyperbolic cosine is `x`; of the shape of `x`, NaN below 1.

    >>> from fastcnn import ops
    >>> ops.arccosh([1.0, 2.0]).round(4)
    array([0.   , 1.317], dtype=float32)
    """
    above = subtract(x, 1)
    return log1p(add(above, sqrt(multiply(above, add(above, 2)))))


def arctanh(x: Any) -> Any:
    """What the hyperbolic tangent of is `x`; of the shape of `x`, NaN where there is none.

    >>> from fastcnn import ops
    >>> ops.arctanh([0.0, 0.5]).round(4)
    array([0.    , 0.5493], dtype=float32)
    """
    x = floats(x)
    return multiply(subtract(log1p(x), log1p(negative(x))), 0.5)


def hypot(x1: Any, x2: Any) -> Any:
    """`sqrt(x1 ** 2 + x2 ** 2)`, with broadcasting.

    >>> from fastcnn import ops
    >>> ops.hypot([3], [4])
    array([5.], dtype=float32)
    """
    return sqrt(add(square(x1), square(x2)))


def sinc(x: Any) -> Any:
    """`sin(pi x) / (pi x)`, and 1 for 0; of the shape of `x`.

    >>> from fastcnn import ops
    >>> ops.sinc([0, 0.5]).round(4)
    array([1.    , 0.6366], dtype=float32)
    """
    angle = multiply(x, math.pi)
    zero = equal(angle, 0)
    return where(zero, 1, divide(sin(angle), add(angle, zero)))


def deg2rad(x: Any) -> Any:
    """Degrees as radians, of the shape of `x`.

    >>> from fastcnn import ops
    >>> ops.deg2rad([180]).round(4)
    array([3.1416], dtype=float32)
    """
    return multiply(x, math.pi / 180)


def rad2deg(x: Any) -> Any:
    """Radians as degrees, of the shape of `x`.

    >>> from fastcnn import ops
    >>> ops.rad2deg([1]).round(4)
    array([57.2958], dtype=float32)
    """
    return multiply(x, 180 / math.pi)
