"""Lowering of accuracies and of the running sums of losses and metrics."""

from typing import Any

from fastcnn._core.call import Call
from fastcnn._core.metric import Accumulate, Accuracy, BinaryAccuracy
from fastcnn.plan.lowering.registry import Arrays, lowers


@lowers("accuracy")
def accuracy(node: Any, inputs: Arrays, outputs: Arrays, workspace: Arrays) -> list[Call]:
    target, output = inputs
    return [Accuracy(target, output, outputs[0], sparse=node.attrs["sparse"])]


@lowers("binary_accuracy")
def binary_accuracy(node: Any, inputs: Arrays, outputs: Arrays, workspace: Arrays) -> list[Call]:
    target, output = inputs
    return [BinaryAccuracy(target, output, outputs[0], threshold=node.attrs["threshold"])]


@lowers("accumulate")
def accumulate(node: Any, inputs: Arrays, outputs: Arrays, workspace: Arrays) -> list[Call]:
    return [Accumulate(*inputs)]
