"""Names of element types."""

from __future__ import annotations

from typing import Any

PYTHON_TYPES = {bool: "bool", int: "int32", float: "float32", str: "string", "int": "int32"}
NAMES = {
    *("bool", "string", "float16", "float32", "float64", "bfloat16", "float8_e4m3fn", "float8_e5m2"),
    *("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "complex64", "complex128"),
}


def standardize_dtype(dtype: Any) -> str:
    """The name of an element type.

    Args:
        dtype: A name, a type of Python, NumPy, PyTorch or JAX; None for float32.

    Raises:
        ValueError: It is none.

    Example:

    >>> import numpy as np
    >>> from fastcnn import utils
    >>> utils.standardize_dtype(np.float64), utils.standardize_dtype(None)
    ('float64', 'float32')
    """
    if dtype is None:
        return "float32"
    try:
        dtype = PYTHON_TYPES.get(dtype, dtype)
    except TypeError:
        raise ValueError(f"Invalid dtype: {dtype!r}") from None
    name = getattr(dtype, "name", None) or getattr(dtype, "__name__", None)
    name = str(dtype).split(".")[-1] if name is None else name
    if name not in NAMES:
        raise ValueError(f"Invalid dtype: {dtype!r}")
    return str(name)
