"""Activation functions by name, as layers take them: `Dense(10, activation="softmax")`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from fastcnn.activations.functions import (
    celu,
    elu,
    exponential,
    gelu,
    glu,
    hard_shrink,
    hard_sigmoid,
    hard_silu,
    hard_tanh,
    leaky_relu,
    linear,
    log_sigmoid,
    log_softmax,
    mish,
    relu,
    relu6,
    selu,
    sigmoid,
    silu,
    soft_shrink,
    softmax,
    softplus,
    softsign,
    sparse_plus,
    sparse_sigmoid,
    sparsemax,
    squareplus,
    tanh,
    tanh_shrink,
    threshold,
)
from fastcnn.utils.custom_objects import custom_object_scope, known
from fastcnn.utils.family import Family
from fastcnn.utils.lookup import lookup

__all__ = [
    "celu",
    "deserialize",
    "elu",
    "exponential",
    "gelu",
    "get",
    "glu",
    "hard_shrink",
    "hard_sigmoid",
    "hard_silu",
    "hard_swish",
    "hard_tanh",
    "leaky_relu",
    "linear",
    "log_sigmoid",
    "log_softmax",
    "mish",
    "relu",
    "relu6",
    "selu",
    "serialize",
    "sigmoid",
    "silu",
    "soft_shrink",
    "softmax",
    "softplus",
    "softsign",
    "sparse_plus",
    "sparse_sigmoid",
    "sparsemax",
    "squareplus",
    "swish",
    "tanh",
    "tanh_shrink",
    "threshold",
]

FUNCTIONS: dict[str, Callable[..., Any]] = {
    function.__name__: function
    for function in (
        celu,
        elu,
        exponential,
        gelu,
        glu,
        hard_shrink,
        hard_sigmoid,
        hard_silu,
        hard_tanh,
        leaky_relu,
        linear,
        log_sigmoid,
        log_softmax,
        mish,
        relu,
        relu6,
        selu,
        sigmoid,
        silu,
        soft_shrink,
        softmax,
        softplus,
        softsign,
        sparse_plus,
        sparse_sigmoid,
        sparsemax,
        squareplus,
        tanh,
        tanh_shrink,
        threshold,
    )
}
swish, hard_swish = silu, hard_silu
ALIASES: dict[str, Callable[..., Any]] = {**FUNCTIONS, "swish": swish, "hard_swish": hard_swish}
FAMILY = Family("activation", "keras.activations", ALIASES)


def get(identifier: Any) -> Callable[..., Any]:
    """The activation function meant by `identifier`.

    Args:
        identifier: A name such as `"relu"`, a function of one tensor written with `fastcnn.ops`, what `serialize`
            returned, or None.

    Returns:
        The function; `linear` for None.

    Raises:
        ValueError: An unknown name; the nearest one is suggested.
        TypeError: Neither a name nor callable.

    Example:

    >>> from fastcnn import activations
    >>> activations.get("relu")([-1.0, 2.0])
    array([0., 2.], dtype=float32)
    """
    if identifier is None:
        return linear
    if isinstance(identifier, dict):
        return deserialize(identifier)
    return identifier if callable(identifier) else lookup("activation", identifier, known(ALIASES))


def serialize(activation: Callable[..., Any]) -> Any:
    """The name from which `deserialize` finds an activation function again.

    Args:
        activation: A function of this module, or one of your own that has a name.

    Returns:
        Its name; for one of your own a dictionary with it.

    Raises:
        ValueError: It has no name.

    Example:

    >>> from fastcnn import activations
    >>> activations.serialize(activations.softmax)
    'softmax'
    """
    name = getattr(activation, "__name__", "")
    return name if FUNCTIONS.get(name) is activation else FAMILY.serialize(activation)


def deserialize(config: Any, custom_objects: Mapping[str, Any] | None = None) -> Callable[..., Any]:
    """The activation function of a name, or of what `serialize` returned.

    Args:
        config: The name or configuration.
        custom_objects: Functions of your own, by name.

    Raises:
        ValueError: No activation has that name.

    Example:

    >>> from fastcnn import activations
    >>> activations.deserialize("relu") is activations.relu
    True
    """
    if isinstance(config, dict):
        activation: Callable[..., Any] = FAMILY.deserialize(config, custom_objects)
        return activation
    with custom_object_scope(custom_objects):
        return get(config)
