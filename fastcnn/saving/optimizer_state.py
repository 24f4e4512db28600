"""What files hold of an optimizer besides its arguments: its variables, and which weights it is for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from fastcnn.graph import Variable
from fastcnn.optimizers import Optimizer
from fastcnn.saving.paths import weight_paths


def optimizer_paths(optimizer: Optimizer) -> dict[str, Variable]:
    """The variables of an optimizer by their names in a file, Keras's."""
    return {f"optimizer/vars/{number}": variable for number, variable in enumerate(optimizer.variables)}


def file_value(optimizer: Optimizer, variable: Variable) -> np.ndarray:
    """The value of an optimizer's variable as Keras's files have it: sums of gradients that were used already are 0."""
    steps = optimizer.gradient_accumulation_steps
    used = steps and int(optimizer._iterations) % steps == 0 and any(variable is one for one in optimizer._sums)
    value: np.ndarray = np.zeros_like(variable.value) if used else variable.numpy()
    return value


def optimizer_record(model: Any, optimizer: Optimizer) -> dict[str, list[str]]:
    """By their paths in the file, the weights that the optimizer is built for, and those that do not decay."""
    names = {variable: path for path, variable in weight_paths(model).items()}
    weights = [variable for variable in optimizer._trainable_variables if variable in names]
    excluded = [variable for variable in weights if optimizer.is_excluded(variable)]
    return {"weights": [names[one] for one in weights], "no_weight_decay": [names[one] for one in excluded]}


def prepare_optimizer(model: Any, optimizer: Optimizer, record: Mapping[str, Any]) -> None:
    """Make an optimizer's variables for the weights of a record.

    Raises:
        ValueError: the model has no such weights.
    """
    variables = weight_paths(model)
    weights, excluded = record.get("weights", []), record.get("no_weight_decay", [])
    unknown = [path for path in [*weights, *excluded] if path not in variables]
    if unknown:
        raise ValueError(f"the optimizer is for a weight {unknown[0]!r}, which the model does not have")
    optimizer.forget_weights()
    if excluded:
        optimizer.exclude_from_weight_decay(var_list=[variables[path] for path in excluded])
    if weights:
        optimizer.build([variables[path] for path in weights])
