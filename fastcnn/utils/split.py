"""A data set cut into two."""

from __future__ import annotations

import random
from typing import Any

import numpy as np

from fastcnn.utils.dataset import Dataset, as_element, row_of, stacked
from fastcnn.utils.tree import flatten


def split_dataset(
    dataset: Any,
    left_size: float | None = None,
    right_size: float | None = None,
    shuffle: bool = False,
    seed: int | None = None,
    preferred_backend: str | None = None,
) -> tuple[Dataset, Dataset]:
    """Cut a data set into a left and a right part, such as one to train on and one to test with.

    Args:
        dataset: An array, a list or tuple of arrays with the same length, a `data.Dataset` or one of tf.data, or
            anything with a length whose samples are found by number, such as a `torch.utils.data.Dataset`. It is held
            in memory.
        left_size: Samples of the left part: how many (int), or which share (float). Default None: the rest.
        right_size: The same of the right part, which is taken from the end. Default None: the rest.
        shuffle: Whether to shuffle the samples first. Default False.
        seed: Of Python's `random`, for the same order as Keras's.
        preferred_backend: Without effect.

    Returns:
        Two instances of `data.Dataset`, of single samples; of batches, if `dataset` is one of batches.

    Raises:
        ValueError: A part would be empty, the parts are too large, or the arrays differ in length.
        TypeError: `dataset` or a size is of another type.

    Example:

    >>> import numpy as np
    >>> from fastcnn import utils
    >>> left, right = utils.split_dataset(np.arange(10), left_size=0.8)
    >>> len(left), [int(number) for number in right]
    (8, [8, 9])
    """
    samples, batch_size = held(dataset)
    if left_size is None and right_size is None:
        raise ValueError(
            "At least one of the `left_size` or `right_size` must be specified. Received: left_size=None and "
            "right_size=None"
        )
    count = len(flatten(samples)[0])
    order = list(range(count))
    if shuffle:
        random.Random(random.randint(0, 1_000_000) if seed is None else seed).shuffle(order)
    left, right = sizes(left_size, right_size, count)
    parts = []
    for rows in (order[:left], order[count - right :]):
        part = Dataset.from_tensor_slices(row_of(samples, rows))
        parts.append(part if batch_size is None else part.batch(batch_size))
    return parts[0], parts[1]


def held(dataset: Any) -> tuple[Any, int | None]:
    """All samples as rows of arrays, and the size of the batches in which they came.

    Raises:
        ValueError: arrays of a list differ in length, or there are no samples.
        TypeError: it is no data set.
    """
    batch_size = None
    if isinstance(dataset, (list, tuple)):
        for index, array in enumerate(dataset):
            if not isinstance(array, np.ndarray):
                raise ValueError(
                    f"Expected a {type(dataset).__name__} of `numpy.ndarray` objects. Received: {type(array)} at index "
                    f"{index}."
                )
            if array.shape[:1] != dataset[0].shape[:1]:
                raise ValueError(
                    f"Received a {type(dataset).__name__} of NumPy arrays with different lengths. Mismatch found at "
                    f"index {index}, Expected shape={dataset[0].shape} Received shape={array.shape}. Please provide a "
                    f"{type(dataset).__name__} of NumPy arrays of the same length."
                )
        samples: Any = tuple(dataset)
    elif isinstance(dataset, np.ndarray):
        samples = dataset
    elif isinstance(dataset, Dataset) or hasattr(dataset, "element_spec"):
        batch_size = getattr(dataset, "_batch_size", None)
        batch_size = None if batch_size is None else int(batch_size)
        members = [as_element(member) for member in (dataset if batch_size is None else dataset.unbatch())]
        samples = stacked(members) if members else ()
    elif hasattr(dataset, "__getitem__") and hasattr(dataset, "__len__") and not isinstance(dataset, (dict, str)):
        members = [as_element(dataset[index]) for index in range(len(dataset))]
        samples = stacked(members) if members else ()
    else:
        raise TypeError(
            "The `dataset` argument must be a data set, an array, or a list/tuple of arrays. Received: "
            f"dataset={dataset} of type {type(dataset)}"
        )
    if not flatten(samples) or not flatten(samples)[0].size:
        raise ValueError("Received an empty dataset. Argument `dataset` must have samples.")
    return samples, batch_size


def sizes(left: Any, right: Any, count: int) -> tuple[int, int]:
    """The number of samples of both parts.

    Raises:
        TypeError, ValueError: as `split_dataset`.
    """
    for name, size in (("left_size", left), ("right_size", right)):
        if size is None:
            continue
        if type(size) not in (int, float):
            raise TypeError(
                f"Invalid `{name}` Type. Expected: int or float or None, Received: type({name})={type(size)}"
            )
        if not 0 < size < (1 if isinstance(size, float) else count):
            raise ValueError(
                f"`{name}` should be either a positive integer smaller than {count}, or a float within the range "
                f"`[0, 1]`. Received: {name}={size}"
            )
    if isinstance(left, float) and isinstance(right, float) and left + right > 1:
        raise ValueError(
            "The sum of `left_size` and `right_size` is greater than 1. It must be less than or equal to 1. Received: "
            f"left_size={left} and right_size={right}"
        )
    first = round(left * count) if isinstance(left, float) else left
    second = round(right * count) if isinstance(right, float) else right
    first = count - second if first is None else first
    second = count - first if second is None else second
    if first + second > count:
        raise ValueError(
            f"The sum of `left_size` and `right_size` should be smaller than the {count}. Received: "
            f"left_size={left} and right_size={right}"
        )
    for side, size in (("left", first), ("right", second)):
        if not size:
            raise ValueError(
                f"With `dataset` of length={count}, left_size={left} and right_size={right}, the resulting {side} side "
                "dataset split will be empty. Adjust any of the aforementioned parameters"
            )
    return first, second
