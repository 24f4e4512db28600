"""The activation functions, written with `fastcnn.ops`: they run on arrays and record nodes on symbolic tensors."""

from __future__ import annotations

from typing import Any

from fastcnn import ops
from fastcnn.ops.activation import rectify


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

    `max_value` where `x >= max_value`, `x` where `threshold < x < max_value`, else `negative_slope * (x - threshold)`.

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
    return rectify(x, negative_slope, max_value, threshold)


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
    return ops.silu(x)


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


def elu(x: Any, alpha: float = 1.0) -> Any:
    """`x` above 0, `alpha * (exp(x) - 1)` below.

    Example:

    >>> from fastcnn import activations
    >>> activations.elu([-1.0, 3.0]).round(4)
    array([-0.6321,  3.    ], dtype=float32)
    """
    return ops.elu(x, alpha)


def selu(x: Any) -> Any:
    """`elu` with the numbers that keep mean and variance.

    Example:

    >>> from fastcnn import activations
    >>> activations.selu([-1.0, 1.0]).round(4)
    array([-1.1113,  1.0507], dtype=float32)
    """
    return ops.selu(x)


def celu(x: Any, alpha: float = 1.0) -> Any:
    """`x` above 0, `alpha * (exp(x / alpha) - 1)` below.

    Example:

    >>> from fastcnn import activations
    >>> activations.celu([-1.0, 3.0]).round(4)
    array([-0.6321,  3.    ], dtype=float32)
    """
    return ops.celu(x, alpha)


def gelu(x: Any, approximate: bool = False) -> Any:
    """`x` times the share of a normal distribution below x, or approximately so by a hyperbolic tangent.

    Example:

    >>> from fastcnn import activations
    >>> activations.gelu([-1.0, 1.0]).round(4)
    array([-0.1587,  0.8413], dtype=float32)
    """
    return ops.gelu(x, approximate)


def mish(x: Any) -> Any:
    """`x * tanh(softplus(x))`.

    Example:

    >>> from fastcnn import activations
    >>> activations.mish([1.0]).round(4)
    array([0.8651], dtype=float32)
    """
    return ops.mish(x)


def softplus(x: Any) -> Any:
    """`log(1 + exp(x))`.

    Example:

    >>> from fastcnn import activations
    >>> activations.softplus([0.0]).round(4)
    array([0.6931], dtype=float32)
    """
    return ops.softplus(x)


def softsign(x: Any) -> Any:
    """`x / (1 + abs(x))`.

    Example:

    >>> from fastcnn import activations
    >>> activations.softsign([-1.0, 3.0])
    array([-0.5 ,  0.75], dtype=float32)
    """
    return ops.softsign(x)


def hard_sigmoid(x: Any) -> Any:
    """`x / 6 + 0.5`, cut to 0 and 1.

    Example:

    >>> from fastcnn import activations
    >>> activations.hard_sigmoid([-4.0, 1.5])
    array([0.  , 0.75], dtype=float32)
    """
    return ops.hard_sigmoid(x)


def hard_silu(x: Any) -> Any:
    """`x * hard_sigmoid(x)`, also known as hard_swish.

    Example:

    >>> from fastcnn import activations
    >>> activations.hard_silu([1.5])
    array([1.125], dtype=float32)
    """
    return ops.hard_silu(x)


def hard_tanh(x: Any) -> Any:
    """x, cut to -1 and 1.

    Example:

    >>> from fastcnn import activations
    >>> activations.hard_tanh([-4.0, 0.5])
    array([-1. ,  0.5], dtype=float32)
    """
    return ops.hard_tanh(x)


def hard_shrink(x: Any, threshold: float = 0.5) -> Any:
    """x, and 0 where its size is at most the threshold.

    Example:

    >>> from fastcnn import activations
    >>> activations.hard_shrink([-1.0, 0.25])
    array([-1.,  0.], dtype=float32)
    """
    return ops.hard_shrink(x, threshold)


def soft_shrink(x: Any, threshold: float = 0.5) -> Any:
    """x moved towards 0 by the threshold, and 0 where it lies nearer.

    Example:

    >>> from fastcnn import activations
    >>> activations.soft_shrink([-1.0, 0.25])
    array([-0.5,  0. ], dtype=float32)
    """
    return ops.soft_shrink(x, threshold)


def tanh_shrink(x: Any) -> Any:
    """`x - tanh(x)`.

    Example:

    >>> from fastcnn import activations
    >>> activations.tanh_shrink([1.0]).round(4)
    array([0.2384], dtype=float32)
    """
    return ops.tanh_shrink(x)


def threshold(x: Any, threshold: float, default_value: float) -> Any:
    """x above the threshold, elsewhere `default_value`.

    Example:

    >>> from fastcnn import activations
    >>> activations.threshold([-1.0, 2.0], 1.0, 7.0)
    array([7., 2.], dtype=float32)
    """
    return ops.threshold(x, threshold, default_value)


def squareplus(x: Any, b: float = 4) -> Any:
    """`(x + sqrt(x * x + b)) / 2`.

    Example:

    >>> from fastcnn import activations
    >>> activations.squareplus([0.0, 1.5])
    array([1., 2.], dtype=float32)
    """
    return ops.squareplus(x, b)


def sparse_plus(x: Any) -> Any:
    """0 below -1, `(x + 1)² / 4` from there to 1, x above.

    Example:

    >>> from fastcnn import activations
    >>> activations.sparse_plus([0.0, 3.0])
    array([0.25, 3.  ], dtype=float32)
    """
    return ops.sparse_plus(x)


def sparse_sigmoid(x: Any) -> Any:
    """`(x + 1) / 2`, cut to 0 and 1.

    Example:

    >>> from fastcnn import activations
    >>> activations.sparse_sigmoid([-2.0, 0.5])
    array([0.  , 0.75], dtype=float32)
    """
    return ops.sparse_sigmoid(x)


def sparsemax(x: Any, axis: int = -1) -> Any:
    """The nearest point to x whose elements along an axis are probabilities; many are exactly 0.

    Example:

    >>> from fastcnn import activations
    >>> activations.sparsemax([2.0, 1.5, 0.0])
    array([0.75, 0.25, 0.  ], dtype=float32)
    """
    return ops.sparsemax(x, axis)


def log_sigmoid(x: Any) -> Any:
    """`log(sigmoid(x))`.

    Example:

    >>> from fastcnn import activations
    >>> activations.log_sigmoid([0.0]).round(4)
    array([-0.6931], dtype=float32)
    """
    return ops.log_sigmoid(x)


def log_softmax(x: Any, axis: int = -1) -> Any:
    """`log(softmax(x))` along an axis, without underflow.

    Example:

    >>> from fastcnn import activations
    >>> activations.log_softmax([0.0, 0.0]).round(4)
    array([-0.6931, -0.6931], dtype=float32)
    """
    return ops.log_softmax(x, axis)


def glu(x: Any, axis: int = -1) -> Any:
    """The first half along an axis times the sigmoid of the second.

    Example:

    >>> from fastcnn import activations
    >>> activations.glu([2.0, 0.0])
    array([1.], dtype=float32)
    """
    return ops.glu(x, axis)
