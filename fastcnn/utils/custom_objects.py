"""The user's own classes and functions, by the names under which configurations and files know them.

A configuration names what it is made of; only what is found here, or belongs to this package, is ever made from it:
nothing is imported by name, nothing that a file holds is run.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from typing import Any, TypeVar

from fastcnn.utils.lookup import lookup

REGISTERED: dict[str, Any] = {}
"""What `register_keras_serializable` registered, by name."""
NAMES: dict[Any, str] = {}
"""The registered names, by object."""
SCOPE: ContextVar[Mapping[str, Any]] = ContextVar("custom_objects", default={})  # noqa: B039 (never changed in place)
"""The objects of the scopes that are open."""
FUNCTION = "function"
"""The class that a configuration gives for a function."""

T = TypeVar("T")


class CustomObjectScope:
    """Makes objects of the user's known by name to everything that reads configurations inside of the block.

    Args:
        custom_objects: Classes and functions, by name.

    Example:

    >>> import fastcnn
    >>> def double(x):
    ...     return x * 2
    >>> with fastcnn.utils.custom_object_scope({"double": double}):
    ...     layer = fastcnn.layers.Activation("double")
    >>> layer([[1.0, 2.0]])
    array([[2., 4.]], dtype=float32)
    """

    def __init__(self, custom_objects: Mapping[str, Any] | None) -> None:
        if custom_objects is not None and not isinstance(custom_objects, Mapping):
            raise TypeError(
                f"custom_objects must be a dictionary of classes and functions by name, received {custom_objects!r}"
            )
        self.custom_objects = dict(custom_objects or {})
        self.outer: list[Any] = []

    def __enter__(self) -> CustomObjectScope:
        self.outer.append(SCOPE.set({**SCOPE.get(), **self.custom_objects}))
        return self

    def __exit__(self, *error: object) -> None:
        SCOPE.reset(self.outer.pop())


custom_object_scope = CustomObjectScope


def get_custom_objects() -> dict[str, Any]:
    """The dictionary of all registered objects itself: what is put into it is known from then on.

    Example:

    >>> from fastcnn import utils
    >>> utils.get_custom_objects()["triple"] = lambda x: x * 3
    >>> utils.get_registered_object("triple")(2)
    6
    >>> del utils.get_custom_objects()["triple"]
    """
    return REGISTERED


def register_keras_serializable(package: str = "Custom", name: str | None = None) -> Callable[[T], T]:
    """Decorator: make a class or function of yours known to everything that reads configurations and files.

    Args:
        package: The package that it belongs to. Default `"Custom"`.
        name: Its name there. Default: its own.

    Returns:
        A decorator, which returns what it gets. The name is `"package>name"`.

    Raises:
        ValueError: A class without `get_config`, when it is decorated.

    Example:

    >>> from fastcnn import layers, saving
    >>> @saving.register_keras_serializable("shapes")
    ... class Flat(layers.Flatten):
    ...     pass
    >>> saving.get_registered_name(Flat)
    'shapes>Flat'
    >>> saving.deserialize_keras_object(saving.serialize_keras_object(Flat(name="flat")))
    <Flat name=flat, built=False>
    """

    def registered(member: T) -> T:
        if inspect.isclass(member) and not hasattr(member, "get_config"):
            raise ValueError(
                f"Cannot register a class that does not have a get_config() method: {member.__name__}; write one that "
                "returns the arguments of its constructor"
            )
        key = f"{package}>{getattr(member, '__name__', '') if name is None else name}"
        REGISTERED[key] = member
        NAMES[member] = key
        return member

    return registered


def get_registered_name(obj: Any) -> str:
    """The name under which a class or function is registered; its own name where it is not."""
    return NAMES[obj] if obj in NAMES else str(obj.__name__)


def get_registered_object(
    name: str | None, custom_objects: Mapping[str, Any] | None = None, module_objects: Mapping[str, Any] | None = None
) -> Any:
    """What a name stands for: in the scopes that are open, among what is registered, or in the tables given, in this
    order; None where it stands for nothing."""
    for table in (SCOPE.get(), REGISTERED, custom_objects or {}, module_objects or {}):
        if name is not None and name in table:
            return table[name]
    return None


def known(table: Mapping[str, Any], custom_objects: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """A table of this package's names together with the user's, which go first."""
    return {**table, **(custom_objects or {}), **REGISTERED, **SCOPE.get()}


class UnknownObjectError(ValueError, TypeError):
    """A configuration names something that is not known: a ValueError, and, as in Keras, a TypeError."""


def find(
    kind: str, config: Mapping[str, Any], table: Mapping[str, Any], custom_objects: Mapping[str, Any] | None = None
) -> Any:
    """The class or function that a configuration names.

    Args:
        kind: What it is, in the user's words, for the error.
        config: The configuration.
        table: This package's classes and functions of that kind, by name.
        custom_objects: The user's, besides those that are registered or in a scope.

    Raises:
        TypeError: The name is no string.
        ValueError: Nothing has that name.
    """
    registered = config.get("registered_name")
    name = config["config"] if config["class_name"] == FUNCTION else config["class_name"]
    if isinstance(registered, str):
        found = get_registered_object(registered, custom_objects)
        if found is not None:
            return found
    of_library = registered is None and str(config.get("module")).startswith("keras")
    if of_library and isinstance(name, str) and name in table:
        return table[name]
    try:
        return lookup(kind, name, known(table, custom_objects))
    except ValueError as error:
        raise UnknownObjectError(str(error)) from None


def function_config(function: Callable[..., Any], kind: str) -> dict[str, Any]:
    """The configuration of a function of the user's: its name, by which it is to be found again.

    Raises:
        ValueError: It has none.
    """
    name = getattr(function, "__name__", "<lambda>")
    if name == "<lambda>":
        raise ValueError(
            f"the {kind} {function!r} cannot be saved: a configuration holds names, no code; give it a name with def, "
            "or write a class with get_config() for it"
        )
    registered = get_registered_name(function)
    return {
        "module": getattr(function, "__module__", None),
        "class_name": FUNCTION,
        "config": registered,
        "registered_name": registered,
    }
