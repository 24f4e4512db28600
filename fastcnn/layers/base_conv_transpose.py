"""The base of `Conv1DTranspose`, `Conv2DTranspose` and `Conv3DTranspose`: arguments, weights and configuration."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fastcnn import ops
from fastcnn.layers.arguments import one_for_each
from fastcnn.layers.windowed import Windowed
from fastcnn.utils.arguments import positive_integer


class BaseConvTranspose(Windowed):
    """A transposed convolution; a subclass says of how many dimensions."""

    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        output_padding: Any = None,
        data_format: str | None = None,
        dilation_rate: Any = 1,
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
        self.output_padding = None
        if output_padding is not None:
            self.output_padding = one_for_each(output_padding, self.rank, "output_padding", least=0)
            if any(more >= stride for more, stride in zip(self.output_padding, self.strides, strict=True)):
                raise ValueError(
                    "output_padding must be strictly less than strides in all dimensions. "
                    f"Received: output_padding={self.output_padding}, strides={self.strides}"
                )
        self.refuse_strides_with_dilation()

    def kernel_shapes(self, channels: int) -> list[tuple[int, ...]]:
        return [(*self.kernel_size, self.filters, channels)]

    def outputs(self, channels: int) -> int:
        return self.filters

    def convolve(self, inputs: Any, kernels: Sequence[Any], bias: Any) -> Any:
        (kernel,) = kernels
        return ops.conv_transpose(
            inputs,
            kernel,
            strides=self.strides,
            padding=self.padding,
            output_padding=self.output_padding,
            data_format=self.data_format,
            dilation_rate=self.dilation_rate,
            bias=bias,
        )

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "filters": self.filters, "output_padding": self.output_padding}
