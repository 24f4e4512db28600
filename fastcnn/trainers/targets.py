"""What users pass as y: labels checked against the loss and the model's output, before any work is done."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from fastcnn.trainers.arrays import as_rows, gatherable
from fastcnn.trainers.compiled import Head
from fastcnn.utils.row_blocks import row_blocks

Loss = Any
Check = Callable[[np.ndarray, tuple[int, ...], str, Loss], np.ndarray]

BLOCK = 1 << 17
"""Elements of the labels that are looked at at once."""


def as_targets(
    y: Any, samples: int, head: Head, output_shape: tuple[int, ...], name: str = "y", x_name: str = "x"
) -> np.ndarray:
    """The targets as rows that a step gathers, numbers of any type: no copy where the user's array is such already.

    Args:
        y: the user's value.
        samples: number of rows of x.
        head: the losses and metrics that will compare them with predictions.
        output_shape: shape of the model's output without the batch.
        name: the argument's name in messages.
        x_name: that of x.

    Raises:
        ValueError: the length, the shape or the values do not fit.
        TypeError: they are not numbers.
    """
    loss = next((one for one in head.losses if one.labels == head.labels), None)
    if y is None:
        who = f"the loss {loss.name}" if loss else "a metric"
        raise ValueError(f"{name} is missing: {who} needs targets; pass one row for each row of {x_name}")
    array = target_rows(y, samples, name, x_name)
    if array.dtype.kind == "f" and np.isnan(array.min()):
        row, _ = first_of(array, np.isnan) or (0, 0)
        raise ValueError(f"{name} holds NaN, first in row {row}; remove these rows or fill in their labels")
    if loss is None:
        return gatherable(array)
    checks: dict[str, Check] = {
        "sparse": class_numbers, "one_hot": one_hot_labels, "binary": yes_no_labels, "values": same_shape
    }  # fmt: skip
    return checks[loss.labels](array, output_shape, name, loss) if loss.labels in checks else gatherable(array)


def target_rows(y: Any, samples: int, name: str, x_name: str | None = None) -> np.ndarray:
    """y as rows of numbers, as many as x has."""
    array = as_rows(y, name)
    if len(array) != samples:
        x_name = x_name or name.replace("y", "x")
        raise ValueError(
            f"{x_name} and {name} differ in length: {x_name} has {samples} rows, {name} has {len(array)}; "
            f"pass one row of {name} for each row of {x_name}"
        )
    return array


def class_numbers(y: np.ndarray, output_shape: tuple[int, ...], name: str, loss: Loss) -> np.ndarray:
    """Class numbers from 0 to classes - 1, one for each sample; or that of a class that does not count."""
    positions, classes = list(output_shape), output_shape[-1]
    axis = getattr(loss, "fn_kwargs", {}).get("axis", -1)
    classes = positions.pop(axis if axis < 0 else axis - 1)
    if y.shape[1:] == output_shape and classes > 1:
        raise ValueError(
            f"{name} has shape {y.shape}: these look like one-hot labels, but the loss {loss.name} takes class "
            f"numbers; use the loss 'categorical_crossentropy', or pass {name}.argmax(axis=-1)"
        )
    if y.shape[1:] not in (tuple(positions), (*positions, 1)):
        raise ValueError(
            f"{name} has shape {y.shape}, but the loss {loss.name} takes one class number for each sample: "
            f"pass shape {(len(y), *positions)}"
        )
    ignored = getattr(loss, "fn_kwargs", {}).get("ignore_class")

    def is_no_class(labels: np.ndarray) -> np.ndarray:
        wrong = (labels < 0) | (labels >= classes)
        return wrong if ignored is None else wrong & (labels != ignored)

    if y.min() < 0 or y.max() >= classes:
        wrong = first_of(y, is_no_class)
        if wrong is not None:
            row, label = wrong
            raise ValueError(
                f"{name} holds the label {label} in row {row}, but the model's output has {classes} classes: "
                f"labels must be from 0 to {classes - 1}; correct the labels or give the last layer more units"
            )
    fraction = first_of(y, lambda labels: labels != np.trunc(labels)) if y.dtype.kind == "f" else None
    if fraction is not None:
        raise ValueError(f"{name} holds {fraction[1]}, but the loss {loss.name} takes whole class numbers")
    return gatherable(y.reshape(len(y), *positions))


def first_of(y: np.ndarray, found: Callable[[np.ndarray], np.ndarray]) -> tuple[int, Any] | None:
    """The row and the value of the first element for which a function is true; None where there is none. The function
    sees a few rows at a time, so that its results need no memory to speak of."""
    first = 0
    for block in row_blocks(y, BLOCK):
        is_found = found(block)
        if is_found.any():
            return first + int(np.argwhere(is_found)[0, 0]), block[is_found][0]
        first += len(block)
    return None


def one_hot_labels(y: np.ndarray, output_shape: tuple[int, ...], name: str, loss: Loss) -> np.ndarray:
    """A probability for each class."""
    classes = output_shape[-1]
    if y.shape[1:] != output_shape:
        if y.shape[1:] in (output_shape[:-1], (*output_shape[:-1], 1)):
            raise ValueError(
                f"{name} has shape {y.shape}: these look like class numbers, but the loss {loss.name} takes one-hot "
                f"labels; use the loss 'sparse_categorical_crossentropy', or pass "
                f"utils.to_categorical({name}, {classes})"
            )
        return same_shape(y, output_shape, name, loss)
    return within_0_and_1(y, name, loss)


def yes_no_labels(y: np.ndarray, output_shape: tuple[int, ...], name: str, loss: Loss) -> np.ndarray:
    """Numbers from 0 to 1 in the shape of the output."""
    if y.shape[1:] in ((), (1,)) and output_shape[-1] > 1:
        raise ValueError(
            f"{name} has shape {y.shape}, but the output for each sample has shape {output_shape}: the loss "
            f"{loss.name} takes a 0 or 1 for each number of it; for class numbers use the loss "
            "'sparse_categorical_crossentropy'"
        )
    return within_0_and_1(same_shape(y, output_shape, name, loss), name, loss)


def within_0_and_1(y: np.ndarray, name: str, loss: Loss) -> np.ndarray:
    """Labels, if all are from 0 to 1."""
    if y.min() < 0 or y.max() > 1:
        row, label = first_of(y, lambda labels: (labels < 0) | (labels > 1)) or (0, 0)
        raise ValueError(
            f"{name} holds the label {label} in row {row}, but the loss {loss.name} takes labels from 0 to 1"
        )
    return gatherable(y)


def same_shape(y: np.ndarray, output_shape: tuple[int, ...], name: str, loss: Loss) -> np.ndarray:
    """Targets of the shape of the output, up to a last dimension of size 1. A loss of the user's own takes any."""
    known = type(loss).__module__.startswith("fastcnn.")
    shapes = (y.shape[1:], (*y.shape[1:], 1))
    if output_shape in shapes or y.shape[1:] == (*output_shape, 1):
        return gatherable(y.reshape(len(y), *output_shape))
    if known and not is_own_function(loss):
        raise ValueError(
            f"{name} has shape {y.shape}, but the model's output has shape {(len(y), *output_shape)}; "
            f"the loss {loss.name} compares them number by number: reshape {name} or change the last layer"
        )
    return gatherable(y)


def is_own_function(loss: Loss) -> bool:
    """Whether a loss wraps a function that is not the library's."""
    return not getattr(loss, "fn", same_shape).__module__.startswith("fastcnn.")


def target_dtype(y: np.ndarray, head: Head) -> str:
    """In which type a step gathers targets: class numbers as int32, all else as float32."""
    return "int32" if is_class_numbers(y, head) else "float32"


def is_class_numbers(y: np.ndarray, head: Head) -> bool:
    """Whether targets are class numbers: by the loss or, for a loss that does not say, by type and rank."""
    return head.labels == "sparse" or (head.labels in ("values", "any") and y.dtype.kind in "iu" and y.ndim == 1)
