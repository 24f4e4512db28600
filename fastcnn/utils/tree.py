"""Nested lists, tuples and dictionaries, whose leaves are arrays or tensors: what models with several inputs take."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any


def is_structure(value: Any) -> bool:
    """Whether a value is a container of leaves. A list of numbers is not: it is an array written out.

    Example:

    >>> import numpy as np
    >>> is_structure([np.zeros(3), np.ones(3)]), is_structure([[1, 2], [3, 4]])
    (True, False)
    """
    if isinstance(value, dict):
        return True
    return isinstance(value, (list, tuple)) and any(
        getattr(member, "shape", ()) != () or is_structure(member) for member in value
    )


def map_structure(function: Callable[[Any], Any], structure: Any) -> Any:
    """The structure with a function applied to every leaf, in the order of `flatten`.

    Example:

    >>> map_structure(lambda leaf: leaf + 1, {"a": 1, "b": (2, [3])})
    {'a': 2, 'b': (3, [4])}
    """
    if isinstance(structure, dict):
        return {key: map_structure(function, member) for key, member in structure.items()}
    if isinstance(structure, (list, tuple)):
        members = [map_structure(function, member) for member in structure]
        return members if isinstance(structure, list) else tuple(members)
    return function(structure)


def flatten(structure: Any) -> list[Any]:
    """The leaves in order.

    Example:

    >>> flatten({"a": 1, "b": (2, [3])})
    [1, 2, 3]
    """
    return list(leaves(structure))


def leaves(structure: Any) -> Iterator[Any]:
    """The leaves one by one."""
    if isinstance(structure, (dict, list, tuple)):
        for member in structure.values() if isinstance(structure, dict) else structure:
            yield from leaves(member)
    else:
        yield structure
