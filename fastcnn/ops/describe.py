"""What a tensor is like: its shape, size, rank and element type; and conversions to and from arrays."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from fastcnn.graph import Tensor, Variable
from fastcnn.ops.batch_size import BatchSize
from fastcnn.ops.state import cast


def shape(x: Any) -> tuple[int, ...]:
    """The shape, as a tuple of integers.

    The unknown batch of a symbolic tensor is an integer of a kind of its own, which counts as -1, and can be multiplied
    by integers. `reshape`, `broadcast_to`, `zeros`, `ones`, `full` and `fastcnn.random` take it as the first length.

    >>> import numpy as np
    >>> from fastcnn import ops
    >>> ops.shape(np.zeros((2, 3)))
    (2, 3)
    """
    lengths = getattr(x, "shape", None)
    lengths = np.shape(x) if lengths is None else lengths
    return tuple(BatchSize(x) if length is None else length for length in lengths)


def size(x: Any) -> int:
    """The number of elements.

    >>> from fastcnn import ops
    >>> ops.size([[1, 2], [3, 4]])
    4
    """
    return math.prod(shape(x)[::-1])


def ndim(x: Any) -> int:
    """The number of axes.

    >>> from fastcnn import ops
    >>> ops.ndim([[1, 2], [3, 4]])
    2
    """
    return len(shape(x))


def dtype(x: Any) -> str:
    """The name of the element type.

    >>> import numpy as np
    >>> from fastcnn import ops
    >>> ops.dtype(np.zeros(3, "uint8"))
    'uint8'
    """
    return x.dtype if isinstance(x, (Tensor, Variable)) else np.asarray(x).dtype.name


def is_tensor(x: Any) -> bool:
    """Whether something is a tensor: symbolic, a variable, or an array.

    >>> import numpy as np
    >>> from fastcnn import ops
    >>> ops.is_tensor(np.zeros(3)), ops.is_tensor([0, 0, 0])
    (True, False)
    """
    return isinstance(x, (Tensor, Variable, np.ndarray))


def typed(x: Any, dtype: str | None) -> Any:
    """`x` as another element type; as it is if there is none."""
    return x if dtype is None else cast(x, dtype)


def convert_to_tensor(x: Any, dtype: str | None = None, sparse: bool | None = None, ragged: bool | None = None) -> Any:
    """Numbers as an array; tensors and arrays as they are.

    Args:
        x: Numbers, an array, a variable, or a symbolic tensor.
        dtype: The element type. Default None: int32 for whole numbers in lists, float32 for others, that of an array.
        sparse: None or False.
        ragged: None or False.

    Raises:
        ValueError: a sparse or ragged tensor is asked for.

    Source: as `keras.ops.convert_to_tensor`.

    >>> from fastcnn import ops
    >>> ops.convert_to_tensor([1, 2])
    array([1, 2], dtype=int32)
    """
    if sparse or ragged:
        raise ValueError(f"there are no sparse or ragged tensors, received sparse={sparse!r}, ragged={ragged!r}")
    if isinstance(x, (Tensor, Variable)):
        return typed(x, dtype)
    array = np.asarray(x)
    if dtype is None and not isinstance(x, (np.ndarray, np.generic)):
        dtype = {"f": "float32", "i": "int32"}.get(array.dtype.kind)
    return typed(array, dtype)


def array(x: Any, dtype: str | None = None) -> Any:
    """The same as `convert_to_tensor`.

    >>> from fastcnn import ops
    >>> ops.array([1, 2], "float32")
    array([1., 2.], dtype=float32)
    """
    return convert_to_tensor(x, dtype)


def convert_to_numpy(x: Any) -> np.ndarray:
    """The values as a NumPy array.

    Raises:
        TypeError: a symbolic tensor has none yet.

    >>> from fastcnn import ops
    >>> ops.convert_to_numpy([1.0, 2.0])
    array([1., 2.])
    """
    return np.asarray(x)


def copy(x: Any) -> Any:
    """A copy of an array; a symbolic tensor as it is, since nothing changes it.

    >>> from fastcnn import ops
    >>> ops.copy([1.0, 2.0])
    array([1., 2.], dtype=float32)
    """
    x = convert_to_tensor(x)
    return x if isinstance(x, Tensor) else np.array(x)
