"""Lowering of cross-entropies and their gradients."""

from typing import Any

from fastcnn._core.call import Call
from fastcnn._core.loss import (
    CrossEntropy,
    CrossEntropyGradient,
    SoftmaxCrossEntropy,
    SoftmaxCrossEntropyGradient,
)
from fastcnn.plan.lowering.registry import Arrays, lowers


@lowers("cross_entropy")
def cross_entropy(node: Any, inputs: Arrays, outputs: Arrays, workspace: Arrays) -> list[Call]:
    target, probabilities = inputs
    return [CrossEntropy(target, probabilities, outputs[0], sparse=node.attrs["sparse"])]


@lowers("cross_entropy_gradient")
def cross_entropy_gradient(node: Any, inputs: Arrays, outputs: Arrays, workspace: Arrays) -> list[Call]:
    target, probabilities, dloss = inputs
    return [CrossEntropyGradient(target, probabilities, dloss, outputs[0], sparse=node.attrs["sparse"])]


@lowers("softmax_cross_entropy")
def softmax_cross_entropy(node: Any, inputs: Arrays, outputs: Arrays, workspace: Arrays) -> list[Call]:
    target, logits = inputs
    loss, probabilities = outputs
    return [SoftmaxCrossEntropy(target, logits, loss, probabilities, sparse=node.attrs["sparse"])]


@lowers("softmax_cross_entropy_gradient")
def softmax_cross_entropy_gradient(node: Any, inputs: Arrays, outputs: Arrays, workspace: Arrays) -> list[Call]:
    target, probabilities, dloss = inputs
    return [SoftmaxCrossEntropyGradient(target, probabilities, dloss, outputs[0], sparse=node.attrs["sparse"])]
