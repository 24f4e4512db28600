"""fastcnn: a fast CNN library for CPUs, with Keras's API."""

from fastcnn import activations, datasets, initializers, layers, models, ops, saving, utils
from fastcnn.layers import Input, Layer
from fastcnn.models import Model, Sequential
from fastcnn.threads import get_num_threads, set_num_threads

__version__ = "0.1.0"

__all__ = [
    "Input",
    "Layer",
    "Model",
    "Sequential",
    "activations",
    "datasets",
    "get_num_threads",
    "initializers",
    "layers",
    "models",
    "ops",
    "saving",
    "set_num_threads",
    "utils",
]
