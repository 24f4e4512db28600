"""Layers that make one tensor of several of fitting shapes, and the functions of the same names."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from fastcnn import ops
from fastcnn.layers.layer import Layer
from fastcnn.layers.registry import register


class Merge(Layer):
    """Base: takes a list of tensors; a subclass defines `merge` for it."""

    least, most = 2, 1 << 30
    """How many tensors are taken."""

    def call(self, inputs: Any) -> Any:
        if not isinstance(inputs, (list, tuple)) or not self.least <= len(inputs) <= self.most:
            number = f"{self.least} or more" if self.most > self.least else f"exactly {self.least}"
            received = f"{len(inputs)} of them" if isinstance(inputs, (list, tuple)) else repr(inputs)
            kind = type(self).__name__
            raise ValueError(f"A merge layer should be called on a list of {number} inputs; {kind} received {received}")
        return self.merge(list(inputs))

    def merge(self, inputs: list[Any]) -> Any:
        """The result for a list of tensors."""
        raise NotImplementedError

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        """What counts in one of the tensors; None if one of them has no mask."""
        masks = checked_masks(inputs, previous_mask)
        return None if any(mask is None for mask in masks) else functools.reduce(ops.logical_or, masks)


def checked_masks(inputs: Any, masks: Any) -> list[Any]:
    """The masks of a list of tensors as a list of as many.

    Raises:
        ValueError: they are none.
    """
    if masks is None:
        return [None] * len(inputs)
    if not isinstance(masks, (list, tuple)):
        raise ValueError(f"`mask` should be a list. Received: mask={masks}")
    if len(masks) != len(inputs):
        raise ValueError(
            "The lists `inputs` and `mask` should have the same length. "
            f"Received {len(inputs)} inputs and {len(masks)} masks"
        )
    return list(masks)


def aligned(inputs: list[Any]) -> list[Any]:
    """The tensors with one number of axes: new ones of size 1 stand behind the batch, as Keras has it."""
    rank = max(len(x.shape) for x in inputs)
    return [
        ops.reshape(x, (-1, *[1] * (rank - len(x.shape)), *x.shape[1:])) if len(x.shape) < rank else x for x in inputs
    ]


def fold(function: Callable[[Any, Any], Any], inputs: list[Any]) -> Any:
    """The function of the first two, of that and the third, and so on."""
    return functools.reduce(function, aligned(inputs))


@register
class Add(Merge):
    """The sum of tensors.

    Call arguments:
        inputs: a list of two or more tensors of one shape, or of shapes that broadcast.

    Raises:
        ValueError: there are fewer, or shapes do not fit.

    Example:

    >>> from fastcnn import layers
    >>> import numpy as np
    >>> layers.Add()([np.ones((1, 2)), np.ones((1, 2)), np.ones((1, 2))])
    array([[3., 3.]], dtype=float32)
    """

    def merge(self, inputs: list[Any]) -> Any:
        return fold(ops.add, inputs)


@register
class Subtract(Merge):
    """The first of two tensors without the second.

    Example:

    >>> from fastcnn import layers
    >>> import numpy as np
    >>> layers.Subtract()([np.ones((1, 2)), np.full((1, 2), 3.0)])
    array([[-2., -2.]], dtype=float32)
    """

    most = 2

    def merge(self, inputs: list[Any]) -> Any:
        return fold(ops.subtract, inputs)


@register
class Multiply(Merge):
    """The product of tensors, element by element.

    Example:

    >>> from fastcnn import layers
    >>> import numpy as np
    >>> layers.Multiply()([np.full((1, 2), 2.0), np.full((1, 2), 3.0)])
    array([[6., 6.]], dtype=float32)
    """

    def merge(self, inputs: list[Any]) -> Any:
        return fold(ops.multiply, inputs)


@register
class Average(Merge):
    """The mean of tensors, element by element.

    Example:

    >>> from fastcnn import layers
    >>> import numpy as np
    >>> layers.Average()([np.full((1, 2), 2.0), np.full((1, 2), 3.0)])
    array([[2.5, 2.5]], dtype=float32)
    """

    def merge(self, inputs: list[Any]) -> Any:
        return ops.multiply(fold(ops.add, inputs), 1.0 / len(inputs))


@register
class Maximum(Merge):
    """The largest of tensors, element by element.

    Example:

    >>> from fastcnn import layers
    >>> import numpy as np
    >>> layers.Maximum()([np.full((1, 2), 2.0), np.full((1, 2), 3.0)])
    array([[3., 3.]], dtype=float32)
    """

    def merge(self, inputs: list[Any]) -> Any:
        return fold(ops.maximum, inputs)


@register
class Minimum(Merge):
    """The smallest of tensors, element by element.

    Example:

    >>> from fastcnn import layers
    >>> import numpy as np
    >>> layers.Minimum()([np.full((1, 2), 2.0), np.full((1, 2), 3.0)])
    array([[2., 2.]], dtype=float32)
    """

    def merge(self, inputs: list[Any]) -> Any:
        return fold(ops.minimum, inputs)


@register
class Concatenate(Merge):
    """Tensors one behind the other.

    Args:
        axis: the axis along which. Default -1.

    Raises:
        ValueError: shapes differ in another axis, or the axis is the batch.

    Example:

    >>> from fastcnn import layers
    >>> import numpy as np
    >>> layers.Concatenate()([np.zeros((1, 2)), np.ones((1, 1))])
    array([[0., 0., 1.]], dtype=float32)
    """

    least = 1

    def __init__(self, axis: int = -1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.axis = axis

    def merge(self, inputs: list[Any]) -> Any:
        return ops.concatenate(inputs, self.axis)

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        """The masks one behind the other; all of a tensor without one counts."""
        masks = checked_masks(inputs, previous_mask)
        if all(mask is None for mask in masks):
            return None
        wide = [
            ops.ones_like(x) if mask is None else ops.logical_or(ops.expand_dims(mask, -1), ops.zeros_like(x))
            for x, mask in zip(inputs, masks, strict=True)
        ]
        return ops.any(ops.concatenate(wide, self.axis), axis=-1)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "axis": self.axis}


@register
class Dot(Merge):
    """Scalar products of two tensors along an axis of each, sample by sample.

    Args:
        axes: the axis, or one for each tensor; not 0, the batch.
        normalize: whether vectors are brought to length 1 first: the result is the angle's cosine. Default False.

    Output shape: that of the first tensor without its axis, then that of the second without batch and axis;
    `(batch, 1)` for two matrices.

    Raises:
        TypeError: `axes` is no integer, list or tuple.
        ValueError: the axes differ in length, or are not fit.

    Example:

    >>> from fastcnn import layers
    >>> import numpy as np
    >>> layers.Dot(axes=1)([np.array([[1.0, 2.0]]), np.array([[3.0, 4.0]])])
    array([[11.]], dtype=float32)
    """

    most = 2

    def __init__(self, axes: Any, normalize: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not isinstance(axes, (int, list, tuple)):
            raise TypeError(f"axes must be an integer or a pair of them, received axes={axes!r}")
        pair = [axes, axes] if isinstance(axes, int) else axes
        if not isinstance(pair, (list, tuple)) or len(pair) != 2 or not all(isinstance(axis, int) for axis in pair):
            raise ValueError(f"axes must be an integer or a pair of them, received axes={axes!r}")
        self.axes = axes
        self.normalize = bool(normalize)

    def merge(self, inputs: list[Any]) -> Any:
        pair = [self.axes] * 2 if isinstance(self.axes, int) else self.axes
        moved = []
        for x, axis in zip(inputs, pair, strict=True):
            if not -len(x.shape) <= axis < len(x.shape):
                raise ValueError(
                    f"Dot: axes must be those of the inputs, received axes={self.axes} for {tuple(x.shape)}"
                )
            axis %= len(x.shape)
            if axis == 0 or len(x.shape) < 2:
                raise ValueError(
                    f"Dot: axes must not name the batch, received axes={self.axes} for shapes "
                    f"{[tuple(x.shape) for x in inputs]}"
                )
            x = ops.moveaxis(x, axis, -1)
            moved.append(ops.normalize(x, axis=-1, epsilon=1e-6) if self.normalize else x)
        first, second = moved
        if first.shape[-1] != second.shape[-1]:
            raise ValueError(
                f"Incompatible input shapes: axis values {first.shape[-1]} (at axis {pair[0]}) != {second.shape[-1]} "
                f"(at axis {pair[1]}). Full input shapes: {', '.join(str(tuple(x.shape)) for x in inputs)}"
            )
        shape = (*first.shape[1:-1], *second.shape[1:-1]) or (1,)
        length = first.shape[-1]
        rows, columns = size_between(first.shape), size_between(second.shape)
        first = ops.reshape(first, (-1, rows, 1, length))
        second = ops.reshape(second, (-1, 1, columns, length))
        return ops.reshape(ops.sum(ops.multiply(first, second), axis=-1), (-1, *shape))

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> None:
        """None: steps are summed over."""

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "axes": self.axes, "normalize": self.normalize}


def size_between(shape: Any) -> int:
    """Number of elements along all axes but the first and the last."""
    size = 1
    for length in shape[1:-1]:
        size *= length
    return size


def add(inputs: list[Any], **kwargs: Any) -> Any:
    """`Add(**kwargs)(inputs)`."""
    return Add(**kwargs)(inputs)


def subtract(inputs: list[Any], **kwargs: Any) -> Any:
    """`Subtract(**kwargs)(inputs)`."""
    return Subtract(**kwargs)(inputs)


def multiply(inputs: list[Any], **kwargs: Any) -> Any:
    """`Multiply(**kwargs)(inputs)`."""
    return Multiply(**kwargs)(inputs)


def average(inputs: list[Any], **kwargs: Any) -> Any:
    """`Average(**kwargs)(inputs)`."""
    return Average(**kwargs)(inputs)


def maximum(inputs: list[Any], **kwargs: Any) -> Any:
    """`Maximum(**kwargs)(inputs)`."""
    return Maximum(**kwargs)(inputs)


def minimum(inputs: list[Any], **kwargs: Any) -> Any:
    """`Minimum(**kwargs)(inputs)`."""
    return Minimum(**kwargs)(inputs)


def concatenate(inputs: list[Any], axis: int = -1, **kwargs: Any) -> Any:
    """`Concatenate(axis, **kwargs)(inputs)`."""
    return Concatenate(axis, **kwargs)(inputs)


def dot(inputs: list[Any], axes: Any = -1, **kwargs: Any) -> Any:
    """`Dot(axes, **kwargs)(inputs)`."""
    return Dot(axes, **kwargs)(inputs)
