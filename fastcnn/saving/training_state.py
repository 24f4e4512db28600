"""The state of training in one file: all that a model's `fit` needs to go on in another process with the same bits.

A zip archive of `state.json` and of arrays as `.npy` members: the model's weights and random states, the optimizer's
variables, what metrics have summed up, and what callbacks keep. It is there completely or not at all.
"""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from fastcnn.saving.archive import check_stored, open_archive, read_any_array, read_arrays, write_array
from fastcnn.saving.atomic import atomic_path
from fastcnn.saving.model_file import read_json
from fastcnn.saving.optimizer_state import optimizer_paths, optimizer_record
from fastcnn.saving.paths import state_paths, weight_paths
from fastcnn.saving.weights import assign_all

FORMAT = 1
STATE = "state.json"
ARRAY = "__array__"


def save_training_state(model: Any, path: Path, epoch: int, done: int, previous: Path | None = None) -> None:
    """Write the state of the training that runs.

    Args:
        model: the model, in `fit`.
        path: the file.
        epoch: the epoch that runs, or comes next.
        done: how many of its batches are done.
        previous: the name under which the file that is replaced is kept; None: it is not.
    """
    progress = model.progress
    arrays: dict[str, np.ndarray] = {}
    callbacks = [
        {"class": type(one).__name__, "state": with_names(one.backup_state(), f"callbacks/{number}", arrays)}
        for number, one in enumerate(progress.callbacks)
    ]
    state = {
        "format": FORMAT,
        "progress": progress.state(epoch, done),
        "metrics": with_names(progress.metric_values(), "metrics", arrays) if done else [],
        "callbacks": callbacks,
        "stop_training": bool(model.stop_training),
        "optimizer": optimizer_record(model, model.optimizer)["weights"],
    }
    variables = {**weight_paths(model), **state_paths(model), **optimizer_paths(model.optimizer)}
    with atomic_path(path, overwrite=True) as temporary:
        with zipfile.ZipFile(temporary, "w") as archive:
            archive.writestr(STATE, json.dumps(state, indent=1))
            for name, variable in variables.items():
                write_array(archive, name, variable.value)
            for name, array in arrays.items():
                write_array(archive, name, array)
        if previous is not None and path.exists():
            os.replace(path, previous)


def load_training_state(model: Any, path: Path) -> None:
    """Bring a model, its optimizer, and the `fit` that has just begun to the state in a file.

    Raises:
        ValueError: the file is damaged, or of another model, optimizer or data set; nothing is changed then.
    """
    try:
        read_training_state(model, path)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{str(path)!r} is no state of training, or was damaged: {error!r}") from error


def read_training_state(model: Any, path: Path) -> None:
    """What `load_training_state` does, with the errors of a damaged file as they come."""
    with open_archive(path) as archive:
        check_stored(archive, path)
        state = read_json(path, archive, STATE)
        if not isinstance(state, dict) or state.get("format") != FORMAT:
            raise ValueError(f"{str(path)!r} is no state of training that this version of fastcnn reads")
        optimizer = model.optimizer
        weights = weight_paths(model)
        if not optimizer.built:
            unknown = [name for name in state["optimizer"] if name not in weights]
            if unknown:
                raise ValueError(f"{str(path)!r} is of another model: it trains {unknown[0]}")
            optimizer.build([weights[name] for name in state["optimizer"]])
        elif optimizer_record(model, optimizer)["weights"] != state["optimizer"]:
            raise ValueError(f"{str(path)!r} is of a model of which other weights were trained")
        variables = {**weights, **state_paths(model), **optimizer_paths(optimizer)}
        arrays = dict(read_arrays(archive, path, variables, beside=("callbacks/", "metrics/")))

        def read(name: str) -> np.ndarray:
            return read_any_array(archive, path, name)

        metrics = with_arrays(state["metrics"], read)
        kept = [(one["class"], with_arrays(one["state"], read)) for one in state["callbacks"]]
    model.progress.restore(state["progress"], metrics)
    assign_all(variables, arrays)
    model.stop_training = state["stop_training"]
    for callback, own in same_classes(model.progress.callbacks, kept):
        callback.restore_state(own)


def same_classes(callbacks: Any, kept: list[tuple[str, Any]]) -> Iterator[tuple[Any, Any]]:
    """Each callback with the state of that in the file which has its class and its place among those of the class."""
    waiting = list(kept)
    for callback in callbacks:
        for item in waiting:
            if item[0] == type(callback).__name__:
                waiting.remove(item)
                yield callback, item[1]
                break


def with_names(value: Any, path: str, arrays: dict[str, np.ndarray]) -> Any:
    """A value with names in the place of its arrays, which are put into a dictionary under these names."""
    if isinstance(value, dict):
        return {key: with_names(one, f"{path}/{key}", arrays) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [with_names(one, f"{path}/{number}", arrays) for number, one in enumerate(value)]
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, np.ndarray):
        arrays[path] = value
        return {ARRAY: path}
    return value


def with_arrays(value: Any, read: Any) -> Any:
    """What `with_names` changed, with the arrays read again."""
    if isinstance(value, dict):
        return read(value[ARRAY]) if ARRAY in value else {key: with_arrays(one, read) for key, one in value.items()}
    return [with_arrays(one, read) for one in value] if isinstance(value, list) else value
