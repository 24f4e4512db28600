"""Profile a model: random data of its shapes, a step for them, and everything put back behind it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from fastcnn import losses
from fastcnn.graph.open_sizes import is_open
from fastcnn.plan import Program
from fastcnn.profiling.measure import profile_program
from fastcnn.profiling.profile import Profile
from fastcnn.trainers.compiled import CROSSENTROPY
from fastcnn.trainers.ends import output_names
from fastcnn.trainers.per_output import flat_list, for_each_output
from fastcnn.utils import tree
from fastcnn.utils.arguments import checked_integer


def profile_model(model: Any, batch_size: int, training: bool | None, x: Any, y: Any, seconds: float) -> Profile:
    """See `Model.profile`."""
    rows = checked_integer(batch_size, "batch_size", least=1)
    if not (isinstance(seconds, (int, float)) and seconds >= 0):
        raise ValueError(f"seconds must be a number from 0 on, received {seconds!r}")
    if training not in (None, True, False):
        raise ValueError(f"training must be True, False or None, received {training!r}")
    if training is None:
        training = model.compiled and bool(flat_list(model.loss))
    if training:
        model.require_compiled("profile(training=True)")
    x = random_inputs(model, rows) if x is None else first_rows(x, rows)
    data = model.input_data(x)
    if training:
        data = model.supervised_data(x, random_targets(model, data) if y is None else first_rows(y, rows))
    with model.batches("train" if training else "predict", data, data.rows) as batches:
        ((step, start),) = batches.epoch()
        step.cursor[0] = start  # a step out of the pool stands where it was used last
        memory = {"weights": sum(weight.value.nbytes for weight in model.weights)}
        if training:
            memory["optimizer"] = sum(variable.value.nbytes for variable in model.optimizer.variables)
        with unchanged_variables(step.program):
            return profile_program(
                step.program,
                model=model.name,
                mode="training" if training else "prediction",
                batch_size=data.rows,
                memory=memory,
                seconds=seconds,
            )


@contextmanager
def unchanged_variables(program: Program) -> Iterator[None]:
    """Put all variables of a program back to what they are now: weights, optimizer, metrics, random states."""
    arrays = [program.array(tensor) for tensor in program.graph.leaves("variable")]
    before = [array.copy() for array in arrays]
    try:
        yield
    finally:
        for array, values in zip(arrays, before, strict=True):
            array[...] = values


def first_rows(values: Any, rows: int) -> Any:
    """The first rows of the user's array, or of each of several."""
    return tree.map_structure(lambda array: np.asarray(array)[:rows], values)


def random_inputs(model: Any, rows: int) -> Any:
    """Inputs from 0 to 1 in the shapes that a model takes.

    Raises:
        ValueError: the model does not say which shapes these are.
    """
    if not model.built:
        raise ValueError(
            f"profile cannot make inputs for model {model.name!r}, which does not know their shape yet: pass x"
        )
    return random_arrays(np.random.default_rng(0), model.input_shape, rows, model.name)


def random_arrays(rng: np.random.Generator, shape: Any, rows: int, model: str) -> Any:
    """An array for a shape, or one for each shape of a structure."""
    if isinstance(shape, dict):
        return {name: random_arrays(rng, member, rows, model) for name, member in shape.items()}
    if shape and isinstance(shape[0], (tuple, list, dict)):
        return [random_arrays(rng, member, rows, model) for member in shape]
    if is_open(shape):
        raise ValueError(f"profile cannot choose sizes for the input shape {shape} of model {model!r}: pass x")
    return rng.random((rows, *shape[1:]), np.float32)


def random_targets(model: Any, data: Any) -> list[np.ndarray | None]:
    """Targets such as the losses of a model take, for each of its outputs."""
    shapes, structure = model.output_shapes(data)
    names = output_names(model, structure)
    given = for_each_output(model.loss, names, "loss", repeat=True)
    rng = np.random.default_rng(0)
    return [
        random_target(rng, kind_of_labels(loss, shape), data.rows, shape) if flat_list(loss) else None
        for loss, shape in zip(given, shapes, strict=True)
    ]


def kind_of_labels(loss: Any, shape: tuple[int, ...]) -> str:
    """What the first loss of an output takes, in the words of `Loss.labels`."""
    first = flat_list(loss)[0]
    if first in CROSSENTROPY:
        return "binary" if shape[-1:] == (1,) else "sparse"
    return losses.get(first).labels  # type: ignore[union-attr]


def random_target(rng: np.random.Generator, kind: str, rows: int, shape: tuple[int, ...]) -> np.ndarray:
    """Class numbers, one-hot labels, or noughts and ones."""
    if kind in ("sparse", "one_hot"):
        labels = rng.integers(0, shape[-1], (rows, *shape[:-1]))
        return labels if kind == "sparse" else np.eye(shape[-1], dtype=np.float32)[labels]
    return rng.integers(0, 2, (rows, *shape)).astype(np.float32)
