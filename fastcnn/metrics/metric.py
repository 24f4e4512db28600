"""The base of all metrics, and means.

A metric gathers state over batches. Those that are a mean over samples of some function written with `fastcnn.ops`
keep their state in one float64 array of sum and count, into which a training step adds by itself, with no Python on
the way; any other metric is updated between steps.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np

from fastcnn import ops
from fastcnn.graph import Variable
from fastcnn.losses.loss import operand, same_rank


class Metric:
    """Base class of metrics; subclass it to write your own.

    Args:
        name: The name under which logs and the progress bar show the metric; by default the class's name.

    Subclasses define `update_state`, `result` and `reset_state`.

    Example:

    >>> from fastcnn import metrics
    >>> class Largest(metrics.Metric):
    ...     value = 0.0
    ...     def update_state(self, y_true, y_pred, sample_weight=None):
    ...         self.value = max(self.value, float(np.max(y_pred)))
    ...     def result(self):
    ...         return self.value
    ...     def reset_state(self):
    ...         self.value = 0.0
    >>> Largest("largest")([1, 2], [3.0, 4.0])
    4.0
    """

    def __init__(self, name: str | None = None) -> None:
        self.name = name or type(self).__name__

    @property
    def variables(self) -> list[Variable]:
        """The arrays that hold the state."""
        return [value for value in vars(self).values() if isinstance(value, Variable)]

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Take a batch into account."""
        raise NotImplementedError(f"{type(self).__name__} defines no update_state(y_true, y_pred)")

    def result(self) -> float:
        """The value for all batches since the last reset."""
        raise NotImplementedError(f"{type(self).__name__} defines no result()")

    def reset_state(self) -> None:
        """Forget all batches."""
        for variable in self.variables:
            variable.value[...] = 0

    def __call__(self, *args: Any, **kwargs: Any) -> float:
        """`update_state` followed by `result`."""
        self.update_state(*args, **kwargs)
        return self.result()

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal metric."""
        return {"name": self.name}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Metric:
        """Make a metric from what `get_config` returned."""
        return cls(**config)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name}>"


class Mean(Metric):
    """The mean of all values given, optionally weighted.

    Args:
        name: The name shown.

    Example:

    >>> from fastcnn import metrics
    >>> mean = metrics.Mean()
    >>> mean.update_state([1, 3, 5, 7])
    >>> mean.result()
    4.0
    """

    def __init__(self, name: str = "mean") -> None:
        super().__init__(name)
        self.state = Variable(np.zeros(2), f"{name}/state", trainable=False)

    def update_state(self, values: Any, sample_weight: Any = None) -> None:  # type: ignore[override]
        """Add values. Of an array of several dimensions, each row counts as one value: its mean.

        Args:
            values: A number or an array of them.
            sample_weight: Optional weight of each row or of each value.
        """
        values = np.asarray(values, dtype="float32")
        if sample_weight is None:
            ops.accumulate(self.state, of_rows(values, 1))
            return
        values, weight = same_rank(values, np.asarray(sample_weight, dtype="float32"))
        values = of_rows(values, weight.ndim)
        weight = np.broadcast_to(weight, values.shape)
        self.state.value += of_rows(values * weight, 1).sum(dtype="float64"), of_rows(weight, 1).sum(dtype="float64")

    def result(self) -> float:
        """The mean; 0 where there were no values."""
        total, count = self.state.value.tolist()
        return total / count if count else 0.0


def of_rows(values: np.ndarray, dimensions: int) -> np.ndarray:
    """Means over all dimensions behind the first few; a number becomes a row of one."""
    if values.ndim > dimensions:
        return values.mean(axis=tuple(range(dimensions, values.ndim)))
    return np.atleast_1d(values)


class MeanMetricWrapper(Mean):
    """The mean over samples of a function of `(y_true, y_pred)`.

    Args:
        fn: Written with `fastcnn.ops`; returns a value for each sample.
        name: By default the function's name.
        **kwargs: Further arguments for `fn`.

    Example:

    >>> from fastcnn import metrics, ops
    >>> metric = metrics.MeanMetricWrapper(lambda y_true, y_pred: ops.abs(ops.subtract(y_true, y_pred)), "distance")
    >>> metric([1, 2], [1, 4])
    1.0
    """

    labels: ClassVar[str] = "values"
    """What `y_true` holds, in the words of `Loss.labels`."""

    def __init__(self, fn: Callable[..., Any], name: str | None = None, **kwargs: Any) -> None:
        super().__init__(name or str(getattr(fn, "__name__", "mean")))
        self.fn = fn
        self.fn_kwargs = kwargs

    def values(self, y_true: Any, y_pred: Any) -> Any:
        """The function's value for each sample, of arrays or symbolic tensors."""
        return self.fn(y_true, y_pred, **self.fn_kwargs)

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:  # type: ignore[override]
        """Take a batch into account.

        Args:
            y_true: Targets.
            y_pred: Predictions.
            sample_weight: Optional weight of each sample, shape `(batch,)`.
        """
        super().update_state(self.values(operand(y_true), operand(y_pred)), sample_weight)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal metric; the functions of the library are known by their classes."""
        return {**super().get_config(), **self.fn_kwargs}
