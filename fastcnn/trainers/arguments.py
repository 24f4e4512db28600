"""Checks of the numbers that `fit`, `evaluate` and `predict` take."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

VERBOSE = {"auto": 1, 0: 0, 1: 1, 2: 2}


def whole_number(name: str, value: Any, least: int) -> int:
    """An integer not below `least`.

    Raises:
        ValueError: it is none.
    """
    try:
        number = operator.index(value)
    except TypeError:
        number = least - 1
    if isinstance(value, bool) or number < least:
        raise ValueError(f"{name} must be an integer of at least {least}, received {value!r}")
    return number


def batch_rows(value: Any, samples: int, name: str = "batch_size") -> int:
    """Rows of a full batch: 32 by default, and no more than there are samples."""
    return min(32 if value is None else whole_number(name, value, 1), max(samples, 1))


def verbosity(value: Any) -> int:
    """0, 1 or 2; "auto" is 1.

    Raises:
        ValueError: it is something else.
    """
    if not isinstance(value, (int, str)) or value not in VERBOSE:
        raise ValueError(f"verbose must be 'auto', 0, 1 or 2, received {value!r}")
    return VERBOSE[value]


def split_off(x: np.ndarray, y: np.ndarray, share: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Training x and y, then validation x and y: the last `share` of the rows. No copies.

    Raises:
        ValueError: `share` is not between 0 and 1, or leaves no row on a side.
    """
    if isinstance(share, bool) or not isinstance(share, (int, float, np.floating)) or not 0 < share < 1:
        raise ValueError(f"validation_split must be a number between 0 and 1, received {share!r}")
    first = int(len(x) * (1 - share))
    if first in (0, len(x)):
        raise ValueError(
            f"validation_split={share!r} of {len(x)} rows leaves {first} to train on and {len(x) - first} to validate "
            "on; pass more rows or another share"
        )
    return x[:first], y[:first], x[first:], y[first:]


def validation_pair(data: Any) -> tuple[Any, Any]:
    """x and y of `validation_data`.

    Raises:
        ValueError: it is no pair.
    """
    if not isinstance(data, (tuple, list)) or len(data) != 2:
        length = f" of length {len(data)}" if isinstance(data, (tuple, list)) else ""
        raise ValueError(f"validation_data must be a pair (x_val, y_val), received {type(data).__name__}{length}")
    return data[0], data[1]


def epochs_to_validate(frequency: Any) -> Any:
    """A function that says whether validation is due after the epoch with a number (the first is 1).

    Raises:
        ValueError: `frequency` is neither an integer from 1 on nor a collection of epoch numbers.
    """
    if isinstance(frequency, (list, tuple, set, range)):
        return set(frequency).__contains__
    every = whole_number("validation_freq", frequency, 1)
    return lambda epoch: epoch % every == 0
