"""Initializers: the first values of weights, with Keras's names, aliases and defaults.

An initializer is called with a shape and returns a new float32 array. Layers take one as an object, a class, a name, a
configuration, any callable `f(shape, dtype=None)` or an array with the very values; `get` turns all of these into a
callable.
"""

from collections.abc import Callable, Sequence
from typing import Any, overload

import numpy as np
from numpy.typing import DTypeLike, NDArray

from fastcnn.initializers.constant import Constant, Identity, Ones, Zeros
from fastcnn.initializers.distributions import Orthogonal, RandomNormal, RandomUniform, TruncatedNormal
from fastcnn.initializers.initializer import Initializer, checked_dtype, checked_shape
from fastcnn.initializers.variance_scaling import (
    GlorotNormal,
    GlorotUniform,
    HeNormal,
    HeUniform,
    LecunNormal,
    LecunUniform,
    VarianceScaling,
)
from fastcnn.utils.family import Family

__all__ = [
    "Constant",
    "GlorotNormal",
    "GlorotUniform",
    "HeNormal",
    "HeUniform",
    "Identity",
    "IdentityInitializer",
    "Initializer",
    "LecunNormal",
    "LecunUniform",
    "Ones",
    "Orthogonal",
    "OrthogonalInitializer",
    "RandomNormal",
    "RandomUniform",
    "TruncatedNormal",
    "VarianceScaling",
    "Zeros",
    "constant",
    "deserialize",
    "get",
    "glorot_normal",
    "glorot_uniform",
    "he_normal",
    "he_uniform",
    "identity",
    "lecun_normal",
    "lecun_uniform",
    "ones",
    "orthogonal",
    "random_normal",
    "random_uniform",
    "serialize",
    "truncated_normal",
    "variance_scaling",
    "zeros",
]

NAMES: dict[str, type[Initializer]] = {
    "constant": Constant,
    "glorot_normal": GlorotNormal,
    "glorot_uniform": GlorotUniform,
    "he_normal": HeNormal,
    "he_uniform": HeUniform,
    "identity": Identity,
    "lecun_normal": LecunNormal,
    "lecun_uniform": LecunUniform,
    "one": Ones,
    "ones": Ones,
    "orthogonal": Orthogonal,
    "normal": RandomNormal,
    "random_normal": RandomNormal,
    "random_uniform": RandomUniform,
    "uniform": RandomUniform,
    "truncated_normal": TruncatedNormal,
    "variance_scaling": VarianceScaling,
    "zero": Zeros,
    "zeros": Zeros,
}
constant, identity, ones, orthogonal, zeros = Constant, Identity, Ones, Orthogonal, Zeros
glorot_normal, glorot_uniform, he_normal, he_uniform = GlorotNormal, GlorotUniform, HeNormal, HeUniform
lecun_normal, lecun_uniform, variance_scaling = LecunNormal, LecunUniform, VarianceScaling
random_normal, random_uniform, truncated_normal = RandomNormal, RandomUniform, TruncatedNormal
IdentityInitializer, OrthogonalInitializer = Identity, Orthogonal
CLASSES: dict[str, type[Initializer]] = {cls.__name__: cls for cls in NAMES.values()}
FAMILY = Family("initializer", "keras.initializers", {**NAMES, **CLASSES})


class FixedValues(Initializer):
    """Gives a weight the very values of an array, whose shape must be the weight's."""

    def __init__(self, values: NDArray):
        self.values = values

    def __call__(self, shape: Sequence[int], dtype: DTypeLike | None = None) -> NDArray:
        if checked_shape(shape) != self.values.shape:
            raise ValueError(f"the array given as initializer has the shape {self.values.shape}, the weight {shape}")
        return np.array(self.values, dtype=checked_dtype(dtype), order="C")

    def get_config(self) -> dict[str, Any]:
        raise ValueError("an array given as initializer cannot be saved; use initializers.Constant(array) instead")


def serialize(initializer: Any) -> dict[str, Any] | None:
    """The configuration from which `deserialize` makes an equal initializer.

    Args:
        initializer: An initializer object, a function of your own, or None.

    Returns:
        A dictionary that JSON can hold; None for None.

    Raises:
        ValueError: It is neither an initializer nor a function with a name.

    Example:

    >>> serialize(HeNormal(seed=3))["config"]
    {'seed': 3, 'input_axes': None, 'output_axes': None}
    """
    return FAMILY.serialize(initializer)


def deserialize(
    config: dict[str, Any] | str | None, custom_objects: dict[str, type[Initializer]] | None = None
) -> Initializer | None:
    """An initializer from its configuration.

    Args:
        config: What `serialize` returned, or a name.
        custom_objects: Classes of the user's own, by class name.

    Returns:
        A new initializer; None for None.

    Raises:
        TypeError: `config` is no dictionary or name.
        ValueError: The class is unknown, or its arguments do not fit.

    Example:

    >>> deserialize({"class_name": "HeNormal", "config": {"seed": 3}}).seed
    3
    """
    return FAMILY.deserialize(config, custom_objects)


@overload
def get(identifier: None) -> None: ...
@overload
def get(identifier: Any) -> Callable[..., NDArray]: ...
def get(identifier: Any) -> Callable[..., NDArray] | None:
    """The initializer meant by `identifier`.

    Args:
        identifier: A name such as `"he_normal"` or `"HeNormal"`, a configuration, an initializer's object or class,
            any callable `f(shape, dtype=None)`, or an array whose values the weight shall have.

    Returns:
        A callable `f(shape, dtype=None)` that returns an array; None for None.

    Raises:
        ValueError: None of the above, an unknown name (the nearest is suggested), or a configuration that does not fit.

    Example:

    >>> get("zeros")((2,))
    array([0., 0.], dtype=float32)
    """
    if identifier is None or isinstance(identifier, (str, dict)):
        return deserialize(identifier)
    if isinstance(identifier, (np.ndarray, np.generic)):
        return FixedValues(np.array(identifier))
    if isinstance(identifier, type):
        identifier = identifier()
    if not callable(identifier):
        raise ValueError(
            'an initializer must be a name such as "he_normal", an initializer object, a function of a shape, '
            f"or an array, not {identifier!r}"
        )
    return identifier
