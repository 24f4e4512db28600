"""`Normalization`: features with mean 0 and deviation 1, by numbers that are given or computed from data."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from fastcnn import ops
from fastcnn.config import epsilon
from fastcnn.graph import Shape
from fastcnn.layers.layer import Layer
from fastcnn.layers.registry import register
from fastcnn.utils.arguments import checked_numbers, integers
from fastcnn.utils.py_dataset import PyDataset
from fastcnn.utils.row_blocks import row_blocks

BLOCK = 1 << 18
"""Elements of the data of which the moments are computed at once."""


@register
class Normalization(Layer):
    """`(inputs - mean) / sqrt(variance)`, with mean and variance given, or computed by `adapt`.

    Args:
        axis: the axis or axes whose elements have a mean and variance each; None for one of all elements. Default -1.
        mean: a number, or an array that fits the axes. Default None: from `adapt`.
        variance: the same. Given together with `mean`.
        invert: whether normalized inputs are brought back: `mean + inputs * sqrt(variance)`. Default False.

    The weights are mean, variance and a count that is always 0, as in Keras; given numbers are no weights.

    Raises:
        ValueError: an argument does not fit.

    Example:

    >>> import numpy as np
    >>> from fastcnn import layers
    >>> layer = layers.Normalization()
    >>> layer.adapt(np.array([[0.0, 7.0, 4.0], [2.0, 9.0, 6.0], [0.0, 7.0, 4.0], [2.0, 9.0, 6.0]]))
    >>> layer(np.array([[0.0, 7.0, 4.0]]))
    array([[-1., -1., -1.]], dtype=float32)
    """

    supports_masking = True

    def __init__(
        self, axis: Any = -1, mean: Any = None, variance: Any = None, invert: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.axis = () if axis is None else integers(axis, "axis")
        self.input_mean = None if mean is None else checked_numbers(mean, "mean")
        self.input_variance = None if variance is None else checked_numbers(variance, "variance")
        self.invert = invert
        if (mean is None) != (variance is None):
            raise ValueError(
                "When setting values directly, both `mean` and `variance` must be set. "
                f"Received: mean={mean} and variance={variance}"
            )
        if mean is not None and np.shape(mean) != np.shape(variance):
            raise ValueError(
                "When setting values directly, `mean` and `variance` must have the same shape. "
                f"Received: mean shape {np.shape(mean)} and variance shape {np.shape(variance)}"
            )
        if mean is not None and np.ndim(mean) > len(self.axis):
            raise ValueError(
                f"The rank of `mean` must be less than or equal to the number of axes ({len(self.axis)}). "
                f"Received: mean shape {np.shape(mean)} for axis {self.axis}"
            )

    def build(self, input_shape: Shape) -> None:
        rank = len(input_shape)
        if any(not -rank <= axis < rank for axis in self.axis):
            raise ValueError(
                "All `axis` values must be in the range [-ndim, ndim). "
                f"Received inputs with ndim={rank}, while axis={self.axis}"
            )
        self.kept = tuple(sorted(axis % rank for axis in self.axis))
        if any(input_shape[axis] is None for axis in self.kept):
            raise ValueError(
                "All `axis` values to be kept must have a known shape. "
                f"Received axis={self.axis}, inputs.shape={input_shape}"
            )
        self.wide_shape: tuple[Any, ...] = tuple(
            length if axis in self.kept else 1 for axis, length in enumerate(input_shape)
        )
        shape: Any = tuple(input_shape[axis] for axis in self.kept)
        if self.input_mean is None:
            self.adapt_mean = self.add_weight(shape, "zeros", trainable=False, name="mean")
            self.adapt_variance = self.add_weight(shape, "ones", trainable=False, name="variance")
            self.count = self.add_weight((), "zeros", trainable=False, name="count")

    def given(self, values: Any) -> np.ndarray:
        """Given numbers in the shape that meets the inputs."""
        try:
            wide = np.broadcast_to(np.asarray(values, "float32"), [self.wide_shape[axis] for axis in self.kept])
        except ValueError as error:
            raise ValueError(
                f"`mean` and `variance` of shape {np.shape(values)} do not fit the axes {self.axis} of the inputs"
            ) from error
        return np.ascontiguousarray(wide).reshape(self.wide_shape)

    @property
    def mean(self) -> np.ndarray:
        """The mean, in the shape that meets the inputs."""
        return (
            self.adapt_mean.numpy().reshape(self.wide_shape) if self.input_mean is None else self.given(self.input_mean)
        )

    @property
    def variance(self) -> np.ndarray:
        """The variance, in the shape that meets the inputs."""
        return (
            self.adapt_variance.numpy().reshape(self.wide_shape)
            if self.input_mean is None
            else self.given(self.input_variance)
        )

    def adapt(self, data: Any) -> None:
        """Compute mean and variance of data.

        Args:
            data: an array; or a `PyDataset` or any iterable of batches, where those of more than one part count with
                their first.

        Raises:
            TypeError: data is none of these.
            ValueError: there are no batches, or shapes do not fit.
        """
        if hasattr(data, "shape") and hasattr(data, "dtype"):
            batches: Iterator[Any] = iter([np.asarray(data)])
        elif isinstance(data, PyDataset):
            batches = (data[index] for index in range(len(data)))  # type: ignore[arg-type]
        elif isinstance(data, Iterable) and not isinstance(data, (str, bytes, dict)):
            batches = iter(data)
        else:
            raise TypeError(
                f"Unsupported data type: {type(data)}. `adapt` supports arrays, `PyDataset`, and iterables of batches "
                "(e.g. list, generator)."
            )
        arrays = (first_part(batch) for batch in batches)
        first = next(arrays, None)
        if first is None:
            raise ValueError(
                "adapt() received an empty iterable (no batches). Expected at least one batch, e.g. "
                "layer.adapt([x]) or layer.adapt(list_of_batches)."
            )
        if self.input_mean is not None:
            raise ValueError("adapt() is for layers without a given `mean` and `variance`")
        if not self.built:
            self.build((first.shape[0] if 0 in [a % first.ndim for a in self.axis] else None, *first.shape[1:]))
        self.assign_moments(itertools.chain([first], arrays))

    def assign_moments(self, arrays: Iterator[np.ndarray]) -> None:
        """Mean and variance over all arrays, merged in float64 block by block."""
        seen, mean, variance = 0, np.float64(0), np.float64(0)
        for array in arrays:
            if array.ndim != len(self.wide_shape) or any(array.shape[a] != self.wide_shape[a] for a in self.kept):
                raise ValueError(
                    f"The layer was built for inputs of which the axes {self.axis} are of "
                    f"{tuple(self.wide_shape[a] for a in self.kept)} elements, but adapt() is being called with data "
                    f"with an incompatible shape, data.shape={array.shape}"
                )
            others = tuple(axis for axis in range(array.ndim) if axis not in self.kept)
            for block in row_blocks(array, array.size if 0 in self.kept else BLOCK):
                count = math.prod(block.shape[axis] for axis in others)
                seen += count
                share = count / seen
                own_mean = block.mean(axis=others, dtype=np.float64)
                step = own_mean - mean
                variance = variance + share * (block.var(axis=others, dtype=np.float64) - variance)
                variance = variance + share * (1 - share) * step**2
                mean = mean + share * step
        self.adapt_mean.assign(np.asarray(mean, "float32"))
        self.adapt_variance.assign(np.asarray(variance, "float32"))

    def call(self, inputs: Any) -> Any:
        if self.input_mean is None:
            mean, variance = (ops.reshape(w, self.wide_shape) for w in (self.adapt_mean, self.adapt_variance))
        else:
            mean, variance = self.mean, self.variance
        deviation = ops.maximum(ops.sqrt(variance), epsilon())
        if self.invert:
            return ops.add(mean, ops.multiply(inputs, deviation))
        return ops.divide(ops.subtract(inputs, mean), deviation)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return tuple(input_shape)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "axis": self.axis,
            "invert": self.invert,
            "mean": np.array(self.input_mean).tolist(),
            "variance": np.array(self.input_variance).tolist(),
        }


def first_part(batch: Any) -> np.ndarray:
    """The inputs of a batch as an array.

    Raises:
        TypeError: it is none.
    """
    inputs = batch[0] if isinstance(batch, tuple) else batch
    if not hasattr(inputs, "shape"):
        raise TypeError(
            "adapt() expects an iterable that yields arrays. Got an element of type "
            f"{type(inputs).__name__}; to adapt to a list of numbers, make it an array first"
        )
    return np.asarray(inputs)
