"""The base of the global pooling layers of one, two and three dimensions: their arguments, axes and configuration."""

from __future__ import annotations

from typing import Any, ClassVar

from fastcnn.layers.arguments import data_format_name
from fastcnn.layers.input_spec import InputSpec
from fastcnn.layers.layer import Layer


class BaseGlobalPooling(Layer):
    """Takes `keepdims`; a subclass defines `call`, and one of that says over how many dimensions."""

    rank: ClassVar[int]

    def __init__(self, data_format: str | None = None, keepdims: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.data_format = data_format_name(data_format)
        self.keepdims = bool(keepdims)
        self.input_spec = InputSpec(ndim=self.rank + 2)

    @property
    def space(self) -> tuple[int, ...]:
        """The axes that are neither the batch's nor the channels'."""
        first = 1 if self.data_format == "channels_last" else 2
        return tuple(range(first, first + self.rank))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "data_format": self.data_format, "keepdims": self.keepdims}
