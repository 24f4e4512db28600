"""The base of the pooling layers of one, two and three dimensions: their arguments and configuration."""

from __future__ import annotations

from typing import Any, ClassVar

from fastcnn.layers.arguments import data_format_name, one_for_each, padding_name
from fastcnn.layers.input_spec import InputSpec
from fastcnn.layers.layer import Layer


class BasePooling(Layer):
    """Takes `pool_size`, `strides` and `padding`; a subclass defines `call`, and one of that says of how many
    dimensions."""

    rank: ClassVar[int]

    def __init__(
        self,
        pool_size: Any = 2,
        strides: Any = None,
        padding: str = "valid",
        data_format: str | None = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(name=name, **kwargs)
        self.pool_size = one_for_each(pool_size, self.rank, "pool_size")
        self.strides = self.pool_size if strides is None else one_for_each(strides, self.rank, "strides")
        self.padding = padding_name(padding)
        self.data_format = data_format_name(data_format)
        self.input_spec = InputSpec(ndim=self.rank + 2)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "pool_size": self.pool_size,
            "padding": self.padding,
            "strides": self.strides,
            "data_format": self.data_format,
        }
