"""Activation functions by name, as layers take them: `Dense(10, activation="softmax")`."""

from __future__ import annotations

from collections.abc import Callable
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
ALIASES: dict[str, Callable[..., Any]] = {**FUNCTIONS, "swish": silu, "hard_swish": hard_silu}


def get(identifier: Any) -> Callable[..., Any]:
    """The activation function meant by `identifier`.

    Args:
        identifier: A name such as `"relu"`, a function of one tensor written with `fastcnn.ops`, or None.

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
    return identifier if callable(identifier) else lookup("activation", identifier, ALIASES)


def serialize(activation: Callable[..., Any]) -> str:
    """The name from which `deserialize` finds an activation function again.

    Args:
        activation: A function of this module.

    Returns:
        Its name.

    Raises:
        ValueError: It is a function of another origin, which no file can hold.

    Example:

    >>> from fastcnn import activations
    >>> activations.serialize(activations.softmax)
    'softmax'
    """
    name = getattr(activation, "__name__", "")
    if FUNCTIONS.get(name) is not activation:
        raise ValueError(
            f"the activation {activation!r} cannot be saved, for it is no function of fastcnn.activations; "
            "write a layer with get_config() for it"
        )
    return name


def deserialize(name: str) -> Callable[..., Any]:
    """The activation function of a name; see `get`."""
    return get(name)
