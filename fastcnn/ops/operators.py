"""What the operators and the writing methods of tensors and variables do: the ops of the same names."""

from collections.abc import Callable
from typing import Any

from fastcnn.graph.operand import define_operator
from fastcnn.ops.assign import assign
from fastcnn.ops.recorded import WRAPPERS
from fastcnn.ops.state import assign_add

OPERATORS: dict[str, Callable[..., Any]] = {
    "abs": WRAPPERS["absolute"],
    "add": WRAPPERS["add"],
    "assign": assign,
    "assign_add": assign_add,
    "floordiv": WRAPPERS["floor_divide"],
    "ge": WRAPPERS["greater_equal"],
    "gt": WRAPPERS["greater"],
    "getitem": WRAPPERS["get_item"],
    "le": WRAPPERS["less_equal"],
    "lt": WRAPPERS["less"],
    "matmul": WRAPPERS["matmul"],
    "mod": WRAPPERS["mod"],
    "mul": WRAPPERS["multiply"],
    "neg": WRAPPERS["negative"],
    "pow": WRAPPERS["power"],
    "sub": WRAPPERS["subtract"],
    "truediv": WRAPPERS["true_divide"],
}
for name, function in OPERATORS.items():
    define_operator(name, function)
