"""Fitting arrays to the input shape of a model."""

from __future__ import annotations

import numpy as np

from fastcnn.graph import Shape
from fastcnn.graph.open_sizes import accepts


def fit_rank(x: np.ndarray, input_shape: Shape, name: str = "model") -> np.ndarray:
    """The array with the rank of a model's input, as a view: an axis of size 1 at the end may be missing or too many.

    Args:
        x: a batch of samples.
        input_shape: the shape of the model's input, batch included.
        name: the model's name, for errors.

    Raises:
        ValueError: the array does not fit the model.

    Example:

    >>> import numpy as np
    >>> fit_rank(np.zeros((100, 28, 28)), (None, 28, 28, 1)).shape
    (100, 28, 28, 1)
    """
    shape = x.shape
    if len(shape) == len(input_shape) - 1 and input_shape[-1] == 1:
        x = x[..., None]
    elif len(shape) == len(input_shape) + 1 and shape[-1] == 1:
        x = x[..., 0]
    check_shape(x.shape, input_shape, name, found=shape)
    return x


def check_shape(shape: Shape, input_shape: Shape, name: str, found: Shape) -> None:
    """Compare a shape with that of a model's input, except for the batch. `found` is the shape to report.

    Raises:
        ValueError: it does not fit.
    """
    if not accepts(input_shape, shape):
        hint = "; a single sample needs a batch axis: x[None]" if found == tuple(input_shape[1:]) else ""
        raise ValueError(
            f"Input of model {name!r} is incompatible with the model: expected shape={input_shape}, "
            f"found shape={found}{hint}"
        )
