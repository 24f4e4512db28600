"""Tensors joined, cut and turned by directions: `hstack`, `vsplit`, `fliplr`, ... as `keras.ops` has them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from fastcnn.ops.arrange import concatenate, flip, getitem, split, swapaxes
from fastcnn.ops.checks import one_axis, whole
from fastcnn.ops.dispatch import floats
from fastcnn.ops.shape import expand_dims, reshape, transpose


def append(x1: Any, x2: Any, axis: int | None = None) -> Any:
    """`x2` behind `x1` along an axis; of all elements in a row if there is none.

    >>> from fastcnn import ops
    >>> ops.append([1, 2], [3])
    array([1., 2., 3.], dtype=float32)
    """
    if axis is None:
        return concatenate([reshape(x1, (-1,)), reshape(x2, (-1,))], 0)
    return concatenate([x1, x2], axis)


def of_rank(x: Any, rank: int) -> Any:
    """A tensor with axes of length 1 in front until it has as many."""
    x = floats(x)
    return reshape(x, (*(1,) * (rank - len(x.shape)), *x.shape)) if len(x.shape) < rank else x


def hstack(xs: Sequence[Any]) -> Any:
    """Tensors side by side: along the second axis, or the only one.

    >>> from fastcnn import ops
    >>> ops.hstack([[1, 2], [3]])
    array([1., 2., 3.], dtype=float32)
    """
    tensors = [of_rank(x, 1) for x in xs]
    return concatenate(tensors, 0 if len(tensors[0].shape) == 1 else 1)


def vstack(xs: Sequence[Any]) -> Any:
    """Tensors one above the other: along the first axis, rows of numbers as matrices.

    >>> from fastcnn import ops
    >>> ops.vstack([[1, 2], [3, 4]])
    array([[1., 2.],
           [3., 4.]], dtype=float32)
    """
    return concatenate([of_rank(x, 2) for x in xs], 0)


def dstack(xs: Sequence[Any]) -> Any:
    """Tensors one behind the other: along the third axis.

    >>> from fastcnn import ops
    >>> ops.dstack([[1, 2], [3, 4]])
    array([[[1., 3.],
            [2., 4.]]], dtype=float32)
    """
    deep = [of_rank(x, 2) for x in xs]
    return concatenate([expand_dims(x, -1) if len(x.shape) == 2 else x for x in deep], 2)


def hsplit(x: Any, indices_or_sections: Any) -> list[Any]:
    """A tensor cut into parts side by side: along the second axis, or the only one; see `split`.

    >>> from fastcnn import ops
    >>> ops.hsplit([1, 2], 2)
    [array([1.], dtype=float32), array([2.], dtype=float32)]
    """
    x = floats(x)
    return split(x, indices_or_sections, 0 if len(x.shape) == 1 else 1)


def vsplit(x: Any, indices_or_sections: Any) -> list[Any]:
    """A tensor cut along the first axis; see `split`.

    >>> from fastcnn import ops
    >>> ops.vsplit([[1, 2], [3, 4]], 2)
    [array([[1., 2.]], dtype=float32), array([[3., 4.]], dtype=float32)]
    """
    return split(x, indices_or_sections, 0)


def dsplit(x: Any, indices_or_sections: Any) -> list[Any]:
    """A tensor cut along the third axis; see `split`.

    >>> from fastcnn import ops
    >>> ops.dsplit([[[1, 2]]], 2)
    [array([[[1.]]], dtype=float32), array([[[2.]]], dtype=float32)]
    """
    return split(x, indices_or_sections, 2)


def array_split(x: Any, indices_or_sections: Any, axis: int = 0) -> list[Any]:
    """A tensor cut into parts along an axis, the first ones longer by one where it does not divide evenly.

    >>> from fastcnn import ops
    >>> ops.array_split([1, 2, 3], 2)
    [array([1., 2.], dtype=float32), array([3.], dtype=float32)]
    """
    x = floats(x)
    axis = one_axis("axis", axis, len(x.shape))
    if isinstance(indices_or_sections, (str, float)) or indices_or_sections is None:
        raise TypeError(f"indices_or_sections must be an integer or positions, received {indices_or_sections!r}")
    if not isinstance(indices_or_sections, int):
        return split(x, indices_or_sections, axis)
    count = whole("indices_or_sections", indices_or_sections)
    short, longer = divmod(x.shape[axis], count)
    return split(x, [number * short + min(number, longer) for number in range(1, count)], axis)


def fliplr(x: Any) -> Any:
    """A tensor with the order along its second axis reversed.

    >>> from fastcnn import ops
    >>> ops.fliplr([[1, 2]])
    array([[2., 1.]], dtype=float32)
    """
    x = floats(x)
    if len(x.shape) < 2:
        raise ValueError(f"fliplr: x must have at least 2 axes, received shape {tuple(x.shape)}")
    return flip(x, 1)


def flipud(x: Any) -> Any:
    """A tensor with the order along its first axis reversed.

    >>> from fastcnn import ops
    >>> ops.flipud([1, 2])
    array([2., 1.], dtype=float32)
    """
    return flip(x, 0)


def rot90(array: Any, k: int = 1, axes: tuple[int, int] = (0, 1)) -> Any:
    """A tensor turned by right angles, from the first of two axes towards the second.

    Args:
        array: float32 of at least two axes.
        k: How often. Default 1.
        axes: The two axes. Default (0, 1).

    Raises:
        ValueError: the axes are the same.

    >>> from fastcnn import ops
    >>> ops.rot90([[1, 2], [3, 4]])
    array([[2., 4.],
           [1., 3.]], dtype=float32)
    """
    x = floats(array)
    if len(x.shape) < 2:
        raise ValueError(f"rot90: array must have at least 2 axes, received shape {tuple(x.shape)}")
    first, second = (one_axis("axes", axis, len(x.shape)) for axis in axes)
    if first == second:
        raise ValueError(f"rot90: axes must be two different axes, received axes={axes}")
    turns = k % 4
    if turns == 2:
        return flip(x, (first, second))
    if turns == 1:
        return swapaxes(flip(x, second), first, second)
    return flip(swapaxes(x, first, second), second) if turns == 3 else x


def ravel(x: Any) -> Any:
    """All elements in one row.

    >>> from fastcnn import ops
    >>> ops.ravel([[1, 2], [3, 4]])
    array([1., 2., 3., 4.], dtype=float32)
    """
    return reshape(x, (-1,))


def get_item(x: Any, key: Any) -> Any:
    """`x[key]`, for integers, slices, None and `...`.

    >>> from fastcnn import ops
    >>> ops.get_item([[1, 2], [3, 4]], (0, slice(None)))
    array([1., 2.], dtype=float32)
    """
    return getitem(x, key)


def rearrange(tensor: Any, pattern: str, **axes_lengths: int) -> Any:
    """Axes split, reordered and joined by a pattern of names.

    Args:
        tensor: float32 of any shape.
        pattern: Names of the axes, `->`, and the same names in the new order. Names in parentheses are one axis.
        axes_lengths: Lengths of axes that are split, all but one.

    Raises:
        ValueError: names or lengths that do not fit.

    Source: as `keras.ops.rearrange`, after einops.

    >>> import numpy as np
    >>> from fastcnn import ops
    >>> ops.rearrange(np.zeros((2, 6, 6, 3)), "b (h s) (w t) c -> b h w (c s t)", s=2, t=2).shape
    (2, 3, 3, 12)
    """
    x = floats(tensor)
    left, right = (
        [group.strip("()").split() for group in re.findall(r"\(.*?\)|\w+", side)] for side in pattern.split("->")
    )
    names = [name for group in left for name in group]
    wanted = [name for group in right for name in group]
    if len(left) != len(x.shape) or sorted(names) != sorted(wanted) or len(set(names)) < len(names):
        raise ValueError(
            f"rearrange: {pattern!r} must name each of the {len(x.shape)} axes of the tensor, and the same once each "
            "behind ->"
        )
    lengths = dict(axes_lengths)
    for group, length in zip(left, x.shape, strict=True):
        open_names = [name for name in group if name not in lengths]
        if len(open_names) > 1:
            raise ValueError(f"rearrange: the lengths of all but one of {group} must be given, as {open_names[0]}=...")
        if open_names:
            known = 1
            for name in group:
                known *= lengths.get(name, 1)
            lengths[open_names[0]] = -1 if length is None else length // known
    x = transpose(reshape(x, [lengths[name] for name in names]), [names.index(name) for name in wanted])
    return reshape(x, [joined_length([lengths[name] for name in group]) for group in right])


def joined_length(lengths: list[int]) -> int:
    """The length of several axes as one; -1 with an unknown one among them."""
    total = 1
    for length in lengths:
        total = -1 if -1 in (length, total) else total * length
    return total
