"""fastcnn: a fast CNN library for CPUs, with Keras's API."""

from fastcnn import (
    activations,
    callbacks,
    config,
    constraints,
    data,
    datasets,
    dtype_policies,
    initializers,
    layers,
    losses,
    metrics,
    mixed_precision,
    models,
    ops,
    optimizers,
    preprocessing,
    random,
    regularizers,
    saving,
    tree,
    utils,
    visualization,
)
from fastcnn.dtype_policies import DTypePolicy
from fastcnn.graph import SymbolicTensor as KerasTensor
from fastcnn.layers import Input, InputSpec, Layer
from fastcnn.models import Functional, Model, Sequential
from fastcnn.threads import get_num_threads, set_num_threads

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
