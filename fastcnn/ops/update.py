"""In-place updates: what optimizers do to weights, and a counter. Ops and public functions.

w are weights of any shape, g their gradient; slots have the shape of w; lr, the learning rate, is float32 (1,), and
iteration, the number of updates so far, int64 (1,). What is written must be an array or a variable of just the right
element type, or a symbolic tensor.
"""

from __future__ import annotations

from typing import Any, ClassVar

from fastcnn import reference
from fastcnn.graph import Node, Op, Tensor, register
from fastcnn.graph.op import Spec
from fastcnn.ops.checks import expect, expect_shape
from fastcnn.ops.dispatch import apply, floats

SGD_FLOPS, MOMENTUM_FLOPS, ADAM_FLOPS = 2, 4, 12
"""Floating-point operations of the updates for each weight."""


def expect_slots(op: str, w: Tensor, lr: Tensor, **slots: Tensor) -> None:
    """Check that gradient and slots have the shape of the weights, and the learning rate its own."""
    expect(op, "w", w)
    for name, slot in slots.items():
        expect(op, name, slot)
        expect_shape(op, name, slot, w.shape, "that of w")
    expect(op, "lr", lr)
    expect_shape(op, "lr", lr, (1,), "one number")


def expect_iteration(op: str, iteration: Tensor) -> None:
    """Check the number of updates so far."""
    expect(op, "iteration", iteration, "1", "int64")
    expect_shape(op, "iteration", iteration, (1,), "one number")


@register
class SgdUpdate(Op):
    """w -= lr g."""

    name = "sgd_update"
    reference = staticmethod(reference.sgd_update)
    in_place = (0,)

    def infer(self, w: Tensor, g: Tensor, lr: Tensor) -> list[Spec]:
        expect_slots(self.name, w, lr, g=g)
        return [(w.shape, "float32")]

    def flops(self, node: Node) -> int:
        return SGD_FLOPS * node.inputs[0].size


@register
class MomentumUpdate(Op):
    """velocity = momentum velocity - lr g; w += velocity, or with Nesterov w += momentum velocity - lr g."""

    name = "momentum_update"
    reference = staticmethod(reference.momentum_update)
    in_place = (0, 2)

    def infer(
        self, w: Tensor, g: Tensor, velocity: Tensor, lr: Tensor, *, momentum: float, nesterov: bool
    ) -> list[Spec]:
        expect_slots(self.name, w, lr, g=g, velocity=velocity)
        return [(w.shape, "float32"), (w.shape, "float32")]

    def flops(self, node: Node) -> int:
        return MOMENTUM_FLOPS * node.inputs[0].size


@register
class AdamUpdate(Op):
    """m += (g - m)(1 - beta_1); v += (g^2 - v)(1 - beta_2); w -= alpha m / (sqrt(v) + epsilon)."""

    name = "adam_update"
    reference = staticmethod(reference.adam_update)
    in_place = (0, 2, 3)

    def infer(
        self,
        w: Tensor,
        g: Tensor,
        m: Tensor,
        v: Tensor,
        lr: Tensor,
        iteration: Tensor,
        *,
        beta_1: float,
        beta_2: float,
        epsilon: float,
    ) -> list[Spec]:
        expect_slots(self.name, w, lr, g=g, m=m, v=v)
        expect_iteration(self.name, iteration)
        return [(w.shape, "float32")] * 3

    def flops(self, node: Node) -> int:
        return ADAM_FLOPS * node.inputs[0].size


class MatMulUpdate(Op):
    """Base of the updates of weights w (K, N) with g = x^T dy, of x (M, K) and dy (M, N): as a pass makes them."""

    flops_of_update: ClassVar[int]

    def specs(self, x: Tensor, dy: Tensor, w: Tensor, lr: Tensor, **slots: Tensor) -> list[Spec]:
        """The checked outputs: the weights and the slots."""
        expect(self.name, "x", x, "M, K")
        expect(self.name, "dy", dy, "M, N")
        expect_shape(self.name, "dy", dy, (x.shape[0], dy.shape[1]), "with as many rows as x")
        expect_shape(self.name, "w", w, (x.shape[1], dy.shape[1]), "that of x^T dy")
        expect_slots(self.name, w, lr, **slots)
        return [(w.shape, "float32")] * (1 + len(slots))

    def flops(self, node: Node) -> int:
        x, _, w = node.inputs[:3]
        return (2 * x.static_shape[0] + self.flops_of_update) * w.size


@register
class MatMulSgdUpdate(MatMulUpdate):
    """sgd_update with g = x^T dy."""

    name = "matmul_sgd_update"
    reference = staticmethod(reference.matmul_sgd_update)
    in_place = (2,)
    flops_of_update = SGD_FLOPS

    def infer(self, x: Tensor, dy: Tensor, w: Tensor, lr: Tensor) -> list[Spec]:
        return self.specs(x, dy, w, lr)


@register
class MatMulMomentumUpdate(MatMulUpdate):
    """momentum_update with g = x^T dy."""

    name = "matmul_momentum_update"
    reference = staticmethod(reference.matmul_momentum_update)
    in_place = (2, 3)
    flops_of_update = MOMENTUM_FLOPS

    def infer(
        self, x: Tensor, dy: Tensor, w: Tensor, velocity: Tensor, lr: Tensor, *, momentum: float, nesterov: bool
    ) -> list[Spec]:
        return self.specs(x, dy, w, lr, velocity=velocity)


@register
class MatMulAdamUpdate(MatMulUpdate):
    """adam_update with g = x^T dy."""

    name = "matmul_adam_update"
    reference = staticmethod(reference.matmul_adam_update)
    in_place = (2, 3, 4)
    flops_of_update = ADAM_FLOPS

    def infer(
        self,
        x: Tensor,
        dy: Tensor,
        w: Tensor,
        m: Tensor,
        v: Tensor,
        lr: Tensor,
        iteration: Tensor,
        *,
        beta_1: float,
        beta_2: float,
        epsilon: float,
    ) -> list[Spec]:
        expect_iteration(self.name, iteration)
        return self.specs(x, dy, w, lr, m=m, v=v)


@register
class Increment(Op):
    """Adds one to the last element of a counter, int64 (n,)."""

    name = "increment"
    reference = staticmethod(reference.increment)
    in_place = (0,)

    def infer(self, counter: Tensor) -> list[Spec]:
        expect(self.name, "counter", counter, "n", "int64")
        if not counter.size:
            raise ValueError("increment: counter must have at least one element, received an empty one")
        return [(counter.shape, "int64")]

    def flops(self, node: Node) -> int:
        return 1


def sgd_update(w: Any, g: Any, lr: Any) -> Any:
    """`w -= lr * g`, in place.

    Args:
        w: float32 of any shape; written to.
        g: float32 of that shape.
        lr: float32 of shape (1,).

    Returns:
        `w`.

    Raises:
        ValueError: Shapes or element types that do not fit.

    Example:

    >>> import numpy as np
    >>> from fastcnn import ops
    >>> ops.sgd_update(np.ones(2, "float32"), [1, 2], [0.5])
    array([0.5, 0. ], dtype=float32)
    """
    return apply("sgd_update", w, floats(g), floats(lr))


def momentum_update(w: Any, g: Any, velocity: Any, lr: Any, momentum: float, nesterov: bool = False) -> Any:
    """`velocity = momentum * velocity - lr * g; w += velocity`, in place.

    Args:
        w: float32 of any shape; written to.
        g: float32 of that shape.
        velocity: float32 of that shape; written to.
        lr: float32 of shape (1,).
        momentum: The share of the velocity that stays.
        nesterov: Whether w goes by `momentum * velocity - lr * g` instead, one step ahead.

    Returns:
        `(w, velocity)`.

    Raises:
        ValueError: Shapes or element types that do not fit.

    Source: as `keras.optimizers.SGD`.

    Example:

    >>> import numpy as np
    >>> from fastcnn import ops
    >>> ops.momentum_update(np.ones(1, "float32"), [1], np.ones(1, "float32"), [0.5], momentum=0.75)
    (array([1.25], dtype=float32), array([0.25], dtype=float32))
    """
    return apply(
        "momentum_update", w, floats(g), velocity, floats(lr), momentum=float(momentum), nesterov=bool(nesterov)
    )


def adam_update(
    w: Any,
    g: Any,
    m: Any,
    v: Any,
    lr: Any,
    iteration: Any,
    beta_1: float = 0.9,
    beta_2: float = 0.999,
    epsilon: float = 1e-7,
) -> Any:
    """One step of Adam, in place.

    Args:
        w: float32 of any shape; written to.
        g: float32 of that shape.
        m, v: float32 of that shape, the running means of the gradient and of its square; written to.
        lr: float32 of shape (1,).
        iteration: int64 of shape (1,), the number of steps so far; not written to.
        beta_1, beta_2: The shares of the running means that stay.
        epsilon: Added to the root of v.

    Returns:
        `(w, m, v)`.

    Raises:
        ValueError: Shapes or element types that do not fit.

    Source: Kingma and Ba, "Adam", ICLR 2015, in the form of `keras.optimizers.Adam`.

    Example:

    >>> import numpy as np
    >>> from fastcnn import ops
    >>> w, m, v = np.ones(1, "float32"), np.zeros(1, "float32"), np.zeros(1, "float32")
    >>> round(float(ops.adam_update(w, [1], m, v, [0.25], np.array([0]))[0][0]), 3)
    0.75
    """
    attributes = {"beta_1": float(beta_1), "beta_2": float(beta_2), "epsilon": float(epsilon)}
    return apply("adam_update", w, floats(g), m, v, floats(lr), iteration, **attributes)


def increment(counter: Any) -> Any:
    """Add one to the last element, in place.

    Args:
        counter: int64 of shape (n,); written to.

    Returns:
        `counter`.

    Raises:
        ValueError: Another rank or element type, or no element.

    Example:

    >>> import numpy as np
    >>> from fastcnn import ops
    >>> ops.increment(np.array([7, 0]))
    array([7, 1])
    """
    return apply("increment", counter)
