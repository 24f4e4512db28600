"""Other shapes of the same values: `reshape` (a view), `broadcast_to`, `transpose`, and `one_hot`.

Attributes hold no batch size, so that a graph can be bound to another one: -1 stands for it, in `reshape` as what is
left over, in `broadcast_to` as the length that the input has.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from fastcnn import reference
from fastcnn.graph import Node, Op, Tensor, emit, register
from fastcnn.graph.op import Gradients, Spec
from fastcnn.graph.tensor import Shape
from fastcnn.ops.batch_size import BatchSize
from fastcnn.ops.checks import expect, one_axis, whole
from fastcnn.ops.dispatch import apply, floats
from fastcnn.ops.state import cast


def any_batch(shape: Shape) -> tuple[Any, ...]:
    """A shape as an attribute: with -1 for the batch."""
    return (-1, *shape[1:]) if shape else ()


def unbroadcast(gradient: Tensor, operand: Tensor) -> Tensor:
    """The gradient of an operand that was broadcast: summed over the axes along which it was repeated."""
    new = gradient.ndim - operand.ndim
    repeated = [
        new + axis
        for axis, (length, given) in enumerate(zip(operand.shape, gradient.shape[new:], strict=True))
        if length == 1 and given != 1
    ]
    if new or repeated:
        gradient = emit("sum", gradient, axis=(*range(new), *repeated), keepdims=False)
    return gradient if gradient.shape == operand.shape else emit("reshape", gradient, shape=any_batch(operand.shape))


@register
class Reshape(Op):
    """The same memory under another shape, of which one length may be -1: what is left over."""

    name = "reshape"
    reference = staticmethod(reference.reshape)
    is_view = True

    def infer(self, x: Tensor, *, shape: tuple[int, ...]) -> list[Spec]:
        shape = tuple(shape)
        unknown = shape.count(-1)
        rest = math.prod(length for length in shape if length != -1)
        left_over: int | None = None
        bad = unknown > 1 or any(length < -1 for length in shape)
        if x.shape[:1] == (None,):
            row = math.prod(x.shape[1:])  # type: ignore[arg-type]
            fits = rest and (row % rest == 0 or rest % row == 0)  # rows may be split, or several joined to one
            bad = bad or shape[:1] != (-1,) or not fits
        elif unknown:
            bad = bad or rest == 0 or x.size % rest != 0
            left_over = None if bad else x.size // rest
        else:
            bad = bad or rest != x.size
        if bad:
            raise ValueError(
                f"reshape: x of shape {x.shape} does not fit into newshape {shape}; the numbers of elements must be "
                "equal, where one length may be -1 (and the first must be, where the batch size is unknown)"
            )
        return [(tuple(left_over if length == -1 else length for length in shape), x.dtype)]

    def flops(self, node: Node) -> int:
        return 0

    def gradient(self, node: Node, dy: Tensor) -> Gradients:
        return [emit("reshape", dy, shape=any_batch(node.inputs[0].shape))]


@register
class BroadcastTo(Op):
    """x repeated along new axes and along axes of length 1; a length of -1 keeps that of x."""

    name = "broadcast_to"
    reference = staticmethod(reference.broadcast_to)

    def infer(self, x: Tensor, *, shape: tuple[int, ...]) -> list[Spec]:
        expect(self.name, "x", x)
        new = len(shape) - x.ndim
        fits = new >= 0 and all(length >= 0 for length in shape[:new])
        if fits:
            pairs = list(zip(shape[new:], x.shape, strict=True))
            fits = all(want == -1 or have == 1 or want == have for want, have in pairs)
        if not fits:
            raise ValueError(
                f"broadcast_to: x of shape {x.shape} cannot be broadcast to shape {tuple(shape)}; each length must be "
                "that of x (or -1 for it), or that of x must be 1"
            )
        return [((*shape[:new], *(have if want == -1 else want for want, have in pairs)), x.dtype)]

    def flops(self, node: Node) -> int:
        return 0

    def gradient(self, node: Node, dy: Tensor) -> Gradients:
        return [unbroadcast(dy, node.inputs[0])]


@register
class Transpose(Op):
    """Axis i of the result is axis axes[i] of x."""

    name = "transpose"
    reference = staticmethod(reference.transpose)

    def infer(self, x: Tensor, *, axes: tuple[int, ...]) -> list[Spec]:
        expect(self.name, "x", x)
        if sorted(axes) != list(range(x.ndim)):
            raise ValueError(
                f"transpose: axes must name each of the {x.ndim} axes of x, shape {x.shape}, once; received {axes}"
            )
        if x.shape[:1] == (None,) and axes[0] != 0:
            raise ValueError(
                f"transpose: the batch of x, shape {x.shape}, must stay the first axis while its size is unknown; "
                f"received axes {axes}"
            )
        return [(tuple(x.shape[axis] for axis in axes), x.dtype)]

    def flops(self, node: Node) -> int:
        return 0

    def gradient(self, node: Node, dy: Tensor) -> Gradients:
        return [emit("transpose", dy, axes=tuple(int(axis) for axis in np.argsort(node.attrs["axes"])))]


def reshape(x: Any, newshape: Sequence[int] | int) -> Any:
    """The same elements in the same order under another shape; no copy.

    Args:
        x: float32 of any shape.
        newshape: The new shape; one length may be -1, what is left over. So counts the batch that `ops.shape` gives.

    Returns:
        float32 of shape `newshape`.

    Raises:
        ValueError: The numbers of elements differ.

    Source: as `keras.ops.reshape`.

    Example:

    >>> from fastcnn import ops
    >>> ops.reshape([[1, 2, 3], [4, 5, 6]], (3, -1))
    array([[1., 2.],
           [3., 4.],
           [5., 6.]], dtype=float32)
    """
    x = floats(x)
    lengths = list(newshape) if isinstance(newshape, Sequence) else [newshape]
    unknown = [axis for axis, length in enumerate(lengths) if length == -1]
    if len(unknown) == 2 and isinstance(lengths[0], BatchSize) and tuple(x.shape[:1]) == (None,):
        row = math.prod(x.shape[1:]) // lengths[0].times  # of which the rest of the new shape is made
        lengths[unknown[1]] = row // max(math.prod(length for length in lengths if length != -1), 1)
    return apply("reshape", x, shape=tuple(whole("newshape", length, least=-1) for length in lengths))


def broadcast_to(x: Any, shape: Sequence[int]) -> Any:
    """Repeat along new leading axes, and along axes of length 1.

    Args:
        x: float32 of any shape.
        shape: The new shape; a length of -1 keeps that of `x`. The first one may be the batch that `ops.shape` gives.

    Returns:
        float32 of shape `shape`.

    Raises:
        ValueError: `x` cannot be broadcast to the shape.

    Source: as `keras.ops.broadcast_to`.

    Example:

    >>> from fastcnn import ops
    >>> ops.broadcast_to([1, 2], (2, 2))
    array([[1., 2.],
           [1., 2.]], dtype=float32)
    """
    x = floats(x)
    if shape and isinstance(shape[0], BatchSize) and (len(x.shape) < len(shape) or x.shape[0] == 1):
        x = apply("add", column_of_zeros(shape[0], len(shape)), x)
    return apply("broadcast_to", x, shape=tuple(whole("shape", length, least=-1) for length in shape))


def column_of_zeros(batch: BatchSize, rank: int) -> Any:
    """Zeros of shape (batch, 1, 1, ...)."""
    x = floats(batch.tensor)
    ones = (1,) * (len(x.shape) - 1)
    first = apply("slice", x, start=(0,) * len(x.shape), step=(1,) * len(x.shape), size=(-1, *ones))
    rows = apply("masked", floats(0), apply("reshape", first, shape=(-1, 1)))
    if batch.times > 1:
        rows = apply("broadcast_to", rows, shape=(-1, batch.times))
    return apply("reshape", rows, shape=(-1, *(1,) * (rank - 1)))


def transpose(x: Any, axes: Sequence[int] | None = None) -> Any:
    """Reorder the axes.

    Args:
        x: float32 of any shape.
        axes: Axis i of the result is axis `axes[i]` of `x`; None reverses all.

    Returns:
        float32 of shape `[x.shape[i] for i in axes]`.

    Raises:
        ValueError: `axes` does not name each axis once.

    Source: as `keras.ops.transpose`.

    Example:

    >>> from fastcnn import ops
    >>> ops.transpose([[1, 2], [3, 4]])
    array([[1., 3.],
           [2., 4.]], dtype=float32)
    """
    x = floats(x)
    rank = len(x.shape)
    order = range(rank)[::-1] if axes is None else [one_axis("axes", axis, rank) for axis in axes]
    return apply("transpose", x, axes=tuple(order))


def one_hot(x: Any, num_classes: int, axis: int = -1, dtype: str | None = None, sparse: bool = False) -> Any:
    """Class numbers as rows of zeros with a one at the class.

    Args:
        x: Class numbers of any shape: whole numbers, as int or float32.
        num_classes: Number of classes.
        axis: Where the axis of the classes stands in the result. Default -1.
        dtype: The element type of the result. Default None: float32.
        sparse: False: there are no sparse tensors.

    Returns:
        Of the shape of `x` with another axis of length `num_classes`; zeros for a number that is no class.

    Raises:
        ValueError: `num_classes` is below 1, there is no such axis, or `sparse` is true.

    Source: as `keras.ops.one_hot`.

    Example:

    >>> from fastcnn import ops
    >>> ops.one_hot([2, 0], 3)
    array([[0., 0., 1.],
           [1., 0., 0.]], dtype=float32)
    """
    if sparse:
        raise ValueError("one_hot: there are no sparse tensors, received sparse=True")
    classes = np.arange(whole("num_classes", num_classes), dtype="float32")
    column = expand_dims(x, axis)
    rank = len(column.shape)
    at = one_axis("axis", axis, rank)
    rows = apply("equal", column, classes.reshape([-1 if number == at else 1 for number in range(rank)]))
    return rows if dtype is None else cast(rows, dtype)


def expand_dims(x: Any, axis: int) -> Any:
    """A new axis of length 1.

    Args:
        x: float32 of any shape.
        axis: Where it stands in the result.

    Returns:
        float32 of the shape of `x` with a 1 at `axis`; no copy.

    Raises:
        ValueError: `axis` is no axis of the result.

    Source: as `keras.ops.expand_dims`.

    Example:

    >>> from fastcnn import ops
    >>> ops.expand_dims([1, 2], -1).shape
    (2, 1)
    """
    x = floats(x)
    shape = tuple(x.shape)
    at = one_axis("axis", axis, len(shape) + 1)
    return apply("reshape", x, shape=known_or_any((*shape[:at], 1, *shape[at:])))


def squeeze(x: Any, axis: int | Sequence[int] | None = None) -> Any:
    """Take axes of length 1 away.

    Args:
        x: float32 of any shape.
        axis: An axis or several; None: all of length 1.

    Returns:
        float32 of the shape of `x` without them; no copy.

    Raises:
        ValueError: an axis has another length.

    Source: as `keras.ops.squeeze`.

    Example:

    >>> from fastcnn import ops
    >>> ops.squeeze([[[1], [2]]]).shape
    (2,)
    """
    x = floats(x)
    shape = tuple(x.shape)
    if axis is None:
        gone = {i for i, length in enumerate(shape) if length == 1}
    else:
        gone = {one_axis("axis", i, len(shape)) for i in (axis if isinstance(axis, (tuple, list)) else (axis,))}
    if any(shape[i] != 1 for i in gone):
        raise ValueError(f"squeeze: axes to be taken away must have length 1, received axis={axis} for shape {shape}")
    return apply("reshape", x, shape=known_or_any(tuple(n for i, n in enumerate(shape) if i not in gone)))


def known_or_any(shape: Shape) -> tuple[Any, ...]:
    """A shape as an attribute: with -1 for a batch that is not known."""
    return tuple(-1 if length is None else length for length in shape)
