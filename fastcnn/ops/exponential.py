"""Powers, logarithms of other bases, and the error function: what `keras.ops` has of them beside `exp` and `log`."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from fastcnn.ops.activation import softplus
from fastcnn.ops.dispatch import apply, floats
from fastcnn.ops.logic import less, where
from fastcnn.ops.math import add, exp, log, multiply, negative, power, sqrt, subtract
from fastcnn.ops.trigonometry import odd

LN2, LN10 = math.log(2), math.log(10)


def exp2(x: Any) -> Any:
    """2 to the power of `x`, of the shape of `x`.

    >>> from fastcnn import ops
    >>> ops.exp2([0, 3]).round(4)
    array([1., 8.], dtype=float32)
    """
    return exp(multiply(x, LN2))


def log2(x: Any) -> Any:
    """The logarithm to base 2, of the shape of `x`.

    >>> from fastcnn import ops
    >>> ops.log2([1, 8]).round(4)
    array([0., 3.], dtype=float32)
    """
    return multiply(log(x), 1 / LN2)


def log10(x: Any) -> Any:
    """The logarithm to base 10, of the shape of `x`.

    >>> from fastcnn import ops
    >>> ops.log10([1, 100]).round(4)
    array([0., 2.], dtype=float32)
    """
    return multiply(log(x), 1 / LN10)


def logaddexp(x1: Any, x2: Any) -> Any:
    """`log(exp(x1) + exp(x2))` without overflow, with broadcasting; of finite numbers.

    >>> from fastcnn import ops
    >>> ops.logaddexp([0, 200], [0, 1]).round(4)
    array([  0.6931, 200.    ], dtype=float32)
    """
    x1, x2 = floats(x1), floats(x2)
    return add(x2, softplus(subtract(x1, x2)))


def logaddexp2(x1: Any, x2: Any) -> Any:
    """`log2(2 ** x1 + 2 ** x2)` without overflow, with broadcasting; of finite numbers.

    >>> from fastcnn import ops
    >>> ops.logaddexp2([0, 200], [0, 1]).round(4)
    array([  1., 200.], dtype=float32)
    """
    return multiply(logaddexp(multiply(x1, LN2), multiply(x2, LN2)), 1 / LN2)


def cbrt(x: Any) -> Any:
    """The cube root, of the shape of `x`.

    >>> from fastcnn import ops
    >>> ops.cbrt([-8, 1]).round(4)
    array([-2.,  1.], dtype=float32)
    """
    return odd(lambda size: power(size, 1 / 3), x)


def ldexp(x1: Any, x2: Any) -> Any:
    """`x1 * 2 ** x2`, with broadcasting.

    >>> from fastcnn import ops
    >>> ops.ldexp([0.75], [2]).round(4)
    array([3.], dtype=float32)
    """
    return multiply(x1, exp2(x2))


def erf(x: Any) -> Any:
    """The error function, of the shape of `x`: twice the integral of `exp(-t ** 2)` from 0 to `x`, over sqrt(pi).

    >>> from fastcnn import ops
    >>> ops.erf([0, 1]).round(4)
    array([0.    , 0.8427], dtype=float32)
    """
    return apply("erf", floats(x))


def erfc(x: Any) -> Any:
    """1 - `erf(x)`, of the shape of `x`.

    >>> from fastcnn import ops
    >>> ops.erfc([0, 1]).round(4)
    array([1.    , 0.1573], dtype=float32)
    """
    return subtract(1, erf(x))


# Coefficients of M. Giles, "Approximating the erfinv function" (2010), from the highest power down.
CENTRE = (
    2.81022636e-08, 3.43273939e-07, -3.5233877e-06, -4.39150654e-06, 0.00021858087, -0.00125372503, -0.00417768164,
    0.246640727, 1.50140941,
)  # fmt: skip
TAIL = (
    -0.000200214257, 0.000100950558, 0.00134934322, -0.00367342844, 0.00573950773, -0.0076224613, 0.00943887047,
    1.00167406, 2.83297682,
)  # fmt: skip


def polynomial(coefficients: Sequence[float], x: Any) -> Any:
    """The value at `x`, by Horner's rule."""
    value: Any = coefficients[0]
    for coefficient in coefficients[1:]:
        value = add(multiply(value, x), coefficient)
    return value


def erfinv(x: Any) -> Any:
    """What the error function of is `x`; of the shape of `x`, for numbers between -1 and 1.

    >>> from fastcnn import ops
    >>> ops.erfinv([0, 0.8427]).round(3)
    array([0., 1.], dtype=float32)
    """
    x = floats(x)
    w = negative(log(multiply(subtract(1, x), add(1, x))))
    central = less(w, 5)
    tail = polynomial(TAIL, subtract(sqrt(where(central, 9, w)), 3))
    return multiply(where(central, polynomial(CENTRE, subtract(w, 2.5)), tail), x)
