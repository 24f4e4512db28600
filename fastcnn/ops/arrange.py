"""Tensors cut, padded, joined, repeated and turned: the functions of `keras.ops` for it, made of few ops."""

from __future__ import annotations

import builtins
import math
import operator
from collections.abc import Sequence
from typing import Any

import numpy as np

from fastcnn.ops.checks import one_axis, whole
from fastcnn.ops.dispatch import apply, floats
from fastcnn.ops.math import add
from fastcnn.ops.shape import any_batch, broadcast_to, reshape, transpose
from fastcnn.ops.take import take


def slice(inputs: Any, start_indices: Sequence[int], shape: Sequence[int]) -> Any:
    """A box of a tensor.

    Args:
        inputs: float32 of any shape.
        start_indices: Where the box starts along each axis.
        shape: How long it is along each axis; -1: to the end.

    Returns:
        float32 of that shape.

    Raises:
        ValueError: The box leaves the tensor.

    >>> from fastcnn import ops
    >>> ops.slice([[1, 2, 3], [4, 5, 6]], (0, 1), (2, 2))
    array([[2., 3.],
           [5., 6.]], dtype=float32)
    """
    x = floats(inputs)
    for name, numbers in (("start_indices", start_indices), ("shape", shape)):
        if len(numbers) != len(x.shape):
            raise ValueError(f"slice: {name} must have a number for each axis of {tuple(x.shape)}, not {numbers!r}")
    sizes = [
        length - first if count == -1 and length is not None else count
        for length, first, count in zip(x.shape, start_indices, shape, strict=True)
    ]
    return cut(x, [(int(first), 1, count) for first, count in zip(start_indices, sizes, strict=True)])


class OutOfRangeError(IndexError, ValueError):
    """An index that is not there: an IndexError, as Python wants it of sequences, and a ValueError, as Keras has it."""


def getitem(x: Any, index: Any) -> Any:
    """`x[index]` for integers, slices, None and `...`, as NumPy has it.

    Raises:
        TypeError: The index holds something else, such as an array.
        OutOfRangeError: It is out of range, or has too many parts: an IndexError and a ValueError.

    >>> getitem([[1, 2, 3], [4, 5, 6]], (builtins.slice(None, None, -1), 0))
    array([4., 1.], dtype=float32)
    """
    x = floats(x)
    parts = index if isinstance(index, tuple) else (index,)
    given = sum(part is not None and part is not Ellipsis for part in parts)
    if given > len(x.shape):
        raise OutOfRangeError(f"too many indices: {index!r} for a tensor of shape {x.shape}")
    if sum(part is Ellipsis for part in parts) > 1:
        raise OutOfRangeError(f"an index may hold one `...`, received {index!r}")
    dots = [number for number, part in enumerate(parts) if part is Ellipsis] or [len(parts)]
    at = dots[0]
    parts = (*parts[:at], *[builtins.slice(None)] * (len(x.shape) - given), *parts[at + 1 :])
    boxes: list[tuple[int, int, int]] = []
    kept: list[int] = []
    for part in parts:
        if part is None:
            kept.append(1)
            continue
        length = x.shape[len(boxes)]
        box, stays = box_of(part, length)
        boxes.append(box)
        if stays:
            kept.append(-1 if length is None else box[2])
    result = cut(x, boxes)
    return reshape(result, kept) if len(kept) != len(boxes) or any(part is None for part in parts) else result


def box_of(part: Any, length: int | None) -> tuple[tuple[int, int, int], bool]:
    """(start, step, size) of one part of an index, and whether the axis stays."""
    if isinstance(part, builtins.slice):
        if part == builtins.slice(None):
            return (0, 1, -1 if length is None else length), True
        if length is None:
            raise OutOfRangeError("the batch cannot be cut while its size is unknown; use `:` for it")
        positions = range(*part.indices(length))
        return (positions.start if positions else 0, positions.step, len(positions)), True
    if isinstance(part, (int, np.integer)) and not isinstance(part, bool):
        if length is None or not -length <= part < length:
            raise OutOfRangeError(f"index {part} is out of range for an axis of length {length}")
        return (int(part) % length, 1, 1), False
    raise TypeError(f"a tensor is indexed by integers, slices, None and ..., received {part!r}; see fastcnn.ops.take")


def cut(x: Any, boxes: Sequence[tuple[int, int, int]]) -> Any:
    """The box of a tensor with (start, step, size) for each axis; the tensor itself where that is all of it."""
    if all(
        first == 0 and by == 1 and count in (-1, length)
        for (first, by, count), length in zip(boxes, x.shape, strict=True)
    ):
        return x
    start, step, size = (tuple(numbers) for numbers in zip(*boxes, strict=True))
    size = (-1, *size[1:]) if x.shape[0] is None or boxes[0] == (0, 1, x.shape[0]) else size
    return apply("slice", x, start=start, step=step, size=size)


def pad(x: Any, pad_width: Any, mode: str = "constant", constant_values: float | None = None) -> Any:
    """A tensor with a border.

    Args:
        x: float32 of any shape.
        pad_width: (before, after) for each axis; one pair, or one number, for all.
        mode: "constant", "reflect", "symmetric" or "edge". Default "constant".
        constant_values: The number in the border, only for "constant". Default 0.

    Returns:
        float32.

    Raises:
        ValueError: The mode is not known, a width is negative, or too large for the mode.

    >>> from fastcnn import ops
    >>> ops.pad([1, 2, 3], (2, 1), mode="reflect")
    array([3., 2., 1., 2., 3., 2.], dtype=float32)
    """
    x = floats(x)
    widths = pairs_of(pad_width, len(x.shape))
    if mode not in ("constant", "reflect", "symmetric", "edge"):
        raise ValueError(f"mode must be 'constant', 'reflect', 'symmetric' or 'edge', received mode={mode!r}")
    if constant_values is not None and mode != "constant":
        raise ValueError(
            f"Argument `constant_values` can only be provided when `mode == 'constant'`. Received: mode={mode!r}"
        )
    if not any(map(any, widths)):
        return x
    if mode == "constant":
        return constant_border(x, widths, constant_values or 0.0)
    for axis, (before, after) in enumerate(widths):
        if before or after:
            x = mirrored(x, axis, before, after, mode)
    return x


def pairs_of(pad_width: Any, rank: int) -> list[tuple[int, int]]:
    """(before, after) for each axis."""
    widths = np.asarray(pad_width)
    if widths.dtype.kind not in "iu" or widths.min(initial=0) < 0:
        raise ValueError(f"pad_width must hold integers of at least 0, received pad_width={pad_width!r}")
    try:
        return [(int(before), int(after)) for before, after in np.broadcast_to(widths, (rank, 2))]
    except ValueError:
        raise ValueError(
            f"pad_width must be a pair for each of the {rank} axes, received pad_width={pad_width!r}"
        ) from None


def constant_border(x: Any, widths: list[tuple[int, int]], value: float) -> Any:
    """A border of one value."""
    if x.shape[0] is None and any(widths[0]):
        raise ValueError("pad: the batch cannot be padded while its size is unknown")
    if value:
        x = add(x, -value)
    lengths = [
        -1 if length is None else length + before + after
        for length, (before, after) in zip(x.shape, widths, strict=True)
    ]
    if not any(widths[0]):
        lengths[0] = -1
    start = tuple(before for before, _ in widths)
    placed = apply("place", x, shape=tuple(lengths), start=start, step=(1,) * len(widths))
    return add(placed, value) if value else placed


def mirrored(x: Any, axis: int, before: int, after: int, mode: str) -> Any:
    """A border along one axis made of the values next to it."""
    length = x.shape[axis]
    if length is None:
        raise ValueError("pad: the batch cannot be padded while its size is unknown")
    skip = 1 if mode == "reflect" else 0
    if mode != "edge" and max(before, after) > length - skip:
        raise ValueError(f"pad_width ({before}, {after}) is too large for mode {mode!r} and an axis of length {length}")

    def part(first: int, by: int, count: int) -> Any:
        boxes = [(0, 1, -1 if index == 0 else size) for index, size in enumerate(x.shape)]
        boxes[axis] = (first, by, count)
        return cut(x, boxes)

    if mode == "edge":
        left, right = repeat(part(0, 1, 1), before, axis), repeat(part(length - 1, 1, 1), after, axis)
    else:
        left, right = part(before - 1 + skip, -1, before), part(length - 1 - skip, -1, after)
    return concatenate([*([left] if before else []), x, *([right] if after else [])], axis)


def concatenate(xs: Sequence[Any], axis: int = 0) -> Any:
    """Tensors one behind the other along an axis.

    Args:
        xs: Tensors of the same shape but for that axis.
        axis: The axis. Default 0.

    Raises:
        ValueError: There are none, or shapes do not fit.

    >>> from fastcnn import ops
    >>> ops.concatenate([[1, 2], [3]], axis=0)
    array([1., 2., 3.], dtype=float32)
    """
    tensors = [floats(x) for x in xs]
    if not tensors:
        raise ValueError("concatenate needs at least one tensor, received an empty list")
    axis = one_axis("axis", axis, len(tensors[0].shape))
    return tensors[0] if len(tensors) == 1 else apply("concatenate", *tensors, axis=axis)


def stack(x: Sequence[Any], axis: int = 0) -> Any:
    """Tensors of one shape joined along a new axis.

    Args:
        x: The tensors.
        axis: Where the new axis stands in the result. Default 0.

    >>> from fastcnn import ops
    >>> ops.stack([[1, 2], [3, 4]], axis=1)
    array([[1., 3.],
           [2., 4.]], dtype=float32)
    """
    tensors = [floats(one) for one in x]
    if not tensors:
        raise ValueError("stack needs at least one tensor, received an empty list")
    axis = one_axis("axis", axis, len(tensors[0].shape) + 1)
    for one in tensors:
        if tuple(one.shape) != tuple(tensors[0].shape):
            raise ValueError(f"stack: x must have one shape, received {tuple(tensors[0].shape)} and {tuple(one.shape)}")
    shape = [-1 if length is None else length for length in tensors[0].shape]
    return concatenate([reshape(one, [*shape[:axis], 1, *shape[axis:]]) for one in tensors], axis)


def unstack(x: Any, num: int | None = None, axis: int = 0) -> list[Any]:
    """The slices of a tensor along an axis, which goes.

    Args:
        x: float32 of any shape.
        num: How many there are; taken from the shape. Default None.
        axis: The axis. Default 0.

    >>> from fastcnn import ops
    >>> ops.unstack([[1, 2], [3, 4]])
    [array([1., 2.], dtype=float32), array([3., 4.], dtype=float32)]
    """
    x = floats(x)
    axis = one_axis("axis", axis, len(x.shape))
    if x.shape[axis] is None:
        raise ValueError(f"unstack: axis {axis} of x must have a known length, received shape {x.shape}")
    before = [builtins.slice(None)] * axis
    return [getitem(x, (*before, index)) for index in range(x.shape[axis])]


def split(x: Any, indices_or_sections: Any, axis: int = 0) -> list[Any]:
    """A tensor cut into parts along an axis.

    Args:
        x: float32 of any shape.
        indices_or_sections: The number of equal parts, or the positions at which to cut.
        axis: The axis. Default 0.

    Returns:
        A list of tensors.

    Raises:
        ValueError: The axis does not divide evenly.

    >>> from fastcnn import ops
    >>> ops.split([1, 2, 3], [1])
    [array([1.], dtype=float32), array([2., 3.], dtype=float32)]
    """
    x = floats(x)
    axis = one_axis("axis", axis, len(x.shape))
    length = x.shape[axis]
    if isinstance(indices_or_sections, (int, np.integer)):
        count = whole("indices_or_sections", indices_or_sections)
        if length is None or length % count:
            raise ValueError(f"axis {axis} of length {length} does not divide into {count} equal parts")
        cuts = list(range(length // count, length, length // count))
    else:
        if not isinstance(indices_or_sections, (list, tuple, range, np.ndarray)):
            raise ValueError(f"indices_or_sections must be an integer or positions, received {indices_or_sections!r}")
        cuts = [operator.index(position) for position in indices_or_sections]
    before = [builtins.slice(None)] * axis
    ends = zip([0, *cuts], [*cuts, length], strict=True)
    return [getitem(x, (*before, builtins.slice(first, end))) for first, end in ends]


def flip(x: Any, axis: int | Sequence[int] | None = None) -> Any:
    """A tensor with the order along axes reversed.

    Args:
        x: float32 of any shape.
        axis: The axis or axes. Default None: all.

    >>> from fastcnn import ops
    >>> ops.flip([[1, 2], [3, 4]], axis=1)
    array([[2., 1.],
           [4., 3.]], dtype=float32)
    """
    x = floats(x)
    rank = len(x.shape)
    axes = range(rank) if axis is None else [axis] if isinstance(axis, int) else axis
    turned = {one_axis("axis", number, rank) for number in axes}
    back, all_of_it = builtins.slice(None, None, -1), builtins.slice(None)
    return getitem(x, tuple(back if number in turned else all_of_it for number in range(rank)))


def repeat(x: Any, repeats: int | Sequence[int], axis: int | None = None) -> Any:
    """Each element a number of times in a row.

    Args:
        x: float32 of any shape.
        repeats: How often; or how often for each place along the axis.
        axis: The axis along which. Default None: of the flattened tensor.

    >>> from fastcnn import ops
    >>> ops.repeat([1, 2], 2)
    array([1., 1., 2., 2.], dtype=float32)
    """
    x = floats(x)
    if axis is None:
        x, axis = reshape(x, (-1,)), 0
    axis = one_axis("axis", axis, len(x.shape))
    if isinstance(repeats, (Sequence, np.ndarray)):
        counts = np.asarray(repeats)
        if counts.size not in (1, x.shape[axis]) or counts.dtype.kind not in "iu" or counts.min(initial=0) < 0:
            raise ValueError(
                f"repeats must be a number from 0 for each place of the axis of length {x.shape[axis]}, "
                f"received {repeats!r}"
            )
        return take(x, np.repeat(np.arange(x.shape[axis]), counts), axis)
    count = whole("repeats", repeats, least=0)
    shape = list(any_batch(x.shape))
    if axis == 0 and x.shape[0] is not None:
        shape[0] = x.shape[0]
    wide = reshape(x, [*shape[: axis + 1], 1, *shape[axis + 1 :]])
    wide = broadcast_to(wide, [*shape[: axis + 1], count, *shape[axis + 1 :]])
    length = -1 if axis == 0 and x.shape[0] is None else shape[axis] * count
    return reshape(wide, [*shape[:axis], length, *shape[axis + 1 :]])


def tile(x: Any, repeats: int | Sequence[int]) -> Any:
    """The whole tensor a number of times along each axis.

    Args:
        x: float32 of any shape.
        repeats: How often along each axis, the last ones if there are fewer numbers.

    >>> from fastcnn import ops
    >>> ops.tile([[1, 2]], (2, 2))
    array([[1., 2., 1., 2.],
           [1., 2., 1., 2.]], dtype=float32)
    """
    x = floats(x)
    counts = [repeats] if isinstance(repeats, int) else list(repeats)
    counts = [1] * (len(x.shape) - len(counts)) + counts
    if len(counts) > len(x.shape):
        x = reshape(x, [*[1] * (len(counts) - len(x.shape)), *x.shape])
    if math.prod(whole("repeats", count, least=0) for count in counts) > MOST:
        raise ValueError(f"repeats={repeats!r} would make a tensor of more elements than there is memory for")
    for axis, count in enumerate(counts):
        if whole("repeats", count, least=0) != 1:
            x = concatenate([x] * count, axis) if count else getitem(x, (*[builtins.slice(None)] * axis, EMPTY))
    return x


MOST = 2**40
"""More copies than any memory holds."""

EMPTY = builtins.slice(0, 0)


def roll(x: Any, shift: int | Sequence[int], axis: int | Sequence[int] | None = None) -> Any:
    """A tensor whose elements moved along axes, the last ones back to the front.

    Args:
        x: float32 of any shape.
        shift: By how many positions, for each axis.
        axis: The axis or axes. Default None: as if it were flat.

    >>> from fastcnn import ops
    >>> ops.roll([1, 2, 3], 1)
    array([3., 1., 2.], dtype=float32)
    """
    x = floats(x)
    if axis is None:
        return reshape(roll(reshape(x, (-1,)), shift, 0), x.shape)
    shifts: list[Any] = list(shift) if isinstance(shift, (list, tuple, np.ndarray)) else [shift]
    for by in shifts:
        if not hasattr(by, "__index__"):
            raise ValueError(f"shift must be an integer or several, received shift={shift!r}")
    axes = [axis] if isinstance(axis, int) else list(axis)
    for by, number in zip(np.broadcast_to(shifts, len(axes)), axes, strict=True):
        number = one_axis("axis", number, len(x.shape))
        at = -int(by) % max(x.shape[number], 1)
        if at:
            before = [builtins.slice(None)] * number
            parts = [getitem(x, (*before, part)) for part in (builtins.slice(at, None), builtins.slice(0, at))]
            x = concatenate(parts, number)
    return x


def moveaxis(x: Any, source: int | Sequence[int], destination: int | Sequence[int]) -> Any:
    """A tensor with axes at other places, the rest in order.

    Args:
        x: float32 of any shape.
        source: The axis or axes.
        destination: Where they go.

    >>> import numpy as np
    >>> from fastcnn import ops
    >>> ops.moveaxis(np.zeros((2, 3, 4)), 1, -1).shape
    (2, 4, 3)
    """
    x = floats(x)
    rank = len(x.shape)
    sources, targets = (
        [one_axis(name, axis, rank) for axis in ([axes] if isinstance(axes, int) else axes)]
        for name, axes in (("source", source), ("destination", destination))
    )
    if len(sources) != len(targets) or len(set(sources)) != len(sources) or len(set(targets)) != len(targets):
        raise ValueError(
            f"source and destination must name as many axes, each once, received {source=} and {destination=}"
        )
    order = [axis for axis in range(rank) if axis not in sources]
    for target, axis in sorted(zip(targets, sources, strict=True)):
        order.insert(target, axis)
    return transpose(x, order)


def swapaxes(x: Any, axis1: int, axis2: int) -> Any:
    """A tensor with two axes exchanged.

    >>> import numpy as np
    >>> from fastcnn import ops
    >>> ops.swapaxes(np.zeros((2, 3, 4)), 0, 2).shape
    (4, 3, 2)
    """
    x = floats(x)
    order = list(range(len(x.shape)))
    first, second = (one_axis(name, axis, len(order)) for name, axis in (("axis1", axis1), ("axis2", axis2)))
    order[first], order[second] = order[second], order[first]
    return transpose(x, order)
