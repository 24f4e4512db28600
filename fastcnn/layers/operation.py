"""A single op as a layer: what a functional model keeps of `ops.add(x, y)` or `x * 2` on its tensors."""

from __future__ import annotations

from typing import Any

import numpy as np

from fastcnn.graph import OPS
from fastcnn.layers.layer import Layer
from fastcnn.layers.naming import auto_name
from fastcnn.layers.registry import register
from fastcnn.ops.dispatch import apply


@register
class Operation(Layer):
    """Applies an op of `fastcnn.ops` to its inputs. Functional models make these layers by themselves.

    Args:
        op: the name of the op.
        attributes: its attributes.

    Raises:
        ValueError: there is no such op, or it changes its inputs.

    Example:

    >>> import numpy as np
    >>> from fastcnn.layers import Operation
    >>> Operation("add")(np.ones((1, 2)), np.ones((1, 2)))
    array([[2., 2.]], dtype=float32)
    """

    def __init__(
        self, op: str, attributes: dict[str, Any] | None = None, name: str | None = None, **kwargs: Any
    ) -> None:
        if op not in OPS or OPS[op].in_place:
            raise ValueError(f"there is no op {op!r} that a model could hold")
        super().__init__(name=auto_name(op) if name is None else name, **kwargs)
        self.op = op
        self.attributes = {key: as_tuple(value) for key, value in (attributes or {}).items()}
        self.built = True

    def call(self, inputs: Any, *others: Any) -> Any:
        return apply(self.op, inputs, *map(as_operand, others), **self.attributes)

    def pass_on_masks(self, inputs: Any, previous_mask: Any, outputs: Any) -> None:
        """Nothing: what an op gives has no mask, as in Keras."""

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "op": self.op, "attributes": self.attributes}


def as_operand(value: Any) -> Any:
    """Numbers, which a configuration holds as JSON, as arrays again; the floats of arrays as float32."""
    is_plain = isinstance(value, (list, float, int)) or getattr(value, "dtype", None) == np.float64
    return np.asarray(value, "float32") if is_plain else value


def as_tuple(value: Any) -> Any:
    """Lists, which JSON makes of tuples, as tuples again, and NumPy's numbers as Python's."""
    if isinstance(value, np.generic):
        return value.item()
    return tuple(map(as_tuple, value)) if isinstance(value, (list, tuple)) else value
