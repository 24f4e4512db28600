"""What users pass as x: any array of numbers, checked and laid out so that a step can gather rows from it.

Rows are converted to float32 while they are gathered, from slices, flipped and transposed arrays too. A whole copy is
made only of what the gathering call cannot read, or only slowly: arrays of foreign byte order, of elements longer than
8 bytes, or of rows that lie between each other.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from fastcnn._core.gather import MOST_AXES
from fastcnn.graph import Shape
from fastcnn.graph.open_sizes import accepts, fitted

READABLE = frozenset(map(np.dtype, "?bBhHiIlLqQefd"))
"""Types of elements that a step reads as they are."""


def as_rows(value: Any, name: str, allow_empty: bool = False) -> np.ndarray:
    """The argument called `name` as an array of rows of numbers.

    Raises:
        TypeError: it is an array of something else than numbers.
        ValueError: it is no array, is ragged, has no rows or only one number, or its rows have no elements.
    """
    if value is None:
        raise ValueError(f"{name} is missing: pass an array, received {name}=None")
    if isinstance(value, (list, tuple)) and len(value) == 1 and getattr(value[0], "ndim", 0) > 0:
        value = value[0]  # the list of arrays, one for each input, that Keras allows
    if isinstance(value, np.ma.MaskedArray):
        raise TypeError(f"{name} is a masked array; pass {name}.filled(value) to say what stands where the mask is")
    if not isinstance(value, (np.ndarray, list, tuple)) and not hasattr(value, "__array__"):
        raise ValueError(
            f"{name} must be an array of numbers, received {value!r} of type {type(value).__name__}; "
            "convert it to an array"
        )
    try:
        array = np.asarray(value)
    except ValueError as error:
        raise ValueError(f"{name} must be a rectangular array; the nested lists received differ in length") from error
    if array.dtype.kind not in "biuf":
        raise TypeError(
            f"{name} must hold numbers, received an array of dtype {array.dtype}; "
            f"convert it, for example by {name}.astype('float32')"
        )
    if array.ndim == 0:
        raise ValueError(f"{name} must have one row for each sample, received the single number {array}")
    if array.size == 0 and not (allow_empty and array.shape[0] == 0):
        raise ValueError(f"{name} has no elements: its shape is {array.shape}; pass at least one row")
    return array


def as_inputs(x: Any, row_shape: Shape, name: str = "x", allow_empty: bool = False) -> np.ndarray:
    """The rows of x in the shape that a model takes, which may differ by a last dimension of size 1.

    Args:
        x: the user's value.
        row_shape: the model's input shape without the batch; None stands for any size.
        name: the argument's name in messages.
        allow_empty: whether no rows at all are fine.

    Raises:
        ValueError: the shape is another one.
    """
    if type(x) is np.ndarray and x.shape[1:] == row_shape and x.size and x.dtype in READABLE and x.flags.c_contiguous:
        return x
    array = as_rows(x, name, allow_empty)
    shape = fitted((None, *row_shape), array.shape)
    if shape is None:
        raise ValueError(
            f"{name} has shape {array.shape}, the model takes {shape_text(row_shape)}; "
            f"{advice(array.shape[1:], row_shape)}"
        )
    return gatherable(array.reshape(shape))


def advice(shape: tuple[int, ...], row_shape: Shape) -> str:
    """What to do about rows of a wrong shape."""
    if shape == row_shape[1:] or (*shape, 1) == row_shape[1:] or len(row_shape) == len(shape) + 1:
        return "for a single sample pass an array with one row: x[None]"
    if len(shape) == len(row_shape) and accepts((None, *row_shape[:-1]), (None, *shape[:-1])):
        return f"the last dimension holds {row_shape[-1]} channels, not {shape[-1]}"
    return f"reshape the array to {shape_text(row_shape)}, or build the model for input_shape={shape}"


def gatherable(array: np.ndarray) -> np.ndarray:
    """The array itself, if rows can be gathered from it, else a copy from which they can."""
    dtype = array.dtype.newbyteorder("=") if array.dtype.itemsize <= 8 else np.dtype("float32")
    return np.asarray(array, dtype, order="K" if has_rows_apart(array) else "C")


def has_rows_apart(array: np.ndarray) -> bool:
    """Whether the memory of each row lies before or behind that of all others, or all rows are the same."""
    if array.ndim > MOST_AXES + 1:
        return False
    row_bytes = array.itemsize + sum(
        (size - 1) * abs(stride) for size, stride in zip(array.shape[1:], array.strides[1:], strict=True)
    )
    return len(array) < 2 or array.strides[0] == 0 or abs(array.strides[0]) >= row_bytes


def shape_text(row_shape: Shape) -> str:
    """A shape with an unknown batch, as messages show it."""
    return str((None, *row_shape))
