"""Keras's model files, `NAME.keras`: a zip archive of `config.json`, `metadata.json` and `model.weights.h5`.

The configurations of this package are Keras's but for a few arguments that mean nothing here, and for the functions
between the tensors of functional models, which are objects of a class each in Keras.
"""

from __future__ import annotations

import datetime
import inspect
import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from fastcnn.graph import Variable
from fastcnn.layers.registry import serialize
from fastcnn.ops.recorded import RECORDED, Recorded, of_keras
from fastcnn.optimizers import Optimizer
from fastcnn.saving.h5 import import_h5py, read_h5, write_h5

KERAS_VERSION = "3.15.0"
"""The version whose format is written."""
WEIGHTS = "model.weights.h5"
WITHOUT_MEANING = {
    "lora_alpha", "lora_rank", "optional", "quantization_config", "ragged", "sparse", "synchronized", "use_lora",
}  # fmt: skip
"""Arguments of Keras's layers that this package has not; they must be unset."""
WITHOUT_TRAINABLE = {"SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D"}
"""Layers whose constructors do not take the argument `trainable` in Keras."""
ARGUMENTS_OF_CALLS = {"pad": ("constant_values",)}
"""Arguments of functions that Keras keeps with the call, not with the object."""


def write_keras(model: Any, path: Path, compile_config: Mapping[str, Any], include_optimizer: bool) -> None:
    """Write a model as Keras does.

    Raises:
        ValueError: it holds an op that Keras's files have no name for.
        ImportError: h5py is not installed.
    """
    import_h5py()
    config = to_keras(serialize(model))
    config["build_config"] = {"input_shape": model.input_shape}
    if compile_config:
        config["compile_config"] = compile_config
    date = datetime.datetime.now(tz=datetime.timezone.utc).strftime("%Y-%m-%d@%H:%M:%S")
    weights = io.BytesIO()
    write_h5(weights, model, model.optimizer if include_optimizer and compile_config else None)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("metadata.json", json.dumps({"keras_version": KERAS_VERSION, "date_saved": date}))
        archive.writestr("config.json", json.dumps(config))
        archive.writestr(WEIGHTS, weights.getbuffer())


def to_keras(config: Any) -> Any:
    """A configuration with Keras's ops in the places of ours."""
    if isinstance(config, (list, tuple)):
        return [to_keras(member) for member in config]
    if isinstance(config, np.ndarray):
        return config.tolist()
    if not isinstance(config, Mapping):
        return config
    if config.get("class_name") in WITHOUT_TRAINABLE and config["config"].get("trainable", True):
        config = {**config, "config": {key: one for key, one in config["config"].items() if key != "trainable"}}
    if config.get("class_name") not in ("Operation", "OpsFunction"):
        return {key: to_keras(value) for key, value in config.items()}
    own = config["config"]
    name, attributes = own.get("function", own.get("op")), dict(own["attributes"])
    if name not in RECORDED or (attributes and "op" in own):
        raise ValueError(
            f"the model holds the op {name!r}, for which Keras's files have no name here; save it as .fastcnn, or put "
            "the op into a layer"
        )
    keywords = {key: attributes.pop(key) for key in ARGUMENTS_OF_CALLS.get(name, ()) if key in attributes}
    cls = RECORDED[name].keras_class
    calls = [{**call, "kwargs": {**call["kwargs"], **keywords}} for call in config.get("inbound_nodes", ())]
    return {
        **to_keras({**config, "class_name": "", "config": {}, "inbound_nodes": calls}),
        "module": RECORDED[name].module,
        "class_name": cls,
        "config": to_keras({"name": own["name"], **attributes}),
        "registered_name": cls,
    }


def keras_content(config: Any, path: Path) -> dict[str, Any]:
    """What Keras's configuration says, as the content of one of our own files."""
    if not isinstance(config, dict) or "class_name" not in config:
        raise ValueError(f"{str(path)!r} is no model file of Keras: its configuration is that of no model")
    build = config.get("build_config")
    shape = build.get("input_shape") if isinstance(build, dict) else None
    return {
        "format": 1,
        "model": from_keras(config),
        "input_shape": shape,
        "compile_config": config.get("compile_config"),
    }


def from_keras(config: Any) -> Any:
    """A configuration with our ops in the places of Keras's, without the arguments that mean nothing here."""
    if isinstance(config, list):
        return [from_keras(member) for member in config]
    if not isinstance(config, dict):
        return config
    changed = {key: from_keras(value) for key, value in config.items()}
    if set(changed) == {"args", "kwargs"} and isinstance(changed["kwargs"], dict):  # a call, without masks
        changed["kwargs"] = {key: value for key, value in changed["kwargs"].items() if key != "mask" or value}
    inner = changed.get("config")
    if not isinstance(inner, dict) or "class_name" not in config:
        return changed
    changed["config"] = {key: value for key, value in inner.items() if value or key not in WITHOUT_MEANING}
    function = of_keras(config)
    if function is not None:
        changed.update(class_name="OpsFunction", module="keras.layers", registered_name=None)
        changed["config"] = {
            "function": function.name,
            "attributes": arguments_of(function, inner),
            "name": inner.get("name"),
        }
    return changed


def arguments_of(function: Recorded, config: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments in the configuration of one of Keras's ops.

    Raises:
        ValueError: it has one that the function does not take.
    """
    taken = inspect.signature(function.function).parameters
    further = {key: value for key, value in config.items() if key not in taken and key != "name"}
    if any(value not in (None, False) for value in further.values()):
        raise ValueError(f"the op {function.keras_class} has arguments that fastcnn's has not: {further}")
    return {key: value for key, value in config.items() if key in taken}


def read_keras_weights(
    archive: zipfile.ZipFile, path: Path, variables: Mapping[str, Variable], optimizer: Optimizer | None
) -> dict[str, np.ndarray]:
    """The values in the archive's file of weights.

    Raises:
        ValueError: it has none, or those of another architecture.
    """
    if WEIGHTS not in archive.namelist():
        raise ValueError(f"{str(path)!r} is no model file of Keras: it has no member {WEIGHTS}")
    return read_h5(path, variables, io.BytesIO(archive.read(WEIGHTS)), optimizer)
