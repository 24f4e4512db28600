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


def equal(x1: Any, x2: Any) -> Any:
    """1 where both are equal, else 0, as float32.

    >>> from fastcnn import ops
    >>> ops.equal([1, 5], 5)
    array([0., 1.], dtype=float32)
    """
    return apply("equal", floats(x1), floats(x2))


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
