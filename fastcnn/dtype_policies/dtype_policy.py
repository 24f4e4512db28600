"""`DTypePolicy`, and the policy of layers that are given none."""

from __future__ import annotations

from typing import Any

COMPUTE_DTYPES = {"float32": "float32", "mixed_bfloat16": "bfloat16"}
"""Names of policies, and the type in which layers with them multiply."""


class DTypePolicy:
    """How a layer keeps its weights and multiplies.

    Args:
        name: "float32", or "mixed_bfloat16": weights, sums, activations and gradients are float32, and what matrix
            products and convolutions multiply, forward and in their gradients, is rounded to bfloat16 first. Default
            None: the global policy.

    Raises:
        TypeError: the name is no string.
        ValueError: there is no such policy here.

    Source: as `keras.DTypePolicy`.

    Example:

    >>> from fastcnn import dtype_policies, layers
    >>> layer = layers.Dense(10, dtype=dtype_policies.DTypePolicy("mixed_bfloat16"))
    >>> layer.dtype_policy, layer.compute_dtype, layer.variable_dtype
    (<DTypePolicy "mixed_bfloat16">, 'bfloat16', 'float32')
    """

    def __init__(self, name: str | None = None) -> None:
        if name is None:
            name = dtype_policy().name
        if not isinstance(name, str):
            raise TypeError(f"name must be a string, such as 'mixed_bfloat16', received name={name!r}")
        if name not in COMPUTE_DTYPES:
            raise ValueError(
                "dtype policy must be 'float32' or 'mixed_bfloat16', the policies that fastcnn has; "
                f"received {name!r}. Arrays of other dtypes are converted to float32 when used"
            )
        self._name = name

    @property
    def name(self) -> str:
        """The name."""
        return self._name

    @property
    def compute_dtype(self) -> str:
        """The type in which products are made: "float32" or "bfloat16"."""
        return COMPUTE_DTYPES[self._name]

    @property
    def variable_dtype(self) -> str:
        """The type of weights: "float32"."""
        return "float32"

    @property
    def quantization_mode(self) -> None:
        """None: weights are not quantized."""
        return None

    def get_config(self) -> dict[str, Any]:
        """The arguments of the constructor."""
        return {"name": self._name}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> DTypePolicy:
        """A policy from what `get_config` returned."""
        return cls(**config)

    def __repr__(self) -> str:
        return f'<DTypePolicy "{self._name}">'

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DTypePolicy) and self._name == other._name

    def __hash__(self) -> int:
        return hash(self._name)


current = DTypePolicy("float32")


def dtype_policy() -> DTypePolicy:
    """The policy of layers that are made without one."""
    return current


def set_dtype_policy(policy: str | DTypePolicy) -> None:
    """Set the policy of layers that are made from now on without one.

    Args:
        policy: "float32", "mixed_bfloat16", or a `DTypePolicy`.

    Raises:
        ValueError: any other value.

    Example:

    >>> import fastcnn
    >>> fastcnn.config.set_dtype_policy("mixed_bfloat16")
    >>> fastcnn.layers.Dense(10).compute_dtype
    'bfloat16'
    >>> fastcnn.config.set_dtype_policy("float32")
    """
    global current
    if not isinstance(policy, (str, DTypePolicy)):
        raise ValueError(f"policy must be a name, such as 'mixed_bfloat16', or a DTypePolicy; received {policy!r}")
    current = DTypePolicy(policy) if isinstance(policy, str) else policy
