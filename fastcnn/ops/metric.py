"""Accuracies of rows and the running sum that averages them: the ops and the public functions."""

from __future__ import annotations

from typing import Any

from fastcnn import reference
from fastcnn.graph import Node, Op, Tensor, register
from fastcnn.graph.op import Gradients, Spec
from fastcnn.ops.checks import expect, expect_shape
from fastcnn.ops.dispatch import apply, floats, integers
from fastcnn.ops.loss import expect_target


class RowMetric(Op):
    """Base of the metrics of rows: steps, so no gradient passes."""

    def flops(self, node: Node) -> int:
        return node.inputs[1].size

    def gradient(self, node: Node, *gradients: Tensor) -> Gradients:
        return [None, None]


@register
class Accuracy(RowMetric):
    """1 for each row of output (N, C) that is largest at the target's class, else 0."""

    name = "accuracy"
    reference = staticmethod(reference.accuracy)

    def infer(self, target: Tensor, output: Tensor, *, sparse: bool) -> list[Spec]:
        expect_target(self.name, target, output, sparse)
        return [(output.shape[:1], "float32")]


@register
class BinaryAccuracy(RowMetric):
    """The share of each row of output (N, C) that is on the target's side of the threshold."""

    name = "binary_accuracy"
    reference = staticmethod(reference.binary_accuracy)

    def infer(self, target: Tensor, output: Tensor, *, threshold: float) -> list[Spec]:
        expect_target(self.name, target, output, sparse=False)
        return [(output.shape[:1], "float32")]


@register
class Accumulate(Op):
    """In place: state (sum, count), float64, with the values (N,) taken in, each as often as its weight (N,) says."""

    name = "accumulate"
    reference = staticmethod(reference.accumulate)
    in_place = (0,)

    def infer(self, state: Tensor, values: Tensor, weights: Tensor | None = None) -> list[Spec]:
        expect(self.name, "state", state, "2", "float64")
        expect_shape(self.name, "state", state, (2,), "sum and count")
        expect(self.name, "values", values, "N")
        if weights is not None:
            expect(self.name, "weights", weights)
            expect_shape(self.name, "weights", weights, values.shape, "that of values")
        return [((2,), "float64")]

    def flops(self, node: Node) -> int:
        return node.inputs[1].size


def accuracy(target: Any, output: Any, sparse: bool = True) -> Any:
    """1 for each row that is largest at the target's class, else 0.

    Args:
        target: Class numbers, int32 of shape (N,), if `sparse`; else one-hot rows, float32 of shape (N, C).
        output: Probabilities or logits, float32 of shape (N, C).
        sparse: Which kind of target it is.

    Returns:
        float32 of shape (N,).

    Raises:
        ValueError: Shapes that do not fit.

    Source: as the metrics `SparseCategoricalAccuracy` and `CategoricalAccuracy` of Keras, for each row.

    Example:

    >>> from fastcnn import ops
    >>> ops.accuracy([0, 1], [[0.9, 0.1], [0.8, 0.2]])
    array([1., 0.], dtype=float32)
    """
    return apply("accuracy", integers(target) if sparse else floats(target), floats(output), sparse=bool(sparse))


def binary_accuracy(target: Any, output: Any, threshold: float = 0.5) -> Any:
    """The share of each row that, taken as 1 above the threshold and as 0 else, equals the target.

    Args:
        target: float32 of shape (N, C), ones and zeros.
        output: float32 of shape (N, C).
        threshold: From where on an output is taken as 1.

    Returns:
        float32 of shape (N,).

    Raises:
        ValueError: The shapes differ.

    Source: as the metric `BinaryAccuracy` of Keras, for each row.

    Example:

    >>> from fastcnn import ops
    >>> ops.binary_accuracy([[1], [1]], [[0.9], [0.1]])
    array([1., 0.], dtype=float32)
    """
    return apply("binary_accuracy", floats(target), floats(output), threshold=float(threshold))


def accumulate(state: Any, values: Any, weights: Any = None) -> Any:
    """Add values to a running sum, and their number to a running count, in place.

    With weights, add each value times its weight, and the weights.

    Args:
        state: float64 of shape (2,): sum and count; an array or a variable, which is written to, or a symbolic tensor.
        values: float32 of shape (N,).
        weights: None, or float32 of shape (N,).

    Returns:
        The state.

    Raises:
        ValueError: Another shape or element type.

    Example:

    >>> import numpy as np
    >>> from fastcnn import ops
    >>> state = np.zeros(2)
    >>> ops.accumulate(state, [1, 0, 1]) is state
    True
    >>> state
    array([2., 3.])
    """
    return apply("accumulate", state, floats(values), None if weights is None else floats(weights))
