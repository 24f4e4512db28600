"""The base of all metrics: state over batches, updated by `fastcnn.ops`.

`update_state` runs at once on arrays. When a step is assembled it is traced instead: its ops and its writes to the
metric's variables become part of the step, with no Python on the way. What cannot be traced (an update that reads
values, or calls NumPy) runs between the steps.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np

from fastcnn import initializers
from fastcnn.graph import Variable
from fastcnn.layers.naming import auto_name
from fastcnn.losses.loss import checked_dtype


class Metric:
    """Base class of metrics; subclass it to write your own.

    Args:
        dtype: `None` or `"float32"`.
        name: The name under which logs and the progress bar show the metric; by default made from the class's name.

    Subclasses make variables with `add_weight` and define `update_state` and `result`. Variables are set to 0 by
    `reset_state`.

    Example:

    >>> from fastcnn import metrics, ops
    >>> class Largest(metrics.Metric):
    ...     def __init__(self, name="largest", **kwargs):
    ...         super().__init__(name=name, **kwargs)
    ...         self.value = self.add_weight(name="value")
    ...     def update_state(self, y_true, y_pred, sample_weight=None):
    ...         self.value.assign(ops.maximum(self.value, ops.max(y_pred)))
    ...     def result(self):
    ...         return self.value
    >>> float(Largest()([1, 2], [3.0, 4.0]))
    4.0
    """

    labels: ClassVar[str] = "any"
    """What `y_true` holds, in the words of `Loss.labels`."""

    def __init__(self, dtype: str | None = None, name: str | None = None) -> None:
        self.name = name or auto_name(type(self).__name__)
        self.dtype = checked_dtype(dtype)
        self._added: list[Variable] = []

    def add_variable(
        self,
        shape: Any,
        initializer: Any,
        dtype: str | None = None,
        aggregation: str | None = "sum",
        name: str | None = None,
    ) -> Variable:
        """A variable for the state.

        Args:
            shape: Its shape.
            initializer: Its first value: a name, an initializer or a function of the shape; None is zeros.
            dtype: `None` for float32; `"float64"` holds sums over long data sets exactly.
            aggregation: Without effect.
            name: Its name.

        Returns:
            A `Variable`, with `assign`, `assign_add` and `assign_sub`.
        """
        made: Callable[..., Any] = initializers.get("zeros" if initializer is None else initializer)
        value = np.asarray(made(tuple(shape)), dtype or "float32")
        variable = Variable(value.copy(), f"{self.name}/{name or 'variable'}", trainable=False)
        self._added.append(variable)
        return variable

    def add_weight(
        self, shape: Any = (), initializer: Any = None, dtype: str | None = None, name: str | None = None
    ) -> Variable:
        """A variable for the state, as `add_variable` makes it; by default a number."""
        return self.add_variable(shape, initializer, dtype, name=name)

    @property
    def variables(self) -> list[Variable]:
        """The variables that hold the state, those of metrics inside this one included."""
        found = list(self._added)
        for value in vars(self).values():
            found += [value] if isinstance(value, Variable) else value.variables if isinstance(value, Metric) else []
        return list(dict.fromkeys(found))

    def update_state(self, *args: Any, **kwargs: Any) -> None:
        """Take a batch into account: `update_state(y_true, y_pred, sample_weight=None)`."""
        raise NotImplementedError(f"{type(self).__name__} defines no update_state(y_true, y_pred)")

    def result(self) -> Any:
        """The value for all batches since the last reset."""
        raise NotImplementedError(f"{type(self).__name__} defines no result()")

    def reset_state(self) -> None:
        """Forget all batches."""
        for variable in self.variables:
            variable.assign(0)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """`update_state` followed by `result`."""
        self.update_state(*args, **kwargs)
        return self.result()

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal metric."""
        return {"name": self.name, "dtype": self.dtype}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Metric:
        """Make a metric from what `get_config` returned."""
        return cls(**config)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name}>"


def as_number(value: Any) -> Any:
    """A metric's result as logs have it: a number where it is one, else an array."""
    array = np.asarray(value)
    return float(array) if array.size == 1 and array.ndim == 0 else array


def quotient(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """a / b, and 0 where b is 0."""
    return np.divide(a, b, out=np.zeros(np.broadcast_shapes(np.shape(a), np.shape(b))), where=np.asarray(b) != 0)
