"""What ops that multiply have in common: the attribute `bfloat16`, by which they round their operands first."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastcnn.graph import Op
from fastcnn.reference.bfloat16 import rounded_to_bfloat16


def multiplies(*operands: int) -> Callable[[type[Op]], type[Op]]:
    """Class decorator: these inputs are multiplied with each other. The op takes the attribute `bfloat16` besides its
    own, and the reference rounds them where it is true."""

    def decorate(definition: type[Op]) -> type[Op]:
        infer, reference = definition.infer, definition.reference

        def infer_products(self: Any, *inputs: Any, bfloat16: bool = False, **attributes: Any) -> Any:
            return infer(self, *inputs, **attributes)

        def rounding_reference(*inputs: Any, bfloat16: bool = False, **attributes: Any) -> Any:
            arrays = list(inputs)
            if bfloat16:
                for index in operands:
                    arrays[index] = rounded_to_bfloat16(arrays[index])
            return reference(*arrays, **attributes)

        definition.products = operands
        definition.infer = infer_products  # type: ignore[method-assign]
        definition.reference = staticmethod(rounding_reference)
        return definition

    return decorate
