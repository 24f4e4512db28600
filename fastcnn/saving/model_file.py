"""Model files: one zip archive `NAME.fastcnn` of a configuration, as JSON, and of all variables, as `.npy` members.

A file names classes; it makes only those that the package knows, or that the user registered or passes. Members are
stored without compression, so that a file cannot ask for more memory than it is long.
"""

from __future__ import annotations

import json
import os
import warnings
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fastcnn.layers.memory import weight_budget
from fastcnn.layers.registry import deserialize, serialize
from fastcnn.saving.archive import MissingFileError, check_stored, open_archive, read_arrays, write_array
from fastcnn.saving.atomic import atomic_path
from fastcnn.saving.keras_file import keras_content, read_keras_weights, write_keras
from fastcnn.saving.optimizer_state import optimizer_paths, optimizer_record, prepare_optimizer
from fastcnn.saving.paths import state_paths, weight_paths
from fastcnn.saving.serialization import check_safe
from fastcnn.saving.weights import assign_all, check_built
from fastcnn.utils.arguments import checked_path
from fastcnn.utils.custom_objects import custom_object_scope

if TYPE_CHECKING:
    from fastcnn.models.model import Model

FORMAT = 2
"""1: layers and weights. 2: also random states, and what `compile` set up."""
LONGEST_CONFIG = 2**24
"""Bytes that a configuration may take: thousands of layers."""
LARGEST_SIZE = 2**12
"""Classes and thresholds that a metric may have; the square of them has room in memory."""


def model_path(filepath: str | os.PathLike[str]) -> Path:
    """The path, if its ending is that of a model file.

    Raises:
        ValueError: it is not.
    """
    path = Path(checked_path(filepath, "filepath"))
    if path.suffix not in (".fastcnn", ".keras"):
        raise ValueError(
            "The filename must end in .fastcnn, or in .keras for a file that Keras reads, too. "
            f"Received: filepath={str(filepath)!r}"
        )
    return path


def save_model(
    model: Model, filepath: str | os.PathLike[str], overwrite: bool = True, include_optimizer: bool = True
) -> None:
    """Write a model, its layers, weights, random states and what it is compiled with, to a file; see `Model.save`.

    Example:

    >>> import os, tempfile, fastcnn
    >>> model = fastcnn.Sequential([fastcnn.Input((4,)), fastcnn.layers.Dense(3)])
    >>> model.compile("adam", loss="mse")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = os.path.join(folder, "small.fastcnn")
    ...     model.save(path)
    ...     loaded = fastcnn.models.load_model(path)
    >>> loaded.count_params(), loaded.optimizer
    (15, <Adam learning_rate=0.001>)
    """
    from fastcnn import __version__

    path = model_path(filepath)
    check_built(model, "saving")
    if path.suffix == ".keras":
        with atomic_path(path, overwrite) as temporary:
            write_keras(model, temporary, compile_config_of(model), include_optimizer)
        return
    content = {"format": FORMAT, "version": __version__, "input_shape": model.input_shape, "model": serialize(model)}
    variables = {**weight_paths(model), **state_paths(model)}
    compile_config = compile_config_of(model)
    optimizer = model.optimizer
    if compile_config:
        content["compile_config"] = compile_config
    if compile_config and include_optimizer and optimizer is not None:
        content["optimizer"] = optimizer_record(model, optimizer)
        variables.update(optimizer_paths(optimizer))
    with atomic_path(path, overwrite) as temporary, zipfile.ZipFile(temporary, "w") as archive:
        archive.writestr("config.json", json.dumps(content, indent=1))
        for name, variable in variables.items():
            write_array(archive, name, variable.value)


def compile_config_of(model: Model) -> dict[str, Any]:
    """What `compile` was called with; empty, with a warning, where that cannot be written."""
    try:
        return model.get_compile_config()
    except (ValueError, TypeError) as error:
        warnings.warn(
            f"the model {model.name!r} is saved without what it is compiled with: {error}; compile it again after "
            "loading",
            stacklevel=4,
        )
        return {}


def load_model(
    filepath: str | os.PathLike[str],
    custom_objects: Mapping[str, Any] | None = None,
    compile: bool = True,
    safe_mode: bool = True,
) -> Model:
    """Read a model from a file written by `save_model`.

    Args:
        filepath: The file, `NAME.fastcnn`, or `NAME.keras` of Keras (which needs the package h5py).
        custom_objects: The user's own classes and functions in the model, by name, besides those registered by
            `saving.register_keras_serializable`.
        compile: Whether the model is compiled as the saved one was, with the optimizer's state. Default True.
        safe_mode: True: code in a file is never run.

    Returns:
        The model, built, with its weights. It trains on as the saved one would have, to the last bit.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: It is no model file, is cut short or damaged, or holds something that is not known; or `safe_mode`
            is False.
    """
    check_safe(safe_mode)
    path = model_path(filepath)
    if not path.is_file():
        raise MissingFileError(f"there is no file {str(path)!r}")
    with open_archive(path) as archive:
        check_stored(archive, path)
        if path.suffix == ".keras":
            content = keras_content(read_json(path, archive, "config.json"), path)
        else:
            content = read_config(path, archive)
        size = sum(info.file_size for info in archive.infolist())
        model = make_model(path, content, size, custom_objects)
        variables = weight_paths(model, as_keras=path.suffix == ".keras")
        if content["format"] > 1:
            variables.update(state_paths(model))
        restores = compile and content.get("compile_config")
        if restores:
            compile_model(path, content, model, custom_objects)
        if path.suffix == ".keras":
            arrays = read_keras_weights(archive, path, variables, model.optimizer if restores else None)
            if restores and model.optimizer is not None:
                optimizer = optimizer_paths(model.optimizer)
                variables.update({name: one for name, one in optimizer.items() if name in arrays})
            assign_all(variables, arrays)
        else:
            beside: str | tuple[str, ...] = "optimizer/"
            if restores and "optimizer" in content and model.optimizer is not None:
                variables.update(optimizer_paths(model.optimizer))
                beside = ()
            for name, array in read_arrays(archive, path, variables, beside):
                variables[name].assign(array)
                del array  # before the next one is read
    return model


def read_json(path: Path, archive: zipfile.ZipFile, member: str) -> Any:
    """What a member of an archive says as JSON."""
    if member not in archive.namelist():
        raise ValueError(f"{str(path)!r} is no model file: it has no member {member}")
    if archive.getinfo(member).file_size > LONGEST_CONFIG:
        raise ValueError(f"{str(path)!r} is no model file: its configuration is longer than {LONGEST_CONFIG} bytes")
    try:
        return json.loads(archive.read(member))
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{str(path)!r}: its configuration is damaged: {error}") from None


def read_config(path: Path, archive: zipfile.ZipFile) -> dict[str, Any]:
    """The configuration in a model file."""
    content = read_json(path, archive, "config.json")
    found = content.get("format") if isinstance(content, dict) else content
    if not isinstance(found, int) or not 1 <= found <= FORMAT:
        raise ValueError(f"{str(path)!r} is of format {found!r}; this version of fastcnn reads formats 1 to {FORMAT}")
    return dict(content)


def make_model(path: Path, content: dict[str, Any], size: int, custom_objects: Mapping[str, Any] | None) -> Model:
    """The model of a configuration, with zeros as weights, of `size` bytes at most."""
    from fastcnn.models.model import Model

    try:
        with weight_budget(size):
            model = deserialize(content.get("model", {}), custom_objects)
            if not isinstance(model, Model):
                raise ValueError(f"it holds a {type(model).__name__}, not a model")
            if not model.built:
                model.build(content.get("input_shape") or ())
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(f"{str(path)!r} cannot be read: {error}") from None
    return model


def compile_model(path: Path, content: dict[str, Any], model: Model, custom_objects: Mapping[str, Any] | None) -> None:
    """Compile a model as its file says, and make the optimizer's variables."""
    config = content["compile_config"]
    try:
        check_sizes([config.get("metrics"), config.get("weighted_metrics")])
        with custom_object_scope(custom_objects):
            model.compile_from_config(config)
        if isinstance(content.get("optimizer"), dict) and model.optimizer is not None:
            prepare_optimizer(model, model.optimizer, content["optimizer"])
    except (ValueError, TypeError, AttributeError, KeyError, RecursionError) as error:
        raise ValueError(
            f"{str(path)!r} cannot be compiled as it was: {error}; load it with compile=False, and compile it"
        ) from None


def check_sizes(metrics: Any) -> None:
    """Raise ValueError if a configuration of metrics asks for much memory, by a number of classes or thresholds."""
    if isinstance(metrics, (dict, list)):
        for member in metrics.values() if isinstance(metrics, dict) else metrics:
            check_sizes(member)
    elif isinstance(metrics, (int, float)) and abs(metrics) > LARGEST_SIZE:
        raise ValueError(f"a metric's argument is {metrics}, larger than {LARGEST_SIZE}")
