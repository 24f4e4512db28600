"""Checks of numbers that constructors of all kinds share; each error names the argument and the value received."""

from __future__ import annotations

import math
import operator
import os
from typing import Any

import numpy as np


def as_integer(value: Any) -> int | None:
    """An integer of Python's or NumPy's as an int; None for all else, booleans included."""
    if isinstance(value, (bool, np.bool_)):
        return None
    try:
        return operator.index(value)
    except TypeError:
        return None


def checked_integer(value: Any, name: str, least: int | None = None) -> int:
    """The value as an int, of at least `least` if there is one.

    Raises:
        ValueError: it is none.
    """
    integer = as_integer(value)
    if integer is None or (least is not None and integer < least):
        limit = "" if least is None else f" of at least {least}"
        raise ValueError(f"{name} must be an integer{limit}, received {value!r}")
    return integer


def positive_integer(value: Any, name: str) -> int:
    """The value as an int of at least 1.

    Raises:
        ValueError: it is none.
    """
    integer = as_integer(value)
    if integer is None or integer <= 0:
        raise ValueError(f"{name} must be a positive integer, received {name}={value!r}")
    return integer


def integers(value: Any, name: str) -> tuple[int, ...]:
    """An integer, or several, as a tuple.

    Raises:
        ValueError: it is neither.
    """
    several = value if isinstance(value, (list, tuple)) else [value]
    found = [number for number in map(as_integer, several) if number is not None]
    if len(found) != len(several):
        raise ValueError(f"{name} must be an integer or a tuple of integers, received {name}={value!r}")
    return tuple(found)


def checked_number(value: Any, name: str, least: float | None = None, most: float | None = None) -> Any:
    """A finite number as it is, a scalar of NumPy's as one of Python's; at least `least`, and from that to `most`.

    Raises:
        ValueError: it is none.
    """
    if isinstance(value, np.generic) or (isinstance(value, np.ndarray) and value.ndim == 0):
        value = value.item()
    known = isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
    if not known or (least is not None and value < least) or (most is not None and value > most):
        kind = "finite number" if least is None else f"finite number of at least {least}"
        kind = kind if most is None else f"number from {least} to {most}"
        raise ValueError(f"{name} must be a {kind}, received {name}={value!r}")
    return value


def checked_numbers(value: Any, name: str) -> Any:
    """A number, or an array or nested list of numbers, as it is.

    Raises:
        ValueError: it is none.
    """
    try:
        known = np.asarray(value, "float32").dtype.kind == "f" and not isinstance(value, str)
    except (TypeError, ValueError):
        known = False
    if not known:
        raise ValueError(f"{name} must be a number, or an array of numbers, received {name}={value!r}")
    return value


def checked_share(value: Any, name: str) -> float:
    """The value as a float from 0 to 1.

    Raises:
        ValueError: it is none.
    """
    return float(checked_number(value, name, 0, 1))


def checked_path(value: Any, name: str) -> str:
    """A path as a string.

    Raises:
        ValueError: it is none, or empty.
    """
    if not isinstance(value, (str, os.PathLike)) or not os.fspath(value):
        raise ValueError(f"{name} must be a path, not empty, received {name}={value!r}")
    return str(os.fspath(value))
