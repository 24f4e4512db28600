"""How a public op acts: on arrays it runs at once, on symbolic tensors it records a node."""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any

import numpy as np

from fastcnn.graph import OPS, Node, SymbolicCall, SymbolicTensor, Tensor, Variable, constant, emit
from fastcnn.graph.open_sizes import TRIALS, is_open, stand_in
from fastcnn.graph.recording import is_recording, note_effect
from fastcnn.graph.symbolic import symbols_of
from fastcnn.plan.eager import run_node


def floats(value: Any) -> Tensor | Variable | np.ndarray:
    """A tensor or a variable as it is, class numbers converted; anything else as a C-contiguous float32 array of native
    byte order."""
    if isinstance(value, Tensor) and value.dtype == "int32":
        return apply("cast", value, dtype="float32")
    if isinstance(value, (Tensor, Variable)):
        return value
    return numbers(value, "float32")


def integers(value: Any) -> Tensor | Variable | np.ndarray:
    """A tensor or a variable as it is, floats converted towards zero; anything else as a C-contiguous int32 array.

    Raises:
        ValueError: the value has fractions or NaN.
    """
    if isinstance(value, Tensor) and value.dtype == "float32":
        return apply("cast", value, dtype="int32")
    if isinstance(value, (Tensor, Variable)):
        return value
    array = np.asarray(value)
    if array.dtype.kind == "f" and not np.array_equal(array, np.trunc(array)):
        raise ValueError("expected whole numbers, such as classes, received fractions or NaN")
    return numbers(array, "int32")


def numbers(value: Any, dtype: str) -> Tensor | np.ndarray:
    """A value as an array of one dtype; an array that is one already is not copied."""
    array = np.asarray(value)
    if array.dtype.kind not in "biuf":
        raise TypeError(f"expected numbers, received an array of dtype {array.dtype}; convert it to float32 first")
    return np.ascontiguousarray(array, dtype=dtype).reshape(array.shape)


BFLOAT16: ContextVar[bool] = ContextVar("bfloat16", default=False)
"""Whether ops round what they multiply to bfloat16: set by the layer that is running, as its dtype policy has it."""


def apply(op_name: str, *operands: Any, **attributes: Any) -> Any:
    """Apply an op to operands: Tensor, Variable or array; those that are None are left out.

    Returns an output, or a tuple of them: arrays if all operands are arrays or, outside of `recording`, variables;
    else symbolic tensors. Of a functional model's tensors (`SymbolicTensor`), such tensors.
    """
    given = [operand for operand in operands if operand is not None]
    if BFLOAT16.get() and OPS[op_name].products:
        attributes["bfloat16"] = True
    if any(isinstance(operand, SymbolicTensor) for operand in given):
        return record(op_name, given, attributes)
    symbolic = (Tensor, Variable) if is_recording() else Tensor
    if any(isinstance(operand, symbolic) for operand in given):
        recorded = emit(op_name, *map(as_tensor, given), **attributes)
        if OPS[op_name].in_place:
            note_effect(recorded if isinstance(recorded, Tensor) else recorded[0])
        return recorded
    arrays = [operand.value if isinstance(operand, Variable) else operand for operand in given]
    node = Node(OPS[op_name], [Tensor(array.shape, array.dtype.name) for array in arrays], attributes)
    outputs = run_node(node, arrays)
    return outputs[0] if len(outputs) == 1 else tuple(outputs)


def record(op_name: str, operands: list[Any], attributes: dict[str, Any]) -> Any:
    """The outputs of an op as tensors of a functional model."""

    def trial(size: int) -> tuple[Tensor, ...]:
        plain = [stand_in(leaf, size) if isinstance(leaf, SymbolicTensor) else as_tensor(leaf) for leaf in operands]
        return Node(OPS[op_name], plain, attributes).outputs

    trials = [trial(size) for size in (TRIALS if any(is_open(leaf.shape) for leaf in operands) else TRIALS[:1])]
    call = SymbolicCall(op_name, tuple(operands), attributes)
    outputs = symbols_of(call, trials[0], trials[-1])
    return outputs[0] if len(outputs) == 1 else tuple(outputs)


def together(*values: Any) -> list[Any]:
    """Operands of one function, as `floats` has them; variables as tensors where another operand is one, so that what
    is done with each by itself is recorded, too."""
    operands = [floats(value) for value in values]
    if any(isinstance(operand, Tensor) for operand in operands):
        return [operand.tensor if isinstance(operand, Variable) else operand for operand in operands]
    return operands


def as_tensor(operand: Tensor | Variable | np.ndarray) -> Tensor:
    """The operand of a symbolic op: a variable as its tensor, an array as a constant."""
    if isinstance(operand, Tensor):
        return operand
    if isinstance(operand, Variable):
        return operand.tensor
    return constant(operand)
