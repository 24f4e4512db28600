"""fastcnn: a fast CNN library for CPUs, with Keras's API."""

from typing import TYPE_CHECKING

from fastcnn import (
    activations,
    callbacks,
    config,
    constraints,
    data,
    dtype_policies,
    initializers,
    layers,
    losses,
    metrics,
    mixed_precision,
    models,
    ops,
    optimizers,
    random,
    regularizers,
    tree,
    utils,
)
from fastcnn.dtype_policies import DTypePolicy
from fastcnn.graph import SymbolicTensor as KerasTensor
from fastcnn.layers import Input, InputSpec, Layer
from fastcnn.models import Functional, Model, Sequential
from fastcnn.threads import get_num_threads, set_num_threads
from fastcnn.utils.later import looked_up

if TYPE_CHECKING:
    from fastcnn import datasets, preprocessing, saving, visualization

__version__ = "0.1.0"

__all__ = [
    "DTypePolicy",
    "Functional",
    "Input",
    "InputSpec",
    "KerasTensor",
    "Layer",
    "Model",
    "Sequential",
    "activations",
    "callbacks",
    "config",
    "constraints",
    "data",
    "datasets",
    "dtype_policies",
    "get_num_threads",
    "initializers",
    "layers",
    "losses",
    "metrics",
    "mixed_precision",
    "models",
    "ops",
    "optimizers",
    "preprocessing",
    "random",
    "regularizers",
    "saving",
    "set_num_threads",
    "tree",
    "utils",
    "visualization",
]

__getattr__, __dir__ = looked_up(
    __name__, {name: name for name in ("datasets", "preprocessing", "saving", "visualization")}
)
