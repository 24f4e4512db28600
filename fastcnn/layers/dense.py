"""The fully connected layer."""

from __future__ import annotations

from typing import Any

from fastcnn import activations, constraints, initializers, ops, regularizers
from fastcnn.graph import Shape
from fastcnn.layers.input_spec import InputSpec
from fastcnn.layers.layer import Layer
from fastcnn.layers.registry import register
from fastcnn.utils.arguments import positive_integer


@register
class Dense(Layer):
    """Fully connected layer: `activation(inputs @ kernel + bias)`.

    Args:
        units: number of outputs.
        activation: name or function. Default None: linear.
        use_bias: whether a bias is added. Default True.
        kernel_initializer: name or object. Default "glorot_uniform".
        bias_initializer: name or object. Default "zeros".
        kernel_regularizer, bias_regularizer: penalties for the weights; name, object or function. Default None.
        activity_regularizer: penalty for the output, divided by the batch size. Default None.
        kernel_constraint, bias_constraint: what gives allowed values after each update. Default None.

    Input shape: `(batch, ..., features)`, converted to float32; the layer acts on the last axis.

    Output shape: `(batch, ..., units)`, float32.

    Weights: `kernel` of shape `(features, units)`, `bias` of shape `(units,)`.

    Cost: `features * units` multiply-adds for each vector.

    Raises:
        ValueError: an argument does not fit.

    Example:

    >>> import numpy as np
    >>> from fastcnn import layers
    >>> layers.Dense(10, activation="softmax")(np.zeros((2, 5))).shape
    (2, 10)
    """

    supports_masking = True

    def __init__(
        self,
        units: int,
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
        self.units = positive_integer(units, "units")
        self.activation = activations.get(activation)
        self.use_bias = bool(use_bias)
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.bias_regularizer = regularizers.get(bias_regularizer)
        self.kernel_constraint = constraints.get(kernel_constraint)
        self.bias_constraint = constraints.get(bias_constraint)
        self.input_spec = InputSpec(min_ndim=2)

    def build(self, input_shape: Shape) -> None:
        features = input_shape[-1]
        if not features:
            raise ValueError(
                f"The last dimension of the input of layer {self.name!r} must be known and positive. "
                f"Received an input of shape {input_shape}"
            )
        self.input_spec = InputSpec(min_ndim=2, axes={-1: features})
        self.kernel = self.add_weight(
            (features, self.units),
            self.kernel_initializer,
            regularizer=self.kernel_regularizer,
            constraint=self.kernel_constraint,
            name="kernel",
        )
        self.bias = None
        if self.use_bias:
            self.bias = self.add_weight(
                (self.units,),
                self.bias_initializer,
                regularizer=self.bias_regularizer,
                constraint=self.bias_constraint,
                name="bias",
            )

    def call(self, inputs: Any) -> Any:
        shape = inputs.shape
        if len(shape) > 2:
            inputs = ops.reshape(inputs, (-1, shape[-1]))
        outputs = ops.matmul(inputs, self.kernel)
        if self.bias is not None:
            outputs = ops.add_bias(outputs, self.bias)
        outputs = self.activation(outputs)
        return ops.reshape(outputs, (-1, *shape[1:-1], self.units)) if len(shape) > 2 else outputs

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return (*input_shape[:-1], self.units)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "units": self.units,
            "activation": activations.serialize(self.activation),
            "use_bias": self.use_bias,
            "kernel_initializer": initializers.serialize(self.kernel_initializer),
            "bias_initializer": initializers.serialize(self.bias_initializer),
            "kernel_regularizer": regularizers.serialize(self.kernel_regularizer),
            "bias_regularizer": regularizers.serialize(self.bias_regularizer),
            "kernel_constraint": constraints.serialize(self.kernel_constraint),
            "bias_constraint": constraints.serialize(self.bias_constraint),
        }
