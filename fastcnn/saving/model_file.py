"""Model files: one zip archive `NAME.fastcnn` of a configuration, as JSON, and of the weights, as `.npy` members.

A file names classes; it makes only those that the package knows, or that the caller passes. Members are stored without
compression, so that a file cannot ask for more memory than it is long.
"""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fastcnn.layers.layer import Layer
from fastcnn.layers.memory import weight_budget
from fastcnn.layers.registry import deserialize, serialize
from fastcnn.saving.archive import open_archive, read_arrays, write_array
from fastcnn.saving.atomic import atomic_path
from fastcnn.saving.paths import weight_paths
from fastcnn.saving.weights import assign_all, check_built

if TYPE_CHECKING:
    from fastcnn.models.model import Model

FORMAT = 1
LONGEST_CONFIG = 2**24
"""Bytes that a configuration may take: thousands of layers."""


def model_path(filepath: str | os.PathLike[str]) -> Path:
    """The path, if its ending is that of a model file.

    Raises:
        ValueError: it is not.
    """
    path = Path(filepath)
    if path.suffix != ".fastcnn":
        raise ValueError(
            f"The filename must end in .fastcnn. Received: filepath={str(filepath)!r}. Keras's own model files are "
            "neither written nor read; weights are exchanged by save_weights('NAME.weights.h5')"
        )
    return path


def save_model(model: Model, filepath: str | os.PathLike[str], overwrite: bool = True) -> None:
    """Write a model, layers and weights, to a file; see `Model.save`.

    Example:

    >>> import os, tempfile, fastcnn
    >>> model = fastcnn.Sequential([fastcnn.Input((4,)), fastcnn.layers.Dense(3)])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = os.path.join(folder, "small.fastcnn")
    ...     model.save(path)
    ...     fastcnn.models.load_model(path).count_params()
    15
    """
    from fastcnn import __version__

    path = model_path(filepath)
    check_built(model, "saving")
    content = {"format": FORMAT, "version": __version__, "input_shape": model.input_shape, "model": serialize(model)}
    with atomic_path(path, overwrite) as temporary, zipfile.ZipFile(temporary, "w") as archive:
        archive.writestr("config.json", json.dumps(content, indent=1))
        for name, variable in weight_paths(model).items():
            write_array(archive, name, variable.value)


def load_model(filepath: str | os.PathLike[str], custom_objects: Mapping[str, type[Layer]] | None = None) -> Model:
    """Read a model from a file written by `save_model`.

    Args:
        filepath: The file, `NAME.fastcnn`.
        custom_objects: The user's own layer classes in the model, by class name.

    Returns:
        The model, built, with its weights; to be compiled before it is trained or evaluated.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: It is no model file, is cut short or damaged, or holds a layer that is not known.
    """
    path = model_path(filepath)
    if not path.is_file():
        raise FileNotFoundError(f"there is no file {str(path)!r}")
    with open_archive(path) as archive:
        for info in archive.infolist():
            if info.compress_type != zipfile.ZIP_STORED or info.file_size != info.compress_size:
                raise ValueError(f"{str(path)!r} is no model file: its member {info.filename!r} is compressed")
        content = read_config(path, archive)
        size = sum(info.file_size for info in archive.infolist())
        model = make_model(path, content, size, custom_objects)
        shapes = {name: variable.shape for name, variable in weight_paths(model).items()}
        arrays = read_arrays(archive, path, shapes)
    assign_all(model, arrays)
    return model


def read_config(path: Path, archive: zipfile.ZipFile) -> dict[str, Any]:
    """The configuration in a model file."""
    if "config.json" not in archive.namelist():
        raise ValueError(f"{str(path)!r} is no model file: it has no member config.json")
    if archive.getinfo("config.json").file_size > LONGEST_CONFIG:
        raise ValueError(f"{str(path)!r} is no model file: its configuration is longer than {LONGEST_CONFIG} bytes")
    try:
        content = json.loads(archive.read("config.json"))
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{str(path)!r}: its configuration is damaged: {error}") from None
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        found = content.get("format") if isinstance(content, dict) else content
        raise ValueError(f"{str(path)!r} is of format {found!r}; this version of fastcnn reads format {FORMAT}")
    return content


def make_model(
    path: Path, content: dict[str, Any], size: int, custom_objects: Mapping[str, type[Layer]] | None
) -> Model:
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
