"""The activation functions, written with `fastcnn.ops`: they run on arrays and record nodes on symbolic tensors."""

from __future__ import annotations

from typing import Any

from fastcnn import ops


def linear(x: Any) -> Any:
    """The input itself.

    Example:

    >>> from fastcnn import activations
    >>> activations.linear(3.0)
    3.0
    """
    return x


def relu(x: Any, negative_slope: float = 0.0, max_value: float | None = None, threshold: float = 0.0) -> Any:
    """`max(x, 0)`, or with other arguments than the defaults:

    `max_value` where `x >= max_value`, `x` where `threshold <= x < max_value`, else `negative_slope * (x - threshold)`.

    Args:
        x: Array or symbolic tensor, float32.
        negative_slope: Slope below the threshold. Default 0.
        max_value: Largest output. Default None: no limit.
        threshold: Values below are damped. Default 0.

    Returns:
        Of the shape of `x`.

    Example:

    >>> from fastcnn import activations
    >>> activations.relu([-2.0, 1.0, 9.0], max_value=6.0)
    array([0., 1., 6.], dtype=float32)
    """
    above = ops.relu(x) if threshold == 0 else ops.multiply(x, ops.greater_equal(x, threshold))
    if max_value is not None:
        above = ops.minimum(above, max_value)
    if negative_slope == 0:
        return above
    below = ops.minimum(ops.subtract(x, threshold), 0.0)
    return ops.add(above, ops.multiply(below, negative_slope))


def relu6(x: Any) -> Any:
    """`min(max(x, 0), 6)`.

    Example:

    >>> from fastcnn import activations
    >>> activations.relu6([-1.0, 3.0, 7.0])
    array([0., 3., 6.], dtype=float32)
    """
    return relu(x, max_value=6.0)


def leaky_relu(x: Any, negative_slope: float = 0.2) -> Any:
    """`x` where it is positive, `negative_slope * x` elsewhere.

    Example:

    >>> from fastcnn import activations
    >>> activations.leaky_relu([-1.0, 3.0], negative_slope=0.5)
    array([-0.5,  3. ], dtype=float32)
    """
    return relu(x, negative_slope=negative_slope)


def sigmoid(x: Any) -> Any:
    """`1 / (1 + exp(-x))`.

    Example:

    >>> from fastcnn import activations
    >>> activations.sigmoid([0.0])
    array([0.5], dtype=float32)
    """
    return ops.sigmoid(x)


def silu(x: Any) -> Any:
    """`x * sigmoid(x)`, also known as swish.

    Example:

    >>> from fastcnn import activations
    >>> activations.silu([0.0, 100.0])
    array([  0., 100.], dtype=float32)
    """
    return ops.multiply(x, ops.sigmoid(x))


def tanh(x: Any) -> Any:
    """The hyperbolic tangent.

    Example:

    >>> from fastcnn import activations
    >>> activations.tanh([0.0])
    array([0.], dtype=float32)
    """
    return ops.tanh(x)


def exponential(x: Any) -> Any:
    """`exp(x)`.

    Example:

    >>> from fastcnn import activations
    >>> activations.exponential([0.0])
    array([1.], dtype=float32)
    """
    return ops.exp(x)


def softmax(x: Any, axis: int = -1) -> Any:
    """`exp(x)` divided by its sum along an axis: probabilities that sum to 1.

    Args:
        x: Array or symbolic tensor, float32, of at least one dimension.
        axis: The axis along which the probabilities sum to 1. Default -1.

    Returns:
        Of the shape of `x`.

    Example:

    >>> from fastcnn import activations
    >>> activations.softmax([[1.0, 1.0, 1.0, 1.0]])
    array([[0.25, 0.25, 0.25, 0.25]], dtype=float32)
    """
    return ops.softmax(x, axis=axis)
