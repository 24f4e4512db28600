"""Nested lists, tuples and dictionaries, with the names of `keras.tree`. Dictionaries are taken in the order of their
keys, as in Keras; None is a leaf."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

__all__ = [
    "assert_same_paths",
    "assert_same_structure",
    "flatten",
    "flatten_with_path",
    "is_nested",
    "lists_to_tuples",
    "map_structure",
    "map_structure_up_to",
    "pack_sequence_as",
    "traverse",
]


def is_nested(structure: Any) -> bool:
    """Whether something is a list, a tuple or a dictionary.

    >>> from fastcnn import tree
    >>> tree.is_nested([1]), tree.is_nested(1)
    (True, False)
    """
    return isinstance(structure, (list, tuple, dict))


def members(structure: Any) -> list[tuple[Any, Any]]:
    """Keys and members, in order."""
    return sorted(structure.items()) if isinstance(structure, dict) else list(enumerate(structure))


def rebuilt(structure: Any, parts: dict[Any, Any]) -> Any:
    """A structure of the same kind with other members, by key."""
    if isinstance(structure, dict):
        return type(structure)((key, parts[key]) for key in structure)
    values = [parts[number] for number in range(len(structure))]
    return type(structure)(*values) if hasattr(structure, "_fields") else type(structure)(values)


def paths(structure: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """The leaves with the keys that lead to them."""
    if is_nested(structure):
        for key, member in members(structure):
            yield from paths(member, (*path, key))
    else:
        yield path, structure


def flatten_with_path(structure: Any) -> list[tuple[tuple[Any, ...], Any]]:
    """The leaves, each behind the keys that lead to it.

    >>> from fastcnn import tree
    >>> tree.flatten_with_path([{"a": 1}])
    [((0, 'a'), 1)]
    """
    return list(paths(structure))


def flatten(structure: Any) -> list[Any]:
    """The leaves in order.

    >>> from fastcnn import tree
    >>> tree.flatten({"b": [1, 2], "a": 3})
    [3, 1, 2]
    """
    return [leaf for _, leaf in paths(structure)]


def check_callable(func: Any) -> None:
    """Raise TypeError where a function is none."""
    if not callable(func):
        raise TypeError(f"`func` must be callable, got {func!r} of type {type(func)}")


def map_structure(func: Callable[..., Any], *structures: Any, none_is_leaf: bool = True) -> Any:
    """A structure of what a function gives for the leaves of several at the same places.

    Raises:
        ValueError: the structures differ.

    >>> from fastcnn import tree
    >>> tree.map_structure(lambda a, b: a + b, [1, {"x": 2}], [10, {"x": 20}])
    [11, {'x': 22}]
    """
    check_callable(func)
    if not structures:
        raise ValueError("Must provide at least one structure")
    for other in structures[1:]:
        assert_same_structure(structures[0], other)

    def given(*leaves: Any) -> Any:
        return None if not none_is_leaf and leaves[0] is None else func(*leaves)

    return map_structure_up_to(structures[0], given, *structures)


def map_structure_up_to(shallow_structure: Any, func: Callable[..., Any], *structures: Any) -> Any:
    """The same with the leaves of a structure that may have fewer levels: what is below goes to the function whole.

    >>> from fastcnn import tree
    >>> tree.map_structure_up_to([0, 0], len, [[1, 2], [3]])
    [2, 1]
    """
    check_callable(func)
    if not is_nested(shallow_structure):
        return func(*structures)
    parts = {
        key: map_structure_up_to(member, func, *(structure[key] for structure in structures))
        for key, member in members(shallow_structure)
    }
    return rebuilt(shallow_structure, parts)


def assert_same_structure(a: Any, b: Any, check_types: bool | None = None) -> None:
    """Nothing, if both have the same kinds of members at the same places.

    Raises:
        ValueError: they differ.

    >>> from fastcnn import tree
    >>> tree.assert_same_structure([1, (2,)], [3, (4,)])
    """
    same = is_nested(a) == is_nested(b) and (not is_nested(a) or type(a) is type(b))
    if not same or (is_nested(a) and [key for key, _ in members(a)] != [key for key, _ in members(b)]):
        raise ValueError(f"`a` and `b` don't have the same structure: a={a!r}, b={b!r}")
    if is_nested(a):
        for (_, one), (_, other) in zip(members(a), members(b), strict=True):
            assert_same_structure(one, other)


def assert_same_paths(a: Any, b: Any) -> None:
    """Nothing, if the same keys lead to the leaves of both, whatever kinds of structures they are.

    Raises:
        ValueError: they differ.

    >>> from fastcnn import tree
    >>> tree.assert_same_paths([1, 2], (3, 4))
    """
    one, other = ([path for path, _ in paths(structure)] for structure in (a, b))
    if one != other:
        raise ValueError(f"`a` and `b` don't have the same paths: {one} and {other}")


def pack_sequence_as(structure: Any, flat_sequence: Iterable[Any]) -> Any:
    """A structure like another one, with the leaves of a flat sequence.

    Raises:
        ValueError: there are more or fewer.

    >>> from fastcnn import tree
    >>> tree.pack_sequence_as([0, (0, 0)], [1, 2, 3])
    [1, (2, 3)]
    """
    leaves = list(flat_sequence)
    count = len(flatten(structure))
    if len(leaves) != count:
        raise ValueError(f"a structure of {count} leaves cannot be made of {len(leaves)}: {structure!r}, {leaves!r}")
    rest = iter(leaves)
    return map_structure(lambda _: next(rest), structure)


def lists_to_tuples(structure: Any) -> Any:
    """A structure with tuples for its lists.

    >>> from fastcnn import tree
    >>> tree.lists_to_tuples([1, [2, 3]])
    (1, (2, 3))
    """

    def turned(part: Any) -> Any:
        return tuple(lists_to_tuples(member) for member in part) if isinstance(part, list) else None

    return traverse(turned, structure)


def traverse(func: Callable[[Any], Any], structure: Any, top_down: bool = True) -> Any:
    """A structure in which what a function gives for a part takes its place, if that is not None.

    Args:
        func: takes a part of the structure, or all of it; None keeps it.
        structure: the structure.
        top_down: whether a part comes before its members, which are left alone then if it is replaced. Default True.

    >>> from fastcnn import tree
    >>> tree.traverse(lambda part: part * 2 if isinstance(part, int) else None, [1, (2,)])
    [2, (4,)]
    """
    check_callable(func)
    if top_down:
        replacement = func(structure)
        if replacement is not None:
            return replacement
    if is_nested(structure):
        structure = rebuilt(structure, {key: traverse(func, member, top_down) for key, member in members(structure)})
    if top_down:
        return structure
    replacement = func(structure)
    return structure if replacement is None else replacement
