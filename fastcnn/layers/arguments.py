"""Checks of constructor arguments that several layers share; each error names the argument and the value received."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable
from typing import Any

from fastcnn.graph import Shape
from fastcnn.utils.arguments import as_integer
from fastcnn.utils.lookup import lookup

PADDINGS = {"valid": "valid", "same": "same"}
DATA_FORMATS = {"channels_last": True, "channels_first": False}


def one_for_each(value: Any, rank: int, name: str, least: int = 1) -> tuple[int, ...]:
    """An integer, for each of `rank` dimensions, or a tuple of as many, as a tuple.

    Raises:
        ValueError: the length is wrong, or an element is no integer of at least `least`.
    """
    single = as_integer(value)
    if single is not None:
        elements = [single] * rank
    elif isinstance(value, Iterable) and not isinstance(value, str):
        elements = [least - 1 if as_integer(element) is None else operator.index(element) for element in value]
    else:
        elements = []
    if len(elements) != rank or min(elements) < least or max(elements) >= 2**31:
        kind = "positive" if least == 1 else "non-negative"
        raise ValueError(f"{name} must be a {kind} integer or a tuple of {rank} of them, received {name}={value!r}")
    return tuple(elements)


def padding_name(value: Any, causal: bool = False) -> str:
    """A kind of padding in lower case.

    Raises:
        ValueError: it is neither "valid" nor "same", nor "causal" where that is allowed.
    """
    names = {**PADDINGS, "causal": "causal"} if causal else PADDINGS
    return lookup("padding", value.lower() if isinstance(value, str) else value, names)


def data_format_name(value: Any) -> str:
    """The data format, "channels_last" for None.

    Raises:
        ValueError: it is neither that nor "channels_first".
    """
    if value is None:
        return "channels_last"
    lookup("data_format", value, DATA_FORMATS)
    return value


def checked_shape(value: Any, name: str) -> Shape:
    """A shape as a tuple of integers and None.

    Raises:
        ValueError: it is no sequence of non-negative integers or None.
    """
    if isinstance(value, Iterable) and not isinstance(value, str):
        sizes = list(value)
        shape = tuple(as_integer(size) for size in sizes)
        if all(size is None if given is None else size is not None and size >= 0
               for size, given in zip(shape, sizes, strict=True)):  # fmt: skip
            return shape
    raise ValueError(f"{name} must be a tuple of non-negative integers or None, received {name}={value!r}")


def is_shape(value: Any) -> bool:
    """Whether a value is one shape, not a structure of shapes."""
    return isinstance(value, Iterable) and not isinstance(value, (str, dict)) and all(
        size is None or as_integer(size) is not None for size in value
    )  # fmt: skip


def map_shapes(function: Callable[[Shape], Any], shapes: Any) -> Any:
    """A function of each shape, in the structure of the shapes."""
    if is_shape(shapes):
        return function(shapes)
    if isinstance(shapes, dict):
        return {key: map_shapes(function, shape) for key, shape in shapes.items()}
    return type(shapes)(map_shapes(function, shape) for shape in shapes)


def checked_shapes(value: Any, name: str) -> Any:
    """A shape, or a list, tuple or dictionary of shapes, as `checked_shape` has each.

    Raises:
        ValueError: one is no shape.
    """
    if isinstance(value, dict) or (isinstance(value, (list, tuple)) and not is_shape(value)):
        members = value.values() if isinstance(value, dict) else value
        if all(isinstance(member, (list, tuple, dict)) for member in members):
            return map_shapes(lambda shape: checked_shape(shape, name), value)
    return checked_shape(value, name)


def flat_size(shape: Shape) -> int:
    """The number of elements of one sample: the product of all dimensions but the first.

    Raises:
        ValueError: one of these is unknown.
    """
    if None in shape[1:]:
        raise ValueError(f"all dimensions but the batch must be known, received the shape {shape}")
    return math.prod(size for size in shape[1:] if size is not None)
