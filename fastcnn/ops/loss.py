"""Cross-entropy: the ops, their gradients, and the public functions with Keras's names.

A target is class numbers (N,), int32, where the attribute `sparse` is set, else rows (N, C) of float32.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from fastcnn import reference
from fastcnn.graph import Node, Op, Tensor, emit, register
from fastcnn.graph.op import Gradients, Spec
from fastcnn.ops.checks import expect, expect_shape, one_axis
from fastcnn.ops.dispatch import apply, floats, integers
from fastcnn.ops.math import add, log, maximum, minimum, multiply, negative, sigmoid, subtract
from fastcnn.ops.order import moved_last
from fastcnn.ops.shape import any_batch
from fastcnn.ops.softmax import FLOPS_PER_ELEMENT, at_least_a_row

EPSILON = 1e-7
"""Probabilities are clipped to [EPSILON, 1 - EPSILON], as in Keras."""


def expect_target(op: str, target: Tensor, output: Tensor, sparse: bool) -> None:
    """Check a target against the rows (N, C) that it belongs to."""
    expect(op, "output", output, "N, C")
    at_least_a_row(op, "output", output)
    if sparse:
        expect(op, "target", target, "N", "int32")
        expect_shape(op, "target", target, output.shape[:1], f"a class number for each row of output {output.shape}")
    else:
        expect(op, "target", target)
        expect_shape(op, "target", target, output.shape, "that of output: one-hot rows")


def expect_row_gradient(op: str, dloss: Tensor, output: Tensor) -> None:
    """Check the gradient of the losses of the rows."""
    expect(op, "dloss", dloss, "N")
    expect_shape(op, "dloss", dloss, output.shape[:1], "one value for each row")


@register
class CrossEntropy(Op):
    """-sum(target log(p)) of each row of probabilities (N, C): (N,)."""

    name = "cross_entropy"
    reference = staticmethod(reference.cross_entropy)

    def infer(self, target: Tensor, probabilities: Tensor, *, sparse: bool) -> list[Spec]:
        expect_target(self.name, target, probabilities, sparse)
        return [(probabilities.shape[:1], "float32")]

    def flops(self, node: Node) -> int:
        return FLOPS_PER_ELEMENT * node.inputs[1].size

    def gradient(self, node: Node, dloss: Tensor) -> Gradients:
        return [None, emit("cross_entropy_gradient", *node.inputs, dloss, **node.attrs)]


@register
class CrossEntropyGradient(Op):
    """Gradient (N, C) of the probabilities."""

    name = "cross_entropy_gradient"
    reference = staticmethod(reference.cross_entropy_gradient)

    def infer(self, target: Tensor, probabilities: Tensor, dloss: Tensor, *, sparse: bool) -> list[Spec]:
        expect_target(self.name, target, probabilities, sparse)
        expect_row_gradient(self.name, dloss, probabilities)
        return [(probabilities.shape, "float32")]

    def flops(self, node: Node) -> int:
        return FLOPS_PER_ELEMENT * node.outputs[0].size


@register
class SoftmaxCrossEntropy(Op):
    """Cross-entropy (N,) of the softmax of logits (N, C), and the probabilities (N, C)."""

    name = "softmax_cross_entropy"
    reference = staticmethod(reference.softmax_cross_entropy)

    def infer(self, target: Tensor, logits: Tensor, *, sparse: bool) -> list[Spec]:
        expect_target(self.name, target, logits, sparse)
        return [(logits.shape[:1], "float32"), (logits.shape, "float32")]

    def flops(self, node: Node) -> int:
        return 2 * FLOPS_PER_ELEMENT * node.inputs[1].size

    def gradient(self, node: Node, dloss: Tensor | None, dprobabilities: Tensor | None = None) -> Gradients:
        target, probabilities = node.inputs[0], node.outputs[1]
        parts = []
        if dloss is not None:
            parts.append(emit("softmax_cross_entropy_gradient", target, probabilities, dloss, **node.attrs))
        if dprobabilities is not None:
            parts.append(emit("softmax_gradient", dprobabilities, probabilities))
        return [None, parts[0] if len(parts) == 1 else emit("add", *parts)]


@register
class SoftmaxCrossEntropyGradient(Op):
    """Gradient (N, C) of the logits."""

    name = "softmax_cross_entropy_gradient"
    reference = staticmethod(reference.softmax_cross_entropy_gradient)

    def infer(self, target: Tensor, probabilities: Tensor, dloss: Tensor, *, sparse: bool) -> list[Spec]:
        expect_target(self.name, target, probabilities, sparse)
        expect_row_gradient(self.name, dloss, probabilities)
        return [(probabilities.shape, "float32")]

    def flops(self, node: Node) -> int:
        return 2 * node.outputs[0].size


def row_losses(target: Any, output: Any, sparse: bool, from_logits: bool, axis: int) -> Any:
    """The losses, shape (...), of outputs (..., C); the classes may be on another axis than the last."""
    rank = len(output.shape)
    if rank < 1:
        raise ValueError("output must have shape (..., C), received a scalar")
    classes = one_axis("axis", axis, rank)
    output = moved_last(output, classes)
    target = target if sparse else moved_last(target, classes)
    rows, leading = output, output.shape[:-1]
    if len(output.shape) != 2:
        rows = apply("reshape", output, shape=(-1, output.shape[-1]))
        target = apply("reshape", target, shape=(-1,) if sparse else (-1, output.shape[-1]))
    if from_logits:
        losses, _ = apply("softmax_cross_entropy", target, rows, sparse=sparse)
    else:
        losses = apply("cross_entropy", target, rows, sparse=sparse)
    return losses if len(leading) == 1 else apply("reshape", losses, shape=any_batch(leading))


def sparse_categorical_crossentropy(target: Any, output: Any, from_logits: bool = False, axis: int = -1) -> Any:
    """Cross-entropy of class numbers: -log of the probability that the right class was given.

    Args:
        target: Class numbers from 0 to C - 1, int32 of shape (...) or (..., 1).
        output: float32 of shape (..., C): probabilities, which are divided by their sum and then clipped to
            [1e-7, 1 - 1e-7], or logits.
        from_logits: Whether `output` is logits; exact also where probabilities would vanish.
        axis: The axis of `output` with the C classes; any but the last costs a transpose.

    Returns:
        float32 of shape (...).

    Raises:
        ValueError: Shapes that do not fit; an array with a number that is no class; one-hot rows, for which there is
            `categorical_crossentropy`.

    Source: as `keras.ops.sparse_categorical_crossentropy`.

    Example:

    >>> from fastcnn import ops
    >>> ops.sparse_categorical_crossentropy([0, 1], [[0.5, 0.5], [0.75, 0.25]])
    array([0.6931472, 1.3862944], dtype=float32)
    """
    target, output = integers(target), floats(output)
    classes = one_axis("axis", axis, len(output.shape))
    rows = (*output.shape[:classes], *output.shape[classes + 1 :])
    if len(target.shape) == len(output.shape) and target.shape[classes] == 1:
        target = apply("reshape", target, shape=any_batch((*target.shape[:classes], *target.shape[classes + 1 :])))
    if tuple(target.shape) != rows:
        hint = "; for one-hot targets use categorical_crossentropy" if target.shape == output.shape else ""
        raise ValueError(
            f"sparse_categorical_crossentropy: target of shape {tuple(target.shape)} does not fit output of shape "
            f"{tuple(output.shape)}: it must hold one class number for each row, shape {rows}{hint}"
        )
    number = output.shape[classes]
    if isinstance(target, np.ndarray) and number is not None and not ((target >= 0) & (target < number)).all():
        wrong = target[(target < 0) | (target >= number)].flat[0]
        raise ValueError(
            f"sparse_categorical_crossentropy: target must hold class numbers from 0 to {number - 1}, the last of "
            f"{number} classes, received {wrong}"
        )
    return row_losses(target, output, True, from_logits, axis)


def categorical_crossentropy(target: Any, output: Any, from_logits: bool = False, axis: int = -1) -> Any:
    """Cross-entropy of one-hot rows: -sum(target log(p)).

    Args:
        target: float32 of shape (..., C), as a rule one-hot rows.
        output: float32 of shape (..., C): probabilities, which are divided by their sum and then clipped to
            [1e-7, 1 - 1e-7], or logits.
        from_logits: Whether `output` is logits; exact also where probabilities would vanish.
        axis: The axis of `output` with the C classes; any but the last costs a transpose.

    Returns:
        float32 of shape (...).

    Raises:
        ValueError: The shapes differ; class numbers, for which there is `sparse_categorical_crossentropy`.

    Source: as `keras.ops.categorical_crossentropy`.

    Example:

    >>> from fastcnn import ops
    >>> ops.categorical_crossentropy([[0, 1]], [[0.75, 0.25]])
    array([1.3862944], dtype=float32)
    """
    target, output = floats(target), floats(output)
    if tuple(target.shape) != tuple(output.shape):
        raise ValueError(
            f"categorical_crossentropy: target of shape {tuple(target.shape)} must have the shape of output, "
            f"{tuple(output.shape)}; for class numbers use sparse_categorical_crossentropy"
        )
    return row_losses(target, output, False, from_logits, axis)


def binary_crossentropy(target: Any, output: Any, from_logits: bool = False) -> Any:
    """Cross-entropy of yes and no, element by element: -(t log(p) + (1 - t) log(1 - p)).

    Args:
        target: float32 of any shape, 1 for yes, 0 for no.
        output: float32 of that shape: probabilities, which are clipped to [1e-7, 1 - 1e-7], or logits.
        from_logits: Whether `output` is logits, of which the sigmoid is taken.

    Returns:
        float32 of that shape.

    Raises:
        ValueError: The shapes differ.

    Source: as `keras.ops.binary_crossentropy`.

    Example:

    >>> from fastcnn import ops
    >>> ops.binary_crossentropy([1, 0], [0.5, 0.75])
    array([0.6931472, 1.3862944], dtype=float32)
    """
    target, output = floats(target), floats(output)
    if tuple(target.shape) != tuple(output.shape):
        raise ValueError(
            f"binary_crossentropy: target of shape {tuple(target.shape)} must have the shape of output, "
            f"{tuple(output.shape)}; reshape one of them"
        )
    p = minimum(maximum(sigmoid(output) if from_logits else output, EPSILON), 1 - EPSILON)
    return negative(add(multiply(target, log(p)), multiply(subtract(1, target), log(subtract(1, p)))))
