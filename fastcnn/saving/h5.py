"""Weights in HDF5 files of Keras 3's layout (`.weights.h5`), so that they go from one package to the other.

The layout: a group for each layer (see `fastcnn.saving.paths`), in it a group `vars` with datasets "0", "1", ...
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from fastcnn.graph import Variable
from fastcnn.layers.layer import Layer
from fastcnn.saving.archive import check_array, check_names
from fastcnn.saving.paths import layer_paths, weight_paths


def import_h5py() -> Any:
    """The package h5py.

    Raises:
        ImportError: it is not installed.
    """
    try:
        import h5py
    except ImportError:
        raise ImportError(
            "weights in HDF5 files need the package h5py: pip install h5py; or use a name that ends in .weights.npz"
        ) from None
    return h5py


def write_h5(path: Path, model: Layer) -> None:
    """Write all weights of a model."""
    h5py = import_h5py()
    with h5py.File(path, "w") as file:
        for layer_path, layer in layer_paths(model):
            group = file.create_group(f"{layer_path}/vars" if layer_path else "vars")
            group.attrs["name"] = layer.name
        for weight_path, variable in weight_paths(model).items():
            file.create_dataset(weight_path, data=variable.value)


def read_h5(path: Path, variables: Mapping[str, Variable]) -> dict[str, np.ndarray]:
    """Read the weights that a model has.

    Args:
        path: the file.
        variables: the variables, of the expected shapes and types, by path in the file.

    Raises:
        ValueError: it is no HDF5 file, is damaged, or is of another architecture.
    """
    h5py = import_h5py()
    try:
        with h5py.File(path, "r") as file:
            datasets = find_datasets(h5py, path, file)
            check_names(path, datasets, variables)
            for name, variable in variables.items():
                check_array(path, name, datasets[name].shape, datasets[name].dtype, variable)
            return {name: datasets[name][()] for name in variables}
    except FileNotFoundError:
        raise
    except (OSError, RuntimeError, KeyError) as error:
        raise ValueError(f"{str(path)!r} is no HDF5 file of weights, or was cut short or damaged: {error}") from None


def find_datasets(h5py: Any, path: Path, file: Any) -> dict[str, Any]:
    """The datasets of all groups `vars`, by path, except those of an optimizer.

    Raises:
        ValueError: one is a link into another file, which could read any file of the user's.
    """
    found: dict[str, Any] = {}
    waiting = [("", file)]
    while waiting:
        prefix, group = waiting.pop()
        for name in group:
            inner = f"{prefix}/{name}" if prefix else name
            if inner.startswith("optimizer"):
                continue
            if not isinstance(group.get(name, getlink=True), h5py.HardLink):
                raise ValueError(f"{str(path)!r}: {inner} is a link; files with links are not read")
            item = group[name]
            if isinstance(item, h5py.Group):
                waiting.append((inner, item))
            elif prefix == "vars" or prefix.endswith("/vars"):
                if item.external or item.is_virtual:
                    raise ValueError(f"{str(path)!r}: {inner} lies in another file; such files are not read")
                found[inner] = item
    return found
