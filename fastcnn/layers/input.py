"""Where data enters a model: `Input`, a symbolic tensor, and `InputLayer`, which stands for it in a `Sequential`."""

from __future__ import annotations

from typing import Any

import numpy as np

from fastcnn.graph import Shape, SymbolicCall, SymbolicTensor
from fastcnn.graph.symbolic import serial_numbers
from fastcnn.layers.arguments import checked_shape
from fastcnn.layers.layer import Layer
from fastcnn.layers.registry import register
from fastcnn.utils.arguments import positive_integer


def Input(  # noqa: N802
    shape: Any = None,
    batch_size: int | None = None,
    dtype: Any = None,
    sparse: bool | None = None,
    ragged: bool | None = None,
    batch_shape: Any = None,
    name: str | None = None,
    tensor: Any = None,
    optional: bool = False,
) -> SymbolicTensor:
    """A symbolic tensor that stands for the input of a model.

    Args:
        shape: shape of one sample; None stands for any size, as in `(None, None, 3)`.
        batch_size: a fixed size of batches. Default None: any.
        dtype: the dtype of the data, such as "uint8" or "int32". Default "float32", to which all data are converted on
            their way in.
        sparse, ragged, tensor, optional: as Keras has them; only the defaults are there.
        batch_shape: the shape with the batch size in front, instead of `shape` and `batch_size`.
        name: a name. Default: `input_layer`, `input_layer_1`, ...

    Returns:
        The tensor, to be put in front of a `Sequential`'s layers, or passed to layers for a functional model.

    Raises:
        ValueError: the shape is missing, given twice, or has a 0, or the dtype is none of numbers.

    Example:

    >>> from fastcnn import Input, layers
    >>> x = Input((28, 28, 1))
    >>> layers.Conv2D(8, 3)(x).shape
    (None, 26, 26, 8)
    """
    if tensor is not None:
        raise ValueError(f"tensor is not supported: pass the shape of the input; received tensor={tensor!r}")
    layer = InputLayer(shape, batch_size, dtype, sparse, ragged, batch_shape, optional=optional, name=name)
    return layer.symbolic_output()


@register
class InputLayer(Layer, SymbolicCall):
    """Stands for the input of a `Sequential`; its arguments are those of `Input`. It is itself the call that gives its
    symbolic tensor: so it holds nothing that holds it.

    Example:

    >>> from fastcnn import Sequential, layers
    >>> Sequential([layers.InputLayer(shape=(4,)), layers.Dense(2)]).output_shape
    (None, 2)
    """

    args = ()
    kwargs: dict[str, Any] = {}  # noqa: RUF012

    def __init__(
        self,
        shape: Any = None,
        batch_size: int | None = None,
        dtype: Any = None,
        sparse: bool | None = None,
        ragged: bool | None = None,
        batch_shape: Any = None,
        input_tensor: Any = None,
        optional: bool = False,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(name=name, **kwargs)
        refused = {"sparse": sparse, "ragged": ragged, "input_tensor": input_tensor, "optional": optional}
        for argument, value in refused.items():
            if value:
                raise ValueError(f"{argument} is not supported: inputs are dense arrays; received {argument}={value!r}")
        self.data_dtype = dtype_of_numbers(dtype)
        self.serial = next(serial_numbers)
        self.batch_shape = self.first_input_shape or resolved_shape(shape, batch_size, batch_shape)
        self._build_shape = self._output_shape = self.batch_shape
        self.built = True

    @property
    def target(self) -> InputLayer:
        """What is called."""
        return self

    def symbolic_output(self) -> SymbolicTensor:
        """The tensor that stands for the input."""
        return SymbolicTensor(self.batch_shape, name=self.name, source=self)

    def symbolic_end(self, end: int, which: str) -> SymbolicTensor:
        return self.symbolic_output()

    def call(self, inputs: Any) -> Any:
        return inputs

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return tuple(input_shape)

    @property
    def dtype(self) -> str:
        """The dtype of the data, which are converted to float32 on their way in."""
        return self.data_dtype

    def get_config(self) -> dict[str, Any]:
        flags = {"sparse": False, "ragged": False, "optional": False}
        return {"batch_shape": self.batch_shape, "dtype": self.dtype, **flags, "name": self.name}


def dtype_of_numbers(dtype: Any) -> str:
    """The name of a dtype, "float32" for None.

    Raises:
        ValueError: it is none, or not one of numbers.
    """
    try:
        found = np.dtype("float32" if dtype is None else dtype)
    except TypeError:
        found = np.dtype(object)
    if found.kind not in "biuf":
        raise ValueError(f"dtype must be one of numbers, such as 'float32' or 'uint8', received dtype={dtype!r}")
    return found.name


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
    if not full_shape or 0 in full_shape:
        raise ValueError(
            f"dimensions must be positive, or None where any size will do, received the shape {full_shape}"
        )
    return full_shape
