"""A dense layer between any axes: inputs times a kernel, by an equation of `einsum`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from fastcnn import activations, constraints, initializers, ops, regularizers
from fastcnn.graph import Shape
from fastcnn.initializers import VarianceScaling
from fastcnn.layers.arguments import checked_shape
from fastcnn.layers.input_spec import InputSpec
from fastcnn.layers.layer import Layer
from fastcnn.layers.registry import register

Lengths = tuple[int | None, ...]


@register
class EinsumDense(Layer):
    """`activation(einsum(equation, inputs, kernel) + bias)`.

    Args:
        equation: letters of the input's, the kernel's and the output's axes, as in `"abc,cd->abd"`. "..." before or
            behind the letters of input and output stands for further axes.
        output_shape: lengths of the output without the batch; None for those that the input has.
        activation: name or function. Default None: linear.
        bias_axes: letters of the output along which there is a bias. Default None: no bias.
        kernel_initializer: name or object. Default "glorot_uniform".
        bias_initializer: name or object. Default "zeros".
        kernel_regularizer, bias_regularizer: penalties for the weights. Default None.
        kernel_constraint, bias_constraint: what gives allowed values after each update. Default None.

    Weights: `kernel` with the lengths of its letters, `bias` of a shape that is added to the output.

    Raises:
        ValueError: the equation does not fit the input or the output.

    Source: as `keras.layers.EinsumDense`.

    Example:

    >>> import numpy as np
    >>> from fastcnn import layers
    >>> layers.EinsumDense("abc,cd->abd", (None, 8), bias_axes="d")(np.zeros((2, 5, 3))).shape
    (2, 5, 8)
    """

    def __init__(
        self,
        equation: str,
        output_shape: int | Sequence[int | None],
        activation: Any = None,
        bias_axes: str | None = None,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if not isinstance(equation, str):
            raise ValueError(f'equation must be a string such as "ab,bc->ac", received equation={equation!r}')
        self.equation = equation
        shape = (output_shape,) if isinstance(output_shape, int) else output_shape
        self.partial_output_shape = checked_shape(shape, "output_shape")
        self.activation = activations.get(activation)
        self.bias_axes = bias_axes
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.bias_regularizer = regularizers.get(bias_regularizer)
        self.kernel_constraint = constraints.get(kernel_constraint)
        self.bias_constraint = constraints.get(bias_constraint)

    def build(self, input_shape: Shape) -> None:
        kernel, bias, _, fans = shapes_of(self.equation, self.bias_axes, input_shape, self.partial_output_shape)
        self.input_spec = InputSpec(ndim=len(input_shape))
        make = self.kernel_initializer
        if isinstance(make, VarianceScaling) and (make.input_axes is None or make.output_axes is None):
            make = type(make).from_config({**make.get_config(), "seed": make.seed, **fans})
        self.kernel = self.add_weight(
            kernel, make, regularizer=self.kernel_regularizer, constraint=self.kernel_constraint, name="kernel"
        )
        self.bias = None
        if bias is not None:
            self.bias = self.add_weight(
                bias,
                self.bias_initializer,
                regularizer=self.bias_regularizer,
                constraint=self.bias_constraint,
                name="bias",
            )

    def call(self, inputs: Any) -> Any:
        outputs = ops.einsum(self.equation, inputs, self.kernel)
        return self.activation(outputs if self.bias is None else ops.add(outputs, self.bias))

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return shapes_of(self.equation, self.bias_axes, input_shape, self.partial_output_shape)[2]

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "output_shape": self.partial_output_shape,
            "equation": self.equation,
            "activation": activations.serialize(self.activation),
            "bias_axes": self.bias_axes,
            "kernel_initializer": initializers.serialize(self.kernel_initializer),
            "bias_initializer": initializers.serialize(self.bias_initializer),
            "kernel_regularizer": regularizers.serialize(self.kernel_regularizer),
            "bias_regularizer": regularizers.serialize(self.bias_regularizer),
            "activity_regularizer": regularizers.serialize(self.activity_regularizer),
            "kernel_constraint": constraints.serialize(self.kernel_constraint),
            "bias_constraint": constraints.serialize(self.bias_constraint),
        }


def shapes_of(
    equation: str, bias_axes: str | None, input_shape: Shape, output_shape: Lengths
) -> tuple[tuple[int, ...], tuple[int, ...] | None, Shape, dict[str, list[int]]]:
    """Shapes of kernel, bias and output, and which axes of the kernel are inputs and outputs.

    Raises:
        ValueError: the equation does not fit.
    """
    match = re.fullmatch(r"(0?)([a-zA-Z]+)(0?),([a-zA-Z]+)->(0?)([a-zA-Z]+)(0?)", equation.replace("...", "0"))
    if match is None or match[1] != match[5] or match[3] != match[7] or (match[1] and match[3]):
        raise ValueError(
            f"Invalid einsum equation '{equation}'. Equations must be in the form [X],[Y]->[Z], ...[X],[Y]->...[Z], or "
            "[X]...,[Y]->[Z]...."
        )
    before, of_input, _, of_kernel, _, of_output, _ = match.groups()
    more = len(input_shape) - len(of_input)
    first = more if before else 0
    inner = input_shape[1:more] if before else ()
    behind = () if before or not more else input_shape[len(input_shape) - more :]
    output = (input_shape[0], *inner, *output_shape, *behind)
    inputs = dict(zip(of_input, input_shape[first:], strict=False))
    outputs = dict(zip(of_output, output[first:], strict=False))
    for letter in of_output:
        if letter not in inputs and letter not in of_kernel:
            raise ValueError(f"Dimension '{letter}' of the output of {equation!r} is one of neither input nor kernel")
    for letter in set(inputs) & set(outputs):
        if outputs[letter] is not None and outputs[letter] != inputs[letter]:
            raise ValueError(
                f"Input shape and output shape do not match at shared dimension '{letter}' of {equation!r}: "
                f"{inputs[letter]} and {outputs[letter]}"
            )
    whole = tuple(
        inputs.get(letter, length) if length is None else length
        for letter, length in zip(["", *[""] * len(inner), *of_output[0 if before else 1 :]], output, strict=False)
    )
    kernel = tuple(inputs[letter] if letter in inputs else outputs.get(letter) for letter in of_kernel)
    if not all(kernel):
        raise ValueError(f"the kernel of {equation!r} must have known lengths, they are {kernel} for {input_shape}")
    axes = {
        "input_axes": [number for number, letter in enumerate(of_kernel) if letter in inputs],
        "output_axes": [number for number, letter in enumerate(of_kernel) if letter in outputs],
    }
    result = (*whole, *output[len(whole) :])
    return kernel, bias_shape(equation, bias_axes, of_output, outputs, len(behind)), result, axes  # type: ignore[return-value]


def bias_shape(
    equation: str, bias_axes: str | None, letters: str, lengths: dict[str, Any], behind: int
) -> tuple[int, ...] | None:
    """The shape of the bias: the lengths of its letters, with 1 for what is between and behind them."""
    if not bias_axes:
        return None
    if not set(bias_axes) <= set(letters):
        raise ValueError(f"bias_axes {bias_axes!r} must be letters of the output of {equation!r}")
    first = min(letters.index(letter) for letter in bias_axes)
    own = tuple(lengths[letter] if letter in bias_axes else 1 for letter in letters[first:])
    return (*own, *(1,) * behind)
