"""What all convolution layers share: window, data format, bias, activation, and how their weights are made."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from fastcnn import activations, constraints, initializers, regularizers
from fastcnn.graph import Shape, Tensor
from fastcnn.graph.open_sizes import in_trials
from fastcnn.layers.arguments import data_format_name, one_for_each, padding_name
from fastcnn.layers.input_spec import InputSpec
from fastcnn.layers.layer import Layer

PARTS = {"initializer": initializers, "regularizer": regularizers, "constraint": constraints}
"""What a layer is told about each of its weights."""


class Windowed(Layer):
    """A layer that moves a window over `rank` dimensions. A subclass names its weights, gives their shapes, and defines
    `convolve`."""

    rank: ClassVar[int]
    kernels: ClassVar[dict[str, str]] = {"kernel": "kernel"}
    """Weights but the bias: what the arguments call them, and their names."""
    takes_causal: ClassVar[bool] = False
    """Whether padding may be "causal"."""

    def __init__(
        self,
        *,
        kernel_size: Any,
        strides: Any,
        padding: Any,
        data_format: Any,
        dilation_rate: Any,
        activation: Any,
        use_bias: bool,
        parts: dict[str, Any],
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.kernel_size = one_for_each(kernel_size, self.rank, "kernel_size")
        self.strides = one_for_each(strides, self.rank, "strides")
        self.padding = padding_name(padding, causal=self.takes_causal)
        self.data_format = data_format_name(data_format)
        self.dilation_rate = one_for_each(dilation_rate, self.rank, "dilation_rate")
        self.activation = activations.get(activation)
        self.use_bias = bool(use_bias)
        for argument, value in parts.items():
            setattr(self, argument, PARTS[argument.rpartition("_")[2]].get(value))
        self.input_spec = InputSpec(ndim=self.rank + 2)

    def refuse_strides_with_dilation(self) -> None:
        """Raise ValueError where both are above 1, which Keras does not have."""
        if max(self.strides) > 1 and max(self.dilation_rate) > 1:
            raise ValueError(
                "strides > 1 not supported in conjunction with dilation_rate > 1. "
                f"Received: strides={self.strides} and dilation_rate={self.dilation_rate}"
            )

    def channels(self, input_shape: Shape) -> int:
        """The number of channels of inputs of a shape."""
        channels = input_shape[self.channel_axis]
        if not channels:
            raise ValueError(
                f"The number of input channels of layer {self.name!r} must be known and positive. "
                f"Received an input of shape {input_shape}"
            )
        return channels

    @property
    def channel_axis(self) -> int:
        """The axis of channels."""
        return -1 if self.data_format == "channels_last" else 1

    def kernel_shapes(self, channels: int) -> list[tuple[int, ...]]:
        """Shapes of the weights but the bias, for inputs of so many channels."""
        raise NotImplementedError(f"{type(self).__name__} must define kernel_shapes(self, channels)")

    def outputs(self, channels: int) -> int:
        """The number of output channels, for inputs of so many."""
        raise NotImplementedError(f"{type(self).__name__} must define outputs(self, channels)")

    def convolve(self, inputs: Any, kernels: Sequence[Any], bias: Any) -> Any:
        """The layer but its activation."""
        raise NotImplementedError(f"{type(self).__name__} must define convolve(self, inputs, kernels, bias)")

    def build(self, input_shape: Shape) -> None:
        channels = self.channels(input_shape)
        shapes = self.kernel_shapes(channels)
        self.compute_output_shape(input_shape)  # fails before memory is taken where the kernel is too large
        self.input_spec = InputSpec(ndim=self.rank + 2, axes={self.channel_axis: channels})
        for (argument, name), shape in zip(self.kernels.items(), shapes, strict=True):
            setattr(self, name, self.new_weight(argument, shape, name))
        self.bias = self.new_weight("bias", (self.outputs(channels),), "bias") if self.use_bias else None

    def new_weight(self, argument: str, shape: tuple[int, ...], name: str) -> Any:
        """A weight as the arguments say."""
        parts = {part: getattr(self, f"{argument}_{part}") for part in PARTS}
        return self.add_weight(shape, name=name, **parts)

    def call(self, inputs: Any) -> Any:
        kernels = [getattr(self, name) for name in self.kernels.values()]
        return self.activation(self.convolve(inputs, kernels, self.bias))

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        kernels = [Tensor(shape) for shape in self.kernel_shapes(self.channels(input_shape))]
        return in_trials(lambda shape: self.convolve(Tensor(shape), kernels, None).shape, tuple(input_shape))

    def get_config(self) -> dict[str, Any]:
        parts = {f"{weight}_{part}": family for weight in (*self.kernels, "bias") for part, family in PARTS.items()}
        return {
            **super().get_config(),
            "kernel_size": self.kernel_size,
            "strides": self.strides,
            "padding": self.padding,
            "data_format": self.data_format,
            "dilation_rate": self.dilation_rate,
            "activation": activations.serialize(self.activation),
            "use_bias": self.use_bias,
            "activity_regularizer": regularizers.serialize(self.activity_regularizer),
            **{argument: family.serialize(getattr(self, argument)) for argument, family in parts.items()},
        }
