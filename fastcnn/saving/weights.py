"""Saving and loading the weights of a model: `.npz` with NumPy alone, `.weights.h5` for exchange with Keras."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from fastcnn.graph import Variable
from fastcnn.layers.layer import Layer
from fastcnn.saving.archive import MissingFileError, open_archive, read_arrays, write_array
from fastcnn.saving.atomic import atomic_path
from fastcnn.saving.h5 import read_h5, write_h5
from fastcnn.saving.optimizer_state import optimizer_paths
from fastcnn.saving.paths import weight_paths
from fastcnn.utils.arguments import checked_path


def weights_path(filepath: str | os.PathLike[str]) -> Path:
    """The path, if its ending is that of a file of weights.

    Raises:
        ValueError: it is not.
    """
    path = Path(checked_path(filepath, "filepath"))
    if not path.name.endswith((".weights.h5", ".npz")):
        raise ValueError(f"The filename must end in .weights.h5 or .weights.npz. Received: filepath={str(filepath)!r}")
    return path


def check_built(model: Layer, what: str) -> None:
    """Raise ValueError unless a model has its weights."""
    if not model.built:
        raise ValueError(
            f"You are {what} a model that has not yet been built, {model.name!r}. "
            "Call it on data, or call build(input_shape), first"
        )


def save_weights(model: Layer, filepath: str | os.PathLike[str], overwrite: bool = True) -> None:
    """Write all weights of a model to a file; see `Model.save_weights`.

    Example:

    >>> import os, tempfile, fastcnn
    >>> model = fastcnn.Sequential([fastcnn.Input((4,)), fastcnn.layers.Dense(3)])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = os.path.join(folder, "small.weights.npz")
    ...     model.save_weights(path)
    ...     model.load_weights(path)
    """
    path = weights_path(filepath)
    check_built(model, "saving the weights of")
    with atomic_path(path, overwrite) as temporary:
        if path.suffix == ".h5":
            write_h5(temporary, model, getattr(model, "optimizer", None))
        else:
            with zipfile.ZipFile(temporary, "w") as archive:
                for name, variable in weight_paths(model).items():
                    write_array(archive, name, variable.value)


def load_weights(model: Layer, filepath: str | os.PathLike[str]) -> None:
    """Read all weights of a model from a file; see `Model.load_weights`."""
    path = weights_path(filepath)
    check_built(model, "loading weights into")
    if not path.is_file():
        raise MissingFileError(f"there is no file {str(path)!r}")
    variables = weight_paths(model, as_keras=path.suffix == ".h5")
    if path.suffix == ".h5":
        optimizer = getattr(model, "optimizer", None)
        arrays = read_h5(path, variables, optimizer=optimizer)
        if optimizer is not None:
            variables.update({name: one for name, one in optimizer_paths(optimizer).items() if name in arrays})
    else:
        with open_archive(path) as archive:
            arrays = dict(read_arrays(archive, path, variables))
    assign_all(variables, arrays)


def assign_all(variables: Mapping[str, Variable], arrays: Mapping[str, np.ndarray]) -> None:
    """Give all variables the values read for them."""
    for name, variable in variables.items():
        variable.assign(arrays[name])
