"""The base of the adaptive pooling layers of one, two and three dimensions: their arguments and configuration."""

from __future__ import annotations

from typing import Any, ClassVar

from fastcnn.layers.arguments import data_format_name, one_for_each
from fastcnn.layers.input_spec import InputSpec
from fastcnn.layers.layer import Layer
from fastcnn.utils.arguments import as_integer


class BaseAdaptivePooling(Layer):
    """Takes `output_size`; a subclass defines `call`, and one of that says of how many dimensions."""

    rank: ClassVar[int]

    def __init__(self, output_size: Any, data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        several = isinstance(output_size, (tuple, list)) and (self.rank == 1 or len(output_size) == self.rank)
        if not several and as_integer(output_size) is None:
            raise TypeError(
                f"output_size must be an integer or a tuple of {self.rank}, "
                f"received output_size={output_size!r} of type {type(output_size).__name__}"
            )
        self.output_size = one_for_each(output_size, self.rank, "output_size")
        self.data_format = data_format_name(data_format)
        self.input_spec = InputSpec(ndim=self.rank + 2)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "output_size": self.output_size, "data_format": self.data_format}
