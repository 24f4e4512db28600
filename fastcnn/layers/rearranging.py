"""The values of a sample in another order, or several times: `Permute`, `RepeatVector`, `UpSampling`."""

from __future__ import annotations

from typing import Any

from fastcnn import ops
from fastcnn.graph import Shape
from fastcnn.layers.arguments import data_format_name
from fastcnn.layers.input_spec import InputSpec
from fastcnn.layers.layer import Layer
from fastcnn.layers.registry import register
from fastcnn.ops.image_layout import one_of
from fastcnn.ops.image_size import INTERPOLATIONS, resampled
from fastcnn.utils.arguments import as_integer, integers, positive_integer


@register
class Permute(Layer):
    """The axes of each sample in another order.

    Args:
        dims: the numbers of the axes, counted from 1 behind the batch, in their new order.

    Output shape: `(batch, ...)` with the axes in that order.

    Raises:
        ValueError: the numbers are not 1, 2, ... in some order.

    Example:

    >>> from fastcnn import layers
    >>> layers.Permute((2, 1)).compute_output_shape((None, 10, 64))
    (None, 64, 10)
    """

    def __init__(self, dims: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.dims = integers(dims, "dims")
        if sorted(self.dims) != list(range(1, len(self.dims) + 1)):
            raise ValueError(
                "Invalid permutation argument `dims` for Permute Layer. The set of indices in `dims` must be "
                f"consecutive and start from 1. Received dims={dims!r}"
            )
        self.input_spec = InputSpec(ndim=len(self.dims) + 1)

    def call(self, inputs: Any) -> Any:
        return ops.transpose(inputs, (0, *self.dims))

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return (input_shape[0], *(input_shape[axis] for axis in self.dims))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "dims": self.dims}


@register
class RepeatVector(Layer):
    """Each vector `n` times, one below the other.

    Args:
        n: how often.

    Input shape: `(batch, features)`.

    Output shape: `(batch, n, features)`.

    Raises:
        ValueError: `n` is no positive integer.

    Example:

    >>> from fastcnn import layers
    >>> layers.RepeatVector(3)([[1.0, 2.0]]).shape
    (1, 3, 2)
    """

    def __init__(self, n: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if as_integer(n) is None:
            raise TypeError(f"Expected an integer value for `n`, got {type(n)}.")
        self.n = positive_integer(n, "n")
        self.input_spec = InputSpec(ndim=2)

    def call(self, inputs: Any) -> Any:
        return ops.repeat(ops.reshape(inputs, (-1, 1, inputs.shape[1])), self.n, axis=1)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return (input_shape[0], self.n, input_shape[1])

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "n": self.n}


class UpSampling(Layer):
    """Base: each value several times along the spatial axes."""

    def __init__(self, size: tuple[int, ...], data_format: str | None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.size: Any = size
        self.data_format = data_format_name(data_format)
        self.input_spec = InputSpec(ndim=len(size) + 2)

    @property
    def first_axis(self) -> int:
        """The first spatial axis."""
        return 2 if self.data_format == "channels_first" else 1

    def call(self, inputs: Any) -> Any:
        for axis, count in enumerate(self.size, self.first_axis):
            if count != 1:
                inputs = ops.repeat(inputs, count, axis=axis)
        return inputs

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        shape = list(input_shape)
        for axis, count in enumerate(self.size, self.first_axis):
            length = shape[axis]
            shape[axis] = None if length is None else length * count
        return tuple(shape)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "size": self.size, "data_format": self.data_format}


def sizes(value: Any, rank: int) -> tuple[int, ...]:
    """A positive integer for all axes, or one for each, as a tuple.

    Raises:
        ValueError: it is none of these.
    """
    numbers = [value] * rank if as_integer(value) is not None else list(value) if hasattr(value, "__len__") else []
    if len(numbers) != rank or any((as_integer(number) or 0) <= 0 for number in numbers):
        raise ValueError(
            f"The `size` argument must be a positive integer or a tuple of {rank} of them. Received: size={value!r}"
        )
    return tuple(int(number) for number in numbers)


@register
class UpSampling1D(UpSampling):
    """Each step of a sequence several times.

    Args:
        size: how often. Default 2.

    Output shape: `(batch, size * steps, features)`.

    Example:

    >>> from fastcnn import layers
    >>> layers.UpSampling1D(2)([[[1.0], [2.0]]])[0, :, 0]
    array([1., 1., 2., 2.], dtype=float32)
    """

    def __init__(self, size: int = 2, **kwargs: Any) -> None:
        if as_integer(size) is None:
            raise TypeError(f"Expected an integer value for `size`, got {type(size)}.")
        super().__init__(sizes(size, 1), None, **kwargs)

    def get_config(self) -> dict[str, Any]:
        config = {**super().get_config(), "size": self.size[0]}
        del config["data_format"]
        return config


@register
class UpSampling2D(UpSampling):
    """Images enlarged: each pixel several times, or with values between pixels.

    Args:
        size: factors of height and width, an integer or a pair. Default (2, 2).
        data_format: "channels_last" or "channels_first". Default None: the former.
        interpolation: "nearest", "bilinear", "bicubic", "lanczos3" or "lanczos5". Default "nearest".

    Output shape: `(batch, size[0] * height, size[1] * width, channels)`.

    Raises:
        ValueError: an argument is not known.

    Example:

    >>> from fastcnn import layers
    >>> layers.UpSampling2D((1, 2))([[[[1.0], [2.0]]]])[0, 0, :, 0]
    array([1., 1., 2., 2.], dtype=float32)
    """

    def __init__(
        self, size: Any = (2, 2), data_format: str | None = None, interpolation: str = "nearest", **kwargs: Any
    ) -> None:
        super().__init__(sizes(size, 2), data_format, **kwargs)
        self.interpolation = str(interpolation).lower()
        one_of("interpolation", self.interpolation, INTERPOLATIONS)

    def call(self, inputs: Any) -> Any:
        if self.interpolation == "nearest":
            return super().call(inputs)
        for axis, count in enumerate(self.size, self.first_axis):
            inputs = resampled(inputs, axis, count * inputs.shape[axis], self.interpolation)
        return inputs

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "interpolation": self.interpolation}


@register
class UpSampling3D(UpSampling):
    """Each voxel of a volume several times.

    Args:
        size: factors of the three axes, an integer or a triple. Default (2, 2, 2).
        data_format: "channels_last" or "channels_first". Default None: the former.

    Output shape: `(batch, size[0] * depth, size[1] * height, size[2] * width, channels)`.

    Example:

    >>> from fastcnn import layers
    >>> layers.UpSampling3D(2).compute_output_shape((None, 2, 3, 4, 5))
    (None, 4, 6, 8, 5)
    """

    def __init__(self, size: Any = (2, 2, 2), data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(sizes(size, 3), data_format, **kwargs)
