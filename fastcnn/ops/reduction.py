"""Sums, means and maxima over axes: the ops and their public functions, and what is made of them."""

from __future__ import annotations

import builtins
import math
from collections.abc import Sequence
from typing import Any

from fastcnn import reference
from fastcnn.graph import Node, Op, Tensor, emit, register
from fastcnn.graph.op import Gradients, Spec
from fastcnn.ops.checks import expect, one_axis
from fastcnn.ops.dispatch import apply, floats
from fastcnn.ops.elementwise import scaled
from fastcnn.ops.logic import isclose
from fastcnn.ops.math import add, exp, log, maximum, negative, sqrt, square, subtract
from fastcnn.ops.shape import any_batch


class Reduction(Op):
    """Base of the reductions of x over the axes `axis`, sorted and counted from the front."""

    def infer(self, x: Tensor, *, axis: tuple[int, ...], keepdims: bool) -> list[Spec]:
        expect(self.name, "x", x)
        if builtins.any(not 0 <= i < x.ndim for i in axis) or len(set(axis)) < len(axis):
            raise ValueError(f"{self.name}: axis must name axes of x, shape {x.shape}, once each; received {axis}")
        lengths = [1 if i in axis else length for i, length in enumerate(x.shape) if keepdims or i not in axis]
        return [(tuple(lengths), "float32")]

    def flops(self, node: Node) -> int:
        return node.inputs[0].size


def spread(node: Node, dy: Tensor) -> Tensor:
    """dy repeated along the axes that a node has reduced."""
    (x,), axis = node.inputs, node.attrs["axis"]
    known_batch(node)
    kept = [1 if i in axis else length for i, length in enumerate(any_batch(x.shape))]
    wanted = [x.shape[i] if i in axis else -1 for i in range(x.ndim)]
    return emit("broadcast_to", emit("reshape", dy, shape=tuple(kept)), shape=tuple(wanted))


def known_batch(node: Node) -> None:
    """The gradient of a reduction over the batch depends on its size."""
    (x,) = node.inputs
    if builtins.any(x.shape[i] is None for i in node.attrs["axis"]):
        raise ValueError(
            f"{node.op.name} over an unknown batch, of x of shape {x.shape}, cannot be differentiated; "
            "bind the batch size first"
        )


@register
class Sum(Reduction):
    name = "sum"
    reference = staticmethod(reference.sum)

    def gradient(self, node: Node, dy: Tensor) -> Gradients:
        return [spread(node, dy)]


@register
class Mean(Reduction):
    name = "mean"
    reference = staticmethod(reference.mean)

    def gradient(self, node: Node, dy: Tensor) -> Gradients:
        known_batch(node)
        count = math.prod(node.inputs[0].shape[i] for i in node.attrs["axis"])
        return [spread(node, scaled(dy, 1 / builtins.max(count, 1)))]


@register
class Max(Reduction):
    """The gradient is shared out evenly among the elements that are the largest."""

    name = "max"
    reference = staticmethod(reference.max)

    def infer(self, x: Tensor, *, axis: tuple[int, ...], keepdims: bool) -> list[Spec]:
        if builtins.any(x.shape[i] == 0 for i in axis if 0 <= i < x.ndim):
            raise ValueError(f"max: there is no largest of no elements; received shape {x.shape} and axis {axis}")
        return super().infer(x, axis=axis, keepdims=keepdims)

    def gradient(self, node: Node, dy: Tensor) -> Gradients:
        x, axis = node.inputs[0], node.attrs["axis"]
        if axis and axis[0] > 0 and axis[-1] - axis[0] == len(axis) - 1:
            return [emit("max_gradient", x, node.outputs[0], dy, axis=axis)]
        largest = emit("equal", x, spread(node, node.outputs[0]))
        count = emit("sum", largest, axis=axis, keepdims=node.attrs["keepdims"])
        return [emit("multiply", largest, spread(node, emit("divide", dy, count)))]


@register
class MaxGradient(Op):
    """Gradient of `max` over neighbouring axes, of which the batch is none."""

    name = "max_gradient"
    reference = staticmethod(reference.max_gradient)

    def infer(self, x: Tensor, y: Tensor, dy: Tensor, *, axis: tuple[int, ...]) -> list[Spec]:
        for argument, tensor in (("x", x), ("y", y), ("dy", dy)):
            expect(self.name, argument, tensor)
        if dy.shape != y.shape:
            raise ValueError(f"{self.name}: dy must have the shape {y.shape} of y, received {dy.shape}")
        return [(x.shape, "float32")]

    def flops(self, node: Node) -> int:
        return 2 * node.inputs[0].size


def axes(axis: int | Sequence[int] | None, rank: int) -> tuple[int, ...]:
    """The argument `axis` as a sorted tuple; None is all axes."""
    if axis is None:
        return tuple(range(rank))
    given = axis if isinstance(axis, (tuple, list)) else (axis,)
    return tuple(sorted(one_axis("axis", i, rank) for i in given))


def sum(x: Any, axis: int | Sequence[int] | None = None, keepdims: bool = False) -> Any:
    """The sum over axes.

    Args:
        x: float32 of any shape.
        axis: An axis or a tuple of them; None: all.
        keepdims: Whether they stay, with length 1.

    Returns:
        float32 of the shape of `x` without the axes.

    Raises:
        ValueError: `x` has no such axis.

    Source: as `keras.ops.sum`.

    Example:

    >>> from fastcnn import ops
    >>> ops.sum([[1, 2], [3, 4]], axis=0)
    array([4., 6.], dtype=float32)
    """
    x = floats(x)
    return apply("sum", x, axis=axes(axis, len(x.shape)), keepdims=bool(keepdims))


def mean(x: Any, axis: int | Sequence[int] | None = None, keepdims: bool = False) -> Any:
    """The mean over axes; NaN where there is nothing to take the mean of.

    Args:
        x: float32 of any shape.
        axis: An axis or a tuple of them; None: all.
        keepdims: Whether they stay, with length 1.

    Returns:
        float32 of the shape of `x` without the axes.

    Raises:
        ValueError: `x` has no such axis.

    Source: as `keras.ops.mean`.

    Example:

    >>> from fastcnn import ops
    >>> ops.mean([[1, 2], [3, 4]], axis=1, keepdims=True)
    array([[1.5],
           [3.5]], dtype=float32)
    """
    x = floats(x)
    return apply("mean", x, axis=axes(axis, len(x.shape)), keepdims=bool(keepdims))


def max(x: Any, axis: int | Sequence[int] | None = None, keepdims: bool = False, initial: float | None = None) -> Any:
    """The largest over axes; NaN counts as the largest.

    Args:
        x: float32 of any shape.
        axis: An axis or a tuple of them; None: all.
        keepdims: Whether they stay, with length 1.
        initial: None, or what the result is at least: then there may be nothing on the axes.

    Returns:
        float32 of the shape of `x` without the axes. The gradient is shared out evenly among equal ones.

    Raises:
        ValueError: `x` has no such axis, or nothing on it.

    Source: as `keras.ops.max`.

    Example:

    >>> from fastcnn import ops
    >>> ops.max([[1, 2], [4, 3]], axis=1)
    array([2., 4.], dtype=float32)
    """
    x = floats(x)
    over = axes(axis, len(x.shape))
    if initial is None:
        return apply("max", x, axis=over, keepdims=bool(keepdims))
    if builtins.any(x.shape[i] == 0 for i in over):
        return add(apply("sum", x, axis=over, keepdims=bool(keepdims)), initial)
    return maximum(apply("max", x, axis=over, keepdims=bool(keepdims)), initial)


def min(x: Any, axis: int | Sequence[int] | None = None, keepdims: bool = False, initial: float | None = None) -> Any:
    """The smallest over axes; NaN counts as the smallest. Arguments and errors as in `max`.

    Source: as `keras.ops.min`.

    Example:

    >>> from fastcnn import ops
    >>> ops.min([[1, 2], [4, 3]], axis=1)
    array([1., 3.], dtype=float32)
    """
    return negative(max(negative(x), axis, keepdims, None if initial is None else -initial))


amax, amin = max, min


def any(x: Any, axis: int | Sequence[int] | None = None, keepdims: bool = False) -> Any:
    """1 where an element over the axes is not 0, else 0, as float32. Arguments and errors as in `max`.

    Source: as `keras.ops.any`.

    Example:

    >>> from fastcnn import ops
    >>> ops.any([[1, 0], [0, 0]], axis=1)
    array([1., 0.], dtype=float32)
    """
    return max(apply("not_equal", floats(x), floats(0)), axis, keepdims)


def all(x: Any, axis: int | Sequence[int] | None = None, keepdims: bool = False) -> Any:
    """1 where no element over the axes is 0, else 0, as float32. Arguments and errors as in `max`.

    Source: as `keras.ops.all`.

    Example:

    >>> from fastcnn import ops
    >>> ops.all([[1, 0], [2, 3]], axis=1)
    array([0., 1.], dtype=float32)
    """
    return min(apply("not_equal", floats(x), floats(0)), axis, keepdims)


def allclose(x1: Any, x2: Any, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False) -> Any:
    """1 if all elements are close to each other, see `isclose`, else 0.

    >>> from fastcnn import ops
    >>> ops.allclose([1, 2], [1.000001, 2])
    array(1., dtype=float32)
    """
    return all(isclose(x1, x2, rtol, atol, equal_nan))


def var(x: Any, axis: int | Sequence[int] | None = None, keepdims: bool = False) -> Any:
    """The mean of the squared differences from the mean, over axes. Arguments and errors as in `mean`.

    Source: as `keras.ops.var`.

    Example:

    >>> from fastcnn import ops
    >>> ops.var([[1, 3], [4, 4]], axis=1)
    array([1., 0.], dtype=float32)
    """
    return mean(square(subtract(x, mean(x, axis, keepdims=True))), axis, keepdims)


def std(x: Any, axis: int | Sequence[int] | None = None, keepdims: bool = False) -> Any:
    """The square root of `var`. Arguments and errors as in `mean`.

    Source: as `keras.ops.std`.

    Example:

    >>> from fastcnn import ops
    >>> ops.std([[1, 3], [4, 4]], axis=1)
    array([1., 0.], dtype=float32)
    """
    return sqrt(var(x, axis, keepdims))


def logsumexp(x: Any, axis: int | Sequence[int] | None = None, keepdims: bool = False) -> Any:
    """log(sum(exp(x))) over axes, without overflow. Arguments and errors as in `max`.

    Source: as `keras.ops.logsumexp`.

    Example:

    >>> from fastcnn import ops
    >>> ops.logsumexp([[1000, 1000]], axis=1).round(3)
    array([1000.693], dtype=float32)
    """
    x = floats(x)
    largest = max(x, axis, keepdims=True)
    shift = apply("masked", apply("isfinite", largest), largest)
    total = log(sum(exp(subtract(x, shift)), axis, keepdims))
    return add(total, max(shift, axis, keepdims) if not keepdims else shift)
