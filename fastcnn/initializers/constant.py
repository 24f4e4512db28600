"""Initializers that draw nothing: zeros, ones, a constant, the identity matrix."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from fastcnn.initializers.initializer import Initializer, checked_dtype, checked_shape
from fastcnn.utils.arguments import checked_number


class Zeros(Initializer):
    """All zeros, the default of biases.

    Example:

    >>> from fastcnn import initializers
    >>> initializers.Zeros()((3,))
    array([0., 0., 0.], dtype=float32)
    """

    def __call__(self, shape: Sequence[int], dtype: DTypeLike | None = None) -> NDArray:
        return np.zeros(checked_shape(shape), checked_dtype(dtype))


class Ones(Initializer):
    """All ones.

    Example:

    >>> from fastcnn import initializers
    >>> initializers.Ones()((3,))
    array([1., 1., 1.], dtype=float32)
    """

    def __call__(self, shape: Sequence[int], dtype: DTypeLike | None = None) -> NDArray:
        return np.ones(checked_shape(shape), checked_dtype(dtype))


class Constant(Initializer):
    """The same value everywhere.

    Args:
        value: A number, or an array which can be broadcast to the weight's shape. Default 0.

    Raises:
        ValueError: `value` holds no numbers, or, when called, its shape does not fit.

    Example:

    >>> from fastcnn import initializers
    >>> initializers.Constant(0.1)((3,))
    array([0.1, 0.1, 0.1], dtype=float32)
    """

    def __init__(self, value: ArrayLike = 0.0):
        array = np.asarray(value)
        if array.dtype.kind not in "fiub":
            raise ValueError(f"value must be a number or an array of numbers, not {value!r}")
        self.value = array.copy()

    def __call__(self, shape: Sequence[int], dtype: DTypeLike | None = None) -> NDArray:
        sizes = checked_shape(shape)
        result = np.empty(sizes, checked_dtype(dtype))
        try:
            result[...] = self.value
        except ValueError:
            raise ValueError(
                f"the value of this Constant has the shape {self.value.shape}, which does not fit a weight of shape "
                f"{sizes}"
            ) from None
        return result

    def get_config(self) -> dict[str, Any]:
        return {"value": self.value.tolist()}


class Identity(Initializer):
    """The identity matrix, for weights with two axes.

    Args:
        gain: Factor for the matrix. Default 1.

    Raises:
        ValueError: `gain` is no finite number, or, when called, the shape has not two axes.

    Example:

    >>> from fastcnn import initializers
    >>> initializers.Identity(gain=2)((2, 3))
    array([[2., 0., 0.],
           [0., 2., 0.]], dtype=float32)
    """

    def __init__(self, gain: float = 1.0):
        self.gain = float(checked_number(gain, "gain"))

    def __call__(self, shape: Sequence[int], dtype: DTypeLike | None = None) -> NDArray:
        sizes = checked_shape(shape)
        if len(sizes) != 2:
            raise ValueError(f"Identity makes matrices: the shape must have 2 axes, not {sizes}")
        return (self.gain * np.eye(*sizes)).astype(checked_dtype(dtype))

    def get_config(self) -> dict[str, Any]:
        return {"gain": self.gain}
