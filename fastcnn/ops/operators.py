"""What the operators of tensors and variables do: the ops of the same names."""

from collections.abc import Callable
from typing import Any

from fastcnn.graph.operand import define_operator
from fastcnn.ops import linear, math

OPERATORS: dict[str, Callable[..., Any]] = {
    "abs": math.abs,
    "add": math.add,
    "ge": math.greater_equal,
    "gt": math.greater,
    "matmul": linear.matmul,
    "mul": math.multiply,
    "neg": math.negative,
    "sub": math.subtract,
    "truediv": math.divide,
}
for name, function in OPERATORS.items():
    define_operator(name, function)
