"""Masks that travel with values from layer to layer: 1 for what counts, 0 for what only fills up, such as padding.

A tensor has its mask as an attribute. Arrays have no attributes: theirs are kept here for as long as the arrays live.
"""

from __future__ import annotations

import weakref
from typing import Any

import numpy as np

from fastcnn.graph.tensor import Tensor

_of_arrays: dict[int, tuple[weakref.ref[np.ndarray], Any]] = {}


def mask_of(x: Any) -> Any:
    """The mask of a tensor or array; None where it has none.

    Example:

    >>> import numpy as np
    >>> x = np.zeros((1, 2, 3))
    >>> set_mask(x, np.array([[1, 0]]))
    >>> mask_of(x), mask_of(x + 1)
    (array([[1, 0]]), None)
    """
    if isinstance(x, Tensor):
        return x.mask
    return _of_arrays.get(id(x), (None, None))[1] if _of_arrays else None


def set_mask(x: Any, mask: Any) -> None:
    """Let a tensor or an array have a mask; None takes it away."""
    if isinstance(x, Tensor):
        x.mask = mask
    elif mask is None:
        _of_arrays.pop(id(x), None)
    elif isinstance(x, np.ndarray):
        key = id(x)
        _of_arrays[key] = weakref.ref(x, lambda _: _of_arrays.pop(key, None)), mask


def carry_mask(x: Any, y: Any) -> Any:
    """y, which holds the values of x, with its mask."""
    if y is not x and mask_of(x) is not None:
        set_mask(y, mask_of(x))
    return y
