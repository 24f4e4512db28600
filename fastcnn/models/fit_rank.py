"""Fitting arrays to the input shape of a model."""

from __future__ import annotations

import numpy as np

from fastcnn.graph import Shape
from fastcnn.graph.open_sizes import fitted


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
    shape = fitted(input_shape, x.shape)
    if shape is None:
        raise misfit(x.shape, input_shape, name)
    return x.reshape(shape)


def misfit(shape: Shape, input_shape: Shape, name: str) -> ValueError:
    """The error for a shape that does not fit a model's input."""
    hint = "; a single sample needs a batch axis: x[None]" if shape == tuple(input_shape[1:]) else ""
    return ValueError(
        f"Input of model {name!r} is incompatible with the model: expected shape={input_shape}, "
        f"found shape={shape}{hint}"
    )
