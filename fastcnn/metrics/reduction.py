"""Means and sums of values, with weights, and the mean of a function of targets and predictions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastcnn import ops
from fastcnn.graph.masks import mask_of
from fastcnn.losses.loss import check_weight, operand, same_rank
from fastcnn.metrics.metric import Metric
from fastcnn.utils.custom_objects import find, function_config


def by_sample(values: Any, sample_weight: Any, reduce: Callable[..., Any]) -> tuple[Any, Any]:
    """Values and weights in one row each. Values of several dimensions are reduced to as many as the weights have, or
    to one for each sample; weights of several dimensions weigh the values within a sample."""
    values = operand(values)
    if values.ndim == 0:
        values = ops.reshape(values, (1,))
    if sample_weight is None:
        return (values if values.ndim == 1 else reduce(values, axis=tuple(range(1, values.ndim)))), None
    values, weight = same_rank(values, operand(sample_weight))
    if values.ndim > weight.ndim:
        values = reduce(values, axis=tuple(range(max(weight.ndim, 1), values.ndim)))
    check_weight(weight, values)
    weight = ops.broadcast_to(weight, values.shape)
    return (values, weight) if values.ndim == 1 else (ops.reshape(values, (-1,)), ops.reshape(weight, (-1,)))


class Mean(Metric):
    """The mean of all values given, optionally weighted.

    Args:
        name: The name shown.
        dtype: As in `Metric`.

    Example:

    >>> from fastcnn import metrics
    >>> mean = metrics.Mean()
    >>> mean.update_state([1, 3, 5, 7])
    >>> mean.result()
    4.0
    """

    def __init__(self, name: str = "mean", dtype: str | None = None) -> None:
        super().__init__(dtype, name)
        self.state = self.add_variable((2,), "zeros", "float64", name="state")

    @property
    def total(self) -> float:
        """The sum of the values times their weights."""
        return float(self.state.value[0])

    @property
    def count(self) -> float:
        """The sum of the weights."""
        return float(self.state.value[1])

    def update_state(self, values: Any, sample_weight: Any = None) -> None:
        """Add values. Of an array of several dimensions, each row counts as one value: its mean.

        Args:
            values: A number or an array of them.
            sample_weight: Optional weight of each row or of each value.
        """
        row, weight = by_sample(values, sample_weight, ops.mean)
        if weight is not None and operand(sample_weight).ndim > 1 and row.shape[0]:
            samples = operand(values).shape[0]
            weight = ops.multiply(weight, samples / row.shape[0])
        ops.accumulate(self.state, row, weight)

    def result(self) -> float:
        """The mean; 0 where there were no values."""
        return self.total / self.count if self.count else 0.0


class Sum(Metric):
    """The sum of all values given, optionally weighted.

    Args:
        name: The name shown.
        dtype: As in `Metric`.

    Example:

    >>> from fastcnn import metrics
    >>> metrics.Sum()([1, 3, 5, 7])
    16.0
    """

    def __init__(self, name: str = "sum", dtype: str | None = None) -> None:
        super().__init__(dtype, name)
        self.state = self.add_variable((2,), "zeros", "float64", name="state")

    def update_state(self, values: Any, sample_weight: Any = None) -> None:
        """Add values.

        Args:
            values: A number or an array of them.
            sample_weight: Optional weight of each row or of each value.
        """
        ops.accumulate(self.state, *by_sample(values, sample_weight, ops.sum))

    def result(self) -> float:
        """The sum."""
        return float(self.state.value[0])


class MeanMetricWrapper(Mean):
    """The mean over samples of a function of `(y_true, y_pred)`.

    Args:
        fn: Written with `fastcnn.ops`; returns a value for each sample.
        name: By default the function's name.
        dtype: As in `Metric`.
        **kwargs: Further arguments for `fn`.

    Example:

    >>> from fastcnn import metrics, ops
    >>> metric = metrics.MeanMetricWrapper(lambda y_true, y_pred: ops.abs(ops.subtract(y_true, y_pred)), "distance")
    >>> metric([1, 2], [1, 4])
    1.0
    """

    labels = "values"

    def __init__(self, fn: Callable[..., Any], name: str | None = None, dtype: str | None = None, **kwargs: Any):
        if not callable(fn):
            raise ValueError(f"fn must be a function of (y_true, y_pred), received fn={fn!r}")
        super().__init__(name or str(getattr(fn, "__name__", "mean")), dtype)
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
        y_true, y_pred = operand(y_true), operand(y_pred)
        mask = mask_of(y_pred)
        if mask is not None and sample_weight is not None:
            mask, sample_weight = same_rank(mask, operand(sample_weight))
            mask = ops.multiply(sample_weight, mask)
        values = self.values(y_true, y_pred)
        if values is None or isinstance(values, str):
            raise ValueError(f"the metric {self.name} must return a value for each sample, it returned {values!r}")
        super().update_state(values, sample_weight if mask is None else mask)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal metric; the functions of the library are known by their classes."""
        own = {} if type(self) is not MeanMetricWrapper else {"fn": function_config(self.fn, "metric")}
        return {**super().get_config(), **own, **self.fn_kwargs}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Metric:
        """Make a metric from what `get_config` returned."""
        if isinstance(config.get("fn"), dict):
            config = {**config, "fn": find("metric", config["fn"], {})}
        return cls(**config)
