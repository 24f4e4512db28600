"""What normalisation layers share: the weights gamma and beta, and the arguments that describe them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fastcnn import constraints, initializers, regularizers
from fastcnn.graph import Shape
from fastcnn.layers.layer import Layer
from fastcnn.utils.arguments import as_integer, checked_number


class ScaleAndShift(Layer):
    """Base of layers that multiply by `gamma` and add `beta`; along its `axis`; takes Keras's arguments for both."""

    axis: Any

    def __init__(
        self,
        epsilon: float,
        center: bool,
        scale: bool,
        beta_initializer: Any,
        gamma_initializer: Any,
        beta_regularizer: Any,
        gamma_regularizer: Any,
        beta_constraint: Any,
        gamma_constraint: Any,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.epsilon = float(checked_number(epsilon, "epsilon"))
        self.center = bool(center)
        self.scale = bool(scale)
        self.beta_initializer = initializers.get(beta_initializer)
        self.gamma_initializer = initializers.get(gamma_initializer)
        self.beta_regularizer = regularizers.get(beta_regularizer)
        self.gamma_regularizer = regularizers.get(gamma_regularizer)
        self.beta_constraint = constraints.get(beta_constraint)
        self.gamma_constraint = constraints.get(gamma_constraint)

    def add_scale_and_shift(self, shape: Sequence[int]) -> None:
        """Make `gamma` and `beta`, None where there is none."""
        self.gamma = self.beta = None
        if self.scale:
            self.gamma = self.add_weight(
                shape,
                self.gamma_initializer,
                name="gamma",
                regularizer=self.gamma_regularizer,
                constraint=self.gamma_constraint,
            )
        if self.center:
            self.beta = self.add_weight(
                shape,
                self.beta_initializer,
                name="beta",
                regularizer=self.beta_regularizer,
                constraint=self.beta_constraint,
            )

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        check_axes(input_shape, self.axis)
        return tuple(input_shape)

    def scale_config(self) -> dict[str, Any]:
        """The part of the configuration that starts with `epsilon`."""
        return {
            "epsilon": self.epsilon,
            "center": self.center,
            "scale": self.scale,
            "beta_initializer": initializers.serialize(self.beta_initializer),
            "gamma_initializer": initializers.serialize(self.gamma_initializer),
        }

    def penalty_config(self) -> dict[str, Any]:
        """The part of the configuration about regularizers and constraints."""
        return {
            "beta_regularizer": regularizers.serialize(self.beta_regularizer),
            "gamma_regularizer": regularizers.serialize(self.gamma_regularizer),
            "beta_constraint": constraints.serialize(self.beta_constraint),
            "gamma_constraint": constraints.serialize(self.gamma_constraint),
        }


def axis_argument(axis: Any) -> int | list[int]:
    """An axis, or a list of several.

    Raises:
        TypeError: it is neither.
    """
    single = as_integer(axis)
    if single is not None:
        return single
    if (
        isinstance(axis, (list, tuple))
        and axis
        and len(set(axis)) == len(axis)
        and all(as_integer(one) is not None for one in axis)
    ):
        return [int(one) for one in axis]
    raise TypeError(
        f"Expected an int or a list/tuple of different ints for the argument 'axis', but received: {axis!r}"
    )


def check_axes(input_shape: Shape, axes: int | Sequence[int]) -> None:
    """The axes must be there.

    Raises:
        ValueError: one is not.
    """
    for axis in [axes] if isinstance(axes, int) else axes:
        if not -len(input_shape) <= axis < len(input_shape):
            raise ValueError(f"Axis {axis} is out of bounds for input shape {input_shape}. Received: axis={axes}")


def lengths_of(input_shape: Shape, axes: Sequence[int], layer: Layer) -> tuple[int, ...]:
    """The lengths of the axes.

    Raises:
        ValueError: there is no such axis, or its length is unknown.
    """
    check_axes(input_shape, axes)
    lengths = []
    for axis in axes:
        length = input_shape[axis]
        if length is None:
            raise ValueError(
                f"Axis {axis} of input tensor should have a defined dimension but layer {layer.name!r} received an "
                f"input with shape {input_shape}"
            )
        lengths.append(length)
    return tuple(lengths)
