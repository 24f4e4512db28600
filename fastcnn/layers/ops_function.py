"""A call of a function of `fastcnn.ops` as a layer: what a functional model keeps of `ops.mean(x, axis=1)` or of
`x[:, 1:]` on its tensors."""

from __future__ import annotations

from typing import Any

import numpy as np

from fastcnn.layers.naming import auto_name
from fastcnn.layers.operation import Operation, as_tuple
from fastcnn.layers.registry import register
from fastcnn.ops.recorded import RECORDED


@register
class OpsFunction(Operation):
    """Calls a function of `fastcnn.ops`. Functional models make these layers by themselves.

    Args:
        function: its name.
        attributes: its arguments behind the tensors, by name.

    Raises:
        ValueError: there is no such function.

    Example:

    >>> import numpy as np
    >>> from fastcnn.layers import OpsFunction
    >>> OpsFunction("mean", {"axis": 1})(np.ones((2, 3)))
    array([1., 1.], dtype=float32)
    """

    def __init__(
        self, function: str, attributes: dict[str, Any] | None = None, name: str | None = None, **kwargs: Any
    ) -> None:
        if function not in RECORDED:
            raise ValueError(f"there is no function {function!r} that a model could hold")
        super(Operation, self).__init__(name=auto_name(function) if name is None else name, **kwargs)
        self.recorded = RECORDED[function]
        self.attributes = {key: as_tuple(value) for key, value in (attributes or {}).items()}
        self.built = True

    @property
    def kind(self) -> str:
        """What summaries call it: Keras's class."""
        return self.recorded.keras_class

    def call(self, *operands: Any, **more: Any) -> Any:
        operands = tuple(as_tuple(one) if is_index(one) else one for one in operands)
        return self.recorded(*operands, **self.attributes, **more)

    def get_config(self) -> dict[str, Any]:
        return {**super(Operation, self).get_config(), "function": self.recorded.name, "attributes": self.attributes}


def is_index(value: Any) -> bool:
    """Whether an operand is an index, of slices and numbers, which JSON makes a list."""
    return isinstance(value, (list, tuple)) and all(
        member is None or member is Ellipsis or isinstance(member, (slice, int, np.integer)) for member in value
    )
