"""Functions of single elements, and of pairs of elements with broadcasting: the ops. Their public functions are in
`fastcnn.ops.math`."""

from __future__ import annotations

import math

from fastcnn import reference
from fastcnn.graph import Node, Op, Tensor, constant, emit, register
from fastcnn.graph.op import Gradients, Spec
from fastcnn.graph.tensor import Shape
from fastcnn.ops.checks import expect, expect_shape
from fastcnn.ops.shape import unbroadcast


def scaled(x: Tensor, factor: float) -> Tensor:
    """A node of x times a number."""
    return emit("multiply", x, constant(factor, "float32"))


def broadcast_shapes(op: str, a: Shape, b: Shape) -> Shape:
    """The shape of both operands together, by NumPy's rule. An unknown batch is not taken to be any known length but 1.

    Raises:
        ValueError: the shapes do not fit.
    """
    rank = max(len(a), len(b))
    shape = []
    for of_a, of_b in zip((1,) * (rank - len(a)) + a, (1,) * (rank - len(b)) + b, strict=True):
        if of_a != of_b and 1 not in (of_a, of_b):
            raise ValueError(
                f"{op}: operands of shapes {a} and {b} cannot be broadcast together: lengths must, from the last axis "
                "backwards, be equal or 1; reshape one of them"
            )
        shape.append(of_b if of_a == 1 else of_a)
    if None in shape[1:]:
        raise ValueError(f"{op}: operands of shapes {a} and {b}: the unknown batch must stay the first axis")
    return tuple(shape)


class Unary(Op):
    """Base of the functions of one operand, of any shape."""

    overwrites = (0,)

    def infer(self, x: Tensor) -> list[Spec]:
        expect(self.name, "x", x)
        return [(x.shape, "float32")]


class UnaryGradient(Op):
    """Base of the gradients that are computed from the result y of a function and its gradient dy."""

    overwrites = (0,)

    def infer(self, dy: Tensor, y: Tensor) -> list[Spec]:
        expect(self.name, "dy", dy)
        expect(self.name, "y", y)
        expect_shape(self.name, "y", y, dy.shape, "that of dy")
        return [(dy.shape, "float32")]


class Binary(Op):
    """Base of the functions of two operands, with broadcasting."""

    overwrites = (0, 1)

    def infer(self, a: Tensor, b: Tensor) -> list[Spec]:
        expect(self.name, "x1", a)
        expect(self.name, "x2", b)
        return [(broadcast_shapes(self.name, a.shape, b.shape), "float32")]

    def gradient(self, node: Node, dy: Tensor) -> Gradients:
        return [unbroadcast(d, operand) for d, operand in zip(self.partials(node, dy), node.inputs, strict=True)]

    def partials(self, node: Node, dy: Tensor) -> tuple[Tensor, Tensor]:
        """Gradients of both operands, as large as dy."""
        raise ValueError(f"op {self.name!r} has no gradient")


@register
class Relu(Unary):
    name = "relu"
    reference = staticmethod(reference.relu)

    def gradient(self, node: Node, dy: Tensor) -> Gradients:
        return [emit("relu_gradient", dy, node.outputs[0])]


@register
class ReluGradient(UnaryGradient):
    name = "relu_gradient"
    reference = staticmethod(reference.relu_gradient)


@register
class Sigmoid(Unary):
    name = "sigmoid"
    reference = staticmethod(reference.sigmoid)

    def gradient(self, node: Node, dy: Tensor) -> Gradients:
        return [emit("sigmoid_gradient", dy, node.outputs[0])]


@register
class SigmoidGradient(UnaryGradient):
    name = "sigmoid_gradient"
    reference = staticmethod(reference.sigmoid_gradient)


@register
class Tanh(Unary):
    name = "tanh"
    reference = staticmethod(reference.tanh)

    def gradient(self, node: Node, dy: Tensor) -> Gradients:
        return [emit("tanh_gradient", dy, node.outputs[0])]


@register
class TanhGradient(UnaryGradient):
    name = "tanh_gradient"
    reference = staticmethod(reference.tanh_gradient)


@register
class Exp(Unary):
    name = "exp"
    reference = staticmethod(reference.exp)

    def gradient(self, node: Node, dy: Tensor) -> Gradients:
        return [emit("multiply", dy, node.outputs[0])]


@register
class Log(Unary):
    name = "log"
    reference = staticmethod(reference.log)

    def gradient(self, node: Node, dy: Tensor) -> Gradients:
        return [emit("divide", dy, node.inputs[0])]


@register
class Square(Unary):
    name = "square"
    reference = staticmethod(reference.square)

    def gradient(self, node: Node, dy: Tensor) -> Gradients:
        return [emit("multiply", dy, scaled(node.inputs[0], 2))]


@register
class Sqrt(Unary):
    name = "sqrt"
    reference = staticmethod(reference.sqrt)

    def gradient(self, node: Node, dy: Tensor) -> Gradients:
        return [emit("divide", dy, scaled(node.outputs[0], 2))]


@register
class Negative(Unary):
    name = "negative"
    reference = staticmethod(reference.negative)

    def gradient(self, node: Node, dy: Tensor) -> Gradients:
        return [emit("negative", dy)]


@register
class Abs(Unary):
    """The gradient at 0 is 0."""

    name = "abs"
    reference = staticmethod(reference.abs)

    def gradient(self, node: Node, dy: Tensor) -> Gradients:
        return [emit("multiply", dy, emit("sign", node.inputs[0]))]


@register
class Log1p(Unary):
    name = "log1p"
    reference = staticmethod(reference.log1p)

    def gradient(self, node: Node, dy: Tensor) -> Gradients:
        return [emit("divide", dy, emit("add", node.inputs[0], constant(1, "float32")))]


@register
class Sin(Unary):
    name = "sin"
    reference = staticmethod(reference.sin)

    def gradient(self, node: Node, dy: Tensor) -> Gradients:
        return [emit("multiply", dy, emit("cos", node.inputs[0]))]


@register
class Cos(Unary):
    name = "cos"
    reference = staticmethod(reference.cos)

    def gradient(self, node: Node, dy: Tensor) -> Gradients:
        return [emit("negative", emit("multiply", dy, emit("sin", node.inputs[0])))]


@register
class Expm1(Unary):
    name = "expm1"
    reference = staticmethod(reference.expm1)

    def gradient(self, node: Node, dy: Tensor) -> Gradients:
        return [emit("multiply", dy, emit("add", node.outputs[0], constant(1, "float32")))]


@register
class Arctan(Unary):
    name = "arctan"
    reference = staticmethod(reference.arctan)

    def gradient(self, node: Node, dy: Tensor) -> Gradients:
        return [emit("divide", dy, emit("add", emit("square", node.inputs[0]), constant(1, "float32")))]


@register
class Erf(Unary):
    name = "erf"
    reference = staticmethod(reference.erf)

    def gradient(self, node: Node, dy: Tensor) -> Gradients:
        density = emit("exp", emit("negative", emit("square", node.inputs[0])))
        return [emit("multiply", dy, scaled(density, 2 / math.sqrt(math.pi)))]


class Flat(Unary):
    """Base of the functions that are flat between steps: no gradient passes."""

    def gradient(self, node: Node, dy: Tensor) -> Gradients:
        return [None]


@register
class Floor(Flat):
    name = "floor"
    reference = staticmethod(reference.floor)


@register
class Ceil(Flat):
    name = "ceil"
    reference = staticmethod(reference.ceil)


@register
class Round(Flat):
    name = "round"
    reference = staticmethod(reference.round)


@register
class Sign(Flat):
    name = "sign"
    reference = staticmethod(reference.sign)


@register
class IsNan(Flat):
    name = "isnan"
    reference = staticmethod(reference.isnan)


@register
class IsFinite(Flat):
    name = "isfinite"
    reference = staticmethod(reference.isfinite)


@register
class Add(Binary):
    name = "add"
    reference = staticmethod(reference.add)

    def partials(self, node: Node, dy: Tensor) -> tuple[Tensor, Tensor]:
        return dy, dy


@register
class Subtract(Binary):
    name = "subtract"
    reference = staticmethod(reference.subtract)

    def partials(self, node: Node, dy: Tensor) -> tuple[Tensor, Tensor]:
        return dy, emit("negative", dy)


@register
class Multiply(Binary):
    name = "multiply"
    reference = staticmethod(reference.multiply)

    def partials(self, node: Node, dy: Tensor) -> tuple[Tensor, Tensor]:
        a, b = node.inputs
        return emit("multiply", dy, b), emit("multiply", dy, a)


@register
class Divide(Binary):
    name = "divide"
    reference = staticmethod(reference.divide)

    def partials(self, node: Node, dy: Tensor) -> tuple[Tensor, Tensor]:
        da = emit("divide", dy, node.inputs[1])
        return da, emit("negative", emit("multiply", da, node.outputs[0]))


@register
class Maximum(Binary):
    """Where both operands are equal the gradient is the first one's."""

    name = "maximum"
    reference = staticmethod(reference.maximum)

    def partials(self, node: Node, dy: Tensor) -> tuple[Tensor, Tensor]:
        a, b = node.inputs
        return emit("multiply", dy, emit("greater_equal", a, b)), emit("multiply", dy, emit("greater", b, a))


@register
class Minimum(Binary):
    """Where both operands are equal the gradient is the first one's."""

    name = "minimum"
    reference = staticmethod(reference.minimum)

    def partials(self, node: Node, dy: Tensor) -> tuple[Tensor, Tensor]:
        a, b = node.inputs
        return emit("multiply", dy, emit("greater_equal", b, a)), emit("multiply", dy, emit("greater", a, b))


class Comparison(Binary):
    """Base of the comparisons: 1 where true, else 0. They are flat, so no gradient passes."""

    def gradient(self, node: Node, dy: Tensor) -> Gradients:
        return [None, None]


@register
class Equal(Comparison):
    name = "equal"
    reference = staticmethod(reference.equal)


@register
class Greater(Comparison):
    name = "greater"
    reference = staticmethod(reference.greater)


@register
class GreaterEqual(Comparison):
    name = "greater_equal"
    reference = staticmethod(reference.greater_equal)


@register
class NotEqual(Comparison):
    name = "not_equal"
    reference = staticmethod(reference.not_equal)


@register
class Masked(Binary):
    """The second operand where the first is not 0, else 0. The mask itself has no gradient."""

    name = "masked"
    reference = staticmethod(reference.masked)

    def gradient(self, node: Node, dy: Tensor) -> Gradients:
        mask, x = node.inputs
        return [None, unbroadcast(emit("masked", mask, dy), x)]


@register
class Power(Binary):
    """The gradient of an exponent is 0 where the base is not positive: the power is no smooth function of it there."""

    name = "power"
    reference = staticmethod(reference.power)

    def partials(self, node: Node, dy: Tensor) -> tuple[Tensor, Tensor]:
        base, exponent = node.inputs
        one, zero = constant(1, "float32"), constant(0, "float32")
        slope = emit("multiply", exponent, emit("power", base, emit("subtract", exponent, one)))
        growth = emit("multiply", node.outputs[0], emit("log", base))
        return (
            emit("multiply", dy, emit("masked", exponent, slope)),
            emit("multiply", dy, emit("masked", emit("greater", base, zero), growth)),
        )
