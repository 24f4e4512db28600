"""Labels as one-hot vectors, arrays of length one."""

import operator
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray


def class_numbers(x: ArrayLike) -> NDArray[np.int64]:
    """`x` as integers; numbers with a fraction, NaN and things that are no numbers are errors."""
    values = np.asarray(x)
    if values.dtype.kind not in "fiub":
        raise TypeError(f"x must hold class numbers (integers from 0), not values of type {values.dtype}")
    if values.dtype.kind == "f":
        wrong = values[~np.isfinite(values) | (values != np.floor(values))]
        if wrong.size:
            raise ValueError(f"x must hold class numbers (integers from 0), not {wrong[0]}")
    return values.astype(np.int64)


def to_categorical(x: ArrayLike, num_classes: int | None = None) -> NDArray[np.float64]:
    """Class numbers as one-hot vectors, the targets of categorical cross-entropy.

    Args:
        x: Class numbers from 0 to `num_classes - 1`, of any shape; a last axis of size 1 is dropped.
        num_classes: Number of classes. Default None: the largest number in `x` plus 1.

    Returns:
        float64 array of shape `x.shape + (num_classes,)`: 1 at the class, 0 elsewhere.

    Raises:
        TypeError: `x` holds no numbers.
        ValueError: A number is negative, no integer or not less than `num_classes`; `num_classes` is less than 1;
            or `x` is empty and `num_classes` is None.

    Example:

    >>> from fastcnn import utils
    >>> utils.to_categorical([0, 2], num_classes=3)
    array([[1., 0., 0.],
           [0., 0., 1.]])
    """
    classes = class_numbers(x)
    if classes.ndim > 1 and classes.shape[-1] == 1:
        classes = classes[..., 0]
    if num_classes is None:
        if classes.size == 0:
            raise ValueError("x is empty, so the number of classes cannot be seen from it: give num_classes")
        count = int(classes.max()) + 1
    else:
        try:
            count = operator.index(num_classes)
        except TypeError:
            count = 0
        if count < 1:
            raise ValueError(f"num_classes must be an integer from 1 or None, not {num_classes!r}")
    wrong = classes[(classes < 0) | (classes >= count)]
    if wrong.size:
        advice = "" if num_classes is None or wrong[0] < 0 else f"; num_classes must be at least {classes.max() + 1}"
        raise ValueError(f"x must hold class numbers from 0 to {max(count, 1) - 1}, not {wrong[0]}{advice}")
    result = np.zeros((*classes.shape, count))
    np.put_along_axis(result, classes[..., None], 1, axis=-1)
    return result


def normalize(x: Any, axis: int = -1, order: float = 2) -> Any:
    """An array divided by its norm along an axis; where that is 0, it stays.

    Args:
        x: Array.
        axis: The axis. Default -1.
        order: Of the norm: 1, 2 (default), any other, `float("inf")` for the largest magnitude.

    Returns:
        New array of the same shape.

    Example:

    >>> import numpy as np
    >>> from fastcnn import utils
    >>> utils.normalize(np.array([[3.0, 4.0], [0.0, 0.0]]))
    array([[0.6, 0.8],
           [0. , 0. ]])
    """
    values = np.asarray(x)
    norm = np.linalg.norm(values, order, axis, keepdims=True)
    return values / np.where(norm == 0, 1, norm)
