"""Weights in HDF5 files of Keras 3's layout (`.weights.h5`), so that they go from one package to the other.

The layout: a group for each layer (see `fastcnn.saving.paths`), in it a group `vars` with datasets "0", "1", ...
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

import numpy as np

from fastcnn.graph import Variable
from fastcnn.layers.layer import Layer
from fastcnn.optimizers import Optimizer
from fastcnn.saving.archive import check_array, check_names
from fastcnn.saving.optimizer_state import file_value, optimizer_paths
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


def write_h5(target: Path | IO[bytes], model: Layer, optimizer: Optimizer | None = None) -> None:
    """Write all weights of a model, and the variables of an optimizer as Keras has them."""
    h5py = import_h5py()
    with h5py.File(target, "w") as file:
        for layer_path, layer in layer_paths(model, as_keras=True):
            group = file.create_group(f"{layer_path}/vars" if layer_path else "vars")
            group.attrs["name"] = layer.name
        for weight_path, variable in weight_paths(model, as_keras=True).items():
            file.create_dataset(weight_path, data=variable.value)
        if optimizer is not None:
            for name, variable in optimizer_paths(optimizer).items():
                value = file_value(optimizer, variable)
                file.create_dataset(name, data=value.astype("int32") if value.dtype.kind == "i" else value)


def read_h5(
    path: Path, variables: Mapping[str, Variable], source: IO[bytes] | None = None, optimizer: Optimizer | None = None
) -> dict[str, np.ndarray]:
    """Read the weights that a model has.

    Args:
        path: the file.
        variables: the variables, of the expected shapes and types, by path in the file.
        source: where the file is read; by default under its name.
        optimizer: its variables are read too, if the file has as many.

    Raises:
        ValueError: it is no HDF5 file, is damaged, or is of another architecture.
    """
    h5py = import_h5py()
    try:
        with h5py.File(path if source is None else source, "r") as file:
            datasets = find_datasets(h5py, path, file)
            found = {name: datasets.pop(name) for name in list(datasets) if name.startswith("optimizer/")}
            check_names(path, datasets, variables)
            for name, variable in variables.items():
                check_array(path, name, datasets[name].shape, datasets[name].dtype, variable)
            arrays = {name: datasets[name][()] for name in variables}
            # Keras writes those of inner optimizers a second time, in groups of their own.
            found = {name: found[name] for name in found if name.startswith("optimizer/vars/")}
            if optimizer is not None:
                arrays.update(read_optimizer(path, found, optimizer))
            return arrays
    except FileNotFoundError:
        raise
    except (OSError, RuntimeError, KeyError) as error:
        raise ValueError(f"{str(path)!r} is no HDF5 file of weights, or was cut short or damaged: {error}") from None


def read_optimizer(path: Path, datasets: Mapping[str, Any], optimizer: Optimizer) -> dict[str, np.ndarray]:
    """The variables of an optimizer; none, with a warning, where the file has others."""
    variables = optimizer_paths(optimizer)
    if set(datasets) != set(variables):
        warnings.warn(
            f"Skipping variable loading for optimizer '{optimizer.name}', because it has {len(variables)} variables "
            f"whereas the saved optimizer has {len(datasets)} variables.",
            stacklevel=6,
        )
        return {}
    for name, variable in variables.items():
        shape = datasets[name].shape
        one_number = variable.shape == (1,) and shape == ()
        check_array(path, name, (1,) if one_number else shape, datasets[name].dtype, variable)
    return {name: np.reshape(datasets[name][()], variable.shape) for name, variable in variables.items()}


def find_datasets(h5py: Any, path: Path, file: Any) -> dict[str, Any]:
    """The datasets of all groups `vars`, by path.

    Raises:
        ValueError: one is a link into another file, which could read any file of the user's.
    """
    found: dict[str, Any] = {}
    waiting = [("", file)]
    while waiting:
        prefix, group = waiting.pop()
        for name in group:
            inner = f"{prefix}/{name}" if prefix else name
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
