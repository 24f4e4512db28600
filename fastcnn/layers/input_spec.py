"""What a layer expects of its input: checked before the layer is built or run, so that the error names the layer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastcnn.graph import Shape
from fastcnn.layers.arguments import checked_shape, is_shape
from fastcnn.utils.arguments import as_integer, checked_integer


class InputSpec:
    """Rank and axes of the input that a layer takes.

    Args:
        dtype: taken and ignored: inputs become float32.
        shape: the shape, the batch included; None where any size will do. Default None: any shape.
        ndim: the number of dimensions, the batch included. Default None: any.
        max_ndim: the largest number of dimensions. Default None: any.
        min_ndim: the least number of dimensions. Default None: any.
        axes: sizes by axis, e.g. `{-1: 3}` for three channels. Default None: any.
        allow_last_axis_squeeze, name, optional: taken and ignored.

    Raises:
        TypeError: `axes` is no dictionary with integers as keys.
        ValueError: it names an axis that inputs cannot have.

    Example:

    >>> from fastcnn.layers import InputSpec
    >>> InputSpec(ndim=4, axes={-1: 3}).check((None, 32, 32, 1), "conv2d")
    Traceback (most recent call last):
    ...
    ValueError: Input of layer 'conv2d' is incompatible with the layer: expected axis -1 of input shape to have value 3,
    but received input with shape (None, 32, 32, 1)
    """

    def __init__(
        self,
        dtype: Any = None,
        shape: Shape | None = None,
        ndim: int | None = None,
        max_ndim: int | None = None,
        min_ndim: int | None = None,
        axes: Mapping[int, int | None] | None = None,
        allow_last_axis_squeeze: bool = False,
        name: str | None = None,
        optional: bool = False,
    ) -> None:
        self.shape = None if shape is None else checked_shape(shape, "shape")
        for argument, number in (("ndim", ndim), ("max_ndim", max_ndim), ("min_ndim", min_ndim)):
            if number is not None:
                checked_integer(number, argument, least=0)
        self.ndim = ndim if self.shape is None else len(self.shape)
        self.max_ndim = max_ndim
        self.min_ndim = min_ndim
        if axes is not None and (not isinstance(axes, Mapping) or any(as_integer(axis) is None for axis in axes)):
            raise TypeError(f"Argument `axes` must be a dict with integer keys. Received: axes={axes!r}")
        last = max(axes or (0,))
        rank = max_ndim if self.ndim is None else self.ndim
        if rank is not None and last >= rank > 0:
            raise ValueError(f"Axis {last} is greater than the largest there is: {rank - 1}. Received: axes={axes}")
        self.axes = {**dict(enumerate(self.shape or ())), **(axes or {})}

    def check(self, shape: Any, layer_name: str) -> None:
        """Compare with the shape of an input; unknown dimensions (None) fit.

        Raises:
            ValueError: the shape does not fit.
        """
        if shape and not is_shape(shape):
            raise ValueError(f"Layer {layer_name!r} expects 1 input(s), but it received {len(shape)} input tensors")
        complaint = f"Input of layer {layer_name!r} is incompatible with the layer: "
        found = f"found ndim={len(shape)}. Full shape received: {shape}"
        if self.ndim is not None and len(shape) != self.ndim:
            hint = "; a single sample needs a batch axis: x[None]" if len(shape) == self.ndim - 1 else ""
            raise ValueError(f"{complaint}expected ndim={self.ndim}, {found}{hint}")
        if self.min_ndim is not None and len(shape) < self.min_ndim:
            raise ValueError(f"{complaint}expected min_ndim={self.min_ndim}, {found}")
        if self.max_ndim is not None and len(shape) > self.max_ndim:
            raise ValueError(f"{complaint}expected max_ndim={self.max_ndim}, {found}")
        for axis, size in self.axes.items():
            if size is not None and shape[axis] not in (size, None):
                raise ValueError(
                    f"{complaint}expected axis {axis} of input shape to have value {size}, "
                    f"but received input with shape {shape}"
                )

    def __repr__(self) -> str:
        return f"InputSpec(ndim={self.ndim}, min_ndim={self.min_ndim}, axes={self.axes})"
