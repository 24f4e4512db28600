"""Finding things by name, with an error that suggests the nearest known name.

Layers, losses, metrics, optimizers, activations and initializers all turn a user's string into an object here, so
that a misspelt name gets the same kind of answer everywhere.
"""

from collections.abc import Iterable, Mapping
from typing import TypeVar

T = TypeVar("T")


def spellings(known: Iterable[str]) -> dict[str, list[str]]:
    """Known names, sorted, grouped by what is left of them without underscores and capitals."""
    groups: dict[str, list[str]] = {}
    for name in sorted(known):
        groups.setdefault(name.lower().replace("_", ""), []).append(name)
    return groups


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name most like `name`, whatever its capitals and underscores; None where none is near."""
    import difflib  # only for errors: `import fastcnn` does not pay for it

    groups = spellings(known)
    found = difflib.get_close_matches(name.lower().replace("_", ""), list(groups), n=1, cutoff=0.5)
    return difflib.get_close_matches(name, groups[found[0]], n=1, cutoff=0)[0] if found else None


def lookup(kind: str, name: str, table: Mapping[str, T]) -> T:
    """The value which `table` has for `name`.

    Args:
        kind: What is looked up, in the user's words, e.g. `"optimizer"`; used in the error.
        name: The user's string.
        table: Known names and their values.

    Returns:
        `table[name]`.

    Raises:
        ValueError: `name` is not a string, or the table does not have it; the message suggests the nearest name and
            lists all.

    Example:

    >>> lookup("optimizer", "adam", {"sgd": 1, "adam": 2})
    2
    >>> lookup("optimizer", "adm", {"sgd": 1, "adam": 2})
    Traceback (most recent call last):
    ...
    ValueError: unknown optimizer 'adm'; did you mean 'adam'? Known: 'adam', 'sgd'
    """
    if not isinstance(name, str):
        raise ValueError(f"{kind} must be a name (a string), not {name!r} of type {type(name).__name__}")
    if name in table:
        return table[name]
    close = nearest(name, table)
    known = sorted(repr(names[-1]) for names in spellings(table).values())
    hint = f"; did you mean {close!r}?" if close else "."
    raise ValueError(f"unknown {kind} {name!r}{hint} Known: {', '.join(known)}")
