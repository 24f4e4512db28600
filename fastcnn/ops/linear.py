"""Matrix products and biases: the ops `matmul`, `add_bias`, `bias_gradient`, and public functions."""

from __future__ import annotations

from typing import Any

from fastcnn import reference
from fastcnn.graph import Node, Op, Tensor, emit, register
from fastcnn.graph.op import Gradients, Spec
from fastcnn.ops.checks import expect, expect_shape
from fastcnn.ops.dispatch import apply, floats, together
from fastcnn.ops.products import multiplies
from fastcnn.ops.shape import any_batch

PLAIN = {"transpose_a": False, "transpose_b": False, "activation": None}


@register
@multiplies(0, 1)
class MatMul(Op):
    """op(a) op(b), either transposed as the attributes say, with an optional bias (N,) and ReLU: (M, N)."""

    name = "matmul"
    reference = staticmethod(reference.matmul)

    def infer(
        self,
        a: Tensor,
        b: Tensor,
        bias: Tensor | None = None,
        *,
        transpose_a: bool,
        transpose_b: bool,
        activation: str | None,
    ) -> list[Spec]:
        expect(self.name, "x1", a, "K, M" if transpose_a else "M, K")
        expect(self.name, "x2", b, "N, K" if transpose_b else "K, N")
        inner_a, rows = a.shape if transpose_a else a.shape[::-1]
        columns, inner_b = b.shape if transpose_b else b.shape[::-1]
        if inner_a != inner_b:
            raise ValueError(
                f"matmul: x1 of shape {a.shape} and x2 of shape {b.shape} do not fit: the inner sizes, "
                f"{inner_a} and {inner_b}, must be equal"
            )
        if bias is not None:
            expect_shape(self.name, "bias", bias, (columns,), "one value for each column of x2")
        return [((rows, columns), "float32")]

    def flops(self, node: Node) -> int:
        inner = node.inputs[0].static_shape[0 if node.attrs["transpose_a"] else 1]
        return 2 * node.outputs[0].size * inner

    def gradient(self, node: Node, dy: Tensor) -> Gradients:
        a, b = node.inputs[:2]
        if node.attrs["activation"] == "relu":
            dy = emit("relu_gradient", dy, node.outputs[0])
        transpose_a, transpose_b = node.attrs["transpose_a"], node.attrs["transpose_b"]

        def product(x1: Tensor, x2: Tensor, transpose_a: bool, transpose_b: bool) -> Tensor:
            attrs = {"transpose_a": transpose_a, "transpose_b": transpose_b, "activation": None, **node.precision}
            return emit("matmul", x1, x2, **attrs)

        da = product(b, dy, transpose_b, True) if transpose_a else product(dy, b, False, not transpose_b)
        db = product(dy, a, True, transpose_a) if transpose_b else product(a, dy, not transpose_a, False)
        return [da, db, emit("bias_gradient", dy)] if len(node.inputs) == 3 else [da, db]


@register
@multiplies(0, 1)
class StackedMatMul(Op):
    """op(a[i]) op(b[i]) for each matrix of stacks a (S, M, K) and b (S, K, N), either transposed."""

    name = "stacked_matmul"
    reference = staticmethod(reference.stacked_matmul)

    def infer(self, a: Tensor, b: Tensor, *, transpose_a: bool, transpose_b: bool) -> list[Spec]:
        expect(self.name, "x1", a, "S, K, M" if transpose_a else "S, M, K")
        expect(self.name, "x2", b, "S, N, K" if transpose_b else "S, K, N")
        inner_a, rows = a.shape[1:] if transpose_a else a.shape[:0:-1]
        columns, inner_b = b.shape[1:] if transpose_b else b.shape[:0:-1]
        if inner_a != inner_b or a.shape[0] != b.shape[0]:
            raise ValueError(
                f"matmul: stacks of matrices x1 of shape {a.shape} and x2 of shape {b.shape} do not fit: their number "
                f"and the inner sizes, {inner_a} and {inner_b}, must be equal"
            )
        return [((a.shape[0], rows, columns), "float32")]

    def flops(self, node: Node) -> int:
        inner = node.inputs[0].static_shape[1 if node.attrs["transpose_a"] else 2]
        return 2 * node.outputs[0].size * inner

    def gradient(self, node: Node, dy: Tensor) -> Gradients:
        a, b = node.inputs
        transpose_a, transpose_b = node.attrs["transpose_a"], node.attrs["transpose_b"]

        def stacked(x1: Tensor, x2: Tensor, transpose_a: bool, transpose_b: bool) -> Tensor:
            return emit("stacked_matmul", x1, x2, transpose_a=transpose_a, transpose_b=transpose_b, **node.precision)

        da = stacked(b, dy, transpose_b, True) if transpose_a else stacked(dy, b, False, not transpose_b)
        db = stacked(dy, a, True, transpose_a) if transpose_b else stacked(a, dy, not transpose_a, False)
        return [da, db]


@register
class AddBias(Op):
    """x (..., C) plus b (C,)."""

    name = "add_bias"
    overwrites = (0,)
    reference = staticmethod(reference.add_bias)

    def infer(self, x: Tensor, b: Tensor) -> list[Spec]:
        expect(self.name, "x", x)
        expect(self.name, "bias", b, "C")
        if not x.shape:
            raise ValueError("add_bias: x must have at least one dimension, received a scalar")
        expect_shape(self.name, "bias", b, x.shape[-1:], f"one value for each channel of x of shape {x.shape}")
        return [(x.shape, "float32")]

    def gradient(self, node: Node, dy: Tensor) -> Gradients:
        return [dy, emit("bias_gradient", dy)]


@register
class BiasGradient(Op):
    """The sum of dy (..., C) over all axes but the last: (C,)."""

    name = "bias_gradient"
    reference = staticmethod(reference.bias_gradient)

    def infer(self, dy: Tensor) -> list[Spec]:
        expect(self.name, "dy", dy)
        return [(dy.shape[-1:], "float32")]

    def flops(self, node: Node) -> int:
        return node.inputs[0].size


def matmul(x1: Any, x2: Any) -> Any:
    """The products of matrices; `2 M N K` floating-point operations each.

    Args:
        x1: float32 of shape (..., M, K), or (K,).
        x2: float32 of shape (..., K, N), or (K,).

    Returns:
        float32 of shape (..., M, N), without M and N where an operand has one axis only. The axes before are broadcast.

    Raises:
        ValueError: Numbers, or sizes that do not fit.

    Source: as `keras.ops.matmul`.

    Example:

    >>> from fastcnn import ops
    >>> ops.matmul([[1, 2], [3, 4]], [[0, 1], [1, 0]])
    array([[2., 1.],
           [4., 3.]], dtype=float32)
    """
    a, b = together(x1, x2)
    if not a.shape or not b.shape:
        raise ValueError(f"matmul: x1 and x2 must have axes, received shapes {tuple(a.shape)} and {tuple(b.shape)}")
    if len(a.shape) == 1:
        y = matmul(apply("reshape", a, shape=(1, *a.shape)), b)
        return apply("reshape", y, shape=(*any_batch(y.shape[:-2]), y.shape[-1]))
    if len(b.shape) == 1:
        y = matmul(a, apply("reshape", b, shape=(*b.shape, 1)))
        return apply("reshape", y, shape=any_batch(y.shape[:-1]))
    if len(b.shape) > 2:
        return product_of_stacks(a, b)
    leading: Any = a.shape[:-1]
    if len(leading) <= 1:
        return apply("matmul", a, b, **PLAIN)
    rows = apply("reshape", a, shape=(-1, a.shape[-1]))
    return apply("reshape", apply("matmul", rows, b, **PLAIN), shape=(*any_batch(leading), b.shape[-1]))


def product_of_stacks(a: Any, b: Any) -> Any:
    """The products of the matrices of stacks, whose leading axes are broadcast."""
    rank = max(len(a.shape), len(b.shape))
    of_a, of_b = (((1,) * (rank - len(x.shape)) + tuple(x.shape))[:-2] for x in (a, b))
    leading = [n if m == 1 else m for m, n in zip(of_a, of_b, strict=True)]
    stacks = []
    for x, lengths in ((a, of_a), (b, of_b)):
        if lengths != tuple(leading):
            if None in leading and lengths[0] != leading[0]:
                raise ValueError(
                    f"matmul: x1 of shape {tuple(a.shape)} and x2 of shape {tuple(b.shape)}: an unknown batch cannot "
                    "be repeated; let both have it, or use einsum"
                )
            x = apply("reshape", x, shape=tuple(-1 if n is None else n for n in (*lengths, *x.shape[-2:])))
            wanted = (-1 if m == n else n for m, n in zip(lengths, leading, strict=True))
            x = apply("broadcast_to", x, shape=(*wanted, -1, -1))
        stacks.append(apply("reshape", x, shape=(-1, *x.shape[-2:])))
    y = apply("stacked_matmul", *stacks, transpose_a=False, transpose_b=False)
    return apply("reshape", y, shape=(*(-1 if n is None else n for n in leading), *y.shape[1:]))


def add_bias(x: Any, bias: Any) -> Any:
    """Add one value to each channel.

    Args:
        x: float32 of shape (..., C).
        bias: float32 of shape (C,).

    Returns:
        float32 of the shape of `x`.

    Raises:
        ValueError: `bias` is not of shape (C,).

    Example:

    >>> from fastcnn import ops
    >>> ops.add_bias([[1, 2], [3, 4]], [10, 20])
    array([[11., 22.],
           [13., 24.]], dtype=float32)
    """
    return apply("add_bias", floats(x), floats(bias))
