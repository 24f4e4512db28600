"""Layers by class name: how a configuration read from a file becomes a layer again.

Only classes named here, or given by the caller as `custom_objects`, are ever made; nothing is imported by name.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, TypeVar

from fastcnn.utils.lookup import lookup

if TYPE_CHECKING:
    from fastcnn.layers.layer import Layer

LAYERS: dict[str, type[Layer]] = {}
CUSTOM_OBJECTS: ContextVar[Mapping[str, type[Layer]] | None] = ContextVar("custom_objects", default=None)
"""The user's classes, for layers inside of the layer that is being made."""

LayerType = TypeVar("LayerType", bound="type[Layer]")


def register(cls: LayerType) -> LayerType:
    """Class decorator: make a layer class known by its name."""
    LAYERS[cls.__name__] = cls
    return cls


def serialize(layer: Layer) -> dict[str, Any]:
    """The configuration from which `deserialize` makes an equal layer, without its weights.

    Args:
        layer: A layer or model.

    Returns:
        A dictionary that JSON can hold.

    Example:

    >>> from fastcnn import layers
    >>> layers.serialize(layers.Flatten(name="flat"))["config"]
    {'name': 'flat', 'trainable': True, 'dtype': 'float32', 'data_format': 'channels_last'}
    """
    return {"class_name": type(layer).__name__, "config": layer.get_config()}


def deserialize(config: Mapping[str, Any], custom_objects: Mapping[str, type[Layer]] | None = None) -> Layer:
    """A layer from its configuration.

    Args:
        config: What `serialize` returned.
        custom_objects: The user's own classes, by class name.

    Returns:
        A new layer, not yet built.

    Raises:
        ValueError: the class is not known, or its arguments do not fit.

    Example:

    >>> from fastcnn import layers
    >>> layers.deserialize({"class_name": "Dense", "config": {"units": 3, "name": "head"}})
    <Dense name=head, built=False>
    """
    if not isinstance(config, Mapping) or not isinstance(config.get("config"), Mapping):
        raise ValueError(
            'the configuration of a layer must be a dictionary such as {"class_name": "Dense", "config": {...}}, '
            f"received {config!r}"
        )
    if custom_objects is None:
        custom_objects = CUSTOM_OBJECTS.get()
    cls = lookup("layer", config.get("class_name", ""), {**LAYERS, **(custom_objects or {})})
    arguments = dict(config["config"])
    outer = CUSTOM_OBJECTS.set(custom_objects)
    try:
        return cls.from_config(arguments)
    except TypeError as error:
        raise ValueError(f"the configuration {arguments!r} does not fit the layer {cls.__name__}: {error}") from None
    finally:
        CUSTOM_OBJECTS.reset(outer)
