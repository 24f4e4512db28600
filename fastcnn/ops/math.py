"""Public functions of elements: `relu`, `exp`, `add`, ... with the names of `keras.ops`.

Each takes numbers, arrays, variables or symbolic tensors, computes in float32, and gives an array, or a symbolic tensor
if an operand is one. The functions of two operands broadcast as NumPy does, and raise a ValueError where the shapes do
not fit. Invalid operands give infinities and NaN, without a warning.
"""

from __future__ import annotations

from typing import Any

from fastcnn.ops.dispatch import apply, floats


def relu(x: Any) -> Any:
    """The larger of `x` and 0, of the shape of `x`.

    >>> from fastcnn import ops
    >>> ops.relu([-1, 2])
    array([0., 2.], dtype=float32)
    """
    return apply("relu", floats(x))


def sigmoid(x: Any) -> Any:
    """1 / (1 + exp(-x)), of the shape of `x`.

    >>> from fastcnn import ops
    >>> ops.sigmoid([0, 100])
    array([0.5, 1. ], dtype=float32)
    """
    return apply("sigmoid", floats(x))


def tanh(x: Any) -> Any:
    """The hyperbolic tangent, of the shape of `x`.

    >>> from fastcnn import ops
    >>> ops.tanh([0, 100])
    array([0., 1.], dtype=float32)
    """
    return apply("tanh", floats(x))


def exp(x: Any) -> Any:
    """e to the power of `x`, of the shape of `x`.

    >>> from fastcnn import ops
    >>> ops.exp([0])
    array([1.], dtype=float32)
    """
    return apply("exp", floats(x))


def log(x: Any) -> Any:
    """The natural logarithm, of the shape of `x`.

    >>> from fastcnn import ops
    >>> ops.log([1, 0])
    array([  0., -inf], dtype=float32)
    """
    return apply("log", floats(x))


def square(x: Any) -> Any:
    """`x` times `x`, of the shape of `x`.

    >>> from fastcnn import ops
    >>> ops.square([-3])
    array([9.], dtype=float32)
    """
    return apply("square", floats(x))


def sqrt(x: Any) -> Any:
    """The square root, of the shape of `x`.

    >>> from fastcnn import ops
    >>> ops.sqrt([9, 2.25])
    array([3. , 1.5], dtype=float32)
    """
    return apply("sqrt", floats(x))


def negative(x: Any) -> Any:
    """Minus `x`, of the shape of `x`.

    >>> from fastcnn import ops
    >>> ops.negative([1, -2])
    array([-1.,  2.], dtype=float32)
    """
    return apply("negative", floats(x))


def abs(x: Any) -> Any:
    """`x` without its sign, of the shape of `x`.

    >>> from fastcnn import ops
    >>> ops.abs([1, -2])
    array([1., 2.], dtype=float32)
    """
    return apply("abs", floats(x))


def add(x1: Any, x2: Any) -> Any:
    """`x1 + x2`.

    >>> from fastcnn import ops
    >>> ops.add([1, 2], 10)
    array([11., 12.], dtype=float32)
    """
    return apply("add", floats(x1), floats(x2))


def subtract(x1: Any, x2: Any) -> Any:
    """`x1 - x2`.

    >>> from fastcnn import ops
    >>> ops.subtract([1, 2], [[1], [2]])
    array([[ 0.,  1.],
           [-1.,  0.]], dtype=float32)
    """
    return apply("subtract", floats(x1), floats(x2))


def multiply(x1: Any, x2: Any) -> Any:
    """`x1` times `x2`.

    >>> from fastcnn import ops
    >>> ops.multiply([1, 2], [3, 4])
    array([3., 8.], dtype=float32)
    """
    return apply("multiply", floats(x1), floats(x2))


def divide(x1: Any, x2: Any) -> Any:
    """`x1 / x2`.

    >>> from fastcnn import ops
    >>> ops.divide([1, 2], 2)
    array([0.5, 1. ], dtype=float32)
    """
    return apply("divide", floats(x1), floats(x2))


def maximum(x1: Any, x2: Any) -> Any:
    """The larger of both.

    >>> from fastcnn import ops
    >>> ops.maximum([1, 5], 3)
    array([3., 5.], dtype=float32)
    """
    return apply("maximum", floats(x1), floats(x2))


def minimum(x1: Any, x2: Any) -> Any:
    """The smaller of both.

    >>> from fastcnn import ops
    >>> ops.minimum([1, 5], 3)
    array([1., 3.], dtype=float32)
    """
    return apply("minimum", floats(x1), floats(x2))


def log1p(x: Any) -> Any:
    """log(1 + `x`), exact for small `x`; of the shape of `x`.

    >>> from fastcnn import ops
    >>> ops.log1p([0, -1])
    array([  0., -inf], dtype=float32)
    """
    return apply("log1p", floats(x))


def expm1(x: Any) -> Any:
    """exp(`x`) - 1, exact for small `x`; of the shape of `x`.

    >>> from fastcnn import ops
    >>> ops.expm1([0, -200])
    array([ 0., -1.], dtype=float32)
    """
    return apply("expm1", floats(x))


def sin(x: Any) -> Any:
    """The sine of `x` in radians; of the shape of `x`.

    >>> from fastcnn import ops
    >>> ops.sin([0.0, 1.0]).round(4)
    array([0.    , 0.8415], dtype=float32)
    """
    return apply("sin", floats(x))


def cos(x: Any) -> Any:
    """The cosine of `x` in radians; of the shape of `x`.

    >>> from fastcnn import ops
    >>> ops.cos([0.0, 1.0]).round(4)
    array([1.    , 0.5403], dtype=float32)
    """
    return apply("cos", floats(x))


def reciprocal(x: Any) -> Any:
    """1 / `x`, of the shape of `x`.

    >>> from fastcnn import ops
    >>> ops.reciprocal([2, 4])
    array([0.5 , 0.25], dtype=float32)
    """
    return divide(1, x)


def rsqrt(x: Any) -> Any:
    """1 / sqrt(`x`), of the shape of `x`.

    >>> from fastcnn import ops
    >>> ops.rsqrt([4])
    array([0.5], dtype=float32)
    """
    return divide(1, sqrt(x))


def floor(x: Any) -> Any:
    """The next whole number not above `x`, of the shape of `x`. No gradient passes.

    >>> from fastcnn import ops
    >>> ops.floor([1.5, -1.5])
    array([ 1., -2.], dtype=float32)
    """
    return apply("floor", floats(x))


def ceil(x: Any) -> Any:
    """The next whole number not below `x`, of the shape of `x`. No gradient passes.

    >>> from fastcnn import ops
    >>> ops.ceil([1.5, -1.5])
    array([ 2., -1.], dtype=float32)
    """
    return apply("ceil", floats(x))


def round(x: Any, decimals: int = 0) -> Any:
    """The nearest number of so many decimals, the even one of two; of the shape of `x`. No gradient passes.

    >>> from fastcnn import ops
    >>> ops.round([0.5, 1.5, -1.2])
    array([ 0.,  2., -1.], dtype=float32)
    """
    if not decimals:
        return apply("round", floats(x))
    scale = 10.0**decimals
    return divide(apply("round", multiply(x, scale)), scale)


def sign(x: Any) -> Any:
    """-1, 0 or 1, of the shape of `x`. No gradient passes.

    >>> from fastcnn import ops
    >>> ops.sign([-3, 0, 3])
    array([-1.,  0.,  1.], dtype=float32)
    """
    return apply("sign", floats(x))


def power(x1: Any, x2: Any) -> Any:
    """`x1` to the power `x2`.

    >>> from fastcnn import ops
    >>> ops.power([2, 3], [3, -1]).round(3)
    array([8.   , 0.333], dtype=float32)
    """
    if isinstance(x2, (int, float)) and x2 in POWERS:
        return POWERS[x2](floats(x1))
    return apply("power", floats(x1), floats(x2))


POWERS = {0.5: sqrt, 1: floats, 2: square}
"""Exponents that have ops of their own."""


def floor_divide(x1: Any, x2: Any) -> Any:
    """`x1 / x2` rounded down. No gradient passes.

    >>> from fastcnn import ops
    >>> ops.floor_divide([7, -7], 2)
    array([ 3., -4.], dtype=float32)
    """
    return floor(divide(x1, x2))


def mod(x1: Any, x2: Any) -> Any:
    """What is left of `x1` when `x2` is taken away as often as it fits; it has the sign of `x2`.

    >>> from fastcnn import ops
    >>> ops.mod([7, -7], 4)
    array([3., 1.], dtype=float32)
    """
    return subtract(x1, multiply(floor_divide(x1, x2), x2))


def divide_no_nan(x1: Any, x2: Any) -> Any:
    """`x1 / x2`, and 0 where `x2` is 0.

    >>> from fastcnn import ops
    >>> ops.divide_no_nan([6, 6], [3, 0])
    array([2., 0.], dtype=float32)
    """
    x2 = floats(x2)
    safe = add(x2, apply("equal", x2, floats(0)))
    return apply("masked", x2, divide(x1, safe))


def clip(x: Any, x_min: Any, x_max: Any) -> Any:
    """`x`, but not below `x_min` and not above `x_max`. The gradient passes where `x` is within.

    >>> from fastcnn import ops
    >>> ops.clip([-1, 0.5, 7], 0, 1)
    array([0. , 0.5, 1. ], dtype=float32)
    """
    return minimum(maximum(x, x_min), x_max)


def trunc(x: Any) -> Any:
    """`x` without its decimals, of the shape of `x`. No gradient passes.

    >>> from fastcnn import ops
    >>> ops.trunc([1.5, -1.5])
    array([ 1., -1.], dtype=float32)
    """
    x = floats(x)
    return multiply(sign(x), floor(abs(x)))


def fmod(x1: Any, x2: Any) -> Any:
    """What is left of `x1` when `x2` is taken away as often as it fits; it has the sign of `x1`.

    >>> from fastcnn import ops
    >>> ops.fmod([7, -7], 4)
    array([ 3., -3.], dtype=float32)
    """
    return subtract(x1, multiply(trunc(divide(x1, x2)), x2))


absolute = fabs = abs
true_divide = divide
