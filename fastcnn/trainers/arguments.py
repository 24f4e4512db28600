"""Checks of the numbers that `fit`, `evaluate` and `predict` take."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from fastcnn import config
from fastcnn.utils.arguments import checked_integer

VERBOSE = {"auto": 1, 0: 0, 1: 1, 2: 2}


def batch_rows(value: Any, samples: int, steps: int | None = None, name: str = "batch_size") -> int:
    """Rows of a full batch: 32 by default, or what spreads the samples over `steps`; no more than there are samples."""
    usual = -(-samples // steps) if steps else 32
    return min(usual if value is None else checked_integer(value, name, least=1), samples) or 1


def verbosity(value: Any) -> int:
    """0, 1 or 2; "auto" is 1.

    Raises:
        ValueError: it is something else.
    """
    if not isinstance(value, (int, str)) or value not in VERBOSE:
        raise ValueError(f"verbose must be 'auto', 0, 1 or 2, received {value!r}")
    return VERBOSE[value]


def first_of_split(samples: int, share: Any) -> int:
    """The row from which on rows are not trained on but validated with: the last `share` of them.

    Raises:
        ValueError: `share` is not between 0 and 1, or leaves no row on a side.
    """
    if isinstance(share, bool) or not isinstance(share, (int, float, np.floating)) or not 0 < share < 1:
        raise ValueError(f"validation_split must be a number between 0 and 1, received {share!r}")
    first = int(samples * (1 - share))
    if first in (0, samples):
        raise ValueError(
            f"validation_split={share!r} of {samples} rows leaves {first} to train on and {samples - first} to "
            "validate on; pass more rows or another share"
        )
    return first


def validation_parts(data: Any) -> tuple[Any, Any, Any]:
    """x, y and weights of `validation_data`.

    Raises:
        ValueError: it is no tuple of two or three.
    """
    if not isinstance(data, (tuple, list)) or len(data) not in (2, 3):
        found = repr(data) if np.isscalar(data) else type(data).__name__
        found += f" of length {len(data)}" if isinstance(data, (tuple, list)) else ""
        raise ValueError(
            f"validation_data must be a pair (x_val, y_val) or a triple with sample weights, received {found}"
        )
    return (*data, None)[:3]


def steps_limit(name: str, value: Any) -> int | None:
    """The number of steps of an epoch, which may be limited; None for all batches."""
    return limited_steps(None if value is None else checked_integer(value, name, least=1))


def limited_epochs(epochs: int) -> int:
    """The number of epochs, within the limit of `config.set_max_epochs`."""
    limit = config.max_epochs()
    if limit is None or limit >= epochs:
        return epochs
    warnings.warn(f"Limiting epochs to {limit}", stacklevel=3)
    return limit


def limited_steps(steps: int | None) -> int | None:
    """The number of steps of an epoch, within the limit of `config.set_max_steps_per_epoch`."""
    limit = config.max_steps_per_epoch()
    if limit is None or (steps is not None and limit >= steps):
        return steps
    warnings.warn(f"Limiting steps_per_epoch to {limit}", stacklevel=3)
    return limit


def nothing_beside(source: Any, **arguments: Any) -> None:
    """Batches hold their own targets and weights.

    Raises:
        ValueError: one of the arguments is given too.
    """
    for name, value in arguments.items():
        if value is not None:
            raise ValueError(
                f"{name} cannot be given beside x of type {type(source).__name__}, whose batches hold it: "
                "let each be (inputs, targets) or (inputs, targets, sample_weights)"
            )


def epochs_to_validate(frequency: Any) -> Any:
    """A function that says whether validation is due after the epoch with a number (the first is 1).

    Raises:
        ValueError: `frequency` is neither an integer from 1 on nor a collection of epoch numbers.
    """
    if isinstance(frequency, (list, tuple, set, range)):
        return set(frequency).__contains__
    every = checked_integer(frequency, "validation_freq", least=1)
    return lambda epoch: epoch % every == 0
