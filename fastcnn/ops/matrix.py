"""Products and parts of matrices: `dot`, `tensordot`, `outer`, `diag`, `tril`, `norm`, ... as `keras.ops` has them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from fastcnn.ops.arrange import cut, moveaxis, stack, unstack
from fastcnn.ops.checks import one_axis
from fastcnn.ops.dispatch import apply, floats, together
from fastcnn.ops.linear import matmul
from fastcnn.ops.logic import not_equal
from fastcnn.ops.math import abs, multiply, power, sqrt, square, subtract
from fastcnn.ops.reduction import axes, max, min, sum
from fastcnn.ops.shape import expand_dims, reshape, transpose


def dot(x1: Any, x2: Any) -> Any:
    """Products summed over the last axis of `x1` and the last but one (or only one) of `x2`; of numbers, the product.

    >>> from fastcnn import ops
    >>> ops.dot([1, 2], [3, 4])
    array(11., dtype=float32)
    """
    x1, x2 = together(x1, x2)
    if not x1.shape or not x2.shape:
        return multiply(x1, x2)
    return tensordot(x1, x2, ([len(x1.shape) - 1], [max_of(len(x2.shape) - 2, 0)]))


def max_of(a: int, b: int) -> int:
    """The larger of two integers."""
    return a if a > b else b


def tensordot(x1: Any, x2: Any, axes: int | Sequence[Any] = 2) -> Any:
    """Products summed over axes of both.

    Args:
        x1: float32 of any shape.
        x2: float32 of any shape.
        axes: How many axes, the last of `x1` and the first of `x2`; or a pair of axes, or of lists of them. Default 2.

    Returns:
        float32 with the other axes of `x1`, then those of `x2`.

    Raises:
        ValueError: lengths differ.

    Source: as `keras.ops.tensordot`.

    >>> from fastcnn import ops
    >>> ops.tensordot([[1, 2], [3, 4]], [[1, 1], [0, 1]])
    array(7., dtype=float32)
    """
    x1, x2 = together(x1, x2)
    if isinstance(axes, int):
        of_1: Any = list(range(len(x1.shape) - axes, len(x1.shape)))
        of_2: Any = list(range(axes))
    else:
        of_1, of_2 = ([axis] if isinstance(axis, int) else list(axis) for axis in axes)
    of_1 = [one_axis("axes", axis, len(x1.shape)) for axis in of_1]
    of_2 = [one_axis("axes", axis, len(x2.shape)) for axis in of_2]
    lengths = [x1.shape[axis] for axis in of_1]
    if lengths != [x2.shape[axis] for axis in of_2]:
        raise ValueError(f"tensordot: shapes {x1.shape} and {x2.shape} do not fit along axes {of_1} and {of_2}")
    left = [axis for axis in range(len(x1.shape)) if axis not in of_1]
    right = [axis for axis in range(len(x2.shape)) if axis not in of_2]
    rows = [-1 if x1.shape[axis] is None else x1.shape[axis] for axis in left]
    columns = [x2.shape[axis] for axis in right]
    inner = math.prod(lengths)
    height = -1 if -1 in rows else math.prod(rows)
    a = reshape(transpose(x1, left + of_1), (height, inner))
    b = reshape(transpose(x2, of_2 + right), (inner, math.prod(columns)))
    return reshape(matmul(a, b), (*rows, *columns))


def inner(x1: Any, x2: Any) -> Any:
    """Products summed over the last axes of both; of numbers, the product.

    >>> from fastcnn import ops
    >>> ops.inner([[1, 2], [3, 4]], [1, 1])
    array([3., 7.], dtype=float32)
    """
    x1, x2 = together(x1, x2)
    return tensordot(x1, x2, (-1, -1)) if x1.shape and x2.shape else multiply(x1, x2)


def outer(x1: Any, x2: Any) -> Any:
    """The products of each element of `x1` with each of `x2`: a matrix.

    >>> from fastcnn import ops
    >>> ops.outer([1, 2], [3, 4])
    array([[3., 4.],
           [6., 8.]], dtype=float32)
    """
    x1, x2 = together(x1, x2)
    return multiply(reshape(x1, (-1, 1)), reshape(x2, (1, -1)))


def vdot(x1: Any, x2: Any) -> Any:
    """The products of corresponding elements, summed.

    >>> from fastcnn import ops
    >>> ops.vdot([[1, 2], [3, 4]], [[1, 1], [0, 1]])
    array(7., dtype=float32)
    """
    x1, x2 = together(x1, x2)
    return sum(multiply(reshape(x1, (-1,)), reshape(x2, (-1,))))


def kron(x1: Any, x2: Any) -> Any:
    """`x2`, multiplied by each element of `x1`, where that element stands.

    >>> from fastcnn import ops
    >>> ops.kron([[1, 2]], [[3], [4]])
    array([[3., 6.],
           [4., 8.]], dtype=float32)
    """
    x1, x2 = together(x1, x2)
    rank = max_of(len(x1.shape), len(x2.shape))
    one, other = ((1,) * (rank - len(x.shape)) + tuple(x.shape) for x in (x1, x2))
    a = reshape(x1, [number for length in one for number in (length, 1)])
    b = reshape(x2, [number for length in other for number in (1, length)])
    return reshape(multiply(a, b), [m * n for m, n in zip(one, other, strict=True)])


def cross(x1: Any, x2: Any, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: int | None = None) -> Any:
    """The vectors at right angles to two others.

    Args:
        x1: float32 with vectors of three (or two) numbers.
        x2: float32 with as many of them.
        axisa: The axis of the vectors in `x1`. Default -1.
        axisb: That in `x2`. Default -1.
        axisc: That in the result. Default -1.
        axis: All three. Default None.

    Returns:
        float32; of vectors of two numbers only what would be the third.

    Raises:
        ValueError: vectors of another length.

    Source: as `keras.ops.cross`.

    >>> from fastcnn import ops
    >>> ops.cross([1, 0, 0], [0, 1, 0])
    array([0., 0., 1.], dtype=float32)
    """
    if axis is not None:
        axisa = axisb = axisc = axis
    x1, x2 = together(x1, x2)
    a, b = (unstack(x, axis=at) for x, at in ((x1, axisa), (x2, axisb)))
    if not {len(a), len(b)} <= {2, 3}:
        raise ValueError(f"cross: vectors must have two or three numbers, received {len(a)} and {len(b)}")
    third = subtract(multiply(a[0], b[1]), multiply(a[1], b[0]))
    if len(a) == len(b) == 2:
        return third
    a, b = ([*vector, multiply(vector[0], 0)][:3] for vector in (a, b))
    first = subtract(multiply(a[1], b[2]), multiply(a[2], b[1]))
    second = subtract(multiply(a[2], b[0]), multiply(a[0], b[2]))
    return stack([first, second, third], axisc)


def diagonal(x: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    """The elements on a diagonal of two axes, which goes last.

    Args:
        x: float32 of at least two axes.
        offset: The diagonal, from the main one upwards. Default 0.
        axis1: The axis of the rows. Default 0.
        axis2: That of the columns. Default 1.

    >>> from fastcnn import ops
    >>> ops.diagonal([[1, 2], [3, 4]])
    array([1., 4.], dtype=float32)
    """
    x = floats(x)
    rank = len(x.shape)
    if rank < 2:
        raise ValueError(f"diagonal: x must have at least 2 axes, received shape {tuple(x.shape)}")
    if one_axis("axis1", axis1, rank) == one_axis("axis2", axis2, rank):
        raise ValueError(f"diagonal: axis1 and axis2 must differ, received {axis1=} and {axis2=}")
    x = moveaxis(x, (axis1, axis2), (-2, -1))
    leading = tuple(-1 if length is None else length for length in x.shape[:-2])
    rows, columns = x.shape[-2:]
    first = offset if offset >= 0 else -offset * columns
    count = np.eye(rows, columns, offset, dtype=bool).sum()
    flat = reshape(x, (*leading, rows * columns))
    boxes = [(0, 1, -1 if length is None else length) for length in flat.shape[:-1]]
    return cut(flat, [*boxes, (int(first) if count else 0, columns + 1, int(count))])


def trace(x: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    """The sum of a diagonal; arguments as in `diagonal`.

    >>> from fastcnn import ops
    >>> ops.trace([[1, 2], [3, 4]])
    array(5., dtype=float32)
    """
    return sum(diagonal(x, offset, axis1, axis2), axis=-1)


def diag(x: Any, k: int = 0) -> Any:
    """A matrix with a row of numbers on a diagonal; or, of a matrix, the numbers there.

    >>> from fastcnn import ops
    >>> ops.diag([1, 2])
    array([[1., 0.],
           [0., 2.]], dtype=float32)
    """
    x = floats(x)
    if len(x.shape) == 2:
        return diagonal(x, k)
    if len(x.shape) != 1:
        raise ValueError(f"diag: x must have one or two axes, received shape {x.shape}")
    side = x.shape[0] + (k if k > 0 else -k)
    start = k if k >= 0 else -k * side
    placed = apply("place", x, shape=(side * side,), start=(start,), step=(side + 1,))
    return reshape(placed, (side, side))


def diagflat(x: Any, k: int = 0) -> Any:
    """A matrix with all elements on a diagonal.

    >>> from fastcnn import ops
    >>> ops.diagflat([[1], [2]])
    array([[1., 0.],
           [0., 2.]], dtype=float32)
    """
    return diag(reshape(x, (-1,)), k)


def below(x: Any, k: int) -> np.ndarray:
    """1 on and below a diagonal of matrices like those of x, else 0."""
    rows, columns = x.shape[-2:]
    return np.tri(rows, columns, k, dtype="float32")


def tril(x: Any, k: int = 0) -> Any:
    """Matrices with zeros above a diagonal.

    >>> from fastcnn import ops
    >>> ops.tril([[1, 2], [3, 4]])
    array([[1., 0.],
           [3., 4.]], dtype=float32)
    """
    x = floats(x)
    return apply("masked", below(x, k), x)


def triu(x: Any, k: int = 0) -> Any:
    """Matrices with zeros below a diagonal.

    >>> from fastcnn import ops
    >>> ops.triu([[1, 2], [3, 4]])
    array([[1., 2.],
           [0., 4.]], dtype=float32)
    """
    x = floats(x)
    return apply("masked", 1 - below(x, k - 1), x)


def norm(
    x: Any, ord: int | float | str | None = None, axis: int | Sequence[int] | None = None, keepdims: bool = False
) -> Any:
    """The size of vectors or matrices.

    Args:
        x: float32 of any shape.
        ord: Of vectors: a number p, infinite ones and 0 included; default None: 2. Of matrices: "fro" (default), 1, -1,
            and infinities.
        axis: The axis of the vectors, or the two of the matrices. Default None: all elements as a vector, or, with
            `ord`, the one or two axes there are.
        keepdims: Whether the axes stay, with length 1. Default False.

    Raises:
        ValueError: an order that is not known; those of singular values are not.

    Source: as `keras.ops.norm`.

    >>> from fastcnn import ops
    >>> ops.norm([3, 4])
    array(5., dtype=float32)
    """
    x = floats(x)
    along = [axis] if isinstance(axis, int) else list(axes(axis, len(x.shape)) if axis is None else axis)
    if ord is None or (len(along) == 2 and ord == "fro"):
        return sqrt(sum(square(x), along, keepdims))
    if len(along) > 2 or isinstance(ord, str):
        raise ValueError(f"norm: ord={ord!r} is not known for {len(along)} axes")
    size = abs(x)
    if len(along) == 2:
        if ord not in (1, -1, math.inf, -math.inf):
            raise ValueError(f"norm: ord must be 'fro', 1, -1 or infinite for matrices, received ord={ord!r}")
        rows, columns = (one_axis("axis", number, len(x.shape)) for number in along)
        summed, left = (rows, columns) if ord in (1, -1) else (columns, rows)
        extreme = max if ord > 0 else min
        result = extreme(sum(size, summed, keepdims=True), left, keepdims=True)
        return result if keepdims else sum(result, along)
    if ord == math.inf:
        return max(size, along, keepdims)
    if ord == -math.inf:
        return min(size, along, keepdims)
    if ord == 0:
        return sum(not_equal(x, 0), along, keepdims)
    if ord == 1:
        return sum(size, along, keepdims)
    return power(sum(power(size, ord), along, keepdims), 1 / ord)


def cdist(x: Any, y: Any) -> Any:
    """The Euclidean distances of each row of `x` (..., M, D) from each of `y` (..., N, D): (..., M, N).

    >>> from fastcnn import ops
    >>> ops.cdist([[0, 0]], [[3, 4], [0, 1]])
    array([[5., 1.]], dtype=float32)
    """
    x, y = together(x, y)
    if len(x.shape) < 2 or len(y.shape) < 2 or x.shape[-1] != y.shape[-1]:
        raise ValueError(f"cdist: shapes {x.shape} and {y.shape} are not those of rows of the same length")
    difference = subtract(expand_dims(x, -2), expand_dims(y, -3))
    return sqrt(sum(square(difference), axis=-1))
