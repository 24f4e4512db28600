"""Borders of sequences, images and volumes: zeros put around them, or rows cut off."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from fastcnn import ops
from fastcnn.graph import Shape
from fastcnn.layers.arguments import data_format_name
from fastcnn.layers.input_spec import InputSpec
from fastcnn.layers.layer import Layer
from fastcnn.layers.registry import register
from fastcnn.utils.arguments import as_integer

Pairs = tuple[tuple[int, int], ...]


def border_pairs(value: Any, rank: int, name: str) -> Pairs:
    """(before, after) for each of `rank` axes, from one number, one for each axis, or one pair for each.

    Raises:
        ValueError: it is none of these, or a number is negative.
    """
    if rank == 1 and isinstance(value, Iterable) and all(as_integer(member) is not None for member in value):
        value = (tuple(value),)
    entries = [value] * rank if as_integer(value) is not None else list(value) if isinstance(value, Iterable) else []
    pairs = [(entry, entry) if as_integer(entry) is not None else entry for entry in entries]
    fits = len(pairs) == rank and all(
        isinstance(pair, (tuple, list)) and len(pair) == 2 and all((as_integer(n) or 0) >= 0 for n in pair)
        for pair in pairs
    )
    if not fits or any(as_integer(number) is None for pair in pairs for number in pair):
        raise ValueError(
            f"`{name}` should be a non-negative integer, or have {rank} elements: integers or pairs of them. "
            f"Received: {name}={value!r}"
        )
    return tuple((int(before), int(after)) for before, after in pairs)


class Border(Layer):
    """Base: a width before and after each spatial axis."""

    rank: int

    def __init__(self, data_format: str | None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.data_format = data_format_name(data_format)
        self.input_spec = InputSpec(ndim=self.rank + 2)

    def all_axes(self, pairs: Pairs) -> Pairs:
        """The widths for batch and channels too."""
        if self.data_format == "channels_first":
            return ((0, 0), (0, 0), *pairs)
        return ((0, 0), *pairs, (0, 0))


class ZeroPadding(Border):
    """Base of the layers that put zeros around."""

    def __init__(self, padding: Any, data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(data_format, **kwargs)
        self.padding = border_pairs(padding, self.rank, "padding")

    def call(self, inputs: Any) -> Any:
        return ops.pad(inputs, self.all_axes(self.padding))

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        pairs = self.all_axes(self.padding)
        return tuple(None if n is None else n + sum(pair) for n, pair in zip(input_shape, pairs, strict=True))

    def get_config(self) -> dict[str, Any]:
        padding = self.padding[0] if self.rank == 1 else self.padding
        return {**super().get_config(), "padding": padding, "data_format": self.data_format}


class Cropping(Border):
    """Base of the layers that cut rows off."""

    def __init__(self, cropping: Any, data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(data_format, **kwargs)
        self.cropping = border_pairs(cropping, self.rank, "cropping")

    def call(self, inputs: Any) -> Any:
        shape: Any = self.compute_output_shape(inputs.shape)
        start = [before for before, _ in self.all_axes(self.cropping)]
        return ops.slice(inputs, start, [-1, *shape[1:]])

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        pairs = self.all_axes(self.cropping)
        if any(n is not None and n <= sum(pair) for n, pair in zip(input_shape[1:], pairs[1:], strict=True)):
            raise ValueError(
                "Values in `cropping` argument should be smaller than the corresponding spatial dimension of the input."
                f" Received: input_shape={tuple(input_shape)}, cropping={self.cropping}"
            )
        return tuple(None if n is None else n - sum(pair) for n, pair in zip(input_shape, pairs, strict=True))

    def get_config(self) -> dict[str, Any]:
        cropping = self.cropping[0] if self.rank == 1 else self.cropping
        return {**super().get_config(), "cropping": cropping, "data_format": self.data_format}


@register
class ZeroPadding1D(ZeroPadding):
    """Zeros around sequences.

    Args:
        padding: a number, or a pair (before, after). Default 1.
        data_format: "channels_last" or "channels_first". Default None: the former.

    Input shape: `(batch, steps, channels)`.

    Output shape: the same, each length grown by the sum of the two numbers of the axis.

    Raises:
        ValueError: a number is negative.

    Example:

    >>> import numpy as np
    >>> from fastcnn import layers
    >>> layers.ZeroPadding1D((1, 2))(np.ones((2, 5, 3))).shape
    (2, 8, 3)
    """

    rank = 1

    def __init__(self, padding: Any = 1, data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(padding, data_format, **kwargs)


@register
class ZeroPadding2D(ZeroPadding):
    """Zeros around images.

    Args:
        padding: a number; one for rows and one for columns; or a pair (before, after) for each. Default (1, 1).
        data_format: "channels_last" or "channels_first". Default None: the former.

    Input shape: `(batch, height, width, channels)`.

    Output shape: the same, each length grown by the sum of the two numbers of the axis.

    Raises:
        ValueError: a number is negative.

    Example:

    >>> import numpy as np
    >>> from fastcnn import layers
    >>> layers.ZeroPadding2D(((1, 0), (2, 2)))(np.ones((2, 5, 6, 3))).shape
    (2, 6, 10, 3)
    """

    rank = 2

    def __init__(self, padding: Any = (1, 1), data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(padding, data_format, **kwargs)


@register
class ZeroPadding3D(ZeroPadding):
    """Zeros around volumes.

    Args:
        padding: a number; one for each axis; or a pair (before, after) for each. Default (1, 1, 1).
        data_format: "channels_last" or "channels_first". Default None: the former.

    Input shape: `(batch, depth, height, width, channels)`.

    Output shape: the same, each length grown by the sum of the two numbers of the axis.

    Raises:
        ValueError: a number is negative.

    Example:

    >>> import numpy as np
    >>> from fastcnn import layers
    >>> layers.ZeroPadding3D(1)(np.ones((2, 5, 6, 7, 1))).shape
    (2, 7, 8, 9, 1)
    """

    rank = 3

    def __init__(self, padding: Any = (1, 1, 1), data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(padding, data_format, **kwargs)


@register
class Cropping1D(Cropping):
    """Rows cut off both ends of sequences.

    Args:
        cropping: a number, or a pair (before, after). Default (1, 1).

    Input shape: `(batch, steps, channels)`.

    Output shape: the same, each length shortened by the sum of the two numbers of the axis.

    Raises:
        ValueError: a number is negative, or nothing would be left.

    Example:

    >>> import numpy as np
    >>> from fastcnn import layers
    >>> layers.Cropping1D((1, 2))(np.ones((2, 5, 3))).shape
    (2, 2, 3)
    """

    rank = 1

    def __init__(self, cropping: Any = (1, 1), **kwargs: Any) -> None:
        super().__init__(cropping, **kwargs)

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        del config["data_format"]
        return config


@register
class Cropping2D(Cropping):
    """Rows cut off both ends of images.

    Args:
        cropping: a number; one for each axis; or a pair (before, after) for each. Default ((0, 0), (0, 0)).
        data_format: "channels_last" or "channels_first". Default None: the former.

    Input shape: `(batch, height, width, channels)`.

    Output shape: the same, each length shortened by the sum of the two numbers of the axis.

    Raises:
        ValueError: a number is negative, or nothing would be left.

    Example:

    >>> import numpy as np
    >>> from fastcnn import layers
    >>> layers.Cropping2D(((1, 0), (2, 2)))(np.ones((2, 5, 6, 3))).shape
    (2, 4, 2, 3)
    """

    rank = 2

    def __init__(self, cropping: Any = ((0, 0), (0, 0)), data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(cropping, data_format, **kwargs)


@register
class Cropping3D(Cropping):
    """Rows cut off both ends of volumes.

    Args:
        cropping: a number; one for each axis; or a pair (before, after) for each. Default ((1, 1), (1, 1), (1, 1)).
        data_format: "channels_last" or "channels_first". Default None: the former.

    Input shape: `(batch, depth, height, width, channels)`.

    Output shape: the same, each length shortened by the sum of the two numbers of the axis.

    Raises:
        ValueError: a number is negative, or nothing would be left.

    Example:

    >>> import numpy as np
    >>> from fastcnn import layers
    >>> layers.Cropping3D(1)(np.ones((2, 5, 6, 7, 1))).shape
    (2, 3, 4, 5, 1)
    """

    rank = 3

    def __init__(self, cropping: Any = ((1, 1), (1, 1), (1, 1)), data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(cropping, data_format, **kwargs)
