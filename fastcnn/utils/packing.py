"""Inputs, targets and weights of a batch as one value, in the forms that `fit` takes."""

from __future__ import annotations

from typing import Any


def unpack_x_y_sample_weight(data: Any) -> tuple[Any, Any, Any]:
    """Inputs, targets and weights of a batch; None for what it has not.

    Args:
        data: The inputs, or a tuple or list `(x,)`, `(x, y)` or `(x, y, sample_weight)`.

    Raises:
        ValueError: It has no or more parts.

    Example:

    >>> from fastcnn import utils
    >>> utils.unpack_x_y_sample_weight(([1.0], [2.0]))
    ([1.0], [2.0], None)
    """
    if not isinstance(data, (tuple, list)):
        return data, None, None
    if not 1 <= len(data) <= 3:
        raise ValueError(
            "Data is expected to be in format `x`, `(x,)`, `(x, y)`, or `(x, y, sample_weight)`, found: a "
            f"{type(data).__name__} of length {len(data)}"
        )
    x, y, sample_weight = (*data, None, None)[:3]
    return x, y, sample_weight


def pack_x_y_sample_weight(x: Any, y: Any = None, sample_weight: Any = None) -> Any:
    """Inputs, targets and weights as one tuple.

    Args:
        x: Inputs.
        y: Targets. Default: none.
        sample_weight: Weights. Default: none.

    Returns:
        `(x, y, sample_weight)`, `(x, y)`, or without targets just `x`, in a tuple where it is a list or tuple itself.

    Example:

    >>> from fastcnn import utils
    >>> utils.pack_x_y_sample_weight(1, 2)
    (1, 2)
    """
    if y is None:
        return (x,) if isinstance(x, (tuple, list)) else x
    return (x, y) if sample_weight is None else (x, y, sample_weight)
