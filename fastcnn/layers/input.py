"""Where data enters a model: `Input`, a symbolic tensor, and `InputLayer`, which stands for it in a `Sequential`."""

from __future__ import annotations

from typing import Any

from fastcnn.graph import Shape, SymbolicCall, SymbolicTensor
from fastcnn.layers.arguments import checked_shape, positive_integer
from fastcnn.layers.layer import Layer
from fastcnn.layers.registry import register


def Input(  # noqa: N802
    shape: Any = None,
    batch_size: int | None = None,
    dtype: Any = None,
    batch_shape: Any = None,
    name: str | None = None,
) -> SymbolicTensor:
    """A symbolic tensor that stands for the input of a model.

    Args:
        shape: shape of one sample, all dimensions known.
        batch_size: a fixed size of batches. Default None: any.
        dtype: None or "float32"; arrays of other dtypes are converted when used.
        batch_shape: the shape with the batch size in front, instead of `shape` and `batch_size`.
        name: a name. Default: `input_layer`, `input_layer_1`, ...

    Returns:
        The tensor, to be put in front of a `Sequential`'s layers, or passed to layers for a functional model.

    Raises:
        ValueError: the shape is missing, given twice, or not fully known.

    Example:

    >>> from fastcnn import Input, layers
    >>> x = Input((28, 28, 1))
    >>> layers.Conv2D(8, 3)(x).shape
    (None, 26, 26, 8)
    """
    layer = InputLayer(shape, batch_size, dtype, batch_shape, name)
    return layer.symbolic_output()


@register
class InputLayer(Layer):
    """Stands for the input of a `Sequential`; its arguments are those of `Input`.

    Example:

    >>> from fastcnn import Sequential, layers
    >>> Sequential([layers.InputLayer(shape=(4,)), layers.Dense(2)]).output_shape
    (None, 2)
    """

    def __init__(
        self,
        shape: Any = None,
        batch_size: int | None = None,
        dtype: Any = None,
        batch_shape: Any = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(name=name, dtype=dtype, **kwargs)
        self.batch_shape = self.first_input_shape or resolved_shape(shape, batch_size, batch_shape)
        self._build_shape = self._output_shape = self.batch_shape
        self.built = True

    def symbolic_output(self) -> SymbolicTensor:
        """The tensor that stands for the input."""
        return SymbolicTensor(self.batch_shape, name=self.name, source=SymbolicCall(self))

    def call(self, inputs: Any) -> Any:
        return inputs

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return tuple(input_shape)

    def get_config(self) -> dict[str, Any]:
        return {"batch_shape": self.batch_shape, "dtype": self.dtype, "name": self.name}


def resolved_shape(shape: Any, batch_size: int | None, batch_shape: Any) -> Shape:
    """The shape with the batch in front, from the arguments of `Input`."""
    if batch_shape is not None:
        if shape is not None or batch_size is not None:
            raise ValueError("pass either batch_shape or shape and batch_size, not both")
        full_shape = checked_shape(batch_shape, "batch_shape")
    elif shape is None:
        raise ValueError("You must pass a shape argument, e.g. Input((28, 28, 1))")
    else:
        batch = None if batch_size is None else positive_integer(batch_size, "batch_size")
        full_shape = (batch, *checked_shape(shape, "shape"))
    if not full_shape or None in full_shape[1:] or 0 in full_shape:
        raise ValueError(f"all dimensions but the batch must be known and positive, received the shape {full_shape}")
    return full_shape
