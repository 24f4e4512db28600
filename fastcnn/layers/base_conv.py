"""The base of `Conv1D`, `Conv2D` and `Conv3D`: their arguments, weights and configuration."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fastcnn import ops
from fastcnn.layers.windowed import Windowed
from fastcnn.utils.arguments import positive_integer


class BaseConv(Windowed):
    """A convolution; a subclass says of how many dimensions."""

    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: Any = 1,
        groups: int = 1,
        activation: Any = None,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            kernel_size=kernel_size,
            strides=strides,
            padding=padding,
            data_format=data_format,
            dilation_rate=dilation_rate,
            activation=activation,
            use_bias=use_bias,
            activity_regularizer=activity_regularizer,
            parts={
                "kernel_initializer": kernel_initializer,
                "bias_initializer": bias_initializer,
                "kernel_regularizer": kernel_regularizer,
                "bias_regularizer": bias_regularizer,
                "kernel_constraint": kernel_constraint,
                "bias_constraint": bias_constraint,
            },
            **kwargs,
        )
        self.filters = positive_integer(filters, "filters")
        self.groups = positive_integer(groups, "groups")
        if self.filters % self.groups:
            raise ValueError(
                "The number of filters must be evenly divisible by the number of groups. "
                f"Received: groups={self.groups}, filters={self.filters}"
            )
        self.refuse_strides_with_dilation()

    def kernel_shapes(self, channels: int) -> list[tuple[int, ...]]:
        if channels % self.groups:
            raise ValueError(
                f"The number of input channels of layer {self.name!r} must be evenly divisible by "
                f"groups={self.groups}. Received inputs of {channels} channels"
            )
        return [(*self.kernel_size, channels // self.groups, self.filters)]

    def outputs(self, channels: int) -> int:
        return self.filters

    def convolve(self, inputs: Any, kernels: Sequence[Any], bias: Any) -> Any:
        (kernel,) = kernels
        return ops.conv(
            inputs,
            kernel,
            strides=self.strides,
            padding=self.padding,
            data_format=self.data_format,
            dilation_rate=self.dilation_rate,
            bias=bias,
        )

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "filters": self.filters, "groups": self.groups}
