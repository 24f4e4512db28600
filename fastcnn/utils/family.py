"""Families of small objects that users give by name, configuration, class or object: initializers, losses, optimizers,
regularizers and others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastcnn.utils.custom_objects import (
    FUNCTION,
    UnknownObjectError,
    custom_object_scope,
    find,
    function_config,
    get_registered_name,
)


class Family:
    """The classes of one kind, and how each is found and saved.

    Args:
        kind: What they are, in the user's words, e.g. `"regularizer"`.
        module: The module's name that configurations carry.
        classes: The classes by the names that find them. A name stands for an object with default arguments.
    """

    def __init__(self, kind: str, module: str, classes: Mapping[str, Any]) -> None:
        self.kind = kind
        self.module = module
        self.classes = dict(classes)
        self.built_in = set(classes.values())

    def get(self, identifier: Any) -> Any:
        """The object that is meant by a name, a configuration, a class, an object or any callable; None for None.

        Raises:
            ValueError, TypeError: It is nothing of that kind.
        """
        if isinstance(identifier, (str, dict)):
            return self.deserialize(identifier)
        if isinstance(identifier, type):
            return identifier()
        if identifier is not None and not callable(identifier):
            raise ValueError(f"Could not interpret {self.kind} identifier: {identifier!r}; pass a name or an object")
        return identifier

    def serialize(self, member: Any) -> dict[str, Any] | None:
        """The configuration from which `deserialize` makes an equal object; None for None. That of a function is its
        name, by which the reader must know it.

        Raises:
            ValueError: It has no name.
        """
        if member is None:
            return None
        if not hasattr(member, "get_config"):
            return function_config(member, self.kind)
        cls = type(member)
        return {
            "module": self.module if cls in self.built_in else cls.__module__,
            "class_name": cls.__name__,
            "config": member.get_config(),
            "registered_name": None if cls in self.built_in else get_registered_name(cls),
        }

    def deserialize(self, config: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
        """An object from its configuration or name; None for None.

        Raises:
            TypeError: It is no configuration.
            ValueError: The class is unknown, or its arguments do not fit.
        """
        if config is None:
            return None
        if isinstance(config, str):
            config = {"class_name": config}
        if not isinstance(config, dict) or "class_name" not in config:
            raise TypeError(
                f"the {self.kind}'s configuration must be a dictionary such as "
                f'{{"class_name": {next(iter(self.classes))!r}, "config": {{}}}}, not {config!r}'
            )
        cls = find(self.kind, config, self.classes, custom_objects)
        if config["class_name"] == FUNCTION or not isinstance(cls, type):
            return cls
        arguments = config.get("config") or {}
        try:
            with custom_object_scope(custom_objects):
                return cls.from_config(arguments) if hasattr(cls, "from_config") else cls(**arguments)
        except TypeError as error:
            if isinstance(error, UnknownObjectError):
                raise
            raise ValueError(
                f"the configuration {arguments!r} does not fit the {self.kind} {cls.__name__}: {error}"
            ) from None
