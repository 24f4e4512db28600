"""Activation functions: two ops that know ten kinds in one pass each, and the functions of `keras.ops` made of them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from fastcnn import reference
from fastcnn.graph import Node, Op, Tensor, emit, register
from fastcnn.graph.op import Gradients, Spec
from fastcnn.ops.arrange import flip, split
from fastcnn.ops.checks import expect, expect_shape, one_axis
from fastcnn.ops.dispatch import apply, floats
from fastcnn.ops.logic import greater, where
from fastcnn.ops.math import abs, add, clip, divide, multiply, relu, sigmoid, sqrt, square, subtract, tanh
from fastcnn.ops.order import cumsum, sort
from fastcnn.ops.reduction import logsumexp, sum

SELU_ALPHA, SELU_SCALE = 1.6732632423543772, 1.0507009873554805
Parameters = tuple[float, float, float]
KINDS = ("rectify", "elu", "gelu", "gelu_tanh", "silu", "mish", "softplus", "softsign", "hard_sigmoid", "hard_silu")
FLOPS = 10
"""About, for each element."""


def check(op: str, x: Tensor, kind: str, parameters: Parameters) -> None:
    """Check the operand and the attributes of an activation."""
    expect(op, "x", x)
    if kind not in KINDS or len(parameters) != 3:
        raise ValueError(f"{op}: kind must be one of {KINDS}, with three numbers, received {kind!r}, {parameters!r}")


@register
class Activation(Op):
    """A function of each element, of a kind, with the numbers that the kind takes."""

    name = "activation"
    reference = staticmethod(reference.activation)

    def infer(self, x: Tensor, *, kind: str, parameters: Parameters) -> list[Spec]:
        check(self.name, x, kind, parameters)
        return [(x.shape, "float32")]

    def flops(self, node: Node) -> int:
        return FLOPS * node.outputs[0].size

    def gradient(self, node: Node, dy: Tensor) -> Gradients:
        return [emit("activation_gradient", dy, node.inputs[0], **node.attrs)]


@register
class ActivationGradient(Op):
    """dy times the slope of the function at x."""

    name = "activation_gradient"
    reference = staticmethod(reference.activation_gradient)

    def infer(self, dy: Tensor, x: Tensor, *, kind: str, parameters: Parameters) -> list[Spec]:
        check(self.name, x, kind, parameters)
        expect(self.name, "dy", dy)
        expect_shape(self.name, "dy", dy, x.shape, "that of x")
        return [(x.shape, "float32")]

    def flops(self, node: Node) -> int:
        return FLOPS * node.outputs[0].size


def activate(x: Any, kind: str, a: float = 0.0, b: float = 0.0, c: float = 0.0) -> Any:
    """One of the kinds of the op `activation`."""
    return apply("activation", floats(x), kind=kind, parameters=(float(a), float(b), float(c)))


def rectify(x: Any, negative_slope: float, max_value: float | None, threshold: float) -> Any:
    """`x` above the threshold, `max_value` at most, below it `negative_slope * (x - threshold)`."""
    if negative_slope == 0 and max_value is None and threshold == 0:
        return relu(x)
    return activate(x, "rectify", negative_slope, math.inf if max_value is None else max_value, threshold)


def relu6(x: Any) -> Any:
    """`min(max(x, 0), 6)`.

    >>> from fastcnn import ops
    >>> ops.relu6([-1.0, 3.0, 9.0])
    array([0., 3., 6.], dtype=float32)
    """
    return activate(x, "rectify", 0.0, 6.0, 0.0)


def leaky_relu(x: Any, negative_slope: float = 0.2) -> Any:
    """`x` above 0, `negative_slope * x` below.

    >>> from fastcnn import ops
    >>> ops.leaky_relu([-1.0, 3.0])
    array([-0.2,  3. ], dtype=float32)
    """
    return activate(x, "rectify", negative_slope, math.inf, 0.0)


def elu(x: Any, alpha: float = 1.0) -> Any:
    """`x` above 0, `alpha * (exp(x) - 1)` below. Source: Clevert et al., ICLR 2016.

    >>> from fastcnn import ops
    >>> ops.elu([-1.0, 3.0]).round(4)
    array([-0.6321,  3.    ], dtype=float32)
    """
    return activate(x, "elu", alpha, 1.0, 1.0)


def selu(x: Any) -> Any:
    """`elu` with the numbers that keep mean and variance. Source: Klambauer et al., NeurIPS 2017.

    >>> from fastcnn import ops
    >>> ops.selu([-1.0, 1.0]).round(4)
    array([-1.1113,  1.0507], dtype=float32)
    """
    return activate(x, "elu", SELU_ALPHA, SELU_SCALE, 1.0)


def celu(x: Any, alpha: float = 1.0) -> Any:
    """`x` above 0, `alpha * (exp(x / alpha) - 1)` below. Source: Barron, arXiv 1704.07483.

    >>> from fastcnn import ops
    >>> ops.celu([-1.0, 3.0], alpha=2.0).round(4)
    array([-0.7869,  3.    ], dtype=float32)
    """
    return activate(x, "elu", alpha, 1.0, alpha)


def gelu(x: Any, approximate: bool = True) -> Any:
    """`x` times the share of a normal distribution below x; approximately, by a hyperbolic tangent, by default.

    Source: Hendrycks and Gimpel, arXiv 1606.08415.

    >>> from fastcnn import ops
    >>> ops.gelu([-1.0, 1.0], approximate=False).round(4)
    array([-0.1587,  0.8413], dtype=float32)
    """
    return activate(x, "gelu_tanh" if approximate else "gelu")


def silu(x: Any) -> Any:
    """`x * sigmoid(x)`. Source: Ramachandran et al., arXiv 1710.05941.

    >>> from fastcnn import ops
    >>> ops.silu([-1.0, 1.0]).round(4)
    array([-0.2689,  0.7311], dtype=float32)
    """
    return activate(x, "silu")


swish = silu


def mish(x: Any) -> Any:
    """`x * tanh(softplus(x))`. Source: Misra, BMVC 2020.

    >>> from fastcnn import ops
    >>> ops.mish([-1.0, 1.0]).round(4)
    array([-0.3034,  0.8651], dtype=float32)
    """
    return activate(x, "mish")


def softplus(x: Any) -> Any:
    """`log(1 + exp(x))`.

    >>> from fastcnn import ops
    >>> ops.softplus([-100.0, 0.0]).round(4)
    array([0.    , 0.6931], dtype=float32)
    """
    return activate(x, "softplus")


def softsign(x: Any) -> Any:
    """`x / (1 + abs(x))`.

    >>> from fastcnn import ops
    >>> ops.softsign([-1.0, 3.0])
    array([-0.5 ,  0.75], dtype=float32)
    """
    return activate(x, "softsign")


def hard_sigmoid(x: Any) -> Any:
    """`x / 6 + 0.5`, cut to 0 and 1.

    >>> from fastcnn import ops
    >>> ops.hard_sigmoid([-4.0, 0.0, 1.5])
    array([0.  , 0.5 , 0.75], dtype=float32)
    """
    return activate(x, "hard_sigmoid", 1 / 6, 0.5)


def hard_silu(x: Any) -> Any:
    """`x * hard_sigmoid(x)`. Source: Howard et al., ICCV 2019.

    >>> from fastcnn import ops
    >>> ops.hard_silu([-4.0, 1.5])
    array([-0.   ,  1.125], dtype=float32)
    """
    return activate(x, "hard_silu", 1 / 6, 0.5)


hard_swish = hard_silu


def hard_tanh(x: Any) -> Any:
    """x, cut to -1 and 1.

    >>> from fastcnn import ops
    >>> ops.hard_tanh([-4.0, 0.5])
    array([-1. ,  0.5], dtype=float32)
    """
    return clip(x, -1.0, 1.0)


def log_sigmoid(x: Any) -> Any:
    """`log(sigmoid(x))`.

    >>> from fastcnn import ops
    >>> ops.log_sigmoid([0.0]).round(4)
    array([-0.6931], dtype=float32)
    """
    return multiply(softplus(multiply(x, -1.0)), -1.0)


def soft_shrink(x: Any, threshold: float = 0.5) -> Any:
    """x moved towards 0 by the threshold, and 0 where it lies nearer.

    >>> from fastcnn import ops
    >>> ops.soft_shrink([-1.0, 0.25, 2.0])
    array([-0.5,  0. ,  1.5], dtype=float32)
    """
    return subtract(x, clip(x, -threshold, threshold))


def hard_shrink(x: Any, threshold: float = 0.5) -> Any:
    """x, and 0 where its size is at most the threshold.

    >>> from fastcnn import ops
    >>> ops.hard_shrink([-1.0, 0.25])
    array([-1.,  0.], dtype=float32)
    """
    return where(greater(abs(x), threshold), x, 0.0)


def tanh_shrink(x: Any) -> Any:
    """`x - tanh(x)`.

    >>> from fastcnn import ops
    >>> ops.tanh_shrink([1.0]).round(4)
    array([0.2384], dtype=float32)
    """
    return subtract(x, tanh(x))


def threshold(x: Any, threshold: float, default_value: float) -> Any:
    """x above the threshold, elsewhere `default_value`.

    >>> from fastcnn import ops
    >>> ops.threshold([-1.0, 2.0], 1.0, 7.0)
    array([7., 2.], dtype=float32)
    """
    return where(greater(x, threshold), x, default_value)


def squareplus(x: Any, b: float = 4) -> Any:
    """`(x + sqrt(x * x + b)) / 2`. Source: Barron, arXiv 2112.11687.

    >>> from fastcnn import ops
    >>> ops.squareplus([0.0, 1.5])
    array([1., 2.], dtype=float32)
    """
    return multiply(add(x, sqrt(add(square(x), float(b)))), 0.5)


def sparse_plus(x: Any) -> Any:
    """0 below -1, `(x + 1)² / 4` from there to 1, x above. Source: Martins and Astudillo, ICML 2016.

    >>> from fastcnn import ops
    >>> ops.sparse_plus([-2.0, 0.0, 3.0])
    array([0.  , 0.25, 3.  ], dtype=float32)
    """
    inside = clip(x, -1.0, 1.0)
    return add(multiply(square(add(inside, 1.0)), 0.25), relu(subtract(x, 1.0)))


def sparse_sigmoid(x: Any) -> Any:
    """`(x + 1) / 2`, cut to 0 and 1.

    >>> from fastcnn import ops
    >>> ops.sparse_sigmoid([-2.0, 0.5])
    array([0.  , 0.75], dtype=float32)
    """
    return activate(x, "hard_sigmoid", 0.5, 0.5)


def glu(x: Any, axis: int = -1) -> Any:
    """The first half along an axis times the sigmoid of the second. Source: Dauphin et al., ICML 2017.

    Raises:
        ValueError: The axis does not divide into halves.

    >>> from fastcnn import ops
    >>> ops.glu([2.0, 0.0])
    array([1.], dtype=float32)
    """
    first, second = split(x, 2, axis)
    return multiply(first, sigmoid(second))


def log_softmax(x: Any, axis: int = -1) -> Any:
    """`log(softmax(x))` along an axis, without underflow.

    >>> from fastcnn import ops
    >>> ops.log_softmax([0.0, 0.0]).round(4)
    array([-0.6931, -0.6931], dtype=float32)
    """
    return subtract(x, logsumexp(x, axis=axis, keepdims=True))


def sparsemax(x: Any, axis: int = -1) -> Any:
    """The nearest point to x whose elements along an axis are probabilities; many are exactly 0.

    Source: Martins and Astudillo, ICML 2016.

    >>> from fastcnn import ops
    >>> ops.sparsemax([2.0, 1.5, 0.0])
    array([0.75, 0.25, 0.  ], dtype=float32)
    """
    x = floats(x)
    axis = one_axis("axis", axis, len(x.shape))
    falling = flip(sort(x, axis=axis), axis)
    length = x.shape[axis]
    ranks = np.arange(1, length + 1, dtype="float32").reshape([length] + [1] * (len(x.shape) - 1 - axis))
    kept = greater(add(multiply(falling, ranks), 1.0), cumsum(falling, axis=axis))
    count = sum(kept, axis=axis, keepdims=True)
    bound = divide(subtract(sum(multiply(kept, falling), axis=axis, keepdims=True), 1.0), count)
    chosen = greater(x, bound)
    return relu(subtract(x, divide(subtract(sum(multiply(chosen, x), axis=axis, keepdims=True), 1.0), count)))
