"""What users pass as sample_weight and class_weight: weights for the loss of each row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from fastcnn.trainers.arrays import as_rows, gatherable
from fastcnn.trainers.per_output import for_each_output
from fastcnn.utils.arguments import checked_number


def sample_weights(
    given: Any, samples: int, names: Sequence[str | None], argument: str = "sample_weight"
) -> tuple[list[np.ndarray], list[int | None]]:
    """The weights as arrays of rows, and for each output the number of its own.

    Args:
        given: one array for all outputs, or a list or dictionary with one for each; None for none.
        samples: number of rows of x.
        names: names of the outputs.
        argument: the argument's name in messages.

    Raises:
        ValueError: an array has another length.
        TypeError: it holds no numbers.
    """
    if given is None:
        return [], [None] * len(names)
    nested = isinstance(given, dict) or (isinstance(given, (list, tuple)) and len(given) != samples)
    several = len(names) > 1 and nested
    if not several:
        if isinstance(given, dict):
            (given,) = for_each_output(given, names, argument)
        rows = weight_rows(given, samples, argument)
        if len(names) > 1 and rows.size != samples:
            raise ValueError(
                f"{argument} must have one number for each row where one array is for several outputs, "
                f"received the shape {rows.shape}; pass a list with an array for each output"
            )
        return [rows], [0] * len(names)
    weights: list[np.ndarray] = []
    numbers: list[int | None] = []
    for one in for_each_output(given, names, argument):
        numbers.append(None if one is None else len(weights))
        if one is not None:
            weights.append(weight_rows(one, samples, argument))
    return weights, numbers


def weight_rows(given: Any, samples: int, argument: str) -> np.ndarray:
    """Weights as rows, as many as x has."""
    array = as_rows(given, argument)
    if len(array) != samples:
        raise ValueError(
            f"x and {argument} differ in length: x has {samples} rows, {argument} has {len(array)}; "
            f"pass one weight for each row of x"
        )
    return gatherable(array)


def class_weights_of(y: np.ndarray, class_weight: Any) -> np.ndarray:
    """The weight of each row by its class; 1 for classes without one.

    Args:
        y: class numbers, one for each row, or one-hot rows.
        class_weight: a dictionary of class numbers and weights.

    Raises:
        ValueError: it is no dictionary of class numbers, or y does not hold one class for each row.
    """
    if not isinstance(class_weight, Mapping):
        raise ValueError(f"class_weight must be a dictionary of class numbers and weights, received {class_weight!r}")
    wrong = [key for key in class_weight if isinstance(key, (str, float)) or int(key) != key or key < 0]
    if wrong:
        raise ValueError(f"class_weight must have class numbers from 0 on as keys, received {wrong[0]!r}")
    if y.ndim > 2:
        raise ValueError(f"class_weight needs one class for each row; y has shape {y.shape}; pass sample_weight")
    classes = y.argmax(axis=1) if y.ndim == 2 and y.shape[1] > 1 else y.reshape(-1).astype("int64")
    table = np.ones(max([int(classes.max()), *map(int, class_weight)]) + 1, "float32")
    for number, weight in class_weight.items():
        table[int(number)] = checked_number(weight, "class_weight")
    return table[classes]
