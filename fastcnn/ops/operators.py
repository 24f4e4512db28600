"""What the operators and the writing methods of tensors and variables do: the ops of the same names."""

from collections.abc import Callable
from typing import Any

from fastcnn.graph.operand import define_operator
from fastcnn.ops import arrange, linear, logic, math, state
from fastcnn.ops.assign import assign

OPERATORS: dict[str, Callable[..., Any]] = {
    "abs": math.abs,
    "add": math.add,
    "assign": assign,
    "assign_add": state.assign_add,
    "floordiv": math.floor_divide,
    "ge": logic.greater_equal,
    "gt": logic.greater,
    "getitem": arrange.getitem,
    "matmul": linear.matmul,
    "mod": math.mod,
    "mul": math.multiply,
    "neg": math.negative,
    "pow": math.power,
    "sub": math.subtract,
    "truediv": math.divide,
}
for name, function in OPERATORS.items():
    define_operator(name, function)
