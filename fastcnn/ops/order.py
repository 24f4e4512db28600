"""Ranks within rows, places among bounds, running sums, counts by number: the ops and the public functions.

NaN counts as the largest; of equal elements the first comes first.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from fastcnn import reference
from fastcnn.graph import Node, Op, Tensor, emit, register
from fastcnn.graph.op import Gradients, Spec
from fastcnn.ops.arrange import flip
from fastcnn.ops.checks import expect, expect_shape, one_axis, whole
from fastcnn.ops.dispatch import apply, floats, integers
from fastcnn.ops.logic import isnan, where
from fastcnn.ops.math import negative
from fastcnn.ops.shape import any_batch, transpose
from fastcnn.ops.softmax import at_least_a_row
from fastcnn.ops.state import cast


class Numbers(Op):
    """Base of the ops that give numbers of elements: no gradient passes."""

    def flops(self, node: Node) -> int:
        return node.inputs[-1].size

    def gradient(self, node: Node, dy: Tensor) -> Gradients:
        return [None] * len(node.inputs)


@register
class ArgMax(Numbers):
    """Position (...) of the largest of each row (..., n)."""

    name = "argmax"
    reference = staticmethod(reference.argmax)

    def infer(self, x: Tensor) -> list[Spec]:
        at_least_a_row(self.name, "x", x)
        return [(x.shape[:-1], "int32")]


@register
class TopK(Op):
    """The k largest of each row, largest first, and their positions."""

    name = "top_k"
    reference = staticmethod(reference.top_k)

    def infer(self, x: Tensor, *, k: int) -> list[Spec]:
        at_least_a_row(self.name, "x", x)
        columns: Any = x.shape[-1]
        if k > columns:
            raise ValueError(f"top_k: k must be at most {columns}, the length of the last axis of x, received {k}")
        shape = (*x.shape[:-1], k)
        return [(shape, "float32"), (shape, "int32")]

    def flops(self, node: Node) -> int:
        return node.inputs[0].size

    def gradient(self, node: Node, dvalues: Tensor | None, dpositions: None = None) -> Gradients:
        if dvalues is None:
            return [None]
        return [emit("take_along_gradient", node.outputs[1], dvalues, count=node.inputs[0].shape[-1])]


@register
class SearchSorted(Numbers):
    """How many of the sorted bounds (B,) are below each element or, with side "right", not above it."""

    name = "searchsorted"
    reference = staticmethod(reference.searchsorted)

    def infer(self, bounds: Tensor, x: Tensor, *, side: str) -> list[Spec]:
        expect(self.name, "sorted_sequence", bounds, "B")
        expect(self.name, "values", x)
        return [(x.shape, "int32")]


@register
class CumSum(Op):
    """Sums of the elements up to each one along an axis, or from each one on."""

    name = "cumsum"
    reference = staticmethod(reference.cumsum)

    def infer(self, x: Tensor, *, axis: int, reverse: bool) -> list[Spec]:
        expect(self.name, "x", x)
        return [(x.shape, "float32")]

    def gradient(self, node: Node, dy: Tensor) -> Gradients:
        return [emit("cumsum", dy, axis=node.attrs["axis"], reverse=not node.attrs["reverse"])]


@register
class BinCount(Op):
    """How often each number below `bins` occurs in x (N,), or the sum of the weights (N,) where it does."""

    name = "bincount"
    reference = staticmethod(reference.bincount)

    def infer(self, x: Tensor, weights: Tensor | None = None, *, bins: int) -> list[Spec]:
        expect(self.name, "x", x, "N", "int32")
        if weights is not None:
            expect(self.name, "weights", weights)
            expect_shape(self.name, "weights", weights, x.shape, "that of x")
        return [((bins,), "float32")]

    def flops(self, node: Node) -> int:
        return node.inputs[0].size

    def gradient(self, node: Node, dy: Tensor) -> Gradients:
        return [None, emit("take", dy, node.inputs[0], axis=0)] if len(node.inputs) == 2 else [None]


def argmax(x: Any, axis: int | None = None, keepdims: bool = False) -> Any:
    """Positions of the largest elements, the first of equal ones.

    Args:
        x: float32 of at least one dimension.
        axis: The axis to look along; None: the position among all elements.
        keepdims: Whether the axis stays, with length 1.

    Returns:
        int32 of the shape of `x` without the axis.

    Raises:
        ValueError: `x` has no such axis, or nothing on it.

    Source: as `keras.ops.argmax`.

    Example:

    >>> from fastcnn import ops
    >>> ops.argmax([[1, 3, 2], [9, 8, 7]], axis=-1)
    array([1, 0], dtype=int32)
    """
    x = floats(x)
    shape = tuple(x.shape)
    if axis is None:
        result = apply("argmax", apply("reshape", x, shape=(-1,)))
        return apply("reshape", result, shape=(1,) * len(shape)) if keepdims else result
    last = one_axis("axis", axis, len(shape))
    result = apply("argmax", moved_last(x, last))
    if keepdims:
        kept = any_batch((*shape[:last], 1, *shape[last + 1 :])) if last else (1, *shape[1:])
        return apply("reshape", result, shape=kept)
    return result


def argmin(x: Any, axis: int | None = None, keepdims: bool = False) -> Any:
    """Positions of the smallest elements, the first of equal ones. Arguments and errors as in `argmax`.

    Source: as `keras.ops.argmin`.

    Example:

    >>> from fastcnn import ops
    >>> ops.argmin([[1, 3, 2], [9, 8, 7]], axis=-1)
    array([0, 2], dtype=int32)
    """
    return argmax(negative(x), axis, keepdims)


def moved_last(x: Any, axis: int) -> Any:
    """x with one of its axes behind all others."""
    rank = len(x.shape)
    if axis == rank - 1:
        return x
    return transpose(x, [*range(axis), *range(axis + 1, rank), axis])


def top_k(x: Any, k: int, sorted: bool = True) -> Any:
    """The k largest elements along the last axis, largest first, and their positions.

    Args:
        x: float32 of shape (..., n).
        k: How many, at most n.
        sorted: Without effect: they always are.

    Returns:
        `(values, indices)`, float32 and int32 of shape (..., k). The values have a gradient.

    Raises:
        ValueError: `k` is below 1 or above n.

    Source: as `keras.ops.top_k`.

    Example:

    >>> from fastcnn import ops
    >>> ops.top_k([5, 9, 7], 2)
    (array([9., 7.], dtype=float32), array([1, 2], dtype=int32))
    """
    return apply("top_k", floats(x), k=whole("k", k))


def sort(x: Any, axis: int = -1) -> Any:
    """The elements along an axis, smallest first, NaN last; meant for short axes.

    Args:
        x: float32 of at least one dimension.
        axis: The axis.

    Returns:
        float32 of the shape of `x`.

    Raises:
        ValueError: `x` has no such axis.

    Source: as `keras.ops.sort`.

    Example:

    >>> from fastcnn import ops
    >>> ops.sort([5, 9, 7])
    array([5., 7., 9.], dtype=float32)
    """
    x = floats(x)
    axis = one_axis("axis", axis, len(x.shape))
    rows = moved_last(x, axis)
    return moved_back(flip(top_k(rows, rows.shape[-1])[0], axis=-1), axis)


def moved_back(rows: Any, axis: int) -> Any:
    """Rows with their last axis at its place again."""
    last = len(rows.shape) - 1
    return rows if axis == last else transpose(rows, [*range(axis), last, *range(axis, last)])


def argsort(x: Any, axis: int | None = -1) -> Any:
    """The positions along an axis in the order of the elements there, smallest first, NaN last; meant for short axes.

    Args:
        x: float32 of at least one dimension.
        axis: The axis; None: among all elements in one row. Default -1.

    Returns:
        int32 of the shape of `x`.

    Raises:
        ValueError: `x` has no such axis.

    Source: as `keras.ops.argsort`.

    Example:

    >>> from fastcnn import ops
    >>> ops.argsort([5, 9, 7])
    array([0, 2, 1], dtype=int32)
    """
    x = floats(x)
    if axis is None:
        x, axis = apply("reshape", x, shape=(-1,)), 0
    axis = one_axis("axis", axis, len(x.shape))
    rows = moved_last(x, axis)
    places = top_k(where(isnan(rows), -np.inf, negative(rows)), rows.shape[-1])[1]  # NaN behind all others
    return places if axis == len(x.shape) - 1 else integers(moved_back(floats(places), axis))


def argpartition(x: Any, kth: int, axis: int | None = -1) -> Any:
    """Positions along an axis, those of the `kth` smallest and all before it first: the order of `argsort`.

    >>> from fastcnn import ops
    >>> ops.argpartition([5, 9, 7], 1)
    array([0, 2, 1], dtype=int32)
    """
    whole("kth", kth, least=-(2**62))
    return argsort(x, axis)


def searchsorted(sorted_sequence: Any, values: Any, side: str = "left") -> Any:
    """Where values would be put among sorted bounds.

    Args:
        sorted_sequence: float32 of shape (B,), ascending.
        values: float32 of any shape.
        side: "left": how many bounds are below the value; "right": how many are not above it.

    Returns:
        int32 of the shape of `values`; 0 for NaN.

    Raises:
        ValueError: `side` is neither.

    Source: as `keras.ops.searchsorted`.

    Example:

    >>> from fastcnn import ops
    >>> ops.searchsorted([0, 1, 2], [0.5, 1, 7])
    array([1, 1, 3], dtype=int32)
    """
    if side not in ("left", "right"):
        raise ValueError(f"searchsorted: side must be 'left' or 'right', received {side!r}")
    return apply("searchsorted", floats(sorted_sequence), floats(values), side=side)


def digitize(x: Any, bins: Any) -> Any:
    """The numbers of the bins that elements fall into: how many bounds are not above each.

    Args:
        x: float32 of any shape.
        bins: float32 of shape (B,), ascending.

    Returns:
        int32 of the shape of `x`.

    Source: as `keras.ops.digitize`.

    Example:

    >>> from fastcnn import ops
    >>> ops.digitize([0.5, 1, 7], [0, 1, 2])
    array([1, 2, 3], dtype=int32)
    """
    bins = floats(bins)
    if len(bins.shape) != 1:
        raise ValueError(f"bins must have one axis, received bins of shape {tuple(bins.shape)}")
    return searchsorted(bins, x, side="right")


def cumsum(x: Any, axis: int | None = None, dtype: str | None = None) -> Any:
    """Running sums along an axis.

    Args:
        x: float32 of any shape.
        axis: The axis; None: over all elements, in one row.
        dtype: The element type of the result. Default None: float32.

    Returns:
        Of the shape of `x`.

    Raises:
        ValueError: `x` has no such axis.

    Source: as `keras.ops.cumsum`.

    Example:

    >>> from fastcnn import ops
    >>> ops.cumsum([1, 2, 3])
    array([1., 3., 6.], dtype=float32)
    """
    x = floats(x)
    if axis is None:
        x, axis = apply("reshape", x, shape=(-1,)), 0
    sums = apply("cumsum", x, axis=one_axis("axis", axis, len(x.shape)), reverse=False)
    return sums if dtype is None else cast(sums, dtype)


def bincount(x: Any, weights: Any = None, minlength: int = 0, sparse: bool = False) -> Any:
    """How often each whole number occurs.

    Args:
        x: Whole numbers, int32 of shape (N,).
        weights: None, or float32 of shape (N,), to be summed up in place of 1.
        minlength: The number of bins. On arrays there are more if `x` holds larger numbers; in a graph, where values
            are not known, those are left out.
        sparse: False: there are no sparse tensors.

    Returns:
        float32 of shape (bins,).

    Raises:
        ValueError: `x` has another rank, in a graph `minlength` is 0, or `sparse` is true.

    Source: as `keras.ops.bincount`.

    Example:

    >>> from fastcnn import ops
    >>> ops.bincount([0, 2, 2], weights=[1, 0.5, 0.25])
    array([1.  , 0.  , 0.75], dtype=float32)
    """
    if sparse:
        raise ValueError("bincount: there are no sparse tensors, received sparse=True")
    x = integers(x)
    bins = whole("minlength", minlength, least=1 if isinstance(x, Tensor) else 0)
    if isinstance(x, np.ndarray):
        bins = max(bins, int(x.max(initial=-1)) + 1)
    return apply("bincount", x, None if weights is None else floats(weights), bins=bins)


def in_top_k(targets: Any, predictions: Any, k: int) -> Any:
    """1 where a row's element at its target is among the k largest of the row, else 0, as float32.

    Args:
        targets: Numbers of columns, int32 of shape (N,).
        predictions: float32 of shape (N, C).
        k: How many count.

    Returns:
        float32 of shape (N,). Fewer than k larger elements are needed: ties are in the target's favour.

    Raises:
        ValueError: `k` is below 1.

    Source: as `keras.ops.in_top_k`.

    Example:

    >>> from fastcnn import ops
    >>> ops.in_top_k([2, 0], [[1, 9, 5], [1, 9, 5]], k=2)
    array([1., 0.], dtype=float32)
    """
    predictions = floats(predictions)
    column = apply("reshape", integers(targets), shape=(-1, 1))
    wanted = apply("take_along", predictions, column)
    larger = apply("sum", apply("greater", predictions, wanted), axis=(1,), keepdims=False)
    known = apply("reshape", apply("equal", wanted, wanted), shape=(-1,))
    return apply("masked", known, apply("greater", floats(whole("k", k)), larger))
