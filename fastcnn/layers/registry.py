"""Layers by class name: how a configuration read from a file becomes a layer again.

Only classes named here, or by the user (see `fastcnn.utils.custom_objects`), are ever made; nothing is imported by its
name.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from fastcnn.utils.custom_objects import UnknownObjectError, custom_object_scope, find, get_registered_name

if TYPE_CHECKING:
    from fastcnn.layers.layer import Layer

LAYERS: dict[str, type[Layer]] = {}
MODELS = {"Sequential": "keras", "Functional": "keras.src.models.functional", "Model": "keras"}
"""The modules of Keras that have its models."""

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
    cls = type(layer)
    own = LAYERS.get(cls.__name__) is not cls
    return {
        "module": cls.__module__ if own else MODELS.get(cls.__name__, "keras.layers"),
        "class_name": cls.__name__,
        "config": layer.get_config(),
        "registered_name": get_registered_name(cls) if own or cls.__name__ == "Functional" else None,
    }


def deserialize(config: Mapping[str, Any], custom_objects: Mapping[str, Any] | None = None) -> Layer:
    """A layer from its configuration.

    Args:
        config: What `serialize` returned.
        custom_objects: The user's own classes and functions, by name.

    Returns:
        A new layer, not yet built.

    Raises:
        TypeError: it is no configuration.
        ValueError: the class is not known, or its arguments do not fit.

    Example:

    >>> from fastcnn import layers
    >>> layers.deserialize({"class_name": "Dense", "config": {"units": 3, "name": "head"}})
    <Dense name=head, built=False>
    """
    if not isinstance(config, Mapping) or not isinstance(config.get("config"), Mapping):
        raise TypeError(
            'the configuration of a layer must be a dictionary such as {"class_name": "Dense", "config": {...}}, '
            f"received {config!r}"
        )
    cls = find("layer", {"class_name": "", **config}, LAYERS, custom_objects)
    arguments = dict(config["config"])
    try:
        with custom_object_scope(custom_objects):
            layer: Layer = cls.from_config(arguments)
    except TypeError as error:
        if isinstance(error, UnknownObjectError):
            raise
        raise ValueError(f"the configuration {arguments!r} does not fit the layer {cls.__name__}: {error}") from None
    return layer
