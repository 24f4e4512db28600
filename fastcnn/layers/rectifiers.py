"""Activation functions with numbers of their own, as layers."""

from __future__ import annotations

from typing import Any

from fastcnn import activations, constraints, initializers, ops, regularizers
from fastcnn.graph import Shape
from fastcnn.layers.input_spec import InputSpec
from fastcnn.layers.layer import Layer
from fastcnn.layers.registry import register
from fastcnn.utils.arguments import as_integer, checked_number


class SameShape(Layer):
    """Base: the output has the shape of the input."""

    supports_masking = True

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return tuple(input_shape)


def at_least_zero(value: Any, kind: str, name: str) -> float:
    """A number of at least 0.

    Raises:
        ValueError: it is none.
    """
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not value >= 0:
        raise ValueError(
            f"The {name} value of a {kind} layer cannot be None or negative value. Received: {name}={value!r}"
        )
    return float(value)


@register
class ReLU(SameShape):
    """`x` above the threshold, `max_value` at most, and `negative_slope * (x - threshold)` below.

    Args:
        max_value: largest output. Default None: no limit.
        negative_slope: slope below the threshold. Default 0.
        threshold: values above pass. Default 0.

    Raises:
        ValueError: a number is negative.

    Example:

    >>> from fastcnn import layers
    >>> layers.ReLU(max_value=6)([[-3.0, 1.0, 9.0]])
    array([[0., 1., 6.]], dtype=float32)
    """

    def __init__(
        self, max_value: float | None = None, negative_slope: float = 0.0, threshold: float = 0.0, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.max_value = None if max_value is None else at_least_zero(max_value, "ReLU", "max_value")
        self.negative_slope = at_least_zero(negative_slope, "ReLU", "negative_slope")
        self.threshold = at_least_zero(threshold, "ReLU", "threshold")

    def call(self, inputs: Any) -> Any:
        return activations.relu(inputs, self.negative_slope, self.max_value, self.threshold)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "max_value": self.max_value,
            "negative_slope": self.negative_slope,
            "threshold": self.threshold,
        }


@register
class LeakyReLU(SameShape):
    """`x` above 0, `negative_slope * x` below.

    Args:
        negative_slope: slope below 0. Default 0.3.

    Raises:
        ValueError: it is None or negative.

    Example:

    >>> from fastcnn import layers
    >>> layers.LeakyReLU(0.5)([[-3.0, 1.0]])
    array([[-1.5,  1. ]], dtype=float32)
    """

    def __init__(self, negative_slope: float = 0.3, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.negative_slope = at_least_zero(negative_slope, "Leaky ReLU", "negative_slope")

    def call(self, inputs: Any) -> Any:
        return activations.leaky_relu(inputs, self.negative_slope)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "negative_slope": self.negative_slope}


@register
class PReLU(SameShape):
    """`x` above 0, `alpha * x` below, with a learned `alpha` for each element of a sample.

    Args:
        alpha_initializer: name or object. Default "Zeros".
        alpha_regularizer: name, object or function. Default None.
        alpha_constraint: name, object or function. Default None.
        shared_axes: axes along which one alpha serves all, counted from 1 behind the batch: `[1, 2]` for images, whose
            channels then have one each. Default None.

    Weights: `alpha` of the shape of a sample, with 1 in the places of the shared axes.

    Source: He et al., "Delving Deep into Rectifiers", ICCV 2015.

    Example:

    >>> from fastcnn import layers
    >>> layers.PReLU("ones")([[-3.0, 1.0]])
    array([[-3.,  1.]], dtype=float32)
    """

    def __init__(
        self,
        alpha_initializer: Any = "Zeros",
        alpha_regularizer: Any = None,
        alpha_constraint: Any = None,
        shared_axes: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.alpha_initializer = initializers.get(alpha_initializer)
        self.alpha_regularizer = regularizers.get(alpha_regularizer)
        self.alpha_constraint = constraints.get(alpha_constraint)
        if shared_axes is not None and not isinstance(shared_axes, (list, tuple)):
            shared_axes = [shared_axes]
        self.shared_axes = None if shared_axes is None else list(shared_axes)
        if any(as_integer(axis) is None for axis in self.shared_axes or ()):
            raise ValueError(f"shared_axes must be integers, received shared_axes={shared_axes!r}")

    def build(self, input_shape: Shape) -> None:
        shape: list[Any] = list(input_shape[1:])
        shared = self.shared_axes or []
        if any(not 1 <= axis < len(input_shape) for axis in shared):
            raise ValueError(f"shared_axes must be from 1 to {len(input_shape) - 1} here, received {shared}")
        for axis in shared:
            shape[axis - 1] = 1
        self.alpha = self.add_weight(
            shape,
            self.alpha_initializer,
            regularizer=self.alpha_regularizer,
            constraint=self.alpha_constraint,
            name="alpha",
        )
        own = {axis: input_shape[axis] for axis in range(1, len(input_shape)) if shared and axis not in shared}
        self.input_spec = InputSpec(ndim=len(input_shape), axes=own)

    def call(self, inputs: Any) -> Any:
        return ops.add(ops.relu(inputs), ops.multiply(ops.minimum(inputs, 0.0), self.alpha))

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "alpha_initializer": initializers.serialize(self.alpha_initializer),
            "alpha_regularizer": regularizers.serialize(self.alpha_regularizer),
            "alpha_constraint": constraints.serialize(self.alpha_constraint),
            "shared_axes": self.shared_axes,
        }


@register
class ELU(SameShape):
    """`x` above 0, `alpha * (exp(x) - 1)` below.

    Args:
        alpha: what the output tends to below 0, with the sign changed. Default 1.

    Example:

    >>> from fastcnn import layers
    >>> layers.ELU()([[-1.0, 1.0]]).round(4)
    array([[-0.6321,  1.    ]], dtype=float32)
    """

    def __init__(self, alpha: float = 1.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.alpha = checked_number(alpha, "alpha")

    def call(self, inputs: Any) -> Any:
        return activations.elu(inputs, self.alpha)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "alpha": self.alpha}


@register
class Softmax(SameShape):
    """`exp(x)` divided by its sum along axes: probabilities.

    Args:
        axis: the axis, or a list of them. Default -1.

    Call arguments:
        inputs: array or symbolic tensor.
        mask: array or tensor that broadcasts to the inputs: where it is 0 (False), the probability is 0. Default None.

    Example:

    >>> from fastcnn import layers
    >>> layers.Softmax()([[1.0, 1.0]])
    array([[0.5, 0.5]], dtype=float32)
    """

    def __init__(self, axis: Any = -1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.axis = axis

    def call(self, inputs: Any, mask: Any = None) -> Any:
        if mask is not None:
            inputs = ops.where(ops.greater(mask, 0.5), inputs, -1e9)
        if isinstance(self.axis, (list, tuple)):
            return ops.exp(ops.subtract(inputs, ops.logsumexp(inputs, axis=tuple(self.axis), keepdims=True)))
        return activations.softmax(inputs, axis=self.axis)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "axis": self.axis}
