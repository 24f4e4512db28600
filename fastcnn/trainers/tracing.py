"""Metrics' updates as part of a step: `update_state` is traced with symbolic tensors, its writes to variables kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fastcnn.graph import Tensor, Variable
from fastcnn.graph.recording import recording
from fastcnn.metrics import Metric
from fastcnn.utils import tree


def traced_update(metric: Metric, arguments: Sequence[Any]) -> list[Tensor] | None:
    """The writes of a metric's update, as nodes.

    None if the update cannot be traced: it needs values, writes to no variable, or keeps something else than variables
    from batch to batch. The metric is then as it was before.
    """
    before = dict(vars(metric))
    effects: list[Tensor] = []
    try:
        with recording(effects):
            metric.update_state(*arguments)
    except Exception:
        if of_library(metric):
            raise
        effects = []  # whatever went wrong with symbolic tensors; with arrays it may be right, or will show
    if effects and (of_library(metric) or not keeps_more_than_variables(before, vars(metric))):
        return effects
    vars(metric).clear()
    vars(metric).update(before)
    return None


def of_library(metric: Metric) -> bool:
    """Whether the update of a metric is the library's own, and so is the function that it takes the mean of."""
    functions = [type(metric).update_state, getattr(metric, "fn", type(metric).update_state)]
    return all(str(getattr(function, "__module__", "")).startswith("fastcnn.") for function in functions)


def keeps_more_than_variables(before: dict[str, Any], after: dict[str, Any]) -> bool:
    """Whether attributes were changed, other than by new variables, or hold symbolic tensors now."""
    changed = [value for name, value in after.items() if before.get(name, before) is not value]
    replaced = any(name in before and before[name] is not value for name, value in after.items())
    tensors = any(isinstance(leaf, Tensor) for value in changed for leaf in tree.flatten(value))
    return tensors or (replaced and not all(isinstance(value, Variable) for value in changed))
