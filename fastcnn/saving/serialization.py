"""Configurations of any object, in Keras's form: `serialize_keras_object` and `deserialize_keras_object`.

The classes and functions of this package are found by the module that Keras has them in and by their names; those of
the user by `fastcnn.utils.custom_objects`. Code is neither written nor run.
"""

from __future__ import annotations

import types
from collections.abc import Mapping
from typing import Any

import numpy as np

from fastcnn import activations, constraints, initializers, losses, metrics, optimizers, regularizers
from fastcnn.layers import registry
from fastcnn.utils.custom_objects import (
    FUNCTION,
    custom_object_scope,
    find,
    function_config,
    get_registered_name,
    known,
)
from fastcnn.utils.family import Family

PLAIN = (str, int, float, bool)
FAMILIES: dict[str, Family] = {
    family.module: family
    for family in (
        activations.FAMILY,
        constraints.FAMILY,
        initializers.FAMILY,
        losses.FAMILY,
        metrics.FAMILY,
        optimizers.FAMILY,
        optimizers.schedules.FAMILY,
        regularizers.FAMILY,
    )
}
FUNCTIONS: dict[str, dict[str, Any]] = {
    "keras.activations": dict(activations.FUNCTIONS),
    "keras.losses": {function.__name__: function for function in losses.CLASSES},
    "keras.metrics": {function.__name__: function for function in metrics.CLASSES},
}
"""This package's functions that configurations may name, by Keras's module."""


def serialize_keras_object(obj: Any) -> Any:
    """The configuration from which `deserialize_keras_object` makes an equal object.

    Args:
        obj: A layer, model, loss, metric, optimizer, schedule, initializer, regularizer or constraint, a function with
            a name, plain values and arrays, or lists, tuples and dictionaries of these.

    Returns:
        What JSON can hold.

    Raises:
        ValueError: It is a function without a name.
        TypeError: It has no `get_config`.

    Example:

    >>> from fastcnn import regularizers, saving
    >>> saving.serialize_keras_object({"penalty": regularizers.L2(0.5)})["penalty"]["config"]
    {'l2': 0.5}
    """
    if obj is None or isinstance(obj, PLAIN):
        return obj
    if isinstance(obj, (list, tuple)):
        members = [serialize_keras_object(member) for member in obj]
        return tuple(members) if isinstance(obj, tuple) else members
    if isinstance(obj, Mapping):
        return {key: serialize_keras_object(value) for key, value in obj.items()}
    if isinstance(obj, np.generic) or (isinstance(obj, np.ndarray) and obj.ndim == 0):
        return obj.item()
    if isinstance(obj, np.ndarray):
        return {"class_name": "__numpy__", "config": {"value": obj.tolist(), "dtype": obj.dtype.name}}
    if isinstance(obj, bytes):
        return {"class_name": "__bytes__", "config": {"value": obj.decode()}}
    if isinstance(obj, slice):
        return {"class_name": "__slice__", "config": {"start": obj.start, "stop": obj.stop, "step": obj.step}}
    if obj is Ellipsis:
        return {"class_name": "__ellipsis__", "config": {}}
    if isinstance(obj, types.FunctionType):
        return serialized_function(obj)
    if not hasattr(obj, "get_config"):
        raise TypeError(
            f"Cannot serialize object {obj!r} of type {type(obj)}. To be serializable, a class must implement the "
            "`get_config()` method."
        )
    if registry.LAYERS.get(type(obj).__name__) is type(obj):
        config = registry.serialize(obj)
    else:
        family = next((f for f in FAMILIES.values() if type(obj) in f.built_in), None)
        config = (family.serialize(obj) or {}) if family else own_config(obj)
    config["config"] = serialize_keras_object(config["config"])
    compiled = obj.get_compile_config() if hasattr(obj, "get_compile_config") else None
    return {**config, "compile_config": compiled} if compiled else config


def own_config(obj: Any) -> dict[str, Any]:
    """The configuration of an object of a class of the user's."""
    cls = type(obj)
    config = obj.get_config()
    if not isinstance(config, dict):
        raise TypeError(f"The `get_config()` method of {obj!r} should return a dict. It returned: {config!r}")
    return {
        "module": cls.__module__,
        "class_name": cls.__name__,
        "config": config,
        "registered_name": get_registered_name(cls),
    }


def serialized_function(function: Any) -> dict[str, Any]:
    """The configuration of a function: its name, and the module that has it."""
    name = function.__name__
    for module, table in FUNCTIONS.items():
        if table.get(name) is function:
            return {"module": module, "class_name": FUNCTION, "config": name, "registered_name": name}
    return function_config(function, "function")


def deserialize_keras_object(
    config: Any, custom_objects: Mapping[str, Any] | None = None, safe_mode: bool = True
) -> Any:
    """The object that a configuration describes.

    Args:
        config: What `serialize_keras_object` returned, of this package or of Keras.
        custom_objects: Classes and functions of yours, by name.
        safe_mode: True: code in a configuration is never run.

    Returns:
        A new object. What describes none (plain values, lists, dictionaries) is returned as it is, with the objects in
        it made.

    Raises:
        ValueError: Something is not known by that name, arguments do not fit, the configuration holds code, or
            `safe_mode` is False.
        TypeError: It is no configuration.

    Example:

    >>> from fastcnn import regularizers, saving
    >>> config = saving.serialize_keras_object(regularizers.L2(0.5))
    >>> saving.deserialize_keras_object(config).get_config()
    {'l2': 0.5}
    """
    check_safe(safe_mode)
    with custom_object_scope(custom_objects):
        return made(config)


def check_safe(safe_mode: bool) -> None:
    """Raise ValueError for safe_mode=False, which asks for code from a file to be run."""
    if safe_mode is not True:
        raise ValueError(
            f"safe_mode must be True, received {safe_mode!r}: fastcnn never runs code that comes out of a file; name "
            "your functions and pass them as custom_objects"
        )


def made(config: Any) -> Any:
    """The object of a configuration, or a structure of them."""
    if isinstance(config, str):
        return known({}).get(config, config)
    if config is None or isinstance(config, PLAIN):
        return config
    if isinstance(config, (list, tuple)):
        return [made(member) for member in config]
    if not isinstance(config, Mapping):
        raise TypeError(f"Could not parse config: {config!r}")
    if "class_name" not in config or "config" not in config:
        return {key: made(value) for key, value in config.items()}
    name, inner = config["class_name"], config["config"]
    if isinstance(name, str) and name.startswith("__"):
        return special(name, inner)
    module = str(config.get("module"))
    if name == FUNCTION:
        return find("function", config, FUNCTIONS.get(module, {}))
    if not isinstance(inner, Mapping):
        raise TypeError(f"Expected 'config' to be a dict for {name},\ninstead got {type(inner)}\nFull config: {config}")
    family = FAMILIES.get(module)
    if family is not None:
        return family.deserialize(dict(config))
    cls = find("class", config, registry.LAYERS)
    if registry.LAYERS.get(cls.__name__) is cls or not hasattr(cls, "from_config"):
        obj = registry.deserialize(config)
    else:
        obj = cls.from_config(dict(inner))
    if config.get("compile_config") and hasattr(obj, "compile_from_config"):
        obj.compile_from_config(config["compile_config"])
    return obj


def special(name: str, config: Any) -> Any:
    """What Keras writes for things that have no configuration of their own.

    Raises:
        ValueError: It is code, or not known.
    """
    if name == "__lambda__":
        raise ValueError(
            "the configuration holds the code of a Python lambda, which fastcnn never runs: write a function with a "
            "name, and pass it as custom_objects"
        )
    if name in ("__numpy__", "__tensor__"):
        return np.array(config["value"], dtype=np.dtype(config["dtype"]))
    if name == "__bytes__":
        return config["value"].encode()
    if name == "__slice__":
        return slice(made(config["start"]), made(config["stop"]), made(config["step"]))
    if name == "__ellipsis__":
        return Ellipsis
    raise ValueError(f"unknown class {name!r} in a configuration")
