"""2D convolution."""

from __future__ import annotations

from typing import Any

from fastcnn import activations, constraints, initializers, ops, regularizers
from fastcnn.graph import Shape, Tensor
from fastcnn.layers.arguments import channels_last, padding_name, positive_integer, positive_pair
from fastcnn.layers.input_spec import InputSpec
from fastcnn.layers.layer import Layer
from fastcnn.layers.registry import register


@register
class Conv2D(Layer):
    """2D convolution of images: `activation(conv(inputs, kernel) + bias)`.

    Args:
        filters: number of output channels.
        kernel_size: height and width of the window, an integer or a pair.
        strides: step of the window, an integer or a pair. Default 1.
        padding: "valid", no padding, or "same", zeros around the image, so that the output has `ceil(size / stride)`
            rows and columns. Default "valid".
        data_format: None or "channels_last".
        dilation_rate: distance of the window's taps, an integer or a pair; not together with strides. Default 1.
        groups: number of groups into which the channels are split; each is convolved on its own with `filters /
            groups` filters. Default 1.
        activation: name or function. Default None: linear.
        use_bias: whether a bias is added. Default True.
        kernel_initializer: name or object. Default "glorot_uniform".
        bias_initializer: name or object. Default "zeros".
        kernel_regularizer, bias_regularizer: penalties for the weights; name, object or function. Default None.
        activity_regularizer: penalty for the output, divided by the batch size. Default None.
        kernel_constraint, bias_constraint: what gives allowed values after each update. Default None.

    Input shape: `(batch, height, width, channels)`, converted to float32.

    Output shape: `(batch, new_height, new_width, filters)`, float32; with padding "valid" a size becomes
    `floor((size - dilation_rate * (kernel_size - 1) - 1) / strides) + 1`.

    Weights: `kernel` of shape `(*kernel_size, channels / groups, filters)`, `bias` of shape `(filters,)`.

    Cost: `new_height * new_width * filters * kernel_height * kernel_width * channels / groups` multiply-adds a sample.

    Raises:
        ValueError: an argument does not fit, or strides and dilation are both above 1.

    Example:

    >>> import numpy as np
    >>> from fastcnn import layers
    >>> x = np.random.rand(4, 10, 10, 128)
    >>> layers.Conv2D(32, 3, activation="relu")(x).shape
    (4, 8, 8, 32)
    """

    def __init__(
        self,
        filters: int,
        kernel_size: int | tuple[int, int],
        strides: int | tuple[int, int] = (1, 1),
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: int | tuple[int, int] = (1, 1),
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
        super().__init__(activity_regularizer=activity_regularizer, **kwargs)
        self.filters = positive_integer(filters, "filters")
        self.kernel_size = positive_pair(kernel_size, "kernel_size")
        self.strides = positive_pair(strides, "strides")
        self.padding = padding_name(padding)
        self.data_format = channels_last(data_format)
        self.dilation_rate = positive_pair(dilation_rate, "dilation_rate")
        self.groups = positive_integer(groups, "groups")
        self.activation = activations.get(activation)
        self.use_bias = bool(use_bias)
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.bias_regularizer = regularizers.get(bias_regularizer)
        self.kernel_constraint = constraints.get(kernel_constraint)
        self.bias_constraint = constraints.get(bias_constraint)
        self.input_spec = InputSpec(ndim=4)
        if self.filters % self.groups:
            raise ValueError(
                "The number of filters must be evenly divisible by the number of groups. "
                f"Received: groups={self.groups}, filters={self.filters}"
            )
        if max(self.strides) > 1 and max(self.dilation_rate) > 1:
            raise ValueError(
                "strides > 1 not supported in conjunction with dilation_rate > 1. "
                f"Received: strides={self.strides} and dilation_rate={self.dilation_rate}"
            )

    def kernel_shape(self, input_shape: Shape) -> tuple[int, int, int, int]:
        """Shape of the kernel for an input of a shape."""
        channels = input_shape[-1]
        if not channels or channels % self.groups:
            raise ValueError(
                f"The number of input channels of layer {self.name!r} must be known, positive and evenly divisible by "
                f"groups={self.groups}. Received an input of shape {input_shape}"
            )
        return (*self.kernel_size, channels // self.groups, self.filters)

    def build(self, input_shape: Shape) -> None:
        kernel_shape = self.kernel_shape(input_shape)
        self.compute_output_shape(input_shape)  # fails before memory is taken where the kernel is too large
        self.input_spec = InputSpec(ndim=4, axes={-1: input_shape[-1]})
        self.kernel = self.add_weight(
            kernel_shape,
            self.kernel_initializer,
            regularizer=self.kernel_regularizer,
            constraint=self.kernel_constraint,
            name="kernel",
        )
        self.bias = None
        if self.use_bias:
            self.bias = self.add_weight(
                (self.filters,),
                self.bias_initializer,
                regularizer=self.bias_regularizer,
                constraint=self.bias_constraint,
                name="bias",
            )

    def call(self, inputs: Any) -> Any:
        return self.activation(self.convolve(inputs, self.kernel, self.bias))

    def convolve(self, inputs: Any, kernel: Any, bias: Any) -> Any:
        """The convolution alone."""
        return ops.conv(
            inputs,
            kernel,
            strides=self.strides,
            padding=self.padding,
            dilation_rate=self.dilation_rate,
            bias=bias,
        )

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        kernel = Tensor(self.kernel_shape(input_shape))
        return self.convolve(Tensor(tuple(input_shape)), kernel, None).shape

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "filters": self.filters,
            "kernel_size": self.kernel_size,
            "strides": self.strides,
            "padding": self.padding,
            "data_format": self.data_format,
            "dilation_rate": self.dilation_rate,
            "groups": self.groups,
            "activation": activations.serialize(self.activation),
            "use_bias": self.use_bias,
            "kernel_initializer": initializers.serialize(self.kernel_initializer),
            "bias_initializer": initializers.serialize(self.bias_initializer),
            "kernel_regularizer": regularizers.serialize(self.kernel_regularizer),
            "bias_regularizer": regularizers.serialize(self.bias_regularizer),
            "activity_regularizer": regularizers.serialize(self.activity_regularizer),
            "kernel_constraint": constraints.serialize(self.kernel_constraint),
            "bias_constraint": constraints.serialize(self.bias_constraint),
        }
