"""Dtype policies: in which types layers keep their weights and multiply, by the names of `keras.dtype_policies`."""

from __future__ import annotations

from typing import Any

import numpy as np

from fastcnn.dtype_policies.dtype_policy import DTypePolicy, dtype_policy, set_dtype_policy

__all__ = ["DTypePolicy", "deserialize", "dtype_policy", "get", "serialize", "set_dtype_policy"]


def get(identifier: Any) -> DTypePolicy:
    """The policy that an argument stands for.

    Args:
        identifier: a policy, its name, what `serialize` returned, the type float32, or None for the global policy.

    Raises:
        ValueError: it is none of these, or there is no such policy.

    Example:

    >>> from fastcnn import dtype_policies
    >>> dtype_policies.get("mixed_bfloat16")
    <DTypePolicy "mixed_bfloat16">
    """
    if isinstance(identifier, DTypePolicy):
        return identifier
    if isinstance(identifier, dict):
        return deserialize(identifier)
    if identifier is None:
        return dtype_policy()
    if not isinstance(identifier, str):
        try:
            identifier = np.dtype(identifier).name
        except TypeError:
            raise ValueError(
                "dtype must be the name of a policy, such as 'mixed_bfloat16', or a DTypePolicy; "
                f"received {identifier!r}"
            ) from None
    return DTypePolicy(identifier)


def serialize(dtype_policy: DTypePolicy) -> dict[str, Any]:
    """The configuration of a policy, from which `deserialize` makes it again."""
    return {
        "module": "keras",
        "class_name": "DTypePolicy",
        "config": dtype_policy.get_config(),
        "registered_name": None,
    }


def deserialize(config: dict[str, Any], custom_objects: Any = None) -> DTypePolicy:
    """The policy of a configuration.

    Args:
        config: what `serialize` returned.
        custom_objects: taken and ignored: there are no other policies.

    Raises:
        ValueError: it is the configuration of something else.
    """
    if config.get("class_name") not in ("DTypePolicy", "FloatDTypePolicy"):
        raise ValueError(f"config must be that of a DTypePolicy, received {config!r}")
    return DTypePolicy.from_config(config["config"])
