"""Arguments that may be given for each output of a model: losses, weights, metrics, targets, sample weights."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def flat_list(given: Any) -> list[Any]:
    """What an argument holds, in one list; None holds nothing."""
    if given is None:
        return []
    if isinstance(given, dict):
        return [one for value in given.values() for one in flat_list(value)]
    if isinstance(given, (list, tuple)):
        return [one for value in given for one in flat_list(value)]
    return [given]


def for_each_output(given: Any, names: Sequence[str | None], argument: str, repeat: bool = False) -> list[Any]:
    """What an argument holds for each output of a model.

    Args:
        given: for one output whatever it is; for several a list in their order or a dictionary by their names.
        names: the names of the outputs.
        argument: the argument's name in messages.
        repeat: whether a single value stands for all outputs.

    Raises:
        ValueError: the list has another length, or the dictionary another name.
    """
    if isinstance(given, dict) and not (len(names) == 1 and names[0] is None and len(given) == 1):
        unknown = [key for key in given if key not in names]
        if unknown:
            raise ValueError(f"{argument} names {unknown[0]!r}, but the outputs of the model are {list(names)}")
        return [given.get(name) for name in names]
    if len(names) == 1:
        return [next(iter(given.values())) if isinstance(given, dict) else given]
    if given is None:
        return [None] * len(names)
    if isinstance(given, (list, tuple)) and len(given) == len(names):
        return list(given)
    if repeat and not isinstance(given, (list, tuple)):
        return [given] * len(names)
    raise ValueError(
        f"{argument} must be a list of {len(names)}, one for each output, or a dictionary with the keys {list(names)}; "
        f"received {given!r}"
    )
