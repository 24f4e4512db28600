"""Arithmetic on tensors and variables by operators: `x * 2`, `a - b`, `-x`.

The graph knows no ops; the floor above gives each operator its function by `define_operator`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

OPERATORS: dict[str, Callable[..., Any]] = {}


def define_operator(name: str, function: Callable[..., Any]) -> None:
    """Let an operator, by the name of its method without underscores, be a function of its operands."""
    OPERATORS[name] = function


class Operand:
    """What operators can be written on."""

    __array_ufunc__ = None  # NumPy's operators hand over to those here

    @property
    def operand(self) -> Any:
        """What the operators act on."""
        return self

    def __getitem__(self, index: Any) -> Any:
        return OPERATORS["getitem"](self.operand, index)

    def __add__(self, other: Any) -> Any:
        return OPERATORS["add"](self.operand, other)

    def __radd__(self, other: Any) -> Any:
        return OPERATORS["add"](other, self.operand)

    def __sub__(self, other: Any) -> Any:
        return OPERATORS["sub"](self.operand, other)

    def __rsub__(self, other: Any) -> Any:
        return OPERATORS["sub"](other, self.operand)

    def __mul__(self, other: Any) -> Any:
        return OPERATORS["mul"](self.operand, other)

    def __rmul__(self, other: Any) -> Any:
        return OPERATORS["mul"](other, self.operand)

    def __truediv__(self, other: Any) -> Any:
        return OPERATORS["truediv"](self.operand, other)

    def __rtruediv__(self, other: Any) -> Any:
        return OPERATORS["truediv"](other, self.operand)

    def __matmul__(self, other: Any) -> Any:
        return OPERATORS["matmul"](self.operand, other)

    def __rmatmul__(self, other: Any) -> Any:
        return OPERATORS["matmul"](other, self.operand)

    def __pow__(self, other: Any) -> Any:
        return OPERATORS["pow"](self.operand, other)

    def __rpow__(self, other: Any) -> Any:
        return OPERATORS["pow"](other, self.operand)

    def __floordiv__(self, other: Any) -> Any:
        return OPERATORS["floordiv"](self.operand, other)

    def __mod__(self, other: Any) -> Any:
        return OPERATORS["mod"](self.operand, other)

    def __neg__(self) -> Any:
        return OPERATORS["neg"](self.operand)

    def __abs__(self) -> Any:
        return OPERATORS["abs"](self.operand)

    def __gt__(self, other: Any) -> Any:
        return OPERATORS["gt"](self.operand, other)

    def __ge__(self, other: Any) -> Any:
        return OPERATORS["ge"](self.operand, other)

    def __lt__(self, other: Any) -> Any:
        return OPERATORS["lt"](self.operand, other)

    def __le__(self, other: Any) -> Any:
        return OPERATORS["le"](self.operand, other)
